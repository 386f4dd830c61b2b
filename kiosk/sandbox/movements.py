"""Every movement of money at the gateway, once, and a day of them as its bill file (docs/API.md)."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from sqlite3 import Connection, Row
from typing import Literal

Kind = Literal["payment", "reversal", "refund"]

COLUMNS = (
    "time", "kind", "out_trade_no", "refund_no", "transaction_id", "channel", "amount_fen",
    "department", "bill_id", "terminal",
)  # fmt: skip

LAST_ROW = "total"


def moved(db: Connection, kind: Kind, trade: Row, now: datetime, refund_no: str = "") -> None:
    """The whole amount of `trade` has moved: to the department, or back to the citizen."""
    db.execute(
        f"INSERT INTO movements ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            now.isoformat(),
            kind,
            trade["out_trade_no"],
            refund_no,
            trade["transaction_id"],
            trade["channel"],
            trade["amount_fen"],
            trade["department"],
            trade["bill_id"],
            trade["terminal"],
        ),
    )


def bill_file(db: Connection, day: date) -> bytes:
    """The statement of one day, and its last row, by which a file cut short is noticed."""
    rows = db.execute(
        f"SELECT {', '.join(COLUMNS)} FROM movements WHERE substr(time, 1, 10) = ? ORDER BY time, seq",
        (day.isoformat(),),
    ).fetchall()
    payments = sum(row["amount_fen"] for row in rows if row["kind"] == "payment")
    returns = sum(row["amount_fen"] for row in rows if row["kind"] != "payment")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(tuple(row) for row in rows)
    writer.writerow((LAST_ROW, len(rows), payments, returns))
    return text.getvalue().encode()


def balance(db: Connection) -> dict[str, int]:
    """What came, what went back, what is held, and what of it the departments have in their books."""
    sums = {
        "paid_fen": "SELECT coalesce(sum(amount_fen), 0) FROM movements WHERE kind = 'payment'",
        "returned_fen": "SELECT coalesce(sum(amount_fen), 0) FROM movements WHERE kind <> 'payment'",
        "held_fen": "SELECT coalesce(sum(amount_fen), 0) FROM trades WHERE state = 'SUCCESS'",
        "booked_fen": "SELECT coalesce(sum(amount_fen), 0) FROM bookings WHERE withdrawn_at = ''",
    }
    return {name: int(db.execute(query).fetchone()[0]) for name, query in sums.items()}
