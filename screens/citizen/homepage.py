"""How the home screen is laid out: what stands below the tiles stays at its place, whatever they show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.texts import Plain, Text
from screens.citizen.chips import Chips
from screens.citizen.tiles import Grid
from screens.look import Look
from screens.theme import (
    BUTTON_HEIGHT,
    BUTTON_RADIUS,
    GAP,
    LABEL,
    MUTED,
    PRIMARY,
    PRIMARY_PRESSED,
    TILE,
    TINT,
    WHITE,
)
from screens.widgets.block import Block, Row
from screens.widgets.paging import page_buttons
from screens.widgets.touchable import Act, Touchable

Offers = Sequence[Callable[[], Grid]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the page is made of. `offers` are the grids that may show what was chosen, the roomiest
    first; `first_only` where the rest is found elsewhere. `whole` leads to all items: it is shown where
    `many`, or where not every tile fits. `how` fills room to spare."""

    heading: Block
    search: Block
    offers: Offers
    first_only: bool
    enough: int
    many: bool
    chips: Chips
    whole: Touchable
    how: Block | None


class HomePage(Block):
    """Heading, search, tiles; chips and the way to all items below."""

    def __init__(
        self, look: Look, parts: Parts, page: int, turn_to: Callable[[int], Callable[[], None]]
    ) -> None:
        super().__init__(grow=1.0)
        self._look = look
        self._parts = parts
        self._page = page
        self._turn_to = turn_to
        self._gap = look.theme.px(GAP)
        self._grids = [offer() for offer in parts.offers]

    def height_for(self, width: float) -> float:
        least = min(grid.height_for(width) for grid in self._grids)
        return self._around(width) + least + self._last_row()

    def arrange(self) -> None:
        parts, width = self._parts, self.width
        room = self.height - self._around(width)
        whole = parts.many or not any(len(g.pages(width, room)) == 1 for g in self._grids)
        low = self.y
        if whole:
            room -= self._last_row()
            low += self._last_row()
        grid = self._grid(room)
        pages = grid.pages(width, room)
        if whole:
            count = 1 if parts.first_only else len(pages)
            self._put(self._bottom(count), self.y, self._look.theme.px(BUTTON_HEIGHT))
        self._put(parts.chips, low, parts.chips.height_for(width))
        self._put_above(grid, pages, room)

    def _put_above(self, grid: Grid, pages: list[range], room: float) -> None:
        parts, width = self._parts, self.width
        top = self.top
        for block in (parts.heading, parts.search):
            height = block.height_for(width)
            self._put(block, top - height, height)
            top -= height + self._gap
        self._put(grid, top - room, room)
        page = 0 if parts.first_only else min(self._page, len(pages) - 1)
        grid.show(pages[page], pages[0])
        if parts.how is not None:
            used = grid.height_of(pages[0], width, room) + self._gap
            height = parts.how.height_for(width)
            if len(pages) == 1 and used + height <= room:
                self._put(parts.how, top - room, height)

    def _put(self, block: Block, y: float, height: float) -> None:
        self.add_widget(block)
        block.place(self.x, y, self.width, height)

    def _around(self, width: float) -> float:
        parts = (self._parts.heading, self._parts.search, self._parts.chips)
        return sum(part.height_for(width) + self._gap for part in parts)

    def _last_row(self) -> float:
        return self._look.theme.px(BUTTON_HEIGHT) + self._gap

    def _grid(self, room: float) -> Grid:
        """The first one that shows enough; else the one that shows most at once."""
        shown = []
        for grid in self._grids:
            pages = grid.pages(self.width, room)
            count = grid.cells_on(pages[0])
            if len(pages) == 1 or (self._parts.first_only and count >= self._parts.enough):
                return grid
            shown.append(count)
        return self._grids[shown.index(max(shown))]

    def _bottom(self, pages: int) -> Block:
        """The way to all items, and beside it the page buttons of a list that has pages."""
        if pages == 1:
            return self._parts.whole
        turner = turner_of(self._look, min(self._page, pages - 1), pages, self._turn_to)
        line: list[tuple[Block, float | None]] = [
            (self._parts.whole, None),
            (turner, turner.width_wanted()),
        ]
        return Row(line, gap=self._gap, fill=True)


def turner_of(
    look: Look, page: int, count: int, turn_to: Callable[[int], Callable[[], None]]
) -> Row:
    """Page buttons as wide as their words, for a row that they share."""
    theme = look.theme
    size = LABEL if theme.large else TILE
    previous, following = page_buttons(look, page, count, turn_to, size)
    number = look.write(Plain(f"{page + 1} / {count}"), LABEL, colour=MUTED, align="center")
    line: list[tuple[Block, float | None]] = [
        (block, block.width_wanted() + theme.px(2)) for block in (previous, number, following)
    ]
    return Row(line, gap=theme.px(20), fill=True)


def whole_button(look: Look, title: Text, count: Text, act: Act, *, chosen: bool) -> Touchable:
    """The wide way to all items, with how many they are."""
    theme = look.theme
    size = LABEL if theme.large else TILE
    words = look.write(title, size, bold=True, colour=WHITE if chosen else PRIMARY)
    number = look.write(count, size, bold=True, colour=WHITE if chosen else MUTED, align="right")
    return Touchable(
        Row([(words, None), (number, number.width_wanted())], gap=theme.px(16)),
        "category:all",
        act,
        pressed_fill=PRIMARY_PRESSED if chosen else TINT,
        padding=(theme.px(34), theme.px(8)),
        fill=PRIMARY if chosen else WHITE,
        line=PRIMARY,
        line_width=max(2, theme.px(3)),
        radius=theme.px(BUTTON_RADIUS),
        least=theme.px(BUTTON_HEIGHT),
    )
