"""Bills and what is booked on them: the part that every department which takes money has alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from fastapi import APIRouter, Response

from kiosk.sandbox import pages, trades
from kiosk.sandbox.books import serial
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Fen, OrderNumber, Token, Wire


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody owes a department. `id_number` None where it is nobody's in particular; `period` is
    what it is for, in the department's own terms; `subject` stands on the voucher."""

    bill_id: str
    department: str
    kind: str
    id_number: str | None
    period: str
    subject: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One way to pay a bill: the option and its amount; subsidy and gain are the pension's. Fen."""

    option: str
    amount_fen: int
    subsidy_fen: int = 0
    monthly_gain_fen: int = 0


def _nothing_before(_db: Connection, _here: Window, _bill: Row) -> str:
    return ""


def _nothing_to_undo(_db: Connection, _bill: Row, _before: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Effect:
    """What a booking of one kind of bill does to the department's other books, and how it is undone.
    `booked` returns what undoing must know."""

    booked: Callable[[Connection, Window, Row], str] = _nothing_before
    withdrawn: Callable[[Connection, Row, str], None] = _nothing_to_undo


@dataclass(frozen=True, slots=True)
class Cashbox:
    """A department's bookings: the series of its acceptance numbers, the effect of each kind of bill."""

    department: str
    series: str
    effects: Mapping[str, Effect]


_BOXES: dict[str, Cashbox] = {}


class BookingOrder(Wire):
    """A bill that was paid at the gateway, with the option that was paid."""

    bill_id: Token
    option: Token
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


def take_bookings(router: APIRouter, box: Cashbox) -> None:
    """Have a department book payments: `POST /bookings`."""
    _BOXES[box.department] = box

    def book(here: Here, key: Key, order: BookingOrder) -> Response:
        """Book what was paid at the gateway, once."""
        return once(here, key, order, lambda db: _book(db, here, order, box), 201)

    router.add_api_route(
        "/bookings",
        book,
        methods=["POST"],
        status_code=201,
        response_model=Booked,
        operation_id=f"{box.department}_book",
        responses=refuses(
            "idempotency.missing", "bill.unknown", "bill.paid", "bill.closed", "trade.unpaid",
            "idempotency.mismatch", "amount.mismatch", "request.invalid",
        ),
    )  # fmt: skip


def issue(db: Connection, bill: Bill, charges: Iterable[Charge]) -> str:
    """Enter a bill with the ways to pay it; its number."""
    db.execute("INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, 0)", astuple(bill))
    for charge in charges:
        row = (bill.bill_id, *astuple(charge))
        db.execute("INSERT INTO tiers VALUES (?, ?, ?, ?, ?)", row)
    return bill.bill_id


def is_booked(db: Connection, bill_id: str) -> bool:
    """Whether the bill is in the books as paid."""
    found = "SELECT 1 FROM bookings WHERE bill_id = ? AND withdrawn_at = ''"
    return db.execute(found, (bill_id,)).fetchone() is not None


def withdraw(db: Connection, out_trade_no: str, now: datetime) -> None:
    """The gateway gave the money of this trade back: what was booked with it is booked no longer."""
    booked = db.execute(
        "SELECT * FROM bookings WHERE out_trade_no = ? AND withdrawn_at = ''", (out_trade_no,)
    ).fetchone()
    if booked is None:
        return
    bill = db.execute("SELECT * FROM bills WHERE bill_id = ?", (booked["bill_id"],)).fetchone()
    db.execute(
        "UPDATE bookings SET withdrawn_at = ? WHERE acceptance_no = ?",
        (now.isoformat(), booked["acceptance_no"]),
    )
    effect = _BOXES[bill["department"]].effects[bill["kind"]]
    effect.withdrawn(db, bill, booked["before"])


def _book(db: Connection, here: Window, order: BookingOrder, box: Cashbox) -> Booked:
    bill = db.execute(
        "SELECT * FROM bills WHERE bill_id = ? AND department = ?", (order.bill_id, box.department)
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
        (order.bill_id, order.option),
    ).fetchone()
    if tier is None or tier["amount_fen"] != order.amount_fen:
        raise Problem("amount.mismatch")
    terms = trades.Terms(
        order.out_trade_no, box.department, order.bill_id, order.option, order.amount_fen, ""
    )
    if not trades.is_paid_for(db, terms, order.transaction_id):
        raise Problem("trade.unpaid")
    return _enter(db, here, order, bill, box)


def _enter(db: Connection, here: Window, order: BookingOrder, bill: Row, box: Cashbox) -> Booked:
    now = here.now()
    number = serial(db, box.series, now)
    rows = [
        ("受理号", number),
        ("事项", bill["subject"]),
        ("金额", f"¥{order.amount_fen / 100:,.2f}"),
        ("订单号", order.out_trade_no),
        ("入账时间", f"{now:%Y-%m-%d %H:%M:%S}"),
    ]
    url = pages.publish(db, here, "缴费凭证", rows)
    before = box.effects[bill["kind"]].booked(db, here, bill)
    db.execute(
        "INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            number,
            order.bill_id,
            order.option,
            order.amount_fen,
            order.out_trade_no,
            order.transaction_id,
            now.isoformat(),
            url,
            before,
        ),
    )
    return _booked(
        db.execute("SELECT * FROM bookings WHERE acceptance_no = ?", (number,)).fetchone()
    )


def _booked(row: Row) -> Booked:
    return Booked(**{name: row[name] for name in Booked.model_fields})
