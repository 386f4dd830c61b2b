"""A receipt as data: the blocks that every printer, of either width, knows how to lay out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of text. `size` 1 or 2 is the printer's magnification; wraps at the paper's width."""

    text: str
    align: Align = Align.LEFT
    size: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label at the left edge and its value at the right edge; a long value wraps to lines of its own."""

    label: str
    value: str
    size: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A dashed line across the paper."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code of `data`, centred, error correction level M, `module_dots` dots a module."""

    data: str
    module_dots: int = 6


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: where its text stands, and its share of the paper's width. Text wraps in
    its column."""

    align: Align = Align.LEFT
    share: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under each other. `columns` take the paper's width by their shares, one space
    between them; a row with fewer cells ends early. A hanzi is two columns wide."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    bold_head: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file's content (PNG, JPEG, BMP, GIF), as a logo: burnt dot for dot where it fits,
    made smaller where not, dithered where it is not black and white."""

    image: bytes
    align: Align = Align.CENTER


@dataclass(frozen=True, slots=True)
class Barcode:
    """Code 128 of `data` (ASCII 20..7E, at most 24 characters), centred, its text below."""

    data: str
    height_dots: int = 64


Block = Line | Pair | Rule | QrCode | Feed | Table | Picture | Barcode


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed as one piece of paper, cut at its end. `job` names it in logs and at retries."""

    job: str
    blocks: tuple[Block, ...]
