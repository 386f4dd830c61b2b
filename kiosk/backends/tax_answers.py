"""What the tax bureau says, as data, and how it is read from its answers (kiosk/backends/tax.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.backends.client import sealed_document
from kiosk.backends.contract import SealedDocument
from kiosk.backends.decode import FEN_MAX, Fields, Garbled

INVOICE_NUMBER = re.compile(r"\d{20}", re.ASCII)
"""SERVICES.md, validity: digital invoices."""

COMPARTMENT = re.compile(r"[0-9A-Za-z_-]{1,16}", re.ASCII)
PICKUP_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
APPLICATION_NO = re.compile(r"[0-9A-Za-z]{1,32}", re.ASCII)
GOODS_ID = re.compile(r"[a-z_]{1,40}", re.ASCII)


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
    """An invoice handed out: its number, the link by which it leaves in both formats, its sealed PDF."""

    pickup_no: str
    take_away_url: str
    valid_until: datetime
    document: SealedDocument


class Verdict(StrEnum):
    """What the register says of an invoice."""

    GENUINE = "genuine"
    NOT_FOUND = "not_found"
    DIFFERS = "differs"  # there is one of this number, of which something else was said
    REVERSED = "reversed"  # cancelled by a red invoice (红冲)
    VOIDED = "voided"  # made void by its seller (作废)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an invoice says of itself. `code` is "" for a digital one; `amount_fen` without tax where it
    has a code, with tax otherwise; `check` is "", all 20 check digits or the last six."""

    code: str
    number: str
    issued_on: date
    amount_fen: int
    check: str

    def __repr__(self) -> str:
        return "Claim(***)"


@dataclass(frozen=True, slots=True)
class RegisteredInvoice:
    """An invoice as the register has it; amounts are negative on a red one."""

    kind: str
    code: str
    number: str
    issued_on: date
    seller: str
    buyer: str
    goods: str
    net_fen: int
    tax_fen: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class Check:
    """The register's word. `invoice` is None where it has none, or where something differs."""

    verdict: Verdict
    check_no: str
    left_today: int
    invoice: RegisteredInvoice | None


class PaperKind(StrEnum):
    """What lies in a compartment."""

    SPECIAL = "special"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class ReleasedInvoice:
    """Invoices on paper that may be fetched: the compartment to open. `again` where it was released
    before and never confirmed as taken: nobody knows whether it was."""

    pickup_id: str
    compartment: str
    invoices: int
    kind: PaperKind
    again: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The department's word that invoices on paper were taken: the code is spent."""

    acceptance_no: str
    taken_at: datetime
    voucher_url: str


class LeftAs(StrEnum):
    """Why invoices on paper were not taken."""

    NOT_TAKEN = "not_taken"  # a sensor saw them inside
    LEFT_OPEN = "left_open"  # the door was not closed: nobody knows
    LOCK_FAILED = "lock_failed"


@dataclass(frozen=True, slots=True)
class Goods:
    """What an invoice can be issued for, with the levy rate that holds today, in hundredths of a percent."""

    id: str
    name: str
    name_en: str
    rate_bp: int


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax of an application."""

    name: str
    name_en: str
    due_fen: int


@dataclass(frozen=True, slots=True)
class Application:
    """An invoice applied for, with the tax that is due before it is issued. `bill_id` is "" and
    `due_fen` 0 where none is; `number` is "" until it is issued."""

    application_no: str
    bill_id: str
    option: str
    lines: tuple[TaxLine, ...]
    net_fen: int
    tax_fen: int
    total_fen: int
    due_fen: int
    number: str
    take_away_url: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The invoice that a person wants to have issued; `amount_fen` includes the tax."""

    buyer_name: str
    buyer_code: str
    goods: str
    amount_fen: int


def invoice(answer: Fields) -> Invoice:
    """An invoice of a list. Raises Garbled."""
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


def pickup(answer: Fields) -> Pickup:
    """An invoice handed out. Raises Garbled."""
    return Pickup(
        answer.text("pickup_no", longest=64),
        answer.link("take_away_url"),
        answer.moment("valid_until"),
        sealed_document(answer.inside("document")),
    )


def check(answer: Fields) -> Check:
    """The register's word. Raises Garbled."""
    there = not answer.is_null("invoice")
    return Check(
        verdict=answer.choice("result", Verdict),
        check_no=answer.text("check_no", longest=64),
        left_today=answer.integer("left_today", 0, 1000),
        invoice=_registered(answer.inside("invoice")) if there else None,
    )


def _registered(answer: Fields) -> RegisteredInvoice:
    return RegisteredInvoice(
        kind=answer.text("kind", longest=2),
        code=answer.text("code", empty=True, longest=12),
        number=answer.text("number", longest=20),
        issued_on=answer.day("issued_on"),
        seller=answer.text("seller"),
        buyer=answer.text("buyer"),
        goods=answer.text("goods"),
        net_fen=answer.integer("net_fen", -FEN_MAX),
        tax_fen=answer.integer("tax_fen", -FEN_MAX),
        total_fen=answer.integer("total_fen", -FEN_MAX),
    )


def released(answer: Fields) -> ReleasedInvoice:
    """A compartment to open. Raises Garbled."""
    return ReleasedInvoice(
        pickup_id=answer.shaped("pickup_id", PICKUP_ID),
        compartment=answer.shaped("compartment", COMPARTMENT),
        invoices=answer.integer("invoices", 1, 1000),
        kind=answer.choice("kind", PaperKind),
        again=answer.flag("again"),
    )


def handed_over(answer: Fields) -> HandedOver:
    """What was taken. Raises Garbled."""
    return HandedOver(
        answer.text("acceptance_no", longest=64),
        answer.moment("taken_at"),
        answer.link("voucher_url"),
    )


def noted(answer: Fields) -> None:
    """That something was noted. Raises Garbled."""
    answer.text("state")


def goods(answer: Fields) -> Goods:
    """An entry of the list of goods. Raises Garbled."""
    return Goods(
        answer.shaped("id", GOODS_ID),
        answer.text("name"),
        answer.text("name_en"),
        answer.integer("rate_bp", 0, 10000),
    )


def _line(answer: Fields) -> TaxLine:
    return TaxLine(answer.text("name"), answer.text("name_en"), answer.integer("due_fen"))


def application(answer: Fields) -> Application:
    """An application as it is now. Raises Garbled."""
    application = Application(
        application_no=answer.shaped("application_no", APPLICATION_NO),
        bill_id=answer.text("bill_id", empty=True, longest=64),
        option=answer.text("option", empty=True, longest=64),
        lines=answer.each("lines", _line),
        net_fen=answer.integer("net_fen"),
        tax_fen=answer.integer("tax_fen"),
        total_fen=answer.integer("total_fen"),
        due_fen=answer.integer("due_fen"),
        number=answer.text("number", empty=True, longest=20),
        take_away_url=answer.link("take_away_url", empty=True),
    )
    due_fen = application.due_fen
    if sum(line.due_fen for line in application.lines) != due_fen:
        raise Garbled("due_fen: not the sum of its lines")
    if not bool(due_fen) == bool(application.bill_id) == bool(application.option):
        raise Garbled("bill_id: a bill goes with a tax that is due")
    return application
