"""Social insurance: the resident pension's bills and their booking."""

from __future__ import annotations

from datetime import datetime
from sqlite3 import Connection, Row

from fastapi import APIRouter, Response

from kiosk.sandbox import pages, trades
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Fen, Line, OrderNumber, PersonQuery, Token, Wire

DEPARTMENT = "social-insurance"

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])


class Tier(Wire):
    """One tier of a year's contribution."""

    id: str
    amount_fen: int
    subsidy_fen: int
    monthly_gain_fen: int


class Bill(Wire):
    """What a person may pay now; `bill_id` "" and no tiers where nothing is due."""

    bill_id: str
    year: int
    paid_until: int
    tiers: list[Tier]


class BookingOrder(Wire):
    """A contribution that was paid at the gateway."""

    bill_id: Token
    tier_id: Token
    amount_fen: Fen
    out_trade_no: OrderNumber
    transaction_id: Token


class Booked(Wire):
    """It is in the books: which trade, and how much of it."""

    out_trade_no: str
    amount_fen: int
    acceptance_no: str
    booked_at: str
    voucher_url: str


@router.post("/pension/bill-queries", responses=refuses("person.unknown", "request.invalid"))
def pension_bill(here: Here, query: PersonQuery) -> Bill:
    """The open year of a person, with its tiers."""
    with here.books.transaction() as db:
        citizen = known(db, query.person)
        bill = db.execute(
            "SELECT bill_id, year FROM bills WHERE id_number = ? AND department = ? AND NOT closed"
            " AND bill_id NOT IN (SELECT bill_id FROM bookings WHERE withdrawn_at = '') ORDER BY year",
            (query.person.id_number, DEPARTMENT),
        ).fetchone()
        if bill is None:
            return Bill(
                bill_id="", year=here.now().year, paid_until=citizen["paid_until"], tiers=[]
            )
        rows = db.execute(
            "SELECT tier_id, amount_fen, subsidy_fen, monthly_gain_fen FROM tiers WHERE bill_id = ?"
            " ORDER BY amount_fen",
            (bill["bill_id"],),
        )
        tiers = [
            Tier(
                id=row["tier_id"],
                amount_fen=row["amount_fen"],
                subsidy_fen=row["subsidy_fen"],
                monthly_gain_fen=row["monthly_gain_fen"],
            )
            for row in rows
        ]
    return Bill(
        bill_id=bill["bill_id"], year=bill["year"], paid_until=citizen["paid_until"], tiers=tiers
    )


@router.post(
    "/pension/bookings",
    status_code=201,
    response_model=Booked,
    responses=refuses(
        "idempotency.missing", "bill.unknown", "bill.paid", "bill.closed", "trade.unpaid",
        "idempotency.mismatch", "amount.mismatch", "request.invalid",
    ),
)  # fmt: skip
def book_pension(here: Here, key: Key, order: BookingOrder) -> Response:
    """Book a paid contribution, once."""
    return once(here, key, order, lambda db: _book(db, here, order), 201)


def _book(db: Connection, here: Window, order: BookingOrder) -> Booked:
    bill = db.execute(
        "SELECT id_number, year, closed FROM bills WHERE bill_id = ? AND department = ?",
        (order.bill_id, DEPARTMENT),
    ).fetchone()
    if bill is None:
        raise Problem("bill.unknown")
    booked = db.execute(
        "SELECT * FROM bookings WHERE bill_id = ? AND withdrawn_at = ''", (order.bill_id,)
    ).fetchone()
    if booked is not None:
        if booked["out_trade_no"] != order.out_trade_no:
            raise Problem("bill.paid")
        return _booked(booked)
    if bill["closed"]:
        raise Problem("bill.closed")
    tier = db.execute(
        "SELECT amount_fen FROM tiers WHERE bill_id = ? AND tier_id = ?",
        (order.bill_id, order.tier_id),
    ).fetchone()
    if tier is None or tier["amount_fen"] != order.amount_fen:
        raise Problem("amount.mismatch")
    terms = trades.Terms(
        order.out_trade_no, DEPARTMENT, order.bill_id, order.tier_id, order.amount_fen, ""
    )
    if not trades.is_paid_for(db, terms, order.transaction_id):
        raise Problem("trade.unpaid")
    return _enter(db, here, order, bill)


def _enter(db: Connection, here: Window, order: BookingOrder, bill: Row) -> Booked:
    now = here.now()
    number = serial(db, "SI", now)
    rows: list[tuple[Line, Line]] = [
        ("受理号", number),
        ("缴费年度", str(bill["year"])),
        ("金额", f"¥{order.amount_fen / 100:,.2f}"),
        ("订单号", order.out_trade_no),
        ("入账时间", f"{now:%Y-%m-%d %H:%M:%S}"),
    ]
    url = pages.publish(db, here, "城乡居民基本养老保险缴费凭证", rows)
    person = (bill["id_number"],)
    paid_until = "SELECT paid_until FROM citizens WHERE id_number = ?"
    db.execute(
        "INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            number,
            order.bill_id,
            order.tier_id,
            order.amount_fen,
            order.out_trade_no,
            order.transaction_id,
            now.isoformat(),
            url,
            db.execute(paid_until, person).fetchone()[0],
        ),
    )
    db.execute("UPDATE citizens SET paid_until = ? WHERE id_number = ?", (bill["year"], *person))
    return _booked(
        db.execute("SELECT * FROM bookings WHERE acceptance_no = ?", (number,)).fetchone()
    )


def withdraw(db: Connection, out_trade_no: str, now: datetime) -> None:
    """The gateway gave the money of this trade back: what was booked with it is booked no longer."""
    booked = db.execute(
        "SELECT b.acceptance_no, b.paid_before, l.id_number FROM bookings b JOIN bills l USING (bill_id)"
        " WHERE b.out_trade_no = ? AND b.withdrawn_at = ''",
        (out_trade_no,),
    ).fetchone()
    if booked is None:
        return
    db.execute(
        "UPDATE bookings SET withdrawn_at = ? WHERE acceptance_no = ?",
        (now.isoformat(), booked["acceptance_no"]),
    )
    db.execute(
        "UPDATE citizens SET paid_until = ? WHERE id_number = ?",
        (booked["paid_before"], booked["id_number"]),
    )


def _booked(row: Row) -> Booked:
    return Booked(**{name: row[name] for name in Booked.model_fields})
