"""The hall: staff called to a terminal, and citizens' ratings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Token, Wire

DEPARTMENT = "hall"

SCHEMA = """
CREATE TABLE staff_calls (
    call_id TEXT PRIMARY KEY, terminal TEXT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL,
    called_at TEXT NOT NULL);
CREATE TABLE ratings (
    rating_id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, item TEXT NOT NULL, level TEXT NOT NULL,
    rated_at TEXT NOT NULL);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

CallState = Literal["called", "on_the_way", "arrived"]
CallPath = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,64}$")]


class StaffCallOrder(Wire):
    """Somebody is wanted at a terminal; `item` may be ""."""

    terminal: Token
    item: Token | Literal[""]


class StaffCall(Wire):
    """Where a call stands."""

    call_id: str
    state: CallState


class Rating(Wire):
    """One of the five fixed levels (好差评)."""

    terminal: Token
    item: Token
    level: Literal["very_good", "good", "fair", "bad", "very_bad"]


class Rated(Wire):
    """Noted."""


@router.post(
    "/staff-calls",
    status_code=201,
    response_model=StaffCall,
    responses=refuses("idempotency.missing", "idempotency.mismatch", "request.invalid"),
)
def call_staff(here: Here, key: Key, order: StaffCallOrder) -> Response:
    """Call somebody."""
    return once(here, key, order, lambda db: _call(db, here, order), 201)


@router.get("/staff-calls/{call_id}", responses=refuses("call.unknown", "request.invalid"))
def staff_call(here: Here, call_id: CallPath) -> StaffCall:
    """Where a call stands."""
    with here.books.transaction() as db:
        return as_call(find_call(db, call_id))


@router.post(
    "/ratings",
    status_code=201,
    response_model=Rated,
    responses=refuses("idempotency.missing", "idempotency.mismatch", "request.invalid"),
)
def rate(here: Here, key: Key, rating: Rating) -> Response:
    """Hand in a rating."""
    return once(here, key, rating, lambda db: _rate(db, here, rating), 201)


def find_call(db: Connection, call_id: str) -> Row:
    """The call.

    Raises:
        Problem: call.unknown.
    """
    row: Row | None = db.execute(
        "SELECT * FROM staff_calls WHERE call_id = ?", (call_id,)
    ).fetchone()
    if row is None:
        raise Problem("call.unknown")
    return row


def as_call(row: Row) -> StaffCall:
    """A row of the books as it travels."""
    return StaffCall(call_id=row["call_id"], state=row["state"])


def _call(db: Connection, here: Window, order: StaffCallOrder) -> StaffCall:
    now = here.now()
    call_id = serial(db, "BB", now)
    values = (call_id, order.terminal, order.item, "called", now.isoformat())
    db.execute("INSERT INTO staff_calls VALUES (?, ?, ?, ?, ?)", values)
    return StaffCall(call_id=call_id, state="called")


def _rate(db: Connection, here: Window, rating: Rating) -> Rated:
    values = (rating.terminal, rating.item, rating.level, here.now().isoformat())
    db.execute("INSERT INTO ratings (terminal, item, level, rated_at) VALUES (?, ?, ?, ?)", values)
    return Rated()


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Nobody has called or rated yet."""
