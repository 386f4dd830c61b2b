"""The security module's frames (SAM_A, SAM_V) and the card's text, as pure functions.

Facts are those of PROTOCOLS.md B. Frames come in any portions, with anything before, between and
after them; a damaged one is told and the search goes on inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import reduce
from operator import xor
from struct import unpack
from typing import TypedDict

from devices.idcard.record import CardForm, IdCard

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"

LONGEST_FRAME = 4096
"""`len` of the longest reply, read with fingerprint, is 0x090A; more is noise."""

SHORTEST_REPLY = 4
"""`len` counts SW1 SW2 SW3 and the checksum at least."""

TEXT_BYTES = 256

LONG_TERM = "长期"


class Command(IntEnum):
    """cmd and para, as one number."""

    RESET = 0x10FF
    STATUS = 0x11FF
    SAM_ID = 0x12FF
    FIND = 0x2001
    SELECT = 0x2002
    READ = 0x3001


class Sw3(IntEnum):
    """The third status byte, where this program tells it apart."""

    OK = 0x90
    NOTHING = 0x91
    FOUND = 0x9F
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    UNAUTHORISED = 0x23
    UNKNOWN_CARD = 0x40
    CARD_FAILED = 0x41
    SELF_TEST_FAILED = 0x60
    SAM_UNAUTHORISED = 0x66
    NO_CARD = 0x80
    SELECT_FAILED = 0x81


def checksum(body: bytes) -> int:
    """XOR of every byte from the length field to the last data byte."""
    return reduce(xor, body, 0)


def request(command: Command, data: bytes = b"") -> bytes:
    """The frame that asks for `command`."""
    body = (len(data) + 3).to_bytes(2, "big") + int(command).to_bytes(2, "big") + data
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


class Undecodable(ValueError):
    """The card's data make no sense; the message names the field, never its value."""


def text_of(data: bytes) -> bytes:
    """The text part of a `read` answer, by its declared lengths. Raises Undecodable.

    Two lengths precede the parts (text, photo); a third (fingerprint) where the sum says so.
    """
    for fields in (2, 3):
        head = 2 * fields
        if len(data) < head:
            break
        lengths = [int.from_bytes(data[n : n + 2], "big") for n in range(0, head, 2)]
        if head + sum(lengths) == len(data) and lengths[0] == TEXT_BYTES:
            return data[head : head + TEXT_BYTES]
    raise Undecodable("lengths")


def decode(text: bytes) -> IdCard:
    """The card of its 256 bytes of text, in whichever of the four layouts. Raises Undecodable."""
    if len(text) != TEXT_BYTES:
        raise Undecodable("length of the text")
    flag = _field(text, 248, 2)
    if flag in ("", CardForm.HMT):
        return _resident(text, CardForm.HMT if flag else CardForm.RESIDENT)
    if flag == CardForm.FOREIGNER_2017:
        return _foreigner_2017(text)
    if flag == CardForm.FOREIGNER_2023:
        return _foreigner_2023(text)
    raise Undecodable("type flag")


def _resident(text: bytes, form: CardForm) -> IdCard:
    hmt = form is CardForm.HMT
    return IdCard(
        form=form,
        name=_wanted(text, 0, 30, "name"),
        sex=_field(text, 30, 2),
        nation="" if hmt else _field(text, 32, 4),
        birth=_date(text, 36, "birth"),
        address=_field(text, 52, 70),
        id_number=_wanted(text, 122, 36, "number"),
        issuer=_field(text, 158, 30),
        pass_number=_field(text, 220, 18) if hmt else "",
        issue_count=_field(text, 238, 4) if hmt else "",
        **_validity(text),
    )


def _foreigner_2017(text: bytes) -> IdCard:
    return IdCard(
        form=CardForm.FOREIGNER_2017,
        english_name=_field(text, 0, 120),
        sex=_field(text, 120, 2),
        id_number=_wanted(text, 122, 30, "number"),
        country=_field(text, 152, 6),
        name=_field(text, 158, 30) or _wanted(text, 0, 120, "name"),
        issuer=_field(text, 240, 8),
        birth=_date(text, 220, "birth"),
        **_validity(text),
    )


def _foreigner_2023(text: bytes) -> IdCard:
    english = _field(text, 52, 70, strip=False) + _field(text, 220, 22, strip=False)
    english = english.strip(" \0")
    return IdCard(
        form=CardForm.FOREIGNER_2023,
        name=_field(text, 0, 30) or english or _wanted(text, 0, 30, "name"),
        sex=_field(text, 30, 2),
        issue_count=_field(text, 32, 4),
        birth=_date(text, 36, "birth"),
        english_name=english,
        id_number=_wanted(text, 122, 36, "number"),
        country=_field(text, 242, 6),
        **_validity(text),
    )


def _field(text: bytes, offset: int, length: int, *, strip: bool = True) -> str:
    try:
        value = text[offset : offset + length].decode("utf-16-le")
    except UnicodeDecodeError:
        raise Undecodable(f"characters at {offset}") from None
    return value.strip(" \0\u3000") if strip else value.replace("\0", " ")


def _wanted(text: bytes, offset: int, length: int, what: str) -> str:
    value = _field(text, offset, length)
    if not value:
        raise Undecodable(what)
    return value


def _date(text: bytes, offset: int, what: str) -> date | None:
    value = _field(text, offset, 16)
    if not value:
        return None
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        raise Undecodable(what)
    try:
        return datetime.strptime(value, "%Y%m%d").date()
    except ValueError:
        raise Undecodable(what) from None


class _Validity(TypedDict):
    valid_from: date | None
    valid_to: date | None
    long_term: bool


def _validity(text: bytes) -> _Validity:
    long_term = _field(text, 204, 16) == LONG_TERM
    return _Validity(
        valid_from=_date(text, 188, "valid from"),
        valid_to=None if long_term else _date(text, 204, "valid to"),
        long_term=long_term,
    )


def encode(card: IdCard) -> bytes:
    """The 256 bytes of text that a card of `card.form` holds. Raises ValueError for a field too long."""
    fields = {
        CardForm.RESIDENT: _resident_fields,
        CardForm.HMT: _resident_fields,
        CardForm.FOREIGNER_2017: _foreigner_2017_fields,
        CardForm.FOREIGNER_2023: _foreigner_2023_fields,
    }[card.form](card)
    until = LONG_TERM if card.long_term else _day(card.valid_to)
    fields |= {188: (16, _day(card.valid_from)), 204: (16, until)}
    text = bytearray(" ".encode("utf-16-le") * (TEXT_BYTES // 2))
    for offset, (length, value) in fields.items():
        written = value.encode("utf-16-le")
        if len(written) > length:
            raise ValueError(f"the field at {offset} holds {length} bytes")
        text[offset : offset + len(written)] = written
    return bytes(text)


_Fields = dict[int, tuple[int, str]]


def _resident_fields(card: IdCard) -> _Fields:
    fields = {
        0: (30, card.name),
        30: (2, card.sex),
        32: (4, card.nation),
        36: (16, _day(card.birth)),
        52: (70, card.address),
        122: (36, card.id_number),
        158: (30, card.issuer),
    }
    if card.form is CardForm.HMT:
        more = {220: (18, card.pass_number), 238: (4, card.issue_count), 248: (2, card.form.value)}
        return fields | more
    return fields


def _foreigner_2017_fields(card: IdCard) -> _Fields:
    return {
        0: (120, card.english_name),
        120: (2, card.sex),
        122: (30, card.id_number),
        152: (6, card.country),
        158: (30, _chinese_name(card)),
        220: (16, _day(card.birth)),
        240: (8, card.issuer),
        248: (2, card.form.value),
    }


def _foreigner_2023_fields(card: IdCard) -> _Fields:
    return {
        0: (30, _chinese_name(card)),
        30: (2, card.sex),
        32: (4, card.issue_count),
        36: (16, _day(card.birth)),
        52: (70, card.english_name[:35]),
        122: (36, card.id_number),
        220: (22, card.english_name[35:]),
        242: (6, card.country),
        248: (2, card.form.value),
    }


def _chinese_name(card: IdCard) -> str:
    """Blank for a foreigner without one: then the English name is the name."""
    return "" if card.name == card.english_name else card.name


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""
