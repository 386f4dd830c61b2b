"""Invoices on paper that wait in a terminal's compartment: released by a code, then confirmed as taken.

A code is spent when the terminal confirms that the invoice was taken, not when the compartment opens.
Between the two an invoice is "released": if the terminal loses its power there, nobody knows whether
the door stood open long enough, so the same code opens the same compartment of the same terminal again.
A citizen who has the invoice finds it empty, one who has not finds the invoice; none is lost.
"""

from __future__ import annotations

from datetime import date, timedelta
from sqlite3 import Connection, Row
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Token, Wire

WRONG_CODES = 5
WRONG_WITHIN = timedelta(minutes=10)
"""So many wrong codes at one terminal within so long, and it waits: eight digits cannot be guessed."""

SCHEMA = """
CREATE TABLE pickups (
    pickup_id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, terminal TEXT NOT NULL,
    compartment TEXT NOT NULL, invoices INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    kept_until TEXT NOT NULL, left_as TEXT NOT NULL DEFAULT '', acceptance_no TEXT NOT NULL DEFAULT '',
    taken_at TEXT NOT NULL DEFAULT '', voucher_url TEXT NOT NULL DEFAULT '');
CREATE TABLE wrong_pickups (terminal TEXT NOT NULL, at REAL NOT NULL);
"""

WAITING: Final = "waiting"
RELEASED: Final = "released"
TAKEN: Final = "taken"

router = APIRouter()

StillThere = Literal["waiting", "released"]
PickupId = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,64}$")]


class PickupOrder(Wire):
    """A pickup code held or typed at a terminal. Its repr is masked: the code opens a door."""

    code: Annotated[str, StringConstraints(pattern="^[0-9]{8}$")] = Field(examples=["40718263"])
    terminal: Token

    def __repr__(self) -> str:
        return "PickupOrder(***)"


class Released(Wire):
    """The compartment to open. `again` where it was released before and never confirmed as taken."""

    pickup_id: str
    compartment: str
    invoices: int
    kind: Literal["special", "ordinary"]
    again: bool


class TakenReport(Wire):
    """The invoice was taken and the door closed; `seen_empty` null where no sensor looks inside."""

    terminal: Token
    seen_empty: Annotated[bool, Field(strict=True)] | None


class LeftReport(Wire):
    """It was not taken: it lies there still, the door was not closed, or the lock does not open."""

    terminal: Token
    reason: Literal["not_taken", "left_open", "lock_failed"]


class PickupTaken(Wire):
    """The department's word that the invoice was handed over."""

    pickup_id: str
    acceptance_no: str
    taken_at: str
    voucher_url: str


class PickupLeft(Wire):
    """What the invoice is now: waiting where it was seen inside, released where nobody knows."""

    pickup_id: str
    state: StillThere


@router.post(
    "/pickups",
    status_code=201,
    response_model=Released,
    responses=refuses(
        "idempotency.missing", "pickup.unknown", "pickup.elsewhere", "pickup.used", "pickup.expired",
        "pickup.too_many", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def release(here: Here, key: Key, order: PickupOrder) -> Response:
    """Say which compartment the code opens."""

    def wrong(db: Connection, refusal: Problem) -> None:
        if refusal.code == "pickup.unknown":
            at = here.now().timestamp()
            db.execute("INSERT INTO wrong_pickups VALUES (?, ?)", (order.terminal, at))

    return once(here, key, order, lambda db: _release(db, here, order), 201, wrong)


def _release(db: Connection, here: Window, order: PickupOrder) -> Released:
    since = (here.now() - WRONG_WITHIN).timestamp()
    wrong = db.execute(
        "SELECT count(*) FROM wrong_pickups WHERE terminal = ? AND at > ?", (order.terminal, since)
    ).fetchone()[0]
    if wrong >= WRONG_CODES:
        raise Problem("pickup.too_many")
    row = db.execute("SELECT * FROM pickups WHERE code = ?", (order.code,)).fetchone()
    if row is None:
        raise Problem("pickup.unknown")
    if row["state"] == TAKEN:
        raise Problem("pickup.used")
    if row["terminal"] != order.terminal:
        raise Problem("pickup.elsewhere")
    if row["kept_until"] < here.now().date().isoformat():
        raise Problem("pickup.expired")
    db.execute("UPDATE pickups SET state = ? WHERE code = ?", (RELEASED, order.code))
    return Released(
        pickup_id=row["pickup_id"],
        compartment=row["compartment"],
        invoices=row["invoices"],
        kind=row["kind"],
        again=row["state"] == RELEASED,
    )


@router.post(
    "/pickups/{pickup_id}/taken",
    status_code=201,
    response_model=PickupTaken,
    responses=refuses(
        "idempotency.missing", "pickup.unknown", "pickup.not_released", "pickup.elsewhere",
        "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def taken(here: Here, key: Key, pickup_id: PickupId, report: TakenReport) -> Response:
    """Note that the invoice was taken: its code is spent."""
    return once(here, key, report, lambda db: _take(db, here, pickup_id, report), 201)


def _take(db: Connection, here: Window, pickup_id: str, report: TakenReport) -> PickupTaken:
    row = _at_this_terminal(db, pickup_id, report.terminal)
    if row["state"] == WAITING and not row["left_as"]:
        raise Problem("pickup.not_released")
    if row["state"] != TAKEN:  # also one that was left first: the two words may overtake each other
        now = here.now()
        number = serial(db, "ZP", now)
        rows = [
            ("取件受理号", number),
            ("发票份数", str(row["invoices"])),
            ("取件终端", row["terminal"]),
            ("取件时间", f"{now:%Y-%m-%d %H:%M:%S}"),
        ]
        url = pages.publish(db, here, "纸质发票取件凭证", rows)
        db.execute(
            "UPDATE pickups SET state = ?, acceptance_no = ?, taken_at = ?, voucher_url = ?,"
            " left_as = '' WHERE pickup_id = ?",
            (TAKEN, number, now.isoformat(), url, pickup_id),
        )
        row = _at_this_terminal(db, pickup_id, report.terminal)
    return PickupTaken(**{name: row[name] for name in PickupTaken.model_fields})


@router.post(
    "/pickups/{pickup_id}/left",
    status_code=201,
    response_model=PickupLeft,
    responses=refuses(
        "idempotency.missing", "pickup.unknown", "pickup.used", "pickup.elsewhere",
        "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def left(here: Here, key: Key, pickup_id: PickupId, report: LeftReport) -> Response:
    """Note that the invoice was not taken, and why; its code works on."""
    return once(here, key, report, lambda db: _leave(db, pickup_id, report), 201)


def _leave(db: Connection, pickup_id: str, report: LeftReport) -> PickupLeft:
    row = _at_this_terminal(db, pickup_id, report.terminal)
    if row["state"] == TAKEN:
        raise Problem("pickup.used")
    seen_inside = report.reason in ("not_taken", "lock_failed")
    state: StillThere = WAITING if seen_inside or row["state"] == WAITING else RELEASED
    db.execute(
        "UPDATE pickups SET state = ?, left_as = ? WHERE pickup_id = ?",
        (state, report.reason, pickup_id),
    )
    return PickupLeft(pickup_id=pickup_id, state=state)


def _at_this_terminal(db: Connection, pickup_id: str, terminal: str) -> Row:
    row: Row | None = db.execute(
        "SELECT * FROM pickups WHERE pickup_id = ?", (pickup_id,)
    ).fetchone()
    if row is None:
        raise Problem("pickup.unknown")
    if row["terminal"] != terminal:
        raise Problem("pickup.elsewhere")
    return row


SAMPLES = (
    ("40718263", "rushan-07", "1", 1, "special", WAITING, 20),
    ("58203914", "rushan-07", "2", 3, "ordinary", WAITING, 12),
    ("71940582", "rushan-03", "1", 1, "ordinary", WAITING, 15),
    ("30591847", "rushan-07", "2", 1, "ordinary", WAITING, -1),
    ("86420197", "rushan-07", "1", 2, "special", TAKEN, 5),
)
"""Code, terminal, compartment, invoices, kind, state, and for how many days it is kept still: two that
can be fetched at the bench's terminal, one that waits elsewhere, one kept no longer, one fetched."""


def codes(db: Connection) -> list[str]:
    """The codes of the samples, those that wait first."""
    order = "SELECT code FROM pickups ORDER BY state <> ?, rowid"
    return [row["code"] for row in db.execute(order, (WAITING,))]


def seed(db: Connection, today: date) -> None:
    """Lay the samples into their compartments."""
    for nth, (code, terminal, compartment, invoices, kind, state, days) in enumerate(SAMPLES):
        kept_until = (today + timedelta(days=days)).isoformat()
        db.execute(
            "INSERT INTO pickups (pickup_id, code, terminal, compartment, invoices, kind, state,"
            " kept_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (f"ZQ{nth + 1:06d}", code, terminal, compartment, invoices, kind, state, kept_until),
        )
