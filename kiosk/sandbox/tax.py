"""Tax: a person's digital invoices and their picking up."""

from __future__ import annotations

from datetime import timedelta
from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Path, Response

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Day, Person, PersonQuery, Wire

DEPARTMENT = "tax"
LONGEST_PERIOD_DAYS = 366
PICKUP_FOR = timedelta(days=30)

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

InvoiceNumber = Annotated[str, Path(pattern="^[0-9]{20}$")]


class InvoiceQuery(Wire):
    """A person's question about the invoices of a period, both days included."""

    person: Person
    since: Day
    until: Day


class InvoiceEntry(Wire):
    """One digital invoice; amounts in fen."""

    number: str
    issued_on: str
    seller: str
    goods: str
    amount_fen: int
    tax_fen: int
    total_fen: int
    payload: str


class InvoiceList(Wire):
    """Newest first."""

    invoices: list[InvoiceEntry]


class PickedUp(Wire):
    """An invoice handed out, and until when its link works."""

    pickup_no: str
    take_away_url: str
    valid_until: str


@router.post(
    "/invoices/queries", responses=refuses("person.unknown", "period.invalid", "request.invalid")
)
def invoices(here: Here, query: InvoiceQuery) -> InvoiceList:
    """The person's invoices of a period."""
    days = (query.until - query.since).days + 1
    if not 1 <= days <= LONGEST_PERIOD_DAYS:
        raise Problem("period.invalid")
    with here.books.transaction() as db:
        known(db, query.person)
        rows = db.execute(
            "SELECT * FROM invoices WHERE id_number = ? AND issued_on BETWEEN ? AND ?"
            " ORDER BY issued_on DESC, number",
            (query.person.id_number, query.since.isoformat(), query.until.isoformat()),
        ).fetchall()
    names = InvoiceEntry.model_fields
    return InvoiceList(invoices=[InvoiceEntry(**{n: row[n] for n in names}) for row in rows])


@router.post(
    "/invoices/{number}/pickups",
    status_code=201,
    response_model=PickedUp,
    responses=refuses(
        "idempotency.missing", "person.unknown", "invoice.unknown", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def pick_up(here: Here, key: Key, number: InvoiceNumber, query: PersonQuery) -> Response:
    """Hand one invoice out to its owner."""
    return once(here, key, query, lambda db: _hand_out(db, here, number, query.person), 201)


def _hand_out(db: Connection, here: Window, number: str, person: Person) -> PickedUp:
    known(db, person)
    row = db.execute(
        "SELECT * FROM invoices WHERE number = ? AND id_number = ?", (number, person.id_number)
    ).fetchone()
    if row is None:
        raise Problem("invoice.unknown")
    now = here.now()
    pickup_no = serial(db, "FP", now)
    rows = [
        ("发票号码", number),
        ("开票日期", row["issued_on"]),
        ("销售方", row["seller"]),
        ("项目", row["goods"]),
        ("价税合计", f"¥{row['total_fen'] / 100:,.2f}"),
    ]
    url = pages.publish(db, here, "数电发票", rows, PICKUP_FOR)
    until = (now + PICKUP_FOR).isoformat()
    return PickedUp(pickup_no=pickup_no, take_away_url=url, valid_until=until)
