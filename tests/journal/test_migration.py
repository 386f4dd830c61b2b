"""A journal of an earlier version becomes one of this, whole, or stays what it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.journal import Journal, JournalBroken, schema
from kiosk.journal.trouble import UNUSABLE
from kiosk.journal.verification import flaws_of
from kiosk.payments.machine import PayState
from tests.journal.made import opened, order, status

FROZEN = (Path(__file__).parent / "version_1.sql").read_text(encoding="utf-8")

ORDERS = [
    # number, attempt, state, channel, transaction, reason, acceptance, booked_at, voucher
    ("P261101-AAAAAAAA", 1, "printed", "alipay", "42001", "", "SB1", "2026-11-01T09:00:00+08:00", "u1"),
    ("P261101-BBBBBBBB", 2, "fulfilling", "wechat", "42002", "busy", None, None, None),
    ("P261101-CCCCCCCC", 1, "unknown", "unionpay", "", "", None, None, None),
    ("P261101-DDDDDDDD", 1, "closed", None, "", "unreachable", None, None, None),
    ("P261101-EEEEEEEE", 1, "created", None, "", "", None, None, None),
]  # fmt: skip
WAYS = {
    "P261101-AAAAAAAA": "created submitted paid fulfilling fulfilled printed",
    "P261101-BBBBBBBB": "created submitted failed created submitted paid fulfilling",
    "P261101-CCCCCCCC": "created submitted unknown",
    "P261101-DDDDDDDD": "created closing closed",
    "P261101-EEEEEEEE": "created",
}


@pytest.fixture
def old(path: Path) -> Path:
    """A journal as version 1 left it, with payments on their way and a day of visits."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(FROZEN)
        db.execute("PRAGMA user_version = 1")
        for number, attempt, state, channel, transaction, reason, *booking in ORDERS:
            db.execute(
                f"INSERT INTO orders VALUES ({', '.join('?' * 17)})",
                (
                    number, "resident-pension-pay", "social-insurance", f"SI-{number}", "T300", 30000,
                    "养老保险", "0123456789abcdef", attempt, f"{number}-{attempt:02d}", state, channel,
                    transaction, reason, *booking,
                ),
            )  # fmt: skip
        _steps(db)
        for n in range(5):
            db.execute(
                "INSERT INTO happenings (at, kind, visit, item, outcome, seconds) VALUES (?,?,?,?,?,?)",
                (f"2026-11-01T01:0{n}:30.000+00:00", "item_ended", f"{n:016x}", "own-property", "done", 9.5),
            )  # fmt: skip
        db.commit()
    return path


def _steps(db: sqlite3.Connection) -> None:
    """Every payment's steps, interleaved as they happen at one terminal."""
    ways = {number: way.split() for number, way in WAYS.items()}
    for minute in range(8):
        for number, way in ways.items():
            if minute >= len(way):
                continue
            attempt = 2 if number.endswith("BBBB") and minute >= 3 else 1
            db.execute(
                "INSERT INTO transitions (order_no, attempt, out_trade_no, before, after, cause, at,"
                " digest) VALUES (?,?,?,?,?,?,?,?)",
                (
                    number, attempt, f"{number}-{attempt:02d}", way[minute - 1] if minute else None,
                    way[minute], f"cause.{minute}", f"2026-11-01T01:0{minute}:00.000+00:00", "ab12",
                ),
            )  # fmt: skip


def read_old(path: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        orders = db.execute("SELECT * FROM orders ORDER BY rowid").fetchall()
        steps = db.execute("SELECT * FROM transitions ORDER BY seq").fetchall()
        return orders, steps


def test_every_order_step_and_visit_of_version_1_is_there_and_chained(old: Path) -> None:
    with opened(old) as journal:
        # THEN orders and the states of their payments are those of the old file
        records = journal.orders()
        told = [
            (
                r.status.order_no, r.status.attempt, r.status.state.value,
                r.status.channel and r.status.channel.value, r.status.transaction_id, r.status.reason,
                r.status.booking and r.status.booking.acceptance_no,
            )
            for r in records
        ]  # fmt: skip
        assert told == [row[:7] for row in ORDERS]
        # AND each history is complete, in its order, with cause, time and digest
        for number, way in WAYS.items():
            steps = journal.history(number)
            assert " ".join(step.after.value for step in steps) == way
            assert [step.before for step in steps] == [None, *(step.after for step in steps[:-1])]
            assert steps[-1].cause == f"cause.{len(steps) - 1}"
            assert steps[-1].at == f"2026-11-01T01:0{len(steps) - 1}:00.000+00:00"
            assert {step.digest for step in steps} == {"ab12"}
        assert len(journal.happenings()) == 5
        assert [e.kind for e in journal.entries("seq = 1")] == ["migrated"]
    # AND everything is chained
    assert flaws_of(old) == ()


def test_live_payments_of_version_1_go_on(old: Path) -> None:
    with opened(old) as journal:
        unfinished = {r.status.order_no: r for r in journal.unfinished()}
        assert {n[8:] for n in unfinished} == {"BBBBBBBB", "CCCCCCCC", "EEEEEEEE"}
        record = unfinished["P261101-CCCCCCCC"]
        journal.advance(
            PayState.UNKNOWN, replace(record.status, state=PayState.PAID), "query.success"
        )
        # AND their bills are still locked
        again = replace(order(1), bill_id="SI-P261101-EEEEEEEE")
        assert not journal.begin(again, status(1))
    assert flaws_of(old) == ()


@pytest.mark.parametrize("statements", [1, 3, 9, 20, 40, 60])
def test_an_interrupted_migration_leaves_the_old_file_as_it_was(old: Path, statements: int) -> None:
    before = read_old(old)
    # GIVEN a migration that ends after so many statements
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        left = statements

        def tick(statement: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                db.interrupt()

        db.row_factory = sqlite3.Row
        db.set_trace_callback(tick)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            schema.prepare(db)
        db.set_trace_callback(None)
        assert schema.version_of(db) == 1
    # THEN the file still is one of version 1, with everything in it
    assert read_old(old) == before
    # AND the next start brings it over
    with opened(old) as journal:
        assert len(journal.orders()) == len(ORDERS)
    assert flaws_of(old) == ()


def test_a_migration_killed_before_its_commit_is_as_if_it_had_not_begun(old: Path) -> None:
    script = (
        "import os, signal, sqlite3, sys\n"
        "from kiosk.journal import schema\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA cache_size = 2')  # so that half of it is in the file already\n"
        "db.row_factory = sqlite3.Row\n"
        "def die(statement):\n"
        "    if statement == 'COMMIT': os.kill(os.getpid(), signal.SIGKILL)\n"
        "db.set_trace_callback(die)\n"
        "schema.prepare(db)\n"
    )
    before = read_old(old)
    ended = subprocess.run([sys.executable, "-c", script, str(old)])
    assert ended.returncode == -9
    assert read_old(old) == before
    with opened(old) as journal:
        assert len(journal.orders()) == len(ORDERS)


def test_an_empty_journal_of_version_1_becomes_an_empty_one_of_this(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FROZEN)
        db.execute("PRAGMA user_version = 1")
    with opened(path) as journal:
        assert journal.orders() == ()
        assert journal.begin(order(1), status(1))
    assert flaws_of(path) == ()


def test_a_reader_does_not_bring_a_file_over(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(JournalBroken, match="version 1"):
        Journal(old, read_only=True)
    assert old.read_bytes() == before


def test_a_file_of_a_later_version_is_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE later (x)")
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = path.read_bytes()
    journal = Journal.at_start(path)
    assert journal.refused == UNUSABLE
    assert not journal.recover()
    journal.close()
    assert path.read_bytes() == before
