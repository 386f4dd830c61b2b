"""A document holds pages and nothing else: programs, attached files and secrets are found."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from devices.printer.preview import EncryptedPdf, count_pages
from kiosk import pdf_content
from kiosk.pdf_content import holds_more_than_pages
from kiosk.sandbox.documents_seal import Authority
from tests.kiosk.test_seal import ISSUER, sealed


def paper(**given: Any) -> FPDF:
    pdf = FPDF(**given)
    pdf.add_page()
    pdf.set_font("Helvetica", size=20)
    pdf.cell(0, 10, "page 1", link="https://example.invalid/")
    return pdf


def plain() -> bytes:
    return bytes(paper().output())


def with_entry(name: str, value: Any) -> bytes:
    """A paper whose catalogue has one entry more."""
    writer = IncrementalPdfFileWriter(BytesIO(plain()))
    writer.root[pdf_name(name)] = value
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def action(kind: str, **more: Any) -> Any:
    entries = {pdf_name("/S"): pdf_name(kind)}
    entries |= {pdf_name(f"/{name}"): value for name, value in more.items()}
    return generic.DictionaryObject(entries)


def nested(*names: str) -> Any:
    found: Any = generic.ArrayObject([])
    for name in reversed(names):
        found = generic.DictionaryObject({pdf_name(name): found})
    return found


def attached() -> bytes:
    pdf = paper()
    pdf.embed_file(bytes=b"MZ", basename="run.exe")
    return bytes(pdf.output())


def test_papers_of_departments_hold_pages_alone() -> None:
    assert not holds_more_than_pages(plain())
    assert not holds_more_than_pages(sealed())


@pytest.mark.parametrize(
    "pdf",
    [
        with_entry("/OpenAction", action("/JavaScript", JS=generic.TextStringObject("app.alert(1)"))),
        with_entry("/OpenAction", action("/Launch", F=generic.TextStringObject("run.exe"))),
        with_entry("/OpenAction", action("/SubmitForm")),
        with_entry("/AA", nested("/WC", "/Next", "/JS")),
        with_entry("/Names", nested("/JavaScript", "/Names")),
        with_entry("/Names", nested("/EmbeddedFiles", "/Names")),
        with_entry("/AcroForm", nested("/XFA")),
        with_entry("/Anything", generic.ArrayObject([action("/Launch")])),
        attached(),
    ],
    ids=[
        "script", "launch", "submit", "nested-script", "named-scripts", "named-files", "xfa",
        "hidden-in-a-list", "attached",
    ],
)  # fmt: skip
def test_what_is_no_page_is_found(pdf: bytes) -> None:
    assert count_pages(pdf) == 1
    assert holds_more_than_pages(pdf)
    assert holds_more_than_pages(Authority().seal(pdf, ISSUER)), "a seal makes it no better"


def test_an_encrypted_paper_is_known_as_such() -> None:
    pdf = paper()
    pdf.set_encryption("owner", "user", permissions=AccessPermission.none())
    with pytest.raises(EncryptedPdf):
        count_pages(bytes(pdf.output()))


def test_more_objects_than_a_paper_has_are_not_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not holds_more_than_pages(sealed())
    monkeypatch.setattr(pdf_content, "OBJECTS_MOST", 5)
    assert holds_more_than_pages(sealed())


def test_a_file_that_cannot_be_read_is_not_vouched_for() -> None:
    assert holds_more_than_pages(plain()[:200])
    assert holds_more_than_pages(b"")
