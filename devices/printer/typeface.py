"""Draws text the way a receipt printer's ROM does: hanzi square, all others half as wide.

For what the printer has no characters for, and for the simulator's paper. Pillow and the font are
loaded at the first line drawn, never at import.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from devices.printer.columns import char_width, clusters

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

CELL = 12
"""Dots of one column of font A; a hanzi is 24 by 24 (ESC/POS font A, 12 x 24)."""
GLYPH = 24
INK = 110  # of 255: above it a dot is burnt; a little under the half keeps thin strokes whole

LINE_ROWS = 30
BASELINE = 22  # rows above the foot of a letter; a hanzi then fills rows 1 to 25

PROJECT_FONTS = Path(__file__).resolve().parents[2] / "config" / "fonts"
SYSTEM_FONTS = Path("/usr/share/fonts/opentype/noto")  # Debian's fonts-noto-cjk
SIMPLIFIED_CHINESE = 2  # its place in the .ttc collections


def font_file(bold: bool = False) -> tuple[Path, int] | None:
    """The font's file and its index there, or None where no Noto Sans CJK is installed."""
    weight = "Bold" if bold else "Regular"
    own = PROJECT_FONTS / f"NotoSansCJKsc-{weight}.otf"
    if own.is_file():
        return own, 0
    collection = SYSTEM_FONTS / f"NotoSansCJK-{weight}.ttc"
    return (collection, SIMPLIFIED_CHINESE) if collection.is_file() else None


@lru_cache(maxsize=8)
def _font(size: int, bold: bool) -> FreeTypeFont | None:
    from PIL import ImageFont

    found = font_file(bold)
    return ImageFont.truetype(found[0], size, index=found[1]) if found else None


def draw(
    text: str, *, columns_wide: int = 1, lines_high: int = 1, bold: bool = False
) -> Image | None:
    """`text` (cleaned) as a picture, 1 for ink, in cells of 12 by 24 dots times the magnification.

    It is 30 dots high times `lines_high`, so that strokes below the line are not cut; None where no
    font is installed.
    """
    from PIL import Image, ImageDraw, features

    shaped = features.check_feature(
        "raqm"
    )  # needs libfribidi0; without it widths are the font's own
    font = _font(GLYPH * lines_high, bold)
    if font is None:
        return None
    scale = columns_wide / lines_high
    cells = sum(map(char_width, text))
    tall = Image.new("L", (max(1, cells * CELL * lines_high), LINE_ROWS * lines_high), 0)
    pen = ImageDraw.Draw(tall)
    column = 0
    for cluster in clusters(text):
        wide = char_width(cluster[0])
        x, y = (column + wide / 2) * CELL * lines_high, BASELINE * lines_high
        widths = ["hwid" if wide == 1 else "fwid"] if shaped else None
        pen.text((x, y), cluster, fill=255, font=font, anchor="ms", features=widths)
        column += wide
    if scale != 1:
        tall = tall.resize((max(1, round(tall.width * scale)), tall.height))
    return tall.point(lambda value: 255 if value > INK else 0).convert("1")
