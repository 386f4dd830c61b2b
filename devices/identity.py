"""Which device is plugged in at a port: its maker's number, serial number and USB socket, from sysfs.

Cheap serial bridges share one identity: two of them have the same name under /dev/serial/by-id, and only
the socket tells them apart (PROTOCOLS.md D).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SYS = Path("/sys")

BY_ID = "/dev/serial/by-id/"


@dataclass(frozen=True, slots=True)
class Identity:
    """A USB device. `usb` is vendor:product in hex, `serial` "" where it has none, `socket` the path of
    hubs and sockets that leads to it ("1-1.4:1.0"), which stays when it is plugged in again there."""

    usb: str
    serial: str
    socket: str


def identity_of(port: str, sys: Path = SYS) -> Identity | None:
    """The USB device behind the device file `port`; None where it is no file or no USB device."""
    if not port.startswith("/"):
        return None
    try:
        number = os.stat(port).st_rdev
    except OSError:
        return None
    node = sys / "dev" / "char" / f"{os.major(number)}:{os.minor(number)}"
    return _at(node)


def _at(node: Path) -> Identity | None:
    try:
        place = node.resolve(strict=True)
    except OSError:
        return None
    interface = ""
    for directory in (place, *place.parents):
        if (directory / "bInterfaceNumber").exists():
            interface = directory.name
        if (directory / "idVendor").exists():
            usb = f"{_read(directory / 'idVendor')}:{_read(directory / 'idProduct')}"
            return Identity(usb, _read(directory / "serial"), interface or directory.name)
    return None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def plugged_ports(sys: Path = SYS) -> Iterator[tuple[str, Identity]]:
    """Every serial port of a USB device, with what it is."""
    for node in sorted((sys / "class" / "tty").glob("tty*")):
        identity = _at(node)
        if identity is not None:
            yield f"/dev/{node.name}", identity


def has_twin(identity: Identity, sys: Path = SYS) -> bool:
    """Whether another device is plugged in that only its socket tells from this one."""
    return any(
        (other.usb, other.serial) == (identity.usb, identity.serial)
        and other.socket != identity.socket
        for _, other in plugged_ports(sys)
    )


def identity_facts(port: str, sys: Path = SYS) -> Mapping[str, str]:
    """What a device tells of its identity: `usb`, `usb_serial`, `usb_socket`, and `usb_twin`, which is
    "ambiguous" where its by-id name may lead to another device, "yes" where another looks the same."""
    identity = identity_of(port, sys)
    if identity is None:
        return {}
    twin = "no"
    if has_twin(identity, sys):
        twin = "ambiguous" if port.startswith(BY_ID) else "yes"
    return {
        "usb": identity.usb,
        "usb_serial": identity.serial or "none",
        "usb_socket": identity.socket,
        "usb_twin": twin,
    }
