"""What was scanned, as data: the bytes between two line ends into a text, its kind and what it says."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from devices.scanner import payloads
from devices.scanner.payloads import Payload

MAX_CODE_BYTES = 2953
"""The most bytes a QR code holds: version 40, error correction L (ISO/IEC 18004, table 7)."""


class CodeKind(StrEnum):
    """What a code is for."""

    PAYMENT = "payment"
    INVOICE = "invoice"
    LICENCE = "licence"
    CASE = "case"
    UNIT = "unit"
    URL = "url"
    TEXT = "text"


READERS: Mapping[CodeKind, Callable[[str], Payload | None]] = MappingProxyType(
    {
        CodeKind.PAYMENT: payloads.payment,
        CodeKind.INVOICE: payloads.invoice,
        CodeKind.UNIT: payloads.unit,
        CodeKind.CASE: payloads.case,
        CodeKind.LICENCE: payloads.licence,
        CodeKind.URL: payloads.address,
    }
)
"""In their order: a text that pays is money before it is anything else, and what nobody knows is TEXT."""


class Refusal(StrEnum):
    """Why scanned bytes are no code: the detail of the fault `scanner.unreadable`."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL = "control"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """One code as read. `text` may be money or a person's data: it is masked in the repr."""

    kind: CodeKind
    text: str
    payload: Payload | None = field(default=None, compare=False)
    """What it says, by its kind; None for a TEXT. It follows from the text."""

    def __repr__(self) -> str:
        return f"ScannedCode(kind={self.kind.value!r}, text='***')"


def classify(raw: bytes) -> ScannedCode:
    """The code in `raw`, which a scanner sent without its line end.

    Raises ValueError where `read_code` refuses it; the message never quotes the code.
    """
    code = read_code(raw)
    if isinstance(code, Refusal):
        raise ValueError(f"not a code: {code.value}")
    return code


def read_code(raw: bytes) -> ScannedCode | Refusal:
    """The code in `raw`, or why it is none.

    Blanks around it are dropped. The text is UTF-8 or else GBK, the two in use on Chinese codes;
    bytes that are neither are refused rather than guessed. A control character inside is refused:
    no code of ours holds one, and one that is passed on acts as a key press (OPERATIONS.md E).
    """
    if len(raw) > MAX_CODE_BYTES:
        return Refusal.TOO_LONG
    stripped = raw.strip(b" \t\r\n\x00")
    if not stripped:
        return Refusal.EMPTY
    text = _decoded(stripped)
    if text is None:
        return Refusal.ENCODING
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text):
        return Refusal.CONTROL
    return understood(text)


def understood(text: str) -> ScannedCode:
    """A clean text with what it is for and what it says."""
    for kind, read in READERS.items():
        payload = read(text)
        if payload is not None:
            return ScannedCode(kind, text, payload)
    return ScannedCode(CodeKind.TEXT, text)


def _decoded(raw: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
