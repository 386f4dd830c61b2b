"""What a picture says of its camera: too dark, too bright, out of focus, black or standing still."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

LOOKED_AT_EVERY = 4
"""Every fourth pixel either way says how bright a picture is."""

BLACK_MOST = 12
"""The brightest thousandth of a black picture: a sensor in the dark shows its noise, up to 10 of 255."""

DARK_BELOW, BRIGHT_FROM = 40, 250
"""The mean of a dark picture; the level from which a pixel is drowned in light."""

DROWNED_MOST = 0.4
"""The share of drowned pixels from which a picture is too bright; a phone's white screen has less."""

CONTRAST_LEAST = 12.0
"""Standard deviation of the levels below which a picture has no edges to judge by."""

SHARP_FROM = 0.5
"""The share of a picture's contrast that its steepest edges cross in a pixel. Measured on the frames
of devices/simulators/frames.py: 0.6 and more where sharp, 0.5 and less from a blur of 4 pixels on."""

STEEP_FROM = 0.995
"""The share of a picture that is less steep than its edges: a code is a hundredth of a picture."""

BLACK_FOR_S = 3.0
"""A hand over the lens is gone by then."""

BLURRED_FOR_S = 20.0
"""A code is held closer than the lens can focus for less; a smeared lens stays so."""

FROZEN_FOR_S = 5.0
"""A sensor's noise makes no two pictures equal."""


class Brightness(StrEnum):
    """The light in a picture."""

    BLACK = "black"
    DARK = "dark"
    GOOD = "good"
    BRIGHT = "bright"
    UNKNOWN = "unknown"


class Focus(StrEnum):
    """The edges in a picture."""

    SHARP = "sharp"
    BLURRED = "blurred"
    UNKNOWN = "unknown"


class Exposure(StrEnum):
    """What the shutter should do about the light."""

    LONGER = "longer"
    KEEP = "keep"
    SHORTER = "shorter"


@dataclass(frozen=True, slots=True)
class Quality:
    """One picture judged; `print` is a number that no two pictures of a living sensor share."""

    brightness: Brightness
    focus: Focus
    print: int

    @property
    def exposure(self) -> Exposure:
        """What would make the next picture better."""
        if self.brightness in (Brightness.DARK, Brightness.BLACK):
            return Exposure.LONGER
        return Exposure.SHORTER if self.brightness is Brightness.BRIGHT else Exposure.KEEP


def judge(picture: Picture) -> Quality:
    """What `picture`, rows of grey levels, says of its camera."""
    levels = picture[::LOOKED_AT_EVERY, ::LOOKED_AT_EVERY]
    return Quality(_brightness(levels), _focus(picture), zlib.crc32(picture.tobytes()))


def _brightness(levels: Picture) -> Brightness:
    import numpy as np

    if float(np.percentile(levels, 99.9)) <= BLACK_MOST:
        return Brightness.BLACK
    if float(levels.mean()) < DARK_BELOW:
        return Brightness.DARK
    if float((levels >= BRIGHT_FROM).mean()) > DROWNED_MOST:
        return Brightness.BRIGHT
    return Brightness.GOOD


def _focus(picture: Picture) -> Focus:
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(picture, (0, 0), 1)
    _, deviation = cv2.meanStdDev(calm)
    contrast = float(deviation[0, 0])
    if contrast < CONTRAST_LEAST:
        return Focus.UNKNOWN
    across, down = (cv2.Sobel(calm, cv2.CV_16S, *way) for way in ((1, 0), (0, 1)))
    slopes = cv2.max(
        cv2.convertScaleAbs(across, alpha=1 / 8), cv2.convertScaleAbs(down, alpha=1 / 8)
    )
    counts = np.cumsum(cv2.calcHist([slopes], [0], None, [256], [0, 256]))
    steepest = float(np.searchsorted(counts, STEEP_FROM * counts[-1]))
    return Focus.SHARP if steepest / contrast >= SHARP_FROM else Focus.BLURRED


class Watch:
    """What is wrong with a camera by its pictures over time; `living` where a sensor makes them."""

    def __init__(self, *, living: bool) -> None:
        self._living = living
        self._since: dict[str, float] = {}
        self._print: int | None = None

    def seen(self, quality: Quality, now: float) -> str:
        """The fault's code after another picture at `now` (seconds), "" where nothing is wrong."""
        same = self._living and quality.print == self._print
        self._print = quality.print
        black = quality.brightness is Brightness.BLACK
        wrong = {
            "camera.frozen": (same and not black, FROZEN_FOR_S),
            "camera.black": (black, BLACK_FOR_S),
            "camera.blurred": (quality.focus is Focus.BLURRED, BLURRED_FOR_S),
        }
        for code, (is_wrong, _) in wrong.items():
            if not is_wrong:
                self._since.pop(code, None)
            self._since.setdefault(code, now) if is_wrong else None
        for code, (_, for_s) in wrong.items():
            if code in self._since and now - self._since[code] >= for_s:
                return code
        return ""
