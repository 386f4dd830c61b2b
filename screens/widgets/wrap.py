"""Breaks a sentence into lines as Chinese and English readers expect, by measure alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

NO_LINE_STARTS_WITH = "，。、；：！？）》」』】”’…％%·,.;:!?)]}"
NO_LINE_ENDS_WITH = "（《「『【“‘([{¥"
COUNTED_BY = "号页次年月日元个张份秒分天处人位种条件项户室层幢"
"""A number stays with the word that it counts: 88 号, 3 页, 5 分."""

LEADING_TO = frozenset("已未不会将可请再由从向被把为与和或最只每本该此")
"""Small words that belong to what follows: no line ends with one."""

PAUSES = "，。；：！？,.;:!?"
"""Where a reader pauses anyway, a line ends best."""

WORDS_FILE = Path(__file__).resolve().parents[2] / "config" / "locale" / "zh_CN" / "words.txt"

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[{_HAN}]+|\s+|[^\s{_HAN}]+")

FIRST_HAN = 0x2E80
"""Below are the scripts that break at spaces."""

BALANCED_LINES = 3
"""So many lines are set to about equal length; more are prose, whose lines are full but the last."""

PAUSE_WORTH = 0.06
"""How much a break at a pause may cost in evenness: shares of the width, squared."""

SHORT_LAST = 0.2
"""A last line shorter than this share of the width looks forgotten."""

Measure = Callable[[str], float]


@lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Chinese words that stay whole. Raises OSError where the list is missing."""
    lines = WORDS_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, words()), default=1)


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Lines of `text` no wider than `width`; a word wider than that is broken inside.

    Chinese breaks between words where they are known, else between any two characters, but no line
    starts with a closing mark or ends with an opening one; English breaks at spaces.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, width, measure))
    return lines or [""]


def balanced(text: str, width: float, measure: Measure) -> list[str]:
    """As few lines as `wrap` needs, broken at pauses rather than elsewhere, none left with one word."""
    lines = wrap(text, width, measure)
    if len(lines) < 2 or "\n" in text:
        return lines
    better = _best_breaks(_units(text), width, len(lines), measure)
    if better is None or any(measure(line) > width for line in better):
        return lines
    return better


def _best_breaks(units: list[str], width: float, count: int, measure: Measure) -> list[str] | None:
    """The units in `count` lines at the least cost; None where they do not go into so many."""
    full = list(accumulate((measure(unit) for unit in units), initial=0.0))
    trailing = [full[i + 1] - full[i] - measure(unit.rstrip()) for i, unit in enumerate(units)]
    target = width if count > BALANCED_LINES else min(width, full[-1] / count)
    # best[end]: the cost of the units before `end` in the lines so far, and where the last begins
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for line in range(count):
        following: dict[int, tuple[float, list[int]]] = {}
        for begin, (cost, breaks) in best.items():
            for end in range(begin + 1, len(units) + 1):
                wide = full[end] - full[begin] - trailing[end - 1]
                if wide > width:
                    break
                last = end == len(units)
                if last != (line == count - 1):
                    continue
                paid = cost + _cost(units[end - 1], wide, width, target, last)
                if end not in following or paid < following[end][0]:
                    following[end] = (paid, [*breaks, end])
        best = following
    if len(units) not in best:
        return None
    ends = best[len(units)][1]
    return ["".join(units[a:b]).rstrip() for a, b in zip([0, *ends], ends, strict=False)]


def _cost(ending: str, wide: float, width: float, target: float, last: bool) -> float:
    """What a line of this width costs that ends with the unit `ending`."""
    prose = target == width
    if last and prose:
        return 1.0 if wide < width * SHORT_LAST else 0.0
    uneven = ((target - wide) / width) ** 2
    if prose or last or ending.rstrip()[-1:] in PAUSES:
        return uneven
    return uneven + PAUSE_WORTH


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
    """Pieces that stay together: a word, a number and what it counts, with the marks that cling."""
    units: list[str] = []
    last = " "
    for piece in _pieces(text):
        before = units[-1] if units else ""
        clings = piece[0] in NO_LINE_STARTS_WITH or piece.isspace()
        opened = before[-1:] in NO_LINE_ENDS_WITH or before == "*" or last in LEADING_TO
        counted = piece[0] in COUNTED_BY and before.rstrip()[-1:].isdecimal()
        if before and (clings or opened or counted):
            units[-1] += piece
        else:
            units.append(piece)
        last = piece
    return units


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for run in _PIECES.findall(text):
        if ord(run[0]) < FIRST_HAN:
            pieces.append(run)
        else:
            pieces.extend(_split(run))
    return pieces


def _split(run: str) -> list[str]:
    """Chinese characters, in the longest words that are known."""
    known, longest = words(), _longest()
    pieces: list[str] = []
    while run:
        size = min(longest, len(run))
        while size > 1 and run[:size] not in known:
            size -= 1
        pieces.append(run[:size])
        run = run[size:]
    return pieces


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
