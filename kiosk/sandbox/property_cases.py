"""The registration centre's cases: where they stand and what they cost.

Each is known by a number on a paper (proof 1), so that no answer names a person or a whole address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.bookings import Bill, Cashbox, Charge, Effect, is_booked, issue, take_bookings
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Wire

DEPARTMENT = "property"

FEE = "registration-fee"
"""The kind of bill that a payment notice is."""

DWELLING_FEN, OTHER_FEN, FURTHER_COPY_FEN = 80_00, 550_00, 10_00
"""发改价格规〔2016〕2559号: a registration of a dwelling, of anything else, each further certificate."""

PAY_WITHIN = timedelta(days=30)

DECIDED_WITHIN = timedelta(days=7)
"""What the centre promises; the regulation allows 30 working days."""

SCHEMA = """
CREATE TABLE registrations (
    acceptance_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, kind TEXT NOT NULL,
    place TEXT NOT NULL, accepted_on TEXT NOT NULL, reached INTEGER NOT NULL, state TEXT NOT NULL,
    remark TEXT NOT NULL);
CREATE TABLE fee_notices (
    notice_no TEXT PRIMARY KEY, acceptance_no TEXT NOT NULL REFERENCES registrations,
    bill_id TEXT NOT NULL REFERENCES bills, registration_fen INTEGER NOT NULL,
    copies INTEGER NOT NULL, due_on TEXT NOT NULL);
"""

STAGES = ("受理", "审核", "缴费", "登簿", "领证")
"""The way of every registration; `reached` counts those that are behind it."""

KINDS = ("房屋所有权转移登记", "国有建设用地使用权及房屋所有权首次登记", "抵押权登记", "变更登记")

STATES = ("under_way", "to_complete", "to_pay", "to_collect", "finished", "rejected")
REMARKS = {
    "to_complete": "缺少契税完税凭证，请补齐后交登记窗口",
    "to_pay": "请凭缴费通知单缴纳登记费，缴清后登簿",
    "to_collect": "请持有效身份证件到登记窗口领取证书",
    "rejected": "申请登记的不动产存在权属争议，不予登记告知书已送达",
}
REACHED = {
    "under_way": 1,
    "to_complete": 1,
    "to_pay": 2,
    "to_collect": 4,
    "finished": 5,
    "rejected": 1,
}

router = APIRouter()

SerialNumber = Annotated[str, StringConstraints(pattern="^[0-9A-Z-]{1,40}$")]
"""As typed: one that is of no series is known to nobody."""


class CaseQuery(Wire):
    """The acceptance number on the receipt of an application."""

    acceptance_no: SerialNumber


class Stage(Wire):
    """One station of a registration; `day` is "" until it is reached."""

    name: str
    state: Literal["done", "current", "ahead"]
    day: str


class Progress(Wire):
    """Where a registration stands. `remark` is what the applicant has to do, or ""."""

    acceptance_no: str
    kind: str
    place: str
    accepted_on: str
    promised_on: str
    state: Literal["under_way", "to_complete", "to_pay", "to_collect", "finished", "rejected"]
    remark: str
    stages: list[Stage]
    take_away_url: str


class NoticeQuery(Wire):
    """The number on a payment notice."""

    notice_no: SerialNumber


class FeePart(Wire):
    """One line of a notice."""

    name: str
    amount_fen: int


class Notice(Wire):
    """What a registration costs. `option` is what is paid at the gateway for the bill."""

    notice_no: str
    bill_id: str
    option: str
    kind: str
    place: str
    amount_fen: int
    parts: list[FeePart]
    due_on: str
    paid: bool


@router.post("/registrations/queries", responses=refuses("registration.unknown", "request.invalid"))
def progress(here: Here, query: CaseQuery) -> Progress:
    """Where a registration stands, with the day of each station."""
    with here.books.transaction() as db:
        row = _case(db, query.acceptance_no)
        stages = _stages(row)
        rows = [("受理编号", row["acceptance_no"]), ("登记类型", row["kind"])]
        rows += [(stage.name, stage.day or "—") for stage in stages]
        url = pages.publish(db, here, "不动产登记进度", rows)
    accepted = date.fromisoformat(row["accepted_on"])
    return Progress(
        acceptance_no=row["acceptance_no"],
        kind=row["kind"],
        place=row["place"],
        accepted_on=row["accepted_on"],
        promised_on=(accepted + DECIDED_WITHIN).isoformat(),
        state=row["state"],
        remark=row["remark"],
        stages=stages,
        take_away_url=url,
    )


def _case(db: Connection, number: str) -> Row:
    row: Row | None = db.execute(
        "SELECT * FROM registrations WHERE acceptance_no = ?", (number,)
    ).fetchone()
    if row is None:
        raise Problem("registration.unknown")
    return row


def _stages(row: Row) -> list[Stage]:
    accepted = date.fromisoformat(row["accepted_on"])
    stages = []
    for place, name in enumerate(STAGES):
        done = place < row["reached"]
        day = (accepted + timedelta(days=place)).isoformat() if done else ""
        ahead: Literal["current", "ahead"] = "current" if place == row["reached"] else "ahead"
        stages.append(Stage(name=name, state="done" if done else ahead, day=day))
    return stages


@router.post("/fees/queries", responses=refuses("notice.unknown", "request.invalid"))
def fee(here: Here, query: NoticeQuery) -> Notice:
    """What a payment notice asks for."""
    with here.books.transaction() as db:
        row = db.execute(
            "SELECT * FROM fee_notices JOIN registrations USING (acceptance_no) WHERE notice_no = ?",
            (query.notice_no,),
        ).fetchone()
        if row is None:
            raise Problem("notice.unknown")
        paid = is_booked(db, row["bill_id"])
    parts = [FeePart(name="不动产登记费", amount_fen=row["registration_fen"])]
    if row["copies"] > 1:
        copies = row["copies"] - 1
        parts.append(
            FeePart(name=f"证书工本费（{copies} 本）", amount_fen=copies * FURTHER_COPY_FEN)
        )
    return Notice(
        notice_no=row["notice_no"],
        bill_id=row["bill_id"],
        option=FEE,
        kind=row["kind"],
        place=row["place"],
        amount_fen=sum(part.amount_fen for part in parts),
        parts=parts,
        due_on=row["due_on"],
        paid=paid,
    )


def _paid(db: Connection, _here: Window, bill: Row) -> str:
    """The fee is in: the registration goes on to the register, and the certificate can be collected."""
    row = db.execute(
        "SELECT state FROM registrations WHERE acceptance_no = ?", (bill["period"],)
    ).fetchone()
    _move(db, bill["period"], "to_collect")
    return str(row["state"])


def _unpaid(db: Connection, bill: Row, before: str) -> None:
    _move(db, bill["period"], before)


def _move(db: Connection, acceptance_no: str, state: str) -> None:
    db.execute(
        "UPDATE registrations SET state = ?, remark = ?, reached = ? WHERE acceptance_no = ?",
        (state, REMARKS.get(state, ""), REACHED[state], acceptance_no),
    )


take_bookings(router, Cashbox(DEPARTMENT, "BDCF", {FEE: Effect(_paid, _unpaid)}))


def samples(db: Connection) -> dict[str, list[str]]:
    """Numbers that a bench can hold in front of the scanner, the plainest first."""
    return {
        "registration": _column(db, "SELECT acceptance_no FROM registrations ORDER BY rowid"),
        "registration_fee": _column(db, "SELECT notice_no FROM fee_notices ORDER BY rowid"),
    }


def _column(db: Connection, query: str) -> list[str]:
    return [row[0] for row in db.execute(f"{query} LIMIT 12")]


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter a registration of every resident, and the notices of those that are to be paid."""
    for citizen in citizens:
        if citizen.at_home:
            _seed_case(db, citizen, today)


def _seed_case(db: Connection, citizen: Citizen, today: date) -> None:
    state = ("to_pay", *STATES)[citizen.place % (len(STATES) + 1)]
    accepted = today - timedelta(days=REACHED[state] + citizen.place % 3)
    number = f"BDCS{accepted:%Y%m%d}{citizen.place + 1:06d}"
    kind, place = KINDS[citizen.place % len(KINDS)], f"乳山市胜利街**号{citizen.place % 9 + 1}号楼"
    db.execute(
        "INSERT INTO registrations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            citizen.number,
            kind,
            place,
            accepted.isoformat(),
            REACHED[state],
            state,
            REMARKS.get(state, ""),
        ),
    )
    if state == "to_pay":
        _seed_notice(db, citizen, number, today)


def _seed_notice(db: Connection, citizen: Citizen, acceptance_no: str, today: date) -> None:
    fee_fen = OTHER_FEN if citizen.place % 4 == 1 else DWELLING_FEN
    copies = 1 + citizen.place % 3
    bill = Bill(f"BDC{acceptance_no[4:]}", DEPARTMENT, FEE, None, acceptance_no, "不动产登记费")
    issue(db, bill, [Charge(FEE, fee_fen + (copies - 1) * FURTHER_COPY_FEN)])
    db.execute(
        "INSERT INTO fee_notices VALUES (?, ?, ?, ?, ?, ?)",
        (
            f"JFTZ{acceptance_no[4:]}",
            acceptance_no,
            bill.bill_id,
            fee_fen,
            copies,
            (today + PAY_WITHIN).isoformat(),
        ),
    )
