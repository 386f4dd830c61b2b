"""Breaks a sentence into lines as Chinese and English readers expect, by measure alone."""

from __future__ import annotations

import re
from collections.abc import Callable

NO_LINE_STARTS_WITH = "，。、；：！？）》」』】”’…％%·,.;:!?)]}"
NO_LINE_ENDS_WITH = "（《「『【“‘([{¥"

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[{_HAN}]|\s+|[^\s{_HAN}]+")

BALANCED_LINES = 3

Measure = Callable[[str], float]


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Lines of `text` no wider than `width`; a word wider than that is broken inside.

    Chinese breaks between any two characters, but no line starts with a closing mark or ends with
    an opening one; English breaks at spaces.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, width, measure))
    return lines or [""]


def balanced(text: str, width: float, measure: Measure) -> list[str]:
    """As few lines as `wrap` needs; where they are few, of about equal length: none of one word."""
    lines = wrap(text, width, measure)
    if not 1 < len(lines) <= BALANCED_LINES or "\n" in text:
        return lines
    low, high = width / 2, width
    while high - low > width / 50:
        middle = (low + high) / 2
        if len(wrap(text, middle, measure)) > len(lines):
            low = middle
        else:
            high = middle
    return wrap(text, high, measure)


def _wrap_paragraph(text: str, width: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    line = ""
    for unit in _units(text):
        if not line or measure((line + unit).rstrip()) <= width:
            line += unit
        else:
            lines.append(line.rstrip())
            line = unit.lstrip()
        while measure(line.rstrip()) > width and len(line) > 1:
            head = _head(line, width, measure)
            lines.append(line[:head])
            line = line[head:]
    return [*lines, line.rstrip()]


def _units(text: str) -> list[str]:
    """Pieces that stay together: a word, a character with the marks that cling to it."""
    units: list[str] = []
    for piece in _PIECES.findall(text):
        clings = piece[0] in NO_LINE_STARTS_WITH or piece.isspace()
        opened = units and units[-1][-1] in NO_LINE_ENDS_WITH
        if units and (clings or opened):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def _head(word: str, width: float, measure: Measure) -> int:
    """How many characters of a too long word fit: at least one."""
    low, high = 1, len(word) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if measure(word[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
