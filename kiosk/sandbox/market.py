"""市场监管: the register of companies, and the copies of their electronic business licences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from kiosk.masking import mask_name
from kiosk.sandbox import pages
from kiosk.sandbox.books import new_token
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.companies import companies
from kiosk.sandbox.documents import Paper, SealedPaper, issue, serve
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.phone_codes import draw_code, take_code
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Wire

DEPARTMENT = "market"
ISSUER = "乳山市市场监督管理局"

CODE_MARK = "8"
"""A code of the licence app begins so: 16 digits, no wallet's code and no number of a case."""

SESSION_VALID = timedelta(minutes=10)

COPY_VALID = timedelta(days=90)

SCHEMA = """
CREATE TABLE market_companies (
    credit_code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, head TEXT NOT NULL,
    id_number TEXT NOT NULL REFERENCES citizens, capital TEXT NOT NULL, established TEXT NOT NULL,
    address TEXT NOT NULL, scope TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE market_sessions (
    session TEXT PRIMARY KEY, credit_code TEXT NOT NULL REFERENCES market_companies,
    valid_until TEXT NOT NULL);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
serve(router, DEPARTMENT)

AppCode = Annotated[str, StringConstraints(pattern=f"^{CODE_MARK}[0-9]{{15}}$")]
Session = Annotated[str, StringConstraints(pattern="^[0-9A-Za-z_-]{16,64}$")]


class Presented(Wire):
    """A code that the licence app shows: it works once, for five minutes."""

    code: AppCode


class BusinessLicence(Wire):
    """A licence as the register has it now. `head` is masked; `session` lets a copy be made."""

    credit_code: str
    name: str
    kind: str
    head: str
    capital: str
    established: str
    address: str
    scope: str
    state: Literal["open", "abnormal"]
    session: str


class CopyOrder(Wire):
    """A copy for whoever presented the licence."""

    session: Session


class LicenceCopy(Wire):
    """A sealed copy of a licence, and until when its link works."""

    copy_no: str
    issued_at: str
    take_away_url: str
    document: SealedPaper


@router.post(
    "/presentations",
    response_model=BusinessLicence,
    responses=refuses(
        "idempotency.missing", "presentation.unknown", "presentation.over", "company.cancelled",
        "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def present(here: Here, key: Key, presented: Presented) -> Response:
    """Take a code of the licence app; the licence behind it."""
    return once(here, key, presented, lambda db: _present(db, here, presented.code))


def _present(db: Connection, here: Window, code: str) -> BusinessLicence:
    company = _company(db, take_code(db, here, DEPARTMENT, code))
    if company["state"] == "cancelled":
        raise Problem("company.cancelled")
    session = new_token()
    until = (here.now() + SESSION_VALID).isoformat()
    db.execute(
        "INSERT INTO market_sessions VALUES (?, ?, ?)", (session, company["credit_code"], until)
    )
    own = {name: company[name] for name in BusinessLicence.model_fields if name != "session"}
    return BusinessLicence(**own | {"head": mask_name(company["head"]), "session": session})


def _company(db: Connection, credit_code: str) -> Row:
    row: Row = db.execute(
        "SELECT * FROM market_companies WHERE credit_code = ?", (credit_code,)
    ).fetchone()
    return row


@router.post(
    "/licence-copies",
    status_code=201,
    response_model=LicenceCopy,
    responses=refuses(
        "idempotency.missing", "presentation.over", "idempotency.mismatch", "request.invalid"
    ),
)
def copy(here: Here, key: Key, order: CopyOrder) -> Response:
    """A sealed copy of the licence that was presented."""
    return once(here, key, order, lambda db: _copy(db, here, order.session), 201)


def _copy(db: Connection, here: Window, session: str) -> LicenceCopy:
    row = db.execute("SELECT * FROM market_sessions WHERE session = ?", (session,)).fetchone()
    now = here.now()
    if row is None or datetime.fromisoformat(row["valid_until"]) <= now:
        raise Problem("presentation.over")
    company = _company(db, row["credit_code"])
    document = issue(db, here, _paper(company, now))
    rows = [
        ("名称", company["name"]),
        ("统一社会信用代码", company["credit_code"]),
        ("副本编号", document.document_no),
        ("打印时间", f"{now:%Y-%m-%d %H:%M:%S}"),
    ]
    return LicenceCopy(
        copy_no=document.document_no,
        issued_at=now.isoformat(),
        take_away_url=pages.publish(db, here, "电子营业执照副本", rows),
        document=document,
    )


def _paper(company: Row, now: datetime) -> Paper:
    rows = [
        ("统一社会信用代码", company["credit_code"]),
        ("名称", company["name"]),
        ("类型", company["kind"]),
        ("法定代表人", company["head"]),
        ("注册资本", company["capital"]),
        ("成立日期", company["established"]),
        ("住所", company["address"]),
        ("经营范围", company["scope"]),
    ]
    notes = [
        f"本副本由电子营业执照打印，自 {now:%Y年%m月%d日} 起 {COPY_VALID.days} 日内供办事使用。"
    ]
    if company["state"] == "abnormal":
        notes.append("该企业已被列入经营异常名录，详见国家企业信用信息公示系统。")
    return Paper("营业执照（副本）", ISSUER, "YZFB", notes, [(("登记事项", "内容"), rows)])


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Fresh codes of the licence app: of the first company, and of one that was cancelled."""
    chosen = db.execute(
        "SELECT MIN(rowid), credit_code FROM market_companies WHERE state != 'abnormal'"
        " GROUP BY state ORDER BY 1"
    )
    codes = [row["credit_code"] for row in chosen.fetchall()]
    return {
        "business_licence": [draw_code(db, here, DEPARTMENT, CODE_MARK, code) for code in codes],
        "credit_code": codes,
    }


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the companies."""
    for company in companies():
        db.execute(
            "INSERT INTO market_companies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                company.credit_code,
                company.name,
                company.kind,
                company.head.card.name,
                company.head.number,
                company.capital,
                company.established.isoformat(),
                company.address,
                company.scope,
                company.state,
            ),
        )
