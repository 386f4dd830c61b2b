"""Whether a document's electronic seal is genuine: of the whole file, unchanged, trusted, in its time.

The signature is one of PDF (ISO 32000-2, 12.8; PAdES, ETSI EN 319 142-1), checked by pyHanko against the
trusted roots alone. It must cover every byte of the file: what was added behind it was sealed by nobody.
Only what keeps a seal checkable for long may follow it: lists of revoked certificates and time stamps,
which show on no page (kiosk/revocation.py). pyHanko is imported at the first check, on the thread that
checks.
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
from kiosk.revocation import Carried, carried, is_revoked

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus

WHOLE_FILE = "ENTIRE_FILE"
"""pyHanko's word for a signature behind which nothing was added."""

WHOLE_REVISION, FOR_LONG_KEEPING = "ENTIRE_REVISION", "LTA_UPDATES"
"""pyHanko's words for one behind which nothing was added but a DSS dictionary and time stamps."""

HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")

KEY_USAGES = frozenset({"digital_signature", "non_repudiation"})
"""RFC 5280, 4.2.1.3: a certificate for sealing has one of them."""

PURPOSES = frozenset(
    {
        "1.3.6.1.5.5.7.3.36",  # id-kp-documentSigning (RFC 9336)
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft, document signing
        "1.2.840.113583.1.1.5",  # Adobe, authentic documents
        "email_protection",  # what many authorities gave people and offices before RFC 9336
        "any_extended_key_usage",
    }
)
"""Extended key usages of a certificate for sealing; one that names none serves for it too. What names only
others was made for something else: a server, a program."""

OUT_OF_TIME = frozenset({"EXPIRED", "OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED"})
"""Sub-indications of ETSI EN 319 102-1, table 3: the certificate ran out before the moment."""

NOT_FOR_SEALING = "CHAIN_CONSTRAINTS_FAILURE"
"""The same table: the certificate was issued for another use."""

PEM_BEGINS = b"-----BEGIN CERTIFICATE-----"


class SealFault(StrEnum):
    """What is wrong with a seal; the values are the codes of troubles and of the log."""

    UNSIGNED = "document.unsigned"
    TAMPERED = "document.tampered"
    UNTRUSTED = "document.untrusted"
    EXPIRED = "document.expired"
    MISUSED = "document.misused"
    REVOKED = "document.revoked"
    UNCHECKED = "document.unchecked"
    """The machine could not check it: nothing is said of the document."""


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
                return SealFault.UNCHECKED if _is_ours(error) else SealFault.TAMPERED

    def _roots(self) -> list[Any]:
        if not self._complete:
            fetched = self._fetch() if self._fetch else b""
            self._complete = fetched is not None
            texts = [*map(_read, self._files), fetched or b""]
            self._trusted = [root for text in texts for root in _certificates(text)]
        return self._trusted


def _is_ours(error: Exception) -> bool:
    """Whether an error is the machine's, of memory, files or threads, rather than a file's that nests too
    deep or asks for what nobody can do."""
    if isinstance(error, RecursionError | NotImplementedError):
        return False
    return isinstance(error, OSError | MemoryError | RuntimeError)


def holds_certificate(file: Path) -> bool:
    """Whether there is a certificate in this file, as far as can be told without reading it."""
    try:
        return PEM_BEGINS in file.read_bytes()
    except OSError:
        return False


def certificates_in(file: Path) -> list[Any]:
    """The certificates in a PEM file, as asn1crypto has them; none where it cannot be read."""
    return _certificates(_read(file))


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

    _keep_quiet()
    reader = PdfFileReader(BytesIO(pdf))
    signatures = list(reader.embedded_regular_signatures)
    if not signatures:
        return SealFault.UNSIGNED
    for each in signatures:
        known = carried(reader, each)
        status = _status(each, known, roots, moment)
        wrong = _wrong(status)
        if wrong is not None:
            return wrong
        if known and is_revoked(each, known, roots, moment):
            return SealFault.REVOKED
    if not _is_whole(status, each, pdf):
        return SealFault.TAMPERED
    return Seal(signer=name_of(status.signing_cert))


def _status(
    signature: EmbeddedPdfSignature, known: Carried, roots: Sequence[Any], moment: datetime
) -> PdfSignatureStatus:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=list(roots),
        other_certs=known.certificates,
        moment=moment,
        allow_fetching=False,
    )
    for_sealing = KeyUsageConstraints(key_usage=KEY_USAGES)
    return validate_pdf_signature(signature, context, key_usage_settings=for_sealing)


def _is_whole(status: PdfSignatureStatus, last: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether every byte is covered by the last signature, or belongs to keeping it; between the two parts
    that it covers there is nothing but the signature itself."""
    start, until, begin, _ = last.byte_range
    gap = pdf[until:begin]
    if start or gap[:1] != b"<" or gap[-1:] != b">" or not HEX_DIGITS.issuperset(gap[1:-1]):
        return False
    coverage, added = status.coverage, status.modification_level
    if coverage is None:
        return False
    if coverage.name == WHOLE_FILE:
        return True
    kept = coverage.name == WHOLE_REVISION and added is not None and added.name == FOR_LONG_KEEPING
    return kept and pdf.rstrip().endswith(b"%%EOF")


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
    if problem is not None and problem.standard_name == NOT_FOR_SEALING:
        return SealFault.MISUSED
    if not status.bottom_line:
        return SealFault.UNTRUSTED
    return None if _is_for_sealing(status.signing_cert) else SealFault.MISUSED


def _is_for_sealing(certificate: Any) -> bool:
    """By its extended key usage; pyHanko itself would want every certificate to have one."""
    purposes = certificate.extended_key_usage_value
    return purposes is None or not PURPOSES.isdisjoint(purposes.native)


def name_of(certificate: Any) -> str:
    """Whom the certificate names."""
    subject = certificate.subject.native
    return str(subject.get("common_name") or subject.get("organization_name") or "")
