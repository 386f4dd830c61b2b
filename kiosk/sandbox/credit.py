"""人民银行征信: credit reports of persons and companies, and objections to what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from kiosk.sandbox import credit_objections, credit_papers, documents
from kiosk.sandbox.bookings import Bill, Cashbox, Charge, Effect, is_booked, take_bookings
from kiosk.sandbox.bookings import issue as issue_bill
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.companies import Company, companies
from kiosk.sandbox.credit_objections import BUREAU
from kiosk.sandbox.documents import SealedPaper
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.proofs import require_second_proof
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, PersonQuery, Wire

DEPARTMENT = "credit"

FREE_A_YEAR = 2
"""Regulation on the Administration of the Credit Reporting Industry, article 17: two free a year."""

FEE_FEN = 1000
"""Each further copy: ten yuan."""

REPORT, OPTION = "report", "COPY"

HAD_BOTH = 1
"""The citizen, by place, who took both free copies of this year already."""

SCHEMA = (
    """
CREATE TABLE credit_reports (
    report_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, year INTEGER NOT NULL,
    made_on TEXT NOT NULL, made_at TEXT NOT NULL, bill_id TEXT NOT NULL, taken INTEGER NOT NULL,
    document TEXT NOT NULL);
CREATE INDEX credit_reports_of_person ON credit_reports (id_number, year);
"""
    + credit_objections.SCHEMA
)

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
router.include_router(credit_objections.router)

take_bookings(router, Cashbox(DEPARTMENT, "ZX", {REPORT: Effect()}))
documents.serve(router, DEPARTMENT)

CreditCode = Annotated[str, Path(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")]
ReportNumber = Annotated[str, Path(pattern="^GR[0-9]{14}$")]

IDENTIFIED = ("proof.card_required", "proof.second_required", "person.unknown", "request.invalid")


class Quota(Wire):
    """How many free copies are left this year; where none is, the bill of the next one, and whether that is
    paid. `waiting` is a report of today that was made and not taken: it is given again and costs nothing."""

    year: int
    free_a_year: int
    free_left: int
    fee_fen: int
    bill_id: str
    option: str
    paid: bool
    waiting: bool


class ReportMade(Wire):
    """A report of a person, sealed; `free_left` copies are free this year after it."""

    report_no: str
    made_at: str
    free: bool
    free_left: int
    document: SealedPaper


class EnterpriseFound(Wire):
    """A company whose legal representative asks."""

    credit_code: str
    name: str
    state: Literal["open", "abnormal", "cancelled"]


class EnterpriseReport(Wire):
    """A company's report, sealed."""

    report_no: str
    made_at: str
    credit_code: str
    name: str
    document: SealedPaper


class Taken(Wire):
    """The report came out on paper: it is not waiting any more."""

    report_no: str


@router.post("/personal-reports/quotas", responses=refuses(*IDENTIFIED))
def quota(here: Here, query: PersonQuery) -> Quota:
    """What the next report costs the person who asks."""
    with here.books.transaction() as db:
        _proven(db, here, query.person)
        number, year = query.person.id_number, here.now().year
        left = _free_left(db, number, year)
        waiting = _waiting(db, here, number) is not None
        bill = "" if left or waiting else _open_bill(db, here, number)
        return Quota(
            year=year,
            free_a_year=FREE_A_YEAR,
            free_left=left,
            fee_fen=FEE_FEN if bill else 0,
            bill_id=bill,
            option=OPTION if bill else "",
            paid=bool(bill) and is_booked(db, bill),
            waiting=waiting,
        )


@router.post(
    "/personal-reports",
    status_code=201,
    response_model=ReportMade,
    responses=refuses(*IDENTIFIED, "idempotency.missing", "idempotency.mismatch", "report.unpaid"),
)
def personal_report(here: Here, key: Key, query: PersonQuery) -> Response:
    """Make a report: a free copy where one is left, else the one that was paid."""
    return once(here, key, query, lambda db: _personal(db, here, query.person), 201)


@router.post(
    "/personal-reports/{report_no}/takings",
    response_model=Taken,
    responses=refuses(
        "idempotency.missing", "idempotency.mismatch", "proof.card_required", "person.unknown",
        "report.unknown", "request.invalid",
    ),
)  # fmt: skip
def take(here: Here, key: Key, report_no: ReportNumber, query: PersonQuery) -> Response:
    """Say that a report came out on paper."""
    return once(here, key, query, lambda db: _take(db, report_no, query.person))


@router.post(
    "/enterprises/{credit_code}/queries",
    responses=refuses(*IDENTIFIED, "company.unknown", "company.not_representative"),
)
def enterprise(here: Here, credit_code: CreditCode, query: PersonQuery) -> EnterpriseFound:
    """The company, if its legal representative asks."""
    with here.books.transaction() as db:
        company = _represented(db, here, credit_code, query.person)
        return EnterpriseFound(
            credit_code=company.credit_code,
            name=company.name,
            state=company.state,  # type: ignore[arg-type]
        )


@router.post(
    "/enterprises/{credit_code}/reports",
    status_code=201,
    response_model=EnterpriseReport,
    responses=refuses(
        *IDENTIFIED, "idempotency.missing", "idempotency.mismatch", "company.unknown",
        "company.not_representative",
    ),
)  # fmt: skip
def enterprise_report(
    here: Here, key: Key, credit_code: CreditCode, query: PersonQuery
) -> Response:
    """Make a company's report for its legal representative."""
    return once(here, key, query, lambda db: _enterprise(db, here, credit_code, query.person), 201)


def _proven(db: Connection, here: Window, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)
    require_second_proof(db, here, person)


def _free_left(db: Connection, id_number: str, year: int) -> int:
    used: int = db.execute(
        "SELECT count(*) FROM credit_reports WHERE id_number = ? AND year = ? AND bill_id = ''",
        (id_number, year),
    ).fetchone()[0]
    return max(0, FREE_A_YEAR - used)


def _waiting(db: Connection, here: Window, id_number: str) -> Row | None:
    """A report of today that did not come out on paper; its bytes are kept as long."""
    found: Row | None = db.execute(
        "SELECT * FROM credit_reports WHERE id_number = ? AND made_on = ? AND NOT taken"
        " ORDER BY report_no DESC LIMIT 1",
        (id_number, here.now().date().isoformat()),
    ).fetchone()
    return found


def _open_bill(db: Connection, here: Window, id_number: str) -> str:
    """The bill of the next copy: one that was issued and not used yet, else a fresh one."""
    row = db.execute(
        "SELECT bill_id FROM bills WHERE department = ? AND kind = ? AND id_number = ?"
        " AND NOT closed AND bill_id NOT IN (SELECT bill_id FROM credit_reports)",
        (DEPARTMENT, REPORT, id_number),
    ).fetchone()
    if row is not None:
        return str(row["bill_id"])
    number = serial(db, "ZXF", here.now())
    bill = Bill(number, DEPARTMENT, REPORT, id_number, str(here.now().year), "个人信用报告服务费")
    return issue_bill(db, bill, [Charge(OPTION, FEE_FEN)])


def _personal(db: Connection, here: Window, person: Person) -> ReportMade:
    _proven(db, here, person)
    now, number = here.now(), person.id_number
    waiting = _waiting(db, here, number)
    if waiting is not None:
        return _made(db, waiting)
    bill = ""
    if not _free_left(db, number, now.year):
        bill = _open_bill(db, here, number)
        if not is_booked(db, bill):
            raise Problem("report.unpaid")
    report_no = serial(db, "GR", now)
    paper = documents.issue(db, here, credit_papers.of_person(person, now, FEE_FEN if bill else 0))
    db.execute(
        "INSERT INTO credit_reports VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
        (
            report_no,
            number,
            now.year,
            now.date().isoformat(),
            now.isoformat(),
            bill,
            paper.model_dump_json(),
        ),
    )
    found = db.execute("SELECT * FROM credit_reports WHERE report_no = ?", (report_no,))
    return _made(db, found.fetchone())


def _made(db: Connection, row: Row) -> ReportMade:
    return ReportMade(
        report_no=row["report_no"],
        made_at=row["made_at"],
        free=not row["bill_id"],
        free_left=_free_left(db, row["id_number"], row["year"]),
        document=SealedPaper.model_validate_json(row["document"]),
    )


def _take(db: Connection, report_no: str, person: Person) -> Taken:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)
    taken = db.execute(
        "UPDATE credit_reports SET taken = 1 WHERE report_no = ? AND id_number = ?",
        (report_no, person.id_number),
    )
    if not taken.rowcount:
        raise Problem("report.unknown")
    return Taken(report_no=report_no)


def _represented(db: Connection, here: Window, credit_code: str, person: Person) -> Company:
    _proven(db, here, person)
    found = next((each for each in companies() if each.credit_code == credit_code), None)
    if found is None:
        raise Problem("company.unknown")
    if found.head.number != person.id_number:
        raise Problem("company.not_representative")
    return found


def _enterprise(db: Connection, here: Window, credit_code: str, person: Person) -> EnterpriseReport:
    company, now = _represented(db, here, credit_code, person), here.now()
    return EnterpriseReport(
        report_no=serial(db, "QY", now),
        made_at=now.isoformat(),
        credit_code=company.credit_code,
        name=company.name,
        document=documents.issue(db, here, credit_papers.of_company(company, now)),
    )


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """One citizen took both free copies of this year."""
    for nth in range(FREE_A_YEAR):
        day = date(today.year, 1, nth + 2)
        paper = SealedPaper(
            document_no=f"{BUREAU.series}{day:%Y%m%d}000001", title="个人信用报告", pages=1,
            sha256="0" * 64, path="/documents/none", check_code="-", fee_fen=0, link="",
        )  # fmt: skip
        db.execute(
            "INSERT INTO credit_reports VALUES (?, ?, ?, ?, ?, '', 1, ?)",
            (
                f"GR{day:%Y%m%d}000001",
                citizens[HAD_BOTH].number,
                day.year,
                day.isoformat(),
                f"{day.isoformat()}T10:00:00+08:00",
                paper.model_dump_json(),
            ),
        )
