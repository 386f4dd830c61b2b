"""Devices that the system knows without a question to their port: queues, readers, cameras, USB."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from devices.discovery.search import Found, Look, Looked

SYS = Path("/sys")

PRINTER_CLASS = "07"
"""USB base class (usb.org, defined class codes)."""

NUT_PORT = 3493
"""Network UPS Tools, developer's guide, chapter 9."""

SERVICE_WITHIN_S = 3.0

LONGEST_LIST_BYTES = 65536


def looks(sys: Path = SYS) -> Mapping[str, Look]:
    """Every look that is not at a serial port, by what is looked at."""
    return {
        "pcsc": _readers,
        "cups": _queues,
        "nut": _supplies,
        "cameras": lambda: Looked("cameras", tuple(_cameras(sys))),
        "usb printers": lambda: Looked("usb printers", tuple(_usb_printers(sys))),
        "hid scanners": lambda: Looked("hid scanners", tuple(_hid_scanners(sys))),
    }


def _readers() -> Looked:
    from smartcard.pcsc.PCSCExceptions import BaseSCardException
    from smartcard.System import readers

    try:
        names = [str(reader) for reader in readers()]
    except (BaseSCardException, OSError):
        return Looked("pcsc", why="absent")
    found = (Found("social_card", "pcsc", name, detail="PC/SC reader") for name in names)
    return Looked("pcsc", tuple(found))


def _queues() -> Looked:
    import cups

    try:
        queues = cups.Connection().getPrinters()
    except (RuntimeError, cups.IPPError):
        return Looked("cups", why="absent")
    found = [
        Found(
            "document_printer",
            "cups",
            f"cups:{name}",
            detail=str(known.get("printer-make-and-model", "CUPS queue")),
        )
        for name, known in sorted(queues.items())
    ]
    return Looked("cups", tuple(found))


def _supplies(host: str = "127.0.0.1", port: int = NUT_PORT) -> Looked:
    """The supplies that a NUT server here knows: LIST UPS."""
    said = b""
    try:
        with socket.create_connection((host, port), SERVICE_WITHIN_S) as line:
            line.sendall(b"LIST UPS\n")
            while b"END LIST UPS" not in said and len(said) < LONGEST_LIST_BYTES:
                chunk = line.recv(4096)
                if not chunk:
                    break
                said += chunk
    except OSError:
        return Looked("nut", why="absent")
    names = [
        line.split()[1]
        for line in said.decode("utf-8", "replace").splitlines()
        if line.startswith("UPS ") and len(line.split()) > 1
    ]
    where = host if port == NUT_PORT else f"{host}:{port}"
    return Looked(
        "nut", tuple(Found("ups", "nut-ups", f"{name}@{where}", detail="NUT") for name in names)
    )


def _cameras(sys: Path) -> Iterator[Found]:
    for node in sorted((sys / "class" / "video4linux").glob("video*")):
        if _read(node / "index") == "0":  # further nodes of a camera carry no pictures
            yield Found("camera", "camera", f"/dev/{node.name}", detail=_read(node / "name"))


def _usb_printers(sys: Path) -> Iterator[Found]:
    for interface in sorted((sys / "bus" / "usb" / "devices").glob("*:*")):
        if _read(interface / "bInterfaceClass") != PRINTER_CLASS:
            continue
        device = interface.resolve().parent
        maker, model = _read(device / "idVendor"), _read(device / "idProduct")
        serial = _read(device / "serial")
        port = f"usb:{maker}:{model}" + (f":{serial}" if serial else "")
        yield Found("receipt_printer", "escpos", port, detail=_read(device / "product"))


def _hid_scanners(sys: Path) -> Iterator[Found]:
    from devices.scanner.hid_pos import is_hid_pos

    for node in sorted((sys / "class" / "hidraw").glob("hidraw*")):
        try:
            descriptor = (node / "device" / "report_descriptor").read_bytes()
        except OSError:
            continue
        if is_hid_pos(descriptor):
            yield Found("scanner", "hid-scanner", f"/dev/{node.name}", detail="HID POS scanner")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
