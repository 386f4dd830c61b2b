"""What the rooms of the approval bureau's interface share: its words, in both languages, and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.backends.decode import Fields
from kiosk.texts import Plain

NUMBER = re.compile(r"[A-Z]{2,4}\d{14}", re.ASCII)
"""A number as on slips: letters, yyyymmdd, six places."""

ID = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A place: `division` is GB/T 2260, six digits. Its repr is masked."""

    division: str
    detail: str

    def __repr__(self) -> str:
        return "Address(***)"

    def body(self) -> dict[str, str]:
        """The same as it travels."""
        return {"division": self.division, "detail": self.detail}


def words(answer: Fields, name: str) -> Plain:
    """The department's own words that `name` holds."""
    both = answer.inside(name)
    return Plain(both.text("zh"), both.text("en"))
