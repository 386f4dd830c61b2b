"""What the gateway's and the department's words are worth, and what they are asked through."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.backends.contract import Answer, BackendFailure, Booking, Cause, Reply
from kiosk.backends.gateway import RefundState, Trade, TradeState
from kiosk.payments.order import Order

DEFINITE = frozenset(
    {
        "auth_code.invalid",
        "bill.locked",
        "bill.paid",
        "bill.unknown",
        "amount.mismatch",
        "order.closed",
    }
)
"""Refusals of docs/API.md that say for certain: this attempt took no money. Any other is no answer."""

NEVER_BOOKED = frozenset({"bill.unknown", "bill.paid", "bill.closed", "amount.mismatch"})
"""A department's refusals that say for certain: under this key it has booked nothing, nor will it."""

NOT_BOOKED = NEVER_BOOKED | {"trade.unpaid"}
"""The same for now: the gateway may not have told the department of the payment yet."""

GONE = frozenset({Trade.CLOSED, Trade.FAILED, Trade.REVOKED, Trade.REFUNDED})
"""Final words (docs/API.md): the citizen has the money, nothing can be charged under this number."""

Fulfil = Callable[[str, str, int, str, str], Reply[Booking]]
"""A department's booking: bill_id, option, amount_fen, out_trade_no, transaction_id."""


def refund_no(out_trade_no: str) -> str:
    """The refund's number of an attempt: there is one, always of the whole amount."""
    return f"{out_trade_no}-R"


def believed(reply: Reply[Any], out_trade_no: str, order: Order) -> Reply[Any]:
    """`reply`, unless it speaks of another order or refund, or of another amount, or says "paid" without
    the number that the department needs: then it is garbled, and no answer.

    A number that was never charged may have no amount: what is gone is believed without one."""
    match reply:
        case Answer(value=TradeState() as trade):
            owes = trade.state not in GONE or trade.state is Trade.REFUNDED
            wrong = owes and trade.amount_fen != order.amount_fen
            nameless = trade.state is Trade.SUCCESS and not trade.transaction_id
            other = trade.out_trade_no != out_trade_no
        case Answer(value=RefundState() as refund):
            wrong = refund.amount_fen != order.amount_fen
            nameless = refund.refund_no != refund_no(out_trade_no)
            other = refund.out_trade_no != out_trade_no
        case _:
            return reply
    if other or wrong or nameless:
        detail = "another order" if other else "another amount" if wrong else "another number"
        return BackendFailure("payment", Cause.GARBLED, "garbled", detail)
    return reply


def digest_of(reply: Reply[object]) -> str:
    """The digest that the answer came with, else one of its value."""
    if isinstance(reply, BackendFailure):
        return ""
    return reply.digest or hashlib.sha256(repr(reply.value).encode()).hexdigest()


def shortened(failure: BackendFailure, longest_s: float) -> BackendFailure:
    """The failure with a Retry-After that is kept at most so long."""
    wish = failure.retry_after_s
    if wish is None or 0 <= wish <= longest_s:
        return failure
    return replace(failure, retry_after_s=longest_s if wish > longest_s else 0.0)
