"""PDFs for the tests, written by hand: each page says its number, so that what came out can be told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from devices.printer.document_pdf import Document

A4 = "[0 0 595 842]"


def pdf(pages: int, *, words: str = "page", encrypted: bool = False) -> bytes:
    """A PDF whose page k says "<words> k"."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(pages):
        stream = f"BT /F1 48 Tf 72 700 Td ({words} {number + 1}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {A4} /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    return _file(objects, _ENCRYPT if encrypted else "")


_ENCRYPT = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'11' * 32}> /U <{'22' * 32}> /P -4 >> "
    f"/ID [<{'33' * 16}> <{'33' * 16}>]"
)


def _file(objects: list[str], extra: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {extra} >>\n".encode()
    return bytes(out) + f"startxref\n{table}\n%%EOF\n".encode()


def document(data: bytes | None = None, id: str = "case-1", **given: Any) -> Document:
    """A document as a department sends it, with its digest."""
    data = pdf(3) if data is None else data
    given.setdefault("digest", hashlib.sha256(data).hexdigest())
    return Document(id, data, **given)


def texts(data: bytes | Path) -> list[str]:
    """What each page of a PDF says."""
    from pypdfium2 import PdfDocument

    opened = PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range().strip() for page in opened]
    finally:
        opened.close()
