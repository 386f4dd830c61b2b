"""Tax: have an invoice issued for a buyer (代开发票申请); the tax on it is paid first."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial

from devices.scanner.payloads import fen_of
from kiosk.backends.contract import Answer, Person
from kiosk.backends.tax_answers import Application, Goods, Wanted
from kiosk.catalogue import Item
from kiosk.masking import masked
from kiosk.payments.order import Order, PaymentStatus
from kiosk.receipts import tax as slips
from kiosk.steps.earlier import earlier_payment
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.pay import pay
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Choose, Field, FieldKind, Form, Option, Review, Row, Section
from kiosk.visit import Visit

STEPS = (
    "step.card", "tax.issue.step.buyer", "tax.issue.step.goods", "step.review", "step.pay",
    "step.take",
)  # fmt: skip

LONGEST_NAME = 60
SMALLEST_FEN, LARGEST_FEN = 100, 50_000_000
"""One yuan to half a million on one invoice (docs/API.md)."""

SUBJECT = "代开发票税费"


async def issue_invoice(visit: Visit, item: Item) -> None:
    """Identify twice, say who buys what for how much, check what is due, pay it, take the invoice."""
    visit.steps = tuple(msg(step) for step in STEPS)
    tax = visit.counter.departments.tax
    person = await identify(visit, item.proof)
    tag = visit.counter.tags.tag(person.id_number, visit.counter.now().date())
    earlier = await earlier_payment(visit, tag, may_pay=True)
    if earlier is not None:
        application = await visit.call(tax.application, person, earlier.order.bill_id)
        issued = _Issued(visit, person, (), application, earlier.status)
        await finish(visit, issued.ending(again=True), _printed(visit, earlier.status))
        return
    goods, wanted = await _wanted(visit, person)
    application = await visit.call(tax.apply, person, wanted, _key(visit, wanted))
    rows = _rows(wanted, goods, application)
    await _review(visit, person, rows, application)
    if not application.due_fen:
        visit.commit()
        visit.at(5)
        number = application.application_no
        application = await visit.call(tax.issue, person, number, f"issue-{visit.id}")
        await finish(visit, _Issued(visit, person, rows, application, None).ending())
        return
    visit.at(4)
    order = Order(
        item=item.id,
        department="tax",
        bill_id=application.bill_id,
        option=application.option,
        amount_fen=application.due_fen,
        subject=SUBJECT,
        person_tag=tag,
    )
    status = await pay(visit, order, msg("tax.issue.subject"))
    visit.at(5)
    application = await _issued_now(visit, person, application)
    issued = _Issued(visit, person, rows, application, status)
    await finish(visit, issued.ending(), _printed(visit, status))


def _printed(visit: Visit, status: PaymentStatus) -> Callable[[], Awaitable[None]]:
    return partial(visit.counter.desk.printed, status.order_no)


def _key(visit: Visit, wanted: Wanted) -> str:
    """One key for one application of a visit: going back and changing it makes another."""
    said = f"{wanted.buyer_name}|{wanted.buyer_code}|{wanted.goods}|{wanted.amount_fen}"
    return f"apply-{visit.id}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


async def _issued_now(visit: Visit, person: Person, paid: Application) -> Application:
    """The application with its invoice. Where the department does not answer now, as it was: the booking
    stands all the same, and has issued it."""
    ask = partial(visit.counter.departments.tax.application, person, paid.application_no)
    reply = await visit.patiently(visit.counter.calls.run(ask), "tax.issue.issuing")
    return reply.value if isinstance(reply, Answer) else paid


# --- what is asked --------------------------------------------------------------------------------


async def _wanted(visit: Visit, person: Person) -> tuple[Goods, Wanted]:
    who = masked(person)
    buyer = await visit.ask(
        Form(
            key="issue.buyer",
            steps=visit.at(1),
            title=msg("tax.issue.buyer"),
            subtitle=msg("tax.issue.buyer.hint"),
            fields=(
                Field("name", msg("tax.issue.buyer.name"), FieldKind.TEXT, longest=LONGEST_NAME),
                Field("code", msg("tax.issue.buyer.code"), FieldKind.CREDIT_CODE),
            ),
            primary=msg("option.next"),
        )
    )
    entries = await visit.call(visit.counter.departments.tax.goods)
    chosen = await visit.ask(
        Choose(
            key="issue.goods",
            steps=visit.at(2),
            title=msg("tax.issue.goods"),
            subtitle=who,
            options=tuple(_option(entry) for entry in entries),
            primary=msg("option.next"),
        )
    )
    goods = next(entry for entry in entries if entry.id == chosen.id)
    amount = await visit.ask(
        Form(
            key="issue.amount",
            steps=visit.at(2),
            title=msg("tax.issue.amount"),
            subtitle=msg("tax.issue.amount.hint"),
            fields=(
                Field(
                    "amount",
                    msg("row.total"),
                    FieldKind.AMOUNT,
                    minimum=SMALLEST_FEN,
                    maximum=LARGEST_FEN,
                ),
            ),
            primary=msg("option.next"),
        )
    )
    fen = fen_of(amount["amount"])
    if fen is None:
        raise AssertionError("the form lets no other amount through")
    return goods, Wanted(buyer["name"], buyer["code"], goods.id, fen)


def _option(entry: Goods) -> Option:
    rate = f"{entry.rate_bp / 100:g}%"
    badge = msg("tax.issue.rate", rate=rate) if entry.rate_bp else msg("tax.issue.rate.free")
    return Option(id=entry.id, title=Plain(entry.name, entry.name_en), badge=badge)


def _rows(wanted: Wanted, goods: Goods, application: Application) -> tuple[Row, ...]:
    return (
        Row(msg("tax.row.buyer"), Plain(wanted.buyer_name)),
        Row(msg("tax.issue.buyer.code"), Plain(wanted.buyer_code)),
        Row(msg("row.goods"), Plain(goods.name, goods.name_en)),
        *_amounts(application),
    )


def _amounts(application: Application) -> tuple[Row, ...]:
    return (
        Row(msg("row.net"), Plain(str(Yuan(application.net_fen)))),
        Row(msg("row.tax"), Plain(str(Yuan(application.tax_fen)))),
        Row(msg("row.total"), Plain(str(Yuan(application.total_fen)))),
    )


async def _review(
    visit: Visit, person: Person, rows: tuple[Row, ...], application: Application
) -> None:
    amount = Yuan(application.due_fen)
    due = tuple(
        Row(Plain(line.name, line.name_en), Plain(str(Yuan(line.due_fen))))
        for line in application.lines
    )
    to_pay = Row(msg("row.to_pay"), Plain(str(amount)), strong=True)
    notice: Text = msg("tax.issue.notice" if application.due_fen else "tax.issue.notice.free")
    await visit.ask(
        Review(
            key="issue.review",
            steps=visit.at(3),
            title=msg("tax.issue.review"),
            sections=(
                Section(None, (Row(msg("tax.issue.row.seller"), masked(person)), *rows)),
                Section(msg("tax.issue.due"), (*due, to_pay)),
            ),
            notice=msg("notice.without_slip") if visit.without_slip else notice,
            primary=msg("tax.issue.pay", amount=amount)
            if application.due_fen
            else msg("tax.issue.submit"),
        )
    )


# --- how it ends ----------------------------------------------------------------------------------


class _Issued:
    """An invoice issued, or one whose number the department has not said yet: then its application's."""

    def __init__(
        self,
        visit: Visit,
        person: Person,
        rows: tuple[Row, ...],
        application: Application,
        status: PaymentStatus | None,
    ) -> None:
        self._visit = visit
        self._person = person
        self._rows = rows or _amounts(application)
        self._application = application
        self._status = status
        self._booking = status.booking if status else None

    def ending(self, *, again: bool = False) -> Ending:
        """The last screen with its slip; `again` where it is the slip of an earlier visit."""
        application, known = self._application, bool(self._application.number)
        paid = Yuan(application.due_fen)
        number = (
            Row(msg("row.invoice"), Plain(application.number), strong=True)
            if known
            else Row(msg("tax.issue.row.application"), Plain(application.application_no))
        )
        rows = (
            number,
            Row(msg("row.total"), Plain(str(Yuan(application.total_fen)))),
            Row(msg("tax.issue.row.paid"), Plain(str(paid))),
        )
        return Ending(
            headline=msg("earlier.done" if again else "tax.issue.done"),
            detail=msg("tax.issue.done.detail" if known else "tax.issue.done.later"),
            rows=rows,
            standing=Section(msg("tax.issue.stands", amount=paid), (number,)),
            link=self._link(),
            slip=slips.issued(
                self._visit, self._person, (number, *self._rows), self._link(), self._status,
                application, amount=paid, reprint=again,
            ),
        )  # fmt: skip

    def _link(self) -> str:
        """Where the invoice is taken along; the voucher of the payment until it is known."""
        voucher = self._booking.voucher_url if self._booking else ""
        return self._application.take_away_url or voucher
