"""Credit: a person's report with its free copies, and a company's report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import count

from devices.scanner.codes import CodeKind, ScannedCode
from kiosk.backends.contract import Answer, BackendFailure, Booking, Person
from kiosk.backends.credit import CreditReport, Enterprise, ReportQuota
from kiosk.catalogue import Item
from kiosk.masking import masked
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import credit as slips
from kiosk.steps.attempt import attempt
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.pay import pay
from kiosk.steps.scan import scan_or_type
from kiosk.steps.trouble import AGAIN, backend_trouble
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import (
    Chosen,
    Field,
    FieldKind,
    Review,
    Row,
    Section,
)
from kiosk.visit import Visit

PERSONAL_STEPS = ("step.card", "step.review", "credit.step.report", "step.take")
ENTERPRISE_STEPS = ("step.card", "credit.step.company", "credit.step.report", "step.take")

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
