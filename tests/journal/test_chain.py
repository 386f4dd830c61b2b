"""What was written cannot be changed, and where somebody did, it shows."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.journal import Journal
from kiosk.journal.projection import rebuild
from kiosk.journal.verification import flaws_of
from kiosk.payments.machine import LIVE, PayState
from tests.journal.made import Clock, opened, order, pay, status, steps, tampering


def test_each_entry_carries_the_hash_over_its_content_and_the_one_before(path: Path) -> None:
    # GIVEN a journal with payments and visits
    with opened(path) as journal:
        pay(journal, 1)
        journal.visit_started()
        journal.rated("0123456789abcdef", "own-property", "很好\n")
        journal.happenings()
    # WHEN the chain is computed by the formula of the documentation, from the table alone
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT seq, at, kind, order_no, body, hash FROM log ORDER BY seq"
        ).fetchall()
    previous = bytes(32)
    for seq, at, kind, order_no, body, held in rows:
        content = f"{seq}\n{at}\n{kind}\n{order_no or ''}\n{body}".encode()
        previous = hashlib.sha256(previous + content).digest()
        # THEN each row has it
        assert held == previous
    assert len(rows) == 8
    assert flaws_of(path) == ()


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE log SET body = replace(body, '30000', '3')",
        "UPDATE log SET hash = x'00' WHERE seq = 1",
        "DELETE FROM log",
        "DELETE FROM log WHERE seq = 6",
        "INSERT OR REPLACE INTO log VALUES (1, '', 'step', NULL, '{}', x'00')",
        "INSERT INTO log VALUES (0, '', 'step', NULL, '{}', x'00')",
    ],
)
def test_the_file_itself_refuses_to_change_or_lose_an_entry(path: Path, forbidden: str) -> None:
    with opened(path) as journal:
        pay(journal, 1)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(forbidden)
    assert flaws_of(path) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE log SET body = replace(body, '30000', '3') WHERE seq = 1", "entry 1: its content"),
        ("UPDATE log SET at = '2026-11-25T00:00:00.000+00:00' WHERE seq = 4", "entry 4"),
        ("UPDATE log SET order_no = 'P261124-00000002' WHERE seq = 3", "entry 3"),
        ("DELETE FROM log WHERE seq = 3", "entry 3: missing"),
        ("DELETE FROM log WHERE seq IN (1, 2)", "entry 1: missing"),
        ("UPDATE log SET seq = -seq WHERE seq = 2", "entry 1: missing; the next one there is -2"),
    ],
)
def test_a_changed_removed_or_moved_entry_is_told(path: Path, change: str, told: str) -> None:
    with opened(path) as journal:
        pay(journal, 1)
        pay(journal, 2)
    with tampering(path) as db:
        db.execute(change)
    assert any(str(flaw).startswith(told) for flaw in flaws_of(path)), flaws_of(path)


def test_orders_that_do_not_agree_with_the_log_are_told_and_can_be_made_again(path: Path) -> None:
    # GIVEN a journal whose table of orders was changed behind its back
    with opened(path) as journal:
        for n in range(4):
            pay(journal, n, PayState.PAID)
        before = journal.orders()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE orders SET state = 'printed' WHERE order_no LIKE '%1'")
        db.execute("DELETE FROM orders WHERE order_no LIKE '%2'")
        db.commit()
    told = [str(flaw) for flaw in flaws_of(path)]
    assert len(told) == 2
    assert "P261124-00000001 is not as its steps leave it" in told[0]
    assert "P261124-00000002 is in the log and not among the orders" in told[1]
    # WHEN it is made again from the log
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        rebuild(db)
    # THEN everything is as it was
    assert flaws_of(path) == ()
    with opened(path) as journal:
        assert journal.orders() == before


def test_two_processes_write_one_chain(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        for n in range(0, 20, 2):
            pay(one, n, PayState.PAID)
            other.operator_note(status(n).order_no, "li", "noted")
            pay(other, n + 1, PayState.PAID)
    assert flaws_of(path) == ()


def test_entries_of_an_order_tell_all_of_it_in_order_whatever_the_clock_says(path: Path) -> None:
    clock = Clock()
    with opened(path, clock) as journal:
        journal.begin(order(1), status(1))
        for before, after in steps(1, PayState.FULFILLED):
            clock.at -= timedelta(hours=5)
            journal.advance(before, after, "made")
        states = [step.after for step in journal.history(status(1).order_no)]
    assert states == [
        PayState.CREATED, PayState.SUBMITTED, PayState.PAID, PayState.FULFILLING, PayState.FULFILLED,
    ]  # fmt: skip


def test_of_person_is_newest_first_and_nobody_elses(path: Path) -> None:
    with opened(path) as journal:
        journal.begin(order(1), status(1))
        journal.begin(order(2, tag="f" * 16), status(2))
        journal.begin(order(3), status(3))
        numbers = [r.status.order_no for r in journal.of_person(order(1).person_tag)]
    assert numbers == [status(3).order_no, status(1).order_no]


def test_every_state_a_payment_can_stop_in_is_listed_as_unfinished_or_over(path: Path) -> None:
    with opened(path) as journal:
        for n, until in enumerate(
            (PayState.CREATED, PayState.SUBMITTED, PayState.PAID, PayState.FULFILLED)
        ):
            pay(journal, n, until)
        states = {r.status.state for r in journal.unfinished()}
    assert states == {PayState.CREATED, PayState.SUBMITTED, PayState.PAID}
    assert states <= LIVE


def test_a_reader_sees_a_verified_journal_while_another_writes(path: Path) -> None:
    with opened(path) as journal:
        pay(journal, 1)
        assert flaws_of(path) == ()
        reader = Journal(path, read_only=True)
        pay(journal, 2)
        assert len(reader.orders()) == 2
        reader.close()
