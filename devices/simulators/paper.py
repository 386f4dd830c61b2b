"""Paper as it comes out of a receipt printer: what was burnt where, and its picture as PNG.

`Roll` is data only; Pillow and the font are loaded when a picture is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

PAPER_COLOUR = (252, 251, 247)
INK_COLOUR = (38, 38, 44)
DESK_COLOUR = (222, 224, 222)
TEETH = 6  # dots of a tooth of the knife's edge
PAPER_DOTS = {576: 640, 384: 464}
"""Printable dots and those of the whole width: 80 mm and 58 mm rolls at 8 dots a millimetre."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Text at `x`, `y` (its cells' upper left corner), in cells of `cell` dots times `wide`, `high`."""

    x: int
    y: int
    text: str
    wide: int = 1
    high: int = 1
    bold: bool = False
    underline: bool = False
    reverse: bool = False
    cell: int = 12

    @property
    def bottom(self) -> int:
        """The first row below."""
        return self.y + 24 * self.high


@dataclass(frozen=True, slots=True)
class Dots:
    """A picture: `rows` of `width` dots, 8 a byte, the leftmost in the highest bit, 1 is ink."""

    x: int
    y: int
    width: int
    height: int
    rows: bytes

    @property
    def bottom(self) -> int:
        """The first row below."""
        return self.y + self.height


Ink = Glyphs | Dots


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of paper that left the printer: `cut` by its knife, or torn off where a roll ended."""

    dots: int
    height: int
    inks: tuple[Ink, ...]
    cut: bool

    def text(self) -> str:
        """What is written on it, a line of paper a line."""
        rows: dict[int, list[Glyphs]] = {}
        for ink in self.inks:
            if isinstance(ink, Glyphs):
                rows.setdefault(ink.bottom, []).append(ink)
        return "\n".join(
            "".join(glyphs.text for glyphs in sorted(row, key=lambda g: g.x))
            for _, row in sorted(rows.items())
        )


@dataclass(slots=True)
class Roll:
    """The paper under the head. Dots are counted from where the present sheet begins."""

    dots: int
    fed: int = 0
    inks: list[Ink] = field(default_factory=list)

    def burn(self, ink: Ink) -> None:
        """Put ink on the paper; its `y` counts from the head."""
        self.inks.append(replace(ink, y=ink.y + self.fed))

    def feed(self, dots: int) -> None:
        """Move the paper on."""
        self.fed += dots

    @property
    def blank(self) -> bool:
        """Whether nothing was printed on what hangs out."""
        return not self.inks

    def sever(self, at: int, *, cut: bool) -> Sheet:
        """Part the sheet at row `at`; what lies beyond begins the next one."""
        sheet = Sheet(self.dots, at, tuple(ink for ink in self.inks if ink.y < at), cut)
        self.inks = [replace(ink, y=ink.y - at) for ink in self.inks if ink.bottom > at]
        self.fed -= at
        return sheet


def save(sheet: Sheet, file: Path) -> None:
    """Write the sheet's picture as PNG, whole or not at all, with nothing in it but the picture."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    picture(sheet).save(unfinished, format="PNG", optimize=True)
    unfinished.replace(file)


def picture(sheet: Sheet) -> Image:
    """The sheet as a person sees it: the paper's full width, its edges, the ink."""
    from PIL import Image

    width = PAPER_DOTS.get(sheet.dots, sheet.dots + 64)
    ink = Image.new("1", (sheet.dots, max(1, sheet.height)), 0)
    for part in sheet.inks:
        _draw(ink, part)
    paper = Image.new("RGB", (width, ink.height + 2 * TEETH), DESK_COLOUR)
    paper.paste(PAPER_COLOUR, (0, 0), _outline(paper.size, sheet.cut))
    paper.paste(INK_COLOUR, ((width - sheet.dots) // 2, TEETH), ink.convert("L"))
    return paper


def _outline(size: tuple[int, int], cut: bool) -> Image:
    """Where there is paper: straight at the sides, toothed where the knife went, ragged if torn."""
    from PIL import Image, ImageDraw

    width, height = size
    mask = Image.new("L", size, 0)
    top = [(x, 0 if (x // TEETH) % 2 else TEETH - 1) for x in range(0, width + TEETH, TEETH)]
    deep = TEETH - 1 if cut else 3 * TEETH
    foot = height - 1
    low = [(x, foot if (x // TEETH) % 2 else foot - deep) for x, _ in top]
    ImageDraw.Draw(mask).polygon([*top, *reversed(low)], fill=255)
    return mask


def _draw(paper: Image, ink: Ink) -> None:
    from PIL import Image

    if isinstance(ink, Dots):
        if ink.width and ink.height:
            dots = Image.frombytes("1", (ink.width, ink.height), ink.rows)
            paper.paste(1, (ink.x, ink.y), dots)
        return
    _draw_glyphs(paper, ink)


def _draw_glyphs(paper: Image, ink: Glyphs) -> None:
    from PIL import Image, ImageDraw, ImageOps

    from devices.printer import typeface

    drawn = typeface.draw(ink.text, columns_wide=ink.wide, lines_high=ink.high, bold=ink.bold)
    if drawn is None:
        raise FileNotFoundError("no Noto Sans CJK font: install fonts-noto-cjk")
    if ink.cell != typeface.CELL:
        width = max(1, drawn.width * ink.cell // typeface.CELL)
        drawn = drawn.resize((width, drawn.height), Image.Resampling.BOX)
    if ink.underline:
        foot = 24 * ink.high
        ImageDraw.Draw(drawn).rectangle((0, foot, drawn.width, foot + 1), fill=1)
    if ink.reverse:
        cell = drawn.crop((0, 0, drawn.width, 24 * ink.high))
        drawn = ImageOps.invert(cell.convert("L")).convert("1")
    paper.paste(1, (ink.x, ink.y), drawn)
