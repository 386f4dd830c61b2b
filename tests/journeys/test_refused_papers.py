"""Forged, withdrawn and loaded documents before a citizen: each is refused by its code, with its sentence."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from kiosk.sandbox.documents_seal import Authority
from kiosk.texts import msg
from kiosk.views import Chosen, Trouble
from kiosk.words import load_words
from tests.journeys.hall import Hall
from tests.kiosk import sealing
from tests.kiosk.sealing import NOW, SERVER, SIGNER, Holder, Use, issued, revoking

pytestmark = pytest.mark.looptime

ITEM = "personal-credit-report"
ONCE_MORE, SINCE = Authority.seal, NOW - 10 * sealing.YEAR


def root_of(authority: Authority) -> Holder:
    return Holder(authority._root.key, authority._root.certificate)


def with_a_script(authority: Authority, pdf: bytes, issuer: str) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    script = {
        pdf_name("/S"): pdf_name("/JavaScript"),
        pdf_name("/JS"): generic.TextStringObject("app.alert(1)"),
    }
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(script)
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return ONCE_MORE(authority, out.getvalue(), issuer)


def with_a_password(_authority: Authority, _pdf: bytes, _issuer: str) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_encryption("owner", "user")
    return bytes(pdf.output())


def by_a_server(authority: Authority, pdf: bytes, _issuer: str) -> bytes:
    use = Use(purposes=(SERVER,), since=SINCE, until=NOW + 10 * sealing.YEAR)
    return sealing.seal(pdf, issued(SIGNER, use, root_of(authority)))


def revoked(authority: Authority, pdf: bytes, issuer: str) -> bytes:
    sealed = ONCE_MORE(authority, pdf, issuer)
    signer = authority._signer(issuer, False)
    named = Holder(signer.key, signer.certificate)
    return sealing.with_lists(sealed, revoking(root_of(authority), named, at=SINCE))


def covered_up(authority: Authority, pdf: bytes, issuer: str) -> bytes:
    def turned(_writer: object, page: generic.DictionaryObject) -> None:
        page[pdf_name("/Rotate")] = generic.NumberObject(180)

    return sealing.updated(ONCE_MORE(authority, pdf, issuer), turned)


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (with_a_script, "document.active"),
        (with_a_password, "document.encrypted"),
        (by_a_server, "document.misused"),
        (revoked, "document.revoked"),
        (covered_up, "document.tampered"),
    ],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
async def test_it_is_refused_and_said_why(
    forged: Callable[[Authority, bytes, str], bytes],
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a department that is not what it seems
    def seal(authority: Authority, pdf: bytes, issuer: str, *, expired: bool = False) -> bytes:
        return forged(authority, pdf, issuer)

    monkeypatch.setattr(Authority, "seal", seal)
    hall = Hall(tmp_path, ITEM, answers={f"trouble.{code}": Chosen("primary")})
    # WHEN
    outcome = await hall.one_visit()
    # THEN the citizen is told why, in a sentence of its own, and nothing is shown or printed
    assert outcome == code
    (trouble,) = [view for view in hall.stage.asked if isinstance(view, Trouble)]
    assert trouble.cause == msg(f"document.refused.{code.removeprefix('document.')}")
    sentences = {words.say(trouble.cause) for words in load_words().values()}
    assert len(sentences) == 2
    assert "document.pages" not in hall.keys
    assert hall.documents is not None
    assert hall.documents.orders == []
    await hall.close()
