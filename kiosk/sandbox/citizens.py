"""Who stands at the window: a person is known by number and name together."""

from __future__ import annotations

from sqlite3 import Connection, Row

from devices.idcard.record import is_id_number
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire import Person

FOREIGNER_2017_LENGTH = 15
"""The old foreigners' card number has no MOD 11-2 check character (PROTOCOLS.md B)."""


def known(db: Connection, person: Person) -> Row:
    """The citizen's row.

    Raises:
        Problem: person.unknown for a number with a wrong check character, one that nobody has, and one
            that belongs to another name.
    """
    number = person.id_number
    if len(number) != FOREIGNER_2017_LENGTH and not is_id_number(number):
        raise Problem("person.unknown", "The number's check character is wrong")
    row: Row | None = db.execute(
        "SELECT * FROM citizens WHERE id_number = ? AND name = ?", (number, person.name)
    ).fetchone()
    if row is None:
        raise Problem("person.unknown")
    return row
