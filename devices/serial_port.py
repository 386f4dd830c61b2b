"""One serial port by its pyserial URL: opened exclusively, read and written with deadlines.

A lost port shows as `LOST`, the two classes that a hangup raises (PROTOCOLS.md D: `termios.error` is
not an OSError); callers above let them pass to `devices.device`, which closes and reconnects.
"""

from __future__ import annotations

import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serial import Serial

LOST = (OSError, termios.error)
"""What a port raises when its device goes away. `serial.SerialException` is an OSError."""

WRITE_TIMEOUT_S = 5.0
"""A write that the device does not take for so long is a lost port (pyserial's default is for ever)."""

CHUNK_BYTES = 4096


class Port:
    """An open port. Every method raises one of `LOST` when the device is gone."""

    def __init__(self, serial: Serial) -> None:
        self._serial = serial

    @classmethod
    def open(cls, url: str, baud: int, *, ready_lines: bool = False) -> Port:
        """Open `url` (a device file or a pyserial URL) at `baud`, 8N1, exclusively.

        DTR and RTS stay low unless `ready_lines`: raising them resets some readers and scanners,
        while a printer that keeps hardware flow control waits for them. Raises one of `LOST`.
        """
        from serial import serial_for_url

        serial = serial_for_url(url, do_not_open=True)
        serial.baudrate = baud
        serial.timeout = 0
        serial.write_timeout = WRITE_TIMEOUT_S
        serial.exclusive = True
        serial.dtr = serial.rts = ready_lines
        try:
            serial.open()
        except ValueError as error:  # a malformed URL or a rate the port cannot do
            raise OSError(str(error)) from error
        return cls(serial)

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
        """Give the port back; a port that is already gone is closed all the same."""
        try:
            self._serial.close()
        except LOST:
            return
