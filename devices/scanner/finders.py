"""A QR code from two or three of its finder patterns: laid flat, and a third that light drowned drawn in.

A finder pattern is a dark square of 3 modules in a light ring in a dark ring, 7 modules wide
(ISO/IEC 18004, 6.3.3). Two of them say how the code's plane lies in the picture and how many modules
it has; where the third may be is tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.scanner.picture import Picture

    Points = NDArray[np.float64]

PATTERN = 7
"""Modules across a finder pattern."""

MODULE_PIXELS = 6
"""Pixels a module in the flat picture."""

MARGIN = 4
"""Modules of blank margin around the flat picture."""

SIZES = range(21, 62, 4)
"""Modules across a code, versions 1 to 11: what a hall's codes have."""

PATTERNS_MOST = 5
"""Of more candidates the largest are taken: letters have rings too."""

RING_SHARE = (0.30, 0.72)
"""The light square's area as a share of the outer one's: 25 of 49, blurred either way."""

CORE_SHARE = (0.06, 0.38)
"""The same of the dark core: 9 of 49."""

AREA_LEAST = 60.0
"""Pixels: a pattern of less than one and a half a module cannot be told from a speck."""

LINED_UP = 0.25
"""How far, as a share of their distance, two patterns may be off the side or the diagonal they share."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A code laid flat, and the way its points come back into the picture."""

    picture: Picture
    back: Any

    def in_picture(self, corner: tuple[float, float]) -> tuple[float, float]:
        """A point of the flat picture as a point of the one it was taken from."""
        import cv2
        import numpy as np

        x, y = cv2.perspectiveTransform(np.array([[corner]], np.float64), self.back)[0, 0]
        return float(x), float(y)


def flat_codes(picture: Picture, levels: Picture) -> Iterator[Flat]:
    """What may be codes in `picture`, by the finder patterns in `levels`, the same in black and white."""
    patterns = _patterns(levels)
    for first, second in itertools.permutations(patterns, 2):
        for turn in range(4):
            yield from _from_pair(picture, _turned(first, turn), second)


def _patterns(levels: Picture) -> list[Points]:
    """The corners of each finder pattern, in the order of the picture's clock; the largest first."""
    import cv2

    outlines, nesting, *_ = cv2.findContours(255 - levels, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if nesting is None:
        return []
    found = []
    for outline, (_, _, hole, _) in zip(outlines, nesting[0], strict=True):
        core = nesting[0][hole][2] if hole >= 0 else -1
        area = cv2.contourArea(outline)
        if core < 0 or area < AREA_LEAST:
            continue
        ring = cv2.contourArea(outlines[hole]) / area
        middle = cv2.contourArea(outlines[core]) / area
        if RING_SHARE[0] < ring < RING_SHARE[1] and CORE_SHARE[0] < middle < CORE_SHARE[1]:
            corners = _corners(outline)
            if corners is not None:
                found.append((area, corners))
    found.sort(key=lambda pattern: -pattern[0])
    return [corners for _, corners in found[:PATTERNS_MOST]]


def _corners(outline: Any) -> Points | None:
    import cv2
    import numpy as np

    hull = cv2.convexHull(outline)
    around = cv2.arcLength(hull, True)
    for precision in (0.04, 0.06, 0.08, 0.1):
        corners = cv2.approxPolyDP(hull, precision * around, True)
        if len(corners) == 4:
            return np.asarray(corners.reshape(4, 2), np.float64)
    return None


def _turned(corners: Points, by: int) -> Points:
    import numpy as np

    return np.roll(corners, by, axis=0)


def _square(x: float, y: float) -> Points:
    """The corners of a finder pattern whose first corner is at module `x`, `y`."""
    import numpy as np

    return np.array([[x, y], [x + PATTERN, y], [x + PATTERN, y + PATTERN], [x, y + PATTERN]])


def _from_pair(picture: Picture, first: Points, second: Points) -> Iterator[Flat]:
    """The codes with `first` as their upper left and `second` upper right or lower right of it."""
    import cv2
    import numpy as np

    own = cv2.getPerspectiveTransform(first.astype(np.float32), _square(0, 0).astype(np.float32))
    there = cv2.perspectiveTransform(second.mean(axis=0)[None, None], own)[0, 0] - PATTERN / 2
    x, y = float(there[0]), float(there[1])
    if x <= PATTERN:
        return
    beside, across = abs(y) < LINED_UP * x, abs(y - x) < LINED_UP * x
    if not beside and not across:
        return
    for size in sorted(SIZES, key=lambda n: abs(n - PATTERN - x))[:3]:
        far = size - PATTERN
        at = _square(far, far if across else 0)
        plane = _plane(first, second, at)
        if plane is None:
            continue
        missing = ((far, 0), (0, far)) if across else ((0, far), (far, far))
        for corner in missing:
            yield _flat(picture, plane, size, corner)


def _plane(first: Points, second: Points, at: Points) -> Any:
    """From the picture to modules, with the turn of `second` that fits best."""
    import cv2
    import numpy as np

    known = np.vstack([_square(0, 0), at])
    best, least = None, np.inf
    for turn in range(4):
        seen = np.vstack([first, _turned(second, turn)])
        plane, _ = cv2.findHomography(seen, known)
        if plane is None:
            continue
        error = float(np.abs(cv2.perspectiveTransform(seen[None], plane)[0] - known).max())
        if error < least:
            best, least = plane, error
    return best if least < 1.0 else None


def _flat(picture: Picture, plane: Any, size: int, missing: tuple[int, int]) -> Flat:
    import cv2
    import numpy as np

    onto = np.array(
        [[MODULE_PIXELS, 0, MARGIN * MODULE_PIXELS], [0, MODULE_PIXELS, MARGIN * MODULE_PIXELS], [0, 0, 1]],
        np.float64,
    )  # fmt: skip
    whole = onto @ plane
    side = (size + 2 * MARGIN) * MODULE_PIXELS
    flat = cv2.warpPerspective(
        picture, whole, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    _draw_pattern(flat, missing)
    return Flat(np.asarray(flat, np.uint8), np.linalg.inv(whole))


def _draw_pattern(flat: Any, at: tuple[int, int]) -> None:
    import numpy as np

    ink, paper = (float(level) for level in np.percentile(flat, (15, 85)))
    for inset, level in ((-1, paper), (0, ink), (1, paper), (2, ink)):
        left, top = ((v + MARGIN + inset) * MODULE_PIXELS for v in at)
        wide = (PATTERN - 2 * inset) * MODULE_PIXELS
        flat[top : top + wide, left : left + wide] = level
