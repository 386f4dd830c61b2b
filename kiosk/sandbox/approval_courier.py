"""Courier: the certificate of one's own finished case, sent home once, and followed until it is there."""

from __future__ import annotations

from datetime import timedelta
from sqlite3 import Connection, Row
from typing import Literal

from fastapi import APIRouter, Response

from kiosk.sandbox import pages
from kiosk.sandbox.approval_cases import item_name, own_case
from kiosk.sandbox.approval_words import (
    DEPARTMENT,
    Address,
    Both,
    Number,
    Phone,
    both,
    identified,
)
from kiosk.sandbox.books import serial
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Line, Person, PersonQuery, Wire

SCHEMA = """
CREATE TABLE deliveries (
    delivery_no TEXT PRIMARY KEY, case_no TEXT NOT NULL UNIQUE REFERENCES cases,
    id_number TEXT NOT NULL REFERENCES citizens, recipient TEXT NOT NULL, phone TEXT NOT NULL,
    division TEXT NOT NULL, detail TEXT NOT NULL, state TEXT NOT NULL, ordered_at TEXT NOT NULL,
    moved_at TEXT NOT NULL);
CREATE INDEX deliveries_of_person ON deliveries (id_number);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

DeliveryState = Literal["ordered", "collected", "on_the_way", "delivered"]
STATES: tuple[DeliveryState, ...] = ("ordered", "collected", "on_the_way", "delivered")

EVENTS = {
    "ordered": both("审批服务局已下单", "Ordered by the approval bureau"),
    "collected": both("快递员已揽收", "Collected by the courier"),
    "on_the_way": both("运输途中", "On the way"),
    "delivered": both("已签收", "Delivered"),
}

TAKES = timedelta(days=3)


class Certificate(Wire):
    """A certificate that waits at the window of the bureau."""

    case_no: str
    name: Both
    finished_on: str


class DeliveryEvent(Wire):
    """What happened to a delivery; `at` is null until it does."""

    name: Both
    at: str | None


class Delivery(Wire):
    """Where a delivery is. Nothing in it tells to whom or where it goes."""

    delivery_no: str
    case_no: str
    name: Both
    state: DeliveryState
    expected_on: str
    events: list[DeliveryEvent]
    take_away_url: str


class Deliverable(Wire):
    """What can be sent to a person, and what is under way."""

    certificates: list[Certificate]
    deliveries: list[Delivery]


class DeliveryOrder(Wire):
    """To whom and where one certificate is sent. Its repr is masked."""

    person: Person
    case_no: Number
    recipient: Line
    phone: Phone
    address: Address

    def __repr__(self) -> str:
        return "DeliveryOrder(***)"


class DeliveryQuery(Wire):
    """The number alone."""

    number: Number


@router.post(
    "/certificates/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def deliverable(here: Here, query: PersonQuery) -> Deliverable:
    """The certificates of the person who asks that wait or are under way."""
    with here.books.transaction() as db:
        number = identified(db, query.person)
        waiting = db.execute(
            "SELECT * FROM cases WHERE id_number = ? AND state = 'finished' AND delivery = ''"
            " ORDER BY moved_on DESC, case_no",
            (number,),
        ).fetchall()
        sent = db.execute(
            "SELECT * FROM deliveries WHERE id_number = ? ORDER BY ordered_at DESC, delivery_no",
            (number,),
        ).fetchall()
        return Deliverable(
            certificates=[
                Certificate(case_no=r["case_no"], name=item_name(r), finished_on=r["moved_on"])
                for r in waiting
            ],
            deliveries=[_delivery(db, here, row) for row in sent],
        )


@router.post(
    "/deliveries",
    status_code=201,
    response_model=Delivery,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "case.unknown",
        "case.not_own", "case.not_finished", "certificate.sent", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def send(here: Here, key: Key, order: DeliveryOrder) -> Response:
    """Have a certificate sent."""
    return once(here, key, order, lambda db: _send(db, here, order), 201)


@router.post("/deliveries/queries", responses=refuses("delivery.unknown", "request.invalid"))
def track(here: Here, query: DeliveryQuery) -> Delivery:
    """Where the delivery of a number is."""
    with here.books.transaction() as db:
        return _delivery(db, here, find_delivery(db, query.number))


def find_delivery(db: Connection, number: str) -> Row:
    """The delivery of a number.

    Raises:
        Problem: delivery.unknown.
    """
    row: Row | None = db.execute(
        "SELECT * FROM deliveries WHERE delivery_no = ?", (number,)
    ).fetchone()
    if row is None:
        raise Problem("delivery.unknown")
    return row


def move_delivery(db: Connection, number: str, state: DeliveryState, moved_at: str) -> None:
    """Let the courier take a delivery so far.

    Raises:
        Problem: delivery.unknown.
    """
    find_delivery(db, number)
    db.execute(
        "UPDATE deliveries SET state = ?, moved_at = ? WHERE delivery_no = ?",
        (state, moved_at, number),
    )


def _send(db: Connection, here: Window, order: DeliveryOrder) -> Delivery:
    id_number = identified(db, order.person)
    case = own_case(db, order.case_no, id_number)
    if case["state"] != "finished":
        raise Problem("case.not_finished")
    if case["delivery"]:
        raise Problem("certificate.sent")
    now = here.now().isoformat()
    number = serial(db, "KD", here.now())
    db.execute(
        "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, 'ordered', ?, ?)",
        (
            number,
            order.case_no,
            id_number,
            order.recipient,
            order.phone,
            order.address.division,
            order.address.detail,
            now,
            now,
        ),
    )
    db.execute("UPDATE cases SET delivery = ? WHERE case_no = ?", (number, order.case_no))
    return _delivery(db, here, find_delivery(db, number))


def _delivery(db: Connection, here: Window, row: Row) -> Delivery:
    case = db.execute("SELECT * FROM cases WHERE case_no = ?", (row["case_no"],)).fetchone()
    reached = STATES.index(row["state"])
    at = [row["ordered_at"], *[row["moved_at"]] * (len(STATES) - 1)]
    events = [
        DeliveryEvent(name=EVENTS[state], at=at[place] if place <= reached else None)
        for place, state in enumerate(STATES)
    ]
    expected = here.now().fromisoformat(row["ordered_at"]) + TAKES
    lines = [("快递单号", row["delivery_no"]), ("证照", item_name(case).zh)]
    lines += [(event.name.zh, event.at[:16].replace("T", " ")) for event in events if event.at]
    return Delivery(
        delivery_no=row["delivery_no"],
        case_no=row["case_no"],
        name=item_name(case),
        state=row["state"],
        expected_on=expected.date().isoformat(),
        events=events,
        take_away_url=pages.publish(db, here, "证照快递", lines),
    )
