"""The table of orders as a projection of the log: what each step of a payment makes of its row.

Written within the step's own transaction; `computed` makes the same rows from the log alone, for the
one who verifies.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kiosk.backends.contract import Booking
from kiosk.backends.gateway import Channel
from kiosk.journal.records import Entry, Kind, OrderRecord, Transition
from kiosk.journal.transaction import transaction
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus

ORDER_COLUMNS = (
    "item", "department", "bill_id", "option", "amount_fen", "subject", "person_tag",
)  # fmt: skip
STATUS_COLUMNS = (
    "attempt", "out_trade_no", "state", "channel", "transaction_id", "reason",
    "acceptance_no", "booked_at", "voucher_url",
)  # fmt: skip
COLUMNS = ("seq", "order_no", *ORDER_COLUMNS, *STATUS_COLUMNS)

INSERT = f"INSERT INTO orders ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
UPDATE = (
    f"UPDATE orders SET {', '.join(f'{name} = ?' for name in STATUS_COLUMNS)} WHERE order_no = ?"
)

Row = tuple[Any, ...]


def order_facts(order: Order) -> dict[str, Any]:
    """What the order's first entry says besides the state."""
    return {name: getattr(order, name) for name in ORDER_COLUMNS}


def status_facts(status: PaymentStatus) -> dict[str, Any]:
    """What every step says of the payment; a code on the screen is nobody's business afterwards."""
    booking = status.booking
    return {
        "attempt": status.attempt,
        "out_trade_no": status.out_trade_no,
        "state": status.state.value,
        "channel": status.channel.value if status.channel else None,
        "transaction_id": status.transaction_id,
        "reason": status.reason,
        "acceptance_no": booking.acceptance_no if booking else None,
        "booked_at": booking.booked_at.isoformat() if booking else None,
        "voucher_url": booking.voucher_url if booking else None,
    }


def insert(db: sqlite3.Connection, seq: int, order_no: str, facts: dict[str, Any]) -> None:
    """The row of an order whose first entry is `seq`."""
    values = [facts[name] for name in (*ORDER_COLUMNS, *STATUS_COLUMNS)]
    db.execute(INSERT, (seq, order_no, *values))


def update(db: sqlite3.Connection, order_no: str, facts: dict[str, Any]) -> None:
    """The row of an order after another step."""
    db.execute(UPDATE, (*(facts[name] for name in STATUS_COLUMNS), order_no))


def computed(entries: Iterable[Entry]) -> dict[str, Row]:
    """Every order's row by its number, as the log has it."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.kind == Kind.STEP and entry.order_no is not None:
            row = rows.setdefault(entry.order_no, {"seq": entry.seq, "order_no": entry.order_no})
            row.update(entry.facts())
    return {number: tuple(row.get(name) for name in COLUMNS) for number, row in rows.items()}


def rebuild(db: sqlite3.Connection) -> None:
    """Make the table of orders again from the log, in one transaction. Raises sqlite3.Error."""
    with transaction(db):
        db.execute("DELETE FROM orders")
        steps = db.execute(
            "SELECT seq, order_no, body FROM log WHERE kind = ? ORDER BY seq", (Kind.STEP,)
        )
        for seq, order_no, body in steps:
            facts = json.loads(body)
            if facts["before"] is None:
                insert(db, seq, order_no, facts)
            else:
                update(db, order_no, facts)


def record_of(row: sqlite3.Row) -> OrderRecord:
    """A row of the table as the terminal's own data."""
    booking = None
    if row["acceptance_no"]:
        booked_at = datetime.fromisoformat(row["booked_at"])
        booking = Booking(row["acceptance_no"], booked_at, row["voucher_url"])
    status = PaymentStatus(
        order_no=row["order_no"],
        out_trade_no=row["out_trade_no"],
        attempt=row["attempt"],
        state=PayState(row["state"]),
        channel=Channel(row["channel"]) if row["channel"] else None,
        transaction_id=row["transaction_id"],
        reason=row["reason"],
        booking=booking,
    )
    return OrderRecord(Order(**{name: row[name] for name in ORDER_COLUMNS}), status)


def transition_of(entry: Entry) -> Transition:
    """An entry of kind STEP as a payment's step."""
    facts = entry.facts()
    return Transition(
        seq=entry.seq,
        attempt=facts["attempt"],
        out_trade_no=facts["out_trade_no"],
        before=PayState(facts["before"]) if facts["before"] else None,
        after=PayState(facts["state"]),
        cause=facts["cause"],
        at=entry.at,
        digest=facts["digest"],
        operator=facts.get("operator", ""),
        text=facts.get("text", ""),
    )
