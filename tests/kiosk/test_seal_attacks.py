"""Attacks on the check of seals: each ends in the fault that it is, however cleverly it is sealed."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from asn1crypto import pdf as asn1_pdf
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.attributes import AdobeRevinfoProvider, SignedAttributeProviderSpec
from pyhanko.sign.fields import MDPPerm

from kiosk.seal import Seal, SealFault, Seals
from tests.kiosk import sealing
from tests.kiosk.sealing import (
    DOCUMENTS,
    NOW,
    PROGRAMS,
    SERVER,
    SIGNER,
    YEAR,
    Holder,
    Sealing,
    Use,
    byte_range,
    issued,
    revoking,
    seal,
    updated,
    with_lists,
)

ROOT = sealing.root()
OFFICE = issued(SIGNER, Use(), ROOT)

MOST_MIB = 256
"""The check of the largest file that a department may send (32 MiB) keeps below this in Python's own memory;
the terminal has 2 GiB."""


@cache
def plain(pages: int = 1) -> bytes:
    pdf = FPDF()
    for page in range(pages):
        pdf.add_page()
        pdf.set_font("Helvetica", size=20)
        pdf.cell(0, 10, f"page {page + 1} of {pages}")
    return bytes(pdf.output())


@cache
def sealed() -> bytes:
    return seal(plain(), OFFICE)


def checked(pdf: bytes) -> Seal | SealFault:
    return Seals(fetch=lambda: ROOT.pem).check(pdf, NOW)


# --- changed after it was sealed ---------------------------------------------------------------------


def another_text(writer: IncrementalPdfFileWriter, page: Any) -> None:
    """The page shows something else."""
    stream = generic.StreamObject(stream_data=b"BT /F1 40 Tf 50 500 Td (1,000,000) Tj ET")
    page["/Contents"] = writer.add_object(stream)


def a_stamp(writer: IncrementalPdfFileWriter, page: Any) -> None:
    """An annotation covers what stands there."""
    stamp = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500))),
            pdf_name("/Contents"): generic.TextStringObject("paid"),
        }
    )
    page["/Annots"] = generic.ArrayObject([writer.add_object(stamp)])


@pytest.mark.parametrize("change", [another_text, a_stamp])
@pytest.mark.parametrize("certify", [True, False], ids=["certified", "approved"])
def test_a_visible_change_behind_the_seal_is_found(change: Any, certify: bool) -> None:
    pdf = seal(plain(), OFFICE, Sealing(certify=certify))
    assert checked(pdf) == Seal(SIGNER)
    assert checked(updated(pdf, change)) == SealFault.TAMPERED


@pytest.mark.parametrize("certify", [True, False], ids=["certified", "approved"])
@pytest.mark.parametrize("second", ["the same", "another of ours", "a stranger"])
def test_a_second_signature_over_a_changed_file_does_not_heal_it(
    certify: bool, second: str
) -> None:
    # GIVEN a sealed paper that was changed, and then signed once more as a whole
    holders = {
        "the same": OFFICE,
        "another of ours": issued("另一局", Use(), ROOT),
        "a stranger": issued(SIGNER, Use(), sealing.root("别的根")),
    }
    first = Sealing(certify=certify, permits=MDPPerm.FILL_FORMS)
    pdf = updated(seal(plain(), OFFICE, first), another_text)
    again = seal(pdf, holders[second], Sealing(certify=False, field="Second"))
    # THEN the first seal is not true of what is shown now
    assert checked(again) == SealFault.TAMPERED


def test_a_second_signature_of_a_stranger_makes_nothing_genuine() -> None:
    approved = seal(plain(), OFFICE, Sealing(certify=False))
    stranger = issued("别人", Use(), sealing.root("别的根"))
    both = seal(approved, stranger, Sealing(certify=False, field="Second"))
    assert checked(both) == SealFault.UNTRUSTED


# --- a signature of a part only -----------------------------------------------------------------------


def test_bytes_hidden_between_the_covered_parts_are_found() -> None:
    """Signature wrapping (Mladenov and others, 2019): the second part is moved behind what is slipped in, and
    a second /ByteRange, in the uncovered gap, leads there. The digest stays right."""
    pdf = sealed()
    _, until, begin, length = byte_range(pdf)
    gap, rest = pdf[until:begin], pdf[begin:]
    slipped = b"\n9999 0 obj\n<</Length 3>>\nstream\nBAD\nendstream\nendobj\n"
    moved_to = len(pdf) + 300
    wrapped = pdf[:until] + gap + b" /ByteRange [0 %d %d %d] " % (until, moved_to, length) + slipped
    wrapped += b" " * (moved_to - len(wrapped)) + rest
    assert wrapped[moved_to:] == rest
    assert checked(wrapped) == SealFault.TAMPERED


@pytest.mark.parametrize(
    "told",
    [
        b"[0 10 20 30]", b"[0 0 0 0]", b"[]", b"null", b"[0 1]", b"[-1 2 3 4]",
        b"[0 99999999 999999999 1]", b"[0 4294967296 4294967296 4294967296]", b"(x)",
    ],
)  # fmt: skip
def test_another_byte_range_is_no_seal(told: bytes) -> None:
    pdf = sealed()
    found = re.search(rb"/ByteRange\s*(\[[^\]]*\])", pdf)
    assert found is not None
    start, end = found.span(1)
    changed = pdf[:start] + told.ljust(end - start)[: end - start] + pdf[end:]
    assert checked(changed) == SealFault.TAMPERED


@pytest.mark.parametrize("contents", [b"<>", b"<00>", b"null", b"<" + b"ff" * 400 + b">"])
def test_a_signature_without_its_content_is_no_seal(contents: bytes) -> None:
    """Universal signature forgery: nothing to check must not mean that nothing is wrong."""
    pdf = sealed()
    _, until, begin, _ = byte_range(pdf)
    changed = pdf[:until] + contents.ljust(begin - until) + pdf[begin:]
    assert checked(changed) == SealFault.TAMPERED


@pytest.mark.parametrize("parts", [2, 3, 10, 100])
def test_a_torn_file_is_no_seal(parts: int) -> None:
    assert isinstance(checked(sealed()[: len(sealed()) // parts]), SealFault)
    assert isinstance(checked(sealed()[: -len(sealed()) // parts]), SealFault)


# --- sealed by the wrong hand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "found"),
    [
        (Use(purposes=(DOCUMENTS,)), Seal(SIGNER)),
        (Use(purposes=(SERVER, DOCUMENTS)), Seal(SIGNER)),
        (Use(purposes=(SERVER,)), SealFault.MISUSED),
        (Use(purposes=(PROGRAMS,)), SealFault.MISUSED),
        (Use(signs=False), SealFault.MISUSED),
        (Use(since=NOW - 2 * YEAR, until=NOW - timedelta(days=1)), SealFault.EXPIRED),
        (Use(since=NOW + timedelta(days=1)), SealFault.UNTRUSTED),
    ],
    ids=[
        "for-documents", "for-documents-too", "for-a-server", "for-programs", "for-encryption",
        "expired", "not-yet",
    ],
)  # fmt: skip
def test_a_certificate_seals_only_what_it_is_for_and_in_its_time(
    use: Use, found: Seal | SealFault
) -> None:
    assert checked(seal(plain(), issued(SIGNER, use, ROOT))) == found


def test_another_authority_of_the_same_name_is_not_trusted() -> None:
    impostor = sealing.root()  # the name is the same, the key is not
    assert checked(seal(plain(), issued(SIGNER, Use(), impostor))) == SealFault.UNTRUSTED


def test_a_sealers_certificate_makes_no_other_sealers() -> None:
    made_by_office = issued("伪造局", Use(), OFFICE)
    pdf = seal(plain(), made_by_office, Sealing(chain=(OFFICE,)))
    assert checked(pdf) == SealFault.UNTRUSTED


def test_an_authority_between_root_and_sealer_is_followed() -> None:
    between = issued("中间", Use(signs=False, authority=True), ROOT)
    pdf = seal(plain(), issued(SIGNER, Use(), between), Sealing(chain=(between,)))
    assert checked(pdf) == Seal(SIGNER)


# --- revoked, as far as the document says so ---------------------------------------------------------


def test_lists_behind_the_seal_leave_it_genuine() -> None:
    pdf = with_lists(sealed(), revoking(ROOT))
    assert pdf.startswith(sealed())
    assert checked(pdf) == Seal(SIGNER)


@pytest.mark.parametrize("days_ago", [0, 30], ids=["today", "last month"])
def test_a_list_that_names_the_sealer_is_believed(days_ago: int) -> None:
    told = revoking(ROOT, OFFICE, at=NOW - timedelta(days=days_ago, hours=1))
    assert checked(with_lists(sealed(), told)) == SealFault.REVOKED


def test_a_list_that_names_the_authority_between_is_believed() -> None:
    between = issued("中间", Use(signs=False, authority=True), ROOT)
    pdf = seal(plain(), issued(SIGNER, Use(), between), Sealing(chain=(between,)))
    told = with_lists(pdf, revoking(ROOT, between), revoking(between))
    assert checked(told) == SealFault.REVOKED


def test_a_list_within_the_signature_is_believed() -> None:
    brought = asn1_pdf.RevocationInfoArchival({"crl": [revoking(ROOT, OFFICE)]})

    class Provided(SignedAttributeProviderSpec):
        def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Any:
            yield AdobeRevinfoProvider(brought)

    pdf = seal(plain(), OFFICE, Sealing(attributes=Provided()))
    assert checked(pdf) == SealFault.REVOKED


def test_a_list_of_somebody_else_says_nothing() -> None:
    stranger = sealing.root("别的根")
    forged = revoking(Holder(stranger.key, ROOT.certificate), OFFICE)
    assert checked(with_lists(sealed(), forged)) == Seal(SIGNER)
    assert checked(with_lists(sealed(), revoking(stranger, OFFICE))) == Seal(SIGNER)


def test_a_change_beside_the_lists_is_found() -> None:
    pdf = with_lists(sealed(), revoking(ROOT))
    assert checked(updated(pdf, another_text)) == SealFault.TAMPERED
    assert checked(pdf + b"%% more\n") == SealFault.TAMPERED


# --- size -----------------------------------------------------------------------------------------------


def _of(build: Callable[[], bytes]) -> tuple[Seal | SealFault, float]:
    """What was found, and how much memory Python took for it at most, in MiB."""
    pdf = build()
    tracemalloc.start()
    try:
        found = checked(pdf)
        return found, tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.timeout(300)
def test_a_thousand_pages_are_checked_in_bounded_memory() -> None:
    found, took_mib = _of(lambda: seal(plain(1000), OFFICE))
    assert found == Seal(SIGNER)
    assert took_mib < MOST_MIB


@pytest.mark.timeout(300)
def test_fifty_megabytes_are_checked_in_bounded_memory() -> None:
    def heavy() -> bytes:
        def fill(writer: IncrementalPdfFileWriter, page: Any) -> None:
            ballast = generic.StreamObject(encoded_data=bytes(50 * 2**20))
            page["/Ballast"] = writer.add_object(ballast)

        return seal(updated(plain(), fill), OFFICE)

    found, took_mib = _of(heavy)
    assert found == Seal(SIGNER)
    assert took_mib < MOST_MIB
