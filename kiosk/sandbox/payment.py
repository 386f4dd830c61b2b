"""The payment gateway: codes shown and scanned, queries, closing, reversals, refunds, the day's bill.

Its rules are in trades.py and returns.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import StringConstraints

from kiosk.sandbox import returns, trades
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.movements import bill_file
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import (
    AUTH_CODE,
    ORDER_NUMBER,
    ChannelName,
    Day,
    DepartmentName,
    Fen,
    Line,
    OrderNumber,
    Seconds,
    Token,
    Wire,
)

DEPARTMENT = "payment"

SCHEMA = ""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

OrderPath = Annotated[str, Path(pattern=ORDER_NUMBER)]
DayPath = Annotated[Day, Path()]


class OrderTerms(Wire):
    """What is to be paid."""

    out_trade_no: OrderNumber
    department: DepartmentName
    bill_id: Token
    option: Token
    amount_fen: Fen
    subject: Line

    def terms(self) -> trades.Terms:
        """The same as the books take it."""
        return trades.Terms(
            self.out_trade_no,
            self.department,
            self.bill_id,
            self.option,
            self.amount_fen,
            self.subject,
        )


class ShownOrder(OrderTerms):
    """An order to be paid by scanning a code, within `valid_s` seconds."""

    valid_s: Seconds


class CodePayment(OrderTerms):
    """A charge of the citizen's payment code. Its repr is masked."""

    auth_code: Annotated[str, StringConstraints(pattern=AUTH_CODE)]

    def __repr__(self) -> str:
        return "CodePayment(***)"


class Trade(Wire):
    """The gateway's word on one out_trade_no."""

    out_trade_no: str
    state: Literal["NOTPAY", "USERPAYING", "SUCCESS", "FAILED", "CLOSED", "REVOKED", "REFUND"]
    amount_fen: int
    channel: ChannelName | None
    transaction_id: str
    code_url: str
    reason: str


class RefundOrder(Wire):
    """A paid order whose whole amount is to go back."""

    refund_no: OrderNumber
    out_trade_no: OrderNumber
    amount_fen: Fen


class Refund(Wire):
    """The gateway's word on one refund_no."""

    refund_no: str
    out_trade_no: str
    state: Literal["PROCESSING", "SUCCESS", "FAILED"]
    amount_fen: int
    reason: str


REFUSED = (
    "idempotency.missing", "bill.unknown", "bill.locked", "bill.paid", "order.closed",
    "order.exists", "idempotency.mismatch", "amount.mismatch", "request.invalid",
)  # fmt: skip


@router.post("/orders", status_code=201, response_model=Trade, responses=refuses(*REFUSED))
def show_code(here: Here, key: Key, order: ShownOrder) -> Response:
    """Open an order to be paid by scanning its code."""
    return once(here, key, order, lambda db: _show(db, here, order), 201)


@router.post(
    "/code-payments", response_model=Trade, responses=refuses(*REFUSED, "auth_code.invalid")
)
def submit_code(here: Here, key: Key, payment: CodePayment) -> Response:
    """Charge the citizen's payment code."""
    return once(here, key, payment, lambda db: _charge(db, here, payment))


@router.get("/orders/{out_trade_no}", responses=refuses("order.not_found", "request.invalid"))
def query(here: Here, out_trade_no: OrderPath) -> Trade:
    """The state now."""
    with here.books.transaction() as db:
        returns.settle(db, here.now())
        trades.race(db, "query", out_trade_no, here.now())
        return as_trade(trades.find(db, out_trade_no))


@router.post(
    "/orders/{out_trade_no}/close",
    response_model=Trade,
    responses=refuses("idempotency.missing", "idempotency.mismatch", "request.invalid"),
)
def close(here: Here, key: Key, out_trade_no: OrderPath) -> Response:
    """Make an order unpayable, also one never seen; a paid one says so."""
    return once(here, key, None, lambda db: as_trade(trades.close(db, out_trade_no, here.now())))


@router.post(
    "/orders/{out_trade_no}/reverse",
    response_model=Trade,
    responses=refuses(
        "idempotency.missing", "idempotency.mismatch", "reversal.too_late", "request.invalid"
    ),
)
def reverse(here: Here, key: Key, out_trade_no: OrderPath) -> Response:
    """Undo an order, also one never seen; what was charged goes back in the same act."""
    return once(here, key, None, lambda db: as_trade(returns.reverse(db, out_trade_no, here.now())))


@router.post(
    "/refunds",
    response_model=Refund,
    responses=refuses(
        "idempotency.missing", "idempotency.mismatch", "order.not_paid", "amount.mismatch",
        "refund.exists", "request.invalid",
    ),
)  # fmt: skip
def refund(here: Here, key: Key, order: RefundOrder) -> Response:
    """Begin to give the whole amount of a paid order back, once for each refund_no."""
    return once(
        here, key, order,
        lambda db: as_refund(
            returns.refund(db, order.out_trade_no, order.refund_no, order.amount_fen, here.now())
        ),
    )  # fmt: skip


@router.get("/refunds/{refund_no}", responses=refuses("refund.not_found", "request.invalid"))
def query_refund(here: Here, refund_no: OrderPath) -> Refund:
    """The refund now."""
    with here.books.transaction() as db:
        returns.settle(db, here.now())
        return as_refund(returns.find_refund(db, refund_no))


@router.get(
    "/bills/{day}",
    response_class=Response,
    responses={
        200: {
            "description": "Every movement of money of that day, one a row, and a row of totals.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **refuses("bill.not_ready", "request.invalid"),
    },
)
def bill(here: Here, day: DayPath) -> Response:
    """The statement of one day that is over."""
    now = here.now()
    if day >= now.date():
        raise Problem("bill.not_ready")
    with here.books.transaction() as db:
        returns.settle(db, now)
        return Response(bill_file(db, day), media_type="text/csv; charset=utf-8")


def _show(db: Connection, here: Window, order: ShownOrder) -> Trade:
    row = trades.open_shown(db, order.terms(), here.now(), order.valid_s, here.terminal)
    url = here.link("pay", row["pay_token"])
    db.execute("UPDATE trades SET code_url = ? WHERE out_trade_no = ?", (url, order.out_trade_no))
    return as_trade(trades.find(db, order.out_trade_no))


def _charge(db: Connection, here: Window, payment: CodePayment) -> Trade:
    code = payment.auth_code
    return as_trade(trades.charge(db, payment.terms(), code, here.now(), here.terminal))


def as_trade(row: Row) -> Trade:
    """A row of the books as it travels."""
    return Trade(**{name: row[name] for name in Trade.model_fields})


def as_refund(row: Row) -> Refund:
    """A row of the books as it travels."""
    return Refund(**{name: row[name] for name in Refund.model_fields})


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Nobody has paid yet."""
