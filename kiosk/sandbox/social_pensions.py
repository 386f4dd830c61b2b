"""养老金: the pensions paid out, and the yearly proof of life that they are paid on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from sqlite3 import Connection, Row

from fastapi import APIRouter, Response

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.proofs import require_second_proof
from kiosk.sandbox.social_years import identified, yuan
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Day, Person, PersonQuery, Wire

LONGEST_PERIOD_DAYS = 366

PENSIONER_SINCE_AGE = 60

PENSION_MONTHS = 26
"""Seeded back from this month: two years and a little."""

PAY_DAY = 12
"""Day of the month on which pensions are paid out."""

SCHEMA = """
CREATE TABLE pensions (
    id_number TEXT NOT NULL REFERENCES citizens, month TEXT NOT NULL, paid_on TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, account TEXT NOT NULL, PRIMARY KEY (id_number, month));
CREATE TABLE qualifications (
    id_number TEXT NOT NULL REFERENCES citizens, year INTEGER NOT NULL,
    qualification_no TEXT NOT NULL, certified_on TEXT NOT NULL, PRIMARY KEY (id_number, year));
"""

router = APIRouter()


class PensionQuery(Wire):
    """A person's question about the pensions paid out in a period, both days included."""

    person: Person
    since: Day
    until: Day


class PensionPayment(Wire):
    """One month's pension and the account that it went to, masked."""

    month: str
    paid_on: str
    amount_fen: int
    account: str


class PensionRecord(Wire):
    """The pensions of a period, newest first; the last one's day and account."""

    query_no: str
    queried_at: str
    total_fen: int
    last_paid_on: str | None
    account: str
    payments: list[PensionPayment]
    take_away_url: str


class Qualification(Wire):
    """This year's proof of life: who gets a pension, and when it was given; "" while it is not."""

    pensioner: bool
    year: int
    qualification_no: str
    certified_on: str
    valid_until: str


@router.post(
    "/pension/payments/queries",
    responses=refuses("proof.card_required", "person.unknown", "period.invalid", "request.invalid"),
)
def pension_payments(here: Here, query: PensionQuery) -> PensionRecord:
    """The pensions paid out to a person in a period."""
    if not 1 <= (query.until - query.since).days + 1 <= LONGEST_PERIOD_DAYS:
        raise Problem("period.invalid")
    with here.books.transaction() as db:
        identified(db, query.person)
        rows = db.execute(
            "SELECT * FROM pensions WHERE id_number = ? AND paid_on BETWEEN ? AND ?"
            " ORDER BY paid_on DESC",
            (query.person.id_number, query.since.isoformat(), query.until.isoformat()),
        ).fetchall()
        number = serial(db, "FFJL", here.now())
        total = sum(row["amount_fen"] for row in rows)
        summary = [("查询编号", number), ("合计", yuan(total))]
        summary += [(row["month"], yuan(row["amount_fen"])) for row in rows]
        url = pages.publish(db, here, "养老金发放记录", summary)
    names = PensionPayment.model_fields
    return PensionRecord(
        query_no=number,
        queried_at=here.now().isoformat(),
        total_fen=total,
        last_paid_on=rows[0]["paid_on"] if rows else None,
        account=rows[0]["account"] if rows else "",
        payments=[PensionPayment(**{name: row[name] for name in names}) for row in rows],
        take_away_url=url,
    )


@router.post(
    "/qualifications/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def qualification(here: Here, query: PersonQuery) -> Qualification:
    """How this year's proof of life of a person stands."""
    with here.books.transaction() as db:
        identified(db, query.person)
        return _standing(db, here, query.person)


@router.post(
    "/qualifications",
    status_code=201,
    response_model=Qualification,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "proof.second_required", "person.unknown",
        "pension.none", "qualification.done", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def qualify(here: Here, key: Key, query: PersonQuery) -> Response:
    """Enter this year's proof of life, once."""
    return once(here, key, query, lambda db: _qualify(db, here, query.person), 201)


def _qualify(db: Connection, here: Window, person: Person) -> Qualification:
    identified(db, person)
    require_second_proof(db, here, person)
    standing = _standing(db, here, person)
    if not standing.pensioner:
        raise Problem("pension.none")
    if standing.certified_on:
        raise Problem("qualification.done")
    now = here.now()
    row = (person.id_number, now.year, serial(db, "RZ", now), now.date().isoformat())
    db.execute("INSERT INTO qualifications VALUES (?, ?, ?, ?)", row)
    return _standing(db, here, person)


def _standing(db: Connection, here: Window, person: Person) -> Qualification:
    year = here.now().year
    number = person.id_number
    pays = db.execute("SELECT 1 FROM pensions WHERE id_number = ?", (number,)).fetchone()
    row: Row | None = db.execute(
        "SELECT * FROM qualifications WHERE id_number = ? AND year = ?", (number, year)
    ).fetchone()
    return Qualification(
        pensioner=pays is not None,
        year=year,
        qualification_no=row["qualification_no"] if row else "",
        certified_on=row["certified_on"] if row else "",
        valid_until=f"{year + 1}-12-31" if row else "",
    )


def is_pensioner(citizen: Citizen, today: date) -> bool:
    """Whether a pension is paid out to the citizen."""
    return citizen.at_home and citizen.age(today) >= PENSIONER_SINCE_AGE


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Two years of pensions for who is old enough; every second of them has given this year's proof."""
    for citizen in citizens:
        if is_pensioner(citizen, today):
            db.executemany("INSERT INTO pensions VALUES (?, ?, ?, ?, ?)", _pensions(citizen, today))
            year = today.year - 1 if citizen.place % 2 == 0 else today.year
            day = date(year, 1, 1 + citizen.place % 20)
            if day <= today:
                number = f"RZ{day:%Y%m%d}{citizen.place + 1:06d}"
                row = (citizen.number, year, number, day.isoformat())
                db.execute("INSERT INTO qualifications VALUES (?, ?, ?, ?)", row)


def _pensions(citizen: Citizen, today: date) -> Iterable[tuple[str | int, ...]]:
    account = f"6217****{citizen.place * 397 % 10000:04d}"
    paid_on = date(today.year, today.month, PAY_DAY)
    if paid_on > today:
        paid_on = _month_before(paid_on)
    for _ in range(PENSION_MONTHS):
        raised = (paid_on.year - today.year) * 6_200
        amount = 286_340 + citizen.place % 7 * 21_450 + raised
        yield citizen.number, f"{paid_on:%Y-%m}", paid_on.isoformat(), amount, account
        paid_on = _month_before(paid_on)


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=PAY_DAY)
