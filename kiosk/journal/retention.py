"""Removes what is past its time, so that the rest still proves itself.

Age is counted in days on which the terminal wrote something, in the log's own order: a clock that leaps
ten years ahead adds one day and removes nothing. An order goes as a whole, once it is finished and its
last entry is old; one that is unfinished stays, however old. One entry names every gap with the hash of
its last removed entry, where the chain goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from kiosk.journal import chain, file, schema
from kiosk.journal.chain import Gap
from kiosk.journal.records import Kind
from kiosk.journal.transaction import transaction
from kiosk.journal.trouble import broken
from kiosk.payments.machine import LIVE

_OLD = (
    "seq < ? AND (order_no IS NULL OR order_no NOT IN (SELECT order_no FROM orders WHERE state IN"
    f" ({','.join('?' * len(LIVE))})) AND order_no NOT IN"
    " (SELECT order_no FROM log WHERE seq >= ? AND order_no IS NOT NULL))"
)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many entries and orders went."""

    entries: int
    orders: int


def retire(path: Path, days: int, now: datetime | None = None) -> Removed:
    """Remove what is older than the last `days` days on which the terminal wrote. JournalBroken."""
    with broken(), closing(file.open_for_writing(path)) as db:
        first_kept = _first_kept(db, days)
        with transaction(db):
            return _remove(db, first_kept, days, now or datetime.now(UTC))


def _first_kept(db: sqlite3.Connection, days: int) -> int:
    """The first entry of the last `days` days; 0 where there are no more days than that."""
    rows = db.execute(
        "SELECT min(seq) FROM log GROUP BY substr(at, 1, 10) ORDER BY 1 DESC LIMIT ?", (days + 1,)
    ).fetchall()
    return int(rows[days - 1][0]) if len(rows) > days else 0


def _remove(db: sqlite3.Connection, first_kept: int, days: int, now: datetime) -> Removed:
    which = (first_kept, *LIVE, first_kept)
    old = db.execute(f"SELECT seq, hash FROM log WHERE {_OLD} ORDER BY seq", which).fetchall()
    if not old:
        return Removed(0, 0)
    held = db.execute("SELECT count(*) FROM orders").fetchone()[0]
    gaps = merged([*chain.gaps_of(file.last_of(db, Kind.RETENTION)), *runs(old)])
    db.execute(schema.LIFT_KEEP_ALL)
    db.execute(f"DELETE FROM log WHERE {_OLD}", which)
    db.execute(
        "DELETE FROM orders WHERE order_no NOT IN (SELECT order_no FROM log WHERE order_no > '')"
    )
    db.execute(schema.KEEP_ALL)
    orders = held - db.execute("SELECT count(*) FROM orders").fetchone()[0]
    facts = {
        "days": days,
        "entries": len(old),
        "orders": orders,
        "removed": [[gap.first, gap.last, gap.hash.hex()] for gap in gaps],
    }
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    file.append(db, at, Kind.RETENTION, facts)
    return Removed(len(old), orders)


def runs(removed: Iterable[tuple[int, bytes]]) -> Iterable[Gap]:
    """Entries that follow each other without a hole, as gaps. `removed` is in order."""
    numbered = enumerate(removed)
    for _, run in groupby(numbered, key=lambda pair: pair[1][0] - pair[0]):
        entries = [entry for _, entry in run]
        yield Gap(entries[0][0], entries[-1][0], bytes(entries[-1][1]))


def merged(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The same with neighbours as one, in order."""
    together: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap.first):
        if together and together[-1].last + 1 == gap.first:
            gap = Gap(together.pop().first, gap.last, gap.hash)
        together.append(gap)
    return tuple(together)
