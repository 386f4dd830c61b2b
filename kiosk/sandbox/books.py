"""The departments' books: one SQLite database, its schema, its transactions, its serial numbers."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

BUSY_TIMEOUT_S = 5.0
TOKEN_BYTES = 16
"""128 bits: a link that cannot be guessed."""

SCHEMA = """
CREATE TABLE citizens (
    id_number TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, birth TEXT,
    paid_until INTEGER NOT NULL, insured INTEGER NOT NULL, ladder TEXT NOT NULL);
CREATE TABLE bills (
    bill_id TEXT PRIMARY KEY, department TEXT NOT NULL, kind TEXT NOT NULL,
    id_number TEXT REFERENCES citizens, period TEXT NOT NULL, subject TEXT NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX bills_of_person ON bills (department, kind, id_number);
CREATE TABLE tiers (
    bill_id TEXT NOT NULL REFERENCES bills, tier_id TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    subsidy_fen INTEGER NOT NULL DEFAULT 0, monthly_gain_fen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bill_id, tier_id));
CREATE TABLE bookings (
    acceptance_no TEXT PRIMARY KEY, bill_id TEXT NOT NULL REFERENCES bills, tier_id TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, out_trade_no TEXT NOT NULL UNIQUE, transaction_id TEXT NOT NULL,
    booked_at TEXT NOT NULL, voucher_url TEXT NOT NULL, before TEXT NOT NULL,
    withdrawn_at TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX one_booking_a_bill ON bookings (bill_id) WHERE withdrawn_at = '';
CREATE TABLE trades (
    out_trade_no TEXT PRIMARY KEY, state TEXT NOT NULL, department TEXT, bill_id TEXT, option TEXT,
    amount_fen INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL DEFAULT '', channel TEXT,
    transaction_id TEXT NOT NULL DEFAULT '', pay_token TEXT UNIQUE,
    code_url TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', deadline REAL, pay_at REAL,
    opened_at TEXT NOT NULL, paid_at TEXT NOT NULL DEFAULT '', terminal TEXT NOT NULL DEFAULT '');
CREATE INDEX trades_of_bill ON trades (department, bill_id);
CREATE TABLE refunds (
    refund_no TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL REFERENCES trades,
    amount_fen INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    asked_at TEXT NOT NULL, due REAL, ending TEXT NOT NULL, ended_at TEXT NOT NULL DEFAULT '');
CREATE TABLE movements (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL,
    out_trade_no TEXT NOT NULL REFERENCES trades, refund_no TEXT NOT NULL,
    transaction_id TEXT NOT NULL, channel TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    department TEXT NOT NULL, bill_id TEXT NOT NULL, terminal TEXT NOT NULL);
CREATE TABLE auth_codes (
    code TEXT PRIMARY KEY, behaviour TEXT NOT NULL, confirm_s REAL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE arrangements (
    seq INTEGER PRIMARY KEY, about TEXT NOT NULL, how TEXT NOT NULL, seconds REAL NOT NULL,
    times INTEGER);
CREATE TABLE pages (
    token TEXT PRIMARY KEY, title TEXT NOT NULL, sections TEXT NOT NULL, valid_until REAL NOT NULL);
CREATE TABLE answers (
    department TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL,
    media_type TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (department, key));
CREATE TABLE serials (series TEXT PRIMARY KEY, last INTEGER NOT NULL);
"""


class BooksOfAnotherVersion(Exception):
    """The file holds the books of another version of the sandbox; it must be seeded anew."""


class Books:
    """One SQLite database. May be used from several threads; transactions are serial."""

    def __init__(self, path: Path | str, schema: str = "") -> None:
        """Open `path` (a file, or ":memory:"); `schema` is what the departments keep besides.

        Raises:
            BooksOfAnotherVersion: the file was written by another version.
        """
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _version(SCHEMA + schema)):
            self._db.close()
            raise BooksOfAnotherVersion
        self.fresh = version == 0
        """Whether the books were empty when they were opened."""
        if self.fresh:
            with self.transaction() as db:
                _create(db, SCHEMA + schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: committed at the end, rolled back by an exception."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()


def _version(schema: str) -> int:
    """Books of another schema are another version: 31 bits, never 0."""
    return zlib.crc32(schema.encode()) >> 1 | 1


def _create(db: sqlite3.Connection, schema: str) -> None:
    for statement in schema.split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {_version(schema)}")


def wipe(db: sqlite3.Connection) -> None:
    """Empty every book, within the caller's transaction."""
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    db.execute("PRAGMA defer_foreign_keys = ON")
    for table in tables:
        db.execute(f"DELETE FROM {table}")


def serial(db: sqlite3.Connection, prefix: str, now: datetime) -> str:
    """The next number of a series, counted by day: prefix, yyyymmdd, six places."""
    series = f"{prefix}{now:%Y%m%d}"
    last: int = db.execute(
        "INSERT INTO serials VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        (series,),
    ).fetchone()[0]
    return f"{series}{last:06d}"


def new_token() -> str:
    """A part of an address that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)
