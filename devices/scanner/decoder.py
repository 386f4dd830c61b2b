"""Pictures into codes: one quick look, and second looks that only failures pay for, within a budget.

A picture that yields a code at once costs what the library costs. One that does not is looked at again
in other lights until a code is found or the time is up. A wrong code is worse than none: what was read
from a picture that had to be guessed at counts only with proof.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from devices.scanner import looks
from devices.scanner.codes import CodeKind, Refusal, ScannedCode, read_code
from devices.scanner.looks import Look
from devices.scanner.picture import load
from devices.scanner.readers import Corners, Reading
from devices.status import Failed, Ok, Result

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

FILE_BUDGET_MS = 3000.0
"""What a picture from a file may cost: somebody waits for this one, and it will not come again. All looks
at a frame of 1280 by 720 take one second, on a machine that is busy with other things two or three."""

FRAME_BUDGET_MS = 120.0
"""What a frame of a camera may cost: the hand moves, and the next frame is another chance."""

SPARE_LEAST = 0.1
"""The share of error correction that a wild look must leave unused. Noise that is taken for a code
leaves nothing; each share left makes a chance match a hundred times rarer."""


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a picture in which a code is wanted, as shares of its width and height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError("a region is left, top, right, bottom, each 0 to 1 and in that order")


@dataclass(frozen=True, slots=True)
class DecodedCode:
    """One code of a picture; `corners` clockwise from its own top left, in the picture's pixels."""

    code: ScannedCode
    symbology: str
    corners: Corners

    @property
    def text(self) -> str:
        """What the code holds."""
        return self.code.text

    @property
    def kind(self) -> CodeKind:
        """What the code is for."""
        return self.code.kind


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """What was found in a picture, in `ms` milliseconds of work, by which `look`.

    `refused` says of codes that were read and are none of ours, why (devices/scanner/codes.py).
    """

    ms: float
    codes: tuple[DecodedCode, ...]
    refused: tuple[Refusal, ...] = ()
    look: str = ""


class Decoder:
    """Decodes pictures, one at a time, each in about `budget_ms` at most.

    With `every`, codes of other kinds are looked for also where a QR code was found. With `film` the
    pictures are frames of one scene: each is looked at first as it is, and then by the looks that the
    frame before had no time for.
    """

    def __init__(
        self,
        *,
        budget_ms: float = FRAME_BUDGET_MS,
        region: Region | None = None,
        every: bool = False,
        film: bool = False,
    ) -> None:
        self._budget_s = budget_ms / 1000
        self._region = region or Region()
        self._every = every
        self._film = film
        self._tried = 0
        warm_up()

    def decode(self, picture: Picture) -> DecodedPicture:
        """The codes in `picture`, rows of grey levels."""
        begun = time.perf_counter()
        part, left, top = _part(picture, self._region)
        found, by = self._look(part, begun + self._budget_s)
        if found and self._every and by != "other_kinds":
            found += looks.other_kinds(part).read()
        codes, refused = _as_codes(found, left, top)
        return DecodedPicture((time.perf_counter() - begun) * 1000, codes, refused, by)

    def _look(self, part: Picture, until: float) -> tuple[list[Reading], str]:
        """What the first look that finds anything finds, and its name."""
        tried, self._tried = self._tried, 0
        for number, look in enumerate(self._looks(part)):
            if 0 < number <= tried:
                continue
            found = [reading for reading in look.read() if not look.wild or _proven(reading)]
            if found:
                return found, look.name
            if time.perf_counter() >= until and (number > tried or not self._film):
                self._tried = number if self._film else 0
                break
        return [], ""

    def _looks(self, part: Picture) -> Iterator[Look]:
        yield from looks.first(part)
        yield from looks.second(part)
        yield from looks.last(part)


def warm_up() -> None:
    """Load the libraries, which takes half a second the first time."""
    import cv2
    import numpy as np
    from pyzbar import pyzbar

    from devices.scanner.readers import Kinds, zxing

    cv2.setNumThreads(1)
    blank = np.full((32, 32), 255, np.uint8)
    zxing(blank, Kinds.QR)
    pyzbar.decode(blank)


def decode_file(path: Path, decoder: Decoder | None = None) -> Result[DecodedPicture]:
    """The codes in the picture `path`; `ms` is without reading and unpacking the file.

    What fails is the file: `picture.missing`, `picture.unreadable`, `picture.too_large`. A picture
    without a code is no failure.
    """
    loaded = load(path)
    if isinstance(loaded, Failed):
        return loaded
    return Ok((decoder or Decoder(budget_ms=FILE_BUDGET_MS)).decode(loaded.value))


def _part(picture: Picture, region: Region) -> tuple[Picture, int, int]:
    height, width = picture.shape
    left, top = int(region.left * width), int(region.top * height)
    right, bottom = round(region.right * width), round(region.bottom * height)
    return picture[top:bottom, left:right], left, top


def _proven(reading: Reading) -> bool:
    return reading.spare is not None and reading.spare >= SPARE_LEAST


def _as_codes(
    readings: list[Reading], left: int, top: int
) -> tuple[tuple[DecodedCode, ...], tuple[Refusal, ...]]:
    """The readings as data, each text once; what is refused is told by its reason only."""
    codes: dict[str, DecodedCode] = {}
    refused = []
    for reading in readings:
        code = read_code(reading.payload)
        if isinstance(code, Refusal):
            refused.append(code)
            continue
        corners = reading.moved(lambda at: (at[0] + left, at[1] + top)).corners
        codes.setdefault(code.text, DecodedCode(code, reading.symbology, corners))
    return tuple(codes.values()), tuple(refused)
