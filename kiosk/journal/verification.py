"""Checks a journal from end to end: its pages, its chain, and that the orders agree with the log."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

from kiosk.journal import chain, file, projection, schema
from kiosk.journal.chain import Flaw
from kiosk.journal.records import Kind
from kiosk.journal.trouble import DAMAGED, ILLEGIBLE, JournalBroken, broken, code_of, detail_of

MOST_FLAWS = 100
"""More than a person reads; a journal with one is not taken any further anyway."""


PAUSE_EVERY = 50
PAUSE_S = 0.0005
"""Beside a running terminal: its screen waits for no more than the checking of so many rows, 1 ms."""

STEPS_OF_AN_ORDER = 6

R = TypeVar("R")


def flaws_of(path: Path, *, unhurried: bool = False) -> tuple[Flaw, ...]:
    """Everything found wrong in the journal at `path`, the first `MOST_FLAWS`; none where it is whole.

    `unhurried` leaves the processor to others now and then: for a thread of the terminal itself.

    Reads only. The terminal may be writing meanwhile: one state of the file is looked at. Raises
    JournalBroken where it cannot be looked at, which says nothing about what is in it.
    """
    try:
        with closing(file.open_for_reading(path)) as db:
            return examine(db, unhurried=unhurried)
    except JournalBroken as error:
        if error.code != DAMAGED:
            raise
        return (Flaw(0, error.detail),)
    except (sqlite3.Error, *ILLEGIBLE) as error:
        return (_unreadable(error),)


def examine(db: sqlite3.Connection, *, unhurried: bool = False) -> tuple[Flaw, ...]:
    """The same of an open journal. Raises JournalBroken."""
    found: list[Flaw] = []
    every = PAUSE_EVERY if unhurried else 0
    try:
        db.execute("BEGIN")
        for check in (_pages, _chain, _orders):
            found += check(db, every)
            if len(found) >= MOST_FLAWS:
                break
    except sqlite3.Error as error:
        found.append(_unreadable(error))
    except ILLEGIBLE as error:
        found.append(Flaw(0, f"an entry's content is no content ({type(error).__name__})"))
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return tuple(found[:MOST_FLAWS])


def knows(path: Path, digest: str) -> bool:
    """Whether an entry of that hash (hex) is in the log. Raises JournalBroken."""
    with broken(), closing(file.open_for_reading(path)) as db:
        found = db.execute("SELECT 1 FROM log WHERE hash = ?", (bytes.fromhex(digest),))
        return found.fetchone() is not None


def rebuild(path: Path) -> tuple[Flaw, ...]:
    """Make the table of orders again from the log; the flaws of the log where it does not hold itself:
    then the table is left as it is, because it may be all that is right. Raises JournalBroken.
    """
    with broken(), closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        schema.expect(db)
        found = tuple(islice(_chain(db, 0), MOST_FLAWS))
        if not found:
            projection.rebuild(db)
        return found


def _with_pauses(rows: Iterable[R], every: int) -> Iterator[R]:
    for number, row in enumerate(rows):
        if every and number % every == 0:
            time.sleep(PAUSE_S)
        yield row


def _unreadable(error: Exception) -> Flaw:
    """Damage as a flaw; anything else is no finding about the file."""
    if code_of(error) != DAMAGED:
        raise JournalBroken(code_of(error), detail_of(error)) from None
    return Flaw(0, f"the file cannot be read ({detail_of(error)})")


def _pages(db: sqlite3.Connection, _: int) -> Iterator[Flaw]:
    for row in db.execute(f"PRAGMA integrity_check({MOST_FLAWS})"):
        if row[0] != "ok":
            yield Flaw(0, f"integrity check: {row[0]}")


def _chain(db: sqlite3.Connection, every: int) -> Iterator[Flaw]:
    retention = file.last_of(db, Kind.RETENTION)
    yield from chain.flaws(_with_pauses(file.entries(db), every), chain.gaps_of(retention))


def _orders(db: sqlite3.Connection, every: int) -> Iterator[Flaw]:
    """Each order's row against its steps; the projection can be made again, the log cannot."""
    columns = ", ".join(projection.COLUMNS)
    rows = db.execute(f"SELECT {columns} FROM orders ORDER BY seq")
    for row in _with_pauses(rows, every // STEPS_OF_AN_ORDER):
        steps = tuple(file.entries(db, "order_no = ? AND kind = ?", row["order_no"], Kind.STEP))
        if not steps:
            yield Flaw(row["seq"], f"order {row['order_no']} is not in the log")
        elif projection.computed(steps)[row["order_no"]] != tuple(row):
            yield Flaw(row["seq"], f"order {row['order_no']} is not as its steps leave it")
    unlisted = (
        "SELECT min(seq), order_no FROM log WHERE order_no IS NOT NULL"
        " AND order_no NOT IN (SELECT order_no FROM orders) GROUP BY order_no"
    )
    for seq, number in db.execute(unlisted):
        yield Flaw(seq, f"order {number} is in the log and not among the orders")
