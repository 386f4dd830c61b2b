"""Where the keys of each kind of field lie: cells of a grid of equal columns and rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.views import Field, FieldKind
from screens.keyboard.typing import WRITTEN, Mode


@dataclass(frozen=True, slots=True)
class Place:
    """A key's cell, columns from the left and rows from above; `columns`, `rows` are how many it takes."""

    key: str
    column: int
    row: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """A keyboard: how many columns and rows, and its keys. With `bar`, row 0 is for candidates."""

    columns: int
    rows: int
    keys: tuple[Place, ...]
    bar: bool = False


def layout(field: Field, mode: Mode, *, pinyin: bool) -> Layout:
    """The keyboard of a field that is typed, not chosen."""
    if field.kind in WRITTEN:
        return _written(mode, pinyin)
    if field.kind in (FieldKind.CREDIT_CODE, FieldKind.NUMBER):
        return _numbered()
    return _digits({FieldKind.ID_NUMBER: "X", FieldKind.AMOUNT: "."}.get(field.kind, ""))


def _digits(further: str) -> Layout:
    keys = _rows(("123", "456", "789"), first=0)
    keys.append(Place("0", 1 if further else 0, 3, 2 if further else 3))
    if further:
        keys.append(Place(further, 0, 3))
    sides = ("delete", "clear")
    keys += [Place(key, 3, row) for row, key in enumerate(sides)]
    keys.append(Place("confirm", 3, 2, 1, 2))
    return Layout(4, 4, tuple(keys))


def _numbered() -> Layout:
    keys = _rows(("1234567", "890ABCD", "EFGHIJK", "LMNOPQR", "STUVWXY", "Z-"), first=0)
    keys += [Place("clear", 2, 5), Place("delete", 3, 5), Place("confirm", 4, 5, 3)]
    return Layout(7, 6, tuple(keys))


LETTER_ROWS = ("abcdefg", "hijklmn", "opqrstu", "vwxyz")
SYMBOL_ROWS = ("1234567", "890-.@/", "，。、：；？！", "（）《》“”")


def _written(mode: Mode, pinyin: bool) -> Layout:
    symbols = mode is Mode.SYMBOLS
    keys = _rows(SYMBOL_ROWS if symbols else LETTER_ROWS, first=1)
    if symbols:
        keys.append(Place("delete", 6, 4))
    else:
        keys += [Place("'" if mode is Mode.PINYIN else "·", 5, 4), Place("delete", 6, 4)]
    switches = {
        Mode.PINYIN: ("latin", "symbols"),
        Mode.LATIN: ("pinyin" if pinyin else "shift", "symbols"),
        Mode.SYMBOLS: ("pinyin" if pinyin else "latin", "latin"),
    }[mode]
    below = list(dict.fromkeys(switches))
    if mode is Mode.LATIN and pinyin:
        below.append("shift")
    keys += [Place(key, column, 5) for column, key in enumerate(below)]
    taken = len(below)
    keys += [Place("space", taken, 5, 5 - taken), Place("confirm", 5, 5, 2)]
    return Layout(7, 6, tuple(keys), bar=True)


def _rows(rows: Sequence[str], first: int) -> list[Place]:
    return [
        Place(key, column, first + row)
        for row, keys in enumerate(rows)
        for column, key in enumerate(keys)
    ]
