"""The ways to a receipt printer's bytes: serial, network, USB; which one, its address says.

python-escpos has a class for each, and none can be made right from outside (python-escpos 3.1, read):
`Serial` opens in its constructor call with DTR high, without a write timeout and not exclusively;
`Network` is IPv4 only, turns the errno of a refused connection into its own exception, blocks in
`sendall`, and its `_read` gives b"" for a closed peer; `Usb` detaches the kernel's driver, resets the
printer at every open and reads with pyusb's timeout, whatever it was told. So the bytes take these
ways, and python-escpos writes the commands (devices/printer/encode.py).
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from devices.device import CANCEL_SLICE_S
from devices.serial_port import CHUNK_BYTES, Port
from devices.status import Fault

CONNECT_WITHIN_S = 3.0
"""A printer in the same hall answers a connection within milliseconds, or not at all."""

FINISH_WITHIN_S = 3.0
"""How long a network printer is given to read to the end of a connection that we ended."""

SEND_BUFFER_BYTES = 4096
"""Little waits in our own kernel, so that what was sent is near the printer (Linux doubles it)."""

NO_LINGER = struct.pack("ii", 1, 0)
"""Linux, socket(7): close at once, with a reset."""

JETDIRECT_PORT = 9100


class PeerClosed(ConnectionResetError):
    """The printer ended the connection in order; it takes another."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the printer closed the connection")


class NotTaken(OSError):
    """What carries the slip did not take it, and nothing of it was printed; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(errno.EIO, fault.code)
        self.fault = fault


class Wire(Protocol):
    """An open way to a printer. Every method raises one of `devices.serial_port.LOST` once it is gone."""

    connection_is_a_job: bool
    """Whether the printer, or a server before it, takes the end of a connection as a job's end."""

    def send(self, data: bytes, seconds: float) -> int:
        """Hand bytes over; how many were taken within `seconds` (0 where none were)."""

    def read(self, seconds: float) -> bytes:
        """What has come, waiting for the first of it at most `seconds`; b"" where nothing came.

        Raises PeerClosed where the printer ended the connection in order."""

    def port_status(self) -> int | None:
        """The printer class's port status (LPGETSTATUS: 0x08 no error, 0x10 selected, 0x20 paper
        out), None where the way has none."""

    def trouble(self) -> Fault | None:
        """What is wrong with the way itself, where it can tell."""

    def finish(self, over: Callable[[], bool]) -> bool:
        """Say that nothing more comes; whether all of it was then read, before it was `over`. Only
        where a connection is a job. Raises NotTaken."""

    def close(self) -> None:
        """Give the way back; never raises."""


def open_wire(address: str, baud: int, server: str = "") -> Wire:
    """Open the way that `address` names, exclusively where the way can be.

    `usb:VENDOR:PRODUCT[:SERIAL]` (hexadecimal) and `/dev/usb/lpN` are USB, `socket://host[:port]` and
    `tcp://host[:port]` the network, `cups:QUEUE` a raw queue of CUPS at `server`, everything else is a
    serial port or another pyserial URL at `baud`. Raises one of LOST.
    """
    if address.startswith("usb:"):
        from devices.printer.wire_usb import UsbWire

        return UsbWire.found(address)
    if address.startswith("/dev/usb/lp"):
        from devices.printer.wire_usb import UsbWire

        return UsbWire(address)
    if address.startswith("cups:"):
        from devices.printer.wire_cups import CupsWire

        return CupsWire(address, server)
    if address.startswith(("socket://", "tcp://")):
        parts = urlsplit(address)
        try:
            return NetworkWire(parts.hostname or "", parts.port or JETDIRECT_PORT)
        except ValueError as error:  # a port that is no number
            raise OSError(errno.EINVAL, str(error)) from error
    return SerialWire(address, baud)


class SerialWire:
    """A serial port; hardware handshake lines high, as printers want them."""

    connection_is_a_job = False

    def __init__(self, address: str, baud: int) -> None:
        self._port = Port.open(address, baud, ready_lines=True)

    def send(self, data: bytes, seconds: float) -> int:
        """The port has its own write deadline (devices.serial_port.WRITE_TIMEOUT_S)."""
        self._port.write(data)
        return len(data)

    def read(self, seconds: float) -> bytes:
        return self._port.read(seconds)

    def port_status(self) -> int | None:
        return None

    def trouble(self) -> Fault | None:
        return None

    def finish(self, over: Callable[[], bool]) -> bool:
        return False

    def close(self) -> None:
        self._port.close()


class NetworkWire:
    """A TCP connection to a printer's raw port (9100), alone while it is open: such printers serve one
    connection at a time."""

    connection_is_a_job = True

    def __init__(self, host: str, port: int) -> None:
        try:
            self._socket = socket.create_connection((host, port), CONNECT_WITHIN_S)
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "the printer took no connection") from error
        except socket.gaierror as error:
            raise FileNotFoundError(errno.ENOENT, "no such host") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.setblocking(False)

    def send(self, data: bytes, seconds: float) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            if not _ready(self._socket.fileno(), select.POLLOUT, seconds):
                return 0
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def read(self, seconds: float) -> bytes:
        _ready(self._socket.fileno(), select.POLLIN, seconds)
        try:
            came = self._socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not came:
            raise PeerClosed
        return came

    def port_status(self) -> int | None:
        return None

    def trouble(self) -> Fault | None:
        return None

    def finish(self, over: Callable[[], bool]) -> bool:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:  # the printer ended it before us
            return True
        until = time.monotonic() + FINISH_WITHIN_S
        while time.monotonic() < until and not over():
            try:
                self.read(CANCEL_SLICE_S)
            except ConnectionError:
                return True
        return False

    def close(self) -> None:
        """What the printer did not take by now is dropped with the connection, so that it cannot
        arrive after the slip was given up."""
        if self._socket.fileno() >= 0 and self._unsent():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._socket.close()

    def _unsent(self) -> bool:
        left = bytearray(4)
        try:
            fcntl.ioctl(self._socket, termios.TIOCOUTQ, left)
        except OSError:
            return True
        return any(left)


def _ready(descriptor: int, event: int, seconds: float) -> bool:
    """Whether `event` (or a hangup, which the next call tells) came within `seconds`."""
    if descriptor < 0:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(0, round(seconds * 1000))))
