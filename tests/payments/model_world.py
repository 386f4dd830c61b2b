"""The world around the payment machine as plain data (tests/payments/model.py walks it)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.backends.contract import Booking
from kiosk.backends.gateway import Channel, RefundResult, Trade
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus, out_trade_no
from kiosk.payments.schedule import Asking, Schedule
from kiosk.payments.situation import (
    Command,
    Event,
    Question,
    Situation,
)

ORDER = Order("pension", "social-insurance", "B1", "T300", 30000, "养老保险", "tag")
NUMBER = "P261124-7KQ2M9XA"
CODE = "134567890123456789"
BOOKING = Booking("SI-1", datetime(2026, 11, 24, 9, 30), "https://example.org/v")

SHORT = Schedule(
    shown_for_s=2,
    shown_query_s=1,
    silent_s=3,
    close_retries_s=(1, 2),
    return_retries_s=(1,),
    book_retries_s=(1,),
    slow_s=(2, 3),
    resolve_for_s=4,
    gateway_s=1,
    booking_s=1,
    bills_s=1,
    asking={channel: Asking(1, 1) for channel in (*Channel, None)},
)
"""The real one in small: every list of waits has a first and a last, every window one query inside."""


class Violation(AssertionError):
    """A rule about money does not hold in some world."""


@dataclass(frozen=True)
class World:
    """All there is. `pending` is a command that was not carried out yet, or an event that was not told
    yet; `late` are requests still on their way; `returning` the trades whose reversal was asked for."""

    s: Situation
    journal: PaymentStatus
    pending: Command | Event | None = None
    on: bool = True
    trades: frozenset[tuple[str, Trade]] = frozenset()
    refund: RefundResult | None = None
    settled: bool = False
    booked: str = ""
    closed: bool = False
    late: frozenset[tuple[Question, str, str]] = frozenset()
    returning: frozenset[str] = frozenset()
    wishes: int = 0

    def trade(self, number: str) -> Trade | None:
        return dict(self.trades).get(number)

    def with_trade(self, number: str, state: Trade) -> World:
        return replace(self, trades=frozenset((dict(self.trades) | {number: state}).items()))


def beginning() -> World:
    """An order is on the disk, and its citizen stands here."""
    status = PaymentStatus(NUMBER, out_trade_no(NUMBER, 1), 1, PayState.CREATED)
    return World(Situation(ORDER, status, due=SHORT.silent_s), status)
