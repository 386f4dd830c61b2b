"""Property: query one's own registration (本人不动产登记信息查询)."""

from __future__ import annotations

from kiosk.backends.contract import Person, PropertyRecord, PropertyUnit
from kiosk.catalogue import Item
from kiosk.masking import masked_id, masked_name
from kiosk.receipts import slips
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, Option, Record, Row, Section
from kiosk.visit import Visit

STEPS = ("step.card", "property.step.purpose", "property.step.read", "step.take")


async def query_own_property(visit: Visit, item: Item) -> None:
    """Identify, state the purpose, read the record, take it along."""
    visit.steps = tuple(msg(step) for step in STEPS)
    person = await identify(visit)
    purpose = await _state_purpose(visit, person, item)
    record = await visit.call(visit.counter.departments.property.own_property, person, purpose.id)
    if record.units:
        await _read(visit, person, purpose.title, record)
    visit.commit()
    visit.at(3)
    await finish(visit, _ending(visit, person, purpose.title, record))


async def _state_purpose(visit: Visit, person: Person, item: Item) -> Option:
    view = Choose(
        key="property.choose_purpose",
        steps=visit.at(1),
        title=msg("property.choose_purpose"),
        subtitle=msg("row.person.value", name=masked_name(person), id=masked_id(person)),
        options=tuple(Option(id=key, title=title) for key, title in item.choices("purposes")),
        primary=msg("option.next"),
    )
    chosen = await visit.ask(view)
    return next(option for option in view.options if option.id == chosen.id)


async def _read(visit: Visit, person: Person, purpose: Text, record: PropertyRecord) -> None:
    take = msg("property.take_link" if visit.without_slip else "property.take_slip")
    await visit.ask(
        Record(
            key="property.read",
            steps=visit.at(2),
            title=msg("property.record", count=len(record.units)),
            subtitle=msg("row.person.value", name=masked_name(person), id=masked_id(person)),
            sections=tuple(
                _section(number, unit) for number, unit in enumerate(record.units, start=1)
            ),
            notice=msg("property.notice"),
            actions=(Option(id="take", title=take),),
        )
    )


def _section(number: int, unit: PropertyUnit) -> Section:
    return Section(
        msg("property.unit", number=number),
        (
            Row(msg("row.location"), Plain(unit.location)),
            Row(msg("row.unit_code"), Plain(unit.unit_code)),
            Row(msg("row.certificate"), Plain(unit.certificate_no)),
            Row(msg("row.use"), Plain(unit.use)),
            Row(msg("row.area"), msg("row.area.value", area=unit.area)),
            Row(msg("row.share"), Plain(unit.share)),
            Row(msg("row.registered"), Plain(unit.registered_on.isoformat())),
            Row(msg("row.mortgage"), msg("yes" if unit.mortgaged else "no")),
            Row(msg("row.seizure"), msg("yes" if unit.seized else "no")),
        ),
    )


def _ending(visit: Visit, person: Person, purpose: Text, record: PropertyRecord) -> Ending:
    found = bool(record.units)
    rows = (
        Row(msg("row.applicant"), Plain(f"{masked_name(person)} · {masked_id(person)}")),
        Row(msg("row.purpose"), purpose),
        Row(msg("row.units"), Plain(str(len(record.units)))),
        Row(msg("row.query"), Plain(record.query_no)),
    )
    return Ending(
        headline=msg("property.done" if found else "property.none"),
        detail=msg("property.done.detail" if found else "property.none.detail"),
        rows=rows,
        standing=Section(msg("property.stands"), rows[2:]),
        link=record.take_away_url,
        slip=slips.own_property(visit, person, purpose, record),
    )
