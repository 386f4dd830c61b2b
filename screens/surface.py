"""The terminal's picture in the window: layers of pages, and the one place where touches enter."""

from __future__ import annotations

import math
from collections.abc import Callable

from kivy.base import EventLoop
from kivy.graphics import Color, Rectangle, ScissorPop, ScissorPush
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from screens.frame import touchables
from screens.theme import DESIGN_HEIGHT, DESIGN_WIDTH, INK
from screens.widgets.block import Block

DOUBLE_TOUCH_S = 0.5
"""A second touch at the same place within this time is the same finger trembling."""

DOUBLE_TOUCH_REACH = 96
"""How far apart (design pixels) two touches are still at one place: a target's least side."""

UNDER_A_FINGER_S = 0.4
"""A screen that came by itself may have come under a finger on its way to the one before: so long it
takes no touch. Reaction to something seen takes people longer."""

LONGEST_TOUCH_S = 2.0
"""After this a touch no longer holds up the picture: its end may have been lost."""


class Surface(Widget):
    """Shows layers (a page, dialogs above it) in a 9:16 picture as large as the room allows."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(size_hint=(None, None))
        self.now = now
        self._touched_at = -math.inf
        self._touched: tuple[float, float] = (-math.inf, -math.inf)
        self._down_since: float | None = None
        self.deaf_until = -math.inf
        self.last_touch = now()
        self.layers: list[Block] = []
        self.resized: Callable[[], None] = lambda: None

    @property
    def scale(self) -> float:
        """Screen pixels a design pixel."""
        return min(self.width / DESIGN_WIDTH, self.height / DESIGN_HEIGHT)

    @property
    def touching(self) -> bool:
        """A finger is on the picture now."""
        return self._down_since is not None and self.now() - self._down_since < LONGEST_TOUCH_S

    def fit(self, x: float, y: float, width: float, height: float) -> None:
        """Take this rectangle of the window."""
        self.pos = x, y
        self.size = width, height
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*INK)
            Rectangle(pos=self.pos, size=self.size)
        self.canvas.after.clear()
        if EventLoop.window.rotation == 0:  # scissors know no rotation (OpenGL ES 2.0, 4.1.2)
            with self.canvas.before:
                ScissorPush(x=round(x), y=round(y), width=round(width), height=round(height))
            with self.canvas.after:
                ScissorPop()
        self.resized()

    def show(self, layers: list[Block]) -> None:
        """Draw these layers, the last one on top, in place of those before."""
        self.clear_widgets()
        for layer in self.layers:
            layer.discard()
        self.layers = layers
        width, height = DESIGN_WIDTH * self.scale, DESIGN_HEIGHT * self.scale
        for layer in layers:
            self.add_widget(layer)
            layer.place(
                self.x + (self.width - width) / 2,
                self.y + (self.height - height) / 2,
                width,
                height,
            )

    def turned(self) -> None:
        """Another screen comes now; where no touch brought it, its first moment takes none."""
        now = self.now()
        if now - self.last_touch > DOUBLE_TOUCH_S:
            self.deaf_until = now + UNDER_A_FINGER_S

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        self.last_touch = self.now()
        deaf = self.last_touch < self.deaf_until
        if deaf or not self.layers or self._trembling(touch):
            return True
        self._down_since = self.last_touch
        self.layers[-1].dispatch("on_touch_down", touch)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        return False

    def on_touch_up(self, touch: MotionEvent) -> bool:
        self._down_since = None
        return False

    def _trembling(self, touch: MotionEvent) -> bool:
        now = self.now()
        near = math.dist(touch.pos, self._touched) < DOUBLE_TOUCH_REACH * self.scale
        soon = now - self._touched_at < DOUBLE_TOUCH_S
        if near and soon and not self._repeating(touch):
            return True
        self._touched_at, self._touched = now, touch.pos
        return False

    def _repeating(self, touch: MotionEvent) -> bool:
        hit = [t for t in touchables(self.layers[-1]) if t.collide_point(*touch.pos)]
        return bool(hit) and hit[-1].repeats
