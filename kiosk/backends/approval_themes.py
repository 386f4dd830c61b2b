"""审批服务局: one thing (一件事), its questions, and the plan that their answers make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kiosk.backends.approval_words import ID, NUMBER, words
from kiosk.backends.client import Client
from kiosk.backends.contract import Reply
from kiosk.backends.decode import Fields
from kiosk.texts import Plain

DAYS_MOST, COPIES_MOST = 3650, 99
"""Far above any plan here."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme of the list."""

    id: str
    name: Plain
    hint: Plain


@dataclass(frozen=True, slots=True)
class ThemeQuestion:
    """A question that is answered by yes or no."""

    id: str
    text: Plain


@dataclass(frozen=True, slots=True)
class Material:
    """Something to bring, once; `parts` is how many of the items ask for it."""

    name: Plain
    copies: int
    parts: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of the way, in working days."""

    name: Plain
    department: Plain
    days: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One list of materials, one way through."""

    number: str
    name: Plain
    materials: tuple[Material, ...]
    flow: tuple[PlanStep, ...]
    days: int
    take_away_url: str


class ThemeRoom(Client):
    """The themes, over HTTP."""

    def themes(self) -> Reply[tuple[Theme, ...]]:
        """What can be done in one go."""
        return self.door.get("/themes", "approval.themes", lambda a: a.each("themes", _theme))

    def theme_questions(self, theme: str) -> Reply[tuple[ThemeQuestion, ...]]:
        """What must be known before the plan can be made."""
        return self.door.get(
            f"/themes/{quote(theme, safe='')}",
            "approval.theme",
            lambda a: a.each(
                "questions", lambda q: ThemeQuestion(q.shaped("question", ID), words(q, "text"))
            ),
        )

    def theme_plan(self, theme: str, answers: Sequence[tuple[str, bool]]) -> Reply[Plan]:
        """The plan for these answers, each a question's id and whether it is a yes."""
        body = {"answers": [{"question": question, "yes": yes} for question, yes in answers]}
        return self.door.post(
            f"/themes/{quote(theme, safe='')}/plans", "approval.plan", body, _plan
        )


def _theme(answer: Fields) -> Theme:
    return Theme(answer.shaped("theme", ID), words(answer, "name"), words(answer, "hint"))


def _plan(answer: Fields) -> Plan:
    return Plan(
        number=answer.shaped("plan_no", NUMBER),
        name=words(answer, "name"),
        materials=answer.each(
            "materials",
            lambda m: Material(
                words(m, "name"),
                m.integer("copies", 1, COPIES_MOST),
                m.integer("parts", 1, COPIES_MOST),
            ),
        ),
        flow=answer.each(
            "flow",
            lambda s: PlanStep(
                words(s, "name"), words(s, "department"), s.integer("days", 0, DAYS_MOST)
            ),
        ),
        days=answer.integer("days", 0, DAYS_MOST),
        take_away_url=answer.link("take_away_url"),
    )
