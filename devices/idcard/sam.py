"""The security module's frames (SAM_A, SAM_V), as pure functions.

Facts are those of PROTOCOLS.md B. Frames come in any portions, with anything before, between and
after them; a damaged one is told and the search goes on inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import xor
from struct import unpack

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"

LONGEST_FRAME = 4096
"""`len` of the longest reply, read with fingerprint, is 0x090A; more is noise."""

SHORTEST_REPLY = 4
"""`len` counts SW1 SW2 SW3 and the checksum at least."""

RATES = (115200, 57600, 38400, 19200, 9600)
"""Bits a second; `60 i` asks for the one at place i. The order is common knowledge, not confirmed
(PROTOCOLS.md B), so that an adapter takes it as a setting."""

RATE_SETTLES_S = 0.005
"""PROTOCOLS.md B: so long after its answer the module works at the new rate."""

MAX_RF_BYTES = 0x50
"""How many bytes one radio frame may carry at most, as `61 FF 50` asks for."""


class Command(IntEnum):
    """cmd and para, as one number."""

    RESET = 0x10FF
    STATUS = 0x11FF
    SAM_ID = 0x12FF
    FIND = 0x2001
    SELECT = 0x2002
    READ = 0x3001
    NEW_ADDRESS = 0x3003
    READ_WITH_PRINTS = 0x3010
    MAX_RF = 0x61FF
    RATE = 0x6000
    """para is the place in RATES."""


def checksum(body: bytes) -> int:
    """XOR of every byte from the length field to the last data byte."""
    return reduce(xor, body, 0)


def request(command: int, data: bytes = b"") -> bytes:
    """The frame that asks for `command`, cmd and para as one number."""
    body = (len(data) + 3).to_bytes(2, "big") + command.to_bytes(2, "big") + data
    return PREAMBLE + body + bytes([checksum(body)])


def reply(sw3: int, data: bytes = b"", sw1: int = 0, sw2: int = 0) -> bytes:
    """The frame that answers; what a reader, real or simulated, sends."""
    body = (len(data) + SHORTEST_REPLY).to_bytes(2, "big") + bytes([sw1, sw2, sw3]) + data
    return PREAMBLE + body + bytes([checksum(body)])


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between a length field and a right checksum; its repr shows no data."""

    payload: bytes

    def __repr__(self) -> str:
        return f"Frame({len(self.payload)} bytes)"

    @property
    def sw3(self) -> int:
        """A reply's status."""
        return self.payload[2]

    @property
    def data(self) -> bytes:
        """A reply's data."""
        return self.payload[3:]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame whose checksum or length is wrong."""


class FrameReader:
    """Takes bytes in any portions and gives whole frames. Never raises."""

    def __init__(self, shortest: int = SHORTEST_REPLY) -> None:
        self._shortest = shortest
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Frame | Damaged]:
        """The frames that `data` completes, in their order."""
        self._waiting += data
        return list(self._frames())

    @property
    def within_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._waiting.startswith(PREAMBLE)

    def _frames(self) -> Iterator[Frame | Damaged]:
        while True:
            start = self._waiting.find(PREAMBLE)
            if start < 0:
                del self._waiting[: max(0, len(self._waiting) - len(PREAMBLE) + 1)]
                return
            del self._waiting[:start]
            body = len(PREAMBLE)
            if len(self._waiting) < body + 2:
                return
            length = int.from_bytes(self._waiting[body : body + 2], "big")
            if not self._shortest <= length <= LONGEST_FRAME:
                del self._waiting[0]
                yield Damaged()
                continue
            end = body + 2 + length
            if len(self._waiting) < end:
                return
            framed = bytes(self._waiting[body:end])
            if checksum(framed[:-1]) != framed[-1]:
                del self._waiting[0]
                yield Damaged()
                continue
            del self._waiting[:end]
            yield Frame(framed[2:-1])


def sam_id(data: bytes) -> str:
    """The module's number as printed on readers: `05.01-20190101-0000000001-0000000002`.

    Raises ValueError unless `data` has 16 bytes.
    """
    if len(data) != 16:
        raise ValueError("a SAM id has 16 bytes")
    standard, kind, day, serial, check = unpack("<HHIII", data)
    return f"{standard:02d}.{kind:02d}-{day:08d}-{serial:010d}-{check:010d}"
