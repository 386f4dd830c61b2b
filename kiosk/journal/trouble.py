"""What can be wrong with the journal, by a code that citizens' screens, log and doctor share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

DAMAGED = "journal.damaged"
"""What is in the file is not what was written: kept as it is, never written again."""

FULL = "journal.full"
"""The disk has no room."""

UNUSABLE = "journal.unusable"
"""It cannot be opened, read or written just now, or is of another version."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF
"""An extended result code's low byte is its primary code (SQLite, "Result and Error Codes")."""


class JournalBroken(Exception):
    """The journal cannot be written or read: a full or failing disk, a file that is no journal.

    `code` is one of this module's.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def code_of(error: sqlite3.Error) -> str:
    """Which trouble an error of SQLite is."""
    primary = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if primary == sqlite3.SQLITE_FULL:
        return FULL
    return DAMAGED if primary in _DAMAGE else UNUSABLE


@contextmanager
def broken() -> Iterator[None]:
    """Errors of SQLite as JournalBroken; the error's class alone, never its text."""
    try:
        yield
    except sqlite3.Error as error:
        detail = getattr(error, "sqlite_errorname", "") or type(error).__name__
        raise JournalBroken(code_of(error), detail) from None
