"""Money that goes back at the gateway: reversals at once, refunds in a while (docs/API.md)."""

from __future__ import annotations

from datetime import datetime
from sqlite3 import Connection, Row
from typing import Literal

from kiosk.sandbox import trades
from kiosk.sandbox.arranged import Arrangement, arranged
from kiosk.sandbox.bookings import withdraw
from kiosk.sandbox.movements import moved
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import CHINA

Ending = Literal["SUCCESS", "FAILED"]

REFUND_TAKES_S = 3.0
"""How long a refund is PROCESSING unless it is arranged otherwise: long enough to be asked after."""

FAILED_REASON = "account_closed"
"""Why a refund that fails does so: the commonest cause at the channels."""


def settle(db: Connection, now: datetime) -> None:
    """Let the gateway's clock do its work on trades, then on refunds that are due."""
    trades.settle(db, now)
    due = db.execute(
        "SELECT * FROM refunds WHERE state = 'PROCESSING' AND due <= ? ORDER BY due, rowid",
        (now.timestamp(),),
    ).fetchall()
    for refund in due:
        _end(db, refund, refund["ending"], datetime.fromtimestamp(refund["due"], CHINA))


def reverse(db: Connection, out_trade_no: str, now: datetime) -> Row:
    """Undo an order, also one never seen; what was charged goes back in the same act.

    Raises:
        Problem: reversal.too_late, the day of the payment is settled, or it is being refunded.
    """
    settle(db, now)
    trades.race(db, "reverse", out_trade_no, now)
    row = db.execute("SELECT * FROM trades WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    if row is not None and row["state"] == "REFUND":
        return trades.find(db, out_trade_no)
    if row is not None and row["state"] == "SUCCESS":
        if _day_is_settled(row, now) or trades.being_refunded(db, out_trade_no):
            raise Problem("reversal.too_late")
        moved(db, "reversal", row, now)
        withdraw(db, out_trade_no, now)
    db.execute(
        "INSERT INTO trades (out_trade_no, state, reason, opened_at) "
        "VALUES (?, 'REVOKED', 'reversed', ?) ON CONFLICT (out_trade_no) DO UPDATE SET "
        "state = 'REVOKED', deadline = NULL, pay_at = NULL, "
        "reason = CASE reason WHEN '' THEN 'reversed' ELSE reason END",
        (out_trade_no, now.isoformat()),
    )
    return trades.find(db, out_trade_no)


def refund(
    db: Connection, out_trade_no: str, refund_no: str, amount_fen: int, now: datetime
) -> Row:
    """Begin to give the whole amount back, once for each `refund_no`; the refund as it is now.

    Raises:
        Problem: order.not_paid, amount.mismatch, refund.exists (the order's other one).
    """
    settle(db, now)
    asked = db.execute("SELECT * FROM refunds WHERE refund_no = ?", (refund_no,)).fetchone()
    if asked is None:
        return _begin(db, out_trade_no, refund_no, amount_fen, now)
    if asked["out_trade_no"] != out_trade_no:
        raise Problem("refund.exists")
    if asked["amount_fen"] != amount_fen:
        raise Problem("amount.mismatch")
    return find_refund(db, refund_no)


def end(db: Connection, refund_no: str, ending: Ending, now: datetime) -> Row:
    """End a refund now; one that failed may still be paid out by hand.

    Raises:
        Problem: refund.not_found, refund.ended (the money is back already), refund.exists
            (another one of the same order is under way).
    """
    settle(db, now)
    refund = find_refund(db, refund_no)
    if refund["state"] == "SUCCESS":
        raise Problem("refund.ended")
    if refund["state"] == "FAILED" and trades.being_refunded(db, refund["out_trade_no"]):
        raise Problem("refund.exists")
    _end(db, refund, ending, now)
    return find_refund(db, refund_no)


def _begin(
    db: Connection, out_trade_no: str, refund_no: str, amount_fen: int, now: datetime
) -> Row:
    trade = db.execute("SELECT * FROM trades WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    if trade is None or trade["state"] not in ("SUCCESS", "REFUND"):
        raise Problem("order.not_paid")
    if trades.being_refunded(db, out_trade_no):
        raise Problem("refund.exists")
    if trade["amount_fen"] != amount_fen:
        raise Problem("amount.mismatch")
    how = arranged(db, "refund") or Arrangement("SUCCESS", REFUND_TAKES_S)
    db.execute(
        "INSERT INTO refunds (refund_no, out_trade_no, amount_fen, state, asked_at, due, ending) "
        "VALUES (?, ?, ?, 'PROCESSING', ?, ?, ?)",
        (
            refund_no,
            out_trade_no,
            amount_fen,
            now.isoformat(),
            now.timestamp() + how.seconds,
            how.how,
        ),
    )
    settle(db, now)
    return find_refund(db, refund_no)


def _end(db: Connection, refund: Row, ending: Ending, now: datetime) -> None:
    number = refund["out_trade_no"]
    db.execute(
        "UPDATE refunds SET state = ?, reason = ?, due = NULL, ended_at = ? WHERE refund_no = ?",
        (
            ending,
            FAILED_REASON if ending == "FAILED" else "",
            now.isoformat(),
            refund["refund_no"],
        ),
    )
    if ending == "SUCCESS":
        db.execute("UPDATE trades SET state = 'REFUND' WHERE out_trade_no = ?", (number,))
        moved(db, "refund", trades.find(db, number), now, refund["refund_no"])
        withdraw(db, number, now)


def find_refund(db: Connection, refund_no: str) -> Row:
    """The refund.

    Raises:
        Problem: refund.not_found.
    """
    row: Row | None = db.execute(
        "SELECT * FROM refunds WHERE refund_no = ?", (refund_no,)
    ).fetchone()
    if row is None:
        raise Problem("refund.not_found")
    return row


def _day_is_settled(trade: Row, now: datetime) -> bool:
    """The gateway settles each day at its end: what was paid before today is with the channel."""
    paid = datetime.fromisoformat(trade["paid_at"]).astimezone(CHINA).date()
    return paid < now.astimezone(CHINA).date()
