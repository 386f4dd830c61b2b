"""Long work: what happens, at whom we wait, and from eight seconds what one can do meanwhile."""

from __future__ import annotations

import math

from kivy.clock import Clock
from kivy.graphics import Color, SmoothEllipse

from kiosk.views import Progress, Tone
from screens.look import Look
from screens.screen import Screen
from screens.theme import BODY, GAP, HEADING, MUTED, PRIMARY, TINT, TITLE, Theme
from screens.widgets.block import Block, Column, Space

PATIENCE_AFTER_S = 8.0
"""SCREENS.md, long work: from 8 s on, what the citizen can do meanwhile."""

STEP_S = 1 / 8
DOTS = 8


class ProgressScreen(Screen[Progress]):
    def begin(self) -> None:
        self._patient = False

    def renew(self, view: Progress) -> None:
        self.view = view

    def body(self, look: Look) -> Block:
        theme = look.theme
        self._patient = self._late()
        centre: list[Block] = [Space(grow=1.0), Wheel(theme, theme.px(220)), Space(theme.space(64))]
        if self.view.amount is not None:
            centre += [
                look.write(self.view.amount, TITLE + 12, bold=True, align="center"),
                Space(theme.space(20)),
            ]
        centre += [
            look.write(self.view.doing, TITLE, bold=True, align="center"),
            Space(theme.space(16)),
            look.write(self.view.waiting_for, HEADING - 4, colour=MUTED, align="center"),
            Space(grow=1.0),
        ]
        card = look.card(Column(centre, grow=1.0), grow=1.0)
        blocks: list[Block] = [card]
        if self._patient:
            blocks.append(look.notice(self.view.patience, Tone.PLAIN, icon="wait", size=BODY))
        return Column(blocks, gap=theme.space(GAP), grow=1.0)

    def tick(self) -> None:
        if not self._patient and self._late():
            self.redraw()

    def _late(self) -> bool:
        return self.now() - self.shown_at >= PATIENCE_AFTER_S


class Wheel(Block):
    """Dots on a ring, one after the other in full colour."""

    def __init__(self, theme: Theme, side: float) -> None:
        super().__init__()
        self._theme = theme
        self._side = side
        self._at = 0
        self._colours: list[Color] = []
        self._clock = Clock.create_trigger(self._turn, STEP_S, interval=True)

    def on_parent(self, _widget: object, parent: object) -> None:
        """Stand still when taken off the screen."""
        if parent is None:
            self._clock.cancel()

    def height_for(self, width: float) -> float:
        return self._side

    def arrange(self) -> None:
        self._clock()
        self.canvas.clear()
        self._colours.clear()
        dot = self._side / 6.5
        ring = (self._side - dot) / 2
        with self.canvas:
            for i in range(DOTS):
                angle = 2 * math.pi * i / DOTS
                self._colours.append(Color(*TINT))
                SmoothEllipse(
                    pos=(
                        self.center_x + ring * math.sin(angle) - dot / 2,
                        self.center_y + ring * math.cos(angle) - dot / 2,
                    ),
                    size=(dot, dot),
                    segments=40,
                )
        self._turn(0)

    def _turn(self, _seconds: float) -> None:
        self._at = (self._at + 1) % DOTS
        for i, colour in enumerate(self._colours):
            behind = (self._at - i) % DOTS
            share = max(0.0, 1 - behind / (DOTS - 2))
            colour.rgba = [t + (p - t) * share for t, p in zip(TINT, PRIMARY, strict=True)]
