"""The approval bureau: a time at a window, or a visit at home; one's own appointments can be cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count

from kiosk.backends.approval_slots import Appointment, Service, Slot
from kiosk.backends.approval_words import Address
from kiosk.backends.contract import BackendFailure, Person
from kiosk.catalogue import Item
from kiosk.masking import mask_phone, masked
from kiosk.receipts.approval import slip
from kiosk.steps.attempt import attempt, key_for
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, msg
from kiosk.views import (
    Choose,
    Field,
    FieldKind,
    Form,
    Option,
    Picture,
    Review,
    Row,
    Section,
    Tone,
)
from kiosk.visit import Visit

STEPS = ("step.card", "appointment.step.what", "appointment.step.when", "step.review", "step.take")

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

NEW, HOME = "window", "home"

LONGEST_ADDRESS = 60


async def make_appointment(visit: Visit, item: Item) -> None:
    """Choose window or home, what for, day and slot; or cancel an appointment of one's own."""
    visit.steps = tuple(msg(step) for step in STEPS)
    approval = visit.counter.departments.approval
    person = await identify(visit)
    own = await visit.call(approval.own_appointments, person)
    how = await _choose_how(visit, own)
    mine = next((appointment for appointment in own if appointment.number == how), None)
    if mine is not None:
        await _cancel(visit, person, mine)
        return
    services = await visit.call(approval.services)
    service = await _choose_service(visit, how, services)
    address, phone = await _home(visit) if how == HOME else (None, "")
    booked = await _booked(visit, person, service, how, address, phone)
    visit.at(4)
    await finish(visit, _made(visit, person, booked, address))


async def _choose_how(visit: Visit, own: Sequence[Appointment]) -> str:
    mine = tuple(
        Option(
            id=appointment.number,
            title=msg("appointment.cancel", item=appointment.name),
            subtitle=_when(appointment.day, appointment.since, appointment.until),
            badge=msg("appointment.mine"),
        )
        for appointment in own
    )
    chosen = await visit.ask(
        Choose(
            key="appointment.how",
            steps=visit.at(1),
            title=msg("appointment.how"),
            options=(
                Option(NEW, msg("appointment.how.window"), msg("appointment.how.window.hint"),
                       picture=Picture.CLOCK),
                Option(HOME, msg("appointment.how.home"), msg("appointment.how.home.hint"),
                       picture=Picture.HOUSE),
                *mine,
            ),
            primary=msg("option.next"),
        )
    )  # fmt: skip
    return chosen.id


async def _choose_service(visit: Visit, how: str, services: Sequence[Service]) -> Service:
    offered = [service for service in services if how != HOME or service.home]
    chosen = await visit.ask(
        Choose(
            key=f"appointment.what.{how}",
            steps=visit.at(1),
            title=msg("appointment.what"),
            options=tuple(
                Option(
                    id=service.id,
                    title=service.name,
                    subtitle=msg("appointment.at_home") if how == HOME else service.window,
                )
                for service in offered
            ),
            primary=msg("option.next"),
        )
    )
    return next(service for service in offered if service.id == chosen.id)


async def _home(visit: Visit) -> tuple[Address, str]:
    home = visit.counter.place.division
    filled = await visit.ask(
        Form(
            key="appointment.home",
            steps=visit.at(1),
            title=msg("appointment.home"),
            subtitle=msg("appointment.home.hint"),
            fields=(
                Field("division", msg("row.division"), FieldKind.DIVISION, value=home),
                Field("detail", msg("row.address"), FieldKind.TEXT, longest=LONGEST_ADDRESS),
                Field("phone", msg("row.phone"), FieldKind.PHONE),
            ),
            primary=msg("option.next"),
        )
    )
    return Address(filled["division"], filled["detail"]), filled["phone"]


async def _booked(
    visit: Visit, person: Person, service: Service, how: str, address: Address | None, phone: str
) -> Appointment:
    """The appointment. A slot that somebody else has just taken is chosen again from the fresh list;
    everything else stands."""
    approval = visit.counter.departments.approval
    for nth in count():
        slots = await attempt(visit, (), nth, approval.slots, service.id, how)
        if isinstance(slots, BackendFailure):
            raise AssertionError("no refusal was expected")
        slot = await _choose_slot(visit, slots, nth)
        await _review(visit, person, service, how, slot, phone, nth)
        key = key_for(visit, "book", nth, slot.id)
        visit.commit()
        booked = await attempt(
            visit, ("slot.taken",), nth, approval.book, person, slot.id, address, phone, key
        )
        if not isinstance(booked, BackendFailure):
            return booked
        visit.committed = False  # nothing was taken
    raise AssertionError("counting ends")


async def _choose_slot(visit: Visit, slots: Sequence[Slot], nth: int) -> Slot:
    again = f".{nth}" if nth else ""
    days = dict.fromkeys(slot.day for slot in slots)
    day = await visit.ask(
        Choose(
            key=f"appointment.day{again}",
            steps=visit.at(2),
            title=msg("appointment.day"),
            subtitle=msg("appointment.taken") if nth else None,
            options=tuple(
                Option(
                    id=day.isoformat(),
                    title=_day(day),
                    badge=msg("appointment.left", count=sum(s.day == day for s in slots)),
                )
                for day in days
            ),
            primary=msg("option.next"),
        )
    )
    chosen = await visit.ask(
        Choose(
            key=f"appointment.slot{again}",
            steps=visit.at(2),
            title=msg("appointment.slot"),
            subtitle=_day(date.fromisoformat(day.id)),
            options=tuple(
                Option(id=slot.id, title=Plain(f"{slot.since} — {slot.until}"))
                for slot in slots
                if slot.day.isoformat() == day.id
            ),
            primary=msg("option.next"),
        )
    )
    return next(slot for slot in slots if slot.id == chosen.id)


async def _review(
    visit: Visit, person: Person, service: Service, how: str, slot: Slot, phone: str, nth: int
) -> None:
    where = msg("appointment.at_home") if how == HOME else service.window
    rows = [
        Row(msg("row.person"), masked(person)),
        Row(msg("row.item"), service.name),
        Row(msg("row.where"), where),
        Row(msg("row.when"), _when(slot.day, slot.since, slot.until), strong=True),
    ]
    if phone:
        rows.append(Row(msg("row.phone"), Plain(mask_phone(phone))))
    await visit.ask(
        Review(
            key=f"appointment.review.{nth}" if nth else "appointment.review",
            steps=visit.at(3),
            title=msg("appointment.review"),
            sections=(Section(None, tuple(rows)),),
            notice=msg("notice.without_slip") if visit.without_slip else None,
            primary=msg("appointment.submit"),
        )
    )


def _made(visit: Visit, person: Person, made: Appointment, address: Address | None) -> Ending:
    rows = (
        Row(msg("appointment.number"), Plain(made.number)),
        Row(msg("row.item"), made.name),
        Row(msg("row.when"), _when(made.day, made.since, made.until), strong=True),
        Row(msg("row.where"), made.where),
    )
    about = (Row(msg("row.person"), masked(person)),)
    return Ending(
        headline=msg("appointment.done"),
        detail=msg("appointment.done.home" if address else "appointment.done.window"),
        rows=rows,
        standing=Section(msg("appointment.stands"), rows[:3]),
        link=made.take_away_url,
        slip=slip(visit, "appointment", made.name, (rows, about), made.take_away_url),
    )


async def _cancel(visit: Visit, person: Person, mine: Appointment) -> None:
    rows = (
        Row(msg("appointment.number"), Plain(mine.number)),
        Row(msg("row.item"), mine.name),
        Row(msg("row.when"), _when(mine.day, mine.since, mine.until), strong=True),
        Row(msg("row.where"), mine.where),
    )
    await visit.ask(
        Review(
            key="appointment.cancel",
            steps=visit.at(3),
            title=msg("appointment.cancel.review"),
            sections=(Section(None, rows),),
            notice=msg("appointment.cancel.notice"),
            primary=msg("appointment.cancel.submit"),
        )
    )
    visit.commit()
    approval = visit.counter.departments.approval
    await visit.call(approval.cancel, person, mine.number, f"cancel-{visit.id}")
    visit.at(4)
    await finish(
        visit,
        Ending(
            headline=msg("appointment.cancelled"),
            detail=msg("appointment.cancelled.detail"),
            rows=rows,
            standing=Section(msg("appointment.cancelled"), rows[:2]),
            tone=Tone.GOOD,
        ),
    )


def _day(day: date) -> Plain:
    return Plain(f"{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}", f"{day:%a %d %b}")


def _when(day: date, since: str, until: str) -> Text:
    said = _day(day)
    return Plain(f"{said.text} {since}—{until}", f"{said.en} {since}–{until}")
