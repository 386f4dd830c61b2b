"""Seals: genuine only where the whole file is signed, unchanged, by somebody trusted, in time."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from kiosk.config import load
from kiosk.paths import CONFIG_DIR
from kiosk.sandbox.documents import _altered
from kiosk.sandbox.documents_pdf import Imprint, Paper, compose
from kiosk.sandbox.documents_seal import Authority
from kiosk.seal import Seal, SealFault, Seals

ISSUER = "中国人民银行征信中心"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

CHANGES = 60

OURS = Authority()


@cache
def plain() -> bytes:
    paper = Paper("个人信用报告", ISSUER, "XY", ["姓名 王秀兰"])
    return compose(paper, Imprint("XY20261124000001", "AAAA-BBBB", NOW, "http://127.0.0.1/p/1"))[0]


@cache
def sealed() -> bytes:
    return OURS.seal(plain(), ISSUER)


@cache
def signature() -> range:
    """Where the signature itself stands: the one part of the file that it cannot cover."""
    found = re.search(rb"/Contents <[0-9a-fA-F]+>", sealed())
    assert found is not None
    return range(*found.span())


def ours() -> Seals:
    return Seals(fetch=lambda: OURS.root_pem)


def test_a_genuine_seal_names_its_signer() -> None:
    assert ours().check(sealed(), NOW) == Seal(ISSUER)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (plain, SealFault.UNSIGNED),
        (lambda: _altered(sealed()), SealFault.TAMPERED),
        (lambda: sealed() + b"%% added\n", SealFault.TAMPERED),
        (lambda: sealed()[:-200], SealFault.TAMPERED),
        (lambda: Authority().seal(plain(), ISSUER), SealFault.UNTRUSTED),
        (lambda: OURS.seal(plain(), ISSUER, expired=True), SealFault.EXPIRED),
        (lambda: b"<html></html>", SealFault.TAMPERED),
        (lambda: b"", SealFault.TAMPERED),
    ],
    ids=[
        "unsigned", "altered", "appended", "torn", "foreign", "expired", "html", "empty"
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_apart(wrong: Callable[[], bytes], fault: SealFault) -> None:
    assert ours().check(wrong(), NOW) == fault


def test_a_page_added_after_sealing_is_found() -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(sealed()))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = writer.root["/Pages"]["/Count"]
    writer.update_container(page)
    added = BytesIO()
    writer.write(added)
    assert ours().check(added.getvalue(), NOW) == SealFault.TAMPERED


def test_a_seal_is_genuine_only_in_its_time() -> None:
    assert ours().check(sealed(), datetime(2050, 1, 2, tzinfo=UTC)) == SealFault.EXPIRED
    assert isinstance(ours().check(sealed(), datetime(2019, 12, 31, tzinfo=UTC)), SealFault)
    assert ours().check(sealed(), NOW + timedelta(days=365 * 20)) == Seal(ISSUER)


def test_nobody_is_trusted_unless_named() -> None:
    assert Seals().check(sealed(), NOW) == SealFault.UNTRUSTED


def test_a_root_in_a_file_is_trusted_and_a_broken_one_trusts_nobody(tmp_path: Path) -> None:
    root, broken = tmp_path / "root.pem", tmp_path / "broken.pem"
    root.write_bytes(Authority().root_pem + OURS.root_pem)  # several in one file
    broken.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA")
    assert Seals([root]).check(sealed(), NOW) == Seal(ISSUER)
    assert Seals([broken]).check(sealed(), NOW) == SealFault.UNTRUSTED
    assert Seals([tmp_path / "none.pem"]).check(sealed(), NOW) == SealFault.UNTRUSTED
    assert Seals([broken, root]).check(sealed(), NOW) == Seal(ISSUER)


def test_a_root_that_could_not_be_fetched_is_fetched_at_the_next_check() -> None:
    answers = [None, OURS.root_pem]
    seals = Seals(fetch=lambda: answers.pop(0))
    assert seals.check(sealed(), NOW) == SealFault.UNTRUSTED
    assert seals.check(sealed(), NOW) == Seal(ISSUER)
    assert seals.check(sealed(), NOW) == Seal(ISSUER)
    assert answers == []


def test_no_changed_byte_outside_the_signature_leaves_a_seal_genuine() -> None:
    drawn = random.Random(1)
    places = [place for place in range(len(sealed())) if place not in signature()]
    for place in drawn.sample(places, CHANGES):
        changed = bytearray(sealed())
        changed[place] ^= drawn.randrange(1, 256)
        assert isinstance(ours().check(bytes(changed), NOW), SealFault), place


def test_whatever_comes_is_answered() -> None:
    drawn = random.Random(2)
    for _ in range(CHANGES):
        at, cut = drawn.randrange(3000), drawn.randrange(1, 400)
        changed = sealed()[:at] + drawn.randbytes(drawn.randrange(400)) + sealed()[at + cut :]
        assert isinstance(ours().check(changed, NOW), SealFault)


def test_the_library_is_not_imported_before_a_seal_is_checked() -> None:
    program = (
        "import sys, kiosk.seal, kiosk.counter, kiosk.config\n"
        "sys.exit('pyhanko' in sys.modules or 'asn1crypto' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("text", ["", "not a certificate"])
def test_a_configured_root_without_a_certificate_is_a_problem(tmp_path: Path, text: str) -> None:
    written = (CONFIG_DIR / "terminal.toml").read_text(encoding="utf-8")
    empty = "trusted_roots = []"
    assert empty in written
    (tmp_path / "root.pem").write_text(text, encoding="utf-8")
    (tmp_path / "terminal.toml").write_text(
        written.replace(empty, 'trusted_roots = ["root.pem"]'), encoding="utf-8"
    )
    problems = load(tmp_path)
    assert isinstance(problems, list)
    (problem,) = problems
    assert problem.key.startswith("documents.trusted_roots")
    assert "root.pem" in problem.remedy


def test_a_configured_root_is_trusted(tmp_path: Path) -> None:
    written = (CONFIG_DIR / "terminal.toml").read_text(encoding="utf-8")
    (tmp_path / "root.pem").write_bytes(OURS.root_pem)
    (tmp_path / "terminal.toml").write_text(
        written.replace("trusted_roots = []", 'trusted_roots = ["root.pem"]'), encoding="utf-8"
    )
    config = load(tmp_path)
    assert not isinstance(config, list), config
    assert Seals(config.documents.files(tmp_path)).check(sealed(), NOW) == Seal(ISSUER)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (MemoryError(), SealFault.UNCHECKED),
        (OSError(24, "too many open files"), SealFault.UNCHECKED),
        (RuntimeError("can't start new thread"), SealFault.UNCHECKED),
        (RecursionError(), SealFault.TAMPERED),
        (NotImplementedError(), SealFault.TAMPERED),
        (ValueError(), SealFault.TAMPERED),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_this_machine_could_not_check_is_not_called_tampered(
    error: Exception, found: SealFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> Seal:
        raise error

    monkeypatch.setattr("kiosk.seal._checked", breaks)
    assert ours().check(sealed(), NOW) == found
