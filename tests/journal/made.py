"""What the journal's tests write: orders, payments on their way, days that pass."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from kiosk.backends.contract import Booking
from kiosk.backends.gateway import Channel
from kiosk.journal import Journal
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus

MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TAG = "0123456789abcdef"


class Clock:
    """A clock that is set by hand."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)


def order(n: int, amount_fen: int = 30000, tag: str = TAG) -> Order:
    return Order(
        "resident-pension-pay", "social-insurance", f"SI{n}", "T300", amount_fen, "养老保险", tag
    )


def status(n: int, state: PayState = PayState.CREATED) -> PaymentStatus:
    number = f"P261124-{n:08d}"
    return PaymentStatus(number, f"{number}-01", 1, state)


WAY = (
    PayState.CREATED, PayState.SUBMITTED, PayState.PAID, PayState.FULFILLING, PayState.FULFILLED,
    PayState.PRINTED,
)  # fmt: skip


def steps(n: int, until: PayState) -> Iterator[tuple[PayState, PaymentStatus]]:
    """(before, after) of each step of a payment after its first, up to `until`."""
    at = status(n)
    for before, state in pairwise(WAY[: WAY.index(until) + 1]):
        at = replace(at, state=state, channel=Channel.ALIPAY)
        if state is PayState.PAID:
            at = replace(at, transaction_id=f"4200{n:012d}")
        if state is PayState.FULFILLED:
            at = replace(at, booking=Booking(f"SB{n}", MORNING, f"https://hall.example/v/{n}"))
        yield before, at


def pay(journal: Journal, n: int, until: PayState = PayState.PRINTED) -> str:
    """Bring payment `n` to `until`; its order number."""
    assert journal.begin(order(n), status(n))
    for before, after in steps(n, until):
        journal.advance(before, after, "made")
    return status(n).order_no


@contextmanager
def opened(path: Path, clock: Clock | None = None) -> Iterator[Journal]:
    journal = Journal(path, clock or Clock())
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as somebody with the root password and time has it: without the triggers."""
    with closing(sqlite3.connect(path)) as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
        yield db
        db.commit()
