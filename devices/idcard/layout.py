"""The card's data, as pure functions: the parts of a read answer, and the text in its four layouts.

Offsets are those of PROTOCOLS.md B. The text is UTF-16LE, so that a rare character takes four bytes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict

from devices.idcard.record import CardForm, IdCard

TEXT_BYTES = 256

LONG_TERM = "长期"


class Undecodable(ValueError):
    """The card's data make no sense; the message names the field, never its value."""


def text_of(data: bytes) -> bytes:
    """The text part of a read answer, by its declared lengths. Raises Undecodable.

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


def new_address_of(data: bytes) -> str:
    """The address of a `new address` answer: as long as the answer is. Raises Undecodable."""
    if len(data) % 2:
        raise Undecodable("length of the new address")
    return _field(data, 0, len(data))


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
