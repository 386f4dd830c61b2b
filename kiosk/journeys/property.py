"""Natural resources: the fee of a registration, paid by the number on its payment notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from kiosk.backends.contract import Booking
from kiosk.backends.property import FeeNotice
from kiosk.catalogue import Item
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import property as slips
from kiosk.steps.attempt import look_up
from kiosk.steps.earlier import earlier_payment
from kiosk.steps.finish import Ending, finish
from kiosk.steps.pay import pay
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Field, FieldKind, Review, Row, Section
from kiosk.visit import Visit

STEPS = ("property.step.notice", "step.review", "step.pay", "step.take")

NOTICE_CHARACTERS = 18
"""Four letters, the day, six places: as on the department's notices."""


async def pay_registration_fee(visit: Visit, item: Item) -> None:
    """Scan the notice, check, pay, take the slip; or take the slip of today again."""
    visit.steps = tuple(msg(step) for step in STEPS)
    property_register = visit.counter.departments.property
    notice = await look_up(
        visit,
        "registration-fee.notice",
        msg("property.notice"),
        msg("property.notice.hint"),
        msg("property.notice.unknown"),
        Field(
            name="notice",
            label=msg("property.row.notice"),
            kind=FieldKind.NUMBER,
            longest=NOTICE_CHARACTERS,
        ),
        "notice.unknown",
        property_register.fee_notice,
        visit.at(0),
    )
    tag = visit.counter.tags.tag(notice.notice_no, visit.counter.now().date())
    earlier = await earlier_payment(visit, tag, may_pay=not notice.paid)
    if earlier is not None:
        await finish(
            visit,
            _paid(visit, notice, Yuan(earlier.order.amount_fen), earlier.status, reprint=True),
            _printed(visit, earlier.status),
        )
        return
    if notice.paid:
        await finish(visit, _paid_already(visit, notice))
        return
    await _review(visit, notice)
    visit.at(2)
    order = Order(
        item=item.id,
        department="property",
        bill_id=notice.bill_id,
        option=notice.option,
        amount_fen=notice.amount_fen,
        subject=f"不动产登记费 {notice.notice_no}",
        person_tag=tag,
    )
    status = await pay(visit, order, msg("property.fee.subject"))
    await finish(
        visit, _paid(visit, notice, Yuan(order.amount_fen), status), _printed(visit, status)
    )


def _printed(visit: Visit, status: PaymentStatus) -> Callable[[], Awaitable[None]]:
    return partial(visit.counter.desk.printed, status.order_no)


async def _review(visit: Visit, notice: FeeNotice) -> None:
    amount = Yuan(notice.amount_fen)
    parts = tuple(Row(Plain(part.name), _yuan(part.amount_fen)) for part in notice.parts)
    await visit.ask(
        Review(
            key="registration-fee.review",
            steps=visit.at(1),
            title=msg("property.fee.review"),
            sections=(
                Section(None, about(notice)),
                Section(None, (*parts, Row(msg("row.to_pay"), Plain(str(amount)), strong=True))),
            ),
            notice=msg("notice.without_slip")
            if visit.without_slip
            else msg("property.fee.notice", day=notice.due_on.isoformat()),
            primary=msg("property.fee.pay", amount=amount),
        )
    )


def about(notice: FeeNotice) -> tuple[Row, ...]:
    """What a notice is for."""
    return (
        Row(msg("property.row.notice"), Plain(notice.notice_no)),
        Row(msg("property.row.kind"), Plain(notice.kind)),
        Row(msg("row.location"), Plain(notice.place)),
    )


def _yuan(fen: int) -> Text:
    return Plain(str(Yuan(fen)))


def _paid(
    visit: Visit, notice: FeeNotice, amount: Yuan, status: PaymentStatus, *, reprint: bool = False
) -> Ending:
    visit.at(3)
    booking = _booking(status)
    numbers = (
        Row(msg("row.acceptance"), Plain(booking.acceptance_no)),
        Row(msg("row.order"), Plain(status.order_no)),
    )
    return Ending(
        headline=msg("earlier.done" if reprint else "property.fee.done"),
        detail=msg("property.fee.done.detail"),
        rows=(
            Row(msg("property.row.notice"), Plain(notice.notice_no)),
            Row(msg("row.amount"), Plain(str(amount)), strong=True),
            *numbers,
        ),
        standing=Section(msg("property.fee.stands", amount=amount), numbers),
        link=booking.voucher_url,
        slip=slips.registration_fee(visit, about(notice), amount, status, booking, reprint=reprint),
    )


def _booking(status: PaymentStatus) -> Booking:
    if status.booking is None:
        raise AssertionError("a booked payment has a booking")
    return status.booking


def _paid_already(visit: Visit, notice: FeeNotice) -> Ending:
    visit.at(3)
    rows = about(notice)
    return Ending(
        headline=msg("property.fee.paid"),
        detail=msg("property.fee.paid.detail"),
        rows=rows,
        standing=Section(None, rows),
    )
