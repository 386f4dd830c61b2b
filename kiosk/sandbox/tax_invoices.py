"""A person's digital invoices (数电发票) and their handing out, as PDF and as OFD."""

from __future__ import annotations

from datetime import date, timedelta
from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Path, Response

from kiosk.sandbox import documents, pages, tax_ofd, tax_register
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.documents import Paper, SealedPaper
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.tax_register import DIGITAL, Registered
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Day, Person, PersonQuery, Wire

LONGEST_PERIOD_DAYS = 366
PICKUP_FOR = timedelta(days=30)
ISSUER = "国家税务总局乳山市税务局"

SCHEMA = """
CREATE TABLE invoices (
    number TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, issued_on TEXT NOT NULL,
    seller TEXT NOT NULL, goods TEXT NOT NULL, amount_fen INTEGER NOT NULL, tax_fen INTEGER NOT NULL,
    total_fen INTEGER NOT NULL, payload TEXT NOT NULL);
"""

SELLERS = (
    ("乳山市供电公司", "电费"),
    ("威海水务集团有限公司", "水费"),
    ("中国移动通信集团山东有限公司", "通信服务费"),
    ("乳山家家悦超市有限公司", "日用杂品"),
    ("乳山市人民医院", "医疗服务"),
    ("山东高速股份有限公司", "通行费"),
)

TAX_PERCENT = 6

INVOICE_AGES_DAYS = (3, 19, 47, 75, 120, 230, 340, 420)
"""How long ago invoices were issued: some in each period that the terminal offers, one beyond all."""

router = APIRouter()

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
    """An invoice handed out: the page where a phone gets it as OFD and as PDF, until when, and the
    sealed PDF for paper."""

    pickup_no: str
    take_away_url: str
    valid_until: str
    document: SealedPaper


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
    invoice = tax_register.find(db, "", number)
    theirs = db.execute(
        "SELECT 1 FROM invoices WHERE number = ? AND id_number = ?", (number, person.id_number)
    ).fetchone()
    if theirs is None or invoice is None:
        raise Problem("invoice.unknown")
    now = here.now()
    paper = documents.issue(db, here, paper_of(invoice))
    return PickedUp(
        pickup_no=serial(db, "FP", now),
        take_away_url=take_away(db, here, invoice, paper),
        valid_until=(now + PICKUP_FOR).isoformat(),
        document=paper,
    )


def paper_of(invoice: Registered) -> Paper:
    """The invoice as a sealed paper."""
    rows = [[label, value] for label, value in invoice.lines()]
    return Paper(
        title="电子发票（普通发票）",
        issuer=ISSUER,
        series="FPPDF",
        paragraphs=["本页为数电发票的版式文件打印件，可在全国增值税发票查验平台查验。"],
        tables=[(["栏目", "内容"], rows)],
    )


def take_away(db: Connection, here: Window, invoice: Registered, paper: SealedPaper) -> str:
    """The page where a phone gets the invoice in both formats; its address."""
    until = here.now() + PICKUP_FOR
    ofd = tax_ofd.publish(db, here, invoice.number, until)
    rows = [*invoice.lines(), ("OFD", ofd), ("PDF（24 小时内）", paper.link)]
    return pages.publish(db, here, "数电发票", rows, PICKUP_FOR)


def receive(db: Connection, id_number: str, invoice: Registered) -> None:
    """Enter a digital invoice with the person who may pick it up, and in the register."""
    tax_register.enter(db, invoice)
    db.execute(
        "INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            invoice.number,
            id_number,
            invoice.issued_on,
            invoice.seller,
            invoice.goods,
            invoice.net_fen,
            invoice.tax_fen,
            invoice.total_fen,
            invoice.payload,
        ),
    )


def bill(db: Connection, citizen: Citizen, today: date) -> None:
    """Invoices; every eighth citizen has none, so that "nothing found" can be met."""
    if citizen.place % 8 == 6:
        return
    for nth, age in enumerate(INVOICE_AGES_DAYS):
        issued = today - timedelta(days=age)
        seller, goods = SELLERS[(citizen.place + nth) % len(SELLERS)]
        amount = 1250 + (citizen.place * 977 + nth * 3331) % 88000
        tax = round(amount * TAX_PERCENT / 100)
        number = f"26372000{citizen.place + 1:06d}{nth + 1:06d}"
        buyer = citizen.card.name
        receive(
            db,
            citizen.number,
            Registered(DIGITAL, "", number, issued.isoformat(), seller, buyer, goods, amount, tax),
        )
