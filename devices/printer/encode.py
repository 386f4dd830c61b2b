"""Lays a slip out on paper of a given width and writes it as ESC/POS.

Pure: blocks in, bytes out. Chinese is sent as GBK (PROTOCOLS.md A: python-escpos garbles it), a
line with a character outside GBK as a picture of one line's height; QR codes, pictures and the cut
are python-escpos'. No text can become a command: control characters are gone before anything else
happens, and pictures are kept free of the byte pairs that printers obey in the middle of data.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, assert_never

from devices.printer.columns import MISSING, char_width, clean, printable, width, wrap
from devices.printer.layout import (
    Align,
    Barcode,
    Block,
    Feed,
    Line,
    Pair,
    Picture,
    QrCode,
    Rule,
    Slip,
    Table,
)
from devices.printer.profiles import Cut, Profile
from devices.printer.raster import barcode_ink, centred, defused, has_real_time, picture_ink, rows
from devices.printer.tables import table_lines

if TYPE_CHECKING:
    from PIL.Image import Image

INITIALIZE = bytes.fromhex("1b 40")  # ESC @
US_SIGNS = bytes.fromhex("1b 52 00")  # ESC R 0: Chinese models else print ¥ for $
CHINESE = bytes.fromhex("1c 26")  # FS &, after ESC @ (PROTOCOLS.md A)
LEADING = bytes.fromhex("1b 4a 14")  # ESC J: air below large text, 10 dots on Epson
QUIET_FOOT = bytes.fromhex("1b 4a 30")  # ESC J: 24 dots, 4 modules, below a QR code
ALIGN = {Align.LEFT: 0, Align.CENTER: 1, Align.RIGHT: 2}

FULL_CUT = bytes.fromhex("1d 56 41 00")  # GS V 65: python-escpos always cuts partially
OLD_CUT = bytes.fromhex("1b 64 04 1b 69")  # ESC d 4, ESC i
TEAR_OFF = bytes.fromhex("1b 64 05")  # ESC d 5: past the edge
KNIFE_DOTS = 160
"""Paper fed to the knife or the edge, and between its bridge and the head (some 20 mm)."""

ESCPOS_PROFILE = "TM-T20II"  # 576 dots; without a width python-escpos prints to standard output

VOID = "*** 未打印完，作废 VOID ***"
VOID_ASCII = "*** INCOMPLETE, VOID ***"

PORTION_BYTES = 256
"""A portion of 256 bytes is 22 ms at 115200 baud, and 0.3 s at 9600: a printer is asked in between."""

GAP = 2  # columns between a label and its value, at least
QUIET_ZONE_MODULES = 4  # ISO/IEC 18004: on each side
QR_BYTES = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
    711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989,
    2099, 2213, 2331,
)  # fmt: skip
"""Bytes of versions 1 to 40 at level M (ISO/IEC 18004 table 7)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A slip as bytes. Each piece of `body`, and the `cut`, is whole commands: questions may stand
    between them. `lines` are lines of text, `dots` the paper's length (8 a millimetre)."""

    body: tuple[bytes, ...]
    cut: bytes
    lines: int
    dots: int

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """From reset to cut."""
        return (*self.body, self.cut)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(map(len, self.body)) + len(self.cut)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One whole command or more, the lines of text in it and the dots that the paper moves."""

    data: bytes
    lines: int = 0
    dots: int = 0


class UnprintableSlip(ValueError):
    """A block that fits no paper: a bug in a template. Names the block's kind, not its content."""


def encode(slip: Slip, profile: Profile) -> Encoded:
    """The whole slip from reset to cut.

    Raises UnprintableSlip for a QR code that fits no paper, a picture that is none, a barcode that
    cannot be one.
    """
    pieces = [_Piece(start(profile))]
    for block in slip.blocks:
        pieces += _block(block, profile)
    return Encoded(
        tuple(_portions(piece.data for piece in pieces)),
        cut_for(profile),
        sum(piece.lines for piece in pieces),
        sum(piece.dots for piece in pieces) + KNIFE_DOTS,
    )


def _portions(commands: Iterable[bytes]) -> Iterator[bytes]:
    """Short commands together, so that a line's round trips are few."""
    portion = b""
    for command in commands:
        if portion and len(portion) + len(command) > PORTION_BYTES:
            yield portion
            portion = b""
        portion += command
    yield portion


def start(profile: Profile) -> bytes:
    """Reset, and the character sets."""
    table = b"" if profile.code_page is None else bytes((0x1B, 0x74, profile.code_page))  # ESC t
    return INITIALIZE + US_SIGNS + table + (CHINESE if profile.chinese else b"")


def void_line(profile: Profile) -> bytes:
    """A line that says that what stands above it is no slip: it was not finished, and comes again."""
    text = VOID if profile.chinese else VOID_ASCII
    return _text(text, Align.CENTER, 1, True, profile).data


def cut_for(profile: Profile) -> bytes:
    """Feed to the knife and cut, as the model has it."""
    match profile.cutter:
        case Cut.PARTIAL:
            return _partial_cut()
        case Cut.FULL:
            return FULL_CUT
        case Cut.OLD:
            return OLD_CUT
        case Cut.NONE:
            return TEAR_OFF


@lru_cache(maxsize=1)
def _partial_cut() -> bytes:
    """GS V 66."""
    return _written(lambda printer: printer.cut(feed=False))


def _block(block: Block, profile: Profile) -> Iterator[_Piece]:
    match block:
        case Line(text, align, size, bold):
            for line in wrap(text, profile.columns // size):
                yield _text(line, align, size, bold, profile)
        case Pair(label, value, size, bold):
            for line in _pair(label, value, profile.columns // size):
                yield _text(line, Align.LEFT, size, bold, profile)
        case Table():
            for line, bold in table_lines(block, profile.columns):
                yield _text(line, Align.LEFT, 1, bold, profile)
        case Rule():
            yield _Piece(b"-" * profile.columns + b"\n", 1, profile.line_dots)
        case QrCode(data, module_dots):
            yield from _qr(data, module_dots, profile)
        case Picture(image, align):
            yield from _aligned(_ink_of(lambda: picture_ink(image, profile.dots)), align)
        case Barcode(data, height_dots):
            ink = _ink_of(lambda: barcode_ink(clean(data), height_dots, profile.dots))
            yield from _aligned(ink, Align.CENTER)
            yield _text(clean(data), Align.CENTER, 1, False, profile)
        case Feed(lines):
            fed = min(max(lines, 0), 255)
            yield _Piece(bytes((0x1B, 0x64, fed)), 0, fed * profile.line_dots)  # ESC d n
        case other:
            assert_never(other)


def _ink_of(make: Callable[[], Image]) -> Image:
    try:
        return make()
    except ValueError as error:
        raise UnprintableSlip(str(error)) from None


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


def _text(line: str, align: Align, size: int, bold: bool, profile: Profile) -> _Piece:
    """One line of paper; every style it sets it takes back."""
    own = printable(line) if profile.chinese or line.isascii() else None
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
    return _Piece(before + body + after, 1, size * profile.line_dots)


def _picture_of(line: str, size: int, bold: bool, profile: Profile) -> bytes:
    """A line with characters that the printer does not have, as high as its neighbours."""
    from PIL import Image

    from devices.printer import typeface

    drawn = typeface.draw(line, columns_wide=size, lines_high=size, bold=bold)
    if drawn is None:
        known = "".join(c if _has(c, profile) else MISSING * (char_width(c) > 0) for c in line)
        known = known if profile.chinese else known.replace(MISSING, "??")
        return wrap(known, profile.columns // size)[0].encode("gbk") + b"\n"
    ink = drawn.getbbox()
    right = ink[2] if ink else 1
    whole = Image.new("1", (right, max(drawn.height, profile.line_dots)), 0)
    whole.paste(drawn, (0, 0))
    return _raster(whole)


def _has(char: str, profile: Profile) -> bool:
    return char.isascii() if not profile.chinese else printable(char) is not None


def _raster(ink: Image) -> bytes:
    """A picture (1 is ink) as GS v 0, defused."""
    from PIL import ImageOps

    paper = ImageOps.invert(ink.convert("L"))
    return defused(_written(lambda printer: printer.image(paper, impl="bitImageRaster")))


def _aligned(ink: Image, align: Align) -> Iterator[_Piece]:
    """A picture in bands, so that a printer can be asked between them, white below it."""
    for band in rows(ink):
        yield _Piece(centred(_raster(band), ALIGN[align]), 0, band.height)
    yield _Piece(QUIET_FOOT, 0, QUIET_FOOT[-1])


def _qr(data: str, module_dots: int, profile: Profile) -> Iterator[_Piece]:
    """A centred QR code, level M, its modules as large as asked or as the paper allows."""
    text = clean(data)
    if len(text.encode()) > QR_BYTES[-1] or not text:
        raise UnprintableSlip("QrCode")
    modules = _qr_modules(text) + 2 * QUIET_ZONE_MODULES
    dots = max(1, min(module_dots, 16, profile.dots // modules))
    if profile.qr:
        level_m = 1
        native = _written(lambda printer: printer.qr(text, ec=level_m, size=dots, native=True))
        if not has_real_time(native):
            yield _Piece(centred(native, 1) + QUIET_FOOT, 0, dots * modules)
            return
    yield from _aligned(_qr_ink(_qr_matrix(text), dots), Align.CENTER)


def _qr_modules(text: str) -> int:
    """How wide the symbol is at most; digits alone may take less."""
    version = bisect_left(QR_BYTES, len(text.encode())) + 1
    return 17 + 4 * version


def _qr_matrix(text: str) -> Sequence[bytearray]:
    import segno

    return segno.make_qr(text, error="m", boost_error=False).matrix


def _qr_ink(matrix: Sequence[bytearray], dots: int) -> Image:
    from PIL import Image

    small = Image.new("1", (len(matrix[0]), len(matrix)), 0)
    small.putdata([255 * module for row in matrix for module in row])
    return small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)


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
    _partial_cut()
