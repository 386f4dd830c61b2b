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

COMMAND_HEAD = b"\x7e\x00"
ANSWER_HEAD = b"\x02\x00"
ALIVE_HEAD = b"\x03\x00"
"""How the answer to a heartbeat begins, unlike all others."""

ANSWER_STARTS = ANSWER_HEAD[:1] + ALIVE_HEAD[:1]

CODE_END = b"\r"
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
    """Addresses of settings: those of the "zone bit table" in the makers' manuals, chapter 9."""

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

    def encode(self) -> bytes:
        """The frame, as a scanner sends it; at most 256 bytes of data."""
        body = bytes([self.status, len(self.data) % FULL_READ]) + self.data
        return (ALIVE_HEAD if self.alive else ANSWER_HEAD) + body + crc(body)


ACK = Answer(Status.OK, b"\x00")

SHORTEST_ANSWER = 7


class Stream:
    """Cuts what the scanner sends into answers and codes, however the bytes arrive.

    An answer is known by a head that no text begins with, and by its CRC. What is neither is noise:
    it is dropped up to the next code end or pause, so that a damaged answer never becomes part of a
    code. `answers` False reads codes only: the line of a scanner that takes no commands.
    """

    def __init__(self, *, answers: bool = True) -> None:
        self.dropped = 0
        """Bytes dropped so far."""
        self._answers = answers
        self._waiting = bytearray()
        self._noise = False

    def feed(self, data: bytes) -> list[Answer | bytes]:
        """Take `data`; the answers and codes (without their end) that it completed, in order."""
        self._waiting += data
        found: list[Answer | bytes] = []
        while self._waiting:
            unit = self._take()
            if unit is None:
                break
            if unit != b"":
                found.append(unit)
        return found

    def pause(self) -> bool:
        """The line fell silent: what is unfinished will not be finished. True where anything was."""
        unfinished = bool(self._waiting) or self._noise
        self._drop(len(self._waiting))
        self._noise = False
        return unfinished

    def _take(self) -> Answer | bytes | None:
        """One unit, b"" where something was skipped, None where more bytes are needed."""
        if self._noise:
            return self._skip_noise()
        if self._answers and self._waiting[0] in ANSWER_STARTS:
            return self._take_answer()
        return self._take_code()

    def _take_answer(self) -> Answer | bytes | None:
        waiting = bytes(self._waiting)
        if waiting[:2] not in (ANSWER_HEAD, ALIVE_HEAD) and len(waiting) > 1:
            return self._begin_noise()
        if len(waiting) < SHORTEST_ANSWER:
            return None
        end = 4 + (waiting[3] or FULL_READ)
        if len(waiting) < end + 2:
            return None
        if crc(waiting[2:end]) != waiting[end : end + 2]:
            return self._begin_noise()
        del self._waiting[: end + 2]
        return Answer(waiting[2], waiting[4:end], waiting[:2] == ALIVE_HEAD)

    def _take_code(self) -> bytes | None:
        code, end, _ = bytes(self._waiting).partition(CODE_END)
        if self._answers and (cut_at := _answer_in(code)) >= 0:
            self._drop(cut_at)  # a code that was cut short; no text holds these characters
            return b""
        if len(code) > MAX_CODE_BYTES:
            return self._begin_noise()
        if not end:
            return None
        del self._waiting[: len(code) + len(end)]
        return code

    def _begin_noise(self) -> bytes:
        self._noise = True
        return b""

    def _skip_noise(self) -> bytes | None:
        noise, end, _ = bytes(self._waiting).partition(CODE_END)
        self._drop(len(noise) + len(end))
        if not end:
            return None
        self._noise = False
        return b""

    def _drop(self, count: int) -> None:
        del self._waiting[:count]
        self.dropped += count


def _answer_in(text: bytes) -> int:
    """Where in `text` an answer may begin; -1 where none does."""
    return next((place for place, byte in enumerate(text) if byte in ANSWER_STARTS), -1)
