"""医保: resident medical insurance: who owes the year, one bill for a family, its booking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, IntegrityError, Row
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from kiosk.masking import mask_id, mask_name
from kiosk.sandbox import medical_vouchers
from kiosk.sandbox.bookings import Bill, Cashbox, Charge, Effect, issue, take_bookings
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.documents import serve
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.open_bills import replace_open
from kiosk.sandbox.problems import Flaw, Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Token, Wire

DEPARTMENT = "medical"

RESIDENT = "resident"
"""The kind of its bills; their period is the year."""

OPTION = "ALL"
"""A family's bill is paid whole or not at all."""

YEARLY_FEN = 40_000
"""A resident's own share of one year (国家医保局 for 2025: 400 yuan)."""

AIDED_FEN = 20_000
"""What is left to pay for who is aided (half, rounded; towns differ)."""

SUBSIDY_FEN = 70_000
"""What the state adds a person and year (the same document: 700 yuan)."""

NEXT_YEAR_FROM_MONTH = 9
"""From September on the coming year is collected."""

MEMBERS_MOST = 8

SCHEMA = """
CREATE TABLE insured (
    id_number TEXT PRIMARY KEY REFERENCES citizens, kind TEXT NOT NULL, aided INTEGER NOT NULL,
    since TEXT NOT NULL);
CREATE TABLE insured_years (
    id_number TEXT NOT NULL REFERENCES insured, year INTEGER NOT NULL, bill_id TEXT NOT NULL,
    PRIMARY KEY (id_number, year));
CREATE TABLE covered (
    bill_id TEXT NOT NULL REFERENCES bills, place INTEGER NOT NULL,
    id_number TEXT NOT NULL REFERENCES insured, amount_fen INTEGER NOT NULL,
    PRIMARY KEY (bill_id, place));
"""
"""`insured_years` are paid, `bill_id` "" where it was elsewhere; `covered` is whom a bill is for."""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
router.include_router(medical_vouchers.router)

MemberStanding = Literal["due", "paid", "employee", "not_insured"]


class MemberQuery(Wire):
    """Somebody with a card asks whether a member of the family (or they themselves) owes the year."""

    person: Person
    member: Person


class Member(Wire):
    """How the year stands for one person; the amounts are 0 unless it is due."""

    year: int
    standing: MemberStanding
    amount_fen: int
    subsidy_fen: int


class FamilyOrder(Wire):
    """Who pays, and for whom."""

    person: Person
    members: list[Person] = Field(min_length=1, max_length=MEMBERS_MOST)


class BillQuery(Wire):
    """Somebody asks after a bill of their own."""

    person: Person
    bill_id: Token


class Covered(Wire):
    """One person whom a bill is for, masked."""

    name: str
    id_number: str
    amount_fen: int


class FamilyBill(Wire):
    """One bill for everybody chosen, in their order."""

    bill_id: str
    option: str
    year: int
    amount_fen: int
    members: list[Covered]


@router.post(
    "/members/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def member(here: Here, query: MemberQuery) -> Member:
    """Whether a person owes the year. Who is not known by number and name is not insured here."""
    year = _collected(here.now().date())
    with here.books.transaction() as db:
        _identified(db, query.person)
        standing = _standing(db, query.member, year)
        amount = _amount(db, query.member) if standing == "due" else 0
    return Member(
        year=year,
        standing=standing,
        amount_fen=amount,
        subsidy_fen=SUBSIDY_FEN if amount else 0,
    )


@router.post(
    "/bills",
    status_code=201,
    response_model=FamilyBill,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "member.paid",
        "member.not_insured", "member.twice", "bill.locked", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def family_bill(here: Here, key: Key, order: FamilyOrder) -> Response:
    """Make one bill for the members chosen; it takes the place of every open one of theirs."""
    return once(here, key, order, lambda db: _make(db, here, order), 201)


@router.post(
    "/bills/queries",
    responses=refuses("proof.card_required", "person.unknown", "bill.unknown", "request.invalid"),
)
def own_bill(here: Here, query: BillQuery) -> FamilyBill:
    """A bill again, for who made it."""
    with here.books.transaction() as db:
        _identified(db, query.person)
        found = db.execute(
            "SELECT bill_id FROM bills WHERE bill_id = ? AND department = ? AND kind = ?"
            " AND id_number = ?",
            (query.bill_id, DEPARTMENT, RESIDENT, query.person.id_number),
        ).fetchone()
        if found is None:
            raise Problem("bill.unknown")
        return _as_answer(db, query.bill_id)


def _identified(db: Connection, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def _collected(today: date) -> int:
    """The year that is collected now."""
    return today.year + (today.month >= NEXT_YEAR_FROM_MONTH)


def _standing(db: Connection, member: Person, year: int) -> MemberStanding:
    try:
        known(db, member)
    except Problem:
        return "not_insured"
    row = db.execute("SELECT kind FROM insured WHERE id_number = ?", (member.id_number,)).fetchone()
    if row is None:
        return "not_insured"
    if row["kind"] != RESIDENT:
        return "employee"
    paid = db.execute(
        "SELECT 1 FROM insured_years WHERE id_number = ? AND year = ?", (member.id_number, year)
    ).fetchone()
    return "paid" if paid else "due"


def _amount(db: Connection, member: Person) -> int:
    aided = "SELECT aided FROM insured WHERE id_number = ?"
    return AIDED_FEN if db.execute(aided, (member.id_number,)).fetchone()["aided"] else YEARLY_FEN


def _make(db: Connection, here: Window, order: FamilyOrder) -> FamilyBill:
    _identified(db, order.person)
    year = _collected(here.now().date())
    _refuse_members(db, order.members, year)
    numbers = [member.id_number for member in order.members]
    others = _open_bills(db, numbers, year)
    for bill_id, payer in others:
        if payer == order.person.id_number and _covered(db, bill_id) == numbers:
            return _as_answer(db, bill_id)
    replace_open(db, here, [bill_id for bill_id, _ in others])
    bill = Bill(
        serial(db, "YB", here.now()),
        DEPARTMENT,
        RESIDENT,
        order.person.id_number,
        str(year),
        f"城乡居民基本医疗保险 {year} · {len(numbers)} 人",
    )
    amounts = [_amount(db, member) for member in order.members]
    issue(db, bill, [Charge(OPTION, sum(amounts))])
    for place, (number, amount) in enumerate(zip(numbers, amounts, strict=True), start=1):
        row = (bill.bill_id, place, number, amount)
        db.execute("INSERT INTO covered VALUES (?, ?, ?, ?)", row)
    return _as_answer(db, bill.bill_id)


def _refuse_members(db: Connection, members: Sequence[Person], year: int) -> None:
    """Each member must owe the year, and stand in the list once; the refusal names the place."""
    seen: set[str] = set()
    for place, member in enumerate(members, start=1):
        where = Flaw(where=f"members.{place}", what=mask_name(member.name))
        if member.id_number in seen:
            raise Problem("member.twice", flaws=[where])
        seen.add(member.id_number)
        standing = _standing(db, member, year)
        if standing == "paid":
            raise Problem("member.paid", flaws=[where])
        if standing != "due":
            raise Problem("member.not_insured", flaws=[where])


def _open_bills(db: Connection, numbers: Sequence[str], year: int) -> list[tuple[str, str]]:
    """The open bills of the year in which one of them is covered, with who made them."""
    places = ", ".join("?" * len(numbers))
    rows = db.execute(
        "SELECT DISTINCT bills.bill_id, bills.id_number FROM bills JOIN covered USING (bill_id)"
        f" WHERE covered.id_number IN ({places}) AND period = ? AND NOT closed AND bill_id NOT IN"
        " (SELECT bill_id FROM bookings WHERE withdrawn_at = '') ORDER BY bills.bill_id",
        (*numbers, str(year)),
    ).fetchall()
    return [(row["bill_id"], row["id_number"]) for row in rows]


def _covered(db: Connection, bill_id: str) -> list[str]:
    rows = db.execute("SELECT id_number FROM covered WHERE bill_id = ? ORDER BY place", (bill_id,))
    return [row["id_number"] for row in rows]


def _as_answer(db: Connection, bill_id: str) -> FamilyBill:
    bill = db.execute("SELECT * FROM bills WHERE bill_id = ?", (bill_id,)).fetchone()
    rows = db.execute(
        "SELECT citizens.name, covered.id_number, amount_fen FROM covered JOIN citizens"
        " USING (id_number) WHERE bill_id = ? ORDER BY place",
        (bill_id,),
    ).fetchall()
    members = [
        Covered(
            name=mask_name(row["name"]),
            id_number=mask_id(row["id_number"]),
            amount_fen=row["amount_fen"],
        )
        for row in rows
    ]
    return FamilyBill(
        bill_id=bill_id,
        option=OPTION,
        year=int(bill["period"]),
        amount_fen=sum(row["amount_fen"] for row in rows),
        members=members,
    )


def _booked(db: Connection, _here: Window, bill: Row) -> str:
    """The year is paid for everybody covered, or for nobody."""
    paid = [(n, int(bill["period"]), bill["bill_id"]) for n in _covered(db, bill["bill_id"])]
    try:
        db.executemany("INSERT INTO insured_years VALUES (?, ?, ?)", paid)
    except IntegrityError:
        raise Problem("bill.closed") from None
    return ""


def _withdrawn(db: Connection, bill: Row, _before: str) -> None:
    db.execute("DELETE FROM insured_years WHERE bill_id = ?", (bill["bill_id"],))


take_bookings(router, Cashbox(DEPARTMENT, "YB", {RESIDENT: Effect(_booked, _withdrawn)}))
serve(router, DEPARTMENT)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Two of three at home are insured as residents, the others as employees; every fifth resident has
    paid already, every ninth is aided. Guests and every sixteenth are not insured here."""
    year = _collected(today)
    for citizen in citizens:
        if not citizen.at_home or citizen.place % 16 == 6:
            continue
        kind = "employee" if citizen.place % 3 == 1 else RESIDENT
        since = f"{2012 + citizen.place % 9}-01"
        row = (citizen.number, kind, int(citizen.place % 9 == 4), since)
        db.execute("INSERT INTO insured VALUES (?, ?, ?, ?)", row)
        paid_until = year if citizen.place % 5 == 3 else year - 1
        for paid in (paid_until - 1, paid_until):
            db.execute("INSERT INTO insured_years VALUES (?, ?, '')", (citizen.number, paid))
