"""Tax: digital invoices, invoices on paper, their checking and issuing, and what a person paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox import (
    documents,
    tax_checks,
    tax_invoices,
    tax_issue,
    tax_ofd,
    tax_papers,
    tax_pickups,
    tax_register,
)
from kiosk.sandbox.bookings import Cashbox, take_bookings
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.window import Window

DEPARTMENT = "tax"

ROOMS = (tax_invoices, tax_checks, tax_pickups, tax_issue, tax_papers)

SCHEMA = tax_register.SCHEMA + tax_ofd.SCHEMA + "".join(room.SCHEMA for room in ROOMS)

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
for room in ROOMS:
    router.include_router(room.router)
documents.serve(router, DEPARTMENT)
take_bookings(router, Cashbox(DEPARTMENT, "SW", {tax_issue.KIND: tax_issue.EFFECT}))


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Codes to be held in front of the scanner: of invoices of each kind and state, and of pickups, those
    that open a compartment of the bench's terminal first."""
    return {"invoice": tax_register.payloads(db), "pickup": tax_pickups.codes(db)}


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the citizens' invoices and payments, the invoices that only the register has, and those that
    wait in a compartment."""
    for citizen in citizens:
        tax_invoices.bill(db, citizen, today)
        tax_papers.earn(db, citizen, today)
    tax_register.seed(db, today)
    tax_pickups.seed(db, today)
