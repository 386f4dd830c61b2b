"""The administrative divisions of today: provinces, prefectures and counties by their GB/T 2260 codes.

The table is python-stdnum's (LGPL-2.1-or-later), kept there from the published lists; of a code that
had several names only the one without an end year counts. It is read at the first question, 30 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_NAME = re.compile(r"(?:\[\d*-(?P<until>\d*)\])?(?P<name>[^\[\]]+)")
"""A name in the table: with the years it was valid in brackets, where they are known."""

FORMAL = frozenset(
    {"市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位", "省直辖县级行政区划"}
)
"""Names of groups, not of places: left out where a whole name is said."""


Rows = list[tuple[int, str, str, dict[str, str], Any]]
"""What `stdnum.numdb` holds below a prefix: length, lowest, highest, properties, and what is below."""


@dataclass(frozen=True, slots=True)
class Division:
    """A division: its code of six digits and its own name."""

    code: str
    name: str


def provinces() -> tuple[Division, ...]:
    """Every province, autonomous region, municipality and special region."""
    return _table()[""]


def children(code: str) -> tuple[Division, ...]:
    """What lies directly below `code`; nothing below a county, or below a code that is none.

    A prefecture without counties (Dongguan) and a region without prefectures (Taiwan) has none:
    it can be chosen itself.
    """
    return _table().get(code, ())


def parent(code: str) -> str:
    """The code above: a county's prefecture, a prefecture's province, "" above a province."""
    if code.endswith("0000"):
        return ""
    return f"{code[:2]}0000" if code.endswith("00") else f"{code[:4]}00"


def name(code: str) -> str:
    """The whole name, from the province down: 山东省威海市乳山市; "" for a code that is none today."""
    names = _names()
    if code not in names:
        return ""
    line = [code]
    while line[0] and (above := parent(line[0])):
        line.insert(0, above)
    return "".join(names[one] for one in line if names[one] not in FORMAL)


def own_name(code: str) -> str:
    """The name without what it lies in: 乳山市; "" for a code that is none today."""
    return _names().get(code, "")


def is_whole(code: str) -> bool:
    """Whether `code` can be chosen: it exists today and nothing lies below it."""
    return code in _names() and not children(code)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {one.code: one.name for group in _table().values() for one in group}


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[Division, ...]]:
    from stdnum import numdb

    below: dict[str, list[Division]] = {"": []}
    for _, province, _, properties, counties in numdb.get("cn/loc").prefixes:
        top = f"{province}0000"
        own = properties["province"]
        for code, today in _of_today(province, counties):
            if code == top:
                own = today
            else:
                below.setdefault(parent(code), []).append(Division(code, today))
        below[""].append(Division(top, own))
    return {
        code: tuple(one for one in group if one.name not in FORMAL or one.code in below)
        for code, group in below.items()
    }


def _of_today(province: str, counties: Rows) -> Iterator[tuple[str, str]]:
    for _, code, _, properties, _ in counties:
        for text in properties["county"].split(","):
            match = _NAME.fullmatch(text)
            if match and not match["until"]:
                yield province + code, match["name"]
