"""Objections to what stands in a credit report: their kinds, and the slots at the bureau's counter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from sqlite3 import Connection, IntegrityError
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Wire


@dataclass(frozen=True, slots=True)
class Bureau:
    """Who issues reports, and where objections are taken."""

    name: str
    series: str
    counter: str


BUREAU = Bureau("中国人民银行征信中心", "XYBG", "人民银行乳山市营业管理部 一楼征信窗口")

SCHEMA = """
CREATE TABLE objections (
    objection_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, kind TEXT NOT NULL,
    slot TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL);
CREATE UNIQUE INDEX one_objection_of_a_kind ON objections (id_number, kind);
"""

HOURS = (time(9), time(10), time(14), time(15))
OPEN_DAYS = 5
"""Working days ahead for which slots are open, from tomorrow on."""

KINDS = {
    "account": "账户信息有误",
    "identity": "身份信息有误",
    "not_mine": "不是本人办理的业务",
    "query": "未经授权的查询",
}

Kind = Literal["account", "identity", "not_mine", "query"]
SlotId = Annotated[str, StringConstraints(pattern="^[0-9]{8}-[0-9]{4}$")]

router = APIRouter()


class ObjectionSlot(Wire):
    """A free time at the counter."""

    slot: str
    day: str
    since: str
    until: str


class ObjectionSlots(Wire):
    """By time."""

    slots: list[ObjectionSlot]


class ObjectionOrder(Wire):
    """What is objected to, and when the person comes."""

    person: Person
    kind: Kind
    slot: SlotId


class Objection(Wire):
    """An objection announced, with its time at the counter."""

    objection_no: str
    kind: Kind
    day: str
    since: str
    until: str
    where: str
    take_away_url: str


@router.get("/objection-slots", responses=refuses())
def slots(here: Here) -> ObjectionSlots:
    """The times that are free."""
    with here.books.transaction() as db:
        taken = {row["slot"] for row in db.execute("SELECT slot FROM objections")}
    free = [slot for slot in _opened(here.now().date()) if slot.slot not in taken]
    return ObjectionSlots(slots=free)


@router.post(
    "/objections",
    status_code=201,
    response_model=Objection,
    responses=refuses(
        "idempotency.missing", "idempotency.mismatch", "proof.card_required", "person.unknown",
        "slot.unknown", "slot.taken", "objection.exists", "request.invalid",
    ),
)  # fmt: skip
def object_to(here: Here, key: Key, order: ObjectionOrder) -> Response:
    """Take a time at the counter for an objection."""
    return once(here, key, order, lambda db: _object(db, here, order), 201)


def _object(db: Connection, here: Window, order: ObjectionOrder) -> Objection:
    if order.person.proof != "card":
        raise Problem("proof.card_required")
    known(db, order.person)
    now = here.now()
    slot = next((each for each in _opened(now.date()) if each.slot == order.slot), None)
    if slot is None:
        raise Problem("slot.unknown")
    if db.execute("SELECT 1 FROM objections WHERE slot = ?", (order.slot,)).fetchone():
        raise Problem("slot.taken")
    number = serial(db, "YY", now)
    row = (number, order.person.id_number, order.kind, order.slot, now.isoformat())
    try:
        db.execute("INSERT INTO objections VALUES (?, ?, ?, ?, ?)", row)
    except IntegrityError:
        raise Problem("objection.exists") from None
    about = [
        ("预约编号", number),
        ("异议类型", KINDS[order.kind]),
        ("时间", f"{slot.day} {slot.since}—{slot.until}"),
        ("地点", BUREAU.counter),
    ]
    return Objection(
        objection_no=number,
        kind=order.kind,
        day=slot.day,
        since=slot.since,
        until=slot.until,
        where=BUREAU.counter,
        take_away_url=pages.publish(db, here, "征信异议申请预约", about),
    )


def _opened(today: date) -> Iterator[ObjectionSlot]:
    day, left = today, OPEN_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() >= 5:
            continue
        left -= 1
        for begin in HOURS:
            end = datetime.combine(day, begin) + timedelta(hours=1)
            yield ObjectionSlot(
                slot=f"{day:%Y%m%d}-{begin:%H%M}",
                day=day.isoformat(),
                since=f"{begin:%H:%M}",
                until=f"{end:%H:%M}",
            )
