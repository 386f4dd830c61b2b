"""Where to look for the face match: what the camera sees, an oval to fill, what to do, the time left."""

from __future__ import annotations

import math

from kivy.graphics import Color, Mesh, Rectangle, SmoothLine
from kivy.graphics.texture import Texture

from kiosk.texts import Msg
from kiosk.views import FaceCamera, Snapshot, Tone
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import GAP, HEADING, OUTLINE, PRIMARY, TINT, Theme, colour
from screens.widgets.block import Block, Column, Space
from screens.widgets.countdown import Countdown
from screens.widgets.icons import Icon
from screens.widgets.picture import texture_of

LEAST_PICTURE = 520
OVAL_HIGH = 0.86
OVAL_RATIO = 0.76
"""A face with its hair is so wide for its height (ISO/IEC 19794-5: head width to length)."""

VEIL = (*colour("#F3F6FA")[:3], 0.72)
CORNERS = 96


class FaceScreen(Screen[FaceCamera]):
    def begin(self) -> None:
        self._countdown: Countdown | None = None
        self._picture: CameraPicture | None = None

    def follow(self, view: FaceCamera) -> bool:
        shown = self._picture
        if shown is None or view.picture is None or not self._same_but_picture(view):
            return False
        self.view = view
        shown.show(view.picture)
        return True

    def renew(self, view: FaceCamera) -> None:
        since, now = self.shown_at, self.view
        super().renew(view)
        if (view.seconds, view.trouble) == (now.seconds, now.trouble):  # no new try
            self.shown_at = since

    def body(self, look: Look) -> Block:
        theme = look.theme
        self._countdown = Countdown(
            look, lambda: self.seconds_left(self.view.seconds), self._sentence
        )
        self._picture = CameraPicture(theme, self.view.picture)
        card = look.card(
            Column(
                [
                    self._picture,
                    Space(theme.space(24)),
                    look.write(self.view.hint, HEADING, bold=True, align="center"),
                    Space(theme.space(20)),
                    self._countdown,
                ],
                grow=1.0,
            ),
            grow=1.0,
        )
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        blocks += [card, look.notice("papers.face.privacy", icon="lock")]
        return Column(blocks, gap=theme.space(GAP), grow=1.0)

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()

    def _same_but_picture(self, view: FaceCamera) -> bool:
        now = self.view
        return (view.key, view.title, view.subtitle, view.hint, view.trouble, view.seconds) == (
            now.key,
            now.title,
            now.subtitle,
            now.hint,
            now.trouble,
            now.seconds,
        )

    def _sentence(self, seconds: int) -> Msg:
        return seconds_left(seconds, "time.left")


class CameraPicture(Block):
    """The camera's picture as in a looking-glass, veiled but for an oval; renewed in place."""

    def __init__(self, theme: Theme, snapshot: Snapshot | None) -> None:
        super().__init__(grow=1.0)
        self._theme = theme
        self._snapshot = snapshot
        self._texture: Texture | None = None
        self._waiting = Icon("camera", theme.px(160), OUTLINE)

    def height_for(self, width: float) -> float:
        return self._theme.px(LEAST_PICTURE)

    def show(self, snapshot: Snapshot) -> None:
        """Show another picture."""
        before, self._snapshot = self._snapshot, snapshot
        same = before and (before.width, before.height) == (snapshot.width, snapshot.height)
        if self._texture is None or not same:
            self.arrange()
        else:
            self._texture.blit_buffer(snapshot.rgb, colorfmt="rgb", bufferfmt="ubyte")
            self.canvas.ask_update()

    def discard(self) -> None:
        self._texture = self._snapshot = None
        super().discard()

    def arrange(self) -> None:
        theme = self._theme
        width = min(self.width, self.height * 4 / 3)
        pos = round(self.center_x - width / 2), self.y
        size = round(width), self.height
        high = size[1] * OVAL_HIGH
        oval = high * OVAL_RATIO / 2, high / 2
        self.clear_widgets()
        self.canvas.clear()
        with self.canvas:
            if self._snapshot is None:
                Color(*TINT)
                Rectangle(pos=pos, size=size)
            else:
                self._texture = texture_of(self._snapshot, mirrored=True)
                Color(1, 1, 1)
                part = _filling(self._snapshot, size)
                Rectangle(texture=self._texture.get_region(*part), pos=pos, size=size)
            Color(*VEIL)
            _veil(pos, size, oval)
            Color(*PRIMARY)
            SmoothLine(
                ellipse=(
                    self.center_x - oval[0],
                    self.center_y - oval[1],
                    oval[0] * 2,
                    oval[1] * 2,
                ),
                width=theme.px(4),
                overdraw_width=1.0,
            )
        if self._snapshot is None:
            side = self._waiting.height_for(0)
            self.add_widget(self._waiting)
            self._waiting.place(self.center_x - side / 2, self.center_y - side / 2, side, side)


def _filling(snapshot: Snapshot, size: tuple[float, float]) -> tuple[float, float, float, float]:
    """The middle part of a picture that fills `size` undistorted: x, y, width, height."""
    scale = max(size[0] / snapshot.width, size[1] / snapshot.height)
    width, height = size[0] / scale, size[1] / scale
    return (snapshot.width - width) / 2, (snapshot.height - height) / 2, width, height


def _veil(pos: tuple[float, float], size: tuple[float, float], oval: tuple[float, float]) -> None:
    """Cover the rectangle but for the oval in its middle: a band between the two outlines."""
    cx, cy = pos[0] + size[0] / 2, pos[1] + size[1] / 2
    half = size[0] / 2, size[1] / 2
    corner = math.atan2(half[1], half[0])
    angles = {2 * math.pi * i / CORNERS for i in range(CORNERS + 1)}
    angles |= {corner, math.pi - corner, math.pi + corner, 2 * math.pi - corner}
    vertices: list[float] = []
    for angle in sorted(angles):
        x, y = math.cos(angle), math.sin(angle)
        reach = min(half[0] / max(abs(x), 1e-9), half[1] / max(abs(y), 1e-9))
        near = 1 / math.hypot(x / oval[0], y / oval[1])
        for far in (reach, near):
            vertices += [cx + x * far, cy + y * far, 0.0, 0.0]
    count = len(vertices) // 4
    Mesh(vertices=vertices, indices=list(range(count)), mode="triangle_strip")
