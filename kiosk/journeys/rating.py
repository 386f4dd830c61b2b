"""好差评·投诉建议: rate something done earlier, complain or suggest, and ask what became of it."""

from __future__ import annotations

from itertools import count

from kiosk.backends.contract import BackendFailure, Person
from kiosk.backends.hall import Received, TaskStatus
from kiosk.catalogue import Item
from kiosk.log import log
from kiosk.masking import mask_phone, masked
from kiosk.ratings import BAD
from kiosk.receipts.approval import slip
from kiosk.steps.attempt import MALFORMED, attempt, case_number, key_for, look_up
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.rate import NO_REASON, reasons
from kiosk.steps.scan import scan_or_type
from kiosk.texts import Plain, Text, msg
from kiosk.views import (
    RATINGS,
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

STEPS = ("rating.step.what", "step.fill_in", "step.review", "step.take")

LONGEST_STORY = 300
"""What can be typed on a screen without haste; the interface takes 500."""

NUMBER = Field("number", msg("rating.number"), FieldKind.NUMBER, longest=24)


async def rate_or_complain(visit: Visit, item: Item) -> None:
    """Choose what to tell; each way has its receipt number."""
    visit.steps = tuple(msg(step) for step in STEPS)
    chosen = await visit.ask(
        Choose(
            key="rating.what",
            steps=visit.at(0),
            title=msg("rating.what"),
            options=tuple(
                Option(
                    id=what,
                    title=msg(f"rating.what.{what}"),
                    subtitle=msg(f"rating.what.{what}.hint"),
                )
                for what in ("complaint", "suggestion", "earlier", "ask")
            ),
            primary=msg("option.next"),
        )
    )
    match chosen.id:
        case "earlier":
            await _rate_earlier(visit, item)
        case "ask":
            await _what_became(visit)
        case kind:
            await _complain(visit, kind)


# --- an earlier item ---------------------------------------------------------------------------------


async def _rate_earlier(visit: Visit, item: Item) -> None:
    hall, place = visit.counter.departments.hall, visit.counter.place.terminal_id
    hint: Text = msg("rating.earlier.hint")
    for nth in count():
        again = f".{nth}" if nth else ""
        number = await scan_or_type(
            visit, f"rating.number{again}", msg("rating.earlier"), hint, NUMBER, case_number,
            visit.at(1),
        )  # fmt: skip
        level = (
            await visit.ask(
                Choose(
                    key=f"rating.level{again}",
                    steps=visit.at(1),
                    title=msg("rating.level"),
                    subtitle=Plain(number),
                    options=tuple(Option(level, msg(f"rating.{level}")) for level in RATINGS),
                    primary=msg("option.next"),
                )
            )
        ).id
        reason = ""
        if level in BAD:
            view = reasons(f"rating.earlier.why{again}", visit, back=True, leave=True)
            why = await visit.ask(view)
            reason = "" if why.id == NO_REASON else why.id
        key = key_for(visit, "rate", nth, number, level, reason)
        visit.commit()
        task = await attempt(
            visit, ("number.unknown", "rating.exists", MALFORMED), nth, hall.rate, place, item.id,
            level, key, reason, number,
        )  # fmt: skip
        if not isinstance(task, BackendFailure):
            if task:
                log("rating.task", item=item.id, task=task, level=level)
            await finish(visit, _rated(visit, number, level, task))
            return
        visit.committed = False  # nothing was taken
        known = task.code == "rating.exists"
        hint = msg("rating.earlier.known" if known else "rating.earlier.unknown")


def _rated(visit: Visit, number: str, level: str, task: str) -> Ending:
    visit.at(3)
    rows = [
        Row(msg("rating.number"), Plain(number)),
        Row(msg("rating.given"), msg(f"rating.{level}"), strong=True),
    ]
    if task:
        rows.append(Row(msg("rating.task"), Plain(task)))
    how = "bad" if task else "good"
    return Ending(
        headline=msg("rating.done"),
        detail=msg(f"rating.done.{how}"),
        rows=tuple(rows),
        standing=Section(msg("rating.stands"), tuple(rows)),
        slip=slip(visit, "rating", msg("rating.done"), (rows,), task or number),
    )


# --- complaint and suggestion ------------------------------------------------------------------------


async def _complain(visit: Visit, kind: str) -> None:
    who = await visit.ask(
        Choose(
            key=f"rating.who.{kind}",
            steps=visit.at(0),
            title=msg("rating.who"),
            options=(
                Option("anonymous", msg("rating.who.anonymous"), msg("rating.who.anonymous.hint")),
                Option("card", msg("rating.who.card"), msg("rating.who.card.hint"),
                       picture=Picture.CARD),
            ),
            primary=msg("option.next"),
        )
    )  # fmt: skip
    person = await identify(visit) if who.id == "card" else None
    filled = await visit.ask(
        Form(
            key=f"rating.form.{kind}",
            steps=visit.at(1),
            title=msg(f"rating.form.{kind}"),
            subtitle=msg("rating.form.hint"),
            fields=(
                Field("text", msg("rating.text"), FieldKind.TEXT, longest=LONGEST_STORY),
                Field("phone", msg("rating.phone"), FieldKind.PHONE, required=False),
            ),
            primary=msg("option.next"),
        )
    )
    text, phone = filled["text"], filled["phone"]
    about = [Row(msg("rating.kind"), msg(f"rating.what.{kind}")), *_by(person)]
    if phone:
        about.append(Row(msg("row.phone"), Plain(mask_phone(phone))))
    await visit.ask(
        Review(
            key="rating.review",
            steps=visit.at(2),
            title=msg("rating.review"),
            sections=(
                Section(None, tuple(about)),
                Section(msg("rating.text"), (Row(msg("rating.story"), Plain(text)),)),
            ),
            notice=msg("rating.review.notice"),
            primary=msg("option.submit"),
        )
    )
    visit.commit()
    received = await visit.call(
        visit.counter.departments.hall.complain, visit.counter.place.terminal_id, kind, text,
        phone, person, f"complain-{visit.id}",
    )  # fmt: skip
    log("complaint.taken", task=received.number, about=kind)
    await finish(visit, _received(visit, tuple(about), received))


def _by(person: Person | None) -> tuple[Row, ...]:
    who = masked(person) if person is not None else msg("rating.who.anonymous")
    return (Row(msg("row.person"), who),)


def _received(visit: Visit, about: tuple[Row, ...], received: Received) -> Ending:
    visit.at(3)
    numbers = (
        Row(msg("rating.task"), Plain(received.number), strong=True),
        Row(msg("rating.answer_by"), Plain(received.answer_by.isoformat())),
    )
    return Ending(
        headline=msg("rating.received"),
        detail=msg("rating.received.detail", day=received.answer_by.isoformat()),
        rows=(*numbers, *about[:1]),
        standing=Section(msg("rating.received.stands"), numbers),
        link="",
        slip=slip(visit, "rating", msg("rating.received"), (numbers, about), received.number),
    )


# --- what became of it -------------------------------------------------------------------------------


async def _what_became(visit: Visit) -> None:
    status = await look_up(
        visit,
        "rating.task",
        msg("rating.ask"),
        msg("rating.ask.hint"),
        msg("rating.ask.unknown"),
        Field("number", msg("rating.task"), FieldKind.NUMBER, longest=24),
        "task.unknown",
        visit.counter.departments.hall.task,
        visit.at(1),
    )
    rows = _status_rows(status)
    await visit.ask(
        Record(
            key="rating.status",
            steps=visit.at(2),
            title=msg("rating.status"),
            sections=(Section(None, rows),),
            actions=(Option(id="take", title=msg("case.take")),),
        )
    )
    visit.commit()
    visit.at(3)
    await finish(
        visit,
        Ending(
            headline=msg(f"rating.status.{status.state.value}"),
            detail=msg(f"rating.status.{status.state.value}.detail"),
            rows=rows[:4],
            standing=Section(msg("declared.stands"), rows[:1]),
            slip=slip(visit, "rating", msg("rating.status"), (rows,), status.number),
            tone=Tone.GOOD,
        ),
    )


def _status_rows(status: TaskStatus) -> tuple[Row, ...]:
    rows = [
        Row(msg("rating.task"), Plain(status.number)),
        Row(msg("rating.kind"), msg(f"rating.what.{status.kind.value}")),
        Row(msg("row.state"), msg(f"rating.status.{status.state.value}"), strong=True),
        Row(msg("rating.opened"), Plain(status.opened_at.strftime("%Y-%m-%d"))),
    ]
    if status.answer:
        rows.append(Row(msg("rating.answer"), Plain(status.answer)))
    return tuple(rows)
