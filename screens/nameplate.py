"""Which terminal this is, as its header says it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.texts import Plain


@dataclass(frozen=True, slots=True)
class Nameplate:
    """The terminal's name, its hall and its number there."""

    city: Plain
    hall: Plain
    number: str
