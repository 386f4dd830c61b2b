"""A department's paper set on A4: title, paragraphs, tables, page numbers, check code, the round seal."""

from __future__ import annotations

import math
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).resolve().parents[2] / "config" / "fonts"
WEIGHTS = {"": "Regular", "B": "Bold"}
FAMILY = "sc"

PRINTABLE_ASCII = "".join(map(chr, range(32, 127)))

MARGIN_MM, FOOT_MM = 20.0, 24.0
TITLE_PT, TEXT_PT, TABLE_PT, SMALL_PT = 18.0, 11.0, 9.5, 8.0
LINE_MM, TABLE_LINE_MM, SMALL_LINE_MM = 7.0, 6.0, 4.5

SEAL_RADIUS_MM, SEAL_LINE_MM = 20.0, 1.0
SEAL_RED = (214, 31, 38)
SEAL_ARC_DEG = 250.0
"""A round seal's name runs over its upper part, from lower left to lower right."""
SEAL_GLYPH_PT = 12.0
MM_PER_PT = 25.4 / 72

QR_MM = 18.0


@dataclass(frozen=True, slots=True)
class Paper:
    """What a department writes: `series` begins its number, `tables` are each a heading row and rows of as
    many cells. `fee_fen` is what printing it costs; it has `pages_least` pages at least."""

    title: str
    issuer: str
    series: str
    paragraphs: Sequence[str]
    tables: Sequence[tuple[Sequence[str], Sequence[Sequence[str]]]] = field(default=())
    fee_fen: int = 0
    pages_least: int = 1


@dataclass(frozen=True, slots=True)
class Imprint:
    """What marks one copy: its number, check code, time, and the address behind its QR code."""

    document_no: str
    check_code: str
    issued_at: datetime
    check_url: str


def compose(paper: Paper, imprint: Imprint) -> tuple[bytes, int]:
    """The paper as a PDF that nobody has signed yet, and how many pages it has."""
    from fpdf.enums import WrapMode

    pdf = _sheet(paper, imprint)
    pdf.add_page()
    _head(pdf, paper, imprint)
    for paragraph in paper.paragraphs:
        pdf.set_font(FAMILY, size=TEXT_PT)
        pdf.multi_cell(0, LINE_MM, paragraph, wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT")
    for headings, rows in paper.tables:
        _table(pdf, headings, rows)
    while pdf.page < paper.pages_least:
        pdf.add_page()
        pdf.set_font(FAMILY, size=TEXT_PT)
        pdf.cell(0, LINE_MM, "(以下空白)", align="C")
    _sign_off(pdf, paper, imprint)
    return bytes(pdf.output()), pdf.page


def _sheet(paper: Paper, imprint: Imprint) -> FPDF:
    from fpdf import FPDF

    class Sheet(FPDF):
        def footer(self) -> None:
            self.set_y(-FOOT_MM + 6)
            self.set_font(FAMILY, size=SMALL_PT)
            self.set_text_color(90)
            about = f"文书编号 {imprint.document_no}    校验码 {imprint.check_code}"
            self.cell(0, SMALL_LINE_MM, about, align="L")
            self.set_x(MARGIN_MM)
            self.cell(0, SMALL_LINE_MM, f"第 {self.page} 页 共 {{nb}} 页", align="R")
            self.set_text_color(0)

    pdf = Sheet(format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, FOOT_MM)
    pdf.set_title(paper.title)
    pdf.set_author(paper.issuer)
    pdf.set_creation_date(imprint.issued_at)
    for style, words in _words(paper, imprint).items():
        pdf.add_font(FAMILY, style, _faces(style).covering(words))
    for font in pdf.fonts.values():
        font.ttfont.recalcBBoxes = False  # type: ignore[union-attr] # what was cut has right ones
    return pdf


def _words(paper: Paper, imprint: Imprint) -> dict[str, str]:
    """What is written in each weight."""
    headings = [heading for row, _ in paper.tables for heading in row]
    cells = [cell for _, rows in paper.tables for row in rows for cell in row]
    bold = (paper.title, paper.issuer, *headings)
    plain = (paper.title, paper.issuer, imprint.document_no, *paper.paragraphs, *cells)
    return {"": "".join(plain), "B": "".join(bold)}


def _head(pdf: FPDF, paper: Paper, imprint: Imprint) -> None:
    from fpdf.enums import WrapMode

    _qr(pdf, imprint.check_url, pdf.w - MARGIN_MM - QR_MM, MARGIN_MM - 6)
    pdf.set_font(FAMILY, size=SMALL_PT)
    pdf.cell(0, SMALL_LINE_MM, paper.issuer, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.set_font(FAMILY, "B", TITLE_PT)
    across = pdf.w - 2 * MARGIN_MM - 2 * QR_MM
    pdf.set_x(MARGIN_MM + QR_MM)
    pdf.multi_cell(
        across, 9, paper.title, align="C", wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT"
    )
    pdf.ln(3)
    pdf.set_font(FAMILY, size=SMALL_PT)
    issued = f"签发日期 {imprint.issued_at:%Y-%m-%d %H:%M:%S}"
    pdf.cell(0, SMALL_LINE_MM, f"文书编号 {imprint.document_no}    {issued}", align="C")
    pdf.ln(SMALL_LINE_MM + 2)
    pdf.line(MARGIN_MM, pdf.get_y(), pdf.w - MARGIN_MM, pdf.get_y())
    pdf.ln(4)


def _table(pdf: FPDF, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    pdf.ln(3)
    pdf.set_font(FAMILY, size=TABLE_PT)
    from fpdf.enums import WrapMode
    from fpdf.fonts import FontFace

    bold = FontFace(emphasis="BOLD", fill_color=(236, 240, 245))
    with pdf.table(
        line_height=TABLE_LINE_MM, wrapmode=WrapMode.CHAR, headings_style=bold, padding=1,
        col_widths=_widths(headings, rows), text_align="LEFT",
    ) as table:  # fmt: skip
        for cells in (headings, *rows):
            table.row([str(cell) for cell in cells])


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Columns as wide as what stands in them, none under a third of the even share."""
    longest = [
        max((_length(str(row[column])) for row in (headings, *rows)), default=1)
        for column in range(len(headings))
    ]
    least = sum(longest) / len(longest) / 3 if longest else 1
    return tuple(max(length, least, 1.0) for length in longest)


def _length(text: str) -> float:
    """In hanzi."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.55 for character in text)


def _sign_off(pdf: FPDF, paper: Paper, imprint: Imprint) -> None:
    """Who issued it and when, with the seal over it."""
    room = 2 * SEAL_RADIUS_MM + 4
    if pdf.get_y() + room > pdf.h - FOOT_MM:
        pdf.add_page()
    top = pdf.get_y() + 4
    centre = pdf.w - MARGIN_MM - SEAL_RADIUS_MM - 14
    pdf.set_font(FAMILY, size=TEXT_PT)
    for offset, line in ((SEAL_RADIUS_MM - 3, paper.issuer), (SEAL_RADIUS_MM + 5, "")):
        text = (
            line or f"{imprint.issued_at:%Y}年{imprint.issued_at.month}月{imprint.issued_at.day}日"
        )
        pdf.set_xy(centre - 60, top + offset)
        pdf.cell(120, LINE_MM, text, align="C")
    _seal(pdf, paper.issuer, centre, top + SEAL_RADIUS_MM)


def _seal(pdf: FPDF, issuer: str, x: float, y: float) -> None:
    radius = SEAL_RADIUS_MM
    with pdf.local_context(fill_opacity=0.82, stroke_opacity=0.82):
        pdf.set_draw_color(*SEAL_RED)
        pdf.set_fill_color(*SEAL_RED)
        pdf.set_text_color(*SEAL_RED)
        pdf.set_line_width(SEAL_LINE_MM)
        pdf.circle(x, y, radius)
        pdf.star(x, y, radius * 0.12, radius * 0.3, 5, rotate_degrees=36, style="F")
        pdf.set_font(FAMILY, "B", SEAL_GLYPH_PT * min(1.0, 16 / max(len(issuer), 1)))
        step = SEAL_ARC_DEG / max(len(issuer) - 1, 8)
        begin = -step * (len(issuer) - 1) / 2
        for place, character in enumerate(issuer):
            _on_arc(pdf, character, begin + place * step, x, y, radius * 0.74)
        pdf.set_font(FAMILY, "B", SMALL_PT)
        pdf.set_xy(x - radius, y + radius * 0.48)
        pdf.cell(2 * radius, SMALL_LINE_MM, "电子专用章", align="C")


def _on_arc(pdf: FPDF, glyph: str, degrees: float, x: float, y: float, radius: float) -> None:
    """One character upright to the circle, `degrees` clockwise from its top."""
    around = math.radians(degrees)
    at_x, at_y = x + radius * math.sin(around), y - radius * math.cos(around)
    half = pdf.get_string_width(glyph) / 2
    with pdf.rotation(-degrees, at_x, at_y):
        pdf.text(at_x - half, at_y + pdf.font_size * 0.36, glyph)


def _qr(pdf: FPDF, content: str, left: float, top: float) -> None:
    import segno

    matrix = segno.make(content, error="m").matrix
    dot = QR_MM / len(matrix)
    pdf.set_fill_color(0)
    for row, modules in enumerate(matrix):
        for first, length in _runs(modules):
            pdf.rect(left + first * dot, top + row * dot, length * dot, dot, style="F")


def _runs(modules: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many follow."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(modules):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


class _Faces:
    """One weight of the typeface, cut down to the characters in use: the whole one has 65,000, and reading
    it takes longer than setting a paper."""

    def __init__(self, weight: str) -> None:
        self._source = FONTS / f"NotoSansCJKsc-{weight}.otf"
        self._directory = tempfile.TemporaryDirectory(prefix="sandbox-faces-")
        self._lock = threading.Lock()
        self._covered: frozenset[str] = frozenset()
        self._file = self._source
        self._made = 0

    def covering(self, text: str) -> Path:
        """A font file that has every character of `text` that the typeface has."""
        with self._lock:
            wanted = frozenset(text)
            if not wanted <= self._covered:
                self._cut(self._covered | wanted | _usual())
            return self._file

    def _cut(self, characters: frozenset[str]) -> None:
        from fontTools import subset

        options: Any = subset.Options(
            layout_features=[], notdef_outline=True, hinting=False, name_IDs=["*"]
        )
        font = subset.load_font(str(self._source), options)
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(characters)))
        cutter.subset(font)
        buffer = BytesIO()
        subset.save_font(font, buffer, options)
        self._made += 1
        self._file = Path(self._directory.name) / f"face-{self._made}.otf"
        self._file.write_bytes(buffer.getvalue())
        self._covered = characters


@cache
def _usual() -> frozenset[str]:
    """What papers are made of: every character in the departments' own modules. Cutting a face again for
    another word takes ten times as long as setting the paper."""
    modules = Path(__file__).parent.glob("*.py")
    words = (module.read_text(encoding="utf-8") for module in modules)
    return frozenset(PRINTABLE_ASCII).union(*words) - {"\n"}


@cache
def _faces(style: str) -> _Faces:
    return _Faces(WEIGHTS[style])
