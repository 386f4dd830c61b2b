"""Devices made of software that speak the real bytes on a pseudo-terminal or over TCP."""
