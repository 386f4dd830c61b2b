"""The payment gateway's books: what may happen to a trade, and when (PAYMENTS.md, docs/API.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from kiosk.sandbox.books import new_token, serial
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire import ChannelName

CONFIRM_WITHIN_S = 45.0
"""How long the citizen may take to confirm a payment on the phone (docs/API.md)."""

LIVE = ("NOTPAY", "USERPAYING")

CHANNEL_PATTERNS: dict[ChannelName, re.Pattern[str]] = {
    "wechat": re.compile("1[0-5][0-9]{16}"),
    "alipay": re.compile("(2[5-9]|30)[0-9]{14,22}"),
    "unionpay": re.compile("62[0-9]{17}"),
}
"""Payment codes by channel (PAYMENTS.md)."""

TRANSACTION_PREFIXES: dict[str, str] = {"wechat": "42000", "alipay": "22001", "unionpay": "97001"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a trade is about."""

    out_trade_no: str
    department: str
    bill_id: str
    option: str
    amount_fen: int
    subject: str


def channel_of(auth_code: str) -> ChannelName:
    """Whose payment code this is.

    Raises:
        Problem: auth_code.invalid, nobody's.
    """
    for channel, pattern in CHANNEL_PATTERNS.items():
        if pattern.fullmatch(auth_code):
            return channel
    raise Problem("auth_code.invalid")


def settle(db: Connection, now: datetime) -> None:
    """Let the gateway's clock do its work: shown codes run out, confirmations fail to come."""
    at = now.timestamp()
    db.execute(
        "UPDATE trades SET state = 'CLOSED', reason = 'expired' "
        "WHERE state = 'NOTPAY' AND deadline <= ?",
        (at,),
    )
    db.execute(
        "UPDATE trades SET state = 'FAILED', reason = 'not_confirmed' "
        "WHERE state = 'USERPAYING' AND deadline <= ?",
        (at,),
    )


def find(db: Connection, out_trade_no: str) -> Row:
    """The trade.

    Raises:
        Problem: order.not_found.
    """
    row: Row | None = db.execute(
        "SELECT * FROM trades WHERE out_trade_no = ?", (out_trade_no,)
    ).fetchone()
    if row is None:
        raise Problem("order.not_found")
    return row


def _refuse_used_number(db: Connection, out_trade_no: str) -> None:
    row = db.execute("SELECT state FROM trades WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    if row is not None:
        raise Problem("order.closed" if row["state"] == "CLOSED" else "order.exists")


def _refuse_bill(db: Connection, terms: Terms) -> None:
    """A bill must exist, be unpaid, free of live attempts, and offer this amount."""
    bill = db.execute(
        "SELECT bill_id FROM bills WHERE department = ? AND bill_id = ?",
        (terms.department, terms.bill_id),
    ).fetchone()
    if bill is None:
        raise Problem("bill.unknown")
    states = {
        row["state"]
        for row in db.execute(
            "SELECT state FROM trades WHERE department = ? AND bill_id = ?",
            (terms.department, terms.bill_id),
        )
    }
    if "SUCCESS" in states:
        raise Problem("bill.paid")
    if states.intersection(LIVE):
        raise Problem("bill.locked")
    tier = db.execute(
        "SELECT amount_fen FROM tiers WHERE bill_id = ? AND tier_id = ?",
        (terms.bill_id, terms.option),
    ).fetchone()
    if tier is None or tier["amount_fen"] != terms.amount_fen:
        raise Problem("amount.mismatch")


def open_trade(db: Connection, terms: Terms, now: datetime, valid_s: int | None) -> Row:
    """A new live attempt, or the refusal that the rules ask for.

    `valid_s` None is a charge of a payment code; otherwise a code to be shown that long.

    Raises:
        Problem: order.closed, order.exists, bill.unknown, bill.paid, bill.locked, amount.mismatch.
    """
    settle(db, now)
    _refuse_used_number(db, terms.out_trade_no)
    _refuse_bill(db, terms)
    wait_s = CONFIRM_WITHIN_S if valid_s is None else valid_s
    db.execute(
        "INSERT INTO trades VALUES (?, ?, ?, ?, ?, ?, ?, NULL, '', ?, '', '', ?, ?)",
        (
            terms.out_trade_no,
            "USERPAYING" if valid_s is None else "NOTPAY",
            terms.department,
            terms.bill_id,
            terms.option,
            terms.amount_fen,
            terms.subject,
            None if valid_s is None else new_token(),
            now.timestamp() + wait_s,
            now.isoformat(),
        ),
    )
    return find(db, terms.out_trade_no)


def use_auth_code(db: Connection, auth_code: str) -> str:
    """How this payment code behaves, now that it is used: one that was used before is "code_used"."""
    row = db.execute("SELECT * FROM auth_codes WHERE code = ?", (auth_code,)).fetchone()
    if row is None:
        db.execute("INSERT INTO auth_codes VALUES (?, 'ok', 1)", (auth_code,))
        return "ok"
    db.execute("UPDATE auth_codes SET used = 1 WHERE code = ?", (auth_code,))
    return "code_used" if row["used"] else str(row["behaviour"])


def charge(db: Connection, trade: Row, auth_code: str, now: datetime) -> Row:
    """Charge a payment code for an open trade: paid, to be confirmed, or failed for a reason."""
    channel = channel_of(auth_code)
    number = trade["out_trade_no"]
    behaviour = use_auth_code(db, auth_code)
    db.execute("UPDATE trades SET channel = ? WHERE out_trade_no = ?", (channel, number))
    if behaviour == "ok":
        return succeed(db, number, channel, now)
    if behaviour == "confirm":
        return find(db, number)
    return fail(db, number, behaviour)


def succeed(db: Connection, out_trade_no: str, channel: str, now: datetime) -> Row:
    """The money has moved."""
    transaction_id = serial(db, TRANSACTION_PREFIXES[channel], now)
    db.execute(
        "UPDATE trades SET state = 'SUCCESS', channel = ?, transaction_id = ?, deadline = NULL "
        "WHERE out_trade_no = ?",
        (channel, transaction_id, out_trade_no),
    )
    return find(db, out_trade_no)


def fail(db: Connection, out_trade_no: str, reason: str) -> Row:
    """No money will move; the bill is free for another attempt."""
    db.execute(
        "UPDATE trades SET state = 'FAILED', reason = ?, deadline = NULL WHERE out_trade_no = ?",
        (reason, out_trade_no),
    )
    return find(db, out_trade_no)


def close(db: Connection, out_trade_no: str, now: datetime) -> Row:
    """Make a number unpayable for ever, also one never seen; a paid one stays paid."""
    settle(db, now)
    db.execute(
        "INSERT INTO trades VALUES (?, 'CLOSED', NULL, NULL, NULL, 0, '', NULL, '', NULL, '', "
        "'closed', NULL, ?) ON CONFLICT (out_trade_no) DO UPDATE SET state = 'CLOSED', "
        "reason = CASE reason WHEN '' THEN 'closed' ELSE reason END, deadline = NULL "
        "WHERE state <> 'SUCCESS'",
        (out_trade_no, now.isoformat()),
    )
    return find(db, out_trade_no)


def pay_shown(db: Connection, out_trade_no: str, channel: str, now: datetime) -> Row:
    """The citizen pays the shown code on the phone.

    Raises:
        Problem: order.not_found, order.not_payable.
    """
    settle(db, now)
    if find(db, out_trade_no)["state"] != "NOTPAY":
        raise Problem("order.not_payable")
    return succeed(db, out_trade_no, channel, now)


def confirm(db: Connection, out_trade_no: str, accept: bool, now: datetime) -> Row:
    """The citizen confirms or declines on the phone.

    Raises:
        Problem: order.not_found, order.not_payable.
    """
    settle(db, now)
    trade = find(db, out_trade_no)
    if trade["state"] != "USERPAYING":
        raise Problem("order.not_payable")
    if accept:
        return succeed(db, out_trade_no, trade["channel"], now)
    return fail(db, out_trade_no, "not_confirmed")


def is_paid_for(db: Connection, terms: Terms, transaction_id: str) -> bool:
    """Whether the gateway knows this very trade as paid, for this bill, option and amount."""
    row = db.execute(
        "SELECT 1 FROM trades WHERE state = 'SUCCESS' AND out_trade_no = ? AND department = ? "
        "AND bill_id = ? AND option = ? AND amount_fen = ? AND transaction_id = ?",
        (
            terms.out_trade_no,
            terms.department,
            terms.bill_id,
            terms.option,
            terms.amount_fen,
            transaction_id,
        ),
    ).fetchone()
    return row is not None
