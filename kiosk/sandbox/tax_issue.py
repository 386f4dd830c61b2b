"""Invoices issued by the bureau for a person who sells (代开发票): applied for, tax paid, issued once."""

from __future__ import annotations

from datetime import date, timedelta
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from devices.scanner.payloads import is_credit_code
from kiosk.sandbox import bookings, documents, tax_invoices, tax_register
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.proofs import require_second_proof
from kiosk.sandbox.tax_register import DIGITAL, Registered
from kiosk.sandbox.tax_rules import GOODS, MOST_A_YEAR_FEN, GoodsId, assess, rate_bp
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import AsWhole, Line, Person, PersonQuery, Wire

DEPARTMENT = "tax"
KIND = "invoice-issue"
"""The kind of its bills."""

OPTION = "tax"
"""The one way to pay such a bill: all of it."""

A_YEAR = timedelta(days=365)
SMALLEST_FEN, LARGEST_FEN = 100, 50_000_000
"""One yuan to half a million on one invoice."""

OPEN, ISSUED, WITHDRAWN = "open", "issued", "withdrawn"

SCHEMA = """
CREATE TABLE applications (
    application_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens,
    buyer_name TEXT NOT NULL, buyer_code TEXT NOT NULL, goods TEXT NOT NULL, total_fen INTEGER NOT NULL,
    applied_on TEXT NOT NULL, state TEXT NOT NULL, number TEXT NOT NULL DEFAULT '',
    take_away_url TEXT NOT NULL DEFAULT '');
"""

router = APIRouter()

ApplicationNo = Annotated[str, Path(pattern="^[0-9A-Za-z]{1,32}$")]


class GoodsEntry(Wire):
    """What can be sold, and the levy rate of today in hundredths of a percent."""

    id: GoodsId
    name: str
    name_en: str
    rate_bp: int


class GoodsList(Wire):
    """In the order in which people are asked."""

    goods: list[GoodsEntry]


class IssueOrder(Wire):
    """The invoice wanted: the buyer, what was sold, and for how much with the tax. The seller is the
    person."""

    person: Person
    buyer_name: Line
    buyer_code: Annotated[str, StringConstraints(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")] = Field(
        description="GB 32100; its last place is a check character.",
        examples=["91371083MA3C4D5E67"],
    )
    goods: GoodsId
    amount_fen: Annotated[int, Field(strict=True, ge=SMALLEST_FEN, le=LARGEST_FEN), AsWhole]


class TaxDue(Wire):
    """One tax that is due."""

    name: str
    name_en: str
    due_fen: int


class Application(Wire):
    """An application: what is due, the bill on which it is paid ("" where nothing is), and the invoice
    once it is issued."""

    application_no: str
    state: Literal["open", "issued", "withdrawn"]
    bill_id: str
    option: str
    lines: list[TaxDue]
    net_fen: int
    tax_fen: int
    total_fen: int
    due_fen: int
    number: str
    take_away_url: str


@router.get("/issue-goods", responses=refuses())
def goods(here: Here) -> GoodsList:
    """What invoices are issued for, with the rates of today."""
    today = here.now().date()
    return GoodsList(
        goods=[
            GoodsEntry(id=key, name=kind.name, name_en=kind.name_en, rate_bp=rate_bp(key, today))
            for key, kind in GOODS.items()
        ]
    )


@router.post(
    "/issue-applications",
    status_code=201,
    response_model=Application,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "proof.second_required", "person.unknown",
        "issue.buyer_invalid", "issue.too_much", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def apply(here: Here, key: Key, order: IssueOrder) -> Response:
    """Apply for an invoice. The same one that is open still is answered again, with its bill."""
    return once(here, key, order, lambda db: _apply(db, here, order), 201)


def _apply(db: Connection, here: Window, order: IssueOrder) -> Application:
    _by_card(db, order.person)
    require_second_proof(db, here, order.person)
    if not is_credit_code(order.buyer_code):
        raise Problem("issue.buyer_invalid")
    today = here.now().date()
    since = (today - A_YEAR).isoformat()
    issued: int = db.execute(
        "SELECT coalesce(sum(total_fen), 0) FROM applications"
        " WHERE id_number = ? AND state = ? AND applied_on > ?",
        (order.person.id_number, ISSUED, since),
    ).fetchone()[0]
    if issued + order.amount_fen > MOST_A_YEAR_FEN:
        raise Problem("issue.too_much")
    wanted = (
        order.person.id_number, order.buyer_name, order.buyer_code, order.goods, order.amount_fen,
        today.isoformat(),
    )  # fmt: skip
    same = db.execute(
        "SELECT * FROM applications WHERE id_number = ? AND buyer_name = ? AND buyer_code = ?"
        " AND goods = ? AND total_fen = ? AND applied_on = ? AND state = ?",
        (*wanted, OPEN),
    ).fetchone()
    if same is not None:
        return _told(same)
    number = serial(db, "DK", here.now())
    db.execute(
        "INSERT INTO applications (application_no, id_number, buyer_name, buyer_code, goods,"
        " total_fen, applied_on, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, *wanted, OPEN),
    )
    due = assess(order.goods, order.amount_fen, today).due_fen
    if due:
        bill = bookings.Bill(
            number, DEPARTMENT, KIND, order.person.id_number, number, "代开发票税费"
        )
        bookings.issue(db, bill, [bookings.Charge(OPTION, due)])
    return _told(_of(db, number, order.person))


@router.post(
    "/issue-applications/{application_no}/queries",
    responses=refuses("proof.card_required", "person.unknown", "issue.unknown", "request.invalid"),
)
def query(here: Here, application_no: ApplicationNo, query: PersonQuery) -> Application:
    """How an application of the person is now."""
    with here.books.transaction() as db:
        _by_card(db, query.person)
        return _told(_of(db, application_no, query.person))


@router.post(
    "/issue-applications/{application_no}/invoices",
    status_code=201,
    response_model=Application,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "proof.second_required", "person.unknown",
        "issue.unknown", "issue.unpaid", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def issue(here: Here, key: Key, application_no: ApplicationNo, query: PersonQuery) -> Response:
    """Issue the invoice of an application on which no tax is due; once."""
    return once(here, key, query, lambda db: _issue(db, here, application_no, query.person), 201)


def _issue(db: Connection, here: Window, application_no: str, person: Person) -> Application:
    _by_card(db, person)
    require_second_proof(db, here, person)
    row = _of(db, application_no, person)
    if row["state"] != ISSUED:
        if _told(row).due_fen:
            raise Problem("issue.unpaid")
        _make(db, here, row)
    return _told(_of(db, application_no, person))


def _booked(db: Connection, here: Window, bill: Row) -> str:
    """The tax is paid: the invoice is issued; its number, so that it can be reversed."""
    row = db.execute(
        "SELECT * FROM applications WHERE application_no = ?", (bill["bill_id"],)
    ).fetchone()
    return _make(db, here, row)


def _withdrawn(db: Connection, bill: Row, before: str) -> None:
    """The tax went back: the invoice is cancelled by a red one."""
    tax_register.reverse(db, before)
    db.execute(
        "UPDATE applications SET state = ? WHERE application_no = ?", (WITHDRAWN, bill["bill_id"])
    )


EFFECT = bookings.Effect(_booked, _withdrawn)
"""What a booking of its bills does."""


def _make(db: Connection, here: Window, row: Row) -> str:
    now = here.now()
    seller = db.execute(
        "SELECT name FROM citizens WHERE id_number = ?", (row["id_number"],)
    ).fetchone()["name"]
    assessed = assess(row["goods"], row["total_fen"], _day(row))
    invoice = Registered(
        DIGITAL,
        "",
        f"{now:%y}372000{serial(db, 'DKFP', now)[-12:]}",
        now.date().isoformat(),
        seller,
        row["buyer_name"],
        GOODS[row["goods"]].name,
        assessed.net_fen,
        assessed.tax_fen,
    )
    tax_register.enter(db, invoice)
    paper = documents.issue(db, here, tax_invoices.paper_of(invoice))
    url = tax_invoices.take_away(db, here, invoice, paper)
    db.execute(
        "UPDATE applications SET state = ?, number = ?, take_away_url = ? WHERE application_no = ?",
        (ISSUED, invoice.number, url, row["application_no"]),
    )
    return invoice.number


def _by_card(db: Connection, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def _of(db: Connection, application_no: str, person: Person) -> Row:
    row: Row | None = db.execute(
        "SELECT * FROM applications WHERE application_no = ? AND id_number = ?",
        (application_no, person.id_number),
    ).fetchone()
    if row is None:
        raise Problem("issue.unknown")
    return row


def _day(row: Row) -> date:
    return date.fromisoformat(row["applied_on"])


def _told(row: Row) -> Application:
    assessed = assess(row["goods"], row["total_fen"], _day(row))
    return Application(
        application_no=row["application_no"],
        state=row["state"],
        bill_id=row["application_no"] if assessed.due_fen else "",
        option=OPTION if assessed.due_fen else "",
        lines=[
            TaxDue(name=line.name, name_en=line.name_en, due_fen=line.due_fen)
            for line in assessed.lines
        ],
        net_fen=assessed.net_fen,
        tax_fen=assessed.tax_fen,
        total_fen=row["total_fen"],
        due_fen=assessed.due_fen,
        number=row["number"],
        take_away_url=row["take_away_url"],
    )
