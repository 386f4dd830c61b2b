"""Natural resources: the property register, open to owners who showed their card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from sqlite3 import Connection, Row
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response

from kiosk.masking import mask_id, mask_name
from kiosk.sandbox import pages, property_cases, property_certificates
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.documents import Paper, SealedPaper, serve
from kiosk.sandbox.documents import issue as issue_paper
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Wire

DEPARTMENT = "property"
ISSUER = "乳山市不动产登记中心"

SCHEMA = f"""
CREATE TABLE units (
    unit_code TEXT PRIMARY KEY, certificate_no TEXT NOT NULL, location TEXT NOT NULL,
    use TEXT NOT NULL, area TEXT NOT NULL, registered_on TEXT NOT NULL,
    mortgaged INTEGER NOT NULL, seized INTEGER NOT NULL);
CREATE TABLE owners (
    unit_code TEXT NOT NULL REFERENCES units, id_number TEXT NOT NULL REFERENCES citizens,
    share TEXT NOT NULL, PRIMARY KEY (unit_code, id_number));
{property_cases.SCHEMA}{property_certificates.SCHEMA}"""

PURPOSES = {
    "loan": "办理贷款",
    "school": "子女入学",
    "residence": "落户、居住证明",
    "housing": "申请保障性住房、购房",
    "other": "其他用途",
}
"""What a query can be for; the register keeps it, and a certificate says it."""

STREETS = ("胜利街", "商业街", "世纪大道", "长江路", "海景路", "青山路", "渔港路", "深圳路")
ESTATES = ("锦绣花园", "阳光家园", "银滩一号", "盛世名门", "东方海岸", "福安里")
USES = ("住宅", "住宅", "商业服务", "车库")

UNIT_PREFIX = "371083"

CERTIFICATE_VALID = timedelta(days=15)
"""How long a certificate of property is taken: the register changes every day."""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
router.include_router(property_cases.router)
router.include_router(property_certificates.router)
serve(router, DEPARTMENT)

UnitCode = Annotated[str, Path(pattern="^[0-9]{28}$")]


class OwnQuery(Wire):
    """A person's question about what is registered for them, and why they ask."""

    person: Person
    purpose: Literal["loan", "school", "residence", "housing", "other"]


class OwnOrder(OwnQuery):
    """The same, with how the answer is to be taken along: as data for a slip, or as a sealed form too."""

    take: Literal["slip", "paper"] = "slip"


class Unit(Wire):
    """One registered property unit."""

    unit_code: str
    certificate_no: str
    location: str
    use: str
    area: str
    share: str
    registered_on: str
    mortgaged: bool
    seized: bool


class OwnRecord(Wire):
    """Everything registered for a person."""

    query_no: str
    queried_at: str
    take_away_url: str
    units: list[Unit]
    document: SealedPaper | None


class HoldingCertificate(Wire):
    """A certificate of having property here, or none (有/无房证明). `units` are those counted; it is for
    its purpose and good for so many days."""

    certificate_no: str
    issued_at: str
    holds: bool
    units: int
    valid_until: str
    take_away_url: str
    document: SealedPaper


@router.post(
    "/own/queries", responses=refuses("proof.card_required", "person.unknown", "request.invalid")
)
def own(here: Here, query: OwnOrder) -> OwnRecord:
    """Everything registered for the person who asks; `document` is null where no form is wanted."""
    now = here.now()
    with here.books.transaction() as db:
        _identified(db, query.person)
        units = [_unit(row) for row in _units(db, query.person.id_number)]
        number = serial(db, "BDC", now)
        rows = [("查询编号", number), ("查询时间", f"{now:%Y-%m-%d %H:%M:%S}")]
        for unit in units:
            rows += [("不动产单元号", unit.unit_code), ("坐落", unit.location)]
        url = pages.publish(db, here, "本人不动产登记信息", rows)
        wanted = query.take == "paper"
        document = issue_paper(db, here, _own_paper(query, units)) if wanted else None
    return OwnRecord(
        query_no=number,
        queried_at=now.isoformat(),
        take_away_url=url,
        units=units,
        document=document,
    )


def _own_paper(query: OwnQuery, units: Sequence[Unit]) -> Paper:
    told = (
        f"登记在申请人名下的不动产共 {len(units)} 处，见下表。"
        if units
        else "没有登记在申请人名下的不动产。"
    )
    return Paper(
        title="不动产登记信息查询结果",
        issuer=ISSUER,
        series="BDCX",
        paragraphs=(
            *_about(query),
            f"截至查询时，在乳山市不动产登记簿中，{told}",
            "本查询结果仅供申请人按所述用途使用，不作为权属证明。",
        ),
        tables=(_table(units),) if units else (),
    )


def _about(query: OwnQuery) -> tuple[str, str]:
    """Who asks, in full as the department sends it, and for what."""
    person = query.person
    return (
        f"申请人：{person.name}　　证件号码：{person.id_number}",
        f"查询用途：{PURPOSES[query.purpose]}",
    )


def _table(units: Sequence[Unit]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    return (
        ("不动产单元号", "权证号", "坐落", "用途", "面积（㎡）", "共有情况", "限制"),
        [
            (unit.unit_code, unit.certificate_no, unit.location, unit.use, unit.area, unit.share,
             "、".join(_limits(unit)) or "无")
            for unit in units
        ],
    )  # fmt: skip


def _limits(unit: Unit) -> list[str]:
    return [word for word, holds in (("抵押", unit.mortgaged), ("查封", unit.seized)) if holds]


@router.post(
    "/holding-certificates",
    status_code=201,
    response_model=HoldingCertificate,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def certify(here: Here, key: Key, query: OwnQuery) -> Response:
    """A sealed certificate of what the person has here, or that it is nothing."""
    return once(here, key, query, lambda db: _certify(db, here, query), 201)


def _certify(db: Connection, here: Window, query: OwnQuery) -> HoldingCertificate:
    _identified(db, query.person)
    units = [_unit(row) for row in _units(db, query.person.id_number)]
    now = here.now()
    document = issue_paper(db, here, _holding_paper(query, units, now + CERTIFICATE_VALID))
    rows = [
        ("证明编号", document.document_no),
        ("申请人", f"{mask_name(query.person.name)} {mask_id(query.person.id_number)}"),
        ("结果", f"有房，{len(units)} 处" if units else "无房"),
        ("有效期至", f"{now + CERTIFICATE_VALID:%Y-%m-%d}"),
    ]
    return HoldingCertificate(
        certificate_no=document.document_no,
        issued_at=now.isoformat(),
        holds=bool(units),
        units=len(units),
        valid_until=(now + CERTIFICATE_VALID).date().isoformat(),
        take_away_url=pages.publish(db, here, "有（无）房证明", rows, CERTIFICATE_VALID),
        document=document,
    )


def _holding_paper(query: OwnQuery, units: Sequence[Unit], until: datetime) -> Paper:
    has = f"登记有不动产 {len(units)} 处" if units else "无不动产登记信息"
    return Paper(
        title="有房证明" if units else "无房证明",
        issuer=ISSUER,
        series="FCZM",
        paragraphs=(
            *_about(query),
            f"经查询乳山市不动产登记簿，截至本证明出具之时，申请人在乳山市行政区域内{has}。",
            f"本证明仅用于“{PURPOSES[query.purpose]}”，自出具之日起至 {until:%Y年%m月%d日} 有效。",
        ),
        tables=(_table(units),) if units else (),
    )


@router.post(
    "/units/{unit_code}/queries",
    responses=refuses(
        "proof.card_required", "property.not_owner", "person.unknown", "request.invalid"
    ),
)
def one(here: Here, unit_code: UnitCode, query: OwnQuery) -> Unit:
    """One unit of the person who asks; somebody else's and one that does not exist are the same."""
    with here.books.transaction() as db:
        _identified(db, query.person)
        for row in _units(db, query.person.id_number):
            if row["unit_code"] == unit_code:
                return _unit(row)
    raise Problem("property.not_owner")


def _identified(db: Connection, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def _units(db: Connection, id_number: str) -> list[Row]:
    return db.execute(
        "SELECT units.*, owners.share FROM units JOIN owners USING (unit_code)"
        " WHERE owners.id_number = ? ORDER BY units.registered_on, unit_code",
        (id_number,),
    ).fetchall()


def _unit(row: Row) -> Unit:
    return Unit(
        unit_code=row["unit_code"],
        certificate_no=row["certificate_no"],
        location=row["location"],
        use=row["use"],
        area=row["area"],
        share=row["share"],
        registered_on=row["registered_on"],
        mortgaged=bool(row["mortgaged"]),
        seized=bool(row["seized"]),
    )


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Numbers that a bench can hold in front of the scanner."""
    return property_cases.samples(db) | property_certificates.samples(db)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter what the citizens own."""
    for citizen in citizens:
        _register(db, citizen)
    property_cases.seed(db, citizens, today)
    property_certificates.seed(db, citizens, today)


def _register(db: Connection, citizen: Citizen) -> None:
    """0 to 3 units; every seventh citizen shares the next one's first."""
    if citizen.place % 6 == 5 or not citizen.at_home:
        return
    count = 2 if citizen.place == 0 else 1 + citizen.place % 3
    for nth in range(count):
        code = _unit_code(citizen.place, nth)
        estate = ESTATES[(citizen.place + nth) % len(ESTATES)]
        street = STREETS[(citizen.place * 3 + nth) % len(STREETS)]
        year = 2008 + (citizen.place * 5 + nth * 7) % 16
        unit: tuple[Any, ...] = (
            code,
            f"鲁({year})乳山市不动产权第{citizen.place * 37 + nth * 11 + 1201:07d}号",
            f"乳山市{street}{citizen.place + 8}号{estate}{nth + 1}号楼{citizen.place % 4 + 1}单元"
            f"{(citizen.place % 6 + 1) * 100 + nth + 1}室",
            USES[nth % len(USES)],
            f"{62.5 + (citizen.place * 17 + nth * 29) % 90:.2f}",
            date(
                year, (citizen.place + nth * 5) % 12 + 1, (citizen.place * 3) % 28 + 1
            ).isoformat(),
            int((citizen.place + nth) % 4 == 1),
            int((citizen.place + nth) % 13 == 8),
        )
        db.execute("INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?)", unit)
        share = "单独所有" if citizen.place % 5 else "按份共有 50%"
        db.execute("INSERT INTO owners VALUES (?, ?, ?)", (code, citizen.number, share))


def _unit_code(place: int, nth: int) -> str:
    """28 digits: division 6, cadastral zone 3, subzone 3, kind 2, parcel 5, fixture 1, unit 8."""
    return f"{UNIT_PREFIX}{place % 9 + 1:03d}{nth + 1:03d}10{place * 13 + 101:05d}2{place * 7 + nth + 1:08d}"
