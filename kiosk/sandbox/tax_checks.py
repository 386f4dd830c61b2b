"""Checking an invoice (发票查验): the register's word on it, five times a day."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from kiosk.sandbox import tax_register
from kiosk.sandbox.books import serial
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.tax_register import REVERSED, VOIDED, Registered
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import MAX_FEN, AsWhole, Day, Wire

CHECKS_A_DAY = 5
"""The national checking platform answers five times a day for one invoice (inv-veri.chinatax.gov.cn)."""

CHECK_DIGITS_TYPED = 6
"""Of an old ordinary invoice's 20 check digits the last six are typed."""

SCHEMA = """
CREATE TABLE invoice_checks (
    code TEXT NOT NULL, number TEXT NOT NULL, day TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (code, number, day));
"""

router = APIRouter()

Signed = Annotated[int, Field(strict=True, ge=-MAX_FEN, le=MAX_FEN), AsWhole]


class InvoiceCheck(Wire):
    """What an invoice says of itself. `code` "" for a digital one, whose number has 20 digits;
    `amount_fen` as in its code: without tax in the old generation, with tax in the new one; `check` ""
    or all its check digits or the last six."""

    code: Annotated[str, StringConstraints(pattern="^([0-9]{10}|[0-9]{12})?$")]
    number: Annotated[str, StringConstraints(pattern="^([0-9]{8}|[0-9]{20})$")]
    issued_on: Day
    amount_fen: Signed
    check: Annotated[str, StringConstraints(pattern="^([0-9]{6}|[0-9]{20})?$")]


class CheckedInvoice(Wire):
    """The invoice as the register has it; amounts in fen."""

    kind: str
    code: str
    number: str
    issued_on: str
    seller: str
    buyer: str
    goods: str
    net_fen: int
    tax_fen: int
    total_fen: int


class Checked(Wire):
    """The register's word. `invoice` null where it has none, or where what was said differs from it."""

    result: Literal["genuine", "not_found", "differs", "reversed", "voided"]
    check_no: str
    checked_at: str
    left_today: int
    invoice: CheckedInvoice | None


@router.post(
    "/invoice-checks",
    status_code=201,
    response_model=Checked,
    responses=refuses(
        "idempotency.missing", "check.too_many", "idempotency.mismatch", "request.invalid"
    ),
)
def check(here: Here, key: Key, said: InvoiceCheck) -> Response:
    """Hold an invoice against the register."""
    return once(here, key, said, lambda db: _check(db, here, said), 201)


def _check(db: Connection, here: Window, said: InvoiceCheck) -> Checked:
    now = here.now()
    times: int = db.execute(
        "INSERT INTO invoice_checks VALUES (?, ?, ?, 1)"
        " ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
        (said.code, said.number, now.date().isoformat()),
    ).fetchone()[0]
    if times > CHECKS_A_DAY:
        raise Problem("check.too_many")
    invoice = tax_register.find(db, said.code, said.number)
    result = _result(said, invoice)
    shown = invoice is not None and result != "differs"
    return Checked(
        result=result,
        check_no=serial(db, "CY", now),
        checked_at=now.isoformat(),
        left_today=CHECKS_A_DAY - times,
        invoice=_shown(invoice) if shown and invoice else None,
    )


def _result(
    said: InvoiceCheck, invoice: Registered | None
) -> Literal["genuine", "not_found", "differs", "reversed", "voided"]:
    if invoice is None:
        return "not_found"
    same = (
        said.issued_on.isoformat() == invoice.issued_on
        and said.amount_fen == invoice.printed_fen
        and (not said.check or _ends_with(invoice.check_code, said.check))
    )
    if not same:
        return "differs"
    if invoice.state == REVERSED:
        return "reversed"
    return "voided" if invoice.state == VOIDED else "genuine"


def _ends_with(check_code: str, said: str) -> bool:
    return check_code == said or check_code[-CHECK_DIGITS_TYPED:] == said


def _shown(invoice: Registered) -> CheckedInvoice:
    return CheckedInvoice(**{name: getattr(invoice, name) for name in CheckedInvoice.model_fields})
