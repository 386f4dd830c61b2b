"""Screens to read before going on: an item's guide, a review, a department's record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Text
from kiosk.views import Chosen, Continue, Guide, Record, Review, Row, Tone
from screens.citizen.actions import last_action, other_actions
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP
from screens.widgets.block import Block, Column
from screens.widgets.paging import PagedCard
from screens.widgets.rows import SectionPages, ValueRow, align_values
from screens.widgets.touchable import Touchable, plain_button


class GuideScreen(Screen[Guide]):
    def body(self, look: Look) -> Block:
        rows = CardOfRows(look, self.view.rows, self.page, self.turn_to)
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.notice is not None:
            blocks.append(look.notice(self.view.notice, Tone.WARNING))
        blocks.append(rows)
        if self.view.take is not None:
            blocks.append(self._take(look, self.view.take))
        return Column(blocks, gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return self.primary_button(look, look.say(self.view.primary), Continue())

    def _take(self, look: Look, text: Text) -> Touchable:
        act = self.answer(Chosen("take"))
        return plain_button(look.theme, look.say(text), "take", act, icon="scan")


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
        blocks += other_actions(look, self.view.actions, self)
        return Column(blocks, gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return last_action(look, self.view.actions, self)


class CardOfRows(PagedCard):
    """Rows in one card a page: the rows of a guide."""

    def __init__(
        self,
        look: Look,
        rows: Sequence[Row],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
    ) -> None:
        blocks = [ValueRow(look, row, last=False, left=True) for row in rows]
        align_values(blocks)
        super().__init__(look, blocks, page, turn_to)

    def ending(self, last: Block) -> None:
        if isinstance(last, ValueRow):
            last.without_line()
