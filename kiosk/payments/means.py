"""What every payment works with, and what it makes of the gateway's words."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.backends.contract import (
    BackendFailure,
    Booking,
    Cause,
    Gateway,
    Reply,
    Trade,
    TradeState,
)
from kiosk.calls import Calls
from kiosk.journal import Journal

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


Fulfil = Callable[[str, str, int, str, str], Reply[Booking]]
"""A department's booking: bill_id, option, amount_fen, out_trade_no, transaction_id."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every payment works with. `fulfil` books by department id; `shown_for_s` is the countdown of
    a shown code, in seconds."""

    journal: Journal
    gateway: Gateway
    fulfil: Mapping[str, Fulfil]
    calls: Calls
    shown_for_s: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What the conversation wants next: a code shown, or the citizen's code charged."""

    auth_code: str | None
    done: asyncio.Future[None]

    def __repr__(self) -> str:
        return "Wish(***)"

    def settle(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


def believed(reply: Reply[TradeState], out_trade_no: str, amount_fen: int) -> Reply[TradeState]:
    """`reply`, unless it speaks of another order, or says that another amount was paid: then it is
    garbled, and no answer."""
    if isinstance(reply, BackendFailure):
        return reply
    trade = reply.value
    other = trade.out_trade_no != out_trade_no
    wrong = trade.state is Trade.SUCCESS and trade.amount_fen != amount_fen
    if other or wrong:
        detail = "another order" if other else "another amount"
        return BackendFailure("payment", Cause.GARBLED, "garbled", detail)
    return reply


def digest_of(reply: Reply[object]) -> str:
    """The digest that the answer came with, else one of its value."""
    if isinstance(reply, BackendFailure):
        return ""
    return reply.digest or hashlib.sha256(repr(reply.value).encode()).hexdigest()
