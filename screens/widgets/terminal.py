"""A drawing of this terminal with the place marked where a card or a phone is wanted, in motion."""

from __future__ import annotations

import math

from kivy.clock import Clock
from kivy.graphics import (
    Color,
    PopMatrix,
    PushMatrix,
    Rotate,
    SmoothEllipse,
    Translate,
)

from screens.theme import OUTLINE, PRIMARY, TINT, WHITE, Theme, colour
from screens.widgets.block import Block, box
from screens.widgets.icons import Point, draw_stroke

ACCENT = colour("#B4530A")
SHADOW = colour("#C8D6EF")

STEP_S = 1 / 12
"""Twelve pictures a second: enough for a hand that moves slowly, cheap for the processor."""

CYCLE_S = 2.6
TRAVEL = 46
"""How far the card moves, in the drawing's units."""

WIDE, HIGH = 440.0, 644.0
"""The drawing with the phone at its lowest."""


class TerminalPicture(Block):
    """`thing` is "card" (laid on the reader, right), "phone" or "code" (held at the window, left)."""

    def __init__(self, theme: Theme, thing: str, height: float, *, grow: float = 0.0) -> None:
        super().__init__(grow)
        self._theme = theme
        self._thing = thing
        self._least = height
        self._shift: Translate | None = None
        self._clock = Clock.create_trigger(self._move, STEP_S, interval=True)
        self._seconds = 0.0

    def height_for(self, width: float) -> float:
        return self._least

    def on_parent(self, _widget: object, parent: object) -> None:
        """Stand still when taken off the screen."""
        if parent is None:
            self._clock.cancel()

    def arrange(self) -> None:
        self._clock()
        self._unit = min(self.height / HIGH, self.width / WIDE)
        self._left = self.center_x - WIDE / 2 * self._unit
        self._top = self.center_y + HIGH / 2 * self._unit
        self.canvas.clear()
        with self.canvas:
            self._draw_terminal()
            self._draw_mark()
            PushMatrix()
            self._shift = Translate(0, 0)
            {"card": self._draw_card, "phone": self._draw_phone, "code": self._draw_code}[
                self._thing
            ]()
            PopMatrix()
        self._move(0)

    def _move(self, seconds: float) -> None:
        if self._shift is None:
            return
        self._seconds = (self._seconds + seconds) % CYCLE_S
        away = (1 + math.cos(2 * math.pi * self._seconds / CYCLE_S)) / 2
        far = TRAVEL * self._unit * away
        side = 1 if self._thing == "card" else -1
        self._shift.x = side * far
        self._shift.y = -far * 0.4

    def _at(self, x: float, y: float) -> Point:
        return self._left + x * self._unit, self._top - y * self._unit

    def _line(self, points: list[Point], width: float, closed: bool = False) -> None:
        drawn = [self._at(*point) for point in points]
        draw_stroke(drawn + drawn[:1] if closed else drawn, width * self._unit)

    def _box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        r: float,
        fill: tuple[float, ...],
        line: tuple[float, ...] | None = None,
    ) -> None:
        u = self._unit
        low = self._at(x, y + h)
        box(low, (w * u, h * u), r * u, fill, line, max(2, 5 * u))

    def _draw_terminal(self) -> None:
        Color(*OUTLINE)
        self._line([(128, 450), (104, 606), (296, 606), (272, 450)], 5)
        self._box(45, 5, 310, 452, 30, WHITE, OUTLINE)
        self._box(75, 38, 250, 306, 12, TINT)
        self._box(82, 374, 116, 54, 12, WHITE if self._thing == "card" else PRIMARY, OUTLINE)
        self._box(
            210,
            374,
            106,
            54,
            12,
            PRIMARY if self._thing == "card" else WHITE,
            OUTLINE if self._thing != "card" else PRIMARY,
        )

    def _draw_mark(self) -> None:
        cx, cy = (263, 400) if self._thing == "card" else (140, 400)
        Color(*ACCENT)
        for i in range(14):
            start = math.radians(i * 360 / 14)
            arc = [
                (cx + 74 * math.cos(start + a / 100), cy + 74 * math.sin(start + a / 100))
                for a in (0, 6, 12, 18, 24)
            ]
            self._line(arc, 5)

    def _draw_card(self) -> None:
        u = self._unit
        PushMatrix()
        Rotate(angle=13, origin=self._at(355, 510))
        self._box(262, 448, 208, 128, 16, WHITE, PRIMARY)
        Color(*PRIMARY)
        for y, end in ((486, 366), (512, 362), (538, 366)):
            self._line([(284, y), (end, y)], 7)
        Color(*SHADOW)
        x, y = self._at(392, 516)
        SmoothEllipse(pos=(x, y), size=(46 * u, 46 * u), segments=40)
        self._box(390, 524, 54, 28, 9, SHADOW)
        PopMatrix()
        Color(*ACCENT)
        self._line([(350, 424), (284, 400)], 8)
        self._line([(306, 384), (284, 400), (311, 418)], 8)

    def _draw_phone(self) -> None:
        PushMatrix()
        Rotate(angle=-10, origin=self._at(60, 500))
        self._box(-6, 420, 112, 196, 18, WHITE, PRIMARY)
        Color(*PRIMARY)
        for x, y in ((18, 456), (60, 456), (18, 498)):
            self._line([(x, y), (x + 26, y), (x + 26, y + 26), (x, y + 26)], 6, closed=True)
        self._line([(66, 506), (86, 506)], 6)
        self._line([(66, 526), (72, 526)], 6)
        self._line([(36, 586), (64, 586)], 6)
        PopMatrix()
        self._draw_arrow_to_window()

    def _draw_code(self) -> None:
        """A code by itself: it may stand on paper, a card or a phone."""
        PushMatrix()
        Rotate(angle=-10, origin=self._at(60, 500))
        self._box(-14, 430, 148, 148, 16, WHITE, PRIMARY)
        for x, y in ((6, 450), (74, 450), (6, 518)):
            self._box(x, y, 40, 40, 6, WHITE, PRIMARY)
            self._box(x + 13, y + 13, 14, 14, 2, PRIMARY)
        for x, y in ((74, 518), (100, 518), (87, 531), (74, 544), (100, 544)):
            self._box(x, y, 14, 14, 2, PRIMARY)
        PopMatrix()
        self._draw_arrow_to_window()

    def _draw_arrow_to_window(self) -> None:
        Color(*ACCENT)
        self._line([(72, 424), (124, 402)], 8)
        self._line([(98, 386), (124, 402), (104, 424)], 8)
