"""Pixels and touch: draws the views of kiosk/views.py with Kivy and brings back their answers."""
