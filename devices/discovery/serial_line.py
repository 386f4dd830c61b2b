"""Who is at a serial port: questions that leave no trace in a device that they are not meant for.

The order matters. A printer keeps what it does not know for its next line, so it is asked first, at each
rate, by a command that it answers in real time and that prints nothing; scan engines and security
modules pass over what does not begin with their own preamble.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from devices.discovery.search import Found, Look, Looked
from devices.identity import BY_ID, has_twin, identity_of
from devices.losses import loss
from devices.serial_port import LOST, Port, in_use

NODES = ("ttyUSB*", "ttyACM*", "ttyS*", "ttyAMA*")

SYS_TTY = Path("/sys/class/tty")

LASTING = ("/dev/kiosk-*", BY_ID + "*", "/dev/serial/by-path/*")
"""Where names are that a port keeps, best first."""

ANSWER_S = 0.35
"""How long an answer is waited for: each takes below 30 ms, a USB bridge adds 16 ms, a hub as much."""

PRINTER_RATES = (115200, 9600, 19200, 38400)

SCANNER_RATES = (9600, 115200)

BOARD_RATES = (9600, 19200, 38400, 115200)

READ_ONE_COIL = bytes.fromhex("01 01 00 00 00 01 FD CA")
"""Modbus RTU, unit 1: read the first coil (Modbus application protocol 1.1b3, 6.1). Reads only."""


def ports() -> Iterator[str]:
    """The serial ports of this machine that have hardware behind them, by their lasting names."""
    for pattern in NODES:
        for node in sorted(SYS_TTY.glob(pattern)):
            if _is_real(node):
                yield lasting_name(f"/dev/{node.name}")


def _is_real(node: Path) -> bool:
    """Whether a driver found a port: the kernel keeps ttyS nodes for sockets that no board has."""
    if not node.name.startswith("ttyS"):
        return True
    try:
        return (node / "type").read_text().strip() != "0"
    except OSError:
        return False


def lasting_name(node: str) -> str:
    """The name of `node` that stays when it is plugged in again; `node` itself where there is none.

    A name by identity is passed over where another device has the same identity.
    """
    identity = identity_of(node)
    for pattern in LASTING:
        if pattern.startswith(BY_ID) and (
            identity is None or not identity.serial or has_twin(identity)
        ):
            continue
        directory, _, form = pattern.rpartition("/")
        for link in sorted(Path(directory).glob(form)):
            if link.is_symlink() and os.path.realpath(link) == node:
                return str(link)
    return node


def look_at(port: str) -> Look:
    """A look at one port."""
    return lambda: _look(port)


def _look(port: str) -> Looked:
    if port.startswith("/") and in_use(port):
        return Looked(port, why="busy")
    seen = ""
    for ask in (_printer, _scanner, _card_reader, _board):
        try:
            found = ask(port)
        except LOST as error:
            code = loss(error).code.removeprefix("port.")
            if code in ("busy", "missing", "forbidden"):
                return Looked(port, why=code)
            seen = "unreadable"
            continue
        if found is not None:
            return Looked(port, (found,))
    return Looked(port, why=seen or "silent")


def _answers(port: str, baud: int, question: bytes) -> bytes:
    """What comes back on a question within ANSWER_S, after the line was quiet."""
    line = Port.open(port, baud)
    try:
        line.drain()
        line.write(question)
        said = bytearray()
        while chunk := line.read(ANSWER_S if not said else ANSWER_S / 3):
            said += chunk
        return bytes(said)
    finally:
        line.close()


def _first(port: str, rates: tuple[int, ...], ask: Callable[[int], bool]) -> int | None:
    """The first of `rates` at which `ask` is content; a network port has no rate to try."""
    for baud in rates if port.startswith("/") else rates[:1]:
        if ask(baud):
            return baud
    return None


def _printer(port: str) -> Found | None:
    """DLE EOT 1 and 4 (PROTOCOLS.md A): one byte each, four of whose bits are fixed."""

    def is_status(said: bytes) -> bool:
        return len(said) == 1 and said[0] & 0x93 == 0x12

    def ask(baud: int) -> bool:
        return all(is_status(_answers(port, baud, bytes([0x10, 0x04, n]))) for n in (1, 4))

    baud = _first(port, PRINTER_RATES, ask)
    if baud is None:
        return None
    settings = {"baud": baud} if port.startswith("/") else {}
    return Found("receipt_printer", "escpos", port, settings, "answers DLE EOT")


def _scanner(port: str) -> Found | None:
    """The heartbeat of GM65 and its kin (PROTOCOLS.md C)."""
    from devices.scanner.gm65 import ALIVE_HEAD, HEARTBEAT

    baud = _first(
        port, SCANNER_RATES, lambda baud: ALIVE_HEAD in _answers(port, baud, HEARTBEAT.encode())
    )
    if baud is None:
        return None
    settings = {"profile": "gm65", "baud": baud}
    return Found("scanner", "serial-scanner", port, settings, "answers the heartbeat")


def _card_reader(port: str) -> Found | None:
    """The security module's status (PROTOCOLS.md B)."""
    from devices.idcard.sam import RATES, Command, Frame, FrameReader, request

    def ask(baud: int) -> bool:
        said = FrameReader().feed(_answers(port, baud, request(Command.STATUS)))
        return any(isinstance(frame, Frame) for frame in said)

    baud = _first(port, RATES, ask)
    if baud is None:
        return None
    return Found("id_card", "sam-serial", port, {"baud": baud}, "answers its status")


def _board(port: str) -> Found | None:
    """A coil of unit 1, by its answer's unit, function and length."""

    def ask(baud: int) -> bool:
        said = _answers(port, baud, READ_ONE_COIL)
        return said[:2] in (b"\x01\x01", b"\x01\x81") and len(said) in (5, 6)

    baud = _first(port, BOARD_RATES, ask)
    if baud is None:
        return None
    return Found("board", "modbus-board", port, {"baud": baud}, "answers Modbus RTU, unit 1")
