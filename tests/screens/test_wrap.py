"""Lines break where Chinese and English readers expect, and never lose a character."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from screens.widgets.wrap import NO_LINE_STARTS_WITH, WORDS_FILE, balanced, wrap

TEXT = st.text(alphabet="缴费成功已入账请核对，。（）abcDEF 12¥*·", max_size=60)


def measure(text: str) -> float:
    """Chinese one wide, Latin half."""
    return sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text)


def test_chinese_breaks_between_characters_but_not_before_a_mark() -> None:
    assert wrap("甲乙丙丁，戊己庚", 4, measure) == ["甲乙丙", "丁，戊己", "庚"]


def test_a_line_does_not_end_inside_a_word() -> None:
    assert wrap("请打开支付宝的付款码", 5, measure) == ["请打开", "支付宝的", "付款码"]


def test_a_word_wider_than_the_line_is_broken_inside() -> None:
    assert wrap("支付宝", 2, measure) == ["支付", "宝"]


def test_a_number_stays_with_what_it_counts() -> None:
    assert wrap("请取走 88 页", 4.5, measure) == ["请取走", "88 页"]


def test_a_small_word_stays_with_what_it_leads_to() -> None:
    assert wrap("¥1,000.00 已由社保局入账", 7, measure) == ["¥1,000.00", "已由社保局入账"]


def test_a_line_ends_at_a_pause_rather_than_in_mid_sentence() -> None:
    # GIVEN a sentence that would be more even with its break three characters later
    sentence = "凭条打印机暂不可用，办完后可用手机扫码带走。"

    # THEN it breaks at its comma
    assert balanced(sentence, 17, measure) == ["凭条打印机暂不可用，", "办完后可用手机扫码带走。"]


def test_prose_does_not_leave_one_short_word_on_its_last_line() -> None:
    # GIVEN prose of more than three lines whose last word would stand alone
    prose = "Residents from sixteen years on who are not at school and not insured, no. 8"
    assert wrap(prose, 13, measure)[-1] == "no. 8"

    # THEN a word before it keeps it company
    assert balanced(prose, 13, measure)[-1] == "insured, no. 8"


def test_the_list_of_words_holds_short_chinese_words_in_order() -> None:
    listed = [line for line in WORDS_FILE.read_text("utf-8").splitlines() if line[0] != "#"]
    assert listed == sorted(set(listed))
    assert all(re.fullmatch("[\u4e00-\u9fff]{2,4}", word) for word in listed)


def test_english_breaks_at_spaces() -> None:
    assert wrap("Lay your card", 4, measure) == ["Lay your", "card"]


def test_an_opening_mark_stays_with_what_it_opens() -> None:
    assert wrap("国务院（国发", 4, measure) == ["国务院", "（国发"]


def test_a_long_number_is_broken_inside() -> None:
    assert wrap("371083001001GB00001", 4, measure) == ["37108300", "1001GB00", "001"]


def test_two_lines_share_their_words() -> None:
    assert balanced("城乡居民养老保险费", 8, measure) == ["城乡居民", "养老保险费"]


@given(TEXT, st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = balanced(text, width, measure)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        clinging = sum(1 for c in line if c in NO_LINE_STARTS_WITH or c in "（¥")
        assert measure(line) <= width or clinging or len(line) == 1
