"""The end of an item: the result, what to take, the rating; or the result on one's phone."""

from __future__ import annotations

from kiosk.views import RATINGS, Chosen, Continue, Finished, Take, TakeAway
from screens.look import Look, seconds_left
from screens.screen import Footer, Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    GAP,
    HEADING,
    LABEL,
    LINE,
    PRIMARY,
    TINT,
    WARNING,
    WARNING_GROUND,
    WHITE,
)
from screens.widgets.block import Block, Column, Row, Space
from screens.widgets.code import code_card
from screens.widgets.icons import Icon
from screens.widgets.qr import QrCode
from screens.widgets.rows import rows_column
from screens.widgets.touchable import Touchable, plain_button, primary_button

TAKE_WIDTH = 900
"""What to take stands side by side where all of it is no wider than this (design pixels)."""


class FinishedScreen(Screen[Finished]):
    def begin(self) -> None:
        self._done: Touchable | None = None
        self._look: Look | None = None
        self._left = self.seconds_left(self.view.seconds)

    def body(self, look: Look) -> Block:
        view = self.view
        blocks: list[Block] = [look.banner(view.headline, view.detail, view.tone)]
        if view.rows:
            blocks.append(look.card(rows_column(look, view.rows)))
        if view.code:
            blocks.append(code_card(look, view.code, "finished.code", "finished.code.hint"))
        if view.take:
            blocks.append(self._take(look, view.take))
        blocks.append(self._rating(look))
        return Column(blocks, gap=look.theme.space(GAP + 4))

    def footer(self, look: Look) -> Footer:
        footer = Footer()
        if self.view.again is not None:
            footer.left.append(
                plain_button(
                    look.theme, look.say(self.view.again), "again", self.answer(Chosen("again"))
                )
            )
        self._look = look
        self._done = primary_button(
            look.theme, self._done_text(look), "primary", self.answer(Chosen("done"))
        )
        footer.primary = self._done
        return footer

    def tick(self) -> None:
        left = self.seconds_left(self.view.seconds)
        if left == self._left:
            return
        self._left = left
        if self._done and self._look:
            self._done.child.say(self._done_text(self._look))
        if left == 0:
            self.reply(Chosen("done"))

    def _done_text(self, look: Look) -> str:
        return look.say(seconds_left(self.seconds_left(self.view.seconds), "finished.done"))

    def _take(self, look: Look, take: tuple[Take, ...]) -> Block:
        theme = look.theme
        side = theme.px(56)
        rows = [
            Row(
                [
                    (Icon(one.picture.value, side, WARNING), side),
                    (look.write(one.text, BODY, bold=True), None),
                ],
                gap=theme.px(22),
            )
            for one in take
        ]
        widest = max(row.width_wanted() for row in rows)
        content: Block
        if widest * len(rows) > theme.px(TAKE_WIDTH):
            content = Column(rows, gap=theme.space(16))
        else:
            content = Row([(row, None) for row in rows], gap=theme.px(GAP))
        return look.card(content, fill=WARNING_GROUND, line=None)

    def _rating(self, look: Look) -> Block:
        theme = look.theme
        given = self.view.rating
        title = "rating.title" if given is None else "rating.thanks"
        faces = Row(
            [(self._face(look, level, level == given), None) for level in RATINGS],
            gap=theme.px(14),
            fill=True,
        )
        return look.card(
            Column(
                [look.write(title, HEADING, bold=True), Space(theme.space(18)), faces],
            )
        )

    def _face(self, look: Look, level: str, given: bool) -> Touchable:
        theme = look.theme
        return Touchable(
            Column(
                [
                    Icon(level, theme.px(84), PRIMARY),
                    look.write(f"rating.{level}", LABEL, bold=True, align="center"),
                    Space(grow=1.0),
                ],
                gap=theme.space(10),
                grow=1.0,  # faces stand in line where one label has two lines
            ),
            f"rate:{level}",
            self.answer(Chosen(f"rate:{level}")),
            padding=(theme.px(6), theme.space(22)),
            fill=TINT if given else WHITE,
            line=PRIMARY if given else LINE,
            line_width=max(2, theme.px(3)),
            radius=theme.px(BUTTON_RADIUS),
        )


class TakeAwayScreen(Screen[TakeAway]):
    def body(self, look: Look) -> Block:
        theme = look.theme
        card = look.card(
            Column([QrCode(self.view.code, theme.px(720), grow=1.0)], grow=1.0), grow=1.0
        )
        return Column(
            [look.heading(self.view.title, self.view.subtitle), card],
            gap=theme.space(GAP + 8),
            grow=1.0,
        )

    def primary(self, look: Look) -> Touchable:
        return self.primary_button(look, look.say(self.view.primary), Continue())
