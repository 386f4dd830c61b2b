"""Lay the card here: one instruction, a picture of this terminal, the time left, what is kept."""

from __future__ import annotations

from kiosk.texts import Msg
from kiosk.views import PlaceCard, Tone
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import GAP
from screens.widgets.block import Block, Column, Space
from screens.widgets.countdown import Countdown
from screens.widgets.terminal import TerminalPicture


class PlaceCardScreen(Screen[PlaceCard]):
    def begin(self) -> None:
        self._countdown: Countdown | None = None

    def body(self, look: Look) -> Block:
        theme = look.theme
        self._countdown = Countdown(
            look,
            lambda: self.seconds_left(self.view.seconds),
            self._sentence,
            Tone.GOOD if self.view.reading else Tone.PLAIN,
        )
        picture = look.card(
            Column(
                [
                    Space(theme.space(8)),
                    TerminalPicture(theme, "card", theme.px(420), grow=1.0),
                    Space(theme.space(36)),
                    self._countdown,
                    Space(theme.space(8)),
                ],
                grow=1.0,
            ),
            grow=1.0,
        )
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        blocks += [picture, look.notice(self.view.privacy, icon="lock")]
        return Column(blocks, gap=theme.space(GAP + 8), grow=1.0)

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()

    def _sentence(self, seconds: int) -> Msg:
        return seconds_left(
            seconds, "identify.reading" if self.view.reading else "identify.waiting"
        )
