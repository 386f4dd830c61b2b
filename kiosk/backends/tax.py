"""税务: invoices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import CashierClient, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import Fields

INVOICE_NUMBER = re.compile(r"\d{20}", re.ASCII)
"""SERVICES.md, validity: digital invoices."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One digital invoice. `number` has 20 digits; `total_fen` includes the tax."""

    number: str
    issued_on: date
    seller: str
    goods: str
    amount_fen: int
    tax_fen: int
    total_fen: int
    payload: str


@dataclass(frozen=True, slots=True)
class Pickup:
    """An invoice handed out: its number and the link by which it leaves."""

    pickup_no: str
    take_away_url: str
    valid_until: datetime


class Tax(Cashier, Protocol):
    """税务: digital invoices."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]: ...

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one invoice; `key` is the idempotency key."""
        ...


class TaxClient(CashierClient):
    """`Tax` over HTTP."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]:
        """The invoices of a period, newest first."""
        body = {
            "person": person_body(person),
            "since": since.isoformat(),
            "until": until.isoformat(),
        }
        return self.door.post(
            "/invoices/queries", "invoice.list", body, lambda f: f.each("invoices", _invoice)
        )

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one invoice; `key` is the idempotency key."""
        path = f"/invoices/{quote(number, safe='')}/pickups"
        return self.door.post(
            path, "invoice.pick_up", {"person": person_body(person)}, _pickup, key
        )


def _invoice(answer: Fields) -> Invoice:
    return Invoice(
        number=answer.shaped("number", INVOICE_NUMBER),
        issued_on=answer.day("issued_on"),
        seller=answer.text("seller"),
        goods=answer.text("goods"),
        amount_fen=answer.integer("amount_fen"),
        tax_fen=answer.integer("tax_fen"),
        total_fen=answer.integer("total_fen"),
        payload=answer.text("payload"),
    )


def _pickup(answer: Fields) -> Pickup:
    return Pickup(
        answer.text("pickup_no", longest=64),
        answer.link("take_away_url"),
        answer.moment("valid_until"),
    )
