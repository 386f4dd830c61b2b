"""A full disk, a disk that refuses, a file that is not what was written: no payment is taken, none lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from devices.status import DeviceState, Failed, Ok
from kiosk import config
from kiosk.doctor import books
from kiosk.journal import DAMAGED, FULL, UNUSABLE, Journal, JournalBroken, damage, file
from kiosk.journal.condition import JournalCondition
from kiosk.journal.renewal import renewed
from kiosk.journal.trouble import code_of
from kiosk.journal.verification import flaws_of
from kiosk.log import Record, attach
from kiosk.payments.machine import PayState
from tests.journal.made import opened, order, pay, status, tampering

HEADER = 100
PAGE = 4096


@pytest.fixture
def logged() -> Iterator[list[Record]]:
    records: list[Record] = []
    detach = attach(records.append)
    yield records
    detach()


def events(logged: list[Record]) -> list[tuple[object, object]]:
    return [(r["event"], r.get("code")) for r in logged if str(r["event"]).startswith("journal.")]


def fill(journal: Journal) -> None:
    """Allow the file no further page: SQLITE_FULL as on a disk without room."""
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")


def make_room(journal: Journal) -> None:
    journal._db.execute("PRAGMA max_page_count = 1000000")


def pay_until_full(journal: Journal) -> int:
    for n in range(1000):
        try:
            pay(journal, n)
        except JournalBroken as error:
            if error.code == FULL:
                return n
    raise AssertionError("the disk never was full")


def test_a_full_disk_refuses_payments_loses_none_and_recovers_by_itself(
    path: Path, logged: list[Record]
) -> None:
    with opened(path) as journal:
        # GIVEN a disk that is full in the middle of a day
        fill(journal)
        last = pay_until_full(journal)
        acknowledged = journal.history(status(last).order_no)
        # THEN payments are refused, what was written is there, and the page and the log say why
        assert journal.refused == FULL
        assert ("journal.refused", FULL) in events(logged)
        assert len(journal.orders()) in (last, last + 1)
        health = JournalCondition(journal).health()
        assert (health.state, health.fault and health.fault.code) == (DeviceState.OFFLINE, FULL)
        assert not journal.recover()
        # WHEN there is room again
        make_room(journal)
        assert journal.recover()
        # THEN payments are taken, and the journal says how long there were none
        assert journal.refused == ""
        assert ("journal.accepted", FULL) in events(logged)
        (entry,) = journal.entries("kind = 'trouble'")
        assert entry.facts()["code"] == FULL
        pay(journal, 2000)
        assert journal.history(status(last).order_no) == acknowledged
    assert flaws_of(path) == ()


def test_visits_during_a_full_disk_are_written_down_afterwards_with_their_own_time(
    path: Path,
) -> None:
    with opened(path) as journal:
        fill(journal)
        pay_until_full(journal)
        for n in range(300):
            journal.item_ended(f"{n:016x}", "own-property", "done", 1.0)
        journal.happenings()
        assert len(journal._waiting) > 0
        make_room(journal)
        assert journal.recover()
        assert [int(h.visit, 16) for h in journal.happenings()] == list(range(300))
    assert flaws_of(path) == ()


WRITER = """
import resource, signal, sys
from pathlib import Path
from kiosk.journal import Journal, JournalBroken
from tests.journal.made import order, status
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for n in range(1000):
    try:
        journal.begin(order(n), status(n))
    except JournalBroken as error:
        print("refused", journal.refused, flush=True)
        break
    print(status(n).order_no, flush=True)
"""


def test_a_file_that_may_grow_no_further_keeps_all_that_was_acknowledged(path: Path) -> None:
    # GIVEN a process whose files the kernel lets grow to 200 kB (write(2), EFBIG)
    said = subprocess.run(
        [sys.executable, "-c", WRITER, str(path)], capture_output=True, text=True, check=True
    ).stdout.split()
    # THEN it was refused in the end
    assert "refused" in said
    assert said[-1] in (FULL, UNUSABLE)
    # AND each order that it had acknowledged is there
    acknowledged = {word for word in said if word.startswith("P261124")}
    assert len(acknowledged) > 3
    with opened(path) as journal:
        assert acknowledged <= {r.status.order_no for r in journal.orders()}
    assert flaws_of(path) == ()


def test_a_write_that_the_disk_refuses_is_an_error_and_changes_nothing(path: Path) -> None:
    with opened(path) as journal:
        pay(journal, 1, PayState.PAID)
        journal._db.execute("PRAGMA query_only = ON")
        with pytest.raises(JournalBroken):
            journal.advance(
                PayState.PAID, replace(status(1), state=PayState.FULFILLING), "booking.begun"
            )
        assert journal.refused == UNUSABLE
        assert journal.order(status(1).order_no).status.state is PayState.PAID  # type: ignore[union-attr]
        journal._db.execute("PRAGMA query_only = OFF")
        journal.advance(
            PayState.PAID, replace(status(1), state=PayState.FULFILLING), "booking.begun"
        )
        assert journal.refused == ""


# --- damage --------------------------------------------------------------------------------------------


def words(path: Path) -> None:
    path.write_bytes(b"this is no database at all, just some words" * 400)


def first_page(path: Path) -> None:
    _overwrite(path, HEADER, b"\xff" * (PAGE - HEADER))


def cut_short(path: Path) -> None:
    os.truncate(path, PAGE * 3)


def entry_changed(path: Path) -> None:
    with tampering(path) as db:
        db.execute("UPDATE log SET body = replace(body, '30000', '1') WHERE seq = 1")


def order_page(path: Path) -> None:
    with tampering(path) as db:
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'orders'").fetchone()[0]
    _overwrite(path, (page - 1) * PAGE, b"\xa5" * PAGE)


def _overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def written(path: Path) -> dict[str, bytes]:
    """The file and the log beside it; the log's index (-shm) and an empty log hold nothing."""
    files = (path, path.with_name(f"{path.name}-wal"))
    found = {file.name: file.read_bytes() for file in files if file.exists()}
    return {name: content for name, content in found.items() if content}


@pytest.mark.parametrize(
    "damage", [words, first_page, cut_short, entry_changed, order_page], ids=lambda d: d.__name__
)
def test_a_damaged_file_is_refused_told_and_kept_byte_for_byte(
    path: Path, damage: Callable[[Path], None], logged: list[Record]
) -> None:
    with opened(path) as journal:
        for n in range(3):
            pay(journal, n)
    damage(path)
    before = written(path)
    # WHEN a terminal starts on it
    journal = Journal.at_start(path)
    # THEN it takes no payment and says so
    assert journal.refused == DAMAGED
    assert ("journal.refused", DAMAGED) in events(logged)
    health = JournalCondition(journal).health()
    assert (health.state, health.fault and health.fault.code) == (
        DeviceState.HARDWARE_ERROR,
        DAMAGED,
    )
    with pytest.raises(JournalBroken, match="damaged"):
        journal.begin(order(9), status(9))
    # AND visits go on
    journal.visit_started()
    journal.item_ended("0123456789abcdef", "own-property", "done", 9.0)
    assert isinstance(journal.unfinished(), tuple)
    # AND nothing makes it take payments again
    assert not journal.recover()
    journal.close()
    # AND the file is as it was found
    assert written(path) == before


def test_a_killed_terminals_log_stays_beside_its_damaged_file(path: Path, tmp_path: Path) -> None:
    # GIVEN a terminal that was killed, with damage in the log that was not yet in the file
    killed = tmp_path / "killed" / path.name
    killed.parent.mkdir()
    with opened(path) as journal:
        pay(journal, 1)
        entry_changed(path)
        for name in (path.name, f"{path.name}-wal"):
            (killed.parent / name).write_bytes((path.parent / name).read_bytes())
    before = written(killed)
    assert len(before) == 2
    # WHEN terminals start on it, and end
    for _ in range(2):
        journal = Journal.at_start(killed)
        assert journal.refused == DAMAGED
        assert len(journal.orders()) == 1
        journal.close()
    # THEN both are as they were found
    assert written(killed) == before


def test_unfinished_payments_of_a_damaged_file_are_read_as_far_as_they_can_be(path: Path) -> None:
    # GIVEN a journal with unfinished payments, whose oldest entry was changed
    with opened(path) as journal:
        for n in range(5):
            pay(journal, n, PayState.PAID if n % 2 else PayState.FULFILLED)
    entry_changed(path)
    # THEN the terminal still knows which they are
    journal = Journal.at_start(path)
    assert [r.status.order_no for r in journal.unfinished()] == [
        status(1).order_no,
        status(3).order_no,
    ]
    journal.close()


def test_damage_found_while_the_terminal_runs_stops_payments_and_the_file_stays(path: Path) -> None:
    with opened(path) as journal:
        for n in range(3):
            pay(journal, n)
    journal = Journal(path)
    pay(journal, 3, PayState.PAID)  # the log beside the file has something that the file has not
    before = written(path)
    journal.found_damaged("entry 1")
    assert journal.refused == DAMAGED
    with pytest.raises(JournalBroken):
        pay(journal, 4)
    assert [r.status.order_no for r in journal.unfinished()] == [status(3).order_no]
    journal.close()
    after = written(path)
    assert after[path.name] == before[path.name]
    assert after[f"{path.name}-wal"] == before[f"{path.name}-wal"]


async def test_the_technicians_test_checks_the_whole_file(path: Path) -> None:
    with opened(path) as journal:
        for n in range(60):
            pay(journal, n)
    journal = Journal(path)
    condition = JournalCondition(journal)
    assert isinstance(await condition.test(), Ok)
    # WHEN an old entry, beyond what a start looks at, is changed
    entry_changed(path)
    assert journal.refused == ""
    found = await condition.test()
    # THEN the test finds it, and from then on no payment is taken
    assert isinstance(found, Failed)
    assert found.fault.code == DAMAGED
    assert "entry 1" in found.fault.detail
    assert journal.refused == DAMAGED
    journal.close()


def test_a_journal_that_cannot_be_opened_is_opened_as_soon_as_it_can(path: Path) -> None:
    # GIVEN a directory in the place of the file
    path.mkdir()
    journal = Journal.at_start(path)
    assert journal.refused == UNUSABLE
    assert not journal.recover()
    with pytest.raises(JournalBroken):
        journal.unfinished()
    # WHEN it is put away
    path.rmdir()
    assert journal.recover()
    # THEN payments are taken
    pay(journal, 1)
    journal.close()
    assert flaws_of(path) == ()


GARBAGE = {
    "a text that is no UTF-8": (b"social-insurance", b"social-\xff\xfe\xfdsurance"),
    "a table without its column": (b"amount_fen INTEGER NOT NULL", b"amount_fe\xff INTEGER NOT NULL"),
    "no schema": (b"CREATE TABLE orders", b"CREATE TABLE \xff\xfe\xfders"),
    "a state of no such name": (b"fulfilling", b"fulfi11ing"),
    "content that is no JSON": (b'{"acceptance_no":null', b'{"acceptance_no":nu]l'),
    "no schema version": (b"SQLite format 3\x00", b"SQLite format 3\x01"),
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
def test_what_was_never_written_is_damage_and_no_bug(path: Path, what: str) -> None:
    # GIVEN a file in which bytes have changed, wherever they stood
    with opened(path) as journal:
        number = pay(journal, 1, PayState.FULFILLING)
    old, new = GARBAGE[what]
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    # THEN it is found, a terminal starts on it and takes no payment, and whoever reads is told
    assert flaws_of(path)
    journal = Journal.at_start(path)
    try:
        assert journal.refused == DAMAGED
        journal.unfinished()
    finally:
        journal.close()
    assert _code_of_reading(path, number) in ("", DAMAGED)


def _code_of_reading(path: Path, number: str) -> str:
    """The code with which a look at everything in the file ends; "" where all of it could be read."""
    try:
        looking = Journal(path, read_only=True)
    except JournalBroken as error:
        return error.code
    try:
        looking.orders()
        looking.history(number)
        looking.happenings()
    except JournalBroken as error:
        return error.code
    finally:
        looking.close()
    return ""


@pytest.mark.parametrize("left", [0, HEADER - 1])
def test_a_file_that_lost_its_journal_is_damaged_and_not_begun_anew(path: Path, left: int) -> None:
    with opened(path) as journal:
        pay(journal, 1)
    os.truncate(path, left)
    journal = Journal.at_start(path)
    journal.close()
    assert journal.refused == DAMAGED
    assert path.stat().st_size == left


def test_a_journal_whose_making_was_cut_short_is_made_again(path: Path) -> None:
    path.with_name(f"{path.name}.new").write_bytes(b"half")
    path.with_name(f"{path.name}-wal").write_bytes(b"of a file that is gone")
    with opened(path) as journal:
        pay(journal, 1)
    assert flaws_of(path) == ()
    assert not path.with_name(f"{path.name}.new").exists()


def test_a_journal_that_cannot_be_opened_says_so_when_it_is_read(path: Path) -> None:
    path.mkdir()
    journal = Journal.at_start(path)
    try:
        with pytest.raises(JournalBroken) as raised:
            journal.unfinished()
        assert raised.value.code == journal.refused == UNUSABLE
    finally:
        journal.close()


def test_a_journal_is_read_where_nothing_can_be_made_beside_it(path: Path) -> None:
    # GIVEN a disk on which SQLite cannot make its shared memory: full, or read-only
    with opened(path) as journal:
        number = pay(journal, 1)
    path.with_name(f"{path.name}-shm").symlink_to(path.parent / "none" / "none")
    # THEN whoever asks about money is answered
    with closing(Journal(path, read_only=True)) as looking:
        assert looking.order(number) is not None
    assert flaws_of(path) == ()
    # BUT not from the file alone where a log beside it may say more
    path.with_name(f"{path.name}-wal").write_bytes(b"a later step")
    with pytest.raises(JournalBroken) as raised:
        Journal(path, read_only=True)
    assert raised.value.code == UNUSABLE


def test_no_room_for_the_shared_memory_is_a_full_disk() -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert code_of(error) == FULL


def test_damage_that_a_start_would_not_see_is_remembered(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN damage far behind what a start looks at, found while the terminal ran
    monkeypatch.setattr(file, "TAIL_ENTRIES", 3)
    with opened(path) as journal:
        pay(journal, 1)
        pay(journal, 2)
    whole = path.read_bytes()
    with tampering(path) as db:
        db.execute("UPDATE log SET body = replace(body, '30000', '30001') WHERE seq = 1")
    running = Journal.at_start(path)
    assert running.refused == ""
    running.found_damaged(str(flaws_of(path)[0]))
    running.close()
    # WHEN it is started again THEN it takes no payment, and the doctor says why
    again = Journal.at_start(path)
    again.close()
    assert again.refused == DAMAGED
    (finding, *_) = books.journal(config.Journal(), path.parent)
    assert "entry 1: its content is not what was written" in str(finding)
    # UNTIL the file is put right
    path.write_bytes(whole)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with opened(path) as journal:
        pay(journal, 3)
    assert [found.verdict.value for found in books.journal(config.Journal(), path.parent)] == [
        "ok",
        "ok",
    ]


def test_a_renewed_journal_is_not_remembered_as_damaged(path: Path) -> None:
    with opened(path) as journal:
        pay(journal, 1)
        journal.found_damaged("entry 1")
    with tampering(path) as db:
        db.execute("UPDATE log SET body = '{}' WHERE seq = 1")
    renewed(path, "li", "the disk")
    with opened(path) as journal:
        pay(journal, 2)
    assert damage.remembered(path) == ""


def test_a_file_without_a_journal_is_a_flaw(path: Path) -> None:
    path.write_bytes(b"")
    assert [str(flaw) for flaw in flaws_of(path)] == ["there is no journal in it"]
