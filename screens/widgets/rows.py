"""Labels with their values: one row, a card of them, and cards that page where they are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kivy.graphics import Color, Rectangle

from kiosk.views import Chart, Section
from kiosk.views import Row as ViewRow
from screens.look import Look
from screens.theme import BODY, HEADING, INK, LINE, MUTED, PRIMARY
from screens.widgets.block import Block, Card, Column
from screens.widgets.chart import Measures, chart_card, measured
from screens.widgets.paging import Paged
from screens.widgets.text import TextBlock

VALUE_LEAST = 0.52
"""Where the value would get less of the row than this, it stands below its label."""

LABEL_MOST = 0.36
"""The share of the row that a label has at most where values begin at one line."""

STRONG = 52

LEAST_PART = 3
"""Fewer rows of a divided section do not begin at a page's foot."""

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
        self.column = self._label.width_wanted()
        self.add_widget(self._label)
        self.add_widget(self._value)

    def without_line(self) -> None:
        """It is the last one of its card."""
        self._hair = 0

    def _parts(self, width: float) -> tuple[float, float, bool]:
        """Width of label and value, and whether the value stands below."""
        wanted = min(self.column, width * LABEL_MOST) if self._left else self.column
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


def align_values(rows: Sequence[ValueRow]) -> None:
    """Let the values of a card begin at one line, beside its longest label."""
    widest = max((row.column for row in rows), default=0.0)
    for row in rows:
        row.column = widest


def rows_column(look: Look, rows: Sequence[ViewRow], heading: TextBlock | None = None) -> Column:
    """Rows below one another, under a heading where there is one."""
    blocks: list[Block] = [] if heading is None else [heading]
    blocks.extend(
        ValueRow(look, row, last=index == len(rows) - 1) for index, row in enumerate(rows)
    )
    return Column(blocks)


class SectionPages(Paged):
    """Sections and charts as cards, paged; a section higher than a page, and a chart that does not fit
    into what is left of one, goes on, with its title, on the next."""

    def __init__(
        self,
        look: Look,
        sections: Sequence[Section | Chart],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
    ) -> None:
        self._sections = [_Divisible(look, section) for section in sections]
        super().__init__(look, [one.card() for one in self._sections], page, turn_to)

    def height_for(self, width: float) -> float:
        return min(super().height_for(width), self._look.theme.px(LEAST_PAGE))

    def arrange(self) -> None:
        if self.whole_height(self.width) > self.height:
            self._entries = self._divided(self.height - self._pager_height())
        super().arrange()

    def _divided(self, room: float) -> list[Block]:
        """Parts that fill pages of that height."""
        parts: list[Block] = []
        used = 0.0
        for section in self._sections:
            begun = 0
            while begun < section.length:
                left = room - used
                count = section.fitting(begun, left, self.width)
                stays_whole = not section.chart and section.fitting(0, room, self.width)
                few = count < min(LEAST_PART, section.length - begun)
                if used and (few or (stays_whole == section.length and count < section.length)):
                    used = 0.0
                    continue
                part = section.card(begun, max(1, count))
                parts.append(part)
                used += part.height_for(self.width) + self._gap
                begun += max(1, count)
                if begun < section.length:
                    used = 0.0
            if not section.length:
                parts.append(section.card())
                used += parts[-1].height_for(self.width) + self._gap
        return parts


class _Divisible:
    """A section or a chart, and how many of its rows or bars go into a height."""

    def __init__(self, look: Look, section: Section | Chart) -> None:
        self._look = look
        self._section = section
        self.chart = isinstance(section, Chart)
        self._measures = measured(look, section) if isinstance(section, Chart) else Measures()
        self._whole = self.card()
        self._heights: dict[float, list[float]] = {}

    @property
    def length(self) -> int:
        section = self._section
        return len(section.bars if isinstance(section, Chart) else section.rows)

    def card(self, begun: int = 0, count: int | None = None) -> Card:
        """`count` of its rows or bars from `begun` on; all where none is given."""
        section, end = self._section, None if count is None else begun + count
        if isinstance(section, Chart):
            part = replace(section, bars=section.bars[begun:end])
            return chart_card(self._look, part, self._measures)
        return section_card(self._look, replace(section, rows=section.rows[begun:end]))

    def fitting(self, begun: int, room: float, width: float) -> int:
        """How many from `begun` on go into `room`."""
        heights = self._heights.get(width)
        if heights is None:
            heights = self._heights[width] = self._measured_at(width)
        frame = self._whole.height_for(width) - sum(heights)
        count, used = 0, frame
        for height in heights[begun:]:
            used += height
            if used > room:
                break
            count += 1
        return count

    def _measured_at(self, width: float) -> list[float]:
        column = self._whole.child
        if not isinstance(column, Column):
            raise TypeError("a card of rows holds a column")
        inner = self._whole.inner(width)
        rows = column.blocks[len(column.blocks) - self.length :]
        return [row.height_for(inner) for row in rows]


def section_card(look: Look, section: Section) -> Card:
    """A section as a card."""
    heading = None
    if section.heading is not None:
        heading = look.write(section.heading, HEADING if section.rows else BODY, bold=True)
    return look.card(rows_column(look, section.rows, heading), padding=36)
