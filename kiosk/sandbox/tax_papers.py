"""What a person paid: the record of individual income tax, and the proof of social insurance premiums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row

from fastapi import APIRouter

from kiosk.masking import mask_id
from kiosk.sandbox import documents
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.documents import Paper, SealedPaper
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.proofs import require_second_proof
from kiosk.sandbox.tax_register import yuan
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import Day, Person, Wire

ISSUER = "国家税务总局乳山市税务局"
LONGEST_PERIOD_DAYS = 5 * 366

SCHEMA = """
CREATE TABLE incomes (
    id_number TEXT NOT NULL REFERENCES citizens, month TEXT NOT NULL, category TEXT NOT NULL,
    payer TEXT NOT NULL, income_fen INTEGER NOT NULL, tax_fen INTEGER NOT NULL);
CREATE INDEX incomes_of_person ON incomes (id_number, month);
CREATE TABLE premiums (
    id_number TEXT NOT NULL REFERENCES citizens, month TEXT NOT NULL, insurance TEXT NOT NULL,
    payer TEXT NOT NULL, premium_fen INTEGER NOT NULL);
CREATE INDEX premiums_of_person ON premiums (id_number, month);
"""

MONTHS = 36
"""For so many months there is something in the books; the month that runs is not in them yet."""

WAGES = "工资薪金所得"
REWARD = "劳务报酬所得"

INSURANCES = (("城镇职工基本养老保险", 8), ("城镇职工基本医疗保险", 2), ("失业保险", 0.3))
"""Each with the employee's share of the wage in percent."""

EMPLOYERS = (
    "乳山海润食品有限公司",
    "乳山市第一水产集团",
    "威海东方机械有限公司",
    "乳山银滩物业公司",
)

router = APIRouter()


class PaidQuery(Wire):
    """A person's question about what they paid in a period, both days included."""

    person: Person
    since: Day
    until: Day


class TaxYear(Wire):
    """Income and tax of a calendar year, as far as it is in the period. Fen."""

    year: str
    months: int
    income_fen: int
    tax_fen: int


class TaxRecord(Wire):
    """The record of a period; no years and no document where nothing was declared."""

    since: str
    until: str
    entries: int
    income_fen: int
    tax_fen: int
    years: list[TaxYear]
    document: SealedPaper | None
    take_away_url: str


class PremiumKind(Wire):
    """What was paid into one insurance. Fen."""

    insurance: str
    months: int
    first: str
    last: str
    premium_fen: int


class PremiumRecord(Wire):
    """The premiums of a period; no insurances and no document where nothing was paid."""

    since: str
    until: str
    premium_fen: int
    insurances: list[PremiumKind]
    document: SealedPaper | None
    take_away_url: str


@router.post(
    "/tax-records/queries",
    responses=refuses(
        "proof.card_required", "proof.second_required", "person.unknown", "period.invalid",
        "request.invalid",
    ),
)  # fmt: skip
def tax_record(here: Here, query: PaidQuery) -> TaxRecord:
    """The person's income tax of a period, with the sealed record."""
    with here.books.transaction() as db:
        _by_card(db, query)
        require_second_proof(db, here, query.person)
        rows = _months(db, "incomes", query)
        paper = documents.issue(db, here, _tax_paper(query, rows)) if rows else None
    return TaxRecord(
        since=query.since.isoformat(),
        until=query.until.isoformat(),
        entries=len(rows),
        income_fen=sum(row["income_fen"] for row in rows),
        tax_fen=sum(row["tax_fen"] for row in rows),
        years=_years(rows),
        document=paper,
        take_away_url=paper.link if paper else "",
    )


@router.post(
    "/premium-certificates/queries",
    responses=refuses("proof.card_required", "person.unknown", "period.invalid", "request.invalid"),
)
def premium_certificate(here: Here, query: PaidQuery) -> PremiumRecord:
    """The person's premiums of a period, with the sealed certificate."""
    with here.books.transaction() as db:
        _by_card(db, query)
        rows = _months(db, "premiums", query)
        paper = documents.issue(db, here, _premium_paper(query, rows)) if rows else None
    return PremiumRecord(
        since=query.since.isoformat(),
        until=query.until.isoformat(),
        premium_fen=sum(row["premium_fen"] for row in rows),
        insurances=_insurances(rows),
        document=paper,
        take_away_url=paper.link if paper else "",
    )


def _by_card(db: Connection, query: PaidQuery) -> None:
    if query.person.proof != "card":
        raise Problem("proof.card_required")
    known(db, query.person)
    if not 1 <= (query.until - query.since).days + 1 <= LONGEST_PERIOD_DAYS:
        raise Problem("period.invalid")


def _months(db: Connection, table: str, query: PaidQuery) -> list[Row]:
    return db.execute(
        f"SELECT * FROM {table} WHERE id_number = ? AND month BETWEEN ? AND ? ORDER BY month, rowid",
        (query.person.id_number, f"{query.since:%Y-%m}", f"{query.until:%Y-%m}"),
    ).fetchall()


def _years(rows: Sequence[Row]) -> list[TaxYear]:
    return [
        TaxYear(
            year=year,
            months=len({row["month"] for row in rows if row["month"][:4] == year}),
            income_fen=sum(row["income_fen"] for row in rows if row["month"][:4] == year),
            tax_fen=sum(row["tax_fen"] for row in rows if row["month"][:4] == year),
        )
        for year in sorted({row["month"][:4] for row in rows})
    ]


def _insurances(rows: Sequence[Row]) -> list[PremiumKind]:
    kinds = []
    for insurance, _ in INSURANCES:
        of_it = [row for row in rows if row["insurance"] == insurance]
        if of_it:
            kinds.append(
                PremiumKind(
                    insurance=insurance,
                    months=len(of_it),
                    first=of_it[0]["month"],
                    last=of_it[-1]["month"],
                    premium_fen=sum(row["premium_fen"] for row in of_it),
                )
            )
    return kinds


def _who(query: PaidQuery) -> list[str]:
    person = query.person
    return [
        f"姓名：{person.name}　身份证件号码：{mask_id(person.id_number)}",
        f"起止日期：{query.since.isoformat()} 至 {query.until.isoformat()}",
    ]


def _tax_paper(query: PaidQuery, rows: Sequence[Row]) -> Paper:
    table = [
        [row["month"], row["category"], row["payer"], yuan(row["income_fen"]), yuan(row["tax_fen"])]
        for row in rows
    ]
    total = yuan(sum(row["tax_fen"] for row in rows))
    return Paper(
        title="个人所得税纳税记录",
        issuer=ISSUER,
        series="NSJL",
        paragraphs=[*_who(query), f"实缴（退）税额合计：{total}"],
        tables=[(["纳税期", "所得项目", "扣缴单位", "收入额", "实缴税额"], table)],
    )


def _premium_paper(query: PaidQuery, rows: Sequence[Row]) -> Paper:
    table = [
        [row["month"], row["insurance"], row["payer"], yuan(row["premium_fen"])] for row in rows
    ]
    total = yuan(sum(row["premium_fen"] for row in rows))
    return Paper(
        title="社会保险费缴费证明",
        issuer=ISSUER,
        series="JFZM",
        paragraphs=[*_who(query), f"个人缴费合计：{total}"],
        tables=[(["费款所属期", "险种", "缴费单位", "个人缴费"], table)],
    )


def earn(db: Connection, citizen: Citizen, today: date) -> None:
    """Wages, the tax and the premiums on them; who is not at home here, and every sixth citizen, has
    none."""
    if not citizen.at_home or citizen.place % 6 == 4:
        return
    payer = EMPLOYERS[citizen.place % len(EMPLOYERS)]
    for ago in range(MONTHS, 0, -1):
        count = today.year * 12 + today.month - 1 - ago
        month = f"{count // 12}-{count % 12 + 1:02d}"
        wage = 520_000 + (citizen.place * 7919) % 400_000 + (MONTHS - ago) * 3000
        tax = max(0, round((wage - 500_000) * 0.03))
        db.execute(
            "INSERT INTO incomes VALUES (?, ?, ?, ?, ?, ?)",
            (citizen.number, month, WAGES, payer, wage, tax),
        )
        if ago % 12 == 5:
            db.execute(
                "INSERT INTO incomes VALUES (?, ?, ?, ?, ?, ?)",
                (citizen.number, month, REWARD, "威海职业学院", 300_000, 44_000),
            )
        for insurance, percent in INSURANCES:
            premium = round(wage * percent / 100)
            db.execute(
                "INSERT INTO premiums VALUES (?, ?, ?, ?, ?)",
                (citizen.number, month, insurance, payer, premium),
            )
