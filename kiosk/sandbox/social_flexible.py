"""灵活就业: the months that a person owes, the tiers of the base, and the bill of what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from kiosk.sandbox.bookings import Bill, Charge, Effect, issue
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.open_bills import replace_open
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.social_years import credit_months, owed_months
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, PersonQuery, Wire

DEPARTMENT = "social-insurance"

KIND = "flexible"
"""The kind of its bills; their period is "first month/last month"."""

SCHEMA = """
CREATE TABLE flexible (
    id_number TEXT PRIMARY KEY REFERENCES citizens, paid_until TEXT NOT NULL);
CREATE TABLE flexible_months (
    id_number TEXT NOT NULL REFERENCES flexible, month TEXT NOT NULL, bill_id TEXT NOT NULL,
    PRIMARY KEY (id_number, month));
"""
"""`paid_until` is as enrolled; what was paid here since stands by month and bill."""

AVERAGE_WAGE_FEN = 750_000
"""The province's average monthly wage, from which the tiers are reckoned (rounded)."""

RATE_PERCENT = 20
"""Flexible workers pay 20 % of the base (国发〔2005〕38号)."""

PERCENTS = (60, 80, 100, 150, 200, 250, 300)
"""Tiers of the base, in percent of the average wage: 60 to 300 (国办发〔2019〕13号, 三)."""

TierName = Literal["B60", "B80", "B100", "B150", "B200", "B250", "B300"]

MONTHS_MOST = 24
"""Months of one bill: what is owed for longer is settled at a window."""

router = APIRouter()

Month = Annotated[str, StringConstraints(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class FlexibleTier(Wire):
    """One tier of the base and what a month costs in it."""

    id: str
    percent: int
    monthly_fen: int


class DueMonth(Wire):
    """One month that is not paid."""

    month: str


class FlexibleDue(Wire):
    """What a person may pay now, oldest month first; `paid_until` "" for who is not enrolled."""

    enrolled: bool
    paid_until: str
    months: list[DueMonth]
    tiers: list[FlexibleTier]


class FlexibleOrder(Wire):
    """The months to pay, from the oldest that is due, and the tier of all of them."""

    person: Person
    months: list[Month] = Field(min_length=1, max_length=MONTHS_MOST)
    tier: TierName


class FlexibleBill(Wire):
    """One bill for the months chosen."""

    bill_id: str
    option: str
    first: str
    last: str
    months: int
    percent: int
    amount_fen: int


@router.post("/flexible/queries", responses=refuses("person.unknown", "request.invalid"))
def flexible_due(here: Here, query: PersonQuery) -> FlexibleDue:
    """The months that a flexible worker owes, with the tiers of the base."""
    number = query.person.id_number
    with here.books.transaction() as db:
        known(db, query.person)
        months = _due(db, number, here.now().date())
    if months is None:
        return FlexibleDue(enrolled=False, paid_until="", months=[], tiers=[])
    today = f"{here.now():%Y-%m}"
    tiers = [
        FlexibleTier(id=f"B{percent}", percent=percent, monthly_fen=_monthly(percent))
        for percent in PERCENTS
    ]
    return FlexibleDue(
        enrolled=True,
        paid_until=_month(_count(months[0]) - 1) if months else today,
        months=[DueMonth(month=month) for month in months],
        tiers=tiers if months else [],
    )


@router.post(
    "/flexible/bills",
    status_code=201,
    response_model=FlexibleBill,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "flexible.not_enrolled",
        "months.gap", "bill.locked", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def flexible_bill(here: Here, key: Key, order: FlexibleOrder) -> Response:
    """Make the bill of the months and the tier chosen; it takes the place of one that is open."""
    return once(here, key, order, lambda db: _make(db, here, order), 201)


def _make(db: Connection, here: Window, order: FlexibleOrder) -> FlexibleBill:
    if order.person.proof != "card":
        raise Problem("proof.card_required")
    known(db, order.person)
    due = _due(db, order.person.id_number, here.now().date())
    if due is None:
        raise Problem("flexible.not_enrolled")
    if order.months != due[: len(order.months)]:
        raise Problem("months.gap")
    first, last = order.months[0], order.months[-1]
    percent = int(order.tier[1:])
    bill_id = _issue(db, here, order.person.id_number, f"{first}/{last}", percent)
    return FlexibleBill(
        bill_id=bill_id,
        option=order.tier,
        first=first,
        last=last,
        months=len(order.months),
        percent=percent,
        amount_fen=_monthly(percent) * len(order.months),
    )


def _issue(db: Connection, here: Window, id_number: str, period: str, percent: int) -> str:
    """The open bill of just this, or a new one instead of the open one."""
    tier = f"B{percent}"
    open_bills = db.execute(
        "SELECT bills.bill_id, period, tier_id FROM bills JOIN tiers USING (bill_id)"
        " WHERE department = ? AND kind = ? AND id_number = ? AND NOT closed"
        " AND bill_id NOT IN (SELECT bill_id FROM bookings WHERE withdrawn_at = '')",
        (DEPARTMENT, KIND, id_number),
    ).fetchall()
    for row in open_bills:
        if (row["period"], row["tier_id"]) == (period, tier):
            return str(row["bill_id"])
    replace_open(db, here, [row["bill_id"] for row in open_bills])
    first, last = period.split("/")
    subject = f"灵活就业养老保险 {first} 至 {last} 基数 {percent}%"
    bill = Bill(serial(db, "LH", here.now()), DEPARTMENT, KIND, id_number, period, subject)
    return issue(db, bill, [Charge(tier, _monthly(percent) * len(_from_to(first, last)))])


def _booked(db: Connection, here: Window, bill: Row) -> str:
    """The months are paid; a bill of which one was paid otherwise can no longer be booked."""
    number, months = bill["id_number"], _from_to(*bill["period"].split("/"))
    due = _due(db, number, here.now().date())
    if due is None or months != due[: len(months)]:
        raise Problem("bill.closed")
    paid = [(number, month, bill["bill_id"]) for month in months]
    db.executemany("INSERT INTO flexible_months VALUES (?, ?, ?)", paid)
    credit_months(db, number, months, _monthly(_percent(db, bill)), 1)
    return ""


def _withdrawn(db: Connection, bill: Row, _before: str) -> None:
    months = _from_to(*bill["period"].split("/"))
    db.execute("DELETE FROM flexible_months WHERE bill_id = ?", (bill["bill_id"],))
    credit_months(db, bill["id_number"], months, _monthly(_percent(db, bill)), -1)


def _percent(db: Connection, bill: Row) -> int:
    tier = "SELECT tier_id FROM tiers WHERE bill_id = ?"
    return int(db.execute(tier, (bill["bill_id"],)).fetchone()["tier_id"][1:])


EFFECT = Effect(_booked, _withdrawn)


def _monthly(percent: int) -> int:
    return AVERAGE_WAGE_FEN * percent // 100 * RATE_PERCENT // 100


def _count(month: str) -> int:
    """Months since the year 0."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(count: int) -> str:
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def _from_to(first: str, last: str) -> list[str]:
    return [_month(count) for count in range(_count(first), _count(last) + 1)]


def _due(db: Connection, id_number: str, today: date) -> list[str] | None:
    """The unpaid months up to this one, the oldest first; None for who is not enrolled."""
    row = db.execute("SELECT paid_until FROM flexible WHERE id_number = ?", (id_number,)).fetchone()
    if row is None:
        return None
    paid = {
        found["month"]
        for found in db.execute(
            "SELECT month FROM flexible_months WHERE id_number = ?", (id_number,)
        )
    }
    owed = _from_to(_month(_count(row["paid_until"]) + 1), f"{today:%Y-%m}")
    return [month for month in owed if month not in paid][:MONTHS_MOST]


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enrol the flexible workers with what they owe."""
    this = _count(f"{today:%Y-%m}")
    for citizen in citizens:
        owed = owed_months(citizen, today)
        if owed is not None:
            row = (citizen.number, _month(this - owed))
            db.execute("INSERT INTO flexible VALUES (?, ?)", row)
