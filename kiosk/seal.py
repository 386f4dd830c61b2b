"""Whether a document's electronic seal is genuine: of the whole file, unchanged, trusted, in its time.

The signature is one of PDF (ISO 32000-2, 12.8; PAdES, ETSI EN 319 142-1), checked by pyHanko against the
trusted roots alone. It must cover every byte of the file: what was added behind it was sealed by nobody.
Whether a certificate was revoked is not asked: a terminal in a hall's network reaches no list of them.
pyHanko is imported at the first check, on the thread that checks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.log import log

if TYPE_CHECKING:
    from pyhanko.sign.validation.status import PdfSignatureStatus

WHOLE_FILE = "ENTIRE_FILE"
"""pyHanko's word for a signature behind which nothing was added."""

OUT_OF_TIME = frozenset({"EXPIRED", "OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED"})
"""Sub-indications of ETSI EN 319 102-1, table 3: the certificate ran out before the moment."""

PEM_BEGINS = b"-----BEGIN CERTIFICATE-----"


class SealFault(StrEnum):
    """What is wrong with a seal; the values are the codes of troubles and of the log."""

    UNSIGNED = "document.unsigned"
    TAMPERED = "document.tampered"
    UNTRUSTED = "document.untrusted"
    EXPIRED = "document.expired"


@dataclass(frozen=True, slots=True)
class Seal:
    """A genuine seal: who signed, as their certificate names them."""

    signer: str


class Seals:
    """Checks seals against trusted roots. Without any, no seal is genuine. Blocks: for a worker thread."""

    def __init__(
        self, roots: Sequence[Path] = (), fetch: Callable[[], bytes | None] | None = None
    ) -> None:
        """`roots` are PEM files, each with one certificate or several; `fetch` brings further PEM, None
        while it cannot: the bench's own authority. Both are read at the first check that needs them."""
        self._files = tuple(roots)
        self._fetch = fetch
        self._lock = threading.Lock()
        self._trusted: list[Any] = []
        self._complete = False

    def check(self, pdf: bytes, moment: datetime) -> Seal | SealFault:
        """The seal of `pdf` as it stands at `moment`, a time with its zone."""
        with self._lock:
            roots = self._roots()
            try:
                return _checked(pdf, roots, moment)
            except Exception as error:  # noqa: BLE001 - a forged file may break its reader anywhere
                log("seal.unreadable", error=type(error).__name__)
                return SealFault.TAMPERED

    def _roots(self) -> list[Any]:
        if not self._complete:
            fetched = self._fetch() if self._fetch else b""
            self._complete = fetched is not None
            texts = [*map(_read, self._files), fetched or b""]
            self._trusted = [root for text in texts for root in _certificates(text)]
        return self._trusted


def holds_certificate(file: Path) -> bool:
    """Whether there is a certificate in this file, as far as can be told without reading it."""
    try:
        return PEM_BEGINS in file.read_bytes()
    except OSError:
        return False


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        log("seal.root_unusable", code="root.unreadable")
        return b""


def _certificates(pem: bytes) -> list[Any]:
    from asn1crypto import pem as armour
    from asn1crypto import x509

    if PEM_BEGINS not in pem:
        return []
    try:
        return [x509.Certificate.load(der) for _, _, der in armour.unarmor(pem, multiple=True)]
    except ValueError:
        log("seal.root_unusable", code="root.malformed")
        return []


def _checked(pdf: bytes, roots: Sequence[Any], moment: datetime) -> Seal | SealFault:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    _keep_quiet()
    signatures = list(PdfFileReader(BytesIO(pdf)).embedded_regular_signatures)
    if not signatures:
        return SealFault.UNSIGNED
    for each in signatures:
        context = ValidationContext(trust_roots=list(roots), moment=moment, allow_fetching=False)
        status = validate_pdf_signature(each, context)
        wrong = _wrong(status)
        if wrong is not None:
            return wrong
    if status.coverage is None or status.coverage.name != WHOLE_FILE:
        return SealFault.TAMPERED
    return Seal(signer=_name(status.signing_cert))


@cache
def _keep_quiet() -> None:
    """What a library finds wrong with a document goes to whoever asked, and to no stream."""
    for library in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(library).propagate = False
        logging.getLogger(library).addHandler(logging.NullHandler())


def _wrong(status: PdfSignatureStatus) -> SealFault | None:
    """What is wrong with one signature: first whether it is true at all, then who made it."""
    if not (status.intact and status.valid and status.docmdp_ok):
        return SealFault.TAMPERED
    problem = status.trust_problem_indic
    if problem is not None and problem.standard_name in OUT_OF_TIME:
        return SealFault.EXPIRED
    return None if status.bottom_line else SealFault.UNTRUSTED


def _name(certificate: Any) -> str:
    """Whom the certificate names."""
    subject = certificate.subject.native
    return str(subject.get("common_name") or subject.get("organization_name") or "")
