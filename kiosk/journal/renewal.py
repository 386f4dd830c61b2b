"""Puts a damaged journal away as evidence, and begins a new one with what was unfinished in it.

The new file and the copy of the old one are whole and on the disk before anything changes its name. A
power cut in between leaves the new one waiting under its own name; no terminal takes payments until the
renewal is asked for again, which then only finishes it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.journal import chain, damage, file, projection
from kiosk.journal.records import Entry, Kind, OrderRecord
from kiosk.journal.store import Journal
from kiosk.journal.transaction import transaction
from kiosk.journal.trouble import DAMAGED, JournalBroken
from kiosk.journal.verification import flaws_of


class NotRenewed(Exception):
    """There is nothing to renew, or it could not be done: the reason, for whoever asked."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """Where the evidence is, which orders were carried over, and which could not be: what can be read
    of them is not what was written."""

    evidence: Path
    carried: tuple[str, ...]
    doubtful: tuple[str, ...]


def renewed(
    path: Path, operator: str, text: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Renewed:
    """Begin a new journal at `path` in the place of a damaged one. Raises NotRenewed."""
    waiting = file.waiting_renewal(path)
    try:
        if not waiting.exists():
            _check_damaged(path)
            _write_new(path, waiting, operator, text, now())
        with closing(file.open_for_reading(waiting)) as db:
            facts = next(iter(file.entries(db, "kind = ?", Kind.CARRIED))).facts()
        _take_place(path, waiting)
    except (OSError, sqlite3.Error, JournalBroken) as error:
        raise NotRenewed(f"{path}: not renewed ({error})") from None
    return Renewed(
        path.with_name(facts["evidence"]), tuple(facts["orders"]), tuple(facts["doubtful"])
    )


def _check_damaged(path: Path) -> None:
    journal = Journal.at_start(path)
    refused = journal.refused
    journal.close()
    if refused not in ("", DAMAGED):
        raise NotRenewed(f"{path}: {refused}; that is no damage: see to the disk")
    if not refused and not flaws_of(path):
        raise NotRenewed(f"{path} is whole: there is nothing to renew")


def _write_new(path: Path, waiting: Path, operator: str, text: str, now: datetime) -> None:
    evidence = path.with_name(f"{path.stem}-damaged-{now:%Y%m%dT%H%M%SZ}{path.suffix}")
    for suffix in ("", "-wal"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            _copy(old, evidence.with_name(evidence.name + suffix))
    unfinished, doubtful = _readable_steps(path)
    fresh = waiting.with_name(f"{waiting.name}.new")
    fresh.unlink(missing_ok=True)
    facts = {
        "operator": operator,
        "text": text,
        "evidence": evidence.name,
        "orders": sorted(unfinished),
        "doubtful": sorted(doubtful),
    }
    with closing(file.open_for_writing(fresh)) as db, transaction(db):
        file.append(db, now.isoformat(timespec="milliseconds"), Kind.CARRIED, facts)
        for number, steps in unfinished.items():
            for step in steps:
                seq = file.append(db, step.at, Kind.STEP, step.facts(), number)
                if step is steps[0]:
                    projection.insert(db, seq, number, step.facts())
                else:
                    projection.update(db, number, step.facts())
    _give_alike(fresh, path)
    fresh.replace(waiting)
    file.fsync_directory(path.parent)


def _readable_steps(path: Path) -> tuple[dict[str, list[Entry]], list[str]]:
    """The steps of each unfinished order; the numbers of those whose steps do not prove themselves."""
    found: dict[str, list[Entry]] = {}
    doubtful: list[str] = []
    journal = Journal.at_start(path)
    journal.found_damaged("to be renewed")
    try:
        for record in journal.unfinished():
            number = record.status.order_no
            try:
                steps = journal.entries("order_no = ? AND kind = ?", number, Kind.STEP)
                proven = bool(steps) and all(_proves_itself(journal, step) for step in steps)
                proven = proven and _leads_to(steps, record)
            except (JournalBroken, ValueError, KeyError):
                proven = False
            if proven:
                found[number] = list(steps)
            else:
                doubtful.append(number)
    finally:
        journal.close()
    return found, doubtful


def _proves_itself(journal: Journal, entry: Entry) -> bool:
    before = journal.entries("seq = ?", entry.seq - 1)
    return not before or chain.tail_flaw((*before, entry)) is None


def _leads_to(steps: tuple[Entry, ...], record: OrderRecord) -> bool:
    """Whether the steps leave the order as the table of orders has it."""
    first = projection.transition_of(steps[0])
    last = projection.transition_of(steps[-1])
    known = (last.after, last.out_trade_no) == (record.status.state, record.status.out_trade_no)
    return (
        known and first.before is None and steps[0].facts()["amount_fen"] == record.order.amount_fen
    )


def _take_place(path: Path, waiting: Path) -> None:
    for suffix in ("-wal", "-shm"):  # else SQLite would take the old log for the new file's
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    waiting.replace(path)
    damage.forget(path)
    file.fsync_directory(path.parent)


def _give_alike(new: Path, old: Path) -> None:
    """The new file is whose the old one is, also where root renews: the terminal must write it."""
    owner = old.stat()
    os.chown(new, owner.st_uid, owner.st_gid)
    new.chmod(owner.st_mode & 0o777)


def _copy(old: Path, new: Path) -> None:
    shutil.copyfile(old, new)
    _give_alike(new, old)
    descriptor = os.open(new, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
