"""公积金: the housing provident fund: a person's account, the deposits of a year, their loans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Literal

from fastapi import APIRouter

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import PersonQuery, Wire

DEPARTMENT = "fund"

MONTHS = 12

RATE_PERCENT = 12
"""Of the base, by the employer and by the person each: the most that the regulation allows is 12."""

ADULT, RETIRED = 18, 60

SCHEMA = """
CREATE TABLE fund_accounts (
    account_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, employer TEXT NOT NULL,
    state TEXT NOT NULL, base_fen INTEGER NOT NULL, balance_fen INTEGER NOT NULL,
    opened_on TEXT NOT NULL);
CREATE TABLE fund_deposits (
    account_no TEXT NOT NULL REFERENCES fund_accounts, month TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, PRIMARY KEY (account_no, month));
CREATE TABLE fund_loans (
    contract_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens,
    amount_fen INTEGER NOT NULL, left_fen INTEGER NOT NULL, monthly_fen INTEGER NOT NULL,
    months_left INTEGER NOT NULL, overdue INTEGER NOT NULL, next_due TEXT NOT NULL);
"""

EMPLOYERS = (
    "乳山市实验小学",
    "乳山市人民医院",
    "威海水务集团有限公司",
    "乳山市银滩海产食品有限公司",
)

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])


class Account(Wire):
    """One account. `account_no` is masked; `sealed` ones get no deposits any more."""

    account_no: str
    state: Literal["normal", "sealed"]
    employer: str
    base_fen: int
    monthly_fen: int
    balance_fen: int
    opened_on: str


class Deposit(Wire):
    """What came in for one month; 0 where nothing did."""

    month: str
    amount_fen: int


class Loan(Wire):
    """One loan. `contract_no` is masked; `overdue` counts instalments that are due and not paid."""

    contract_no: str
    amount_fen: int
    left_fen: int
    monthly_fen: int
    months_left: int
    overdue: int
    next_due: str


class FundRecord(Wire):
    """Everything the fund has of a person; all lists are empty for somebody without an account."""

    query_no: str
    queried_at: str
    take_away_url: str
    accounts: list[Account]
    deposits: list[Deposit]
    loans: list[Loan]


@router.post(
    "/accounts/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def account(here: Here, query: PersonQuery) -> FundRecord:
    """The person's account, the deposits of the last twelve months, and their loans."""
    if query.person.proof != "card":
        raise Problem("proof.card_required")
    now, number = here.now(), query.person.id_number
    with here.books.transaction() as db:
        known(db, query.person)
        accounts = db.execute(
            "SELECT * FROM fund_accounts WHERE id_number = ?", (number,)
        ).fetchall()
        deposits = db.execute(
            "SELECT month, SUM(amount_fen) AS amount_fen FROM fund_deposits"
            " JOIN fund_accounts USING (account_no) WHERE id_number = ? GROUP BY month ORDER BY month",
            (number,),
        ).fetchall()
        loans = db.execute("SELECT * FROM fund_loans WHERE id_number = ?", (number,)).fetchall()
        query_no = serial(db, "GJJ", now)
        rows = [("查询编号", query_no), ("查询时间", f"{now:%Y-%m-%d %H:%M:%S}")]
        rows += [("账户余额", _yuan(row["balance_fen"])) for row in accounts]
        rows += [("贷款余额", _yuan(row["left_fen"])) for row in loans]
        url = pages.publish(db, here, "住房公积金查询", rows)
    return FundRecord(
        query_no=query_no,
        queried_at=now.isoformat(),
        take_away_url=url,
        accounts=[_account(row) for row in accounts],
        deposits=[Deposit(month=row["month"], amount_fen=row["amount_fen"]) for row in deposits],
        loans=[_loan(row) for row in loans],
    )


def _account(row: Row) -> Account:
    return Account(
        account_no=_masked(row["account_no"]),
        state=row["state"],
        employer=row["employer"],
        base_fen=row["base_fen"],
        monthly_fen=_monthly(row["base_fen"]) if row["state"] == "normal" else 0,
        balance_fen=row["balance_fen"],
        opened_on=row["opened_on"],
    )


def _loan(row: Row) -> Loan:
    kept = {name: row[name] for name in Loan.model_fields if name != "contract_no"}
    return Loan(contract_no=_masked(row["contract_no"]), **kept)


def _masked(number: str) -> str:
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def _yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"


def _monthly(base_fen: int) -> int:
    """Both shares of a month, in whole yuan as the fund rounds them."""
    return round(base_fen * RATE_PERCENT / 100 / 100) * 100 * 2


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter an account of most residents who work, with its deposits, and some loans."""
    for citizen in citizens:
        employed = ADULT <= citizen.age(today) < RETIRED or citizen.place == 0
        if citizen.at_home and employed and citizen.place % 7 != 5:
            _open(db, citizen, today)


def _open(db: Connection, citizen: Citizen, today: date) -> None:
    place = citizen.place
    base_fen = (4_200 + place * 431 % 9_000) * 100
    number, state = (
        f"37108{place * 7919 + 10_000_019:09d}",
        "sealed" if place % 9 == 8 else "normal",
    )
    opened = date(2006 + place * 3 % 15, place % 12 + 1, 8)
    balance_fen = _monthly(base_fen) * (18 + place * 5 % 60) + place * 1_231
    db.execute(
        "INSERT INTO fund_accounts VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            citizen.number,
            EMPLOYERS[place % len(EMPLOYERS)],
            state,
            base_fen,
            balance_fen,
            opened.isoformat(),
        ),
    )
    for nth, month in enumerate(_months_before(today)):
        gap = state == "sealed" or (place % 4 == 0 and nth == 5)
        amount = 0 if gap else _monthly(base_fen)
        db.execute("INSERT INTO fund_deposits VALUES (?, ?, ?)", (number, month, amount))
    if place % 3 == 0:
        _lend(db, citizen, today)


def _lend(db: Connection, citizen: Citizen, today: date) -> None:
    place = citizen.place
    amount = (20 + place * 3 % 30) * 10_000_00
    months_left, monthly = 60 + place * 7 % 180, amount // 240 + 500_00
    following = date(today.year + today.month // 12, today.month % 12 + 1, 15)
    db.execute(
        "INSERT INTO fund_loans VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f"GJJD{place + 2019:04d}{place * 613 + 100_003:08d}",
            citizen.number,
            amount,
            amount // 240 * months_left,
            monthly,
            months_left,
            int(place % 12 == 9),
            following.isoformat(),
        ),
    )


def _months_before(today: date) -> list[str]:
    """The last twelve full months, oldest first."""
    last = today.year * 12 + today.month - 2
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - MONTHS + 1, last + 1)]
