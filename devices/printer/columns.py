"""Text in the columns of a receipt printer: what may be sent, how wide it is, where it wraps.

Pure. A character of the printer's own set (GBK) is as many columns wide as it has bytes, which is
what the ROM font does; all others are drawn by us, in one or two columns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MISSING = "〓"
"""The geta mark, set since lead type where a character is missing; in GBK as A1FE."""

REPLACED = {"¥": "￥", "\u2011": "-", "\u00ad": ""}
"""U+00A5 is no GBK and 4 bytes of GB18030: "0 6" on paper (PROTOCOLS.md A)."""

NEVER_FIRST = frozenset("，。、；：？！）》」』】〕〉”’％℃…·,.;:?!)]}%")
NEVER_LAST = frozenset("（《「『【〔〈“‘￥([{")


def clean(text: str) -> str:
    """`text` with nothing left that a printer could take for a command.

    Control characters and line breaks become spaces, invisible format characters vanish, what is
    no character (lone surrogates, private use, unassigned) becomes the geta mark.
    """
    return "".join(map(_clean_one, unicodedata.normalize("NFC", text)))


def _clean_one(char: str) -> str:
    if char in REPLACED:
        return REPLACED[char]
    match unicodedata.category(char):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return "\u3000" if char == "\u3000" else " "
        case "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return MISSING
        case _:
            return char


def printable(text: str) -> bytes | None:
    """`text` in the printer's own character set, or None where some of it must be drawn."""
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return None


def width(text: str) -> int:
    """Columns that `text` (cleaned) takes at normal size."""
    return sum(map(char_width, text))


def char_width(char: str) -> int:
    """Columns of one character: 0 for a combining mark, else 1 or 2."""
    own = printable(char)
    if own is not None:
        return len(own)
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` (at least 2) columns; at least one line, maybe empty.

    Breaks at spaces and between hanzi, within a word only where it is wider than the paper; no
    line begins with closing punctuation while there is room for what precedes it.
    """
    lines = [""]
    used = 0
    for unit in _units(clean(text)):
        for part in _parts(unit, columns):
            size = width(part)
            if used + size > columns and used:
                lines[-1] = lines[-1].rstrip(" ")
                lines.append("")
                used = 0
                if part.isspace():
                    continue
            lines[-1] += part
            used += size
    lines[-1] = lines[-1].rstrip(" ")
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def _parts(unit: str, columns: int) -> Iterator[str]:
    """`unit` whole where it fits a line, else in pieces that do."""
    if width(unit) <= columns:
        yield unit
        return
    piece, used = "", 0
    for cluster in clusters(unit):
        if used + width(cluster) > columns and piece:
            yield piece
            piece, used = "", 0
        piece += cluster
        used += width(cluster)
    yield piece


def _units(text: str) -> Iterator[str]:
    """What is kept together: words, spaces, hanzi with the punctuation that belongs to them."""
    unit = ""
    for cluster in clusters(text):
        if unit and _may_break(unit[-1] if len(unit) == 1 else unit, cluster):
            yield unit
            unit = ""
        unit += cluster
    if unit:
        yield unit


def _may_break(before: str, after: str) -> bool:
    last, first = before[-1], after[0]
    if (last == " ") != (first == " "):
        return True
    if first in NEVER_FIRST or last in NEVER_LAST:
        return False
    return width(last) == 2 or width(first) == 2


def clusters(text: str) -> Iterator[str]:
    """Characters of `text`, each with the combining marks that sit on it."""
    cluster = ""
    for char in text:
        if cluster and char_width(char) > 0:
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster
