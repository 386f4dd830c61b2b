"""Credit: a person's report with its free copies, a company's report, and an objection with its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import count

from devices.scanner.codes import CodeKind, ScannedCode
from kiosk.backends.contract import Answer, BackendFailure, Booking, Person
from kiosk.backends.credit import CreditReport, Enterprise, Objection, ObjectionSlot, ReportQuota
from kiosk.catalogue import Item
from kiosk.masking import masked
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import credit as slips
from kiosk.steps.attempt import attempt, key_for
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.pay import pay
from kiosk.steps.scan import scan_or_type
from kiosk.steps.trouble import AGAIN, backend_trouble
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import (
    Choose,
    Chosen,
    Field,
    FieldKind,
    Option,
    Record,
    Review,
    Row,
    Section,
)
from kiosk.visit import Visit

PERSONAL_STEPS = ("step.card", "step.review", "credit.step.report", "step.take")
ENTERPRISE_STEPS = ("step.card", "credit.step.company", "credit.step.report", "step.take")
OBJECTION_STEPS = ("step.card", "credit.step.guide", "credit.step.when", "step.review", "step.take")

GUIDE = ("what", "how", "bring", "time")
"""The paragraphs of the guide to objections, in their order."""

CREDIT_CODE_CHARACTERS = 18
"""GB 32100-2015."""


# --- a person's report ---------------------------------------------------------------------------


async def report_of_person(visit: Visit, item: Item) -> None:
    """Prove who asks, see whether it is free, pay where it is not, read and take the report."""
    visit.steps = tuple(msg(step) for step in PERSONAL_STEPS)
    credit = visit.counter.departments.credit
    person = await identify(visit, item.proof)
    quota = await visit.call(credit.quota, person)
    charged = bool(quota.bill_id) and not quota.paid
    await _review(visit, person, quota, charged)
    status = await _paid(visit, item, person, quota) if charged else None
    visit.commit()
    visit.at(2)
    standing = _paid_for(quota, status)
    report = await _made(visit, person, standing)
    printed = False
    if report is not None:
        printed = await take_document(visit, credit, report.document, standing)
        if printed:
            _tell_taken(visit, person, report)
    visit.at(3)
    await finish(visit, _ending(visit, person, quota, report, status), _slip_printed(visit, status))


async def _review(visit: Visit, person: Person, quota: ReportQuota, charged: bool) -> None:
    await visit.ask(
        Review(
            key="credit.review",
            steps=visit.at(1),
            title=msg("credit.review"),
            sections=(
                Section(
                    None,
                    (
                        Row(msg("row.applicant"), masked(person)),
                        Row(
                            msg("credit.row.free"),
                            msg("credit.free_of", left=quota.free_left, of=quota.free_a_year),
                        ),
                        Row(msg("credit.row.fee"), _fee(quota, charged), strong=True),
                    ),
                ),
            ),
            notice=msg("credit.privacy"),
            primary=msg("credit.pay", amount=Yuan(quota.fee_fen))
            if charged
            else msg("credit.make"),
        )
    )


def _fee(quota: ReportQuota, charged: bool) -> Text:
    if charged:
        return Plain(str(Yuan(quota.fee_fen)))
    if quota.waiting:
        return msg("credit.fee.waiting")
    return msg("credit.fee.paid" if quota.paid else "credit.fee.none")


async def _paid(visit: Visit, item: Item, person: Person, quota: ReportQuota) -> PaymentStatus:
    counter = visit.counter
    order = Order(
        item=item.id,
        department="credit",
        bill_id=quota.bill_id,
        option=quota.option,
        amount_fen=quota.fee_fen,
        subject="个人信用报告服务费",
        person_tag=counter.tags.tag(person.id_number, counter.now().date()),
    )
    return await pay(visit, order, msg("credit.subject"))


def _paid_for(quota: ReportQuota, status: PaymentStatus | None) -> Section | None:
    """What stays true of the money, whatever becomes of the report; None where none was paid."""
    if status is None:
        return None
    return Section(msg("credit.stands", amount=Yuan(quota.fee_fen)), _numbers(status))


def _numbers(status: PaymentStatus) -> tuple[Row, ...]:
    return (
        Row(msg("row.acceptance"), Plain(_booking(status).acceptance_no)),
        Row(msg("row.order"), Plain(status.order_no)),
    )


def _booking(status: PaymentStatus) -> Booking:
    if status.booking is None:
        raise AssertionError("a booked payment has a booking")
    return status.booking


async def _made(visit: Visit, person: Person, standing: Section | None) -> CreditReport | None:
    """The report; None where it was paid, could not be had, and the citizen goes on without it."""
    credit = visit.counter.departments.credit
    key = f"report-{visit.id}"
    if standing is None:
        return await visit.call(credit.personal_report, person, key)
    while True:
        reply = await visit.patiently(
            visit.counter.calls.run(credit.personal_report, person, key), "progress.fetching"
        )
        if isinstance(reply, Answer):
            report: CreditReport = reply.value
            return report
        view = replace(
            backend_trouble(visit, reply),
            standing=standing,
            options=(AGAIN,),
            primary=msg("document.without"),
        )
        if await visit.ask_now(view, visit.counter.timing.trouble_s) != Chosen(AGAIN.id):
            return None


def _tell_taken(visit: Visit, person: Person, report: CreditReport) -> None:
    """The department learns that the copy came out: until then it is given again at no cost."""
    counter = visit.counter
    counter.errands.start(
        counter.calls.run(
            counter.departments.credit.report_taken, person, report.report_no, f"taken-{visit.id}"
        )
    )


def _slip_printed(
    visit: Visit, status: PaymentStatus | None
) -> Callable[[], Awaitable[None]] | None:
    return partial(visit.counter.desk.printed, status.order_no) if status else None


def _ending(
    visit: Visit,
    person: Person,
    quota: ReportQuota,
    report: CreditReport | None,
    status: PaymentStatus | None,
) -> Ending:
    rows = [Row(msg("row.applicant"), masked(person))]
    if report is not None:
        rows.append(Row(msg("credit.row.report"), Plain(report.report_no)))
        rows.append(
            Row(
                msg("credit.row.free"),
                msg("credit.free_of", left=report.free_left, of=quota.free_a_year),
            )
        )
    if status is not None:
        rows.append(Row(msg("row.amount"), Plain(str(Yuan(quota.fee_fen))), strong=True))
        rows.append(Row(msg("row.order"), Plain(status.order_no)))
    return Ending(
        headline=msg("credit.done" if report else "credit.paid_only"),
        detail=msg("credit.done.detail" if report else "credit.paid_only.detail"),
        rows=tuple(rows),
        standing=_paid_for(quota, status) or Section(None, tuple(rows)),
        link=report.document.link if report else _booking(status).voucher_url if status else "",
        slip=slips.report_fee(visit, masked(person), Yuan(quota.fee_fen), status, _booking(status))
        if status
        else None,
    )


# --- a company's report --------------------------------------------------------------------------


async def report_of_company(visit: Visit, item: Item) -> None:
    """The legal representative proves who they are and names the company; read and take the report."""
    visit.steps = tuple(msg(step) for step in ENTERPRISE_STEPS)
    credit = visit.counter.departments.credit
    person = await identify(visit, item.proof)
    company = await _company(visit, person)
    await _review_company(visit, person, company)
    visit.commit()
    visit.at(2)
    report = await visit.call(
        credit.enterprise_report, person, company.credit_code, f"company-{visit.id}"
    )
    rows = (
        Row(msg("credit.row.company"), Plain(company.name)),
        Row(msg("credit.row.code"), Plain(company.credit_code)),
        Row(msg("credit.row.report"), Plain(report.report_no)),
    )
    standing = Section(msg("credit.company.done"), rows)
    await take_document(visit, credit, report.document, standing)
    visit.at(3)
    await finish(
        visit,
        Ending(
            headline=msg("credit.company.done"),
            detail=msg("credit.done.detail"),
            rows=rows,
            standing=standing,
            link=report.document.link,
        ),
    )


async def _company(visit: Visit, person: Person) -> Enterprise:
    """The company of a code, scanned from its licence or typed; a code of none is asked for again."""
    credit = visit.counter.departments.credit
    hint: Text = msg("credit.code.hint")
    for nth in count():
        code = await scan_or_type(
            visit,
            f"credit.code.{nth}" if nth else "credit.code",
            msg("credit.code"),
            hint,
            Field(
                name="credit_code",
                label=msg("credit.row.code"),
                kind=FieldKind.CREDIT_CODE,
                longest=CREDIT_CODE_CHARACTERS,
            ),
            _of_licence,
            visit.at(1),
        )
        found = await attempt(visit, ("company.unknown",), nth, credit.enterprise, person, code)
        if not isinstance(found, BackendFailure):
            return found
        hint = msg("credit.code.unknown")
    raise AssertionError("counting ends")


def _of_licence(code: ScannedCode) -> str | None:
    """The credit code on a licence: alone, or as a part of what its code says."""
    if code.kind not in (CodeKind.LICENCE, CodeKind.TEXT):
        return None
    number = getattr(code.payload, "credit_code", None)
    return str(number) if number else code.text.strip().upper()


async def _review_company(visit: Visit, person: Person, company: Enterprise) -> None:
    await visit.ask(
        Review(
            key="credit.company.review",
            steps=visit.here,
            title=msg("credit.company.review"),
            sections=(
                Section(
                    None,
                    (
                        Row(msg("credit.row.company"), Plain(company.name), strong=True),
                        Row(msg("credit.row.code"), Plain(company.credit_code)),
                        Row(msg("credit.row.head"), masked(person)),
                        Row(msg("credit.row.fee"), msg("credit.fee.none")),
                    ),
                ),
            ),
            notice=msg("credit.privacy"),
            primary=msg("credit.make"),
        )
    )


# --- an objection --------------------------------------------------------------------------------


async def object_to_report(visit: Visit, item: Item) -> None:
    """Read how an objection goes, choose its kind and a time at the counter, take the slip."""
    visit.steps = tuple(msg(step) for step in OBJECTION_STEPS)
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
