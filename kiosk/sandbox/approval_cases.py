"""Cases (办件): applications in progress. Their number alone tells how far; the rest is the applicant's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from sqlite3 import Connection, Row
from typing import Any, Literal

from fastapi import APIRouter

from kiosk.sandbox import pages
from kiosk.sandbox.approval_words import DEPARTMENT, Both, Number, NumberPath, both, identified
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import PersonQuery, Wire

SCHEMA = """
CREATE TABLE cases (
    case_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, item TEXT NOT NULL,
    state TEXT NOT NULL, accepted_on TEXT NOT NULL, moved_on TEXT NOT NULL, due_on TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '', delivery TEXT NOT NULL DEFAULT '');
CREATE INDEX cases_of_person ON cases (id_number);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

CaseState = Literal["accepted", "in_review", "correcting", "finished"]
STATES: tuple[CaseState, ...] = ("accepted", "in_review", "finished")
"""The straight way; a case that is "correcting" (补正) waits for its applicant within the review."""

STAGES = {
    "accepted": both("已受理", "Accepted"),
    "in_review": both("审查中", "Under review"),
    "finished": both("已办结", "Finished"),
}

ITEMS = {
    "food-licence": (both("食品经营许可", "Food business licence"), 10),
    "birth-registration": (both("生育登记", "Birth registration"), 3),
    "outdoor-sign": (both("户外广告设施设置审批", "Permit for an outdoor sign"), 8),
    "road-transport": (both("道路货物运输经营许可", "Road freight licence"), 12),
    "public-hygiene": (both("公共场所卫生许可", "Public hygiene licence"), 7),
}
"""What cases are about, and the days promised for each."""

NOTES = {
    "correcting": "请补充经营场所使用证明，送窗口或寄至审批服务局",
    "finished": "准予许可，证照已制作",
}


class CaseQuery(Wire):
    """The number alone."""

    number: Number


class Stage(Wire):
    """One stage of a case; `on` is null until it is reached."""

    name: Both
    on: str | None


class CaseProgress(Wire):
    """How far a case is: nothing in it tells whose it is."""

    number: str
    state: CaseState
    item: Both
    accepted_on: str
    due_on: str
    stages: list[Stage]
    take_away_url: str


class CaseDetails(CaseProgress):
    """The same with what only the applicant is told."""

    note: str


class CaseLine(Wire):
    """One case of a list."""

    number: str
    item: Both
    state: CaseState
    accepted_on: str


class CaseList(Wire):
    """Newest first."""

    cases: list[CaseLine]


@router.post("/cases/queries", responses=refuses("case.unknown", "request.invalid"))
def progress(here: Here, query: CaseQuery) -> CaseProgress:
    """How far the case of a number is."""
    with here.books.transaction() as db:
        return CaseProgress(**_progress(db, here, find_case(db, query.number)))


@router.post(
    "/cases/own", responses=refuses("proof.card_required", "person.unknown", "request.invalid")
)
def own_cases(here: Here, query: PersonQuery) -> CaseList:
    """The cases of the person who asks."""
    with here.books.transaction() as db:
        number = identified(db, query.person)
        rows = db.execute(
            "SELECT * FROM cases WHERE id_number = ? ORDER BY accepted_on DESC, case_no", (number,)
        ).fetchall()
    return CaseList(cases=[_line(row) for row in rows])


@router.post(
    "/cases/{number}/details",
    responses=refuses(
        "proof.card_required", "person.unknown", "case.unknown", "case.not_own", "request.invalid"
    ),
)
def details(here: Here, number: NumberPath, query: PersonQuery) -> CaseDetails:
    """All about a case, for its applicant."""
    with here.books.transaction() as db:
        row = own_case(db, number, identified(db, query.person))
        return CaseDetails(**_progress(db, here, row), note=row["note"])


def find_case(db: Connection, number: str) -> Row:
    """The case of a number.

    Raises:
        Problem: case.unknown.
    """
    row: Row | None = db.execute("SELECT * FROM cases WHERE case_no = ?", (number,)).fetchone()
    if row is None:
        raise Problem("case.unknown")
    return row


def own_case(db: Connection, number: str, id_number: str) -> Row:
    """The case of a number, for its applicant.

    Raises:
        Problem: case.unknown, case.not_own.
    """
    row = find_case(db, number)
    if row["id_number"] != id_number:
        raise Problem("case.not_own")
    return row


def move_case(db: Connection, number: str, state: CaseState, today: date) -> None:
    """Let the bureau take a case so far.

    Raises:
        Problem: case.unknown.
    """
    find_case(db, number)
    db.execute(
        "UPDATE cases SET state = ?, moved_on = ?, note = ? WHERE case_no = ?",
        (state, today.isoformat(), NOTES.get(state, ""), number),
    )


def item_name(row: Row) -> Both:
    """What a case is about."""
    return ITEMS[row["item"]][0]


def _line(row: Row) -> CaseLine:
    return CaseLine(
        number=row["case_no"],
        item=item_name(row),
        state=row["state"],
        accepted_on=row["accepted_on"],
    )


def _progress(db: Connection, here: Window, row: Row) -> dict[str, Any]:
    reached = STATES.index("in_review" if row["state"] == "correcting" else row["state"])
    on = [row["accepted_on"], row["moved_on"], row["moved_on"]]
    stages = [
        Stage(name=STAGES[state], on=on[place] if place <= reached else None)
        for place, state in enumerate(STATES)
    ]
    name = item_name(row)
    lines = [("办件编号", row["case_no"]), ("事项", name.zh)]
    lines += [(stage.name.zh, stage.on or "—") for stage in stages]
    return {
        "number": row["case_no"],
        "state": row["state"],
        "item": name,
        "accepted_on": row["accepted_on"],
        "due_on": row["due_on"],
        "stages": stages,
        "take_away_url": pages.publish(db, here, "办件进度", lines),
    }


def samples(db: Connection) -> list[str]:
    """The numbers of the default card's holder's cases."""
    rows = db.execute(
        "SELECT case_no FROM cases JOIN citizens USING (id_number) WHERE slug = 'wang-xiulan'"
        " ORDER BY accepted_on DESC, case_no"
    ).fetchall()
    return [row["case_no"] for row in rows]


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the cases of those at home: up to four each, the first one's in every state."""
    states: tuple[CaseState, ...] = ("finished", "in_review", "correcting", "finished", "accepted")
    for citizen in citizens:
        count = 4 if citizen.place == 0 else citizen.place % 4
        for nth in range(count if citizen.at_home else 0):
            accepted = today - timedelta(days=3 + nth * 6 + citizen.place % 5)
            item = tuple(ITEMS)[(citizen.place + nth) % len(ITEMS)]
            state = states[(citizen.place + nth) % len(states)]
            db.execute(
                "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
                (
                    f"BJ{accepted:%Y%m%d}{citizen.place * 10 + nth + 1:06d}",
                    citizen.number,
                    item,
                    state,
                    accepted.isoformat(),
                    (accepted + timedelta(days=2)).isoformat(),
                    (accepted + timedelta(days=ITEMS[item][1])).isoformat(),
                    NOTES.get(state, ""),
                ),
            )
