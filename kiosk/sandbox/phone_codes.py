"""Codes that a citizen's phone shows for a moment, to be scanned: each works once, for five minutes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from sqlite3 import Connection

from kiosk.sandbox.books import new_token
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import Window

CODE_VALID = timedelta(minutes=5)
CODE_DIGITS = 16

SCHEMA = """
CREATE TABLE phone_codes (
    code TEXT PRIMARY KEY, department TEXT NOT NULL, about TEXT NOT NULL, valid_until TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
"""


def draw_code(db: Connection, here: Window, department: str, mark: str, about: str) -> str:
    """A fresh code of `department` that stands for `about`; it begins with `mark`."""
    places = CODE_DIGITS - len(mark)
    drawn = int.from_bytes(hashlib.sha256(new_token().encode()).digest())
    code = f"{mark}{drawn % 10**places:0{places}d}"
    until = (here.now() + CODE_VALID).isoformat()
    db.execute(
        "INSERT INTO phone_codes (code, department, about, valid_until) VALUES (?, ?, ?, ?)",
        (code, department, about, until),
    )
    return code


def take_code(db: Connection, here: Window, department: str, code: str) -> str:
    """What a code stands for; it is used up.

    Raises:
        Problem: presentation.unknown, presentation.over.
    """
    row = db.execute(
        "SELECT * FROM phone_codes WHERE code = ? AND department = ?", (code, department)
    ).fetchone()
    if row is None:
        raise Problem("presentation.unknown")
    if row["used"] or datetime.fromisoformat(row["valid_until"]) <= here.now():
        raise Problem("presentation.over")
    db.execute("UPDATE phone_codes SET used = 1 WHERE code = ?", (code,))
    about: str = row["about"]
    return about
