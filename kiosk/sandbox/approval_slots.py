"""Appointments: a time at a window or a visit at home. A slot is taken once; one's own can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from sqlite3 import Connection, IntegrityError, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.approval_words import (
    DEPARTMENT,
    HOME_DIVISION,
    Address,
    Both,
    Id,
    NumberPath,
    Phone,
    both,
    identified,
)
from kiosk.sandbox.books import serial
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import CHINA, Here, Window
from kiosk.sandbox.wire import Person, PersonQuery, Wire

SCHEMA = """
CREATE TABLE appointments (
    appointment_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens,
    service TEXT NOT NULL, mode TEXT NOT NULL, slot TEXT NOT NULL, division TEXT NOT NULL,
    detail TEXT NOT NULL, phone TEXT NOT NULL, cancelled_at TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX a_slot_is_taken_once ON appointments (slot) WHERE cancelled_at = '';
CREATE INDEX appointments_of_person ON appointments (id_number);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

Mode = Literal["window", "home"]
SlotId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}\.(window|home)\.[0-9]{8}\.[0-9]{4}$")
]

SERVICES: dict[str, tuple[Both, Both, bool]] = {
    "business": (
        both("企业开办", "Opening a business"),
        both("二楼 商事登记区 12 号窗口", "2nd floor, window 12"),
        False,
    ),
    "property": (
        both("不动产登记", "Property registration"),
        both("一楼 不动产区 5 号窗口", "1st floor, window 5"),
        True,
    ),
    "social": (
        both("社保业务", "Social insurance"),
        both("一楼 社保区 3 号窗口", "1st floor, window 3"),
        True,
    ),
    "elderly": (
        both("老年人、残疾人业务", "For elderly and disabled people"),
        both("一楼 绿色通道", "1st floor, priority window"),
        True,
    ),
}
"""What can be booked: its name, its window, and whether staff also comes to one's home."""

HOURS = (time(9), time(10), time(11), time(14), time(15), time(16))
OPEN_DAYS = 5
"""Working days ahead for which slots are open, from tomorrow on."""


class Service(Wire):
    """Something an appointment can be made for; `home` where staff also comes to one's home."""

    service: str
    name: Both
    window: Both
    home: bool


class ServiceList(Wire):
    """In the bureau's order."""

    services: list[Service]


class SlotQuery(Wire):
    """Which slots are wanted."""

    service: Id
    mode: Mode


class Slot(Wire):
    """A slot that is free."""

    slot: str
    day: str
    since: str
    until: str


class SlotList(Wire):
    """By time."""

    slots: list[Slot]


class AppointmentOrder(Wire):
    """Who comes when; `address` and `phone` only for a visit at home."""

    person: Person
    slot: SlotId
    address: Address | None = None
    phone: Phone | None = None


class Appointment(Wire):
    """An appointment; `where` is the window, or "home"."""

    appointment_no: str
    service: str
    name: Both
    mode: Mode
    where: Both
    day: str
    since: str
    until: str
    take_away_url: str


class AppointmentList(Wire):
    """Those still to come, soonest first."""

    appointments: list[Appointment]


class Cancelled(Wire):
    """The slot is free again."""

    appointment_no: str


@router.get("/appointable")
def appointable() -> ServiceList:
    """What an appointment can be made for."""
    return ServiceList(
        services=[
            Service(service=service, name=name, window=window, home=home)
            for service, (name, window, home) in SERVICES.items()
        ]
    )


@router.post("/slots/queries", responses=refuses("slot.unknown", "request.invalid"))
def slots(here: Here, query: SlotQuery) -> SlotList:
    """The slots that are free."""
    _service(query.service, query.mode)
    with here.books.transaction() as db:
        taken = {
            row["slot"]
            for row in db.execute("SELECT slot FROM appointments WHERE cancelled_at = ''")
        }
    opened = _opened(query.service, query.mode, here.now().date())
    return SlotList(slots=[slot for slot in opened if slot.slot not in taken])


@router.post(
    "/appointments/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def own_appointments(here: Here, query: PersonQuery) -> AppointmentList:
    """The appointments of the person who asks, which are still to come."""
    with here.books.transaction() as db:
        number = identified(db, query.person)
        rows = db.execute(
            "SELECT * FROM appointments WHERE id_number = ? AND cancelled_at = ''", (number,)
        ).fetchall()
        coming = [row for row in rows if _begins(row["slot"]) > here.now()]
        coming.sort(key=lambda row: _begins(row["slot"]))
        return AppointmentList(appointments=[_appointment(db, here, row) for row in coming])


@router.post(
    "/appointments",
    status_code=201,
    response_model=Appointment,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "slot.unknown", "slot.taken",
        "appointment.exists", "address.missing", "address.outside", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def book(here: Here, key: Key, order: AppointmentOrder) -> Response:
    """Take a slot."""
    return once(here, key, order, lambda db: _book(db, here, order), 201)


@router.post(
    "/appointments/{number}/cancellations",
    response_model=Cancelled,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "appointment.unknown",
        "appointment.not_own", "appointment.over", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def cancel(here: Here, key: Key, number: NumberPath, query: PersonQuery) -> Response:
    """Give a slot back."""
    return once(here, key, query, lambda db: _cancel(db, here, number, query.person))


def _service(service: str, mode: str) -> tuple[Both, Both, bool]:
    found = SERVICES.get(service)
    if found is None or (mode == "home" and not found[2]):
        raise Problem("slot.unknown")
    return found


def _opened(service: str, mode: str, today: date) -> Iterator[Slot]:
    day, left = today, OPEN_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() >= 5:
            continue
        left -= 1
        for begin in HOURS:
            end = begin.replace(hour=begin.hour + 1)
            yield Slot(
                slot=f"{service}.{mode}.{day:%Y%m%d}.{begin:%H%M}",
                day=day.isoformat(),
                since=f"{begin:%H:%M}",
                until=f"{end:%H:%M}",
            )


def _begins(slot: str) -> datetime:
    _, _, day, hour = slot.split(".")
    return datetime.strptime(day + hour, "%Y%m%d%H%M").replace(tzinfo=CHINA)


def _book(db: Connection, here: Window, order: AppointmentOrder) -> Appointment:
    id_number = identified(db, order.person)
    service, mode, _, _ = order.slot.split(".")
    _service(service, mode)
    if order.slot not in {slot.slot for slot in _opened(service, mode, here.now().date())}:
        raise Problem("slot.unknown")
    address = order.address
    if mode == "home":
        if address is None or order.phone is None:
            raise Problem("address.missing")
        if address.division != HOME_DIVISION:
            raise Problem("address.outside")
    _not_twice(db, here, id_number, service)
    number = serial(db, "YY", here.now())
    try:
        db.execute(
            "INSERT INTO appointments VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
            (
                number,
                id_number,
                service,
                mode,
                order.slot,
                address.division if address else "",
                address.detail if address else "",
                order.phone or "",
            ),
        )
    except IntegrityError:
        raise Problem("slot.taken") from None
    return _appointment(db, here, find_appointment(db, number))


def _not_twice(db: Connection, here: Window, id_number: str, service: str) -> None:
    rows = db.execute(
        "SELECT slot FROM appointments WHERE id_number = ? AND service = ? AND cancelled_at = ''",
        (id_number, service),
    ).fetchall()
    if any(_begins(row["slot"]) > here.now() for row in rows):
        raise Problem("appointment.exists")


def _cancel(db: Connection, here: Window, number: str, person: Person) -> Cancelled:
    id_number = identified(db, person)
    row = find_appointment(db, number)
    if row["id_number"] != id_number:
        raise Problem("appointment.not_own")
    if row["cancelled_at"] or _begins(row["slot"]) <= here.now():
        raise Problem("appointment.over")
    db.execute(
        "UPDATE appointments SET cancelled_at = ? WHERE appointment_no = ?",
        (here.now().isoformat(), number),
    )
    return Cancelled(appointment_no=number)


def find_appointment(db: Connection, number: str) -> Row:
    """The appointment of a number.

    Raises:
        Problem: appointment.unknown.
    """
    row: Row | None = db.execute(
        "SELECT * FROM appointments WHERE appointment_no = ?", (number,)
    ).fetchone()
    if row is None:
        raise Problem("appointment.unknown")
    return row


def _appointment(db: Connection, here: Window, row: Row) -> Appointment:
    name, window, _ = SERVICES[row["service"]]
    begin = _begins(row["slot"])
    where = window if row["mode"] == "window" else both("上门服务", "At your home")
    when = f"{begin:%Y-%m-%d %H:%M}"
    lines = [
        ("预约号", row["appointment_no"]),
        ("事项", name.zh),
        ("时间", when),
        ("地点", where.zh),
    ]
    return Appointment(
        appointment_no=row["appointment_no"],
        service=row["service"],
        name=name,
        mode=row["mode"],
        where=where,
        day=begin.date().isoformat(),
        since=f"{begin:%H:%M}",
        until=f"{begin + timedelta(hours=1):%H:%M}",
        take_away_url=pages.publish(db, here, "预约凭证", lines),
    )
