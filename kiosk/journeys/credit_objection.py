"""Credit: how an objection to a report goes, and a time at the bureau's counter for it."""

from __future__ import annotations

from itertools import count

from kiosk.backends.contract import BackendFailure, Person
from kiosk.backends.credit import Objection, ObjectionSlot
from kiosk.catalogue import Item
from kiosk.masking import masked
from kiosk.receipts import credit as slips
from kiosk.steps.attempt import attempt, key_for
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, Option, Record, Review, Row, Section
from kiosk.visit import Visit

STEPS = ("step.card", "credit.step.guide", "credit.step.when", "step.review", "step.take")

GUIDE = ("what", "how", "bring", "time")
"""The paragraphs of the guide to objections, in their order."""


async def object_to_report(visit: Visit, item: Item) -> None:
    """Read how an objection goes, choose its kind and a time at the counter, take the slip."""
    visit.steps = tuple(msg(step) for step in STEPS)
    person = await identify(visit, item.proof)
    await _guide(visit)
    kind, title = await _kind(visit, item)
    made = await _announced(visit, person, kind, title)
    visit.at(4)
    rows = (
        Row(msg("credit.row.kind"), title),
        Row(msg("credit.row.when"), _when(made), strong=True),
        Row(msg("credit.row.where"), Plain(made.where)),
        Row(msg("credit.row.number"), Plain(made.number)),
    )
    await finish(
        visit,
        Ending(
            headline=msg("credit.objection.done"),
            detail=msg("credit.objection.done.detail"),
            rows=rows,
            standing=Section(msg("credit.objection.stands"), rows[1:]),
            link=made.take_away_url,
            slip=slips.objection(visit, masked(person), rows, made),
        ),
    )


async def _guide(visit: Visit) -> None:
    await visit.ask(
        Record(
            key="credit.guide",
            steps=visit.at(1),
            title=msg("credit.guide"),
            sections=tuple(
                Section(None, (Row(msg(f"credit.guide.{part}"), msg(f"credit.guide.{part}.text")),))
                for part in GUIDE
            ),
            actions=(Option(id="next", title=msg("credit.guide.next")),),
        )
    )


async def _kind(visit: Visit, item: Item) -> tuple[str, Text]:
    options = tuple(Option(id=key, title=text) for key, text in item.choices("kinds"))
    chosen = await visit.ask(
        Choose(
            key="credit.kind",
            steps=visit.here,
            title=msg("credit.kind"),
            options=options,
            primary=msg("option.next"),
        )
    )
    return chosen.id, next(option.title for option in options if option.id == chosen.id)


async def _announced(visit: Visit, person: Person, kind: str, title: Text) -> Objection:
    """Choose a time and take it; where somebody else was faster, choose another."""
    credit = visit.counter.departments.credit
    hint: Text = msg("credit.slot.hint")
    for nth in count():
        slots = await attempt(visit, (), nth, credit.objection_slots)
        if isinstance(slots, BackendFailure):
            raise AssertionError("no refusal was expected")
        slot = await _slot(visit, slots, hint, nth)
        await visit.ask(
            Review(
                key=f"credit.objection.review.{nth}" if nth else "credit.objection.review",
                steps=visit.at(3),
                title=msg("credit.objection.review"),
                sections=(
                    Section(
                        None,
                        (
                            Row(msg("row.applicant"), masked(person)),
                            Row(msg("credit.row.kind"), title),
                            Row(msg("credit.row.when"), _when(slot), strong=True),
                        ),
                    ),
                ),
                primary=msg("option.submit"),
            )
        )
        key = key_for(visit, "objection", nth, kind, slot.id)
        made = await attempt(
            visit, ("slot.taken",), nth, credit.object_to, person, kind, slot.id, key
        )
        if not isinstance(made, BackendFailure):
            visit.commit()
            return made
        hint = msg("credit.slot.taken")
    raise AssertionError("counting ends")


async def _slot(
    visit: Visit, slots: tuple[ObjectionSlot, ...], hint: Text, nth: int
) -> ObjectionSlot:
    chosen = await visit.ask(
        Choose(
            key=f"credit.slot.{nth}" if nth else "credit.slot",
            steps=visit.at(2),
            title=msg("credit.slot"),
            subtitle=hint,
            options=tuple(Option(id=slot.id, title=_when(slot)) for slot in slots),
            primary=msg("option.next"),
        )
    )
    return next(slot for slot in slots if slot.id == chosen.id)


def _when(slot: ObjectionSlot | Objection) -> Text:
    return Plain(f"{slot.day.isoformat()} {slot.since}—{slot.until}")
