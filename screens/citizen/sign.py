"""A field to sign on with the finger: strokes as vectors, wiped and drawn again as often as one likes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.input.motionevent import MotionEvent

from kiosk.views import Sign, Signed
from screens.look import Look
from screens.screen import Screen
from screens.theme import BUTTON_RADIUS, GAP, INK, MUTED, OUTLINE, PRIMARY, WHITE, Theme
from screens.widgets.block import Block, Column, Row, Space
from screens.widgets.icons import Icon, draw_stroke
from screens.widgets.touchable import Touchable, plain_button, primary_button

Points = list[tuple[float, float]]

PEN = 9
"""The pen's width in design pixels: a felt tip of 2 mm."""

STEP = 0.004
"""Points nearer to one another than this share of the field's width add nothing."""

STROKES_MOST = 100
POINTS_MOST = 400
"""More strokes are no signature; a stroke of more points keeps every second one."""

INK_LEAST = 0.5
REACH_LEAST = 0.22
"""What may be a signature: so long a line, reaching so far, both in heights of the field. A dot, or a
palm laid down, is none."""

FIELD_LEAST = 420
DECIMALS = 4


class SignScreen(Screen[Sign]):
    def begin(self) -> None:
        self._strokes: list[Points] = []
        self._ratio = 1.0

    def renew(self, view: Sign) -> None:
        self.view = view

    def body(self, look: Look) -> Block:
        theme = look.theme
        field = SignField(look, self._strokes, self._drawn, bool(self._strokes))
        wipe = plain_button(
            theme,
            look.say("papers.sign.wipe"),
            "wipe",
            self._wipe,
            icon="erase",
            quiet=True,
            enabled=bool(self._strokes),
        )
        statement = look.card(look.write(self.view.statement))
        tools = Row([(Space(), None), (wipe, wipe.width_wanted())], gap=theme.px(GAP))
        return Column(
            [look.heading(self.view.title, self.view.subtitle), statement, field, tools],
            gap=theme.space(GAP),
            grow=1.0,
        )

    def primary(self, look: Look) -> Touchable:
        return primary_button(
            look.theme,
            look.say(self.view.primary),
            "primary",
            self._give,
            enabled=plausible(self._strokes, self._ratio),
        )

    def _drawn(self, ratio: float) -> None:
        """A stroke ended: the buttons may come to life."""
        before = plausible(self._strokes[:-1], self._ratio)
        self._ratio = ratio
        if len(self._strokes) == 1 or plausible(self._strokes, ratio) != before:
            self.redraw()

    def _wipe(self) -> None:
        self._strokes.clear()
        self.redraw()

    def _give(self) -> None:
        strokes = tuple(
            tuple((round(x, DECIMALS), round(y, DECIMALS)) for x, y in stroke)
            for stroke in self._strokes
        )
        self.reply(Signed(strokes, round(self._ratio, DECIMALS)))
        self._strokes = []


def plausible(strokes: list[Points], ratio: float) -> bool:
    """Whether strokes on a field `ratio` times as wide as high may be a signature."""
    points = [(x * ratio, y) for stroke in strokes for x, y in stroke]
    if not points:
        return False
    ink = sum(
        math.dist((a[0] * ratio, a[1]), (b[0] * ratio, b[1]))
        for stroke in strokes
        for a, b in pairwise(stroke)
    )
    across, along = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    return ink >= INK_LEAST and math.hypot(across, along) >= REACH_LEAST


class SignField(Touchable):
    """Where the finger draws. `strokes` grow while it does, in shares of the field from its lower left;
    `drawn` is called with the field's ratio when a stroke has ended."""

    def __init__(
        self, look: Look, strokes: list[Points], drawn: Callable[[float], None], begun: bool
    ) -> None:
        theme = look.theme
        words = look.write("papers.sign.here", colour=MUTED, align="center")
        mark = theme.px(72)
        hint = Column([Icon("touch", mark, OUTLINE), words], gap=theme.space(16))
        super().__init__(
            Space() if begun else hint,
            "sign",
            lambda: None,
            repeats=True,  # strokes follow one another at the same place
            fill=WHITE,
            line=PRIMARY,
            line_width=max(2, theme.px(3)),
            radius=theme.px(BUTTON_RADIUS),
            grow=1.0,
            least=theme.px(FIELD_LEAST),
        )
        self._theme: Theme = theme
        self._strokes = strokes
        self._drawn = drawn
        self._pen = max(2.0, theme.px(PEN) / 2)
        self._ink = InstructionGroup()
        self._drawing: SmoothLine | None = None

    def arrange(self) -> None:
        super().arrange()
        theme = self._theme
        inset, low = theme.px(64), self.y + self.height * 0.2
        with self.canvas.before:
            Color(*OUTLINE)
            draw_stroke([(self.x + inset, low), (self.right - inset, low)], theme.px(3))
        self._ink.clear()
        self.canvas.after.clear()
        self.canvas.after.add(self._ink)
        self._ink.add(Color(*INK))
        for stroke in self._strokes:
            self._ink.add(self._new_line([self._shown(point) for point in stroke]))

    def discard(self) -> None:
        self.canvas.after.clear()
        super().discard()

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        if len(self._strokes) < STROKES_MOST:
            point = self._share(touch)
            self._strokes.append([point])
            self._drawing = self._new_line([self._shown(point)] * 2)
            self._ink.add(self._drawing)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return False
        self._follow(touch)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._follow(touch)
        if self._drawing is not None:
            self._drawing = None
            self._drawn(self.width / self.height)
        return True

    def _follow(self, touch: MotionEvent) -> None:
        if self._drawing is None or not self._strokes:
            return
        point, stroke = self._share(touch), self._strokes[-1]
        if math.dist(point, stroke[-1]) >= STEP:
            if len(stroke) >= POINTS_MOST:
                del stroke[1::2]
            stroke.append(point)
            self._drawing.points = [c for one in stroke for c in self._shown(one)]

    def _new_line(self, points: Points) -> SmoothLine:
        flat = [c for point in points for c in point]
        return SmoothLine(points=flat, width=self._pen, overdraw_width=1.0)

    def _share(self, touch: MotionEvent) -> tuple[float, float]:
        x = (touch.x - self.x) / self.width
        y = (touch.y - self.y) / self.height
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def _shown(self, point: tuple[float, float]) -> tuple[float, float]:
        return self.x + point[0] * self.width, self.y + point[1] * self.height
