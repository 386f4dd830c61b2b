"""大厅: staff called to a terminal, ratings, complaints, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import Client, only, person_body
from kiosk.backends.contract import Person, Reply
from kiosk.backends.decode import Fields

CALL_STATES = ("called", "on_the_way", "arrived")


@dataclass(frozen=True, slots=True)
class StaffCall:
    """A call for staff: `state` is called, on_the_way or arrived."""

    call_id: str
    state: str


class TaskKind(StrEnum):
    """What a task of the hall's operator came from."""

    RATING = "rating"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


class TaskState(StrEnum):
    """A task is open until it is answered."""

    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """What became of a bad rating, a complaint or a suggestion; `answer` is "" while it is open."""

    number: str
    kind: TaskKind
    state: TaskState
    opened_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Task(TaskStatus):
    """The same for the operator. `text` and `phone` are what the citizen wrote: masked in the repr."""

    terminal: str
    item: str
    level: str
    reason: str
    text: str
    phone: str

    def __repr__(self) -> str:
        return f"Task({self.number})"


@dataclass(frozen=True, slots=True)
class Received:
    """A complaint that was taken: the number to ask by, and the day by which it is answered."""

    number: str
    answer_by: date


class Hall(Protocol):
    """大厅: staff, ratings and complaints."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]: ...

    def staff_call(self, call_id: str) -> Reply[StaffCall]: ...

    def rate(
        self, terminal: str, item: str, level: str, key: str, reason: str = "", number: str = ""
    ) -> Reply[str]: ...


class HallClient(Client):
    """`Hall` over HTTP."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]:
        """Call somebody to `terminal`; `item` is what is being done there, or ""."""
        body = {"terminal": terminal, "item": item}
        return self.door.post("/staff-calls", "hall.call", body, _staff_call, key)

    def staff_call(self, call_id: str) -> Reply[StaffCall]:
        """Where a call stands."""
        return self.door.get(
            f"/staff-calls/{quote(call_id, safe='')}",
            "hall.call_state",
            only(_staff_call, call_id=call_id),
        )

    def rate(
        self, terminal: str, item: str, level: str, key: str, reason: str = "", number: str = ""
    ) -> Reply[str]:
        """Hand in a citizen's rating; the number of the task that a bad one became, else "".

        `number` is an earlier item's, rated once.
        """
        body = {"terminal": terminal, "item": item, "level": level}
        body |= {"reason": reason, "number": number}
        return self.door.post(
            "/ratings", "hall.rate", body, lambda a: a.text("task_no", empty=True, longest=32), key
        )

    def complain(
        self, terminal: str, kind: str, text: str, phone: str, person: Person | None, key: str
    ) -> Reply[Received]:
        """Hand in a complaint or a suggestion, without a name where `person` is None."""
        body: dict[str, object] = {"terminal": terminal, "kind": kind, "text": text, "phone": phone}
        if person is not None:
            body["person"] = person_body(person)
        return self.door.post(
            "/complaints",
            "hall.complain",
            body,
            lambda a: Received(a.text("task_no", longest=32), a.day("answer_by")),
            key,
        )

    def task(self, number: str) -> Reply[TaskStatus]:
        """What became of a complaint."""
        return self.door.get(
            f"/tasks/{quote(number, safe='')}", "hall.task", only(_status, task_no=number)
        )

    def tasks(self, state: str = "") -> Reply[tuple[Task, ...]]:
        """The operator's tasks, oldest first; `state` is open, answered or "" for both."""
        path = f"/tasks?state={quote(state, safe='')}" if state else "/tasks"
        return self.door.get(path, "hall.tasks", lambda a: a.each("tasks", _task))

    def answer(self, number: str, operator: str, text: str, key: str) -> Reply[TaskStatus]:
        """Answer a task, once."""
        path = f"/tasks/{quote(number, safe='')}/answers"
        return self.door.post(
            path,
            "hall.answer",
            {"operator": operator, "text": text},
            only(_status, task_no=number),
            key,
        )


def _staff_call(answer: Fields) -> StaffCall:
    state = answer.text("state", longest=16)
    return StaffCall(
        answer.text("call_id", longest=64), state if state in CALL_STATES else CALL_STATES[0]
    )


def _status(answer: Fields) -> TaskStatus:
    answered = answer.text("answered_at", empty=True, longest=64)
    return TaskStatus(
        number=answer.text("task_no", longest=32),
        kind=answer.choice("kind", TaskKind),
        state=answer.choice("state", TaskState),
        opened_at=answer.moment("opened_at"),
        answer=answer.text("answer", empty=True),
        answered_at=answer.moment("answered_at") if answered else None,
    )


def _task(answer: Fields) -> Task:
    status = _status(answer)
    return Task(
        number=status.number,
        kind=status.kind,
        state=status.state,
        opened_at=status.opened_at,
        answer=status.answer,
        answered_at=status.answered_at,
        terminal=answer.text("terminal", longest=64),
        item=answer.text("item", empty=True, longest=64),
        level=answer.text("level", empty=True, longest=16),
        reason=answer.text("reason", empty=True, longest=32),
        text=answer.text("text", empty=True),
        phone=answer.text("phone", empty=True, longest=32),
    )
