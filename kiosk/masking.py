"""Personal data as a passer-by may see them (SERVICES.md, masking)."""

from __future__ import annotations

from kiosk.backends.contract import Person


def masked_id(person: Person) -> str:
    """The first 3 and the last 2 characters of the ID number, stars between: 371*************12."""
    number = person.id_number
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def masked_name(person: Person) -> str:
    """The last character of the name, a star for each before it, three at most: **兰, ***n."""
    return "*" * min(len(person.name) - 1, 3) + person.name[-1:]
