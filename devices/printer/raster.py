"""Pictures for a receipt printer's head: logos and barcodes as ink, in bands, and kept harmless.

Pure but for Pillow and zxing-cpp, which are loaded at the first picture.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

DLE, REAL_TIME = 0x10, (0x04, 0x05, 0x14)
"""DLE EOT, ENQ, DC4 are obeyed even inside a picture (Epson, notes on real-time commands)."""
ESC, PULSE = 0x1B, 0x70
"""ESC p opens a drawer; a printer that lost count inside a picture would obey it."""

HEADER_BYTES = 8
"""GS v 0 m xL xH yL yH stands before the dots."""

BAND_ROWS = 64
"""Rows of one command: 4.6 KB on 80 mm paper, which every model's buffer takes. It also keeps the
header's own bytes clear of the pairs above."""

PICTURE_ROWS_MOST = 1200
"""150 mm of logo is a mistake of who made the slip."""

PIXELS_MOST = 25_000_000
"""A picture this large is unpacked to 100 MB."""

CODE_128_LONGEST = 24
"""Characters of Code 128 that fit 48 mm with modules of two dots (11 modules each, quiet zones)."""


def picture_ink(image: bytes, dots: int) -> Image:
    """The picture with 1 for ink, at most `dots` wide. Raises ValueError for what is no picture."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(image)) as opened:
            if opened.width * opened.height > PIXELS_MOST:
                raise ValueError("a picture too large")
            shown = opened.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("no picture") from error
    paper = Image.new("RGBA", shown.size, "white")
    paper.alpha_composite(shown)
    grey = paper.convert("L")
    if grey.width > dots:
        height = max(1, round(grey.height * dots / grey.width))
        grey = grey.resize((dots, height), Image.Resampling.LANCZOS)
    if grey.height > PICTURE_ROWS_MOST:
        raise ValueError("a picture too long")
    return ImageOps.invert(grey).convert("1")


def barcode_ink(data: str, height_dots: int, dots: int) -> Image:
    """Code 128 with modules of two dots, or one where that does not fit. Raises ValueError."""
    import zxingcpp
    from PIL import Image

    if not data or not data.isascii() or len(data) > CODE_128_LONGEST:
        raise ValueError("no Code 128")
    symbol = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.Code128)
    drawn = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)
    modules = _first_row(drawn)
    scale = 2 if len(modules) * 2 <= dots else 1
    if len(modules) > dots:
        raise ValueError("a barcode too wide")
    row = Image.frombytes("L", (len(modules), 1), bytes(255 - grey for grey in modules))
    height = min(max(height_dots, 16), PICTURE_ROWS_MOST)
    return row.convert("1").resize((row.width * scale, height), Image.Resampling.NEAREST)


def _first_row(drawn: Any) -> bytes:
    wide: int = drawn.shape[1]
    return memoryview(drawn).tobytes()[:wide]


def rows(ink: Image) -> Iterator[Image]:
    """The picture in bands of at most BAND_ROWS."""
    for top in range(0, ink.height, BAND_ROWS):
        yield ink.crop((0, top, ink.width, min(top + BAND_ROWS, ink.height)))


def defused(raster: bytes) -> bytes:
    """The same with one dot added wherever two bytes of dots would be a command that is obeyed."""
    dots = bytearray(raster)
    for index in range(HEADER_BYTES, len(dots) - 1):
        pair = (dots[index], dots[index + 1])
        if pair[0] == DLE and pair[1] in REAL_TIME:
            dots[index] |= 0x08
        elif pair == (ESC, PULSE):
            dots[index] |= 0x04
    return bytes(dots)


def has_real_time(data: bytes) -> bool:
    """Whether a printer would obey something inside `data` the moment it arrives."""
    return any(bytes((DLE, second)) in data for second in REAL_TIME)


def centred(command: bytes, align: int) -> bytes:
    """A command between two of ESC a: `align` 0 left, 1 centre, 2 right."""
    if not align:
        return command
    return bytes((0x1B, 0x61, align)) + command + bytes((0x1B, 0x61, 0))
