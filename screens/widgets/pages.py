"""Groups entries of a list into pages, by measure alone."""

from __future__ import annotations

from collections.abc import Sequence


def pages_of(heights: Sequence[float], gap: float, room: float) -> list[range]:
    """Consecutive entries grouped so that each group fits into `room`; an entry is never split."""
    pages: list[range] = []
    start, used = 0, 0.0
    for index, height in enumerate(heights):
        wanted = height if index == start else used + gap + height
        if index > start and wanted > room:
            pages.append(range(start, index))
            start, wanted = index, height
        used = wanted
    pages.append(range(start, len(heights)))
    return pages
