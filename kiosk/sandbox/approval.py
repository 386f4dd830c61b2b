"""审批服务局: items, cases, appointments, approvals, courier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from fastapi import APIRouter

from kiosk.sandbox.citizens import Citizen

DEPARTMENT = "approval"

SCHEMA = ""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Nothing is kept of the citizens yet."""
