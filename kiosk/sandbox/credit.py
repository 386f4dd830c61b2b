"""人民银行征信: credit reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox import documents
from kiosk.sandbox.citizens import Citizen

DEPARTMENT = "credit"

SCHEMA = ""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

documents.serve(router, DEPARTMENT)


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Nothing is kept of the citizens yet."""
