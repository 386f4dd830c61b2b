"""发改信用: what the law has made public of companies (双公示): licences granted and penalties imposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from sqlite3 import Connection
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import StringConstraints

from devices.scanner.payloads import CREDIT_ALPHABET
from kiosk.sandbox import pages
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.companies import Company, companies
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import PRINTABLE, Wire

DEPARTMENT = "publicity"

FOUND_MOST = 20
"""More companies than fit a person's patience: the words are to be made longer."""

SCHEMA = """
CREATE TABLE publicity_companies (
    credit_code TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE publicity_licences (
    document_no TEXT PRIMARY KEY, credit_code TEXT NOT NULL REFERENCES publicity_companies,
    subject TEXT NOT NULL, authority TEXT NOT NULL, decided_on TEXT NOT NULL,
    valid_until TEXT NOT NULL);
CREATE TABLE publicity_penalties (
    document_no TEXT PRIMARY KEY, credit_code TEXT NOT NULL REFERENCES publicity_companies,
    subject TEXT NOT NULL, kind TEXT NOT NULL, authority TEXT NOT NULL, decided_on TEXT NOT NULL,
    public_until TEXT NOT NULL, repaired INTEGER NOT NULL);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

Words = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
CreditCode = Annotated[str, StringConstraints(pattern=f"^[{CREDIT_ALPHABET}]{{18}}$")]


class CompanySearch(Wire):
    """A part of a company's name, or its whole unified social credit code."""

    words: Words


class CompanyFound(Wire):
    """One company, with how much is public of it now."""

    credit_code: str
    name: str
    state: Literal["open", "abnormal", "cancelled"]
    licences: int
    penalties: int


class CompaniesFound(Wire):
    """By name; `more` where there are further ones."""

    companies: list[CompanyFound]
    more: bool


class RecordQuery(Wire):
    """Whose records are asked for."""

    credit_code: CreditCode


class PublicLicence(Wire):
    """A licence that was granted (行政许可); `valid_until` is "" where it has no end."""

    document_no: str
    subject: str
    authority: str
    decided_on: str
    valid_until: str


class PublicPenalty(Wire):
    """A penalty that is still public (行政处罚): not repaired, its time not over."""

    document_no: str
    subject: str
    kind: str
    authority: str
    decided_on: str
    public_until: str


class PublicRecord(Wire):
    """What is public of one company, newest first."""

    credit_code: str
    name: str
    state: Literal["open", "abnormal", "cancelled"]
    licences: list[PublicLicence]
    penalties: list[PublicPenalty]
    take_away_url: str


@router.post("/companies/queries", responses=refuses("request.invalid"))
def search(here: Here, query: CompanySearch) -> CompaniesFound:
    """Companies by a part of their name, or by their code."""
    today = here.now().date()
    with here.books.transaction() as db:
        rows = db.execute(
            "SELECT * FROM publicity_companies WHERE instr(name, ?) OR credit_code = ?"
            " ORDER BY name LIMIT ?",
            (query.words, query.words.upper(), FOUND_MOST + 1),
        ).fetchall()
        found = [
            CompanyFound(
                credit_code=row["credit_code"],
                name=row["name"],
                state=row["state"],
                licences=len(_licences(db, row["credit_code"])),
                penalties=len(_penalties(db, row["credit_code"], today)),
            )
            for row in rows[:FOUND_MOST]
        ]
    return CompaniesFound(companies=found, more=len(rows) > FOUND_MOST)


@router.post("/records/queries", responses=refuses("company.unknown", "request.invalid"))
def record(here: Here, query: RecordQuery) -> PublicRecord:
    """What is public of a company now."""
    with here.books.transaction() as db:
        row = db.execute(
            "SELECT * FROM publicity_companies WHERE credit_code = ?", (query.credit_code,)
        ).fetchone()
        if row is None:
            raise Problem("company.unknown")
        licences = _licences(db, query.credit_code)
        penalties = _penalties(db, query.credit_code, here.now().date())
        rows = [("企业", row["name"]), ("统一社会信用代码", row["credit_code"])]
        rows += [("行政许可", f"{entry.decided_on} {entry.subject}") for entry in licences]
        rows += [("行政处罚", f"{entry.decided_on} {entry.subject}") for entry in penalties]
        url = pages.publish(db, here, "信用乳山 · 双公示", rows)
    return PublicRecord(
        credit_code=row["credit_code"],
        name=row["name"],
        state=row["state"],
        licences=licences,
        penalties=penalties,
        take_away_url=url,
    )


def _licences(db: Connection, credit_code: str) -> list[PublicLicence]:
    rows = db.execute(
        "SELECT * FROM publicity_licences WHERE credit_code = ? ORDER BY decided_on DESC",
        (credit_code,),
    )
    return [PublicLicence(**{n: row[n] for n in PublicLicence.model_fields}) for row in rows]


def _penalties(db: Connection, credit_code: str, today: date) -> list[PublicPenalty]:
    rows = db.execute(
        "SELECT * FROM publicity_penalties WHERE credit_code = ? AND NOT repaired"
        " AND public_until >= ? ORDER BY decided_on DESC",
        (credit_code, today.isoformat()),
    )
    return [PublicPenalty(**{n: row[n] for n in PublicPenalty.model_fields}) for row in rows]


LICENCES = (
    ("食品生产许可", "乳山市市场监督管理局", "鲁威乳市监许"),
    ("城镇污水排入排水管网许可", "乳山市行政审批服务局", "乳审服许"),
    ("建筑工程施工许可", "乳山市行政审批服务局", "乳审服建"),
    ("道路货物运输经营许可", "乳山市交通运输局", "乳交许"),
)
PENALTIES = (
    ("未按规定公示年度报告", "罚款", "乳山市市场监督管理局", "乳市监罚"),
    ("消防设施未保持完好有效", "罚款", "乳山市消防救援大队", "乳消罚"),
    ("未按规定处置工业固体废物", "责令改正、罚款", "威海市生态环境局乳山分局", "威环乳罚"),
)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter what is public of the companies; the first has some of everything."""
    for company in companies():
        db.execute(
            "INSERT INTO publicity_companies VALUES (?, ?, ?)",
            (company.credit_code, company.name, company.state),
        )
        for nth in range(2 if company.place == 0 else company.place % 4):
            _grant(db, company, nth, today)
        for nth in range(3 if company.place == 0 else company.place % 3):
            _punish(db, company, nth, today)


def _grant(db: Connection, company: Company, nth: int, today: date) -> None:
    subject, authority, series = LICENCES[(company.place + nth) % len(LICENCES)]
    decided = today - timedelta(days=90 + company.place * 31 % 400 + nth * 200)
    until = (decided + timedelta(days=5 * 365)).isoformat() if nth % 2 == 0 else ""
    number = f"{series}〔{decided.year}〕{company.place * 7 + nth + 11:03d}号"
    db.execute(
        "INSERT INTO publicity_licences VALUES (?, ?, ?, ?, ?, ?)",
        (number, company.credit_code, subject, authority, decided.isoformat(), until),
    )


def _punish(db: Connection, company: Company, nth: int, today: date) -> None:
    """The first is public, the second's time is over, the third was repaired (信用修复)."""
    subject, kind, authority, series = PENALTIES[(company.place + nth) % len(PENALTIES)]
    decided = today - timedelta(days=(120, 1200, 300)[nth])
    db.execute(
        "INSERT INTO publicity_penalties VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f"{series}〔{decided.year}〕{company.place * 5 + nth + 3:03d}号",
            company.credit_code,
            subject,
            kind,
            authority,
            decided.isoformat(),
            (decided + timedelta(days=365 * (3 if nth == 0 else 1))).isoformat(),
            int(nth == 2),
        ),
    )
