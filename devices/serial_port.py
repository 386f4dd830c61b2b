"""One serial port by its pyserial URL: opened exclusively, read and written with deadlines.

A device file is held by flock, which every program that asks for it respects; any other address by a
name in the abstract socket namespace (unix(7)), which ends with its process.

A lost port shows as `LOST`, the two classes that a hangup raises (PROTOCOLS.md D: `termios.error` is
not an OSError); callers above let them pass to `devices.device`, which closes and reconnects.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from serial import Serial

LOST = (OSError, termios.error)
"""What a port raises when its device goes away. `serial.SerialException` is an OSError."""

WRITE_TIMEOUT_S = 5.0
"""A write that the device does not take for so long is a lost port (pyserial's default is for ever)."""

CHUNK_BYTES = 4096

CLAIM_PREFIX = "\0hall-terminal/port/"
"""Of the abstract names that stand for ports which are no files."""


def claim(address: str) -> socket.socket:
    """Hold `address` for this process until the returned socket is closed.

    Raises OSError (EBUSY) where something holds it already, here or in another process.
    """
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(CLAIM_PREFIX + address[:90])  # sun_path takes 108 bytes
    except OSError as error:
        held.close()
        if error.errno == errno.EADDRINUSE:
            raise OSError(errno.EBUSY, "the port is held") from error
        raise
    return held


class Port:
    """An open port. Every method raises one of `LOST` when the device is gone."""

    def __init__(self, serial: Serial, held: socket.socket | None = None) -> None:
        self._serial = serial
        self._held = held
        self._owner = threading.get_ident()
        self._let_go = False
        _opened_by.setdefault(self._owner, WeakSet()).add(self)

    @classmethod
    def open(cls, url: str, baud: int, *, ready_lines: bool = False) -> Port:
        """Open `url` (a device file or a pyserial URL) at `baud`, 8N1, exclusively.

        DTR and RTS stay low unless `ready_lines`: raising them resets some readers and scanners,
        while a printer that keeps hardware flow control waits for them. Raises one of `LOST`.
        """
        from serial import serial_for_url

        try:
            serial = serial_for_url(url, do_not_open=True)
            serial.baudrate = baud
        except ValueError as error:  # a URL that pyserial does not know, a rate that is none
            raise OSError(errno.EINVAL, "no such port or rate") from error
        serial.timeout = 0
        serial.write_timeout = WRITE_TIMEOUT_S
        serial.exclusive = True
        serial.dtr = serial.rts = ready_lines
        held = None if url.startswith("/") else claim(url)
        try:
            serial.open()
        except BaseException as error:
            if held is not None:
                held.close()
            if isinstance(error, OSError | ValueError) and (number := _unsuitable(error)):
                raise OSError(number, os.strerror(number)) from error
            raise
        return cls(serial, held)

    def write(self, data: bytes) -> None:
        """Hand all of `data` to the device, waiting at most WRITE_TIMEOUT_S."""
        self._serial.write(data)
        self._serial.flush()

    def read(self, seconds: float) -> bytes:
        """What has come, waiting for the first byte at most `seconds`; b"" where none came."""
        self._serial.timeout = max(0.0, seconds)
        first = bytes(self._serial.read(1))
        if not first:
            return b""
        self._serial.timeout = 0
        return first + bytes(self._serial.read(max(self._serial.in_waiting, 0)))

    def drain(self, quiet_s: float = 0.0, at_most_s: float = 0.5) -> bytes:
        """Throw away what has come, until nothing came for `quiet_s`; returns it for the counters."""
        gone = bytearray()
        until = time.monotonic() + at_most_s
        while time.monotonic() < until and (chunk := self.read(quiet_s)):
            gone += chunk
        return bytes(gone)

    def set_baud(self, baud: int) -> None:
        """Change the speed of the open port."""
        self._serial.baudrate = baud

    def close(self) -> None:
        """Give the port back; a port that is already gone is closed all the same.

        One that was let go is left to the thread that hangs in it: closing it from another would hang
        as well, or close a descriptor that is somebody else's by then.
        """
        if self._let_go and threading.get_ident() != self._owner:
            return
        mine = _opened_by.get(self._owner)
        if mine is not None:
            mine.discard(self)
            if not mine:
                _opened_by.pop(self._owner, None)
        with suppress(*LOST):
            self._serial.close()
        if self._held is not None:
            self._held.close()

    def let_go(self) -> None:
        """Free the port for another thread, and wake the one that hangs in it where that can be done."""
        self._let_go = True
        if self._held is not None:
            self._held.close()
        with suppress(*LOST, AttributeError, TypeError, ValueError):
            wire = getattr(self._serial, "_socket", None)
            if isinstance(wire, socket.socket):
                wire.shutdown(socket.SHUT_RDWR)
                return
            fcntl.flock(self._serial.fileno(), fcntl.LOCK_UN)
            self._serial.cancel_read()
            self._serial.cancel_write()


def _unsuitable(error: OSError | ValueError) -> int:
    """The errno of an address at which there can never be a device; 0 for an error of another kind.

    pyserial hides it: a malformed URL comes as an error without a number over one of its own bugs, a
    file that is no line over a termios.error.
    """
    under = error.__context__
    if isinstance(error, ValueError) or isinstance(under, ValueError | TypeError | LookupError):
        return errno.EINVAL
    if isinstance(under, termios.error) and under.args:
        return int(under.args[0])
    return 0


_opened_by: dict[int, WeakSet[Port]] = {}


def let_go_of(thread: int) -> None:
    """Free every port that `thread`, which was given up, holds open."""
    for port in tuple(_opened_by.pop(thread, ())):
        port.let_go()


def in_use(path: str) -> bool:
    """Whether any process that this one may look at has the device file `path` open.

    The program at the other end of a pseudo-terminal keeps both ends open, and does not count.
    """
    real = os.path.realpath(path)
    return any(
        real in open_files and not _is_pty_master(real, open_files) for open_files in _held()
    )


def _is_pty_master(path: str, open_files: set[str]) -> bool:
    return path.startswith("/dev/pts/") and bool(open_files & {"/dev/ptmx", "/dev/pts/ptmx"})


def _held() -> Iterator[set[str]]:
    """What each process has open, as far as this one may see it."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        names = set()
        with suppress(OSError):
            for number in os.listdir(f"/proc/{process}/fd"):
                with suppress(OSError):
                    names.add(os.readlink(f"/proc/{process}/fd/{number}"))
        yield names
