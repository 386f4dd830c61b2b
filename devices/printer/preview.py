"""A PDF's pages as pictures, and what must be known of a PDF before it is printed.

PDFium is not safe in two threads at once: everything here holds one lock, and runs on a worker
thread for callers that await.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from devices.faults import fault
from devices.status import Failed, Ok, Outcome, Result

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

WIDEST_PX = 2160
"""Twice the width of the portrait screen: nothing shows more."""

MOST_PIXELS = 12_000_000
"""36 MB of RGB for one page at a time; a page of extreme shape is drawn smaller."""

RGB_BYTES = 3

ROUNDING = 1e-6
"""PDFium rounds a page's size up: so much less, and a width asked for is the width drawn."""

_ENCRYPTED = 4
"""FPDF_ERR_PASSWORD of fpdfview.h."""

_NO_HANDLER = -1
"""FPDF_GetSecurityHandlerRevision of a document that is not encrypted."""

_PDFIUM = threading.Lock()


class NotPdf(ValueError):
    """The bytes are no PDF that can be read."""


class EncryptedPdf(ValueError):
    """The PDF is encrypted: what would be printed cannot be shown, nor the other way round."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page: `rgb` holds three bytes a pixel, rows from the top, without padding."""

    width: int
    height: int
    rgb: bytes

    def __repr__(self) -> str:
        return f"Picture({self.width}x{self.height})"


def count_pages(pdf: bytes) -> int:
    """How many pages. Raises NotPdf, EncryptedPdf."""
    with _opened(pdf) as document:
        return len(document)


def draw(pdf: bytes, page: int, width_px: int) -> Picture:
    """Page number `page` (from 0), `width_px` wide, seals and form fields included.

    Raises NotPdf, EncryptedPdf, and IndexError where there is no such page.
    """
    with _opened(pdf) as document:
        if not 0 <= page < len(document):
            raise IndexError(f"page {page} of {len(document)}")
        document.init_forms()
        sheet = document[page]
        width, height = sheet.get_size()
        scale = min(width_px, WIDEST_PX) / max(width, 1.0) * (1 - ROUNDING)
        scale = min(scale, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = sheet.render(scale=scale, rev_byteorder=True, may_draw_forms=True)
        picture = _rgb(bitmap)
        bitmap.close()
        return picture


def cut(pdf: bytes, first: int, last: int) -> bytes:
    """A PDF of the pages `first` to `last` alone, counted from 1: what a printer gets that cannot choose
    pages. Raises NotPdf, EncryptedPdf, and IndexError where there are no such pages."""
    with _opened(pdf) as document:
        if not 1 <= first <= last <= len(document):
            raise IndexError(f"pages {first} to {last} of {len(document)}")
        part = type(document).new()
        try:
            part.import_pages(document, list(range(first - 1, last)))
            buffer = BytesIO()
            part.save(buffer)
        finally:
            part.close()
        return buffer.getvalue()


async def preview(pdf: bytes, page: int, width_px: int) -> Result[Picture]:
    """`draw` off the caller's thread; fails with `document.not_pdf`, `document.encrypted` or
    `document.no_page`."""
    try:
        return Ok(await asyncio.to_thread(draw, pdf, page, width_px))
    except NotPdf:
        return Failed(Outcome.INVALID_DATA, fault("document.not_pdf"))
    except EncryptedPdf:
        return Failed(Outcome.INVALID_DATA, fault("document.encrypted"))
    except IndexError:
        return Failed(Outcome.INVALID_DATA, fault("document.no_page"))


@contextmanager
def _opened(pdf: bytes) -> Iterator[PdfDocument]:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2 import raw as pdfium

    with _PDFIUM:
        try:
            document = PdfDocument(pdf)
        except PdfiumError as error:
            if getattr(error, "err_code", None) == _ENCRYPTED:
                raise EncryptedPdf("a password is wanted") from error
            raise NotPdf("PDFium cannot read it") from error
        try:
            if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) != _NO_HANDLER:
                raise EncryptedPdf("it is encrypted, if without a password")
            yield document
        finally:
            document.close()


def _rgb(bitmap: Any) -> Picture:
    """The bitmap without the padding at the end of its rows."""
    pixels = memoryview(bitmap.buffer).cast("B")
    row = bitmap.width * RGB_BYTES
    if bitmap.n_channels == RGB_BYTES and bitmap.stride == row:
        return Picture(bitmap.width, bitmap.height, bytes(pixels[: row * bitmap.height]))
    rgb = bytearray()
    for top in range(0, bitmap.stride * bitmap.height, bitmap.stride):
        line = pixels[top : top + bitmap.width * bitmap.n_channels]
        if bitmap.n_channels == RGB_BYTES:
            rgb += line
        else:
            rgb += _three_channels(line, bitmap.n_channels)
    return Picture(bitmap.width, bitmap.height, bytes(rgb))


def _three_channels(line: memoryview, channels: int) -> bytes:
    """A row of grey, or of RGB with a fourth byte, as RGB."""
    out = bytearray(len(line) // channels * RGB_BYTES)
    for channel in range(RGB_BYTES):
        out[channel::RGB_BYTES] = line[min(channel, channels - 1) :: channels]
    return bytes(out)
