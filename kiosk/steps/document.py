"""A department's sealed document: fetched, checked, looked at page by page, printed on A4."""

from __future__ import annotations

import asyncio
import hashlib

from devices.printer.document_pdf import Document
from devices.printer.preview import EncryptedPdf, NotPdf, count_pages, draw
from devices.status import Failed
from kiosk.backends.client import Client
from kiosk.backends.contract import BackendFailure, Cause, SealedDocument
from kiosk.hardware import DocumentQueue, works
from kiosk.log import log
from kiosk.steps.trouble import backend_trouble, device_trouble, tell
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import DocumentPages, Option, Snapshot
from kiosk.visit import Visit

PREVIEW_WIDTH_PX = 960
"""A page as wide as the portrait screen between its gutters (SCREENS.md: 1080)."""

FORGED = BackendFailure("", Cause.GARBLED, "document.digest")
"""What is said of a document that is not the one that the department named."""


async def take_document(visit: Visit, client: Client, sealed: SealedDocument) -> bool:
    """Have `sealed` looked at and printed; whether it came out on paper. Raises Rewind and Leave."""
    pdf = await _fetched(visit, client, sealed)
    pages = await visit.patiently(asyncio.to_thread(_drawn, pdf), "document.opening")
    printer = visit.counter.documents
    prints = printer is not None and works(printer)
    chosen = await visit.ask(
        DocumentPages(
            key="document.pages",
            steps=visit.here,
            title=Plain(sealed.title),
            subtitle=msg("document.pages", count=sealed.pages),
            pages=pages,
            seal=msg("document.sealed", code=sealed.check_code),
            fee=msg("document.fee", amount=Yuan(sealed.fee_fen)) if sealed.fee_fen else None,
            notice=None if prints else msg("notice.without.document_printer"),
            actions=(Option(id="print", title=msg("document.print")),)
            if prints
            else (Option(id="take", title=msg("option.next")),),
        )
    )
    if chosen.id != "print" or printer is None:
        return False
    return await _printed(visit, printer, sealed, pdf)


async def _fetched(visit: Visit, client: Client, sealed: SealedDocument) -> bytes:
    while True:
        pdf: bytes = await visit.call(client.document, sealed)
        if hashlib.sha256(pdf).hexdigest() == sealed.sha256 and _pages(pdf) == sealed.pages:
            return pdf
        log("document.refused", code=FORGED.code)
        await tell(visit, backend_trouble(visit, FORGED))


def _pages(pdf: bytes) -> int:
    try:
        return count_pages(pdf)
    except (NotPdf, EncryptedPdf):
        return 0


def _drawn(pdf: bytes) -> tuple[Snapshot, ...]:
    pictures = (draw(pdf, page, PREVIEW_WIDTH_PX) for page in range(count_pages(pdf)))
    return tuple(Snapshot(p.width, p.height, p.rgb) for p in pictures)


async def _printed(
    visit: Visit, printer: DocumentQueue, sealed: SealedDocument, pdf: bytes
) -> bool:
    document = Document(sealed.document_no, pdf, sealed.sha256, pages=sealed.pages)
    while True:
        result = await visit.patiently(printer.print_document(document), "document.printing")
        if not isinstance(result, Failed):
            return True
        log("document.failed", code=result.fault.code)
        await tell(visit, device_trouble(visit, "document.not_printed", result.fault))
