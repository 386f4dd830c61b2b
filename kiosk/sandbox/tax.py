"""Tax: digital invoices, invoices on paper, their checking and issuing, and what a person paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox import tax_checks, tax_invoices, tax_pickups, tax_register
from kiosk.sandbox.citizens import Citizen

DEPARTMENT = "tax"

SCHEMA = tax_register.SCHEMA + tax_invoices.SCHEMA + tax_checks.SCHEMA + tax_pickups.SCHEMA

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
for room in (tax_invoices, tax_checks, tax_pickups):
    router.include_router(room.router)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the citizens' invoices, those that only the register has, and what waits to be fetched."""
    for citizen in citizens:
        tax_invoices.bill(db, citizen, today)
    tax_register.seed(db, today)
    tax_pickups.seed(db, today)
