"""Finds what must never be on a picture: cut text, labels over one another, small targets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

LEAST_TARGET_PX = 96
"""SCREENS.md, touch: targets at least 96×96 px."""

LEAST_FONT_PX = 24
SLACK_PX = 2


def faults(page: Any) -> list[str]:
    """What is wrong with a page, in words; empty where nothing is."""
    from screens.widgets.text import TextBlock
    from screens.widgets.touchable import Touchable

    blocks = list(_blocks(page))
    texts = [block for block in blocks if isinstance(block, TextBlock) and block.text]
    targets = [block for block in blocks if isinstance(block, Touchable)]
    found = [f"cut: {text.text!r}" for text in texts if not text.whole]
    found += [
        f"outside: {_name(block)}" for block in (*texts, *targets) if not _inside(block, page)
    ]
    found += [
        f"over one another: {_name(a)} and {_name(b)}"
        for a, b in combinations(texts, 2)
        if _overlap(_ink(a), _ink(b))
    ]
    found += [
        f"over one another: {_name(a)} and {_name(b)}"
        for a, b in combinations(targets, 2)
        if _overlap(_frame(a), _frame(b)) and a not in _ancestors(b) and b not in _ancestors(a)
    ]
    found += [
        f"small target: {_name(target)}"
        for target in targets
        if target.role != "logo" and min(target.size) < LEAST_TARGET_PX - SLACK_PX
    ]
    found += [
        f"small type: {text.text!r} at {text.font_px * text.shrunk:.0f} px"
        for text in texts
        if text.font_px * text.shrunk < LEAST_FONT_PX
    ]
    return found


def _blocks(page: Any) -> Iterator[Any]:
    for child in page.children:
        yield child
        yield from _blocks(child)


def _name(block: Any) -> str:
    return repr(getattr(block, "role", "") or getattr(block, "text", ""))


def _frame(block: Any) -> tuple[float, float, float, float]:
    return block.x, block.y, block.right, block.top


def _ink(text: Any) -> tuple[float, float, float, float]:
    """Where glyphs may be: the block's middle, less the air between lines."""
    air = min(text.height / 4, text.font_px * 0.2)
    return text.x, text.y + air, text.right, text.top - air


def _inside(block: Any, page: Any) -> bool:
    left, low, right, top = _frame(block)
    return (
        left >= page.x - SLACK_PX
        and low >= page.y - SLACK_PX
        and right <= page.right + SLACK_PX
        and top <= page.top + SLACK_PX
    )


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    across = min(a[2], b[2]) - max(a[0], b[0])
    along = min(a[3], b[3]) - max(a[1], b[1])
    return across > SLACK_PX and along > SLACK_PX


def _ancestors(block: Any) -> Iterator[Any]:
    parent = block.parent
    while parent is not None and parent is not parent.parent:
        yield parent
        parent = parent.parent
