"""医保参保凭证: the sealed voucher by which somebody takes the insurance along to another place."""

from __future__ import annotations

from sqlite3 import Connection, Row
from typing import Literal

from fastapi import APIRouter

from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.documents import Paper, SealedPaper, issue
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, PersonQuery, Wire

ISSUER = "乳山市医疗保障局"

KINDS = {"resident": "城乡居民基本医疗保险", "employee": "职工基本医疗保险"}

router = APIRouter()


class InsuredPeriod(Wire):
    """One stretch of insurance; `until` is the last month that is paid."""

    kind: Literal["resident", "employee"]
    since: str
    until: str


class Voucher(Wire):
    """The voucher; no period and no document for who is not insured here."""

    voucher_no: str
    issued_at: str
    periods: list[InsuredPeriod]
    check_code: str
    take_away_url: str
    document: SealedPaper | None


@router.post(
    "/vouchers/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def voucher(here: Here, query: PersonQuery) -> Voucher:
    """The voucher of the person who asks, sealed."""
    if query.person.proof != "card":
        raise Problem("proof.card_required")
    with here.books.transaction() as db:
        known(db, query.person)
        periods = _periods(db, query.person.id_number)
        number = serial(db, "YBPZ", here.now())
        paper = _paper(db, here, query.person, number, periods) if periods else None
    return Voucher(
        voucher_no=number,
        issued_at=here.now().isoformat(),
        periods=periods,
        check_code=paper.check_code if paper else "",
        take_away_url=paper.link if paper else "",
        document=paper,
    )


def _periods(db: Connection, id_number: str) -> list[InsuredPeriod]:
    row: Row | None = db.execute(
        "SELECT kind, since, (SELECT max(year) FROM insured_years WHERE id_number = insured.id_number)"
        " AS year FROM insured WHERE id_number = ?",
        (id_number,),
    ).fetchone()
    if row is None:
        return []
    return [InsuredPeriod(kind=row["kind"], since=row["since"], until=f"{row['year']}-12")]


def _paper(
    db: Connection, here: Window, person: Person, number: str, periods: list[InsuredPeriod]
) -> SealedPaper:
    table = [[KINDS[period.kind], period.since, period.until] for period in periods]
    paper = Paper(
        title="基本医疗保险参保凭证",
        issuer=ISSUER,
        series="YBPZ",
        paragraphs=[
            f"凭证编号：{number}",
            f"姓名：{person.name}　公民身份号码：{person.id_number}",
            "以上人员在本市参加基本医疗保险，情况如下。凭本凭证到转入地办理关系转移接续。",
        ],
        tables=[(["险种", "参保起始", "缴费截止"], table)],
    )
    return issue(db, here, paper)
