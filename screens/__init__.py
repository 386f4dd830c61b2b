"""Pixels and touch: the Kivy screens of the terminal."""
