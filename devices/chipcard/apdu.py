"""Commands to a chip and its answers as bytes (ISO/IEC 7816-4, clause 5), and what a status means."""

from __future__ import annotations

from dataclasses import dataclass, field

OK = 0x9000
NO_FILE = (0x6A82, 0x6A83, 0x6A88)
"""File or application not found; record not found; referenced data not found (table 6)."""

PROTECTED = (0x6982, 0x6985, 0x6983)
"""Security status not satisfied; conditions not satisfied; method blocked (table 6)."""

MORE = 0x61
WRONG_LENGTH = 0x6C


@dataclass(frozen=True, slots=True)
class Answer:
    """What a chip answered: its data and its status SW1 SW2."""

    data: bytes = field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.status == OK

    @property
    def more(self) -> int | None:
        """How many bytes wait to be fetched with GET RESPONSE (61 xx); 0 stands for 256 or more."""
        return self.status & 0xFF if self.status >> 8 == MORE else None

    @property
    def right_length(self) -> int | None:
        """The length that the command should have asked for (6C xx)."""
        return self.status & 0xFF if self.status >> 8 == WRONG_LENGTH else None


def answer(raw: bytes) -> Answer | None:
    """The answer in `raw`; None for fewer bytes than a status has."""
    return Answer(raw[:-2], int.from_bytes(raw[-2:], "big")) if len(raw) >= 2 else None


def select(name: bytes) -> bytes:
    """SELECT an application by its name (11.1.1). ValueError for a name of no or over 16 bytes."""
    if not 1 <= len(name) <= 16:
        raise ValueError("a name has 1 to 16 bytes")
    return bytes([0x00, 0xA4, 0x04, 0x00, len(name)]) + name


def read_record(file: int, record: int, length: int = 0) -> bytes:
    """READ RECORD `record` of the file with short identifier `file` (11.3.3); length 0 asks for all."""
    return bytes([0x00, 0xB2, record, file << 3 | 0b100, length])


def get_response(length: int) -> bytes:
    """GET RESPONSE: fetch `length` bytes that wait (11.8.1)."""
    return bytes([0x00, 0xC0, 0x00, 0x00, length])
