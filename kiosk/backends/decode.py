"""Reads an answer's JSON strictly into data, or says where it breaks the contract.

Written by hand because the error must name the place by our own words and never carry a value: an
answer is full of personal data. Unknown fields are ignored, so that a department may add one;
what the contract names must be there and of its kind. Texts go to paper and screen, so control
characters are refused here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

TEXT_MAX = 500
"""Characters in one text: the longest location of a property has about 120."""

LINK_MAX = 2000
"""Characters in an address that becomes a QR code (ISO/IEC 18004: 2953 bytes at level L)."""

ITEMS_MAX = 1000
"""Entries of a list: an answer with more is not one that a person reads on a terminal."""

FEN_MAX = 10**13
"""Far above any bill here and well within 64 bits."""

YEARS = (1990, 2200)
"""Years that an answer may speak of: others overflow where a time is told in the hall's own zone."""

CHINA = timezone(timedelta(hours=8), "CST")
"""One zone without summer time since 1992, whatever offset a department writes."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LINK = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.ASCII)
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, lone surrogates, line separators
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the characters after it round (UAX #9, 2): 1.00 could be read 00.1."""


class Garbled(ValueError):
    """An answer that is not of the contract: names the place, never the value."""


def read_json(body: bytes) -> object:
    """The document in `body`. Raises Garbled; a key given twice, NaN and Infinity are refused."""
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Garbled("not JSON") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Garbled("a key twice")
    return members


def _refuse_constant(_: str) -> object:
    raise Garbled("not a number")


class Fields:
    """The members of one JSON object; every method raises Garbled for a member not as asked."""

    def __init__(self, value: object, at: str = "") -> None:
        if not isinstance(value, dict):
            raise Garbled(f"{at or 'answer'}: not an object")
        self._members: dict[str, object] = value
        self._at = f"{at}." if at else ""

    def _refuse(self, name: str, what: str) -> Garbled:
        return Garbled(f"{self._at}{name}: {what}")

    def _member(self, name: str) -> object:
        if name not in self._members:
            raise self._refuse(name, "missing")
        return self._members[name]

    def has(self, name: str) -> bool:
        """Whether the member is there: of one that a department may leave out."""
        return name in self._members

    def is_null(self, name: str) -> bool:
        return self._member(name) is None

    def inside(self, name: str) -> Fields:
        """The members of the object that `name` holds."""
        return Fields(self._member(name), f"{self._at}{name}")

    def text(self, name: str, *, empty: bool = False, longest: int = TEXT_MAX) -> str:
        """A text of printable characters; `empty` allows "" too."""
        value = self._member(name)
        if not isinstance(value, str):
            raise self._refuse(name, "not a text")
        if not value and not empty:
            raise self._refuse(name, "empty")
        if len(value) > longest:
            raise self._refuse(name, "too long")
        if any(unicodedata.category(c) in _UNPRINTABLE or c in _TURNING for c in value):
            raise self._refuse(name, "unprintable")
        return value

    def shaped(self, name: str, pattern: re.Pattern[str]) -> str:
        """A text that matches `pattern` from end to end."""
        value = self.text(name)
        if not pattern.fullmatch(value):
            raise self._refuse(name, "not of its form")
        return value

    def link(self, name: str, *, empty: bool = False) -> str:
        """An address with a scheme (https:, weixin:), of visible ASCII only."""
        value = self.text(name, empty=empty, longest=LINK_MAX)
        if value and not _LINK.fullmatch(value):
            raise self._refuse(name, "not an address")
        return value

    def integer(self, name: str, lowest: int = 0, highest: int = FEN_MAX) -> int:
        value = self._member(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._refuse(name, "not an integer")
        if not lowest <= value <= highest:
            raise self._refuse(name, "out of range")
        return value

    def flag(self, name: str) -> bool:
        value = self._member(name)
        if not isinstance(value, bool):
            raise self._refuse(name, "not true or false")
        return value

    def day(self, name: str) -> date:
        """A date, YYYY-MM-DD."""
        value = self.shaped(name, _DAY)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self._refuse(name, "not a date") from None

    def moment(self, name: str) -> datetime:
        """A time, RFC 3339 with its offset; told in China's, which screen and paper show."""
        value = self.shaped(name, _MOMENT)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self._refuse(name, "not a time") from None
        if not YEARS[0] <= moment.year <= YEARS[1]:
            raise self._refuse(name, "out of range")
        return moment.astimezone(CHINA)

    def choice(self, name: str, among: type[E]) -> E:
        value = self.text(name)
        if value not in among.__members__.values():
            raise self._refuse(name, "none of its values")
        return among(value)

    def each(self, name: str, decode: Callable[[Fields], T]) -> tuple[T, ...]:
        """A list of objects."""
        value = self._member(name)
        if not isinstance(value, list):
            raise self._refuse(name, "not a list")
        if len(value) > ITEMS_MAX:
            raise self._refuse(name, "too long")
        return tuple(
            decode(Fields(item, f"{self._at}{name}[{index}]")) for index, item in enumerate(value)
        )
