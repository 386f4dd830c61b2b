"""Screens to read before going on: an item's guide, a review, a department's record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.views import Chosen, Continue, Guide, Record, Review, Row, Tone
from screens.look import Look
from screens.screen import Footer, Screen
from screens.theme import GAP
from screens.widgets.block import Block, Column
from screens.widgets.pages import pages_of
from screens.widgets.paging import Paged
from screens.widgets.rows import SectionPages, ValueRow
from screens.widgets.touchable import Touchable, plain_button, primary_button


class GuideScreen(Screen[Guide]):
    def body(self, look: Look) -> Block:
        rows = CardOfRows(look, self.view.rows, self.page, self.turn_to)
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.notice is not None:
            blocks.append(look.notice(self.view.notice, Tone.WARNING))
        return Column([*blocks, rows], gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return self.primary_button(look, look.say(self.view.primary), Continue())


class ReviewScreen(Screen[Review]):
    def body(self, look: Look) -> Block:
        blocks: list[Block] = [
            look.heading(self.view.title, self.view.subtitle),
            SectionPages(look, self.view.sections, self.page, self.turn_to),
        ]
        if self.view.notice is not None:
            blocks.append(look.notice(self.view.notice, icon="document"))
        return Column(blocks, gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return self.primary_button(look, look.say(self.view.primary), Continue())


class RecordScreen(Screen[Record]):
    def body(self, look: Look) -> Block:
        blocks: list[Block] = [
            look.heading(self.view.title, self.view.subtitle),
            SectionPages(look, self.view.sections, self.page, self.turn_to),
        ]
        if self.view.notice is not None:
            blocks.append(look.notice(self.view.notice, icon="document"))
        return Column(blocks, gap=look.theme.space(GAP), grow=1.0)

    def footer(self, look: Look) -> Footer:
        footer = super().footer(look)
        *others, last = self.view.actions
        for action in others:
            footer.left.append(
                plain_button(
                    look.theme,
                    look.say(action.title),
                    f"action:{action.id}",
                    self.answer(Chosen(action.id)),
                )
            )
        footer.primary = primary_button(
            look.theme,
            look.say(last.title),
            f"primary action:{last.id}",
            self.answer(Chosen(last.id)),
        )
        return footer


class CardOfRows(Paged):
    """Rows in one card a page: the rows of a guide."""

    def __init__(
        self,
        look: Look,
        rows: Sequence[Row],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
    ) -> None:
        self._padding = look.theme.px(36), look.theme.space(14)
        blocks = [ValueRow(look, row, last=False, left=True) for row in rows]
        super().__init__(look, blocks, page, turn_to, gap=0)

    def height_for(self, width: float) -> float:
        return super().height_for(width - 2 * self._padding[0]) + 2 * self._padding[1]

    def arrange(self) -> None:
        across, along = self._padding
        self.clear_widgets()
        inner = self.width - 2 * across
        heights = [row.height_for(inner) for row in self._entries]
        pages = pages_of(heights, 0, self.height - 2 * along)
        if len(pages) > 1:
            pages = pages_of(heights, 0, self.height - 2 * along - self._pager_height())
        self.page_count = len(pages)
        self.page = min(self._page, len(pages) - 1)
        shown = [self._entries[index] for index in pages[self.page]]
        shown[-1].without_line()
        card = self._look.card(Column(shown), padding=36)
        card._padding = self._padding
        height = card.height_for(self.width)
        self.add_widget(card)
        card.place(self.x, self.top - height, self.width, height)
        if len(pages) > 1:
            self._place_pager(self.top - height)
