"""Lists that page by large buttons: as many whole entries a page as fit, none cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Plain, msg
from screens.look import Look
from screens.theme import BODY, BUTTON_HEIGHT, GAP, MUTED, TILE
from screens.widgets.block import Block, Column, Row
from screens.widgets.pages import pages_of
from screens.widgets.touchable import Touchable, plain_button


class Paged(Block):
    """Entries below one another; page buttons below them only where they do not fit on one page."""

    def __init__(
        self,
        look: Look,
        entries: Sequence[Block],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
        gap: float = GAP,
    ) -> None:
        super().__init__(grow=1.0)
        self._look = look
        self._entries = list(entries)
        self._page = page
        self._turn_to = turn_to
        self._gap = look.theme.space(gap)
        self._pager_gap = look.theme.px(GAP)
        self.page = 0
        self.page_count = 1

    def whole_height(self, width: float) -> float:
        """How high it would be without pages."""
        heights = sum(entry.height_for(width) for entry in self._entries)
        return heights + self._gap * max(0, len(self._entries) - 1)

    def height_for(self, width: float) -> float:
        highest = max((entry.height_for(width) for entry in self._entries), default=0.0)
        return min(self.whole_height(width), highest + self._pager_height())

    def arrange(self) -> None:
        self.clear_widgets()
        heights = [entry.height_for(self.width) for entry in self._entries]
        pages = pages_of(heights, self._gap, self.height)
        if len(pages) > 1:
            pages = pages_of(heights, self._gap, self.height - self._pager_height())
        self.page_count = len(pages)
        self.page = min(self._page, len(pages) - 1)
        top = self.top
        for index in pages[self.page]:
            self.add_widget(self._entries[index])
            self._entries[index].place(self.x, top - heights[index], self.width, heights[index])
            top -= heights[index] + self._gap
        if len(pages) > 1:
            self._place_pager(top)

    def _pager_height(self) -> float:
        return self._look.theme.px(BUTTON_HEIGHT) + self._pager_gap

    def _place_pager(self, top: float) -> None:
        look = self._look
        row = pager(look, self.page, self.page_count, self._turn_to)
        height = look.theme.px(BUTTON_HEIGHT)
        self.add_widget(row)
        row.place(self.x, top + self._gap - self._pager_gap - height, self.width, height)


class PagedCard(Paged):
    """Entries in one card a page."""

    def __init__(
        self,
        look: Look,
        entries: Sequence[Block],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
        gap: float = 0,
        along: float = 14,
    ) -> None:
        self._padding = look.theme.px(36), look.theme.space(along)
        super().__init__(look, entries, page, turn_to, gap=gap)

    def height_for(self, width: float) -> float:
        return super().height_for(width - 2 * self._padding[0]) + 2 * self._padding[1]

    def arrange(self) -> None:
        across, along = self._padding
        self.clear_widgets()
        inner, room = self.width - 2 * across, self.height - 2 * along
        self._entries = self.fitted(inner, room)
        heights = [entry.height_for(inner) for entry in self._entries]
        pages = pages_of(heights, self._gap, room)
        if len(pages) > 1:
            self._entries = self.fitted(inner, room - self._pager_height())
            heights = [entry.height_for(inner) for entry in self._entries]
            pages = pages_of(heights, self._gap, room - self._pager_height())
        self.page_count = len(pages)
        self.page = min(self._page, len(pages) - 1)
        shown = [self._entries[index] for index in pages[self.page]]
        self.ending(shown[-1])
        card = self._look.card(Column(shown, gap=self._gap), padding=36)
        card._padding = self._padding
        height = card.height_for(self.width)
        self.add_widget(card)
        card.place(self.x, self.top - height, self.width, height)
        if len(pages) > 1:
            self._place_pager(self.top - height - self._gap)

    def fitted(self, width: float, room: float) -> list[Block]:
        """The entries, none higher than `room`."""
        return self._entries

    def ending(self, last: Block) -> None:
        """`last` ends a card."""


def page_buttons(
    look: Look,
    page: int,
    count: int,
    turn_to: Callable[[int], Callable[[], None]],
    size: float = TILE,
) -> tuple[Touchable, Touchable]:
    """To the page before and to the one after, in type of `size` (design pixels)."""

    def button(text: str, role: str, to: int) -> Touchable:
        return plain_button(
            look.theme,
            look.say(text),
            role,
            turn_to(to),
            icon="up" if to < page else "",
            icon_after="down" if to > page else "",
            quiet=True,
            enabled=0 <= to < count,
            repeats=True,
            size=size,
        )

    return (
        button("page.previous", "page:previous", page - 1),
        button("page.next", "page:next", page + 1),
    )


def pager(
    look: Look,
    page: int,
    count: int,
    turn_to: Callable[[int], Callable[[], None]],
    sentence: str = "",
) -> Row:
    """Page buttons with where one is between them, as `sentence` says it of `page` and `pages`."""
    previous, following = page_buttons(look, page, count, turn_to)
    where = (
        msg(sentence, page=page + 1, pages=count) if sentence else Plain(f"{page + 1} / {count}")
    )
    number = look.write(where, BODY, colour=MUTED, align="center")
    wide = number.width_wanted() + look.theme.px(16)
    return Row([(previous, None), (number, wide), (following, None)], gap=look.theme.px(16))
