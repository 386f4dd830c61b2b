"""Where in a picture a code may be: the places that are busy in both directions, as codes are.

A second look at such a place costs a tenth of one at the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

SEARCH_PIXELS = 480
"""The longer side of the reduced picture that is searched; a code in it is 15 to 400 pixels wide."""

WINDOW_PIXELS = 13
"""Over so many pixels of the reduced picture edges are counted: two or three modules of a code."""

OF_ITS_PEAK = 0.45
"""A place ends where it is less busy than this share of its busiest spot."""

BUSY_LEAST = 1.5
"""Grey levels of slope below which a picture holds nothing at all: a sensor's noise has less."""

MARGIN = 0.3
"""What is cut out around a place, as a share of its side: blur eats a code's edges and margin."""

MARGIN_PIXELS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A square part of a picture, in its pixels; it may end at the picture's edge."""

    left: int
    top: int
    right: int
    bottom: int


def busy_places(picture: Picture, most: int) -> list[Place]:
    """At most `most` places of `picture` that may hold a matrix code, the busiest first."""
    import cv2
    import numpy as np

    reduced = max(1, round(max(picture.shape) / SEARCH_PIXELS))
    share = 1 / reduced
    small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    calm = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 1)
    window = (WINDOW_PIXELS, WINDOW_PIXELS)
    across = cv2.blur(np.abs(cv2.Sobel(calm, cv2.CV_32F, 1, 0)), window)
    down = cv2.blur(np.abs(cv2.Sobel(calm, cv2.CV_32F, 0, 1)), window)
    busy = np.minimum(across, down)
    left_over = busy.copy()
    places: list[Place] = []
    busiest = max(float(busy.max()), BUSY_LEAST)
    while len(places) < most:
        _, peak, _, (x, y) = cv2.minMaxLoc(left_over)
        if peak < busiest * OF_ITS_PEAK:
            break
        of_this = (busy > peak * OF_ITS_PEAK).astype(np.uint8)
        _, labels, boxes, _ = cv2.connectedComponentsWithStats(of_this)
        label = int(labels[y, x])
        left_over[labels == label] = 0
        places.append(_square([int(v) * reduced for v in boxes[label][:4]], picture.shape))
    return places


def _square(box: list[int], shape: tuple[int, ...]) -> Place:
    left, top, width, height = box
    half = max(width, height) * (0.5 + MARGIN) + MARGIN_PIXELS
    x, y = left + width / 2, top + height / 2
    return Place(
        int(max(0, x - half)), int(max(0, y - half)),
        int(min(shape[1], x + half)), int(min(shape[0], y + half)),
    )  # fmt: skip
