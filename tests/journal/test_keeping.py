"""Copies, the check of the whole every night, and what is removed when."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.journal import DAMAGED, FULL, Journal, JournalBroken, file
from kiosk.journal.backup import CopyFlawed, back_up, copy_of
from kiosk.journal.keeper import LOOK_EVERY_S, TRY_AGAIN_S, JournalKeeper, Keeping, nightly
from kiosk.journal.retention import retire
from kiosk.journal.verification import flaws_of
from kiosk.log import Record, attach
from kiosk.payments.machine import PayState
from tests.journal.made import MORNING, Clock, opened, pay, status, steps, tampering
from tests.journal.test_trouble import entry_changed, fill, make_room, pay_until_full

DAYS = 30


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def keeping(copies: Path) -> Keeping:
    return Keeping(directory=copies, copies=3, hour=2, days=DAYS)


@pytest.fixture
def logged() -> Iterator[list[Record]]:
    records: list[Record] = []
    detach = attach(records.append)
    yield records
    detach()


# --- copies ------------------------------------------------------------------------------------------


def test_a_copy_is_a_whole_journal_in_one_file(path: Path, copies: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        for n in range(3):
            pay(journal, n, PayState.PAID)
        # WHEN it is copied while the terminal has it open
        copied = back_up(path, copies, clock.at.date(), keep=3)
        before = journal.orders()
    # THEN there is one file, which verifies and tells the same
    assert [p.name for p in copies.iterdir()] == ["journal-2026-11-24.sqlite"]
    assert (copied.path, copied.entries) == (copy_of(copies, clock.at.date()), 9)
    assert flaws_of(copied.path) == ()
    with closing(sqlite3.connect(path)) as db:
        head = db.execute("SELECT hex(hash) FROM log ORDER BY seq DESC").fetchone()[0]
    assert copied.head == head.lower()
    copied.path.chmod(0o400)
    reader = Journal(copied.path, read_only=True)
    assert reader.orders() == before
    reader.close()


def test_the_newest_copies_are_kept_and_nothing_else_is_touched(path: Path, copies: Path) -> None:
    clock = Clock()
    copies.mkdir()
    (copies / "other.txt").write_text("somebody's")
    with opened(path, clock) as journal:
        pay(journal, 1)
        for _ in range(5):
            back_up(path, copies, clock.at.date(), keep=3)
            clock.pass_days(1)
    assert sorted(p.name for p in copies.iterdir()) == [
        "journal-2026-11-26.sqlite",
        "journal-2026-11-27.sqlite",
        "journal-2026-11-28.sqlite",
        "other.txt",
    ]


def test_a_copy_of_a_damaged_journal_is_not_kept_and_an_older_one_stays(
    path: Path, copies: Path
) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        for n in range(60):
            pay(journal, n)
    good = back_up(path, copies, clock.at.date(), keep=1).path.read_bytes()
    entry_changed(path)
    clock.pass_days(1)
    with pytest.raises(CopyFlawed, match="entry 1"):
        back_up(path, copies, clock.at.date(), keep=1)
    assert [p.name for p in copies.iterdir()] == ["journal-2026-11-24.sqlite"]
    assert next(copies.iterdir()).read_bytes() == good


def test_a_copy_that_cannot_be_written_leaves_nothing_that_looks_like_one(
    path: Path, copies: Path, keeping: Keeping, logged: list[Record]
) -> None:
    copies.write_text("a file in the directory's place")
    with opened(path) as journal:
        pay(journal, 1)
        assert not nightly(journal, keeping, Clock().at)
        # THEN it is said, and payments go on: the journal itself is whole
        assert ("journal.not_kept", "copy.disk") in [(r["event"], r.get("code")) for r in logged]
        assert journal.refused == ""


def test_the_night_finds_damage_that_a_start_does_not_look_for(
    path: Path, keeping: Keeping, logged: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "TAIL_ENTRIES", 20)
    with opened(path) as journal:
        for n in range(10):
            pay(journal, n)
    entry_changed(path)
    with opened(path) as journal:
        assert journal.refused == ""
        assert not nightly(journal, keeping, Clock().at)
        assert journal.refused == DAMAGED
        with pytest.raises(JournalBroken):
            pay(journal, 100)
    told = [(r["event"], r.get("code")) for r in logged]
    assert ("journal.not_kept", "copy.flawed") in told
    assert ("journal.refused", DAMAGED) in told


# --- retention ---------------------------------------------------------------------------------------


def a_year(journal: Journal, clock: Clock, days: int) -> None:
    """A payment and a visit a day; the third day's payment is never finished."""
    for n in range(days):
        pay(journal, n, PayState.PAID if n == 3 else PayState.PRINTED)
        journal.visit_started()
        journal.happenings()
        clock.pass_days(1)


def test_what_is_past_its_time_goes_and_the_rest_still_verifies(path: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        a_year(journal, clock, 100)
        pay(journal, 100)
        removed = retire(path, DAYS, clock())
        # THEN the orders of the last days and the unfinished one are there, with all their steps
        kept = [r.status.order_no for r in journal.orders()]
        assert kept == [status(3).order_no, *(status(n).order_no for n in range(71, 101))]
        assert removed.orders == 70
        assert len(journal.history(status(3).order_no)) == 3
        assert journal.history(status(5).order_no) == ()
        assert len(journal.happenings()) == 29
        # AND the chain holds over the gaps, as does what is written after
        assert flaws_of(path) == ()
        pay(journal, 200)
        assert flaws_of(path) == ()
        # AND nothing more goes on the same day
        assert retire(path, DAYS, clock()).entries == 0


def test_gaps_grow_night_by_night_and_the_chain_holds_throughout(path: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        a_year(journal, clock, 40)
        for n in range(300, 360):
            pay(journal, n)
            clock.pass_days(1)
            retire(path, DAYS, clock())
            assert flaws_of(path) == (), n
        # WHEN the unfinished payment comes to its end, it goes a retention's time later
        for before, after in list(steps(3, PayState.FULFILLED))[2:]:
            journal.advance(before, after, "made")
        for n in range(400, 400 + DAYS):
            clock.pass_days(1)
            pay(journal, n)
            retire(path, DAYS, clock())
        assert journal.order(status(3).order_no) is None
        assert flaws_of(path) == ()
        entry = journal.entries("kind = 'retention'")[-1]
        assert len(entry.facts()["removed"]) == 1


def test_a_clock_that_leaps_ahead_removes_nothing(path: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        a_year(journal, clock, DAYS - 1)
        clock.pass_days(3650)
        pay(journal, 500)
        assert retire(path, DAYS, clock()).entries == 0
        assert len(journal.orders()) == DAYS


@pytest.mark.parametrize("where", ["order_no LIKE '%03'", "seq = 100", "kind = 'retention'"])
def test_entries_removed_by_anybody_else_are_missing(path: Path, where: str) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        a_year(journal, clock, 40)
        retire(path, DAYS, clock())
        pay(journal, 600)
    with tampering(path) as db:
        assert db.execute(f"DELETE FROM log WHERE {where}").rowcount > 0
    assert flaws_of(path)


def test_removing_is_all_or_nothing(path: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        a_year(journal, clock, 40)
    before = rows(path)
    # WHEN the last act of removing fails
    script = (
        "import sqlite3, sys\n"
        "from pathlib import Path\n"
        "from kiosk.journal import retention\n"
        "retention.schema.KEEP_ALL = 'CREATE TRIGGER broken'\n"
        "retention.retire(Path(sys.argv[1]), 30)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True)
    assert ended.returncode == 1
    assert rows(path) == before
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("DELETE FROM log")


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM log ORDER BY seq").fetchall()


# --- the keeper --------------------------------------------------------------------------------------


class Resumed:
    """Counts how often payments were resumed."""

    def __init__(self, journal: Journal) -> None:
        self.times = 0
        self._journal = journal

    async def __call__(self) -> None:
        self._journal.unfinished()
        self.times += 1


@pytest.mark.looptime
async def test_each_night_has_its_copy_also_where_the_terminal_is_off_at_night(
    path: Path, keeping: Keeping
) -> None:
    clock = Clock()
    clock.at = clock.at.replace(hour=0, minute=30)
    with opened(path, clock) as journal:
        pay(journal, 1)
        keeper = JournalKeeper(journal, keeping, clock, Resumed(journal))
        # GIVEN a quarter past midnight: nothing is due
        await keeper.look()
        assert not keeping.directory.exists()
        # WHEN it is the hour, once
        clock.at = clock.at.replace(hour=2)
        await keeper.look()
        await keeper.look()
        assert [p.name for p in keeping.directory.iterdir()] == ["journal-2026-11-24.sqlite"]
        assert len(journal.entries("kind = 'backup'")) == 1
        # AND the next day at nine, when the hall opens
        clock.at = (clock.at + timedelta(days=1)).replace(hour=9)
        await keeper.look()
        assert len(list(keeping.directory.iterdir())) == 2
    assert flaws_of(path) == ()


@pytest.mark.looptime
async def test_a_copy_that_failed_is_tried_again_after_an_hour(
    path: Path, keeping: Keeping
) -> None:
    clock = Clock(MORNING.replace(hour=9))
    keeping.directory.write_text("in the way")
    with opened(path, clock) as journal:
        pay(journal, 1)
        keeper = JournalKeeper(journal, keeping, clock, Resumed(journal))
        await keeper.look()
        keeping.directory.unlink()
        await keeper.look()
        assert not keeping.directory.exists()
        await asyncio.sleep(TRY_AGAIN_S)
        await keeper.look()
        assert len(list(keeping.directory.iterdir())) == 1


@pytest.mark.looptime
async def test_the_keeper_takes_payments_again_when_the_disk_has_room(
    path: Path, keeping: Keeping
) -> None:
    with opened(path) as journal:
        fill(journal)
        pay_until_full(journal)
        assert journal.refused == FULL
        resumed = Resumed(journal)
        keeper = JournalKeeper(journal, replace(keeping, hour=23), Clock(), resumed)
        await keeper.start()
        await asyncio.sleep(LOOK_EVERY_S)
        assert journal.refused == FULL
        make_room(journal)
        await asyncio.sleep(2 * LOOK_EVERY_S)
        await keeper.close()
        assert journal.refused == ""
        assert resumed.times == 1


@pytest.mark.looptime
async def test_payments_are_resumed_once_a_file_that_could_not_be_opened_can_be(
    path: Path, keeping: Keeping
) -> None:
    with opened(path) as journal:
        pay(journal, 1, PayState.PAID)
    away = path.with_suffix(".away")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            os.replace(part, away.with_name(away.name + suffix))
    os.mkdir(path)
    journal = Journal.at_start(path)
    resumed = Resumed(journal)
    keeper = JournalKeeper(journal, replace(keeping, hour=23), Clock(), resumed)
    await keeper.start()
    assert resumed.times == 0
    os.rmdir(path)
    os.replace(away, path)
    await keeper.look()
    await keeper.close()
    assert resumed.times == 1
    assert [r.status.order_no for r in journal.unfinished()] == [status(1).order_no]
    journal.close()
