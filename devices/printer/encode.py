"""Lays a slip out on paper of a given width and writes it as ESC/POS.

Pure: blocks in, bytes out. Chinese is sent as GBK (PROTOCOLS.md A: python-escpos garbles it), a
line with a character outside GBK as a picture of one line's height; QR codes, pictures and the cut
are python-escpos'. No text can become a command: control characters are gone before anything else
happens, and pictures are kept free of the byte pairs that printers obey in the middle of data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, assert_never

from devices.printer.columns import MISSING, char_width, clean, printable, width, wrap
from devices.printer.layout import Align, Block, Feed, Line, Pair, QrCode, Rule, Slip
from devices.printer.profiles import Profile

if TYPE_CHECKING:
    from PIL.Image import Image

INITIALIZE = bytes.fromhex("1b 40")  # ESC @
US_SIGNS = bytes.fromhex("1b 52 00")  # ESC R 0: Chinese models else print ¥ for $
CHINESE = bytes.fromhex("1c 26")  # FS &, after ESC @ (PROTOCOLS.md A)
LEADING = bytes.fromhex("1b 4a 14")  # ESC J: air below large text, 10 dots on Epson
QUIET_FOOT = bytes.fromhex("1b 4a 30")  # ESC J: 24 dots, 4 modules, below a QR code
ALIGN = {Align.LEFT: 0, Align.CENTER: 1, Align.RIGHT: 2}

DLE, REAL_TIME = 0x10, (0x04, 0x05, 0x14)
"""DLE EOT, ENQ, DC4 are obeyed even inside a picture (Epson, notes on real-time commands)."""

ESCPOS_PROFILE = "TM-T20II"  # 576 dots; without a width python-escpos prints to standard output

GAP = 2  # columns between a label and its value, at least
QUIET_ZONE_MODULES = 4  # ISO/IEC 18004: on each side
QR_BYTES_MAX = 2331  # version 40, level M, bytes (ISO/IEC 18004 table 7)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A slip as bytes. Each of `pieces` is whole commands: questions may stand between them."""

    pieces: tuple[bytes, ...]
    lines: int

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(map(len, self.pieces))


class UnprintableSlip(ValueError):
    """A block that fits no paper: a bug in a template. Names the block's kind, not its content."""


def encode(slip: Slip, profile: Profile) -> Encoded:
    """The whole slip from reset to cut. Raises UnprintableSlip for a QR code that fits no paper."""
    pieces = [INITIALIZE + US_SIGNS + CHINESE]
    lines = 0
    for block in slip.blocks:
        for piece, counted in _block(block, profile):
            pieces.append(piece)
            lines += counted
    pieces.append(cut())
    return Encoded(tuple(pieces), lines)


def cut() -> bytes:
    """Feed to the knife and cut (GS V 66)."""
    return _written(lambda printer: printer.cut(feed=False))


def _block(block: Block, profile: Profile) -> Iterator[tuple[bytes, int]]:
    match block:
        case Line(text, align, size, bold):
            for line in wrap(text, profile.columns // size):
                yield _text(line, align, size, bold, profile), 1
        case Pair(label, value, size, bold):
            for line in _pair(label, value, profile.columns // size):
                yield _text(line, Align.LEFT, size, bold, profile), 1
        case Rule():
            yield b"-" * profile.columns + b"\n", 1
        case QrCode(data, module_dots):
            yield _qr(data, module_dots, profile), 0
        case Feed(lines):
            yield bytes((0x1B, 0x64, min(max(lines, 0), 255))), 0  # ESC d n
        case other:
            assert_never(other)


def _pair(label: str, value: str, columns: int) -> Iterator[str]:
    """Label left, value right; a long value hangs beside its label, or takes lines of its own."""
    label, value = clean(label).strip(" "), clean(value).strip(" ")
    room = columns - width(label) - GAP
    if width(value) <= room:
        yield label + _spaces(columns - width(label) - width(value)) + value
    elif room * 2 >= columns and width(value) > columns - GAP:
        rows = wrap(value, room)
        indent = columns - max(map(width, rows))
        yield label + _spaces(indent - width(label)) + rows[0]
        yield from (_spaces(indent) + row for row in rows[1:])
    else:
        yield from wrap(label, columns)
        rows = wrap(value, columns - GAP) if width(value) > columns else [value]
        indent = columns - max(map(width, rows))
        yield from (_spaces(indent) + row for row in rows)


def _spaces(count: int) -> str:
    return " " * count


def _text(line: str, align: Align, size: int, bold: bool, profile: Profile) -> bytes:
    """One line of paper; every style it sets it takes back."""
    own = printable(line)
    body = _picture_of(line, size, bold, profile) if own is None else own + b"\n"
    before, after = b"", b""
    if align is not Align.LEFT:
        before += bytes((0x1B, 0x61, ALIGN[align]))  # ESC a
        after += bytes((0x1B, 0x61, 0))
    if size > 1:
        before += bytes((0x1D, 0x21, (size - 1) * 0x11))  # GS !
        after += bytes((0x1D, 0x21, 0)) + LEADING
    if bold:
        before += bytes((0x1B, 0x45, 1))  # ESC E
        after += bytes((0x1B, 0x45, 0))
    return before + body + after


def _picture_of(line: str, size: int, bold: bool, profile: Profile) -> bytes:
    """A line with characters that the printer does not have, as high as its neighbours."""
    from PIL import Image

    from devices.printer import typeface

    drawn = typeface.draw(line, columns_wide=size, lines_high=size, bold=bold)
    if drawn is None:
        known = "".join(c if printable(c) else MISSING * (char_width(c) > 0) for c in line)
        return wrap(known, profile.columns // size)[0].encode("gbk") + b"\n"
    ink = drawn.getbbox()
    right = ink[2] if ink else 1
    whole = Image.new("1", (right, max(drawn.height, profile.line_dots)), 0)
    whole.paste(drawn, (0, 0))
    return _raster(whole)


def _raster(ink: Image) -> bytes:
    """A picture (1 is ink) as GS v 0, defused."""
    from PIL import ImageOps

    paper = ImageOps.invert(ink.convert("L"))
    return _defused(_written(lambda printer: printer.image(paper, impl="bitImageRaster")))


def _defused(raster: bytes) -> bytes:
    """The same with one dot added wherever two bytes would be a real-time command."""
    dots = bytearray(raster)
    for index in range(len(dots) - 1):
        if dots[index] == DLE and dots[index + 1] in REAL_TIME:
            dots[index] |= 0x08
    return bytes(dots)


def has_real_time(data: bytes) -> bool:
    """Whether a printer would obey something inside `data` the moment it arrives."""
    return any(bytes((DLE, second)) in data for second in REAL_TIME)


def _qr(data: str, module_dots: int, profile: Profile) -> bytes:
    """A centred QR code, level M, its modules as large as asked or as the paper allows."""
    import segno

    text = clean(data)
    if len(text.encode()) > QR_BYTES_MAX or not text:
        raise UnprintableSlip("QrCode")
    symbol = segno.make_qr(text, error="m", boost_error=False)
    modules = len(symbol.matrix) + 2 * QUIET_ZONE_MODULES
    dots = max(1, min(module_dots, 16, profile.dots // modules))
    if profile.qr:
        level_m = 1
        native = _written(lambda printer: printer.qr(text, ec=level_m, size=dots, native=True))
        if not has_real_time(native):
            return _centred(native)
    return _centred(_raster(_qr_ink(symbol.matrix, dots)))


def _qr_ink(matrix: Sequence[bytearray], dots: int) -> Image:
    from PIL import Image

    small = Image.new("1", (len(matrix[0]), len(matrix)), 0)
    small.putdata([255 * module for row in matrix for module in row])
    return small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)


def _centred(command: bytes) -> bytes:
    return bytes((0x1B, 0x61, 1)) + command + bytes((0x1B, 0x61, 0)) + QUIET_FOOT


def _written(write: Callable[[Any], None]) -> bytes:
    """What python-escpos writes for one of its commands."""
    paper = _library().Dummy(profile=ESCPOS_PROFILE)
    write(paper)
    return bytes(paper.output)


@lru_cache(maxsize=1)
def _library() -> Any:
    """python-escpos, imported at first use (0.2 s) and kept from configuring our logging."""
    import logging

    root = logging.getLogger()
    handlers = list(root.handlers)
    library = import_module("escpos.printer")
    root.handlers[:] = handlers
    return library


def preload() -> None:
    """Import what the first slip needs, so that no citizen waits for it."""
    cut()
