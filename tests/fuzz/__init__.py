"""Fuzz of every codec; a codec of its own line in codecs.py."""
