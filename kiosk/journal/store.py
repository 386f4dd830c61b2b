"""The journal itself: what happened, in one SQLite file that is only ever appended to.

WAL with synchronous=FULL: what a method has returned from is on the disk. One transaction a step of a
payment, and the step stands in it before what it announces is done. There is no name, no ID number and
no payment code in here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk.journal import damage, file, projection
from kiosk.journal.records import (
    HAPPENINGS,
    Entry,
    Happening,
    Kind,
    Note,
    OrderRecord,
    Transition,
)  # fmt: skip
from kiosk.journal.transaction import transaction
from kiosk.journal.trouble import DAMAGED, ILLEGIBLE, JournalBroken, broken, code_of, detail_of
from kiosk.log import log
from kiosk.payments.machine import LIVE, ForbiddenTransition, PayState, check
from kiosk.payments.order import Order, PaymentStatus

WAITING_HAPPENINGS = 10_000
"""Kept in memory while the disk takes nothing: more than a week of visits."""

_STEPS = f"SELECT {file.ENTRY_COLUMNS} FROM log WHERE order_no = ? AND kind = ? ORDER BY seq"


class Overtaken(ForbiddenTransition):
    """The order is in another state meanwhile: an operator took a step from another process."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The journal in `path`. May be used from any thread. Raises JournalBroken from every method.

    Steps of payments are on the disk when their method returns. What happens at visits is handed to
    a thread of its own, in order, because nobody waits for it; while the disk takes nothing it is kept
    in memory and written down later.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = _utc_now, *, read_only: bool = False
    ) -> None:
        self._prepare(path, clock)
        with broken():
            if not read_only:
                damage.look_again(path)
            opened = file.open_for_reading if read_only else file.open_for_writing
            self._db = opened(path)

    @classmethod
    def at_start(cls, path: Path, clock: Callable[[], datetime] = _utc_now) -> Journal:
        """The journal for a terminal that starts, whatever became of the file; raises nothing.

        Where it cannot be used, `refused` says so: a damaged file is left as it is and read from a
        copy as far as it can be, one that cannot be opened is tried again by `recover`.
        """
        try:
            return cls(path, clock)
        except JournalBroken as error:
            journal = cls.__new__(cls)
            journal._prepare(path, clock)
            journal._db = file.nothing()
            journal._unopened = True
            journal._refuse(error)
            if error.code == DAMAGED:
                journal._read_a_copy()
            return journal

    def _prepare(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: deque[tuple[str, str, dict[str, Any]]] = deque(maxlen=WAITING_HAPPENINGS)
        self._copy: TemporaryDirectory[str] | None = None
        self._unopened = False
        self._refused = ""
        self.refused_since = ""

    def close(self) -> None:
        """Write down what is still to be noted, and close the file."""
        self._notes.shutdown()
        with self._lock, broken():
            if self._refused == DAMAGED and not self._unopened:
                file.close_untouched(self._db, self.path)
            self._db.close()
        if self._copy is not None:
            self._copy.cleanup()

    # --- its condition -----------------------------------------------------------------------------

    @property
    def refused(self) -> str:
        """ "" while payments may be taken, else why not: a code of kiosk/journal/trouble.py."""
        return self._refused

    def recover(self) -> bool:
        """Try whether the disk takes an entry again; True where payments may be taken.

        A damaged file stays refused until somebody has put it away.
        """
        if not self._refused:
            return True
        if self._refused == DAMAGED:
            return False
        try:
            if self._unopened:
                with broken():
                    self._db = file.open_for_writing(self.path)
                self._unopened = False
            facts = {"code": self._refused, "since": self.refused_since}
            self.append(Kind.TROUBLE, facts)
        except JournalBroken as error:
            self._refuse(error)
            return False
        self._notes.submit(self._write_waiting)
        return True

    def found_damaged(self, detail: str) -> None:
        """Take no payment any more: a check of the whole has found the file damaged."""
        self._refuse(JournalBroken(DAMAGED, detail))

    def _refuse(self, error: JournalBroken) -> None:
        if self._refused in (error.code, DAMAGED):
            return
        self._refused = error.code
        self.refused_since = self._now()
        if error.code == DAMAGED:
            damage.remember(self.path, error.detail)
        log("journal.refused", code=error.code)

    def _accepted(self) -> None:
        if self._refused and self._refused != DAMAGED:
            log("journal.accepted", code=self._refused)
            self._refused = ""
            self.refused_since = ""

    def _read_a_copy(self) -> None:
        self._copy = TemporaryDirectory(prefix="journal-")
        try:
            self._db = file.open_a_copy(self.path, Path(self._copy.name))
        except (OSError, sqlite3.Error):
            self._db = file.nothing()

    # --- payments ----------------------------------------------------------------------------------

    def begin(self, order: Order, status: PaymentStatus) -> bool:
        """Write down a new order with its first attempt; False where its bill has a live one."""
        marks = ",".join("?" * len(LIVE))
        live = f"SELECT 1 FROM orders WHERE department = ? AND bill_id = ? AND state IN ({marks})"
        with self._transaction() as db:
            bill = (order.department, order.bill_id, *LIVE)
            if db.execute(live, bill).fetchone():
                return False
            facts = _step(None, status, "order.opened", "") | projection.order_facts(order)
            seq = self._append(db, Kind.STEP, facts, status.order_no)
            projection.insert(db, seq, status.order_no, facts)
        return True

    def advance(self, before: PayState, after: PaymentStatus, cause: str, digest: str = "") -> None:
        """Write down that a payment went from `before` to `after`.

        Raises ForbiddenTransition where the states do not follow each other so, and Overtaken where
        the journal holds another state than `before`.
        """
        check(before, after.state)
        self._advance(before, after, _step(before, after, cause, digest))

    def _advance(self, before: PayState, after: PaymentStatus, facts: dict[str, Any]) -> None:
        with self._transaction() as db:
            row = db.execute(
                "SELECT state FROM orders WHERE order_no = ?", (after.order_no,)
            ).fetchone()
            if row is None or row["state"] != before.value:
                held = row["state"] if row else "nowhere"
                raise Overtaken(f"{after.order_no} is {held} in the journal, not {before.value}")
            self._append(db, Kind.STEP, facts, after.order_no)
            projection.update(db, after.order_no, facts)

    def order(self, order_no: str) -> OrderRecord | None:
        """The order of that number."""
        return next(iter(self._orders("order_no = ?", order_no)), None)

    def history(self, order_no: str) -> tuple[Transition, ...]:
        """Every step of an order's payment, in order."""
        rows = self._query(_STEPS, order_no, Kind.STEP)
        with broken():
            return tuple(projection.transition_of(Entry(*row)) for row in rows)

    def unfinished(self) -> tuple[OrderRecord, ...]:
        """Orders whose payment has not come to its end, oldest first.

        Of a damaged journal those that can still be read.
        """
        return self._orders(f"state IN ({','.join('?' * len(LIVE))})", *LIVE)

    def orders(self) -> tuple[OrderRecord, ...]:
        """Every order, oldest first."""
        return self._orders("1")

    def of_person(self, person_tag: str) -> tuple[OrderRecord, ...]:
        """The orders of one person's day (kiosk/payments/tags.py), newest first."""
        return self._orders("person_tag = ?", person_tag)[::-1]

    # --- operators ---------------------------------------------------------------------------------

    def operator_note(self, order_no: str, operator: str, text: str) -> None:
        """Write down what an operator has to say about an order. KeyError where there is none."""
        if self.order(order_no) is None:
            raise KeyError(order_no)
        with self._transaction() as db:
            self._append(db, Kind.NOTE, {"operator": operator, "text": text}, order_no)

    def resolve(self, order_no: str, to: PayState, operator: str, text: str) -> None:
        """An operator's decision about an UNRESOLVED payment, as its next step.

        Raises KeyError where there is no such order, and ForbiddenTransition where it is not
        UNRESOLVED or cannot become `to`: what was paid and is owed back cannot be booked any more,
        because a refund that was asked for may still be carried out.
        """
        record = self.order(order_no)
        if record is None:
            raise KeyError(order_no)
        if record.status.state is not PayState.UNRESOLVED:
            raise ForbiddenTransition(f"{order_no} is {record.status.state.value}, not unresolved")
        check(PayState.UNRESOLVED, to)
        if to is PayState.PAID and record.status.transaction_id:
            raise ForbiddenTransition(f"{order_no} is owed back: its refund may come at any time")
        after = replace(record.status, state=to)
        facts = _step(PayState.UNRESOLVED, after, "operator.resolved", "")
        self._advance(PayState.UNRESOLVED, after, facts | {"operator": operator, "text": text})

    def notes(self, order_no: str) -> tuple[Note, ...]:
        """What operators wrote down about an order, in order."""
        entries = [Entry(*row) for row in self._query(_STEPS, order_no, Kind.NOTE)]
        with broken():
            return tuple(Note(entry.seq, entry.at, **entry.facts()) for entry in entries)

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

    def rated(self, visit: str, item: str, level: str, reason: str = "") -> None:
        """The citizen rated the item (好差评); kept as unsent until `rating_sent`."""
        if reason:
            self._note("rating_reason", visit, item, reason)
        self._note("rated", visit, item, level)

    def rating_sent(self, visit: str, item: str, outcome: str) -> None:
        """The hall has the rating, or will never take it: then `outcome` is its refusal."""
        self._note("rating_sent", visit, item, outcome)

    def visit_ended(self, outcome: str) -> None:
        """Nobody stands here any more."""
        self._note("visit_ended", outcome=outcome)

    def happenings(self, since: str = "") -> tuple[Happening, ...]:
        """All that was noted about visits `since` then, oldest first; waits for what is being written."""
        self._notes.submit(lambda: None).result()
        return self.happenings_between(since, "~")

    def happenings_between(self, since: str, until: str) -> tuple[Happening, ...]:
        """The same of those written down between two times of the log, the second not included."""
        marks = ",".join("?" * len(HAPPENINGS))
        where = f"kind IN ({marks}) AND at >= ? AND at < ?"
        entries = self.entries(where, *HAPPENINGS, since, until)
        with broken():
            return tuple(Happening(entry.at, entry.kind, **entry.facts()) for entry in entries)

    # --- the log as such ---------------------------------------------------------------------------

    def append(self, kind: str, facts: dict[str, Any]) -> None:
        """Write down an entry about the journal itself."""
        with self._transaction() as db:
            self._append(db, kind, facts)

    def entries(self, where: str = "1", *given: object) -> tuple[Entry, ...]:
        """Entries in order."""
        self._check_opened()
        with self._lock, broken():
            return tuple(file.entries(self._db, where, *given))

    def count(self) -> int:
        """How many entries there are."""
        return int(self._query("SELECT count(*) FROM log")[0][0])

    def head(self) -> str:
        """The last entry's hash, in hex; "" of an empty journal."""
        rows = self._query("SELECT hash FROM log ORDER BY seq DESC LIMIT 1")
        return rows[0]["hash"].hex() if rows else ""

    # --- inside ------------------------------------------------------------------------------------

    def _note(
        self,
        kind: str,
        visit: str = "",
        item: str = "",
        outcome: str = "",
        seconds: float | None = None,
    ) -> None:
        facts = {"visit": visit, "item": item, "outcome": outcome, "seconds": seconds}
        self._waiting.append((self._now(), kind, facts))
        self._notes.submit(self._write_waiting)

    def _write_waiting(self) -> None:
        """Write down what is waiting, in order, until the disk takes no more."""
        while self._waiting:
            at, kind, facts = self._waiting[0]
            try:
                with self._transaction() as db:
                    file.append(db, at, kind, facts)
            except JournalBroken:
                return
            self._waiting.popleft()

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds")

    def _append(
        self, db: sqlite3.Connection, kind: str, facts: dict[str, Any], order_no: str | None = None
    ) -> int:
        return file.append(db, self._now(), kind, facts, order_no)

    def _orders(self, where: str, *given: str) -> tuple[OrderRecord, ...]:
        if self._refused == DAMAGED:
            return self._readable_orders(where, *given)
        rows = self._query(f"SELECT * FROM orders WHERE {where} ORDER BY seq", *given)
        with broken():
            return tuple(projection.record_of(row) for row in rows)

    def _readable_orders(self, where: str, *given: str) -> tuple[OrderRecord, ...]:
        """Of a damaged file: row by row, until it can be read no further."""
        records: list[OrderRecord] = []
        with self._lock:
            try:
                query = f"SELECT * FROM orders WHERE {where} ORDER BY seq"
                for row in self._db.execute(query, given):
                    records.append(projection.record_of(row))
            except (sqlite3.Error, *ILLEGIBLE):
                log("journal.unreadable", read=len(records))
        return tuple(records)

    def _query(self, query: str, *given: str) -> list[sqlite3.Row]:
        self._check_opened()
        with self._lock, broken():
            return self._db.execute(query, given).fetchall()

    def _check_opened(self) -> None:
        if self._unopened and self._copy is None:
            raise JournalBroken(self._refused)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._refused == DAMAGED or self._unopened:
            raise JournalBroken(self._refused)
        try:
            with self._lock, transaction(self._db) as db:
                yield db
        except (sqlite3.Error, UnicodeDecodeError) as error:
            trouble = JournalBroken(code_of(error), detail_of(error))
            self._refuse(trouble)
            raise trouble from None
        self._accepted()


def _step(before: PayState | None, after: PaymentStatus, cause: str, digest: str) -> dict[str, Any]:
    facts = {"before": before.value if before else None, "cause": cause, "digest": digest}
    return projection.status_facts(after) | facts
