"""Fills the books with what each invented citizen owes, owns and was billed; the same every time.

Everything follows from a citizen's place in the list and from today's date, so that two sandboxes of
one day agree without speaking to each other. `wang-xiulan`, the default card, has some of everything.
"""

from __future__ import annotations

from datetime import date
from sqlite3 import Connection

from kiosk.sandbox.citizens import Citizen, everybody
from kiosk.sandbox.departments import DEPARTMENTS

ADULT, RETIRED = 16, 60
"""Ages between which resident pension contributions are due."""


def seed(db: Connection, today: date) -> None:
    """Enter every citizen, then what each department has of them, within the caller's transaction. The
    books must be empty."""
    citizens = everybody()
    for citizen in citizens:
        _enter(db, citizen, today)
    for department in DEPARTMENTS:
        department.seed(db, citizens, today)


def _enter(db: Connection, citizen: Citizen, today: date) -> None:
    card = citizen.card
    ladder = "supported" if citizen.place % 9 == 4 else "standard"
    due = ADULT <= citizen.age(today) < RETIRED or citizen.place == 0
    paid = not due or citizen.place % 11 == 7
    paid_until = today.year if paid else today.year - 1
    db.execute(
        "INSERT INTO citizens VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            card.id_number,
            citizen.slug,
            card.name,
            card.birth.isoformat() if card.birth else None,
            paid_until,
            int(citizen.at_home),
            ladder,
        ),
    )
