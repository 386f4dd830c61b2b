"""A department's sealed PDF before it is printed: whole, the one that was sent, and printable."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from devices.faults import fault
from devices.printer.document_queue import JOB_PREFIX
from devices.printer.preview import EncryptedPdf, NotPdf, count_pages
from devices.status import Failed, Ok, Outcome, Result

LARGEST_BYTES = 32 * 1024 * 1024
"""A sealed certificate has under a megabyte; a credit report with scans has ten."""

HEADER_WITHIN_BYTES = 1024
"""Where readers look for `%PDF-` (ISO 32000-1, annex H.3)."""

JOB_TAG_DIGITS = 24
"""96 bits of the document's id: what finds its job again, and nothing that names anybody."""

OWNER_TAG_DIGITS = 8

_HEX = re.compile(r"[0-9a-f]{64}")
"""SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016) are both 256 bits."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document to print.

    `id` is the same for the same document however often it is tried, and unlike any other's.
    `pdf` are its bytes or the file that holds them, which stays the caller's to delete.
    `digest` is what the department said, hexadecimal, by `algorithm`. `pages`, where the department
    said it too, must be right.
    """

    id: str
    pdf: bytes | Path = field(repr=False)
    digest: str
    algorithm: Literal["sha256", "sm3"] = "sha256"
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A document's bytes that may be printed."""

    pdf: bytes = field(repr=False)
    pages: int


def jobs_of(terminal: str) -> str:
    """How the names of all jobs of one terminal begin: two of them may share a printer."""
    return f"{JOB_PREFIX}{hashlib.sha256(terminal.encode()).hexdigest()[:OWNER_TAG_DIGITS]}-"


def job_name(terminal: str, order: str) -> str:
    """What queues call an order: no word of it comes from the document or its owner."""
    return jobs_of(terminal) + hashlib.sha256(order.encode()).hexdigest()[:JOB_TAG_DIGITS]


def check(document: Document, pages_most: int) -> Result[Checked]:
    """The document's bytes if they are what was sent and can be printed.

    Fails with `document.digest`, `document.digest_unsupported`, `document.not_pdf`,
    `document.encrypted`, `document.too_large`, `document.too_many_pages`, `document.page_count` or
    `document.unreadable`.
    """
    try:
        pdf = _read(document.pdf)
    except OSError as error:
        return _refused("document.unreadable", f"errno {error.errno}")
    if len(pdf) > LARGEST_BYTES:
        return _refused("document.too_large", f"more than {LARGEST_BYTES} bytes")
    try:
        digest = hashlib.new(document.algorithm, pdf).hexdigest()
    except ValueError:  # OpenSSL without SM3
        return Failed(Outcome.UNSUPPORTED, fault("document.digest_unsupported", document.algorithm))
    wanted = document.digest.strip().lower()
    if not _HEX.fullmatch(wanted) or digest != wanted:
        return _refused("document.digest", f"{digest[:8]}... instead of {wanted[:8]}...")
    return _printable(document, pdf, pages_most)


def _printable(document: Document, pdf: bytes, pages_most: int) -> Result[Checked]:
    if b"%PDF-" not in pdf[:HEADER_WITHIN_BYTES]:
        return _refused("document.not_pdf")
    try:
        pages = count_pages(pdf)
    except NotPdf:
        return _refused("document.not_pdf")
    except EncryptedPdf:
        return _refused("document.encrypted")
    if not pages:
        return _refused("document.not_pdf", "no page")
    if pages > pages_most:
        return _refused("document.too_many_pages", f"{pages} of at most {pages_most}")
    if document.pages is not None and document.pages != pages:
        return _refused("document.page_count", f"{pages} instead of {document.pages}")
    return Ok(Checked(pdf, pages))


def _read(pdf: bytes | Path) -> bytes:
    if isinstance(pdf, bytes):
        return pdf
    with pdf.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)


def _refused(code: str, detail: str = "") -> Failed:
    return Failed(Outcome.INVALID_DATA, fault(code, detail))
