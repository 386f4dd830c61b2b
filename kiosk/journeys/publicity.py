"""Credit publicity (信用乳山 · 双公示): what is public of a company, found by its name or its code."""

from __future__ import annotations

from itertools import count

from kiosk.backends.market import CompanyState
from kiosk.backends.publicity import FoundCompany, PublicLicence, PublicPenalty, PublicRecord
from kiosk.catalogue import Item
from kiosk.steps.finish import Ending, finish
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, Field, FieldKind, Form, Option, Record, Row, Section, Tone
from kiosk.visit import Visit

STEPS = ("publicity.step.find", "publicity.step.choose", "step.read", "step.take")

WORDS_CHARACTERS = 60
"""The longest name of a company here has 30."""


async def read_publicity(visit: Visit, item: Item) -> None:
    """Name a company, choose it, read what is public of it, take it along by phone."""
    visit.steps = tuple(msg(step) for step in STEPS)
    company = await _found(visit)
    publicity = visit.counter.departments.publicity
    record = await visit.call(publicity.record, company.credit_code)
    await _read(visit, record)
    visit.commit()
    visit.at(3)
    rows = (
        Row(msg("licence.row.company"), Plain(record.name)),
        Row(msg("licence.row.credit_code"), Plain(record.credit_code)),
        Row(msg("publicity.licences"), Plain(str(len(record.licences)))),
        Row(msg("publicity.penalties"), Plain(str(len(record.penalties)))),
    )
    await finish(
        visit,
        Ending(
            headline=msg("publicity.done"),
            detail=msg("publicity.done.detail"),
            rows=rows,
            standing=Section(None, rows),
            link=record.take_away_url,
        ),
    )


async def _found(visit: Visit) -> FoundCompany:
    """The company that is meant; words that nothing is found by are asked for again."""
    for nth in count():
        words = await _words(visit, nth)
        found = await visit.call(visit.counter.departments.publicity.companies, words)
        if not found.companies:
            continue
        chosen = await visit.ask(
            Choose(
                key="credit-publicity.choose",
                steps=visit.at(1),
                title=msg("publicity.choose"),
                subtitle=msg("publicity.choose.more" if found.more else "publicity.choose.hint"),
                options=tuple(_option(company) for company in found.companies),
                primary=msg("option.next"),
            )
        )
        return next(c for c in found.companies if c.credit_code == chosen.id)
    raise AssertionError("counting ends")


async def _words(visit: Visit, nth: int) -> str:
    filled = await visit.ask(
        Form(
            key=f"credit-publicity.find.{nth}" if nth else "credit-publicity.find",
            steps=visit.at(0),
            title=msg("publicity.find"),
            subtitle=msg("publicity.find.hint"),
            fields=(
                Field(
                    name="words",
                    label=msg("publicity.find.label"),
                    kind=FieldKind.TEXT,
                    longest=WORDS_CHARACTERS,
                ),
            ),
            trouble=msg("publicity.nothing") if nth else None,
            primary=msg("publicity.find.go"),
        )
    )
    return filled["words"]


def _option(company: FoundCompany) -> Option:
    return Option(
        id=company.credit_code,
        title=Plain(company.name),
        subtitle=Plain(company.credit_code),
        badge=msg("publicity.penalties.count", count=company.penalties)
        if company.penalties
        else None,
        badge_tone=Tone.WARNING,
    )


async def _read(visit: Visit, record: PublicRecord) -> None:
    state = msg(f"licence.state.{record.state}")
    head = (
        Row(msg("licence.row.credit_code"), Plain(record.credit_code)),
        Row(msg("licence.row.state"), state, strong=record.state is not CompanyState.OPEN),
    )
    await visit.ask(
        Record(
            key="credit-publicity.read",
            steps=visit.at(2),
            title=Plain(record.name),
            sections=(
                Section(None, head),
                *_licences(record.licences),
                *_penalties(record.penalties),
            ),
            notice=msg("publicity.notice"),
            actions=(Option(id="take", title=msg("publicity.take")),),
        )
    )


def _licences(licences: tuple[PublicLicence, ...]) -> tuple[Section, ...]:
    return tuple(
        Section(
            msg("publicity.licence", number=number),
            (
                Row(msg("publicity.row.subject"), Plain(licence.subject), strong=True),
                Row(msg("publicity.row.document"), Plain(licence.document_no)),
                Row(msg("publicity.row.authority"), Plain(licence.authority)),
                Row(msg("publicity.row.decided"), Plain(licence.decided_on.isoformat())),
                Row(
                    msg("licence.row.until"),
                    Plain(licence.valid_until.isoformat())
                    if licence.valid_until
                    else msg("licence.for_good"),
                ),
            ),
        )
        for number, licence in enumerate(licences, start=1)
    ) or (_none("publicity.licences"),)


def _penalties(penalties: tuple[PublicPenalty, ...]) -> tuple[Section, ...]:
    return tuple(
        Section(
            msg("publicity.penalty", number=number),
            (
                Row(msg("publicity.row.subject"), Plain(penalty.subject), strong=True),
                Row(msg("publicity.row.kind"), Plain(penalty.kind)),
                Row(msg("publicity.row.document"), Plain(penalty.document_no)),
                Row(msg("publicity.row.authority"), Plain(penalty.authority)),
                Row(msg("publicity.row.decided"), Plain(penalty.decided_on.isoformat())),
                Row(msg("publicity.row.public_until"), Plain(penalty.public_until.isoformat())),
            ),
        )
        for number, penalty in enumerate(penalties, start=1)
    ) or (_none("publicity.penalties"),)


def _none(heading: str) -> Section:
    label: Text = msg(heading)
    return Section(label, (Row(label, msg("publicity.none")),))
