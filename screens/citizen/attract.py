"""Nobody is here: the terminal says what it is and asks to be touched, in both languages."""

from __future__ import annotations

from kiosk.views import Attract, Continue
from screens.look import Look
from screens.screen import Screen
from screens.theme import (
    BODY,
    CARD_RADIUS,
    HEADING,
    LABEL,
    PRIMARY,
    PRIMARY_PRESSED,
    TINT,
    WHITE,
)
from screens.widgets.block import Block, Card, Column, Row, Space
from screens.widgets.icons import Emblem, Icon
from screens.widgets.touchable import Touchable

NEEDS = (("card", "attract.card"), ("phone", "attract.phone"), ("printer", "attract.slip"))


class AttractScreen(Screen[Attract]):
    bare = True

    def body(self, look: Look) -> Block:
        theme = look.theme
        white = {"colour": WHITE, "align": "center"}
        prompt = Card(
            Column(
                [
                    Icon("touch", theme.px(150), PRIMARY),
                    look.write("attract.touch", 64, bold=True, colour=PRIMARY, align="center"),
                    look.write("attract.touch.other", BODY, colour=PRIMARY, align="center"),
                ],
                gap=theme.space(16),
            ),
            padding=(theme.px(40), theme.space(56)),
            fill=WHITE,
            radius=theme.px(CARD_RADIUS),
        )
        content = Column(
            [
                Space(grow=1.0),
                Emblem(theme.px(220), WHITE, PRIMARY),
                Space(theme.space(36)),
                look.write("attract.title", 76, bold=True, **white),
                Space(theme.space(12)),
                look.write("attract.subtitle", HEADING, **white),
                Space(theme.space(88)),
                prompt,
                Space(grow=1.4),
                self._needs(look),
            ],
            grow=1.0,
        )
        return Touchable(
            Card(content, padding=(theme.px(64), theme.px(56)), grow=1.0),
            "anywhere",
            self.answer(Continue()),
            fill=PRIMARY,
            pressed_fill=PRIMARY_PRESSED,
            line=None,
            grow=1.0,
        )

    def _needs(self, look: Look) -> Block:
        theme = look.theme
        columns: list[tuple[Block, float | None]] = [
            (
                Column(
                    [
                        Icon(icon, theme.px(72), TINT),
                        look.write(text, LABEL + 2, colour=TINT, align="center"),
                    ],
                    gap=theme.space(14),
                ),
                None,
            )
            for icon, text in NEEDS
        ]
        return Row(columns, gap=theme.px(24), align=1.0)
