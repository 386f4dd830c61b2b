"""社保缴费记录 and 参保证明: what was paid for a person by year and insurance, and the certificate of it."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection, Row
from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.documents import Paper, SealedPaper, issue
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.social_years import INSURANCES, NAMES, InsuranceName, identified, years, yuan
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Wire

ISSUER = "乳山市社会保险服务中心"

TITLE = "社会保险个人缴费记录"

router = APIRouter()

Purpose = Annotated[str, StringConstraints(pattern="^(loan|bidding|residence|school|other)$")]

PURPOSES = {
    "loan": "办理贷款",
    "bidding": "招标投标",
    "residence": "落户、居住证明",
    "school": "子女入学",
    "other": "其他用途",
}


class RecordQuery(Wire):
    """A person's question about the contributions to one insurance."""

    person: Person
    insurance: InsuranceName


class ContributionYear(Wire):
    """One year of one insurance: months paid of those that were due, and the sum."""

    year: str
    months: int
    due: int
    paid_fen: int


class Gap(Wire):
    """Months without a contribution, both included."""

    since: str
    until: str
    months: int


class InsuranceTotal(Wire):
    """Everything that was paid to one insurance."""

    insurance: InsuranceName
    months: int
    paid_fen: int


class ContributionRecord(Wire):
    """Years of the insurance asked for, oldest first; its gaps; the totals of all insurances."""

    query_no: str
    queried_at: str
    months: int
    paid_fen: int
    missing: int
    years: list[ContributionYear]
    gaps: list[Gap]
    totals: list[InsuranceTotal]
    take_away_url: str
    document: SealedPaper | None


class CertificateQuery(Wire):
    """A person who needs a certificate of participation, and what for."""

    person: Person
    purpose: Purpose


class Participation(Wire):
    """One insurance in which the person takes part."""

    insurance: InsuranceName
    since: str
    months: int


class Certificate(Wire):
    """The certificate of participation; no document for who takes part in nothing."""

    certificate_no: str
    issued_at: str
    participations: list[Participation]
    check_code: str
    take_away_url: str
    document: SealedPaper | None


@router.post(
    "/contributions/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def contributions(here: Here, query: RecordQuery) -> ContributionRecord:
    """What was paid for a person, by year, with the gaps; sealed on paper too."""
    with here.books.transaction() as db:
        identified(db, query.person)
        rows = years(db, query.person.id_number)
        own = [row for row in rows if row["insurance"] == query.insurance]
        number = serial(db, "JFJL", here.now())
        gaps = [_gap(row) for row in own if row["gap"]]
        months, paid = sum(row["months"] for row in own), sum(row["paid_fen"] for row in own)
        summary = [
            ("查询编号", number),
            ("险种", INSURANCES[query.insurance]),
            ("累计缴费", f"{months} 个月"),
            ("累计金额", yuan(paid)),
            *[("中断", f"{gap.since} 至 {gap.until}") for gap in gaps],
        ]
        paper = _record_paper(db, here, query, own, summary) if own else None
        return ContributionRecord(
            query_no=number,
            queried_at=here.now().isoformat(),
            months=months,
            paid_fen=paid,
            missing=sum(gap.months for gap in gaps),
            years=[
                ContributionYear(
                    year=str(row["year"]),
                    months=row["months"],
                    due=row["due"],
                    paid_fen=row["paid_fen"],
                )
                for row in own
            ],
            gaps=gaps,
            totals=_totals(rows),
            take_away_url=paper.link if paper else pages.publish(db, here, TITLE, summary),
            document=paper,
        )


@router.post(
    "/participation/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def participation(here: Here, query: CertificateQuery) -> Certificate:
    """The certificate of participation (参保证明), sealed."""
    with here.books.transaction() as db:
        identified(db, query.person)
        rows = years(db, query.person.id_number)
        number = serial(db, "CBZM", here.now())
        taking_part = _participations(rows)
        paper = _certificate_paper(db, here, query, number, taking_part) if taking_part else None
        return Certificate(
            certificate_no=number,
            issued_at=here.now().isoformat(),
            participations=taking_part,
            check_code=paper.check_code if paper else "",
            take_away_url=paper.link if paper else "",
            document=paper,
        )


def _gap(row: Row) -> Gap:
    first, last = row["gap"].split("/")
    months = int(last) - int(first) + 1
    return Gap(since=f"{row['year']}-{first}", until=f"{row['year']}-{last}", months=months)


def _totals(rows: Sequence[Row]) -> list[InsuranceTotal]:
    return [
        InsuranceTotal(
            insurance=name,
            months=sum(row["months"] for row in rows if row["insurance"] == name),
            paid_fen=sum(row["paid_fen"] for row in rows if row["insurance"] == name),
        )
        for name in NAMES
    ]


def _participations(rows: Sequence[Row]) -> list[Participation]:
    return [
        Participation(
            insurance=total.insurance,
            since=f"{min(r['year'] for r in rows if r['insurance'] == total.insurance)}-01",
            months=total.months,
        )
        for total in _totals(rows)
        if total.months
    ]


def _record_paper(
    db: Connection,
    here: Window,
    query: RecordQuery,
    rows: Sequence[Row],
    summary: Sequence[tuple[str, str]],
) -> SealedPaper:
    person = query.person
    table = [
        [str(row["year"]), str(row["months"]), yuan(row["paid_fen"]), _missing(row)] for row in rows
    ]
    paper = Paper(
        title=TITLE,
        issuer=ISSUER,
        series="JFJL",
        paragraphs=[
            f"姓名：{person.name}　公民身份号码：{person.id_number}",
            "　".join(f"{label}：{value}" for label, value in summary),
        ],
        tables=[(["年度", "缴费月数", "缴费金额", "中断月份"], table)],
    )
    return issue(db, here, paper)


def _missing(row: Row) -> str:
    return row["gap"].replace("/", " 月至 ") + " 月" if row["gap"] else "无"


def _certificate_paper(
    db: Connection,
    here: Window,
    query: CertificateQuery,
    number: str,
    taking_part: Sequence[Participation],
) -> SealedPaper:
    person = query.person
    table = [[INSURANCES[p.insurance], p.since, str(p.months), "参保缴费"] for p in taking_part]
    paper = Paper(
        title="社会保险参保证明（个人）",
        issuer=ISSUER,
        series="CBZM",
        paragraphs=[
            f"证明编号：{number}",
            f"兹证明 {person.name}（公民身份号码 {person.id_number}）在本市参加社会保险，情况如下：",
            f"用途：{PURPOSES[query.purpose]}",
        ],
        tables=[(["险种", "参保起始", "累计缴费月数", "参保状态"], table)],
    )
    return issue(db, here, paper)
