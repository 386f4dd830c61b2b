"""Talks with one printer over its port: questions answered at once, data sent as it has room.

Several kinds of answers share the line; each is kept where the one who waits for it looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from devices.device import CANCEL_SLICE_S
from devices.printer.profiles import Profile
from devices.printer.status_bytes import (
    CLEARED,
    PROCESS_ID,
    AutoStatus,
    Block,
    Flow,
    Info,
    Junk,
    PrinterFacts,
    Queued,
    RealTime,
    Reply,
    ReplyReader,
    facts_of,
)
from devices.serial_port import Port

ANSWER_WITHIN_S = 0.5
"""A real-time question is answered at once, also by a printer at work or offline; at 9600 baud
through a network adapter that is 0.1 s."""

CLEAR_WITHIN_S = 2.0
"""A printer ends the line it is printing before it clears its buffers."""

INFO_WITHIN_S = 0.5
"""GS I waits in the buffer, which is empty when it is asked."""

ASK_MODEL = bytes.fromhex("1d 49 43")  # GS I 67
ASK_QUEUED = bytes.fromhex("1d 72 01")  # GS r 1
AUTO_STATUS_OFF = bytes.fromhex("1d 61 00")  # GS a 0
RECOVER_AND_CLEAR = bytes.fromhex("10 05 02")  # DLE ENQ 2
PRINTABLE = range(0x21, 0x7F)


def ask_process_id(mark: bytes) -> bytes:
    """GS ( H fn 48: the printer sends `mark` (4 bytes of 20..7E) back once all before is printed."""
    return bytes.fromhex("1d 28 48 06 00 30 30") + mark


def mark_of(number: int) -> bytes:
    """Four printable bytes, different for 78 million successive numbers."""
    digits = []
    for _ in range(4):
        number, digit = divmod(number, len(PRINTABLE))
        digits.append(PRINTABLE[digit])
    return bytes(digits)


class Conversation:
    """One open port. Raises one of `devices.serial_port.LOST` when it is gone."""

    def __init__(self, port: Port, profile: Profile) -> None:
        self._port = port
        self._profile = profile
        self._reader = ReplyReader()
        self._stopped = False
        self._real_time: int | None = None
        self._info: str | None = None
        self.marks: set[bytes] = set()
        self.queued = 0
        self.cleared = 0
        self.junk = 0

    def facts(self) -> PrinterFacts:
        """Ask everything that the profile's printer answers; nothing after the first silence."""
        self.hear(0)
        answers = {}
        for n in self._profile.questions:
            answer = self._ask(n)
            if answer is None:
                break
            answers[n] = answer
        return facts_of(answers, self._profile)

    def model(self) -> str:
        """The model's name, or "" where it does not say."""
        self._info = None
        self._port.write(ASK_MODEL)
        self._until(lambda: self._info is not None, INFO_WITHIN_S)
        return self._info or ""

    @property
    def room(self) -> bool:
        """Whether the printer takes data now; waits a moment where it does not."""
        self.hear(CANCEL_SLICE_S if self._stopped else 0)
        return not self._stopped

    def write(self, command: bytes) -> None:
        """Send whole commands."""
        self._port.write(command)

    def clear(self) -> bool:
        """Drop what waits to be printed; whether the printer said that it did."""
        if not self._profile.clear:
            return False
        before = self.cleared
        self._port.write(self._profile.clear)
        done = self._until(lambda: self.cleared > before, CLEAR_WITHIN_S)
        self._stopped = False
        return done

    def hear(self, seconds: float) -> None:
        """Take what the printer says within `seconds`, returning after the first of it."""
        for reply in self._reader.feed(self._port.read(seconds)):
            self._take(reply)

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def _ask(self, n: int) -> int | None:
        self._real_time = None
        self._port.write(bytes((0x10, 0x04, n)))
        self._until(lambda: self._real_time is not None, ANSWER_WITHIN_S)
        if self._real_time is None:
            self._reader.reset()
        return self._real_time

    def _until(self, happened: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not happened() and (left := deadline - time.monotonic()) > 0:
            self.hear(left)
        return happened()

    def _take(self, reply: Reply) -> None:
        match reply:
            case Flow():
                self._stopped = reply is Flow.STOP
            case RealTime(bits):
                self._real_time = bits
            case Block(identifier, data) if identifier == PROCESS_ID:
                self.marks.add(data)
            case Block(identifier, _) if identifier == CLEARED:
                self.cleared += 1
            case Queued():
                self.queued += 1
            case Info(text):
                self._info = text
            case Junk():
                self.junk += 1
            case AutoStatus() | Block():
                return
