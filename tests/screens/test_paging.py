"""Pages hold whole entries, all of them, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screens.widgets.pages import pages_of

HEIGHTS = st.lists(st.integers(1, 500), min_size=1, max_size=40)


@given(HEIGHTS, st.integers(0, 40), st.integers(1, 1200))
def test_every_entry_is_on_one_page_in_order(heights: list[int], gap: int, room: int) -> None:
    pages = pages_of(heights, gap, room)
    assert [index for page in pages for index in page] == list(range(len(heights)))


@given(HEIGHTS, st.integers(0, 40), st.integers(500, 1200))
def test_no_page_is_higher_than_its_room(heights: list[int], gap: int, room: int) -> None:
    for page in pages_of(heights, gap, room):
        used = sum(heights[index] for index in page) + gap * (len(page) - 1)
        assert used <= room
