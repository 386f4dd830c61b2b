"""Certificates sent home by courier, and where they are (证照快递送达)."""

from __future__ import annotations

from kiosk.backends.approval_courier import Certificate, Deliverable, Delivery, Recipient
from kiosk.backends.approval_words import Address
from kiosk.backends.contract import Person
from kiosk.catalogue import Item
from kiosk.masking import mask_name, mask_phone, masked
from kiosk.receipts.approval import slip
from kiosk.steps.attempt import look_up
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, msg
from kiosk.views import (
    Choose,
    Field,
    FieldKind,
    Form,
    Option,
    Picture,
    Record,
    Review,
    Row,
    Section,
    Tone,
)
from kiosk.visit import Visit

STEPS = ("step.card", "courier.step.what", "step.fill_in", "step.review", "step.take")

NUMBER = "number"
"""The option to follow a delivery by its number; no certificate's or delivery's number is that."""

LONGEST_ADDRESS = 60


async def send_certificate(visit: Visit, item: Item) -> None:
    """Send one of one's certificates, or follow a delivery: one's own, or by its number."""
    visit.steps = tuple(msg(step) for step in STEPS)
    approval = visit.counter.departments.approval
    person = await identify(visit)
    found = await visit.call(approval.deliverable, person)
    chosen = await _choose(visit, found)
    certificate = next((c for c in found.certificates if c.case_no == chosen), None)
    if certificate is not None:
        await _send(visit, person, certificate)
        return
    delivery = next((d for d in found.deliveries if d.number == chosen), None)
    if delivery is None:
        delivery = await look_up(
            visit,
            "courier.number",
            msg("courier.number"),
            msg("courier.number.hint"),
            msg("courier.number.unknown"),
            Field("number", msg("row.delivery"), FieldKind.NUMBER, longest=24),
            "delivery.unknown",
            approval.track,
            visit.at(1),
        )
    await _follow(visit, delivery)


async def _choose(visit: Visit, found: Deliverable) -> str:
    send = tuple(
        Option(
            id=certificate.case_no,
            title=msg("courier.send", name=certificate.name),
            subtitle=msg("courier.finished", day=certificate.finished_on.isoformat()),
            picture=Picture.DOCUMENT,
        )
        for certificate in found.certificates
    )
    follow = tuple(
        Option(
            id=delivery.number,
            title=msg("courier.follow", name=delivery.name),
            subtitle=Plain(delivery.number),
            badge=msg(f"courier.state.{delivery.state.value}"),
        )
        for delivery in found.deliveries
    )
    by_number = Option(
        NUMBER, msg("courier.by_number"), msg("courier.by_number.hint"), picture=Picture.SCAN
    )
    chosen = await visit.ask(
        Choose(
            key="courier.choose",
            steps=visit.at(1),
            title=msg("courier.choose"),
            subtitle=None if send else msg("courier.nothing"),
            options=(*send, *follow, by_number),
            primary=msg("option.next"),
        )
    )
    return chosen.id


async def _send(visit: Visit, person: Person, certificate: Certificate) -> None:
    home = visit.counter.place.division
    filled = await visit.ask(
        Form(
            key="courier.form",
            steps=visit.at(2),
            title=msg("courier.form"),
            fields=(
                Field(
                    "name",
                    msg("row.recipient"),
                    FieldKind.NAME,
                    hint=msg("courier.oneself"),
                    required=False,
                    longest=30,
                ),
                Field("phone", msg("row.phone"), FieldKind.PHONE),
                Field("division", msg("row.division"), FieldKind.DIVISION, value=home),
                Field("detail", msg("row.address"), FieldKind.TEXT, longest=LONGEST_ADDRESS),
            ),
            primary=msg("option.next"),
        )
    )
    to = Recipient(
        filled["name"] or person.name,
        filled["phone"],
        Address(filled["division"], filled["detail"]),
    )
    rows = (
        Row(msg("courier.certificate"), certificate.name),
        Row(msg("row.case"), Plain(certificate.case_no)),
        Row(msg("row.recipient"), Plain(f"{mask_name(to.name)} · {mask_phone(to.phone)}")),
    )
    await visit.ask(
        Review(
            key="courier.review",
            steps=visit.at(3),
            title=msg("courier.review"),
            sections=(
                Section(None, rows),
                Section(None, (Row(msg("row.address"), Plain(to.address.detail), strong=True),)),
            ),
            notice=msg("courier.review.notice"),
            primary=msg("courier.submit"),
        )
    )
    visit.commit()
    approval = visit.counter.departments.approval
    sent = await visit.call(approval.send, person, certificate.case_no, to, f"courier-{visit.id}")
    visit.at(4)
    numbers = (
        Row(msg("row.delivery"), Plain(sent.number), strong=True),
        Row(msg("courier.expected"), Plain(sent.expected_on.isoformat())),
    )
    about = (Row(msg("row.person"), masked(person)),)
    await finish(
        visit,
        Ending(
            headline=msg("courier.done"),
            detail=msg("courier.done.detail", day=sent.expected_on.isoformat()),
            rows=(*numbers, *rows),
            standing=Section(msg("courier.stands"), numbers),
            link=sent.take_away_url,
            slip=slip(visit, "courier", certificate.name, (numbers, rows, about), sent.number),
        ),
    )


async def _follow(visit: Visit, delivery: Delivery) -> None:
    rows = (
        Row(msg("row.delivery"), Plain(delivery.number)),
        Row(msg("courier.certificate"), delivery.name),
        Row(msg("row.state"), msg(f"courier.state.{delivery.state.value}"), strong=True),
        Row(msg("courier.expected"), Plain(delivery.expected_on.isoformat())),
    )
    events = tuple(
        Row(
            event.name,
            Plain(event.at.strftime("%Y-%m-%d %H:%M")) if event.at else msg("case.not_yet"),
        )
        for event in delivery.events
    )
    await visit.ask(
        Record(
            key="courier.read",
            steps=visit.at(3),
            title=msg("courier.read"),
            sections=(Section(None, rows), Section(msg("courier.events"), events)),
            actions=(Option(id="take", title=msg("case.take")),),
        )
    )
    visit.commit()
    visit.at(4)
    await finish(
        visit,
        Ending(
            headline=msg("courier.read.done"),
            detail=msg(f"courier.state.{delivery.state.value}"),
            rows=rows,
            standing=Section(msg("declared.stands"), rows[:1]),
            link=delivery.take_away_url,
            slip=slip(visit, "courier", delivery.name, (rows, events), delivery.number),
            tone=Tone.GOOD,
        ),
    )
