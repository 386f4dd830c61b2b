"""大数据: electronic licences, and the second proof of identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox import proofs
from kiosk.sandbox.citizens import Citizen

DEPARTMENT = "data"

SCHEMA = proofs.SCHEMA

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])
router.include_router(proofs.router)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the citizens' registered phones."""
    proofs.seed(db, citizens)
