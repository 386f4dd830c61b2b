"""What happened, in one SQLite file: visits, items, orders and every step of every payment.

WAL with synchronous=FULL: what a method has returned from is on the disk. One transaction a step of a
payment: from, to, cause, time, attempt, digest of the answer. Order is that of a sequence, not of the
clock. There is no name, no ID number and no payment code in here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.backends.contract import Booking, Channel
from kiosk.log import log
from kiosk.payments.machine import LIVE, PayState, check
from kiosk.payments.order import Order, PaymentStatus

SCHEMA_VERSION = 1

BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another process that reads (kiosk journal show)."""

SCHEMA = """
CREATE TABLE orders (
    order_no TEXT PRIMARY KEY,
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
    transaction_id TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    acceptance_no TEXT,
    booked_at TEXT,
    voucher_url TEXT
) STRICT;
CREATE INDEX orders_by_state ON orders (state);
CREATE INDEX orders_by_bill ON orders (department, bill_id);
CREATE TABLE transitions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    order_no TEXT NOT NULL REFERENCES orders (order_no),
    attempt INTEGER NOT NULL,
    out_trade_no TEXT NOT NULL,
    before TEXT,                -- NULL for the order's first
    after TEXT NOT NULL,
    cause TEXT NOT NULL,
    at TEXT NOT NULL,           -- RFC 3339, UTC
    digest TEXT NOT NULL        -- SHA-256 of the answer that caused it, or ''
) STRICT;
CREATE INDEX transitions_by_order ON transitions (order_no, seq);
CREATE TABLE happenings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,         -- visit_started, item_started, item_ended, rated, visit_ended
    visit TEXT NOT NULL DEFAULT '',
    item TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    seconds REAL
) STRICT;
"""


class JournalBroken(Exception):
    """The journal cannot be written or read: a full or failing disk, a file that is no journal."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order and the last state of its payment."""

    order: Order
    status: PaymentStatus


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of one payment; `before` is None for the first."""

    seq: int
    attempt: int
    out_trade_no: str
    before: PayState | None
    after: PayState
    cause: str
    at: str
    digest: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something about a visit, for supervision and statistics."""

    at: str
    kind: str
    visit: str
    item: str
    outcome: str
    seconds: float | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The journal in `path`. May be used from any thread. Raises JournalBroken from every method.

    Steps of payments are on the disk when their method returns. What happens at visits is handed to
    a thread of its own, in order, because nobody waits for it.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = _utc_now, *, read_only: bool = False
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="journal")
        with _broken():
            self._db = _open(path, read_only)

    def close(self) -> None:
        """Write down what is still to be noted, and close the file."""
        self._notes.shutdown()
        with self._lock, _broken():
            self._db.close()

    # --- payments ----------------------------------------------------------------------------------

    def begin(self, order: Order, status: PaymentStatus) -> bool:
        """Write down a new order with its first attempt; False where its bill has a live one."""
        marks = ",".join("?" * len(LIVE))
        live = f"SELECT 1 FROM orders WHERE department = ? AND bill_id = ? AND state IN ({marks})"
        with self._transaction() as db:
            bill = (order.department, order.bill_id, *LIVE)
            if db.execute(live, bill).fetchone():
                return False
            db.execute(
                "INSERT INTO orders (order_no, item, department, bill_id, option, amount_fen, subject,"
                " person_tag, attempt, out_trade_no, state) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    status.order_no,
                    order.item,
                    order.department,
                    order.bill_id,
                    order.option,
                    order.amount_fen,
                    order.subject,
                    order.person_tag,
                    status.attempt,
                    status.out_trade_no,
                    status.state.value,
                ),
            )
            self._step(db, status, None, "order.opened", "")
        return True

    def advance(self, before: PayState, after: PaymentStatus, cause: str, digest: str = "") -> None:
        """Write down that a payment went from `before` to `after`.

        Raises ForbiddenTransition where the states do not follow each other so, or where the journal
        holds another state than `before`.
        """
        check(before, after.state)
        booking = after.booking
        with self._transaction() as db:
            changed = db.execute(
                "UPDATE orders SET attempt = ?, out_trade_no = ?, state = ?, channel = ?,"
                " transaction_id = ?, reason = ?, acceptance_no = ?, booked_at = ?, voucher_url = ?"
                " WHERE order_no = ? AND state = ?",
                (
                    after.attempt,
                    after.out_trade_no,
                    after.state.value,
                    after.channel.value if after.channel else None,
                    after.transaction_id,
                    after.reason,
                    booking.acceptance_no if booking else None,
                    booking.booked_at.isoformat() if booking else None,
                    booking.voucher_url if booking else None,
                    after.order_no,
                    before.value,
                ),
            ).rowcount
            if changed != 1:
                raise AssertionError(f"{after.order_no} is not {before.value} in the journal")
            self._step(db, after, before, cause, digest)

    def order(self, order_no: str) -> OrderRecord | None:
        """The order of that number."""
        return next(iter(self._orders("order_no = ?", order_no)), None)

    def history(self, order_no: str) -> tuple[Transition, ...]:
        """Every step of an order's payment, in order."""
        rows = self._query(
            "SELECT seq, attempt, out_trade_no, before, after, cause, at, digest"
            " FROM transitions WHERE order_no = ? ORDER BY seq",
            order_no,
        )
        return tuple(
            Transition(
                row["seq"],
                row["attempt"],
                row["out_trade_no"],
                PayState(row["before"]) if row["before"] else None,
                PayState(row["after"]),
                row["cause"],
                row["at"],
                row["digest"],
            )
            for row in rows
        )

    def unfinished(self) -> tuple[OrderRecord, ...]:
        """Orders whose payment has not come to its end, oldest first."""
        return self._orders(f"state IN ({','.join('?' * len(LIVE))})", *LIVE)

    def orders(self) -> tuple[OrderRecord, ...]:
        """Every order, oldest first."""
        return self._orders("1")

    # --- visits ------------------------------------------------------------------------------------

    def visit_started(self) -> None:
        """A citizen touched the attract screen."""
        self._note("visit_started")

    def item_started(self, visit: str, item: str) -> None:
        """A citizen began an item."""
        self._note("item_started", visit, item)

    def item_ended(self, visit: str, item: str, outcome: str, seconds: float) -> None:
        """The item ended: done, exit, idle, back, or the code of what ended it."""
        self._note("item_ended", visit, item, outcome, round(seconds, 3))

    def rated(self, visit: str, item: str, level: str) -> None:
        """The citizen rated the item (好差评)."""
        self._note("rated", visit, item, level)

    def visit_ended(self, outcome: str) -> None:
        """Nobody stands here any more."""
        self._note("visit_ended", outcome=outcome)

    def happenings(self) -> tuple[Happening, ...]:
        """Everything that was noted about visits, oldest first; waits for what is being written."""
        self._notes.submit(lambda: None).result()
        rows = self._query(
            "SELECT at, kind, visit, item, outcome, seconds FROM happenings ORDER BY seq"
        )
        return tuple(Happening(**dict(row)) for row in rows)

    # --- inside ------------------------------------------------------------------------------------

    def _note(
        self,
        kind: str,
        visit: str = "",
        item: str = "",
        outcome: str = "",
        seconds: float | None = None,
    ) -> None:
        values = (self._now(), kind, visit, item, outcome, seconds)
        self._notes.submit(self._write_note, values)

    def _write_note(self, values: tuple[Any, ...]) -> None:
        try:
            with self._transaction() as db:
                db.execute(
                    "INSERT INTO happenings (at, kind, visit, item, outcome, seconds)"
                    " VALUES (?,?,?,?,?,?)",
                    values,
                )
        except JournalBroken:
            log("journal.broken", code="journal.note_lost")

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds")

    def _step(
        self,
        db: sqlite3.Connection,
        after: PaymentStatus,
        before: PayState | None,
        cause: str,
        digest: str,
    ) -> None:
        db.execute(
            "INSERT INTO transitions (order_no, attempt, out_trade_no, before, after, cause, at,"
            " digest) VALUES (?,?,?,?,?,?,?,?)",
            (
                after.order_no,
                after.attempt,
                after.out_trade_no,
                before.value if before else None,
                after.state.value,
                cause,
                self._now(),
                digest,
            ),
        )

    def _orders(self, where: str, *given: str) -> tuple[OrderRecord, ...]:
        rows = self._query(f"SELECT * FROM orders WHERE {where} ORDER BY rowid", *given)
        return tuple(_record(row) for row in rows)

    def _query(self, query: str, *given: str) -> list[sqlite3.Row]:
        with self._lock, _broken():
            return self._db.execute(query, given).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _broken(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db


@contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise JournalBroken(type(error).__name__) from None


def _open(path: Path, read_only: bool) -> sqlite3.Connection:
    if read_only:
        db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S,
            check_same_thread=False,
        )  # fmt: skip
        db.row_factory = sqlite3.Row
        _check_version(db)
        return db
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalBroken(type(error).__name__) from None
    db = sqlite3.connect(path, BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    if db.execute("PRAGMA user_version").fetchone()[0] == 0:
        db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    _check_version(db)
    return db


def _check_version(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise JournalBroken(f"version {version} where {SCHEMA_VERSION} is wanted")


def _record(row: sqlite3.Row) -> OrderRecord:
    booking = None
    if row["acceptance_no"]:
        booked_at = datetime.fromisoformat(row["booked_at"])
        booking = Booking(row["acceptance_no"], booked_at, row["voucher_url"])
    status = PaymentStatus(
        order_no=row["order_no"],
        out_trade_no=row["out_trade_no"],
        attempt=row["attempt"],
        state=PayState(row["state"]),
        channel=Channel(row["channel"]) if row["channel"] else None,
        transaction_id=row["transaction_id"],
        reason=row["reason"],
        booking=booking,
    )
    names = ("item", "department", "bill_id", "option", "amount_fen", "subject", "person_tag")
    return OrderRecord(Order(**{name: row[name] for name in names}), status)
