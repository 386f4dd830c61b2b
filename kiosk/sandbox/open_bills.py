"""Bills that a department makes on the spot: one open bill a person, kind and period, never two."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection

from kiosk.sandbox import trades
from kiosk.sandbox.bookings import is_booked
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import Window


def replace_open(db: Connection, here: Window, bills: Iterable[str]) -> None:
    """Close the open bills among `bills`: another takes their place.

    Raises:
        Problem: bill.locked, somebody is paying one of them, or has paid and it is not booked yet.
    """
    trades.settle(db, here.now())
    for bill_id in bills:
        if is_booked(db, bill_id):
            continue
        if _may_be_paid(db, bill_id):
            raise Problem("bill.locked")
        db.execute("UPDATE bills SET closed = 1 WHERE bill_id = ?", (bill_id,))


def _may_be_paid(db: Connection, bill_id: str) -> bool:
    attempts = db.execute(
        "SELECT out_trade_no, state FROM trades WHERE bill_id = ?", (bill_id,)
    ).fetchall()
    return any(
        attempt["state"] in trades.LIVE
        or (
            attempt["state"] == "SUCCESS" and not trades.being_refunded(db, attempt["out_trade_no"])
        )
        for attempt in attempts
    )
