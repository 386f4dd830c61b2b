"""A sealed document: its pages one by one before it is printed, then the pages that came out."""

from __future__ import annotations

from kiosk.texts import msg
from kiosk.views import DocumentPages, Printing, Tone
from screens.citizen.actions import last_action, other_actions
from screens.look import TONES, Look
from screens.screen import Screen
from screens.theme import AMOUNT, DESIGN_WIDTH, GAP, HEADING, MARGIN, MUTED, OUTLINE, TITLE, Colour
from screens.widgets.block import Block, Column, Row, Space, box
from screens.widgets.icons import Icon
from screens.widgets.paging import pager
from screens.widgets.picture import PagePicture
from screens.widgets.touchable import Touchable

LEAST_PAGE = 520
"""A page is never drawn lower than this (design pixels): its headline can still be read."""

BAR_HIGH = 28


class DocumentPagesScreen(Screen[DocumentPages]):
    def renew(self, view: DocumentPages) -> None:
        super().renew(view)
        self.page = min(self.page, len(view.pages) - 1)

    def body(self, look: Look) -> Block:
        view, theme = self.view, look.theme
        blocks: list[Block] = [look.heading(view.title, view.subtitle)]
        if view.notice is not None:
            blocks.append(look.notice(view.notice, Tone.WARNING))
        blocks.append(PagePicture(view.pages[self.page], theme.px(LEAST_PAGE), OUTLINE))
        if len(view.pages) > 1:
            blocks.append(pager(look, self.page, len(view.pages), self.turn_to, "papers.page"))
        blocks += self._remarks(look)
        blocks += other_actions(look, view.actions, self)
        return Column(blocks, gap=theme.space(20), grow=1.0)

    def _remarks(self, look: Look) -> list[Block]:
        """That the seal is genuine, and what printing costs: beside one another where they fit."""
        seal = look.notice(self.view.seal, Tone.GOOD, icon="shield")
        if self.view.fee is None:
            return [seal]
        fee = look.notice(self.view.fee, icon="invoice")
        gap, wide = look.theme.px(GAP), fee.width_wanted() + look.theme.px(8)
        if seal.width_wanted() + gap + wide > look.theme.px(DESIGN_WIDTH - 2 * MARGIN):
            return [seal, fee]
        return [Row([(seal, None), (fee, wide)], gap=gap, fill=True)]

    def primary(self, look: Look) -> Touchable:
        return last_action(look, self.view.actions, self)


class PrintingScreen(Screen[Printing]):
    def body(self, look: Look) -> Block:
        view, theme = self.view, look.theme
        ink, ground, mark = TONES[view.tone]
        calm = view.tone is Tone.PLAIN
        icon = view.picture.value if calm else mark
        centre: list[Block] = [
            Space(grow=1.0),
            Icon(icon, theme.px(200), ink),
            Space(theme.space(48)),
            look.write(
                msg("papers.printed", done=view.done, pages=view.pages),
                AMOUNT - 28,
                bold=True,
                colour=ink,
                align="center",
            ),
            Space(theme.space(36)),
            Bar(view.done / max(1, view.pages), theme.px(BAR_HIGH), ink, ground),
            Space(theme.space(56)),
            look.write(view.title, TITLE, bold=True, align="center"),
            Space(theme.space(16)),
            look.write(view.subtitle, HEADING - 4, colour=MUTED, align="center"),
            Space(grow=1.0),
        ]
        card = look.card(Column(centre, grow=1.0), padding=64, grow=1.0)
        wait = look.notice("papers.wait", icon="printer")
        return Column([card, wait], gap=theme.space(GAP), grow=1.0)


class Bar(Block):
    """How much is done: a round bar, `share` from 0 to 1."""

    def __init__(self, share: float, height: float, ink: Colour, ground: Colour) -> None:
        super().__init__()
        self._share = max(0.0, min(1.0, share))
        self._high = height
        self._ink, self._ground = ink, ground

    def height_for(self, width: float) -> float:
        return self._high

    def arrange(self) -> None:
        self.canvas.clear()
        with self.canvas:
            box(self.pos, self.size, self.height / 2, self._ground)
            if self._share:
                done = max(self.height, self.width * self._share)
                box(self.pos, (done, self.height), self.height / 2, self._ink)
