"""A failure as a conversation, and the terminal out of service."""

from __future__ import annotations

from kiosk.texts import Msg, Plain, msg
from kiosk.views import Chosen, Continue, OutOfService, Tone, Trouble
from screens.citizen.pay import choice_card
from screens.look import TONES, Look
from screens.screen import Footer, Screen
from screens.theme import GAP, HEADING, LABEL, MUTED, TITLE
from screens.widgets.block import Block, Column, Space
from screens.widgets.code import code_card
from screens.widgets.icons import Icon
from screens.widgets.rows import section_card
from screens.widgets.touchable import Touchable, plain_button


class TroubleScreen(Screen[Trouble]):
    def body(self, look: Look) -> Block:
        theme = look.theme
        view = self.view
        blocks: list[Block] = [look.banner(view.headline, view.cause, view.tone)]
        if view.standing is not None and (view.standing.heading or view.standing.rows):
            blocks.append(section_card(look, view.standing))
        if view.qr:
            blocks.append(code_card(look, view.qr, "trouble.qr", "trouble.qr.hint"))
        if view.options:
            blocks.append(self._options(look))
        blocks.append(look.write(code_line(view.code), LABEL, colour=MUTED, align="center"))
        return Column(blocks, gap=theme.space(GAP + 4))

    def footer(self, look: Look) -> Footer:
        staff = plain_button(
            look.theme, look.say("trouble.staff"), "help", self.call_staff, icon="bell"
        )
        return Footer([staff], self.primary(look))

    def primary(self, look: Look) -> Touchable:
        return self.primary_button(look, look.say(self.view.primary), Chosen("primary"))

    def _options(self, look: Look) -> Block:
        theme = look.theme
        cards = [
            choice_card(look, option, self.answer(Chosen(option.id)), recommended=index == 0)
            for index, option in enumerate(self.view.options)
        ]
        title = look.write("trouble.you_can", HEADING, bold=True)
        return look.card(Column([title, *cards], gap=theme.space(GAP)))


class OutOfServiceScreen(Screen[OutOfService]):
    def body(self, look: Look) -> Block:
        theme = look.theme
        ink, _, icon = TONES[Tone.WARNING]
        return look.card(
            Column(
                [
                    Space(grow=1.0),
                    Icon(icon, theme.px(220), ink),
                    Space(theme.space(56)),
                    look.write(self.view.headline, TITLE + 8, bold=True, align="center"),
                    Space(theme.space(24)),
                    look.write(self.view.advice, HEADING - 2, colour=MUTED, align="center"),
                    Space(grow=1.2),
                    look.write(code_line(self.view.code), LABEL, colour=MUTED, align="center"),
                ],
                grow=1.0,
            ),
            grow=1.0,
        )

    def footer(self, look: Look) -> Footer:
        staff = plain_button(
            look.theme, look.say("trouble.staff"), "help", self.call_staff, icon="bell"
        )
        return Footer([staff], self.primary_button(look, look.say(self.view.primary), Continue()))


def code_line(code: str) -> Msg:
    """The failure's code, for staff."""
    return msg("trouble.code", code=Plain(code))
