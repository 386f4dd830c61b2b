"""自然资源: the property register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kiosk.backends.client import CashierClient, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import Fields, Garbled

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


@dataclass(frozen=True, slots=True)
class FeePart:
    """One line of a payment notice."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FeeNotice:
    """What a registration costs. `option` is what is paid at the gateway for `bill_id`; `place` is
    masked."""

    notice_no: str
    bill_id: str
    option: str
    kind: str
    place: str
    amount_fen: int
    parts: tuple[FeePart, ...]
    due_on: date
    paid: bool


class NaturalResources(Cashier, Protocol):
    """自然资源: the property register."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """`purpose` is one of kiosk.catalogue's declared purposes: loan, school, residence, other."""
        ...

    def fee_notice(self, notice_no: str) -> Reply[FeeNotice]: ...


class PropertyClient(CashierClient):
    """`NaturalResources` over HTTP."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """Everything registered for `person`."""
        body = {"person": person_body(person), "purpose": purpose}
        return self.door.post("/own/queries", "property.own", body, _record)

    def fee_notice(self, notice_no: str) -> Reply[FeeNotice]:
        """What the payment notice of that number asks for."""
        body = {"notice_no": notice_no}
        return self.door.post("/fees/queries", "property.fee", body, _notice)


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


def _notice(answer: Fields) -> FeeNotice:
    notice = FeeNotice(
        notice_no=answer.text("notice_no", longest=64),
        bill_id=answer.text("bill_id", longest=64),
        option=answer.text("option", longest=64),
        kind=answer.text("kind"),
        place=answer.text("place"),
        amount_fen=answer.integer("amount_fen", 1),
        parts=answer.each("parts", _part),
        due_on=answer.day("due_on"),
        paid=answer.flag("paid"),
    )
    if sum(part.amount_fen for part in notice.parts) != notice.amount_fen:
        raise Garbled("amount_fen: not the sum of its parts")
    return notice


def _part(answer: Fields) -> FeePart:
    return FeePart(answer.text("name"), answer.integer("amount_fen", 1))
