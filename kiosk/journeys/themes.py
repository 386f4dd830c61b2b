"""One thing (一件事·一链办理): a few questions, one list of materials, one way through."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.backends.approval_themes import Plan, Theme, ThemeQuestion
from kiosk.catalogue import Item
from kiosk.receipts.approval import slip
from kiosk.steps.finish import Ending, finish
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, Option, Record, Row, Section
from kiosk.visit import Visit

STEPS = ("theme.step.choose", "theme.step.ask", "step.read", "step.take")

YES, NO = "yes", "no"


async def plan_one_thing(visit: Visit, item: Item) -> None:
    """Choose a theme, answer its questions, read and take the list along."""
    visit.steps = tuple(msg(step) for step in STEPS)
    approval = visit.counter.departments.approval
    themes = await visit.call(approval.themes)
    theme = await _choose_theme(visit, themes)
    questions = await visit.call(approval.theme_questions, theme.id)
    answers = tuple(
        [
            (question.id, await _ask(visit, theme, question, place, len(questions)))
            for place, question in enumerate(questions, 1)
        ]
    )
    plan = await visit.call(approval.theme_plan, theme.id, answers)
    await _read(visit, plan)
    visit.commit()
    visit.at(3)
    await finish(visit, _ending(visit, plan))


async def _choose_theme(visit: Visit, themes: Sequence[Theme]) -> Theme:
    chosen = await visit.ask(
        Choose(
            key="theme.choose",
            steps=visit.at(0),
            title=msg("theme.choose"),
            options=tuple(Option(id=t.id, title=t.name, subtitle=t.hint) for t in themes),
            primary=msg("option.next"),
        )
    )
    return next(theme for theme in themes if theme.id == chosen.id)


async def _ask(visit: Visit, theme: Theme, question: ThemeQuestion, place: int, of: int) -> bool:
    answer = await visit.ask(
        Choose(
            key=f"theme.{theme.id}.{question.id}",
            steps=visit.at(1),
            title=question.text,
            subtitle=msg("theme.question", number=place, count=of),
            options=(Option(YES, msg("theme.yes")), Option(NO, msg("theme.no"))),
            primary=msg("option.next"),
        )
    )
    return answer.id == YES


def _materials(plan: Plan) -> Section:
    rows = (
        Row(material.name, _copies(material.copies, material.parts)) for material in plan.materials
    )
    return Section(msg("theme.materials", count=len(plan.materials)), tuple(rows))


def _copies(copies: int, parts: int) -> Text:
    return (
        msg("theme.copies", count=copies)
        if parts == 1
        else msg("theme.copies.shared", count=copies, parts=parts)
    )


def _flow(plan: Plan) -> Section:
    rows = (
        Row(
            msg("theme.flow.step", number=number, department=step.department),
            msg("theme.flow.days", item=step.name, days=step.days),
        )
        for number, step in enumerate(plan.flow, 1)
    )
    return Section(msg("theme.flow"), tuple(rows))


async def _read(visit: Visit, plan: Plan) -> None:
    await visit.ask(
        Record(
            key="theme.read",
            steps=visit.at(2),
            title=plan.name,
            subtitle=msg("theme.read", days=plan.days),
            sections=(_materials(plan), _flow(plan)),
            notice=msg("notice.without_slip") if visit.without_slip else None,
            actions=(Option(id="take", title=msg("theme.take")),),
        )
    )


def _ending(visit: Visit, plan: Plan) -> Ending:
    rows = (
        Row(msg("theme.number"), Plain(plan.number)),
        Row(msg("row.item"), plan.name),
        Row(msg("theme.days"), msg("theme.days.value", days=plan.days)),
    )
    parts = (rows, _materials(plan), _flow(plan))
    return Ending(
        headline=msg("theme.done"),
        detail=msg("theme.done.detail"),
        rows=rows,
        standing=Section(msg("theme.stands"), rows[:2]),
        link=plan.take_away_url,
        slip=slip(visit, "theme", plan.name, parts, plan.take_away_url),
    )
