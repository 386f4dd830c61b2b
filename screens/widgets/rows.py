"""Labels with their values: one row, a card of them, and cards that page where they are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kivy.graphics import Color, Rectangle

from kiosk.views import Chart, Section
from kiosk.views import Row as ViewRow
from screens.look import Look
from screens.theme import BODY, HEADING, INK, LINE, MUTED, PRIMARY
from screens.widgets.block import Block, Column
from screens.widgets.chart import chart_card
from screens.widgets.paging import Paged
from screens.widgets.text import TextBlock

VALUE_LEAST = 0.52
"""Where the value would get less of the row than this, it stands below its label."""

STRONG = 52

LEAST_PAGE = 640
"""A page of sections is never lower than this (design pixels): some rows and the page buttons."""


class ValueRow(Block):
    """A label on the left, its value on the right; a thin line below all but the last."""

    def __init__(self, look: Look, row: ViewRow, *, last: bool = False, left: bool = False) -> None:
        super().__init__()
        theme = look.theme
        size = STRONG if row.strong else BODY
        self._gap = theme.px(28)
        self._padding = theme.space(20)
        self._hair = 0 if last else max(2, theme.px(2))
        self._left = left
        self._label = look.write(row.label, BODY, colour=MUTED)
        self._value = look.write(
            row.value,
            size,
            bold=not left or row.strong,
            colour=PRIMARY if row.strong else INK,
            align="left" if left else "right",
        )
        self._column = theme.type(236)
        self.add_widget(self._label)
        self.add_widget(self._value)

    def without_line(self) -> None:
        """It is the last one of its card."""
        self._hair = 0

    def _parts(self, width: float) -> tuple[float, float, bool]:
        """Width of label and value, and whether the value stands below."""
        wanted = self._column if self._left else self._label.width_wanted()
        room = width - wanted - self._gap
        value = self._value.width_wanted()
        if room >= value or (room >= width * VALUE_LEAST):
            return wanted, room, False
        self._value.align = "left"
        return width, width, True

    def height_for(self, width: float) -> float:
        label, value, below = self._parts(width)
        heights = self._label.height_for(label), self._value.height_for(value)
        content = sum(heights) if below else max(heights)
        return content + 2 * self._padding + self._hair

    def arrange(self) -> None:
        label, value, below = self._parts(self.width)
        top = self.top - self._padding
        low = self.y + self._padding + self._hair
        height = self._label.height_for(label)
        if below:
            self._label.place(self.x, top - height, label, height)
            self._value.place(self.x, low, value, top - height - low)
        else:
            self._value.place(self.right - value, low, value, top - low)
            label_low = top - height if self._left else low + (top - low - height) / 2
            self._label.place(self.x, label_low, label, height)
        self.canvas.before.clear()
        if self._hair:
            with self.canvas.before:
                Color(*LINE)
                Rectangle(pos=(self.x, self.y), size=(self.width, self._hair))


def rows_column(
    look: Look, rows: Sequence[ViewRow], heading: TextBlock | None = None, *, left: bool = False
) -> Column:
    """Rows below one another, under a heading where there is one."""
    blocks: list[Block] = [] if heading is None else [heading]
    blocks.extend(
        ValueRow(look, row, last=index == len(rows) - 1, left=left)
        for index, row in enumerate(rows)
    )
    return Column(blocks)


class SectionPages(Paged):
    """Sections as cards, paged; one higher than a page goes on, with its title, on the next."""

    def __init__(
        self,
        look: Look,
        sections: Sequence[Section | Chart],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
    ) -> None:
        self._sections = sections
        super().__init__(look, [_card(look, one) for one in sections], page, turn_to)

    def height_for(self, width: float) -> float:
        return min(super().height_for(width), self._look.theme.px(LEAST_PAGE))

    def arrange(self) -> None:
        if super().height_for(self.width) > self.height:
            room = self.height - self._pager_height()
            self._entries = [
                part for section in self._sections for part in self._parts(section, room)
            ]
        super().arrange()

    def _parts(self, section: Section | Chart, room: float) -> list[Block]:
        parts: list[Block] = []
        left = _length(section)
        while left:
            begun = _length(section) - left
            count = left
            card = _card(self._look, _some(section, begun, count))
            while count > 1 and card.height_for(self.width) > room:
                count -= 1
                card = _card(self._look, _some(section, begun, count))
            parts.append(card)
            left -= count
        return parts or [_card(self._look, section)]


def _card(look: Look, section: Section | Chart) -> Block:
    return chart_card(look, section) if isinstance(section, Chart) else section_card(look, section)


def _length(section: Section | Chart) -> int:
    return len(section.bars if isinstance(section, Chart) else section.rows)


def _some(section: Section | Chart, begun: int, count: int) -> Section | Chart:
    """`count` rows or bars of it, from `begun` on."""
    if isinstance(section, Chart):
        return replace(section, bars=section.bars[begun : begun + count])
    return replace(section, rows=section.rows[begun : begun + count])


def section_card(look: Look, section: Section, *, left: bool = False) -> Block:
    """A section as a card."""
    heading = None
    if section.heading is not None:
        heading = look.write(section.heading, HEADING if section.rows else BODY, bold=True)
    return look.card(rows_column(look, section.rows, heading, left=left), padding=36)
