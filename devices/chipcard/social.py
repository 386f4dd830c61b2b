"""The social-security card's public data: records of the chip to data and back, no reader.

The application's name, its two files and their records are as public driver sources read them
(xinhw/ReloadDaemonDll, a7082633/HDOS_VC6 and others agree); the ministry's card standard itself was
not at hand. Therefore each fact stands in a `Layout`, and a hall whose cards differ brings another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType


class Item(StrEnum):
    """What a record holds."""

    CARD_ID = "card id"  # 卡识别码
    CARD_CLASS = "card class"  # 卡类别
    VERSION = "version"  # 规范版本
    ISSUER = "issuer"  # 初始化机构编号
    ISSUED = "issued"  # 发卡日期
    VALID_UNTIL = "valid until"  # 卡有效期
    CARD_NUMBER = "card number"  # 卡号
    ID_NUMBER = "id number"  # 社会保障号码
    NAME = "name"  # 姓名
    NAME_REST = "rest of the name"  # 姓名扩展
    SEX = "sex"  # 性别
    NATION = "nation"  # 民族
    BIRTHPLACE = "birthplace"  # 出生地
    BIRTH = "birth"  # 出生日期


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a card keeps what: the application's name, short file identifiers, a tag for each item.

    Records are found by their tags, since their places differ between the generations of cards.
    `holder_file` may be protected; `confirmed` tells whether a real card was ever read with it.
    """

    application: bytes
    card_file: int
    holder_file: int
    tags: Mapping[int, Item]
    encoding: str = "gb18030"
    confirmed: bool = False


SOCIAL_SECURITY = Layout(
    application="sx1.sh.社会保障".encode("gbk"),
    card_file=0x05,
    holder_file=0x06,
    tags=MappingProxyType(
        {
            0x01: Item.CARD_ID,
            0x02: Item.CARD_CLASS,
            0x03: Item.VERSION,
            0x04: Item.ISSUER,
            0x05: Item.ISSUED,
            0x06: Item.VALID_UNTIL,
            0x07: Item.CARD_NUMBER,
            0x08: Item.ID_NUMBER,
            0x09: Item.NAME,
            0x4E: Item.NAME_REST,
            0x0A: Item.SEX,
            0x0B: Item.NATION,
            0x0C: Item.BIRTHPLACE,
            0x0D: Item.BIRTH,
        }
    ),
)
"""The tag of the name's rest and the encoding beyond GBK are common knowledge, not confirmed."""

PADDING = " \0\xff"
PADDING_BYTES = b"\xff\x00"


class Undecodable(ValueError):
    """A record makes no sense; the message names the item, never its value."""


@dataclass(frozen=True, slots=True, repr=False)
class Holder:
    """Whose card it is. `sex` is GB/T 2261.1, `nation` GB/T 3304, `birthplace` GB/T 2260."""

    id_number: str
    name: str
    sex: str = ""
    nation: str = ""
    birthplace: str = ""
    birth: date | None = None

    def __repr__(self) -> str:
        return "Holder(***)"


@dataclass(frozen=True, slots=True, repr=False)
class SocialCard:
    """What a social-security card says to everybody. `holder` is None where the card protects it."""

    card_number: str
    card_id: str
    card_class: str = ""
    version: str = ""
    issuer: str = ""
    issued: date | None = None
    valid_until: date | None = None
    holder: Holder | None = None

    def __repr__(self) -> str:
        return "SocialCard(***)"


Items = Mapping[Item, bytes]


def record_of(data: bytes, layout: Layout) -> tuple[Item, bytes] | None:
    """A record's item and value; None for a tag that this layout does not know. Raises Undecodable."""
    if len(data) < 2 or data[1] != len(data) - 2:
        raise Undecodable("record")
    item = layout.tags.get(data[0])
    return None if item is None else (item, data[2:])


def card_of(items: Items, layout: Layout) -> SocialCard:
    """The card of its first file's items. Raises Undecodable."""
    return SocialCard(
        card_number=_wanted(items, Item.CARD_NUMBER, layout),
        card_id=_digits(items, Item.CARD_ID),
        card_class=_text(items, Item.CARD_CLASS, layout),
        version=_text(items, Item.VERSION, layout),
        issuer=_digits(items, Item.ISSUER),
        issued=_date(items, Item.ISSUED),
        valid_until=_date(items, Item.VALID_UNTIL),
    )


def holder_of(items: Items, layout: Layout) -> Holder:
    """The holder of the second file's items. Raises Undecodable."""
    return Holder(
        id_number=_wanted(items, Item.ID_NUMBER, layout),
        name=_joined_name(items, layout),
        sex=_text(items, Item.SEX, layout),
        nation=_digits(items, Item.NATION),
        birthplace=_digits(items, Item.BIRTHPLACE),
        birth=_date(items, Item.BIRTH),
    )


def card_records(card: SocialCard, layout: Layout) -> list[bytes]:
    """The records of a card's first file, for a simulated card and tests."""
    values = {
        Item.CARD_ID: bytes.fromhex(card.card_id),
        Item.CARD_CLASS: card.card_class.encode("ascii"),
        Item.VERSION: card.version.encode("ascii"),
        Item.ISSUER: bytes.fromhex(card.issuer),
        Item.ISSUED: _day_bytes(card.issued),
        Item.VALID_UNTIL: _day_bytes(card.valid_until),
        Item.CARD_NUMBER: card.card_number.encode("ascii"),
    }
    return _records(values, layout)


NAME_BYTES = 30


def holder_records(holder: Holder, layout: Layout) -> list[bytes]:
    """The records of a card's second file."""
    name = holder.name.encode(layout.encoding)
    values = {
        Item.ID_NUMBER: holder.id_number.encode("ascii"),
        Item.NAME: name[:NAME_BYTES].ljust(NAME_BYTES, b"\0"),
        Item.NAME_REST: name[NAME_BYTES:].ljust(20, b"\0"),
        Item.SEX: holder.sex.encode("ascii"),
        Item.NATION: bytes.fromhex(holder.nation),
        Item.BIRTHPLACE: bytes.fromhex(holder.birthplace),
        Item.BIRTH: _day_bytes(holder.birth),
    }
    return _records(values, layout)


def _records(values: Mapping[Item, bytes], layout: Layout) -> list[bytes]:
    tags = {item: tag for tag, item in layout.tags.items()}
    return [bytes([tags[item], len(value)]) + value for item, value in values.items()]


def _joined_name(items: Items, layout: Layout) -> str:
    """The name: a character may begin in the one record and end in the other."""
    first, rest = items.get(Item.NAME, b""), items.get(Item.NAME_REST, b"")
    joined = {**items, Item.NAME: first + rest.rstrip(PADDING_BYTES)}
    return _wanted(joined, Item.NAME, layout)


def _wanted(items: Items, item: Item, layout: Layout) -> str:
    value = _text(items, item, layout)
    if not value:
        raise Undecodable(item.value)
    return value


def _text(items: Items, item: Item, layout: Layout) -> str:
    try:
        text = items.get(item, b"").rstrip(PADDING_BYTES).decode(layout.encoding)
    except UnicodeDecodeError:
        raise Undecodable(item.value) from None
    text = text.strip(PADDING)
    if not text.isprintable():
        raise Undecodable(item.value)
    return text


def _digits(items: Items, item: Item) -> str:
    return items.get(item, b"").hex().upper()


def _date(items: Items, item: Item) -> date | None:
    """Four bytes, two digits each; None where the card leaves them blank."""
    value = items.get(item, b"")
    if not value.strip(b"\0\xff"):
        return None
    if len(value) != 4:
        raise Undecodable(item.value)
    try:
        return datetime.strptime(value.hex(), "%Y%m%d").date()
    except ValueError:
        raise Undecodable(item.value) from None


def _day_bytes(day: date | None) -> bytes:
    return bytes.fromhex(day.strftime("%Y%m%d")) if day else bytes(4)
