"""Line drawings on a 24×24 grid: what an item is about, what to take, what a button does."""

from __future__ import annotations

import math

from kivy.graphics import Color, SmoothEllipse, SmoothLine, Triangle

from screens.theme import Colour
from screens.widgets.block import Block

Point = tuple[float, float]
Stroke = tuple[Point, ...]

GRID = 24.0
STROKE = 1.7
"""Stroke width in grid units."""


def _arc(cx: float, cy: float, r: float, start: float, end: float, ry: float = 0.0) -> Stroke:
    """Points of an arc; degrees counted clockwise from the top, as on a clock, y downwards."""
    steps = max(8, int(abs(end - start) / 12))
    points = []
    for i in range(steps + 1):
        angle = math.radians(start + (end - start) * i / steps)
        points.append((cx + r * math.sin(angle), cy - (ry or r) * math.cos(angle)))
    return tuple(points)


def _circle(cx: float, cy: float, r: float) -> Stroke:
    return _arc(cx, cy, r, 0, 360)


def _box(x: float, y: float, w: float, h: float, r: float) -> Stroke:
    right, low = x + w, y + h
    return (
        *_arc(right - r, y + r, r, 0, 90),
        *_arc(right - r, low - r, r, 90, 180),
        *_arc(x + r, low - r, r, 180, 270),
        *_arc(x + r, y + r, r, 270, 360),
        (right - r, y),
    )


_FACE = _circle(12, 12, 9.5)

STROKES: dict[str, tuple[Stroke, ...]] = {
    "person": (_circle(12, 7.5, 4), ((4, 21), *_arc(12, 21, 8, -90, 90, 6.5), (20, 21))),
    "health": (_box(3, 4.5, 18, 16, 3), ((12, 8.5), (12, 16.5)), ((8, 12.5), (16, 12.5))),
    "house": (
        ((2.5, 12), (12, 3.5), (21.5, 12)),
        ((5, 10), (5, 20.5), (19, 20.5), (19, 10)),
        ((9.7, 20.5), (9.7, 14.5), (14.3, 14.5), (14.3, 20.5)),
    ),
    "invoice": (
        (
            (5, 21),
            (5, 3),
            (19, 3),
            (19, 21),
            (16.7, 19.2),
            (14.3, 21),
            (12, 19.2),
            (9.7, 21),
            (7.3, 19.2),
            (5, 21),
        ),
        ((8.5, 8), (15.5, 8)),
        ((8.5, 12), (15.5, 12)),
        ((8.5, 15.7), (12.5, 15.7)),
    ),
    "shield": (
        (
            (12, 2.5),
            (20, 5.5),
            (20, 11.5),
            (18.7, 15.8),
            (16, 19),
            (12, 21.5),
            (8, 19),
            (5.3, 15.8),
            (4, 11.5),
            (4, 5.5),
            (12, 2.5),
        ),
        ((8.5, 12), (11, 14.5), (15.7, 9.5)),
    ),
    "clock": (_FACE, ((12, 6.5), (12, 12.3), (16, 14.5))),
    "card": (
        _box(1.5, 4, 21, 16, 2.5),
        _circle(8, 10, 2.4),
        _arc(8, 17, 4, -85, 85, 3.8),
        ((15, 9.5), (19.5, 9.5)),
        ((15, 14.5), (19.5, 14.5)),
    ),
    "scan": (
        ((2.5, 7.5), (2.5, 2.5), (7.5, 2.5)),
        ((16.5, 2.5), (21.5, 2.5), (21.5, 7.5)),
        ((21.5, 16.5), (21.5, 21.5), (16.5, 21.5)),
        ((7.5, 21.5), (2.5, 21.5), (2.5, 16.5)),
        ((2.5, 12), (21.5, 12)),
    ),
    "printer": (
        ((7, 8), (7, 2.5), (17, 2.5), (17, 8)),
        ((7, 17.5), (3, 17.5), (3, 8.5), (21, 8.5), (21, 17.5), (17, 17.5)),
        ((7, 14), (17, 14), (17, 21.5), (7, 21.5), (7, 14)),
    ),
    "document": (
        ((14, 2.5), (5, 2.5), (5, 21.5), (19, 21.5), (19, 7.5), (14, 2.5)),
        ((14, 2.5), (14, 7.5), (19, 7.5)),
        ((8.5, 12.5), (15.5, 12.5)),
        ((8.5, 16.5), (15.5, 16.5)),
    ),
    "camera": (
        (
            (3, 6.5),
            (7.5, 6.5),
            (9, 3.5),
            (15, 3.5),
            (16.5, 6.5),
            (21, 6.5),
            (21.8, 8),
            (21.8, 19),
            (21, 20.5),
            (3, 20.5),
            (2.2, 19),
            (2.2, 8),
            (3, 6.5),
        ),
        _circle(12, 13.3, 4),
    ),
    "network": (
        _FACE,
        ((2.5, 12), (21.5, 12)),
        _arc(12, 12, 4.2, 0, 360, 9.5),
    ),
    "bell": (
        (
            (3.5, 17.3),
            (5.6, 15),
            (5.8, 9.5),
            *_arc(12, 9.2, 6.2, -90, 90),
            (18.4, 15),
            (20.5, 17.3),
            (3.5, 17.3),
        ),
        _arc(12, 19, 2.4, 110, 250),
    ),
    "check": (((4, 12.8), (9.7, 18.2), (20, 6.5)),),
    "warning": (
        ((12, 3), (22.2, 20.6), (1.8, 20.6), (12, 3)),
        ((12, 9.5), (12, 14.3)),
        ((12, 17.2), (12, 17.5)),
    ),
    "cross": (((5, 5), (19, 19)), ((19, 5), (5, 19))),
    "lock": (
        _box(3.8, 10.5, 16.4, 11, 2),
        ((7.3, 10.5), *_arc(12, 7.2, 4.7, -90, 90), (16.7, 10.5)),
    ),
    "wait": (
        ((6, 2.5), (18, 2.5)),
        ((6, 21.5), (18, 21.5)),
        ((7.5, 2.5), (7.5, 6.5), (12, 12), (16.5, 6.5), (16.5, 2.5)),
        ((7.5, 21.5), (7.5, 17.5), (12, 12), (16.5, 17.5), (16.5, 21.5)),
    ),
    "phone": (_box(6, 1.8, 12, 20.4, 2.4), ((10.8, 18.8), (13.2, 18.8))),
    "search": (_circle(10, 10, 7), ((15.2, 15.2), (21.5, 21.5))),
    "open": (
        ((12.5, 20), (20, 20), (20, 3), (5, 3), (5, 20)),
        ((5, 3), (12.5, 6), (12.5, 23), (5, 20), (5, 3)),
        ((9.8, 13), (9.8, 14.6)),
    ),
    "up": (((4, 16), (12, 8), (20, 16)),),
    "down": (((4, 8), (12, 16), (20, 8)),),
    "back": (((15.5, 4), (8, 12), (15.5, 20)),),
    "forth": (((8.5, 4), (16, 12), (8.5, 20)),),
    "exit": (
        ((10, 3.5), (3.5, 3.5), (3.5, 20.5), (10, 20.5)),
        ((9, 12), (21, 12)),
        ((16.5, 7.5), (21, 12), (16.5, 16.5)),
    ),
    "reach": (
        _circle(12, 3.8, 2),
        ((3.5, 8.6), (12, 9.6), (20.5, 8.6)),
        ((12, 9.6), (12, 14.5)),
        ((7.5, 22), (12, 14.5), (16.5, 22)),
    ),
    "erase": (
        ((8.5, 5), (21.5, 5), (21.5, 19), (8.5, 19), (2, 12), (8.5, 5)),
        ((12, 9.5), (17, 14.5)),
        ((17, 9.5), (12, 14.5)),
    ),
    "touch": (
        (
            (9, 13.5),
            (9, 5.3),
            *_arc(10.7, 5.2, 1.7, -90, 90),
            (12.4, 11),
            (17.6, 12.2),
            (19.4, 14),
            (18.4, 21.5),
            (10.4, 21.5),
            (5, 15.6),
            (6.3, 13.9),
            (9, 15.5),
        ),
        _arc(10.7, 5.2, 4.6, -105, 105),
    ),
    "very_good": (
        _FACE,
        ((8.6, 8.4), (8.6, 9.6)),
        ((15.4, 8.4), (15.4, 9.6)),
        ((7, 13.2), (17, 13.2), *_arc(12, 13.2, 5, 90, 270, 4.6)),
    ),
    "good": (
        _FACE,
        ((8.6, 8.4), (8.6, 9.6)),
        ((15.4, 8.4), (15.4, 9.6)),
        _arc(12, 11.6, 5, 118, 242, 5),
    ),
    "fair": (
        _FACE,
        ((8.6, 8.4), (8.6, 9.6)),
        ((15.4, 8.4), (15.4, 9.6)),
        ((8, 15.2), (16, 15.2)),
    ),
    "bad": (
        _FACE,
        ((8.6, 8.4), (8.6, 9.6)),
        ((15.4, 8.4), (15.4, 9.6)),
        _arc(12, 19.6, 4.8, -56, 56, 5),
    ),
    "very_bad": (
        _FACE,
        ((7.2, 7.4), (10, 8.8)),
        ((16.8, 7.4), (14, 8.8)),
        _arc(12, 19.8, 5.4, -68, 68, 6),
    ),
}


class Icon(Block):
    """One drawing, `size` screen pixels square, in one colour."""

    def __init__(self, name: str, size: float, colour: Colour, weight: float = 1.0) -> None:
        super().__init__()
        self.name = name
        self._size = size
        self._colour = colour
        self._weight = weight

    def width_wanted(self) -> float:
        return self._size

    def height_for(self, width: float) -> float:
        return self._size

    def dye(self, colour: Colour) -> None:
        """Take another colour."""
        self._colour = colour
        self.arrange()

    def arrange(self) -> None:
        unit = self._size / GRID
        x = self.x + (self.width - self._size) / 2
        y = self.y + (self.height + self._size) / 2
        self.canvas.clear()
        with self.canvas:
            Color(*self._colour)
            for stroke in STROKES[self.name]:
                draw_stroke(
                    [(x + px * unit, y - py * unit) for px, py in stroke],
                    STROKE * unit * self._weight,
                )


def draw_stroke(points: list[Point], width: float) -> None:
    """A line with round ends into the current canvas; `width` in screen pixels."""
    SmoothLine(
        points=[c for point in points for c in point], width=max(0.6, width / 2), overdraw_width=1.0
    )
    for x, y in (points[0], points[-1]):
        if width >= 2.5:
            SmoothEllipse(pos=(x - width / 2, y - width / 2), size=(width, width), segments=16)


class Emblem(Block):
    """The hall's mark in the header: mountains over water on a white disc."""

    def __init__(self, size: float, ground: Colour, ink: Colour) -> None:
        super().__init__()
        self._size = size
        self._ground = ground
        self._ink = ink

    def width_wanted(self) -> float:
        return self._size

    def height_for(self, width: float) -> float:
        return self._size

    def arrange(self) -> None:
        s = self._size
        x, y = self.center_x - s / 2, self.center_y - s / 2
        self.canvas.clear()
        with self.canvas:
            Color(*self._ground)
            SmoothEllipse(pos=(x, y), size=(s, s), segments=90)
            Color(*self._ink)
            for left, peak, right, top in ((0.16, 0.40, 0.66, 0.70), (0.40, 0.64, 0.86, 0.60)):
                corners = [
                    (x + s * left, y + s * 0.38),
                    (x + s * peak, y + s * top),
                    (x + s * right, y + s * 0.38),
                ]
                Triangle(points=[c for corner in corners for c in corner])
                draw_stroke([*corners, corners[0]], s * 0.02)
            for level in (0.29,):
                wave = [
                    (
                        x + s * (0.17 + 0.66 * i / 24),
                        y + s * (level + 0.022 * math.sin(i / 24 * 4 * math.pi)),
                    )
                    for i in range(25)
                ]
                draw_stroke(wave, s * 0.055)
