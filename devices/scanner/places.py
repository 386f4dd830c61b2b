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

FINE_PIXELS, COARSE_PIXELS = 13, 37
"""Over so many pixels of the reduced picture edges are counted: two or three modules of a sharp code; or
ten, where blur has left edges to the finder patterns only and takes the code apart."""

OF_ITS_PEAK = 0.45
"""A place ends where it is less busy than this share of its busiest spot."""

BUSY_LEAST = 4.0
"""Slope, as Sobel's 3 by 3 sums it, below which a picture holds nothing at all: a good sensor's noise
makes 3, a code in a fifteenth of its light 8."""

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


def busy_places(picture: Picture, most: int, window: int = FINE_PIXELS) -> list[Place]:
    """At most `most` places of `picture` that may hold a matrix code, the busiest first."""
    import cv2
    import numpy as np

    reduced = max(1, round(max(picture.shape) / SEARCH_PIXELS))
    share = 1 / reduced
    small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    calm = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 1)
    across = cv2.blur(np.abs(cv2.Sobel(calm, cv2.CV_32F, 1, 0)), (window, window))
    down = cv2.blur(np.abs(cv2.Sobel(calm, cv2.CV_32F, 0, 1)), (window, window))
    busy = np.minimum(across, down)
    left_over = busy.copy()
    places: list[Place] = []
    least = max(float(busy.max()) * OF_ITS_PEAK, BUSY_LEAST)
    while len(places) < most:
        _, peak, _, (x, y) = cv2.minMaxLoc(left_over)
        if peak < least:
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
