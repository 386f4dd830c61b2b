"""The looks at a picture, in the order of what they find for their time: the first is nearly always
enough, and only a picture that withstood it pays for the others.

Each look is a way to alter the picture against one hardship and a library that reads the outcome. What
each finds, for their order, is told by `python -m tests.bench.decoding --looks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devices.scanner.finders import flat_codes
from devices.scanner.places import COARSE_PIXELS, Place, busy_places
from devices.scanner.readers import Corner, Kinds, Reading, zbar, zxing
from devices.scanner.sharpen import Blurred, bell, disc, movement, smear

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

PLACES_MOST = 3

LARGE_PIXELS, FRAME_PIXELS = 2200, 1280
"""A picture with a side above the first is a photograph: a code that fills it is read as well, and in a
quarter of the time, in the size of a camera's frame."""

CUT_SIDES = (300, 440)
"""Pixels to which a place is brought: 7 to 12 a module for the codes of a hall (versions 1 to 6)."""

DISC_RADII = (4, 6, 5, 8, 3, 7, 10, 12)
"""Guesses at a blur's radius in pixels of a cut, the likeliest first."""

DISC_NOISE = (0.002, 0.01)

BELLS = (3.5, 2.5, 5.0)
"""Guesses at the same blur as a bell, which its edges look more like where a screen's glass adds to it."""

BELL_NOISE = 0.001

SMEAR_LENGTHS = (11, 14, 8, 17, 20, 24)
"""Guesses at a smear's length in pixels of a cut."""

SMEAR_TURNS = (0.0, 15.0, -15.0, 30.0, -30.0)
"""Degrees around the angle that the picture itself suggests."""

SMEAR_NOISE = 0.01

SMEARED_FROM = 0.25
"""A picture is taken for smeared where its slopes differ so much by direction; a sharp code's do by 0.1."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: `wild` where it puts more into the picture than it found, and needs proof."""

    name: str
    read: Callable[[], list[Reading]]
    wild: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A place of the frame, brought to another size: its picture, and the way back."""

    picture: Picture
    left: int
    top: int
    scale: float

    def back(self, readings: list[Reading]) -> list[Reading]:
        """The readings with their corners in the frame."""
        return [reading.moved(self._into_frame) for reading in readings]

    def _into_frame(self, corner: Corner) -> Corner:
        return self.left + corner[0] / self.scale, self.top + corner[1] / self.scale


def first(frame: Picture) -> Iterator[Look]:
    """The look that nearly always is enough: QR codes, as they are; of a large picture reduced, first."""
    longer = max(frame.shape)
    if longer > LARGE_PIXELS:
        reduced = _sized(frame, 1 / round(longer / FRAME_PIXELS))
        yield _look("reduced", reduced, lambda p: p)
    yield Look("first", lambda: zxing(frame, Kinds.QR))


def other_kinds(frame: Picture) -> Look:
    """Codes of every other kind, as they are."""
    kinds = (Kinds.MATRIX, Kinds.CHECKED, Kinds.UNCHECKED)
    return Look("other_kinds", lambda: zxing(frame, *kinds))


def second(frame: Picture) -> Iterator[Look]:
    """The looks at a picture that withstood the first, each cheap for what it finds."""
    half = _sized(frame, 0.5)
    yield _look("half_sharp", half, lambda p: _sharper(p, 2, 3))
    cuts = [_cut(frame, place, CUT_SIDES[0]) for place in busy_places(frame, PLACES_MOST)]
    for cut in cuts:
        yield Look("cut", lambda cut=cut: cut.back(zxing(cut.picture, Kinds.MATRIX)), wild=True)  # type: ignore[misc]
        yield _look("cut_sharp", cut, lambda p: _sharper(p, 4, 4))
        yield _look("cut_levels", cut, lambda p: _levels(_calm(p, 1.0), 61), one_level=True)
        yield _look("cut_even", cut, lambda p: _even(_calm(p, 1.0), 51))
        yield _look("cut_calm", cut, lambda p: _calm(p, 2.0))
        yield _look("cut_one_level", cut, lambda p: p, one_level=True)
    whole = Cut(frame, 0, 0, 1.0)
    yield _look("calm", whole, lambda p: _calm(p, 1.0))
    yield _look("levels", whole, lambda p: _levels(_calm(p, 1.5), 41), one_level=True)
    yield _look("one_level", whole, lambda p: p, one_level=True)
    yield _look("larger", _sized(frame, 1.5), lambda p: p)
    for cut in cuts:
        yield Look("cut_zbar", lambda cut=cut: cut.back(zbar(cut.picture)))  # type: ignore[misc]
    yield other_kinds(frame)


def last(frame: Picture) -> Iterator[Look]:
    """The looks at a picture that withstood the second ones too: blur is guessed and taken out."""
    fine = busy_places(frame, PLACES_MOST - 1)
    coarse = [place for place in busy_places(frame, 1, COARSE_PIXELS) if place not in fine]
    places = fine[:1] + coarse + fine[1:]
    for place in places:
        cut = _cut(frame, place, CUT_SIDES[1])
        yield Look("flat", lambda cut=cut: cut.back(_flat(cut.picture)), wild=True)  # type: ignore[misc]
    for side in CUT_SIDES:
        for place in places:
            yield from _unblurred(_cut(frame, place, side))
    large = [_cut(frame, place, CUT_SIDES[1]) for place in places]
    for cut in large:
        yield _look("large_cut_sharp", cut, lambda p: _sharper(p, 4, 4))
        yield _look("large_cut_levels", cut, lambda p: _levels(_calm(p, 1.5), 101), one_level=True)
        yield _look("large_cut_even", cut, lambda p: _even(_calm(p, 1.0), 51))
        yield _look("large_cut_calm", cut, lambda p: _calm(p, 3.0))
    half = _sized(frame, 0.5)
    yield Look("half_zbar", lambda: half.back(zbar(half.picture)))
    yield _look("twice", _sized(frame, 2.0), lambda p: p)
    yield Look("zbar", lambda: zbar(frame))
    yield _look("twice_sharp", _sized(frame, 2.0), lambda p: _sharper(p, 2, 1.5))
    yield _look("sharp", Cut(frame, 0, 0, 1.0), lambda p: _sharper(p, 2, 1.5))
    yield _look("thrice", _sized(frame, 3.0), lambda p: p)
    twice = _sized(frame, 2.0)
    yield Look("twice_zbar", lambda: twice.back(zbar(twice.picture)))


def _unblurred(cut: Cut) -> Iterator[Look]:
    """A smear along the angle that the picture suggests, and discs; the likelier of both first."""
    blurred = Blurred(cut.picture)
    angle, smeared = movement(cut.picture)
    smears = [
        ("smear", smear(length, angle + math.radians(turn)), SMEAR_NOISE)
        for turn in SMEAR_TURNS
        for length in SMEAR_LENGTHS
    ]
    discs = [("disc", disc(radius), noise) for radius in DISC_RADII for noise in DISC_NOISE]
    discs[6:6] = [("bell", bell(sigma), BELL_NOISE) for sigma in BELLS]
    for name, kernel, noise in smears + discs if smeared > SMEARED_FROM else discs + smears:
        yield Look(
            f"{name}_{cut.picture.shape[1]}",
            lambda kernel=kernel, noise=noise: cut.back(  # type: ignore[misc]
                zxing(blurred.sharpened(kernel, noise), Kinds.QR)
            ),
            wild=True,
        )


def _flat(picture: Picture) -> list[Reading]:
    for flat in flat_codes(picture, _levels(_calm(picture, 1.0), 61)):
        readings = zxing(flat.picture, Kinds.QR)
        if readings:
            return [reading.moved(flat.in_picture) for reading in readings]
    return []


# --- what is done to a picture ---------------------------------------------------------------------


def _look(
    name: str, cut: Cut, altered: Callable[[Picture], Picture], *, one_level: bool = False
) -> Look:
    return Look(
        name,
        lambda: cut.back(zxing(altered(cut.picture), Kinds.QR, one_level=one_level)),
    )


def _cut(frame: Picture, place: Place, side: int) -> Cut:
    part = frame[place.top : place.bottom, place.left : place.right]
    sized = _sized(part, side / max(part.shape))
    return replace(sized, left=place.left, top=place.top)


def _sized(picture: Picture, scale: float) -> Cut:
    import cv2
    import numpy as np

    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
    return Cut(np.asarray(sized, np.uint8), 0, 0, scale)


def _calm(picture: Picture, sigma: float) -> Picture:
    """Without noise and fine stripes: a low-pass of `sigma` pixels."""
    import cv2
    import numpy as np

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _sharper(picture: Picture, sigma: float, by: float) -> Picture:
    """What a blur of `sigma` pixels took, added `by` times: an unsharp mask."""
    import cv2
    import numpy as np

    blurred = cv2.GaussianBlur(picture, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(picture, 1 + by, blurred, -by, 0), np.uint8)


def _even(picture: Picture, window: int) -> Picture:
    """The same light and contrast everywhere, over `window` pixels."""
    import cv2
    import numpy as np

    levels = picture.astype(np.float32)
    mean = cv2.blur(levels, (window, window))
    spread = np.sqrt(np.maximum(cv2.blur(levels * levels, (window, window)) - mean * mean, 0) + 9)
    return np.asarray(np.clip(128 + 50 * (levels - mean) / spread, 0, 255), np.uint8)


def _levels(picture: Picture, window: int) -> Picture:
    """Ink or paper, whichever is nearer around: past glare and shadows."""
    import cv2
    import numpy as np

    ways = (cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY)
    return np.asarray(cv2.adaptiveThreshold(picture, 255, *ways, window, 0), np.uint8)
