"""The file's layout, and how a file of an earlier version becomes one of this.

A migration is one transaction: interrupted at any moment it leaves the earlier file as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import merge
from itertools import chain as joined
from typing import Any

from kiosk.journal import projection
from kiosk.journal.chain import GENESIS, hash_of
from kiosk.journal.records import Kind, canonical_body
from kiosk.journal.transaction import transaction
from kiosk.journal.trouble import DAMAGED, UNUSABLE, JournalBroken

VERSION = 2

KEEP = """
CREATE TRIGGER log_keeps_what_is_written BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
CREATE TRIGGER log_appends_only BEFORE INSERT ON log
WHEN NEW.seq <= (SELECT max(seq) FROM log)
BEGIN SELECT RAISE(ABORT, 'the log is appended to'); END;
"""

KEEP_ALL = """
CREATE TRIGGER log_keeps_all BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log loses nothing'); END;
"""
"""Lifted within the one transaction in which retention writes its anchor and removes what is old."""

LIFT_KEEP_ALL = "DROP TRIGGER log_keeps_all"

SCHEMA = f"""
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,           -- RFC 3339, UTC, by the terminal's clock
    kind TEXT NOT NULL,         -- kiosk/journal/records.py
    order_no TEXT,              -- NULL where it is about no order
    body TEXT NOT NULL,         -- canonical JSON
    hash BLOB NOT NULL          -- over this row and the hash before it: kiosk/journal/chain.py
) STRICT;
CREATE INDEX log_by_order ON log (order_no) WHERE order_no IS NOT NULL;
CREATE INDEX log_of_housekeeping ON log (kind) WHERE kind IN ('backup', 'retention');
{KEEP}
{KEEP_ALL}
CREATE TABLE orders (           -- a projection of the log: kiosk/journal/projection.py
    seq INTEGER PRIMARY KEY,    -- of the order's first entry
    order_no TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL,
    department TEXT NOT NULL,
    bill_id TEXT NOT NULL,
    option TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    subject TEXT NOT NULL,
    person_tag TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    out_trade_no TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    channel TEXT,
    transaction_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    acceptance_no TEXT,
    booked_at TEXT,
    voucher_url TEXT
) STRICT;
CREATE INDEX orders_by_state ON orders (state);
CREATE INDEX orders_by_bill ON orders (department, bill_id);
CREATE INDEX orders_by_person ON orders (person_tag);
"""

APPEND = "INSERT INTO log (seq, at, kind, order_no, body, hash) VALUES (?, ?, ?, ?, ?, ?)"


def version_of(db: sqlite3.Connection) -> int:
    """The version that the file says it has; 0 where it is new."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def expect(db: sqlite3.Connection, at_least: int = VERSION) -> None:
    """Raise JournalBroken unless the file's version is this one (or one that can become it)."""
    version = version_of(db)
    if version == 0 < at_least:
        raise JournalBroken(DAMAGED, "there is no journal in it")
    if not at_least <= version <= VERSION:
        raise JournalBroken(UNUSABLE, f"version {version} where {VERSION} is wanted")


def prepare(db: sqlite3.Connection) -> None:
    """Give a new file its tables, and bring an earlier one to this version."""
    expect(db, at_least=0)
    if version_of(db) == VERSION:
        return
    with transaction(db):
        if version_of(db) == 0:  # asked again: another process may have been first
            _run(db, SCHEMA)
        elif version_of(db) == 1:
            _from_1(db)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _run(db: sqlite3.Connection, script: str) -> None:
    """Statement by statement: executescript would commit what is under way."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


# --- version 1: tables of orders, transitions and happenings, without a chain ------------------------


def _from_1(db: sqlite3.Connection) -> None:
    """Enter every row of version 1 into the log, in its order, behind an entry that says so."""
    for old in ("orders", "transitions", "happenings"):
        db.execute(f"ALTER TABLE {old} RENAME TO {old}_1")
    for index in ("orders_by_state", "orders_by_bill", "transitions_by_order"):
        db.execute(f"DROP INDEX {index}")
    _run(db, SCHEMA)
    counts = {
        old: db.execute(f"SELECT count(*) FROM {old}_1").fetchone()[0]
        for old in ("orders", "transitions", "happenings")
    }
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    last = GENESIS
    first = (now, Kind.MIGRATED, None, {"from": 1, **counts})
    by_time = merge(_steps_of_1(db), _happenings_of_1(db), key=lambda entry: entry[0])
    for seq, (at, kind, order_no, facts) in enumerate(joined((first,), by_time), 1):
        body = canonical_body(facts)
        last = hash_of(last, seq, at, kind, order_no, body)
        db.execute(APPEND, (seq, at, kind, order_no, body, last))
        if kind == Kind.STEP and order_no is not None:
            if facts["before"] is None:
                projection.insert(db, seq, order_no, facts)
            else:
                projection.update(db, order_no, facts)
    for old in ("transitions", "happenings", "orders"):
        db.execute(f"DROP TABLE {old}_1")


_Old = tuple[str, str, str | None, dict[str, Any]]


def _steps_of_1(db: sqlite3.Connection) -> Iterator[_Old]:
    """Version 1 kept channel, reason and booking with the order alone: its last step carries them."""
    rows = db.execute(
        "SELECT o.*, t.order_no, t.attempt, t.out_trade_no, t.before, t.after, t.cause, t.at,"
        " t.digest, t.seq = (SELECT max(seq) FROM transitions_1 WHERE order_no = o.order_no) AS last"
        " FROM transitions_1 AS t JOIN orders_1 AS o USING (order_no) ORDER BY t.seq"
    )
    names = [column[0] for column in rows.description]
    for values in rows:
        row = dict(zip(names, values, strict=True))
        facts = {name: row[name] for name in ("before", "cause", "digest", "attempt")}
        facts |= {"out_trade_no": row["out_trade_no"], "state": row["after"]}
        if row["before"] is None:
            facts |= {name: row[name] for name in projection.ORDER_COLUMNS}
        for name in ("channel", "acceptance_no", "booked_at", "voucher_url"):
            facts[name] = row[name] if row["last"] else None
        for name in ("transaction_id", "reason"):
            facts[name] = row[name] if row["last"] else ""
        yield row["at"], Kind.STEP, row["order_no"], facts


def _happenings_of_1(db: sqlite3.Connection) -> Iterator[_Old]:
    rows = db.execute(
        "SELECT at, kind, visit, item, outcome, seconds FROM happenings_1 ORDER BY seq"
    )
    for at, kind, visit, item, outcome, seconds in rows:
        facts = {"visit": visit, "item": item, "outcome": outcome, "seconds": seconds}
        yield at, kind, None, facts
