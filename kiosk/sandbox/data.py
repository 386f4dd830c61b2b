"""大数据: electronic licences, and the second proof of identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox import licences, proofs
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.window import Window

DEPARTMENT = "data"

SCHEMA = proofs.SCHEMA + licences.SCHEMA

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
router.include_router(proofs.router)
router.include_router(licences.router)


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Codes that a bench can hold in front of the scanner."""
    return licences.samples(db, here)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the citizens' registered phones and their licences."""
    proofs.seed(db, citizens)
    licences.seed(db, citizens, today)
