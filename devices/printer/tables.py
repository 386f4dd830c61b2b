"""Tables on a receipt: cells under each other in columns, Chinese counted as two. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from devices.printer.columns import clean, width, wrap
from devices.printer.layout import Align, Column, Table

GAP = 1
NARROWEST = 2
"""Columns of a cell, at least: one hanzi."""


def table_lines(table: Table, columns: int) -> Iterator[tuple[str, bool]]:
    """The table's lines of paper on `columns` columns, and whether each is bold.

    Columns that have no room, even at two columns each, are set as lines of their own.
    """
    widths = column_widths(table.columns, columns)
    for number, cells in enumerate(table.rows):
        bold = table.bold_head and number == 0
        if widths is None:
            for cell in cells:
                yield from ((line, bold) for line in wrap(cell, columns))
            continue
        texts = [*cells, *[""] * (len(widths) - len(cells))][: len(widths)]
        wrapped = [wrap(clean(t).strip(" "), w) for t, w in zip(texts, widths, strict=True)]
        for parts in zip_longest(*wrapped, fillvalue=""):
            line = (" " * GAP).join(
                _set(part, wide, column.align)
                for part, wide, column in zip(parts, widths, table.columns, strict=True)
            )
            yield line.rstrip(" "), bold


def column_widths(given: tuple[Column, ...], columns: int) -> list[int] | None:
    """How the paper's columns are shared out, all of them, the gaps taken off; None without room."""
    room = columns - GAP * (len(given) - 1)
    if not given or room < NARROWEST * len(given):
        return None
    spare = room - NARROWEST * len(given)
    shares = [max(column.share, 0) for column in given]
    whole = sum(shares)
    if not whole:
        shares, whole = [1] * len(given), len(given)
    widths = [NARROWEST + spare * share // whole for share in shares]
    widths[shares.index(max(shares))] += room - sum(widths)
    return widths


def _set(text: str, wide: int, align: Align) -> str:
    left = wide - width(text)
    match align:
        case Align.LEFT:
            return text + " " * left
        case Align.RIGHT:
            return " " * left + text
        case Align.CENTER:
            return " " * (left // 2) + text + " " * (left - left // 2)
