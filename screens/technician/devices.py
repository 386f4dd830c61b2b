"""Every device: its state, what is known of it, who must act, its last test, one button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.texts import Text
from kiosk.views import Chosen, DeviceRow, DevicesPage
from screens.header import Header, header_button, technician_header
from screens.look import TONES, Look
from screens.screen import Footer, Screen
from screens.theme import GAP, LABEL, MUTED, PRIMARY, TILE
from screens.widgets.block import Block, Card, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.paging import Paged
from screens.widgets.touchable import plain_button, primary_button


class DevicesScreen(Screen[DevicesPage]):
    def header(self, look: Look, wall_clock: Callable[[], datetime]) -> Header:
        leave = header_button(
            look, look.say("maintenance.leave"), "leave", self.answer(Chosen("leave"))
        )
        return technician_header(look, self.view.title, self.view.subtitle, leave, wall_clock)

    def body(self, look: Look) -> Block:
        cards = [self._card(look, row) for row in self.view.rows]
        return Paged(look, cards, self.page, self.turn_to)

    def footer(self, look: Look) -> Footer:
        everything = primary_button(
            look.theme, look.say("maintenance.test_all"), "primary", self.answer(Chosen("all"))
        )
        return Footer(primary=everything)

    def _card(self, look: Look, row: DeviceRow) -> Card:
        theme = look.theme
        side = theme.px(60)
        badge = look.badge(row.state, row.tone)
        test = plain_button(
            theme,
            look.say("maintenance.testing" if row.testing else "maintenance.test"),
            f"test:{row.name}",
            self.answer(Chosen(row.name)),
            enabled=not row.testing,
            size=36,
        )
        names = Column(
            [
                look.write(row.title, TILE, bold=True),
                look.write(row.identity, LABEL, colour=MUTED),
            ]
        )
        top = Row(
            [
                (Icon(row.picture.value, side, PRIMARY), side),
                (names, None),
                (badge, badge.width_wanted() + 2),
                (test, max(theme.px(150), test.width_wanted())),
            ],
            gap=theme.px(GAP),
        )
        lines: list[Block] = [top]
        lines += [
            self._line(look, text) for text in (row.facts, row.last_test) if self._says(look, text)
        ]
        if row.act is not None:
            ink, _, _ = TONES[row.tone]
            lines.append(look.write(row.act, LABEL, bold=True, colour=ink))
        return look.card(Column(lines, gap=theme.space(10)), padding=30)

    @staticmethod
    def _says(look: Look, text: Text | None) -> bool:
        return text is not None and bool(look.say(text))

    @staticmethod
    def _line(look: Look, text: Text) -> Block:
        return look.write(text, LABEL, colour=MUTED)
