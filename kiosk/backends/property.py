"""自然资源: the property register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kiosk.backends.client import CashierClient, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import Fields

UNIT_CODE = re.compile(r"\d{28}", re.ASCII)
"""SERVICES.md, validity."""


@dataclass(frozen=True, slots=True)
class PropertyUnit:
    """One registered property of the asking person. `area` is square metres as the register has it."""

    unit_code: str
    certificate_no: str
    location: str
    use: str
    area: str
    share: str
    registered_on: date
    mortgaged: bool
    seized: bool


@dataclass(frozen=True, slots=True)
class PropertyRecord:
    """The answer to one query of one's own property."""

    query_no: str
    queried_at: datetime
    units: tuple[PropertyUnit, ...]
    take_away_url: str


class NaturalResources(Cashier, Protocol):
    """自然资源: the property register."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """`purpose` is one of kiosk.catalogue's declared purposes: loan, school, residence, other."""
        ...


class PropertyClient(CashierClient):
    """`NaturalResources` over HTTP."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """Everything registered for `person`."""
        body = {"person": person_body(person), "purpose": purpose}
        return self.door.post("/own/queries", "property.own", body, _record)


def _record(answer: Fields) -> PropertyRecord:
    return PropertyRecord(
        query_no=answer.text("query_no", longest=64),
        queried_at=answer.moment("queried_at"),
        units=answer.each("units", _unit),
        take_away_url=answer.link("take_away_url"),
    )


def _unit(answer: Fields) -> PropertyUnit:
    return PropertyUnit(
        unit_code=answer.shaped("unit_code", UNIT_CODE),
        certificate_no=answer.text("certificate_no"),
        location=answer.text("location"),
        use=answer.text("use"),
        area=answer.text("area", longest=32),
        share=answer.text("share"),
        registered_on=answer.day("registered_on"),
        mortgaged=answer.flag("mortgaged"),
        seized=answer.flag("seized"),
    )
