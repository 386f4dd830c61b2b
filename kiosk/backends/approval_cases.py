"""审批服务局: how far a case is, by its number alone or for its applicant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote

from kiosk.backends.approval_words import NUMBER, words
from kiosk.backends.client import Client, only, person_body
from kiosk.backends.contract import Person, Reply
from kiosk.backends.decode import Fields
from kiosk.texts import Plain


class CaseState(StrEnum):
    """How far a case is; CORRECTING waits for its applicant (补正)."""

    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    CORRECTING = "correcting"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class CaseStage:
    """One stage of a case; `on` is None until it is reached."""

    name: Plain
    on: date | None


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """How far a case is. `note` is for its applicant only, "" where the number alone was given."""

    number: str
    state: CaseState
    item: Plain
    accepted_on: date
    due_on: date
    stages: tuple[CaseStage, ...]
    take_away_url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a list."""

    number: str
    item: Plain
    state: CaseState
    accepted_on: date


class CaseRoom(Client):
    """The cases, over HTTP."""

    def case_progress(self, number: str) -> Reply[CaseProgress]:
        """How far the case of `number` is: nothing personal."""
        return self.door.post(
            "/cases/queries", "approval.case", {"number": number}, only(_progress, number=number)
        )

    def own_cases(self, person: Person) -> Reply[tuple[CaseLine, ...]]:
        """The cases of `person`, newest first."""
        body = {"person": person_body(person)}
        return self.door.post("/cases/own", "approval.cases", body, _lines)

    def case_details(self, person: Person, number: str) -> Reply[CaseProgress]:
        """All about one's own case."""

        def details(answer: Fields) -> CaseProgress:
            return _progress(answer, answer.text("note", empty=True))

        path = f"/cases/{quote(number, safe='')}/details"
        return self.door.post(
            path, "approval.case", {"person": person_body(person)}, only(details, number=number)
        )


def _progress(answer: Fields, note: str = "") -> CaseProgress:
    return CaseProgress(
        number=answer.shaped("number", NUMBER),
        state=answer.choice("state", CaseState),
        item=words(answer, "item"),
        accepted_on=answer.day("accepted_on"),
        due_on=answer.day("due_on"),
        stages=answer.each("stages", _stage),
        take_away_url=answer.link("take_away_url"),
        note=note,
    )


def _stage(answer: Fields) -> CaseStage:
    on = None if answer.is_null("on") else answer.day("on")
    return CaseStage(words(answer, "name"), on)


def _lines(answer: Fields) -> tuple[CaseLine, ...]:
    return answer.each(
        "cases",
        lambda line: CaseLine(
            line.shaped("number", NUMBER),
            words(line, "item"),
            line.choice("state", CaseState),
            line.day("accepted_on"),
        ),
    )
