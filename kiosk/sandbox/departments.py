"""All departments of the sandbox: each a module with its routes, its own tables, and what it seeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection
from typing import Protocol

from fastapi import APIRouter

from kiosk.sandbox import (
    approval,
    credit,
    data,
    fund,
    hall,
    market,
    medical,
    payment,
    property,
    publicity,
    social_insurance,
    tax,
)
from kiosk.sandbox.citizens import Citizen


class Department(Protocol):
    """What a department's module has. `SCHEMA` is SQL that creates its tables, statements ended by `;`."""

    DEPARTMENT: str
    SCHEMA: str
    router: APIRouter

    def seed(self, db: Connection, citizens: Sequence[Citizen], today: date) -> None:
        """Enter what it has of the citizens; they are in the books already."""
        ...


DEPARTMENTS: tuple[Department, ...] = (
    social_insurance,
    medical,
    property,
    tax,
    credit,
    approval,
    market,
    fund,
    publicity,
    data,
    payment,
    hall,
)
"""In the order in which they are seeded."""
