"""How the terminal looks: colours, type scale and spacing, in standard and in large type.

Sizes are design pixels of a 1080×1920 picture (SCREENS.md); `Theme` turns them into screen pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

Colour = tuple[float, float, float, float]

DESIGN_WIDTH = 1080
DESIGN_HEIGHT = 1920


def colour(code: str) -> Colour:
    """`#0B4AA2` as Kivy takes it."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, 1.0


INK = colour("#12203A")
MUTED = colour("#475569")
LINE = colour("#D3DBE6")
GROUND = colour("#F3F6FA")
WHITE = colour("#FFFFFF")
PRIMARY = colour("#0B4AA2")
PRIMARY_PRESSED = colour("#083A82")
TINT = colour("#E6EEFA")
TINT_PRESSED = colour("#D3E1F7")
OK = colour("#0B6E3B")
OK_GROUND = colour("#E3F4EA")
WARNING = colour("#8A4B00")
WARNING_GROUND = colour("#FFF2DC")
BAD = colour("#A61B1B")
BAD_GROUND = colour("#FCE8E8")
DISABLED_GROUND = colour("#E9EDF2")
OUTLINE = colour("#7B8AA1")
HEADER_LINE = (1.0, 1.0, 1.0, 0.55)
SHADE = (0.07, 0.125, 0.227, 0.62)

# type scale, design pixels (SCREENS.md: body 36, labels never under 30, titles 56-72)
AMOUNT = 108
TITLE = 60
HEADING = 44
TILE = 40
BODY = 36
LABEL = 30

# spacing, design pixels
MARGIN = 40
GUTTER = 32
GAP = 24
HEADER_HEIGHT = 136
FOOTER_HEIGHT = 168
BUTTON_HEIGHT = 112
CARD_RADIUS = 28
BUTTON_RADIUS = 24

LARGE_FACTOR = 1.35
"""Large-type mode (SCREENS.md, type)."""

SQUEEZES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
"""How far a screen may draw itself together, step by step, before anything would be cut."""

FONT_SIZES = (
    *(8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 40, 44, 48),
    *(54, 60, 66, 72, 80, 90, 108, 120, 146, 176, 216),
)
"""Sizes in screen pixels that text is drawn in: each open size of a face costs 2.5 MiB (measured)."""

NEAR_ENOUGH = 1.04


@lru_cache(maxsize=1024)
def font_size(wanted: float) -> int:
    """The largest drawn size that is no more than a trifle above `wanted` (screen pixels)."""
    return max((s for s in FONT_SIZES if s <= wanted * NEAR_ENOUGH), default=FONT_SIZES[0])


FONT_DIRECTORY = Path(__file__).resolve().parent.parent / "config" / "fonts"
FONT_FILES = ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf")
SYSTEM_FONTS = Path("/usr/share/fonts/opentype/noto")
SYSTEM_FONT_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")


@lru_cache(maxsize=len(FONT_FILES))
def font_file(bold: bool) -> str:
    """The Chinese face, else Debian's collection whose first face is the Japanese one.

    Raises FileNotFoundError where neither is installed.
    """
    for directory, names in ((FONT_DIRECTORY, FONT_FILES), (SYSTEM_FONTS, SYSTEM_FONT_FILES)):
        path = directory / names[bold]
        if path.is_file():
            return str(path)
    raise FileNotFoundError(FONT_FILES[bold])


@dataclass(frozen=True, slots=True)
class Theme:
    """`scale` is screen pixels a design pixel; `large` the large-type mode."""

    scale: float = 1.0
    large: bool = False
    squeeze: float = 1.0

    def px(self, design: float) -> int:
        """A fixed length in screen pixels."""
        return round(design * self.scale)

    def space(self, design: float) -> int:
        """A distance that gives way where room is short."""
        return round(design * self.scale * self.squeeze)

    def type(self, design: float) -> int:
        """A font size in screen pixels."""
        factor = LARGE_FACTOR if self.large else 1.0
        return font_size(design * self.scale * self.squeeze * factor)

    def squeezed(self, squeeze: float) -> Theme:
        """The same look, drawn together."""
        return replace(self, squeeze=squeeze)

    def standard(self) -> Theme:
        """The same scale in standard type, for the header, whose room does not grow."""
        return replace(self, large=False, squeeze=1.0)
