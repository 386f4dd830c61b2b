"""The payment gateway's books: what may happen to a trade, and when (PAYMENTS.md, docs/API.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from kiosk.sandbox.arranged import arranged
from kiosk.sandbox.books import new_token, serial
from kiosk.sandbox.movements import moved
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import CHINA
from kiosk.sandbox.wire import ChannelName

CONFIRM_WITHIN_S: dict[ChannelName, float] = {"wechat": 45.0, "alipay": 90.0, "unionpay": 45.0}
"""How long the citizen may take to confirm a payment on the phone (docs/API.md): half as long again as
a terminal asks after it (PAYMENTS.md, UNKNOWN), so that a reversal can meet one that is still confirmed."""

LIVE = ("NOTPAY", "USERPAYING")

OVER = ("CLOSED", "REVOKED", "REFUND")
"""Nothing can be charged under this number any more."""

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
    """Let the gateway's clock do its work: who promised to pay pays, then what was not paid runs out."""
    at = now.timestamp()
    promised = db.execute(
        "SELECT out_trade_no, channel, pay_at FROM trades WHERE state IN ('NOTPAY', 'USERPAYING') "
        "AND pay_at <= min(?, coalesce(deadline, ?)) ORDER BY pay_at, rowid",
        (at, at),
    ).fetchall()
    for trade in promised:
        then = datetime.fromtimestamp(trade["pay_at"], CHINA)
        succeed(db, trade["out_trade_no"], trade["channel"], then)
    for state, ended, reason in (
        ("NOTPAY", "CLOSED", "expired"),
        ("USERPAYING", "FAILED", "not_confirmed"),
    ):
        db.execute(
            "UPDATE trades SET state = ?, reason = ?, pay_at = NULL, deadline = NULL "
            "WHERE state = ? AND deadline <= ?",
            (ended, reason, state, at),
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


def being_refunded(db: Connection, out_trade_no: str) -> bool:
    """Whether the money of this trade is on its way back, or is back."""
    row = db.execute(
        "SELECT 1 FROM refunds WHERE out_trade_no = ? AND state <> 'FAILED'", (out_trade_no,)
    ).fetchone()
    return row is not None


def _refuse_used_number(db: Connection, out_trade_no: str) -> None:
    row = db.execute("SELECT state FROM trades WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    if row is not None:
        raise Problem("order.closed" if row["state"] in OVER else "order.exists")


def _refuse_bill(db: Connection, terms: Terms) -> None:
    """A bill must exist, be unpaid, free of live attempts, and offer this amount. Whether its department
    has closed it meanwhile, the gateway does not know."""
    bill = db.execute(
        "SELECT bill_id FROM bills WHERE department = ? AND bill_id = ?",
        (terms.department, terms.bill_id),
    ).fetchone()
    if bill is None:
        raise Problem("bill.unknown")
    for trade in db.execute(
        "SELECT out_trade_no, state FROM trades WHERE department = ? AND bill_id = ?",
        (terms.department, terms.bill_id),
    ).fetchall():
        if trade["state"] == "SUCCESS" and not being_refunded(db, trade["out_trade_no"]):
            raise Problem("bill.paid")
        if trade["state"] in (*LIVE, "SUCCESS"):
            raise Problem("bill.locked")
    tier = db.execute(
        "SELECT amount_fen FROM tiers WHERE bill_id = ? AND tier_id = ?",
        (terms.bill_id, terms.option),
    ).fetchone()
    if tier is None or tier["amount_fen"] != terms.amount_fen:
        raise Problem("amount.mismatch")


def open_shown(
    db: Connection, terms: Terms, now: datetime, valid_s: int, terminal: str = ""
) -> Row:
    """A new live attempt with a code to be shown for `valid_s`, or the refusal that the rules ask for.

    Raises:
        Problem: order.closed, order.exists, bill.unknown, bill.paid, bill.locked, amount.mismatch.
    """
    _open(db, terms, now, "NOTPAY", valid_s, terminal)
    token = new_token()
    db.execute(
        "UPDATE trades SET pay_token = ? WHERE out_trade_no = ?", (token, terms.out_trade_no)
    )
    return find(db, terms.out_trade_no)


def charge(db: Connection, terms: Terms, auth_code: str, now: datetime, terminal: str = "") -> Row:
    """A new attempt by a payment code: paid, to be confirmed, or failed for a reason.

    Raises:
        Problem: auth_code.invalid, and as `open_shown`.
    """
    channel = channel_of(auth_code)
    number = terms.out_trade_no
    _open(db, terms, now, "USERPAYING", CONFIRM_WITHIN_S[channel], terminal)
    db.execute("UPDATE trades SET channel = ? WHERE out_trade_no = ?", (channel, number))
    behaviour, confirm_s = _use_auth_code(db, auth_code)
    if behaviour == "ok":
        return succeed(db, number, channel, now)
    if behaviour != "confirm":
        return fail(db, number, behaviour)
    if confirm_s is not None:
        promise(db, number, channel, now.timestamp() + confirm_s)
    return find(db, number)


def _open(
    db: Connection, terms: Terms, now: datetime, state: str, wait_s: float, terminal: str
) -> None:
    settle(db, now)
    _refuse_used_number(db, terms.out_trade_no)
    _refuse_bill(db, terms)
    db.execute(
        "INSERT INTO trades (out_trade_no, state, department, bill_id, option, amount_fen, subject, "
        "deadline, opened_at, terminal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            terms.out_trade_no,
            state,
            terms.department,
            terms.bill_id,
            terms.option,
            terms.amount_fen,
            terms.subject,
            now.timestamp() + wait_s,
            now.isoformat(),
            terminal,
        ),
    )


def _use_auth_code(db: Connection, auth_code: str) -> tuple[str, float | None]:
    """How this payment code behaves, now that it is used: one that was used before is "code_used"."""
    row = db.execute("SELECT * FROM auth_codes WHERE code = ?", (auth_code,)).fetchone()
    if row is None:
        db.execute("INSERT INTO auth_codes VALUES (?, 'ok', NULL, 1)", (auth_code,))
        return "ok", None
    db.execute("UPDATE auth_codes SET used = 1 WHERE code = ?", (auth_code,))
    return "code_used" if row["used"] else str(row["behaviour"]), row["confirm_s"]


def promise(db: Connection, out_trade_no: str, channel: str, at: float) -> None:
    """The citizen will have paid at `at`, a time on the gateway's clock, if the trade lives then."""
    db.execute(
        "UPDATE trades SET channel = ?, pay_at = ? WHERE out_trade_no = ?",
        (channel, at, out_trade_no),
    )


def succeed(db: Connection, out_trade_no: str, channel: str, now: datetime) -> Row:
    """The money has moved."""
    transaction_id = serial(db, TRANSACTION_PREFIXES[channel], now)
    db.execute(
        "UPDATE trades SET state = 'SUCCESS', channel = ?, transaction_id = ?, deadline = NULL, "
        "pay_at = NULL, paid_at = ? WHERE out_trade_no = ?",
        (channel, transaction_id, now.isoformat(), out_trade_no),
    )
    trade = find(db, out_trade_no)
    moved(db, "payment", trade, now)
    return trade


def fail(db: Connection, out_trade_no: str, reason: str) -> Row:
    """No money will move; the bill is free for another attempt."""
    db.execute(
        "UPDATE trades SET state = 'FAILED', reason = ?, deadline = NULL, pay_at = NULL "
        "WHERE out_trade_no = ?",
        (reason, out_trade_no),
    )
    return find(db, out_trade_no)


def race(db: Connection, at: str, out_trade_no: str, now: datetime) -> None:
    """Where it is so arranged, the citizen pays at the very moment of a query, a close or a reversal."""
    live = db.execute(
        "SELECT channel FROM trades WHERE out_trade_no = ? AND state IN ('NOTPAY', 'USERPAYING')",
        (out_trade_no,),
    ).fetchone()
    if live is not None and (how := arranged(db, f"race.{at}")) is not None:
        succeed(db, out_trade_no, live["channel"] or how.how, now)


def close(db: Connection, out_trade_no: str, now: datetime) -> Row:
    """Make a number unpayable for ever, also one never seen; where money moved it stays as it is."""
    settle(db, now)
    race(db, "close", out_trade_no, now)
    db.execute(
        "INSERT INTO trades (out_trade_no, state, reason, opened_at) VALUES (?, 'CLOSED', 'closed', ?) "
        "ON CONFLICT (out_trade_no) DO UPDATE SET state = 'CLOSED', deadline = NULL, pay_at = NULL, "
        "reason = CASE reason WHEN '' THEN 'closed' ELSE reason END "
        "WHERE state IN ('NOTPAY', 'USERPAYING', 'FAILED')",
        (out_trade_no, now.isoformat()),
    )
    return find(db, out_trade_no)


def pay_shown(
    db: Connection, out_trade_no: str, channel: str, now: datetime, after_s: float = 0.0
) -> Row:
    """The citizen pays the shown code on the phone, now or in a while.

    Raises:
        Problem: order.not_found, order.not_payable.
    """
    settle(db, now)
    if find(db, out_trade_no)["state"] != "NOTPAY":
        raise Problem("order.not_payable")
    if not after_s:
        return succeed(db, out_trade_no, channel, now)
    promise(db, out_trade_no, channel, now.timestamp() + after_s)
    return find(db, out_trade_no)


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
    """Whether the gateway holds the money of this very trade, for this bill, option and amount."""
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
    return row is not None and not being_refunded(db, terms.out_trade_no)
