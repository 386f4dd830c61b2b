"""Opens the journal's file: durable for the terminal, untouched for whoever only reads."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kiosk.journal import chain, schema
from kiosk.journal.records import Entry, canonical_body
from kiosk.journal.trouble import DAMAGED, UNUSABLE, JournalBroken

BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another process that writes (an operator's note, a backup's entry)."""

TAIL_ENTRIES = 5000
"""So much of the chain is checked at a start: a week, in some 20 ms."""

WAL_PAGES = 1000
"""SQLite's own wal_autocheckpoint: the log beside the file stays below 4 MiB."""

ENTRY_COLUMNS = "seq, at, kind, order_no, body, hash"


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The journal in `path`, made or migrated where need be, and checked (`check_at_start`).

    Raises sqlite3.Error and JournalBroken.
    """
    if waiting_renewal(path).exists():
        raise JournalBroken(DAMAGED, "its renewal is not finished")
    if not path.exists():
        _begin(path)
    db = sqlite3.connect(path, BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None)
    try:
        db.row_factory = sqlite3.Row
        schema.expect(db, at_least=1)  # before anything is written to a file of a later version
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        schema.prepare(db)
        check_at_start(db)
    except BaseException:
        close_untouched(db, path)
        raise
    return db


def _begin(path: Path) -> None:
    """Make an empty journal, and give it its name once it is whole on the disk: what is found under that
    name without a journal in it was one, and has lost it."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh, BUSY_TIMEOUT_S, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            schema.prepare(db)
        for suffix in ("-wal", "-shm"):  # else SQLite would take a lost file's log for this one's
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        fresh.replace(path)
        fsync_directory(path.parent)
    except OSError as error:
        raise JournalBroken(UNUSABLE, type(error).__name__) from None


def waiting_renewal(path: Path) -> Path:
    """Where a new journal waits to take the place of a damaged one (kiosk/journal/renewal.py)."""
    return path.with_name(f"{path.name}.renewed")


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The same, for a process that looks on; nothing is changed. Raises as `open_for_writing`."""
    try:
        return _looking(path, "mode=ro")
    except sqlite3.OperationalError:
        if not path.is_file() or _has_log(path):
            raise
    return _looking(path, "mode=ro&immutable=1")


def _looking(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}", uri=True, timeout=BUSY_TIMEOUT_S,
        check_same_thread=False, isolation_level=None,
    )  # fmt: skip
    try:
        db.row_factory = sqlite3.Row
        schema.expect(db)
    except BaseException:
        db.close()
        raise
    return db


def _has_log(path: Path) -> bool:
    """Whether a log lies beside the file. Without one all is in the file itself, which can then be read
    also where SQLite cannot make its shared memory beside it: on a full disk, or one that is read-only
    ("Write-Ahead Logging", section 6)."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def open_a_copy(path: Path, beside: Path) -> sqlite3.Connection:
    """A copy of a damaged file, put into the empty directory `beside`, to read what can be read.

    The file itself is evidence: SQLite would recover or checkpoint it. Raises OSError, sqlite3.Error.
    """
    copy = beside / path.name
    shutil.copyfile(path, copy)
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists():
        shutil.copyfile(wal, beside / wal.name)
    db = sqlite3.connect(copy, BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def nothing() -> sqlite3.Connection:
    """Stands in where there is no file to read: it has no table."""
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def check_at_start(db: sqlite3.Connection) -> None:
    """Raise JournalBroken where the orders' table or the end of the chain is damaged.

    Bounded, so that a start does not read years: the whole is checked every night and by
    `kiosk journal verify`.
    """
    said = db.execute("PRAGMA quick_check('orders')").fetchone()[0]
    if said != "ok":
        raise JournalBroken(DAMAGED, "quick_check")
    rows = db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM log ORDER BY seq DESC LIMIT ?", (TAIL_ENTRIES,)
    ).fetchall()
    flaw = chain.tail_flaw(Entry(*row) for row in reversed(rows))
    if flaw is not None:
        raise JournalBroken(DAMAGED, f"entry {flaw.seq}")


def close_untouched(db: sqlite3.Connection, path: Path) -> None:
    """Close `db` without the checkpoint that SQLite makes at the last one's close.

    A reader that is open meanwhile, and can itself write nothing, is the last one (SQLite, "Write-Ahead
    Logging", section 6): a damaged file stays as it was found, and so does the log beside it.
    """
    try:
        reader = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except (sqlite3.Error, UnicodeDecodeError):
        db.close()
        return
    with closing(reader):
        with suppress(sqlite3.Error, UnicodeDecodeError):  # then it is no database, and has no log
            schema.version_of(reader)
        db.close()


def append(
    db: sqlite3.Connection, at: str, kind: str, facts: dict[str, Any], order_no: str | None = None
) -> int:
    """Put one entry behind the last, within the caller's transaction; its `seq`."""
    last = db.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last["seq"] + 1, last["hash"]) if last else (1, chain.GENESIS)
    body = canonical_body(facts)
    digest = chain.hash_of(previous, seq, at, kind, order_no, body)
    db.execute(schema.APPEND, (seq, at, kind, order_no, body, digest))
    return int(seq)


def entries(db: sqlite3.Connection, where: str = "1", *given: object) -> Iterator[Entry]:
    """Entries in order, one at a time."""
    query = f"SELECT {ENTRY_COLUMNS} FROM log WHERE {where} ORDER BY seq"
    for row in db.execute(query, given):
        yield Entry(*row)


def last_of(db: sqlite3.Connection, kind: str) -> Entry | None:
    """The last entry of a kind of housekeeping (`backup`, `retention`)."""
    query = f"SELECT {ENTRY_COLUMNS} FROM log WHERE kind = '{kind}' ORDER BY seq DESC LIMIT 1"
    row = db.execute(query).fetchone()
    return Entry(*row) if row else None


def fsync_directory(directory: Path) -> None:
    """Have the directory's entries on the disk, as SQLite has the files' content (fsync(2), NOTES)."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
