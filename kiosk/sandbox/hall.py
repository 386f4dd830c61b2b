"""The hall: staff called to a terminal, citizens' ratings and complaints, and the tasks they become.

A bad rating, a complaint and a suggestion are open tasks of the hall's operator until they are answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import StringConstraints

from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import PRINTABLE, Person, Token, Wire

DEPARTMENT = "hall"

SCHEMA = """
CREATE TABLE staff_calls (
    call_id TEXT PRIMARY KEY, terminal TEXT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL,
    called_at TEXT NOT NULL);
CREATE TABLE ratings (
    rating_id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, item TEXT NOT NULL, level TEXT NOT NULL,
    rated_at TEXT NOT NULL, reason TEXT NOT NULL, number TEXT NOT NULL);
CREATE UNIQUE INDEX a_number_is_rated_once ON ratings (number) WHERE number <> '';
CREATE TABLE tasks (
    task_no TEXT PRIMARY KEY, kind TEXT NOT NULL, terminal TEXT NOT NULL, item TEXT NOT NULL,
    level TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL, phone TEXT NOT NULL,
    id_number TEXT NOT NULL, opened_at TEXT NOT NULL, operator TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '', answered_at TEXT NOT NULL DEFAULT '');
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

CallState = Literal["called", "on_the_way", "arrived"]
CallPath = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,64}$")]

Level = Literal["very_good", "good", "fair", "bad", "very_bad"]
Reason = Literal["", "slow", "hard_to_use", "device", "unclear", "not_done", "other"]
BAD: tuple[Level, ...] = ("bad", "very_bad")
"""Levels that open a task."""

NUMBER_FORM = "^([A-Z]{2,4}[0-9]{14})?$"
TaskNumber = Annotated[str, Path(pattern="^[A-Z]{2,4}[0-9]{14}$")]
TaskKind = Literal["rating", "complaint", "suggestion"]
TaskState = Literal["open", "answered"]

Story = Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=PRINTABLE)]
Phone = Annotated[str, StringConstraints(pattern="^(1[3-9][0-9]{9})?$")]

RATABLE = (
    "SELECT 1 FROM cases WHERE case_no = :n UNION SELECT 1 FROM appointments WHERE appointment_no = :n"
    " UNION SELECT 1 FROM deliveries WHERE delivery_no = :n"
    " UNION SELECT 1 FROM decisions WHERE decision_no = :n"
    " UNION SELECT 1 FROM commitments WHERE commitment_no = :n"
    " UNION SELECT 1 FROM bookings WHERE acceptance_no = :n"
)
"""Whether a number stands on a slip of something that was done here."""


class StaffCallOrder(Wire):
    """Somebody is wanted at a terminal; `item` may be ""."""

    terminal: Token
    item: Token | Literal[""]


class StaffCall(Wire):
    """Where a call stands."""

    call_id: str
    state: CallState


class Rating(Wire):
    """One of the five fixed levels (好差评). A bad one may carry its `reason`; `number` is that of an
    earlier item, rated once, "" where the item has just been done."""

    terminal: Token
    item: Token
    level: Level
    reason: Reason = ""
    number: Annotated[str, StringConstraints(pattern=NUMBER_FORM)] = ""


class Rated(Wire):
    """Noted; `task_no` is the task that a bad rating became, else ""."""

    task_no: str = ""


class Complaint(Wire):
    """A complaint or suggestion; `person` and `phone` only where the citizen wishes. Its repr is masked."""

    terminal: Token
    kind: Literal["complaint", "suggestion"]
    text: Story
    phone: Phone = ""
    person: Person | None = None

    def __repr__(self) -> str:
        return "Complaint(***)"


class Received(Wire):
    """The number by which one can ask what became of it."""

    task_no: str
    answer_by: str


class TaskStatus(Wire):
    """What became of it: nothing in it tells whose it is, or what was written."""

    task_no: str
    kind: TaskKind
    state: TaskState
    opened_at: str
    answer: str
    answered_at: str


class TaskLine(TaskStatus):
    """The same for the hall's operator."""

    terminal: str
    item: str
    level: str
    reason: str
    text: str
    phone: str


class TaskList(Wire):
    """Oldest first."""

    tasks: list[TaskLine]


class TaskAnswer(Wire):
    """What the operator answers."""

    operator: Token
    text: Story


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
    responses=refuses(
        "idempotency.missing", "number.unknown", "rating.exists", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def rate(here: Here, key: Key, rating: Rating) -> Response:
    """Hand in a rating."""
    return once(here, key, rating, lambda db: _rate(db, here, rating), 201)


@router.post(
    "/complaints",
    status_code=201,
    response_model=Received,
    responses=refuses(
        "idempotency.missing", "person.unknown", "idempotency.mismatch", "request.invalid"
    ),
)
def complain(here: Here, key: Key, complaint: Complaint) -> Response:
    """Hand in a complaint or a suggestion."""
    return once(here, key, complaint, lambda db: _complain(db, here, complaint), 201)


@router.get("/tasks", responses=refuses("request.invalid"))
def tasks(here: Here, state: Annotated[TaskState | None, Query()] = None) -> TaskList:
    """The tasks of the hall's operator."""
    with here.books.transaction() as db:
        rows = db.execute("SELECT * FROM tasks ORDER BY opened_at, task_no").fetchall()
    lines = [_line(row) for row in rows]
    return TaskList(tasks=[line for line in lines if state in (None, line.state)])


@router.get("/tasks/{task_no}", responses=refuses("task.unknown", "request.invalid"))
def task(here: Here, task_no: TaskNumber) -> TaskStatus:
    """What became of a complaint."""
    with here.books.transaction() as db:
        return TaskStatus(**_status(_find_task(db, task_no)))


@router.post(
    "/tasks/{task_no}/answers",
    status_code=201,
    response_model=TaskStatus,
    responses=refuses(
        "idempotency.missing", "task.unknown", "task.answered", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def answer(here: Here, key: Key, task_no: TaskNumber, said: TaskAnswer) -> Response:
    """Answer a task, once."""
    return once(here, key, said, lambda db: _answer(db, here, task_no, said), 201)


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
    if rating.number:
        if not db.execute(RATABLE, {"n": rating.number}).fetchone():
            raise Problem("number.unknown")
        if db.execute("SELECT 1 FROM ratings WHERE number = ?", (rating.number,)).fetchone():
            raise Problem("rating.exists")
    values = (rating.terminal, rating.item, rating.level, here.now().isoformat())
    db.execute(
        "INSERT INTO ratings (terminal, item, level, rated_at, reason, number)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (*values, rating.reason, rating.number),
    )
    if rating.level not in BAD:
        return Rated()
    about = (rating.terminal, rating.item, rating.level, rating.reason)
    return Rated(task_no=_open(db, here, "CP", "rating", about, "", "", ""))


def _complain(db: Connection, here: Window, complaint: Complaint) -> Received:
    id_number = ""
    if complaint.person is not None:
        known(db, complaint.person)
        id_number = complaint.person.id_number
    about = (complaint.terminal, "", "", "")
    task_no = _open(
        db, here, "TS", complaint.kind, about, complaint.text, complaint.phone, id_number
    )
    return Received(task_no=task_no, answer_by=_answer_by(here.now().date()).isoformat())


def _answer_by(today: date) -> date:
    """Seven working days later, as the hall promises."""
    day, left = today, 7
    while left:
        day = date.fromordinal(day.toordinal() + 1)
        left -= day.weekday() < 5
    return day


def _open(
    db: Connection,
    here: Window,
    series: str,
    kind: TaskKind,
    about: tuple[str, str, str, str],
    text: str,
    phone: str,
    id_number: str,
) -> str:
    now = here.now()
    task_no = serial(db, series, now)
    db.execute(
        "INSERT INTO tasks (task_no, kind, terminal, item, level, reason, text, phone, id_number,"
        " opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (task_no, kind, *about, text, phone, id_number, now.isoformat()),
    )
    return task_no


def _find_task(db: Connection, task_no: str) -> Row:
    row: Row | None = db.execute("SELECT * FROM tasks WHERE task_no = ?", (task_no,)).fetchone()
    if row is None:
        raise Problem("task.unknown")
    return row


def _answer(db: Connection, here: Window, task_no: str, said: TaskAnswer) -> TaskStatus:
    if _find_task(db, task_no)["answered_at"]:
        raise Problem("task.answered")
    db.execute(
        "UPDATE tasks SET operator = ?, answer = ?, answered_at = ? WHERE task_no = ?",
        (said.operator, said.text, here.now().isoformat(), task_no),
    )
    return TaskStatus(**_status(_find_task(db, task_no)))


def _status(row: Row) -> dict[str, Any]:
    names = ("task_no", "kind", "opened_at", "answer", "answered_at")
    return {name: row[name] for name in names} | {
        "state": "answered" if row["answered_at"] else "open"
    }


def _line(row: Row) -> TaskLine:
    names = ("terminal", "item", "level", "reason", "text", "phone")
    return TaskLine(**_status(row), **{name: row[name] for name in names})


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Nobody has called, rated or complained yet."""
