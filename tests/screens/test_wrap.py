"""Lines break where Chinese and English readers expect, and never lose a character."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screens.widgets.wrap import NO_LINE_STARTS_WITH, balanced, wrap

TEXT = st.text(alphabet="缴费成功已入账请核对，。（）abcDEF 12¥*·", max_size=60)


def measure(text: str) -> float:
    """Chinese one wide, Latin half."""
    return sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text)


def test_chinese_breaks_between_characters_but_not_before_a_mark() -> None:
    assert wrap("请核对缴费，再确认", 5, measure) == ["请核对缴", "费，再确认"]


def test_english_breaks_at_spaces() -> None:
    assert wrap("Lay your card", 4, measure) == ["Lay your", "card"]


def test_an_opening_mark_stays_with_what_it_opens() -> None:
    assert wrap("国务院（国发", 4, measure) == ["国务院", "（国发"]


def test_a_long_number_is_broken_inside() -> None:
    assert wrap("371083001001GB00001", 4, measure) == ["37108300", "1001GB00", "001"]


def test_two_lines_share_their_words() -> None:
    assert balanced("城乡居民养老保险费", 8, measure) == ["城乡居民养", "老保险费"]


@given(TEXT, st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = balanced(text, width, measure)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        clinging = sum(1 for c in line if c in NO_LINE_STARTS_WITH or c in "（¥")
        assert measure(line) <= width or clinging or len(line) == 1
