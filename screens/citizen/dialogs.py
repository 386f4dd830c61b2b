"""Dialogs above the current screen: more time, and where a call for staff stands."""

from __future__ import annotations

from kiosk.views import Assistance, AssistanceCall, Chosen, Continue, MoreTime
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import BODY, MUTED, OK, PRIMARY, TITLE, WARNING
from screens.widgets.block import Block, Column, Space
from screens.widgets.countdown import Countdown
from screens.widgets.icons import Icon
from screens.widgets.touchable import plain_button, primary_button

PICTURES = {
    Assistance.CALLING: ("bell", PRIMARY),
    Assistance.CALLED: ("bell", PRIMARY),
    Assistance.ON_THE_WAY: ("person", PRIMARY),
    Assistance.ARRIVED: ("check", OK),
    Assistance.UNREACHED: ("warning", WARNING),
}


class MoreTimeDialog(Screen[MoreTime]):
    def begin(self) -> None:
        self._countdown: Countdown | None = None

    def body(self, look: Look) -> Block:
        theme = look.theme
        self._countdown = Countdown(
            look,
            lambda: self.seconds_left(self.view.seconds),
            lambda seconds: seconds_left(seconds, "more_time.left"),
        )
        more = primary_button(
            theme, look.say("more_time.more"), "primary option:more", self.answer(Chosen("more"))
        )
        end = plain_button(
            theme, look.say("more_time.end"), "option:end", self.answer(Chosen("end")), quiet=True
        )
        return look.card(
            Column(
                [
                    Icon("clock", theme.px(140), PRIMARY),
                    Space(theme.px(28)),
                    look.write("more_time.title", TITLE, bold=True, align="center"),
                    Space(theme.px(12)),
                    look.write("more_time.why", BODY, colour=MUTED, align="center"),
                    Space(theme.px(32)),
                    self._countdown,
                    Space(theme.px(44)),
                    more,
                    Space(theme.px(24)),
                    end,
                ]
            ),
            line=None,
            padding=64,
        )

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()


class AssistanceDialog(Screen[AssistanceCall]):
    def body(self, look: Look) -> Block:
        theme = look.theme
        icon, ink = PICTURES[self.view.state]
        state = self.view.state.value
        return look.card(
            Column(
                [
                    Icon(icon, theme.px(150), ink),
                    Space(theme.px(28)),
                    look.write(f"assistance.{state}", TITLE, bold=True, align="center"),
                    Space(theme.px(12)),
                    look.write(f"assistance.{state}.hint", BODY, colour=MUTED, align="center"),
                    Space(theme.px(44)),
                    primary_button(
                        theme, look.say("assistance.close"), "primary", self.answer(Continue())
                    ),
                ]
            ),
            line=None,
            padding=64,
        )
