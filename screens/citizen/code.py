"""A one-time code from the phone: a box a digit, another code after a while, another way."""

from __future__ import annotations

from kiosk.texts import Msg, Plain
from kiosk.views import Chosen, EnterCode, Field, FieldKind, Tone, Typed
from screens.keyboard.keys import Keyboards, Pad
from screens.keyboard.typing import Typing
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import BODY, GAP, LINE, PRIMARY, TITLE, WHITE
from screens.widgets.block import Block, Card, Column, Row, Space
from screens.widgets.countdown import Countdown
from screens.widgets.live import Live
from screens.widgets.text import TextBlock
from screens.widgets.touchable import (
    Touchable,
    enable_primary,
    plain_button,
    primary_button,
)

BOX_WIDTH, BOX_HEIGHT = 112, 144


class EnterCodeScreen(Screen[EnterCode]):
    def begin(self) -> None:
        field = Field(name="code", label=Plain(""), kind=FieldKind.DIGITS, longest=self.view.digits)
        self._typing = Typing(field)
        self._countdown: Countdown | None = None
        self._boxes: Live | None = None
        self._keys: Pad | None = None
        self._button: Touchable | None = None
        self._offered = self._again_left() == 0
        self._again_text: TextBlock | None = None
        self._look: Look | None = None

    def body(self, look: Look) -> Block:
        theme = look.theme
        self._look = look
        self._boxes = Live(lambda: Boxes(look, self._typing.text, self.view.digits))
        keyboards = Keyboards(look, self._press)
        self._keys = Pad(look, lambda: keyboards.of(self._typing), keyboards)
        self._countdown = Countdown(
            look,
            lambda: self.seconds_left(self.view.seconds),
            lambda seconds: seconds_left(seconds, "code.left"),
        )
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        else:
            blocks.append(look.write(self.view.sent_to, BODY, bold=True))
        blocks += [
            self._boxes,
            self._countdown,
            self._ways(look),
            Space(grow=1.0),
            self._keys,
        ]
        return Column(blocks, gap=theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        self._button = primary_button(
            look.theme, look.say("code.confirm"), "primary", self._give, enabled=self._full
        )
        return self._button

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()
        if not self._offered:
            self._offer()

    @property
    def _full(self) -> bool:
        return len(self._typing.text) == self.view.digits

    def _again_left(self) -> int:
        return self.seconds_left(self.view.again_after)

    def _ways(self, look: Look) -> Block:
        again = plain_button(
            look.theme,
            look.say(self._again_words()),
            "again",
            self.answer(Chosen("again")),
            enabled=self._offered,
            size=BODY,
        )
        words = again.child
        self._again_text = words if isinstance(words, TextBlock) else None
        cells: list[tuple[Block, float | None]] = [(again, None)]
        if self.view.other is not None:
            other = plain_button(
                look.theme,
                look.say(self.view.other),
                "other",
                self.answer(Chosen("other")),
                size=BODY,
            )
            cells.append((other, None))
        return Row(cells, gap=look.theme.px(GAP), fill=True)

    def _again_words(self) -> Msg | str:
        left = self._again_left()
        return seconds_left(left, "code.again_in") if left else "code.again"

    def _offer(self) -> None:
        """Say how long it is until another code can be had; then offer it."""
        if self._again_left() == 0:
            self._offered = True
            self.redraw()
        elif self._again_text and self._look:
            self._again_text.say(self._look.say(self._again_words()))

    def _press(self, key: str) -> None:
        if key == "confirm":
            self._give()
            return
        self._typing.press(key)
        if self._boxes and self._keys and self._button:
            self._boxes.renew()
            self._keys.renew()
            enable_primary(self._button, self._full)

    def _give(self) -> None:
        if self._full:
            self.reply(Typed(self._typing.text))


class Boxes(Block):
    """A box for each digit; the next one to fill has a blue frame."""

    def __init__(self, look: Look, typed: str, digits: int) -> None:
        super().__init__()
        theme = look.theme
        self._gap = theme.px(GAP)
        self._width, self._height = theme.px(BOX_WIDTH), theme.space(BOX_HEIGHT)
        self._cards = [
            Card(
                TextBlock(typed[index : index + 1], theme.type(TITLE), bold=True, align="center"),
                fill=WHITE,
                line=PRIMARY if index <= len(typed) else LINE,
                line_width=max(2, theme.px(4 if index == len(typed) else 2)),
                radius=theme.px(16),
            )
            for index in range(digits)
        ]
        for card in self._cards:
            self.add_widget(card)

    def height_for(self, width: float) -> float:
        return self._height

    def arrange(self) -> None:
        count = len(self._cards)
        wide = min(self._width, (self.width - (count - 1) * self._gap) / count)
        x = self.center_x - (count * wide + (count - 1) * self._gap) / 2
        for card in self._cards:
            card.place(x, self.y, wide, self.height)
            x += wide + self._gap
