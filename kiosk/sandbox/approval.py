"""审批服务局: items, cases, appointments, approvals, courier. Each room is a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter, Response

from kiosk.sandbox import (
    approval_cases,
    approval_commitments,
    approval_courier,
    approval_decisions,
    approval_items,
    approval_slots,
    approval_themes,
)
from kiosk.sandbox.approval_words import DEPARTMENT, NumberPath
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.documents import serve
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Wire

__all__ = ["DEPARTMENT", "SCHEMA", "control", "router", "samples", "seed"]

ROOMS = (
    approval_cases,
    approval_slots,
    approval_themes,
    approval_decisions,
    approval_commitments,
    approval_courier,
    approval_items,
)

SCHEMA = "".join(room.SCHEMA for room in ROOMS)

router = APIRouter()
for room in ROOMS:
    router.include_router(room.router)

_papers = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
serve(_papers, DEPARTMENT)
router.include_router(_papers)

control = APIRouter(prefix="/_control", tags=["control"])


class CaseMove(Wire):
    """How far the bureau is with a case."""

    state: approval_cases.CaseState


class DeliveryMove(Wire):
    """How far the courier is."""

    state: approval_courier.DeliveryState


@control.post(
    "/cases/{number}", status_code=204, responses=refuses("case.unknown", "request.invalid")
)
def move_case(here: Here, number: NumberPath, move: CaseMove) -> Response:
    """The bureau takes a case further."""
    with here.books.transaction() as db:
        approval_cases.move_case(db, number, move.state, here.now().date())
    return Response(status_code=204)


@control.post(
    "/deliveries/{number}",
    status_code=204,
    responses=refuses("delivery.unknown", "request.invalid"),
)
def move_delivery(here: Here, number: NumberPath, move: DeliveryMove) -> Response:
    """The courier takes a delivery further."""
    with here.books.transaction() as db:
        approval_courier.move_delivery(db, number, move.state, here.now().isoformat())
    return Response(status_code=204)


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Numbers of cases: the default card's holder's own."""
    return {"case": approval_cases.samples(db)}


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the citizens' cases."""
    approval_cases.seed(db, citizens, today)
