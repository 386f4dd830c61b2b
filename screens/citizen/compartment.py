"""A compartment stands open: which one of the cabinet, what to do, and the time left."""

from __future__ import annotations

import math

from kiosk.texts import Msg, Plain
from kiosk.views import OpenCompartment, Tone
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
    OUTLINE,
    PRIMARY,
    TITLE,
    WHITE,
)
from screens.widgets.block import Block, Card, Column, Row, Space
from screens.widgets.countdown import Countdown
from screens.widgets.icons import Icon

COLUMNS_MOST = 4
DOOR_LEAST = 150
DOOR_MOST = 300
ALIKE_ROWS = 3
"""So many rows of doors are all as high as the open one, one less in large type; more would not fit."""


class CompartmentScreen(Screen[OpenCompartment]):
    def begin(self) -> None:
        self._countdown: Countdown | None = None

    def body(self, look: Look) -> Block:
        view, theme = self.view, look.theme
        self._countdown = Countdown(
            look, lambda: self.seconds_left(view.seconds), self._sentence, Tone.WARNING
        )
        card = look.card(
            Column(
                [
                    Space(grow=1.0),
                    self._cabinet(look),
                    Space(theme.space(40), grow=0.6),
                    look.write("papers.compartment.shut", HEADING, bold=True, align="center"),
                    Space(theme.space(24)),
                    self._countdown,
                    Space(grow=0.4),
                ],
                grow=1.0,
            ),
            grow=1.0,
        )
        blocks: list[Block] = [look.heading(view.title, view.subtitle)]
        if view.trouble is not None:
            blocks.append(look.notice(view.trouble, Tone.WARNING))
        return Column([*blocks, card], gap=theme.space(GAP + 8), grow=1.0)

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()

    def _cabinet(self, look: Look) -> Block:
        numbers = self.view.numbers
        across = min(COLUMNS_MOST, max(1, math.ceil(math.sqrt(len(numbers)))))
        most = ALIKE_ROWS - 1 if look.theme.large else ALIKE_ROWS
        alike = len(numbers) <= most * across
        high = self._door(look, self.view.number, 0).height_for(look.theme.px(200)) if alike else 0
        gap = look.theme.px(GAP)
        rows = [
            Row(
                [(self._door(look, number, high), None) for number in numbers[at : at + across]]
                + [(Space(), None)] * (across - len(numbers[at : at + across])),
                gap=gap,
                fill=True,
            )
            for at in range(0, len(numbers), across)
        ]
        cabinet = Column(rows, gap=gap)
        return Card(
            cabinet,
            padding=gap,
            line=OUTLINE,
            line_width=max(2, look.theme.px(4)),
            fill=WHITE,
            radius=look.theme.px(BUTTON_RADIUS),
        )

    def _door(self, look: Look, number: str, high: float) -> Block:
        theme = look.theme
        least = min(DOOR_MOST, max(DOOR_LEAST, 900 / max(1, len(self.view.numbers))))
        here = number == self.view.number
        label = look.write(
            Plain(number),
            AMOUNT - 28 if here else TITLE,
            bold=True,
            colour=WHITE if here else MUTED,
            align="center",
        )
        words: list[Block] = [label]
        if here:
            side = theme.px(52)
            words.insert(0, Icon("open", side, WHITE))
            words.append(
                look.write("papers.compartment.open", BODY, bold=True, colour=WHITE, align="center")
            )
        return Card(
            Column(words, gap=theme.space(6)),
            padding=(theme.px(12), theme.space(16)),
            fill=PRIMARY if here else WHITE,
            line=PRIMARY if here else LINE,
            line_width=max(2, theme.px(3)),
            radius=theme.px(14),
            least=max(high, theme.space(least)),
        )

    def _sentence(self, seconds: int) -> Msg:
        return seconds_left(seconds, "time.left")
