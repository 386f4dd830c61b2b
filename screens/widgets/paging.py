"""Lists that page by large buttons: as many whole entries a page as fit, none cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Plain
from screens.look import Look
from screens.theme import BODY, BUTTON_HEIGHT, GAP, MUTED
from screens.widgets.block import Block, Row
from screens.widgets.pages import pages_of
from screens.widgets.touchable import plain_button


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
        look, last = self._look, self.page_count - 1
        turns = (
            ("page.previous", "page:previous", self.page - 1, self.page > 0),
            ("page.next", "page:next", self.page + 1, self.page < last),
        )
        previous, following = (
            plain_button(
                look.theme,
                look.say(text),
                role,
                self._turn_to(page),
                icon="up" if page < self.page else "",
                icon_after="down" if page > self.page else "",
                quiet=True,
                enabled=enabled,
                repeats=True,
            )
            for text, role, page, enabled in turns
        )
        number = look.write(
            Plain(f"{self.page + 1} / {self.page_count}"), BODY, colour=MUTED, align="center"
        )
        wide = number.width_wanted() + look.theme.px(16)
        row = Row([(previous, None), (number, wide), (following, None)], gap=look.theme.px(16))
        height = look.theme.px(BUTTON_HEIGHT)
        self.add_widget(row)
        row.place(self.x, top + self._gap - self._pager_gap - height, self.width, height)
