"""What every payment of a contribution has alike: the check before it, the payment, its receipt, and the
receipt again on the same day."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from kiosk.backends.contract import Booking, Person
from kiosk.catalogue import Item
from kiosk.journal import OrderRecord
from kiosk.masking import masked
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import slips
from kiosk.steps.earlier import earlier_payment
from kiosk.steps.finish import Ending, finish
from kiosk.steps.pay import pay
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Review, Row, Section
from kiosk.visit import Visit

Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How one item speaks of its payments.

    `words` begins its sentences: .review .notice .pay, .done .done.detail .stands. `slip` and `booked`
    are the receipt's subtitle and its word that the department booked it; `who` labels the person.
    """

    words: str
    slip: str
    booked: str
    who: str = "row.insured"


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid: a department's bill, its option and amount; `subject` is kept with the order
    and names nobody, `shown` is what the citizen sees while paying."""

    department: str
    bill_id: str
    option: str
    amount_fen: int
    subject: str
    shown: Text


async def paid_earlier(
    visit: Visit,
    person: Person,
    about: Contribution,
    *,
    may_pay: bool,
    rows: Callable[[OrderRecord], Awaitable[Rows]] | None = None,
) -> bool:
    """Give the receipt of a payment of today again, where the citizen wants it. `rows` say what was paid
    for; without them the order's subject does. Never charges; raises Leave where one is still open."""
    record = await earlier_payment(visit, _tag(visit, person), may_pay=may_pay)
    if record is None:
        return False
    told = await rows(record) if rows else (Row(msg("row.item"), Plain(record.order.subject)),)
    _at_end(visit)
    amount = Yuan(record.order.amount_fen)
    ending = _ending(visit, person, about, told, amount, record.status, reprint=True)
    await finish(visit, ending, _printed(visit, record.status))
    return True


async def check(
    visit: Visit, person: Person, about: Contribution, rows: Rows, amount: Yuan
) -> None:
    """Have what is going to be paid looked at, before it is."""
    await visit.ask(
        Review(
            key=f"{about.words}.review",
            steps=visit.at(len(visit.steps) - 3),
            title=msg(f"{about.words}.review"),
            sections=(
                Section(None, (Row(msg(about.who), masked(person)), *rows)),
                Section(None, (Row(msg("row.to_pay"), Plain(str(amount)), strong=True),)),
            ),
            notice=msg("notice.without_slip")
            if visit.without_slip
            else msg(f"{about.words}.notice"),
            primary=msg(f"{about.words}.pay", amount=amount),
        )
    )


async def settle(
    visit: Visit, item: Item, person: Person, about: Contribution, due: Due, rows: Rows
) -> None:
    """Pay `due`, and end with its receipt. Raises Leave where the citizen ends without a payment."""
    order = Order(
        item=item.id,
        department=due.department,
        bill_id=due.bill_id,
        option=due.option,
        amount_fen=due.amount_fen,
        subject=due.subject,
        person_tag=_tag(visit, person),
    )
    visit.at(len(visit.steps) - 2)
    status = await pay(visit, order, due.shown)
    _at_end(visit)
    ending = _ending(visit, person, about, rows, Yuan(due.amount_fen), status)
    await finish(visit, ending, _printed(visit, status))


async def request_key(visit: Visit, about: object) -> str:
    """An idempotency key for what is asked `about`: the same while the answers stand, another after Back,
    so that a department's former answer does not come again for a bill that was replaced since."""

    async def drawn() -> str:
        return f"{visit.id}-{secrets.token_hex(8)}"

    return await visit.recall(("key", about), drawn, answered=False)


def _tag(visit: Visit, person: Person) -> str:
    return visit.counter.tags.tag(person.id_number, visit.counter.now().date())


def _at_end(visit: Visit) -> None:
    visit.at(len(visit.steps) - 1)


def _printed(visit: Visit, status: PaymentStatus) -> Callable[[], Awaitable[None]]:
    return partial(visit.counter.desk.printed, status.order_no)


def _ending(
    visit: Visit,
    person: Person,
    about: Contribution,
    rows: Rows,
    amount: Yuan,
    status: PaymentStatus,
    *,
    reprint: bool = False,
) -> Ending:
    booking = _booking(status)
    return Ending(
        headline=msg("earlier.done" if reprint else f"{about.words}.done"),
        detail=msg(f"{about.words}.done.detail", number=booking.acceptance_no),
        rows=(
            Row(msg(about.who), masked(person)),
            rows[0],
            Row(msg("row.amount"), Plain(str(amount)), strong=True),
            Row(msg("row.order"), Plain(status.order_no)),
        ),
        standing=Section(
            msg(f"{about.words}.stands", amount=amount),
            (
                Row(msg("row.acceptance"), Plain(booking.acceptance_no)),
                Row(msg("row.order"), Plain(status.order_no)),
            ),
        ),
        link=booking.voucher_url,
        slip=slips.contribution(
            visit,
            slips.Paid(about.slip, about.booked, about.who, person, rows, amount, reprint),
            status,
            booking,
        ),
    )


def _booking(status: PaymentStatus) -> Booking:
    if status.booking is None:
        raise AssertionError("a booked payment has a booking")
    return status.booking
