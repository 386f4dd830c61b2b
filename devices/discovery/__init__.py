"""Looks for devices: every port of this machine is asked who is there, and no port that is in use.

for found in find():
    print(found.part, found.type, found.port)
"""

from devices.discovery.search import Found, Looked, find

__all__ = ["Found", "Looked", "find"]
