"""The invented citizens, and who stands at the window: a person is known by number and name together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from sqlite3 import Connection, Row

from devices.idcard.record import IdCard, is_id_number
from devices.simulators.cards import CARDS, CITIZENS
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire import Person

FOREIGNER_2017_LENGTH = 15
"""The old foreigners' card number has no MOD 11-2 check character (PROTOCOLS.md B)."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """One invented person. `place` in the list decides what they owe and own; `at_home` is False for a
    holder of another card, who is known here and has less to their name."""

    place: int
    slug: str
    card: IdCard
    at_home: bool

    @property
    def number(self) -> str:
        """The number on their card."""
        return self.card.id_number

    def age(self, today: date) -> int:
        """In full years."""
        born = self.card.birth or date(1980, 1, 1)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def everybody() -> tuple[Citizen, ...]:
    """All of them, those at home first."""
    guests = tuple(slug for slug in CARDS if slug not in CITIZENS)
    return tuple(
        Citizen(place, slug, CARDS[slug], slug in CITIZENS)
        for place, slug in enumerate((*CITIZENS, *guests))
    )


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
