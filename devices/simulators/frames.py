"""Pictures of codes as a bad camera in a bad place takes them, seeded, each with the truth it holds.

A scene is a wall with things on it and a phone or a sheet of paper that carries the code; a hardship
is then done to it as optics, light, hand and compression do it. The bench measures the decoder on
such frames, and the simulated camera shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Plane = NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
"""The frame: what a 720p camera module delivers."""

STRENGTHS = 4
"""Each hardship from 1, which most decoders bear, to 4, which few do."""

QUIET_MODULES = 4
"""The blank margin of a QR code (ISO/IEC 18004, 5.3.8)."""

CODE_PIXELS = (190, 300)
"""The side of a code in the frame, where nothing makes it smaller: a phone at 15 to 25 cm."""

SUPERSAMPLED = 2
"""Scenes are drawn so many times larger and reduced, as a lens averages what falls on a pixel."""


class Hardship(StrEnum):
    """What makes a frame hard."""

    PERSPECTIVE = "perspective"
    MOTION = "motion"
    FOCUS = "focus"
    LOW_LIGHT = "low_light"
    GLARE = "glare"
    SMALL = "small"
    MOIRE = "moire"
    INVERTED = "inverted"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class HardFrame:
    """One frame, grey, with the text that its only code holds."""

    picture: Picture
    text: str
    hardship: Hardship
    strength: int


def hard_frames(seed: int, count: int = 200) -> Iterator[HardFrame]:
    """`count` frames, every hardship in every strength in turn, the same for the same `seed`."""
    import numpy as np

    kinds = tuple(Hardship)
    for number in range(count):
        chance = np.random.default_rng((seed, number))
        hardship = kinds[number % len(kinds)]
        strength = 1 + number // len(kinds) % STRENGTHS
        text = some_text(chance)
        yield HardFrame(hard_frame(text, hardship, strength, chance), text, hardship, strength)


def hard_frame(
    text: str, hardship: Hardship, strength: int, chance: np.random.Generator
) -> Picture:
    """A frame of a code that holds `text`, under one hardship of `strength` 1 to STRENGTHS."""
    import numpy as np

    how = Scene.of(hardship, strength, chance)
    frame = _draw(text, how, chance)
    frame = _DONE[hardship](frame, strength, chance)
    frame = _sensor(
        frame, _NOISE + _LOW_LIGHT_NOISE[strength] * (hardship is Hardship.LOW_LIGHT), chance
    )
    if hardship is Hardship.JPEG:
        return _compressed(frame, _JPEG_QUALITY[strength])
    return np.asarray(frame, np.uint8)


def plain_frame(
    text: str, *, width: int = WIDTH, height: int = HEIGHT, level: int = 205
) -> Picture:
    """A code held squarely, evenly lit and sharp, on a wall of brightness `level`."""
    import numpy as np

    frame = np.full((height, width), level, np.uint8)
    code = _modules(text, "m")
    side = int(height * 0.6) // code.shape[0]
    drawn = np.kron(code, np.ones((side, side), np.uint8))
    top, left = (height - drawn.shape[0]) // 2, (width - drawn.shape[1]) // 2
    frame[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return frame


def wall_frame(chance: np.random.Generator, *, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A wall with things on it and no code."""
    return _wall((width, height), chance)


def some_text(chance: np.random.Generator) -> str:
    """A text as codes in a hall hold them: a payment, an invoice, a licence, a page, a case."""
    digits = "".join(str(d) for d in chance.integers(0, 10, 40))
    letters = "".join(chr(97 + d) for d in chance.integers(0, 26, 24))
    return (
        f"1{digits[0:1].translate(_TO_5)}{digits[2:18]}",
        f"28{digits[:16]}",
        f"01,10,{digits[:12]},{digits[12:20]},{digits[20:23]}.{digits[23:25]},20260319,{digits[25:40]},",
        f"https://hall.example.invalid/c/{letters[:10]}?n={digits[:8]}",
        f"https://app.example.invalid/licence/{letters}/{digits}?s={letters[::-1]}",
        f"乳山办{digits[:4]}-{digits[4:12]}",
    )[int(chance.integers(0, 6))]


_TO_5 = str.maketrans("6789", "0123")
"""The second digit of a WeChat Pay code is 0 to 5."""


# --- the scene -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the code is and how it looks before the hardship: pixels of the frame, degrees, 0..1."""

    side: float
    turn_deg: float
    tilt: float
    ink: int
    paper: int
    inverted: bool

    @classmethod
    def of(cls, hardship: Hardship, strength: int, chance: np.random.Generator) -> Scene:
        """A scene as chance has it, with what the hardship itself alters in it."""
        side = float(chance.uniform(*CODE_PIXELS))
        tilt = float(chance.uniform(0.0, 0.08))
        turn = float(chance.uniform(-12, 12))
        if hardship is Hardship.JPEG:
            side *= 0.6
        if hardship is Hardship.SMALL:
            side = _SMALL_SIDE[strength] * float(chance.uniform(0.92, 1.08))
        if hardship is Hardship.PERSPECTIVE:
            tilt, turn = _TILT[strength], float(chance.uniform(-45, 45))
        ink, paper = int(chance.integers(15, 50)), int(chance.integers(195, 240))
        return cls(side, turn, tilt, ink, paper, inverted=hardship is Hardship.INVERTED)


def _modules(text: str, error: str) -> Picture:
    import numpy as np
    import segno

    code = segno.make(text, error=error, micro=False, boost_error=False)
    rows = code.matrix_iter(scale=1, border=QUIET_MODULES)
    return np.where(np.array([list(row) for row in rows], np.uint8) > 0, 0, 255).astype(np.uint8)


def _draw(text: str, how: Scene, chance: np.random.Generator) -> Plane:
    """The wall, what hangs on it, and the code in front."""
    import cv2
    import numpy as np

    size = (WIDTH * SUPERSAMPLED, HEIGHT * SUPERSAMPLED)
    wall = _wall(size, chance)
    code = _modules(text, "lm"[int(chance.integers(0, 2))])
    light, dark = (how.ink, how.paper) if how.inverted else (how.paper, how.ink)
    drawn = np.where(code > 0, light, dark).astype(np.uint8)
    grown = max(1, round(8 * 41 / drawn.shape[0]))
    drawn = np.kron(drawn, np.ones((grown, grown), np.uint8))
    corners = _corners(how, drawn.shape[0] / (drawn.shape[0] - 2 * QUIET_MODULES * grown), chance)
    n = drawn.shape[0]
    flat = np.array([[0, 0], [n, 0], [n, n], [0, n]], np.float32)
    onto = cv2.getPerspectiveTransform(flat, (corners * SUPERSAMPLED).astype(np.float32))
    placed = cv2.warpPerspective(drawn, onto, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full_like(drawn, 255), onto, size, flags=cv2.INTER_NEAREST)
    wall[mask > 127] = placed[mask > 127]
    return cv2.resize(wall, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)


def _wall(size: tuple[int, int], chance: np.random.Generator) -> Picture:
    import cv2
    import numpy as np

    width, height = size
    slope = np.linspace(chance.uniform(70, 130), chance.uniform(90, 170), width)
    wall = np.tile(slope, (height, 1)).astype(np.uint8)
    for _ in range(14):
        x, y = int(chance.integers(0, width)), int(chance.integers(0, height))
        w, h = int(chance.integers(40, 500)), int(chance.integers(20, 260))
        cv2.rectangle(wall, (x, y), (x + w, y + h), int(chance.integers(20, 235)), -1)
    for _ in range(10):
        words = "".join(chr(65 + c) for c in chance.integers(0, 26, 12))
        at = (int(chance.integers(0, width)), int(chance.integers(0, height)))
        grey, scale = int(chance.integers(0, 255)), float(chance.uniform(1, 3))
        cv2.putText(wall, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, grey, 3)
    return wall


def _corners(how: Scene, with_margin: float, chance: np.random.Generator) -> Plane:
    """The four corners of the code with its margin in the frame, clockwise from its own top left."""
    import numpy as np

    half = how.side * with_margin / 2
    square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    turn = np.deg2rad(how.turn_deg)
    square = square @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    away = np.deg2rad(chance.uniform(0, 360))
    depth = (square @ np.array([np.cos(away), np.sin(away)])) / half
    square = square / (1 + how.tilt * depth)[:, None]
    across = np.array([np.cos(away), np.sin(away)])
    square = square - np.outer(square @ across, across) * how.tilt * 0.9
    low, high = square.min(axis=0), square.max(axis=0)
    shrunk = min(1.0, 0.96 * HEIGHT / float((high - low).max()))
    room = np.array([WIDTH, HEIGHT]) - (high - low) * shrunk
    at = -low * shrunk + chance.uniform(0, 1, 2) * room
    return np.asarray(square * shrunk + at, np.float32)


# --- hardships: index 0 is not used, 1 to 4 are the strengths ---------------------------------------

_TILT = (0.0, 0.25, 0.36, 0.45, 0.53)
_SMALL_SIDE = (0.0, 80.0, 64.0, 54.0, 46.0)
_MOTION_PIXELS = (0.0, 6.0, 10.0, 13.0, 17.0)
_FOCUS_SIGMA = (0.0, 2.0, 3.0, 4.0, 5.0)
_LIGHT_LEFT = (0.0, 0.25, 0.14, 0.09, 0.06)
_LOW_LIGHT_NOISE = (0.0, 2.0, 2.5, 3.0, 3.5)
_GLARE = (0.0, 0.08, 0.11, 0.14, 0.17)
_MOIRE_DEPTH = (0.0, 0.3, 0.45, 0.6, 0.75)
_JPEG_QUALITY = (0, 20, 12, 7, 4)
_INVERTED_CONTRAST = (0.0, 0.8, 0.4, 0.2, 0.1)
_NOISE = 2.0
"""Standard deviation of a good sensor's noise, in grey levels of 255."""


def _unaltered(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    return frame


def _moved(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    """The hand moved while the shutter was open: a straight smear."""
    import cv2
    import numpy as np

    length = _MOTION_PIXELS[strength]
    size = int(length) | 1
    angle = chance.uniform(0, np.pi)
    middle = (size - 1) / 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    smear = np.zeros((size, size), np.float32)
    for part in np.linspace(-1, 1, 8 * size):
        x, y = np.array([middle, middle]) + reach * part
        smear[round(float(np.clip(y, 0, size - 1))), round(float(np.clip(x, 0, size - 1)))] += 1
    return cv2.filter2D(frame, -1, smear / smear.sum()).astype(np.float32)


def _defocused(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    """Out of focus: half the frames by a disc, as a lens does, half by a bell, as a screen's glass."""
    import cv2
    import numpy as np

    sigma = _FOCUS_SIGMA[strength]
    if chance.random() < 0.5:
        return cv2.GaussianBlur(frame, (0, 0), sigma).astype(np.float32)
    radius = 2 * sigma  # a disc of radius r has the variance r * r / 4
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return cv2.filter2D(frame, -1, disc / disc.sum()).astype(np.float32)


def _darkened(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    return frame * _LIGHT_LEFT[strength] + 4


def _glaring(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    """Lamps mirrored in the glass: soft spots that drown what is under them, near the code too."""
    import cv2
    import numpy as np

    spots = np.zeros_like(frame)
    ink = cv2.Laplacian(cv2.GaussianBlur(frame, (0, 0), 2), cv2.CV_32F)
    busy = cv2.blur(np.abs(ink), (181, 181))
    y, x = np.unravel_index(int(np.argmax(busy)), busy.shape)
    for _ in range(2):
        at = (int(x + chance.normal(0, 70)), int(y + chance.normal(0, 70)))
        axes = [int(s) for s in chance.uniform(0.6, 1.2, 2) * _GLARE[strength] * 200]
        cv2.ellipse(spots, at, axes, float(chance.uniform(0, 180)), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(spots, (0, 0), 10)
    veil = 30 * strength * cv2.GaussianBlur(soft, (0, 0), 90) / max(float(soft.max()), 1e-6)
    return np.asarray(frame + 330 * soft + veil, np.float32)


def _moire(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    """A screen's grid against the sensor's: two waves of brightness, fine and coarse."""
    import numpy as np

    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = np.ones_like(frame)
    for period in (chance.uniform(2.2, 4.0), chance.uniform(9, 26)):
        angle, phase = chance.uniform(0, np.pi), chance.uniform(0, 6.28)
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + phase)
        light += (_MOIRE_DEPTH[strength] / 2) * wave.astype(np.float32)
    return (frame * np.clip(light, 0.05, 2)).astype(np.float32)


def _flattened(frame: Plane, strength: int, chance: np.random.Generator) -> Plane:
    """A dark theme on a dim screen: the contrast of the whole is small."""
    return 90 + (frame - 110) * _INVERTED_CONTRAST[strength]


_DONE: Mapping[Hardship, Callable[[Plane, int, np.random.Generator], Plane]] = {
    Hardship.PERSPECTIVE: _unaltered,
    Hardship.MOTION: _moved,
    Hardship.FOCUS: _defocused,
    Hardship.LOW_LIGHT: _darkened,
    Hardship.GLARE: _glaring,
    Hardship.SMALL: _unaltered,
    Hardship.MOIRE: _moire,
    Hardship.INVERTED: _flattened,
    Hardship.JPEG: _unaltered,
}


def _sensor(frame: Plane, noise: float, chance: np.random.Generator) -> Any:
    """What the sensor makes of the light: noise, and whole levels from 0 to 255."""
    import numpy as np

    grain = chance.standard_normal(frame.shape, np.float32) * noise
    return np.clip(frame + grain, 0, 255).round()


def _compressed(frame: Any, quality: int) -> Picture:
    import cv2
    import numpy as np

    _, data = cv2.imencode(".jpg", frame.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
