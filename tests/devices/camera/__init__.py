"""Cameras: their stream, their health, their pictures of people."""
