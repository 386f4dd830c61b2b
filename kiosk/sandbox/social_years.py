"""社保: the years of contributions that everything else is reckoned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Literal, get_args

from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire import Person

InsuranceName = Literal["pension", "unemployment", "injury"]

NAMES: tuple[InsuranceName, ...] = get_args(InsuranceName)

INSURANCES: dict[str, str] = {
    "pension": "职工基本养老保险",
    "unemployment": "失业保险",
    "injury": "工伤保险",
}

RATES_PERCENT = {"pension": 24, "unemployment": 1, "injury": 1}
"""Of the base, employer and employee together (rounded)."""

BASES_FEN = (389_600, 426_200, 446_700, 450_400, 465_100, 481_800)
"""Monthly bases of the years seeded, the oldest first (invented, of the size of the province's)."""

GAP = ("04", "06")
"""First and last month that is missing in wang-xiulan's third year before this one."""

SCHEMA = """
CREATE TABLE contribution_years (
    id_number TEXT NOT NULL REFERENCES citizens, insurance TEXT NOT NULL, year INTEGER NOT NULL,
    months INTEGER NOT NULL, due INTEGER NOT NULL, paid_fen INTEGER NOT NULL, gap TEXT NOT NULL,
    PRIMARY KEY (id_number, insurance, year));
"""
"""`gap` is "first month/last month" that is missing in the year, or ""."""

WORKING_AGE = (16, 60)


def identified(db: Connection, person: Person) -> None:
    """Let only a person of the registers through who showed the card."""
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def years(db: Connection, id_number: str) -> list[Row]:
    """The years with contributions of a person, by insurance."""
    return db.execute(
        "SELECT * FROM contribution_years WHERE id_number = ? AND months > 0"
        " ORDER BY insurance, year",
        (id_number,),
    ).fetchall()


def credit_months(
    db: Connection, id_number: str, months: Iterable[str], monthly_fen: int, sign: int
) -> None:
    """Enter months that were paid into a person's pension years (`sign` 1), or take them out (-1)."""
    for month in months:
        db.execute(
            "INSERT INTO contribution_years VALUES (?, 'pension', ?, ?, ?, ?, '')"
            " ON CONFLICT DO UPDATE SET months = months + excluded.months,"
            " due = due + excluded.due, paid_fen = paid_fen + excluded.paid_fen",
            (id_number, int(month[:4]), sign, sign, sign * monthly_fen),
        )


def yuan(fen: int) -> str:
    """An amount as papers and pages write it."""
    return f"¥{fen / 100:,.2f}"


def has_nothing(citizen: Citizen) -> bool:
    """Every eighth citizen, and who is not at home, never paid: "nothing found" can be met."""
    return citizen.place % 8 == 6 or not citizen.at_home


def owed_months(citizen: Citizen, today: date) -> int | None:
    """Months that a flexible worker owes: five of wang-xiulan's, one to four of every third of the others;
    None for who is no flexible worker."""
    if citizen.place == 0:
        return 5
    least, most = WORKING_AGE
    if not citizen.at_home or not least <= citizen.age(today) < most or citizen.place % 3 == 1:
        return None
    return 1 + citizen.place % 4 if citizen.place % 3 == 0 else 0


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter six years of contributions for most."""
    for citizen in citizens:
        if not has_nothing(citizen):
            rows = list(_contributions(citizen, today))
            db.executemany("INSERT INTO contribution_years VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _contributions(citizen: Citizen, today: date) -> Iterable[tuple[str | int, ...]]:
    """Six years, the last one up to what is owed; only wang-xiulan has a gap, in the third year before."""
    for insurance, rate in RATES_PERCENT.items():
        owed = (owed_months(citizen, today) or 0) if insurance == "pension" else 0
        for nth, base in enumerate(BASES_FEN):
            year = today.year - len(BASES_FEN) + 1 + nth
            due = _settled(year, today, owed)
            gap = "/".join(GAP) if citizen.place == 0 and year == today.year - 3 else ""
            months = due - (int(GAP[1]) - int(GAP[0]) + 1 if gap else 0)
            own_base = base + citizen.place % 10 * 31_000
            paid = own_base * rate // 100 * months
            yield citizen.number, insurance, year, months, due, paid, gap


def _settled(year: int, today: date, owed: int) -> int:
    """Months of `year` that are over, without those still owed."""
    if year == today.year:
        return max(0, today.month - owed)
    return 12 - max(0, owed - today.month) if year == today.year - 1 else 12
