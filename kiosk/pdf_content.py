"""Whether a PDF holds more than what is seen on its pages: programs, actions, attached files.

A seal covers those too, but nobody at the terminal looks at them, and they leave it by phone. PDFium and
CUPS run nothing of the kind; a department's paper has no use for it, so it is refused rather than cleaned.
Everything that can be reached from the file's trailer is looked at (ISO 32000-2, 7.5.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from kiosk.log import log

OBJECTS_MOST = 200_000
"""What is looked at, at most: a thousand printed pages have some tens of thousands. A file with more is
refused unread, so that no file keeps a terminal for minutes."""

ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/RichMediaExecute"}
)
"""ISO 32000-2, table 201: actions that run something, read or write a file, or send what was typed."""

ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"})
"""Table 171: annotations that carry a file or a film."""

KEYS = frozenset({"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA"})
"""A script (table 221, 32), an attached file (43, 32), a form of another language (224)."""


def holds_more_than_pages(pdf: bytes) -> bool:
    """Whether anything but pages is in `pdf`, or it cannot be told. Blocks: for a worker thread."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        for seen, one in enumerate(_objects(PdfFileReader(BytesIO(pdf)))):
            if seen >= OBJECTS_MOST or _is_more(one):
                return True
    except Exception as error:  # noqa: BLE001 - a forged file may break its reader anywhere
        log("document.unreadable", error=type(error).__name__)
        return True
    return False


def _objects(reader: Any) -> Iterator[Any]:
    """Every dictionary that the trailer leads to; each indirect object once."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject

    known: set[Any] = set()
    waiting: list[Any] = [reader.trailer.flatten()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.reference in known:
                continue
            known.add(one.reference)
            one = reader.get_object(one.reference)
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(one.raw_get(key) for key in one)
        elif isinstance(one, ArrayObject):
            waiting.extend(one.raw_get(place) for place in range(len(one)))


def _is_more(found: Any) -> bool:
    if not KEYS.isdisjoint(found):
        return True
    return found.get("/S") in ACTIONS or found.get("/Subtype") in ANNOTATIONS
