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

ILLEGIBLE = (ValueError, KeyError, IndexError, TypeError)
"""What Python makes of rows that were never written here: no UTF-8, no JSON, a state or column of no such
name. Also of SQLite's messages about a damaged schema, which quote it (UnicodeDecodeError)."""

_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
"""The second: no room for the shared memory beside the file, at a start on a full disk."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""SQLITE_ERROR: a table or column that every journal has is not there."""

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


def code_of(error: Exception) -> str:
    """Which trouble an error of SQLite, or one of `ILLEGIBLE`, is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # a text that is no UTF-8 has none (CPython, "Modules/_sqlite/cursor.c")
        illegible = isinstance(error, (sqlite3.OperationalError, *ILLEGIBLE))
        return DAMAGED if illegible else UNUSABLE
    if code in _NO_ROOM:
        return FULL
    return DAMAGED if code & _PRIMARY in _DAMAGE else UNUSABLE


def detail_of(error: Exception) -> str:
    """What the error is called: never its text, which may quote what is in the file."""
    return getattr(error, "sqlite_errorname", "") or type(error).__name__


@contextmanager
def broken() -> Iterator[None]:
    """Errors of SQLite, and rows that cannot be read, as JournalBroken."""
    try:
        yield
    except (sqlite3.Error, *ILLEGIBLE) as error:
        raise JournalBroken(code_of(error), detail_of(error)) from None
