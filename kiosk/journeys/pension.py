"""Resident pension: pay this year's contribution (城乡居民养老保险缴费)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from kiosk.backends.contract import Booking, Person
from kiosk.backends.social_insurance import PensionBill, PensionTier
from kiosk.catalogue import Item
from kiosk.journal import OrderRecord
from kiosk.masking import masked_id, masked_name
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import slips
from kiosk.steps.earlier import earlier_payment
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.pay import pay
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Choose, Option, Review, Row, Section
from kiosk.visit import Visit

STEPS = ("step.card", "pension.step.tier", "step.review", "step.pay", "step.take")


async def pay_resident_pension(visit: Visit, item: Item) -> None:
    """Identify, choose a tier, check, pay, take the slip; or take the slip of today again."""
    visit.steps = tuple(msg(step) for step in STEPS)
    person = await identify(visit)
    tag = visit.counter.tags.tag(person.id_number, visit.counter.now().date())
    bill = await visit.call(visit.counter.departments.social_insurance.pension_bill, person)
    earlier = await earlier_payment(visit, tag, may_pay=bool(bill.tiers))
    if earlier is not None:
        await finish(visit, _again(visit, person, earlier), _printed(visit, earlier.status))
        return
    if not bill.tiers:
        await finish(visit, _nothing_due(visit, person, bill))
        return
    tier = await _choose_tier(visit, person, bill)
    rows = _rows(bill, tier)
    await _review(visit, person, rows, tier)
    visit.at(3)
    order = Order(
        item=item.id,
        department="social-insurance",
        bill_id=bill.bill_id,
        option=tier.id,
        amount_fen=tier.amount_fen,
        subject=f"城乡居民基本养老保险 {bill.year}",
        person_tag=tag,
    )
    status = await pay(visit, order, msg("pension.subject", year=str(bill.year)))
    visit.at(4)
    await finish(visit, _paid(visit, person, rows, order, status), _printed(visit, status))


def _printed(visit: Visit, status: PaymentStatus) -> Callable[[], Awaitable[None]]:
    return partial(visit.counter.desk.printed, status.order_no)


def _paid(
    visit: Visit, person: Person, rows: tuple[Row, ...], order: Order, status: PaymentStatus
) -> Ending:
    amount, booking = Yuan(order.amount_fen), _booking(status)
    return Ending(
        headline=msg("pension.done"),
        detail=msg("pension.done.detail", number=booking.acceptance_no),
        rows=(
            Row(msg("row.insured"), _masked(person)),
            Row(msg("row.year"), rows[0].value),
            Row(msg("row.amount"), Plain(str(amount)), strong=True),
            Row(msg("row.order"), Plain(status.order_no)),
        ),
        standing=_stands(amount, status),
        link=booking.voucher_url,
        slip=slips.pension(visit, person, rows, amount, status, booking),
    )


def _again(visit: Visit, person: Person, record: OrderRecord) -> Ending:
    """The receipt of an order that is in the books already."""
    visit.at(4)
    order, status = record.order, record.status
    amount, booking = Yuan(order.amount_fen), _booking(status)
    rows = (Row(msg("row.item"), Plain(order.subject)),)
    return Ending(
        headline=msg("earlier.done"),
        detail=msg("pension.done.detail", number=booking.acceptance_no),
        rows=(
            Row(msg("row.insured"), _masked(person)),
            *rows,
            Row(msg("row.amount"), Plain(str(amount)), strong=True),
            Row(msg("row.order"), Plain(status.order_no)),
        ),
        standing=_stands(amount, status),
        link=booking.voucher_url,
        slip=slips.pension(visit, person, rows, amount, status, booking, reprint=True),
    )


def _booking(status: PaymentStatus) -> Booking:
    if status.booking is None:
        raise AssertionError("a booked payment has a booking")
    return status.booking


def _stands(amount: Yuan, status: PaymentStatus) -> Section:
    return Section(
        msg("pension.stands", amount=amount),
        (
            Row(msg("row.acceptance"), Plain(_booking(status).acceptance_no)),
            Row(msg("row.order"), Plain(status.order_no)),
        ),
    )


def _masked(person: Person) -> Plain:
    return Plain(f"{masked_name(person)} · {masked_id(person)}")


async def _choose_tier(visit: Visit, person: Person, bill: PensionBill) -> PensionTier:
    view = Choose(
        key="pension.choose_tier",
        steps=visit.at(1),
        title=msg("pension.choose_tier", year=str(bill.year)),
        subtitle=msg(
            "pension.choose_tier.who",
            name=masked_name(person),
            id=masked_id(person),
            year=str(bill.paid_until),
        ),
        options=tuple(_option(tier) for tier in bill.tiers),
        primary=msg("option.next"),
    )
    chosen = await visit.ask(view)
    return next(tier for tier in bill.tiers if tier.id == chosen.id)


def _option(tier: PensionTier) -> Option:
    return Option(
        id=tier.id,
        title=msg("pension.tier", amount=f"{tier.amount_fen // 100:,}"),
        subtitle=msg("pension.tier.gain", amount=f"{tier.monthly_gain_fen / 100:.1f}"),
        badge=msg("pension.tier.subsidy", amount=f"{tier.subsidy_fen // 100:,}"),
    )


def _rows(bill: PensionBill, tier: PensionTier) -> tuple[Row, ...]:
    return (
        Row(msg("row.year"), Plain(str(bill.year))),
        Row(msg("row.tier"), msg("pension.tier", amount=f"{tier.amount_fen // 100:,}")),
        Row(msg("row.subsidy"), Plain(str(Yuan(tier.subsidy_fen)))),
    )


async def _review(visit: Visit, person: Person, rows: tuple[Row, ...], tier: PensionTier) -> None:
    amount = Yuan(tier.amount_fen)
    await visit.ask(
        Review(
            key="pension.review",
            steps=visit.at(2),
            title=msg("pension.review"),
            sections=(
                Section(None, (Row(msg("row.insured"), _masked(person)), *rows)),
                Section(None, (Row(msg("row.to_pay"), Plain(str(amount)), strong=True),)),
            ),
            notice=msg("notice.without_slip") if visit.without_slip else msg("pension.notice"),
            primary=msg("pension.pay", amount=amount),
        )
    )


def _nothing_due(visit: Visit, person: Person, bill: PensionBill) -> Ending:
    visit.at(4)
    rows = (
        Row(msg("row.insured"), _masked(person)),
        Row(msg("row.paid_until"), msg("pension.year", year=str(bill.paid_until))),
    )
    return Ending(
        headline=msg("pension.nothing_due"),
        detail=msg("pension.nothing_due.detail", year=str(bill.paid_until)),
        rows=rows,
        standing=Section(None, rows),
    )
