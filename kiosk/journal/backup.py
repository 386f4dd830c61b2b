"""The nightly copy: made by SQLite's backup API, verified as a whole, and only then given its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kiosk.journal import file
from kiosk.journal.chain import Flaw
from kiosk.journal.verification import examine

NAME = "journal-{day}.sqlite"


class CopyFlawed(Exception):
    """The copy is not whole: it was not kept."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__(str(flaws[0]))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class Copied:
    """A verified copy: where, how many entries, and the hash of the last."""

    path: Path
    entries: int
    head: str


def copy_of(directory: Path, day: date) -> Path:
    """Where the copy of a day is."""
    return directory / NAME.format(day=day.isoformat())


def back_up(
    journal: Path, directory: Path, day: date, keep: int, *, unhurried: bool = False
) -> Copied:
    """Copy `journal` into `directory`, verify the copy, and keep the newest `keep` of them.

    The terminal goes on writing meanwhile. A copy cut short has no name that anybody would take for
    one. Raises OSError, sqlite3.Error and JournalBroken where it cannot be made, CopyFlawed where it is
    not whole.
    """
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / f".{NAME.format(day=day.isoformat())}.new"
    fresh.unlink(missing_ok=True)
    try:
        copied = _written(journal, fresh, unhurried)
        _on_the_disk(fresh)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    path = copy_of(directory, day)
    fresh.replace(path)
    file.fsync_directory(directory)
    for old in sorted(directory.glob(NAME.format(day="*")))[:-keep]:
        old.unlink()
    return Copied(path, *copied)


def _written(journal: Path, fresh: Path, unhurried: bool) -> tuple[int, str]:
    with (
        closing(file.open_for_reading(journal)) as source,
        closing(sqlite3.connect(fresh, isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute(
            "PRAGMA journal_mode = DELETE"
        )  # one file, readable where nothing can be written
        copy.row_factory = sqlite3.Row
        flaws = examine(copy, unhurried=unhurried)
        if flaws:
            raise CopyFlawed(flaws)
        entries = copy.execute("SELECT count(*) FROM log").fetchone()[0]
        last = copy.execute("SELECT hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()
        return entries, last["hash"].hex() if last else ""


def _on_the_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
