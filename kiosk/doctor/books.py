"""The doctor's checks of the journal: whether payments could be taken, and whether there is a copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from kiosk.config import Journal as Settings
from kiosk.doctor.finding import Finding, bad, ok, warn
from kiosk.journal import DAMAGED, JournalBroken, damage, file
from kiosk.journal.backup import NAME
from kiosk.journal.records import Kind
from kiosk.journal.trouble import broken
from kiosk.payments.machine import LIVE, PayState

COPY_AGE = timedelta(days=3)
"""A terminal that is off over the weekend has none of Saturday and Sunday."""

LOOK = "kiosk journal verify tells where"


def journal(settings: Settings, state: Path, today: date | None = None) -> Iterator[Finding]:
    """What is known of the journal without changing it."""
    path = state / settings.path
    if file.waiting_renewal(path).exists():
        yield bad("journal", f"the renewal of {path} is not finished", "kiosk journal renew again")
        return
    if not path.exists():
        yield ok("journal", f"none at {path} yet: the first start makes it")
        return
    if where := damage.remembered(path):
        yield _trouble(path, JournalBroken(DAMAGED, where))
        return
    try:
        with broken(), closing(file.open_for_reading(path)) as db:
            file.check_at_start(db)
            yield _unresolved(db)
            known = file.last_of(db, Kind.BACKUP) is not None
    except JournalBroken as error:
        yield _trouble(path, error)
        return
    yield _copy(state / settings.copies_directory, known, today or date.today())


def _trouble(path: Path, error: JournalBroken) -> Finding:
    if error.code == DAMAGED:
        what = f"{path} is damaged ({error.detail}): no payment is taken"
        return bad("journal", what, f"{LOOK}; kiosk journal renew puts it away")
    if error.detail.startswith("version"):
        what = f"{path} is of another version: {error.detail}"
        return warn("journal", what, "The next start brings an earlier one over")
    what = f"{path} cannot be read ({error.detail}): no payment is taken"
    return bad("journal", what, "Give it to the terminal's user; look at the disk")


def _unresolved(db: sqlite3.Connection) -> Finding:
    marks = ",".join("?" * len(LIVE))
    unfinished = f"SELECT state, count(*) FROM orders WHERE state IN ({marks}) GROUP BY state"
    counts: dict[str, int] = dict(db.execute(unfinished, tuple(LIVE)).fetchall())
    lost = counts.get(PayState.UNRESOLVED.value, 0)
    what = f"it holds; {sum(counts.values())} payments unfinished, {lost} unresolved"
    if lost:
        return warn("journal", what, "kiosk journal unfinished; kiosk journal reconcile FILE")
    return ok("journal", what)


def _copy(directory: Path, known: bool, today: date) -> Finding:
    oldest = NAME.format(day=(today - COPY_AGE).isoformat())
    names = sorted(found.name for found in directory.glob(NAME.format(day="*")))
    if names and names[-1] >= oldest:
        return ok("journal copy", f"{directory / names[-1]}")
    if not names and not known:
        return ok("journal copy", f"none in {directory} yet: the first night makes it")
    what = f"the last in {directory} is {names[-1]}" if names else f"none in {directory}"
    return warn("journal copy", what, "See journal.not_kept in the log; is that disk there")
