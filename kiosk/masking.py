"""Personal data as a passer-by may see them (SERVICES.md, masking)."""

from __future__ import annotations

from kiosk.backends.contract import Person
from kiosk.texts import Plain


def mask_id(number: str) -> str:
    """The first 3 and the last 2 characters of an ID number, stars between: 371*************12."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def mask_name(name: str) -> str:
    """The last character of a name, a star for each before it, three at most: **兰, ***n."""
    return "*" * min(len(name) - 1, 3) + name[-1:]


def mask_phone(number: str) -> str:
    """The first 3 and the last 4 digits of a phone number: 138****1234."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def masked_id(person: Person) -> str:
    """The person's ID number, masked."""
    return mask_id(person.id_number)


def masked_name(person: Person) -> str:
    """The person's name, masked."""
    return mask_name(person.name)


def masked(person: Person) -> Plain:
    """Name and number of a person on one line, masked."""
    return Plain(f"{masked_name(person)} · {masked_id(person)}")
