"""The amount first; a code to scan, or the window to hold one's own code at; the time left."""

from __future__ import annotations

from kiosk.texts import Msg
from kiosk.views import Chosen, Option, Pay, PayMode, Tone
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import (
    AMOUNT,
    BODY,
    BUTTON_RADIUS,
    GAP,
    HEADING,
    LINE,
    MUTED,
    PRIMARY,
    TILE,
    WHITE,
)
from screens.widgets.block import Block, Column, Row, Space
from screens.widgets.countdown import Countdown
from screens.widgets.icons import Icon
from screens.widgets.qr import QrCode
from screens.widgets.terminal import TerminalPicture
from screens.widgets.touchable import Act, Touchable

CODE_SIDE = 560


class PayScreen(Screen[Pay]):
    def begin(self) -> None:
        self._countdown: Countdown | None = None

    def body(self, look: Look) -> Block:
        theme = look.theme
        head = Column(
            [
                look.write(self.view.subject, BODY, colour=MUTED, align="center"),
                look.write(self.view.amount, AMOUNT, bold=True, align="center"),
            ]
        )
        blocks: list[Block] = [head]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        blocks.append(self._middle(look))
        if self.view.other_way is not None:
            other = self.view.other_way
            blocks.append(choice_card(look, other, self.answer(Chosen(other.id)), role="other_way"))
        return Column(blocks, gap=theme.space(GAP + 4), grow=1.0)

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()

    def _middle(self, look: Look) -> Block:
        theme = look.theme
        self._countdown = Countdown(
            look, lambda: self.seconds_left(self.view.seconds), self._sentence, Tone.WARNING
        )
        shown: Block
        if self.view.mode is PayMode.SHOW:
            shown = QrCode(self.view.code, theme.px(CODE_SIDE), grow=1.0)
        else:
            shown = TerminalPicture(theme, "phone", theme.px(420), grow=1.0)
        column = Column(
            [
                shown,
                Space(theme.space(16)),
                look.write(self.view.hint, HEADING, bold=True, align="center"),
                Space(theme.space(20)),
                self._countdown,
            ],
            grow=1.0,
        )
        return look.card(column, grow=1.0)

    def _sentence(self, seconds: int) -> Msg:
        return seconds_left(seconds, "time.left")


def choice_card(
    look: Look, option: Option, act: Act, *, recommended: bool = True, role: str = ""
) -> Touchable:
    """A way to go on: icon, what it is, what it means."""
    theme = look.theme
    words: list[Block] = [look.write(option.title, TILE, bold=True)]
    if option.subtitle is not None:
        words.append(look.write(option.subtitle, BODY, colour=MUTED))
    parts: list[tuple[Block, float | None]] = []
    if option.picture:
        parts.append((Icon(option.picture.value, theme.px(64), PRIMARY), theme.px(64)))
    parts.append((Column(words, gap=theme.space(2)), None))
    return Touchable(
        Row(parts, gap=theme.px(36)),
        f"{role} option:{option.id}".strip(),
        act,
        padding=(theme.px(40), theme.space(26)),
        fill=WHITE,
        line=PRIMARY if recommended else LINE,
        line_width=max(2, theme.px(3)),
        radius=theme.px(BUTTON_RADIUS + 4),
        least=theme.px(136),
    )
