"""The serial protocol of GM65, GM66 and GM8xx scan engines: bytes to data and back, no port.

Source: PROTOCOLS.md C. A command is `7E 00 type len addrHi addrLo data crcHi crcLo`, its answer
`02 00 status len data crcHi crcLo`. Scanned codes come on the same line, between the answers, as
plain text ended by a carriage return.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import IntEnum

from devices.scanner.codes import MAX_CODE_BYTES
from devices.scanner.stream import CODE_END, CodeStream

COMMAND_HEAD = b"\x7e\x00"
ANSWER_HEAD = b"\x02\x00"
ALIVE_HEAD = b"\x03\x00"
"""How the answer to a heartbeat begins, unlike all others."""

ANSWER_STARTS = ANSWER_HEAD[:1] + ALIVE_HEAD[:1]

ANY_CRC = b"\xab\xcd"
"""In place of a CRC: do not check."""

FULL_READ = 256
"""Bytes that a read of length byte 0 asks for."""


class CommandType(IntEnum):
    """What a command does."""

    READ = 0x07
    WRITE = 0x08
    SAVE = 0x09
    HEARTBEAT = 0x0A


class Status(IntEnum):
    """How the scanner answers a command."""

    OK = 0x00
    BAD_CRC = 0x01
    INVALID = 0x03


class Zone(IntEnum):
    """Addresses of settings, as public drivers use them (cryptoadvance/specter-diy, hosts/qr.py)."""

    MODE = 0x0000
    """Bits 0-1: how reading begins. Above them: light, aiming light, tone."""

    TRIGGER = 0x0002
    """Bit 0: 1 begins a reading in command mode, 0 ends it."""

    LIGHT_TIME = 0x0006
    """How long one reading lasts at most, in 0.1 s; 0 is for ever."""

    FORMAT = 0x0060
    """Bit 0: codes get an end; bits 5-6 zero: it is a carriage return. No prefix, no suffix."""


MODE_MASK = 0b11
COMMAND_MODE = 0b01
"""Reading begins when it is told to by TRIGGER; the other modes begin by a button, motion, always."""

CR_ENDED = 0x01


def crc(body: bytes) -> bytes:
    """CRC-CCITT, initial value 0, of `body` (from the type to the last data byte)."""
    return binascii.crc_hqx(body, 0).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `data` holds the bytes to write, or for a READ their number."""

    type: CommandType
    address: int
    data: bytes

    def encode(self) -> bytes:
        """The frame. Raises OverflowError for more than 255 bytes of data."""
        body = bytes([self.type]) + len(self.data).to_bytes(1, "big")
        body += self.address.to_bytes(2, "big") + self.data
        return COMMAND_HEAD + body + crc(body)


def read(zone: int, count: int = 1) -> Command:
    """Ask for `count` (1 to 256) settings from `zone` on."""
    return Command(CommandType.READ, zone, bytes([count % FULL_READ]))


def write(zone: int, value: int) -> Command:
    """Set one setting until the scanner is switched off."""
    return Command(CommandType.WRITE, zone, bytes([value]))


HEARTBEAT = Command(CommandType.HEARTBEAT, 0x0000, b"\x00")
TRIGGER_ON = write(Zone.TRIGGER, 1)
TRIGGER_OFF = write(Zone.TRIGGER, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The scanner's answer to one command."""

    status: int
    data: bytes
    alive: bool = False

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.status == Status.OK

    @property
    def say_again(self) -> bool:
        """Whether the command arrived damaged."""
        return self.status == Status.BAD_CRC

    def encode(self) -> bytes:
        """The frame, as a scanner sends it; at most 256 bytes of data."""
        body = bytes([self.status, len(self.data) % FULL_READ]) + self.data
        return (ALIVE_HEAD if self.alive else ANSWER_HEAD) + body + crc(body)


ACK = Answer(Status.OK, b"\x00")

SHORTEST_ANSWER = 7
"""Head, status, length, one byte of data, CRC."""


class Stream(CodeStream[Answer]):
    """Cuts what the scanner sends into answers and codes, however the bytes arrive.

    An answer is known by a head that no text begins with, and by its CRC; it is found behind noise
    or a code that was cut short, which are dropped. `answers` False reads codes only: the line of a
    scanner that takes no commands. `end` is what a scanner sends behind each code; with b"" a code ends
    where the line falls silent.
    """

    def __init__(self, *, answers: bool = True, end: bytes = CODE_END) -> None:
        super().__init__(end=end)
        self._answers = answers

    def _take(self) -> Answer | bytes | None:
        self._skip_line_feed()
        data = bytes(self._waiting)
        code, end, _ = data.partition(self._end) if self._end else (data, b"", b"")
        found = _find_answer(data) if self._answers else NO_ANSWER
        if end and len(code) < found.may_begin:
            del self._waiting[: len(code) + len(end)]
            return code
        if found.size:
            self._drop(found.begins)
            del self._waiting[: found.size]
            return _parsed(data[found.begins : found.begins + found.size])
        if len(data) > MAX_CODE_BYTES:
            self.abandon()
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a whole answer `begins` and its `size` (0: there is none). `may_begin` is the same place,
    or else where one begins that is not whole yet."""

    begins: int
    size: int
    may_begin: int


NOWHERE = 1 << 32
NO_ANSWER = _Found(NOWHERE, 0, NOWHERE)


def _find_answer(data: bytes) -> _Found:
    may_begin = NOWHERE
    for begin in (place for place, byte in enumerate(data) if byte in ANSWER_STARTS):
        part = data[begin:]
        if part[1:2] not in (b"", b"\x00"):
            continue
        size = 6 + (part[3] or FULL_READ) if len(part) >= SHORTEST_ANSWER else SHORTEST_ANSWER
        if len(part) < size:
            may_begin = min(may_begin, begin)
        elif crc(part[2 : size - 2]) == part[size - 2 : size]:
            return _Found(begin, size, begin)
    return _Found(NOWHERE, 0, may_begin)


def _parsed(frame: bytes) -> Answer:
    return Answer(frame[2], frame[4:-2], frame[:2] == ALIVE_HEAD)
