"""Kiosk peripherals as a library: card readers, scanners, printers, and simulators of them.

Useful without the rest of the project; imports no user interface and touches no hardware at import.
"""
