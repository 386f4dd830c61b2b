"""人社: the resident pension's bills and their booking; the rooms beside it have the other matters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Any

from fastapi import APIRouter

from kiosk.sandbox import (
    social_cards,
    social_flexible,
    social_pensions,
    social_records,
    social_years,
)
from kiosk.sandbox.bookings import Bill, Cashbox, Charge, Effect, issue, take_bookings
from kiosk.sandbox.citizens import Citizen, everybody, known
from kiosk.sandbox.documents import serve
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import PersonQuery, Wire

DEPARTMENT = "social-insurance"

ROOMS = (social_flexible, social_pensions, social_cards)
PARTS = (social_years, *ROOMS)

SCHEMA = "".join(part.SCHEMA for part in PARTS)

PENSION = "pension"
"""The kind of its bills."""

LADDERS: dict[str, tuple[tuple[str, int, int, int], ...]] = {
    "standard": (
        ("T300", 30000, 3000, 330),
        ("T500", 50000, 6000, 560),
        ("T1000", 100000, 8000, 1080),
        ("T3000", 300000, 9000, 3090),
        ("T5000", 500000, 9000, 5090),
    ),
    "supported": (("T100", 10000, 10000, 200), ("T300", 30000, 13000, 430)),
}
"""Tiers by ladder: id, amount, subsidy, monthly gain, in fen (Shandong's resident pension, rounded)."""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
for _room in (*ROOMS, social_records):
    router.include_router(_room.router)


class Tier(Wire):
    """One tier of a year's contribution."""

    id: str
    amount_fen: int
    subsidy_fen: int
    monthly_gain_fen: int


class PensionBill(Wire):
    """What a person may pay now; `bill_id` "" and no tiers where nothing is due."""

    bill_id: str
    year: int
    paid_until: int
    tiers: list[Tier]


@router.post("/pension/bill-queries", responses=refuses("person.unknown", "request.invalid"))
def pension_bill(here: Here, query: PersonQuery) -> PensionBill:
    """The open year of a person, with its tiers."""
    with here.books.transaction() as db:
        citizen = known(db, query.person)
        bill = db.execute(
            "SELECT bill_id, period FROM bills WHERE id_number = ? AND department = ? AND kind = ?"
            " AND NOT closed AND bill_id NOT IN"
            " (SELECT bill_id FROM bookings WHERE withdrawn_at = '') ORDER BY period",
            (query.person.id_number, DEPARTMENT, PENSION),
        ).fetchone()
        if bill is None:
            return PensionBill(
                bill_id="", year=here.now().year, paid_until=citizen["paid_until"], tiers=[]
            )
        rows = db.execute(
            "SELECT tier_id, amount_fen, subsidy_fen, monthly_gain_fen FROM tiers WHERE bill_id = ?"
            " ORDER BY amount_fen",
            (bill["bill_id"],),
        )
        tiers = [
            Tier(
                id=row["tier_id"],
                amount_fen=row["amount_fen"],
                subsidy_fen=row["subsidy_fen"],
                monthly_gain_fen=row["monthly_gain_fen"],
            )
            for row in rows
        ]
    return PensionBill(
        bill_id=bill["bill_id"],
        year=int(bill["period"]),
        paid_until=citizen["paid_until"],
        tiers=tiers,
    )


def _booked(db: Connection, here: Window, bill: Row) -> str:
    """The year is paid; until when it was before, so that it can be undone."""
    number = bill["id_number"]
    before = db.execute("SELECT paid_until FROM citizens WHERE id_number = ?", (number,)).fetchone()
    db.execute(
        "UPDATE citizens SET paid_until = ? WHERE id_number = ?", (int(bill["period"]), number)
    )
    return str(before["paid_until"])


def _withdrawn(db: Connection, bill: Row, before: str) -> None:
    db.execute(
        "UPDATE citizens SET paid_until = ? WHERE id_number = ?", (int(before), bill["id_number"])
    )


EFFECTS = {PENSION: Effect(_booked, _withdrawn), social_flexible.KIND: social_flexible.EFFECT}

take_bookings(router, Cashbox(DEPARTMENT, "SI", EFFECTS))
serve(router, DEPARTMENT)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Issue the open year to everybody who owes it, and fill the rooms."""
    for part in PARTS:
        part.seed(db, citizens, today)
    for citizen in citizens:
        row = db.execute(
            "SELECT paid_until, ladder FROM citizens WHERE id_number = ?", (citizen.number,)
        ).fetchone()
        if citizen.at_home and row["paid_until"] < today.year:
            _issue(db, citizen.place, citizen.number, today.year, row["ladder"])


def _issue(db: Connection, place: int, id_number: str, year: int, ladder: str) -> str:
    charges = [Charge(*tier) for tier in LADDERS[ladder]]
    bill_id = f"SI{year}{place + 1:06d}"
    subject = f"城乡居民基本养老保险 {year}"
    return issue(db, Bill(bill_id, DEPARTMENT, PENSION, id_number, str(year), subject), charges)


def further_bills(db: Connection, count: int) -> list[dict[str, Any]]:
    """So many more bills of the citizens, a year after the last for each in turn; each with its first
    tier (bill_id, tier_id, amount_fen)."""
    last = db.execute("SELECT max(period) FROM bills WHERE kind = ?", (PENSION,)).fetchone()[0]
    ladder = "standard"
    tier, amount, *_ = LADDERS[ladder][0]
    numbers = [citizen.number for citizen in everybody() if citizen.at_home]
    fresh = []
    for nth in range(count):
        year, place = divmod(nth, len(numbers))
        bill_id = _issue(db, place, numbers[place], int(last) + 1 + year, ladder)
        fresh.append({"bill_id": bill_id, "tier_id": tier, "amount_fen": amount})
    return fresh
