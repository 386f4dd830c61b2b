"""`kiosk doctor` about the journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.config import Journal as Settings
from kiosk.doctor.books import journal
from kiosk.doctor.finding import Finding, Verdict
from kiosk.journal.backup import back_up
from kiosk.payments.machine import PayState
from tests.journal.made import Clock, opened, pay
from tests.journal.test_cli import lose
from tests.journal.test_migration import FROZEN
from tests.journal.test_trouble import order_page, words

TODAY = date(2026, 11, 24)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path


def found(state: Path, today: date = TODAY) -> list[Finding]:
    return list(journal(Settings(), state, today))


def test_before_the_first_start_there_is_none(state: Path) -> None:
    (finding,) = found(state)
    assert (finding.verdict, "first start" in finding.what) == (Verdict.OK, True)
    assert not list(state.iterdir())


def test_a_whole_one_with_its_copy_is_fine(state: Path) -> None:
    with opened(state / "journal.sqlite", Clock()) as one:
        pay(one, 1, PayState.PAID)
        back_up(state / "journal.sqlite", state / "copies", TODAY, 3)
    assert [f.verdict for f in found(state)] == [Verdict.OK, Verdict.OK]
    assert "1 payments unfinished, 0 unresolved" in found(state)[0].what
    late = found(state, TODAY + timedelta(days=4))[1]
    assert late.verdict is Verdict.WARN
    assert "journal-2026-11-24.sqlite" in late.what


def test_an_unresolved_payment_is_worth_a_look(state: Path) -> None:
    with opened(state / "journal.sqlite", Clock()) as one:
        lose(one, 1)
    finding = found(state)[0]
    assert finding.verdict is Verdict.WARN
    assert "1 unresolved" in finding.what
    assert "reconcile" in finding.remedy


@pytest.mark.parametrize("damage", [words, order_page])
def test_a_damaged_one_is_bad_and_left_alone(state: Path, damage: object) -> None:
    path = state / "journal.sqlite"
    with opened(path, Clock()) as one:
        pay(one, 1)
    assert callable(damage)
    damage(path)
    before = path.read_bytes()
    (finding,) = found(state)[-1:]
    assert finding.verdict is Verdict.BAD
    assert "is damaged" in finding.what
    assert "kiosk journal renew" in finding.remedy
    assert path.read_bytes() == before


def test_one_of_version_1_is_brought_over_by_the_next_start(state: Path) -> None:
    with closing(sqlite3.connect(state / "journal.sqlite")) as db:
        db.executescript(FROZEN)
        db.execute("PRAGMA user_version = 1")
    (finding,) = found(state)
    assert (finding.verdict, "version 1" in finding.what) == (Verdict.WARN, True)


def test_one_that_cannot_be_opened_is_bad(state: Path) -> None:
    (state / "journal.sqlite").mkdir()
    (finding,) = found(state)
    assert finding.verdict is Verdict.BAD
    assert "cannot be read" in finding.what
