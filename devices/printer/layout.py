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


Block = Line | Pair | Rule | QrCode | Feed


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed as one piece of paper, cut at its end. `job` names it in logs and at retries."""

    job: str
    blocks: tuple[Block, ...]
