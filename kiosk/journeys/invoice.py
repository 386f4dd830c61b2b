"""Tax: pick up one's digital invoices (数电发票提取)."""

from __future__ import annotations

from datetime import date, timedelta

from kiosk.backends.contract import Person
from kiosk.backends.tax_answers import Invoice, Pickup
from kiosk.catalogue import Item
from kiosk.hardware import works
from kiosk.masking import masked_id, masked_name
from kiosk.receipts import tax as slips
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Choose, Option, Picture, Record, Row, Section
from kiosk.visit import Visit

STEPS = ("step.card", "invoice.step.period", "invoice.step.choose", "step.review", "step.take")

PERIODS_DAYS = {"month": 31, "quarter": 92, "year": 366}
"""The periods offered, in days; 366 is the most that the tax interface takes (docs/API.md)."""

A4, SLIP, PHONE = "a4", "slip", "phone"
"""How an invoice is taken along: its PDF on paper, a slip with the code, or the code on the screen."""


async def pick_up_invoice(visit: Visit, item: Item) -> None:
    """Identify, choose a period and an invoice, look at it, choose how to take it along."""
    visit.steps = tuple(msg(step) for step in STEPS)
    tax = visit.counter.departments.tax
    person = await identify(visit, item.proof)
    since, until = await _choose_period(visit, person)
    invoices = await visit.call(tax.invoices, person, since, until)
    if not invoices:
        await finish(visit, _none_found(visit, since, until))
        return
    invoice = await _choose_invoice(visit, invoices)
    await _read(visit, invoice)
    way = await _choose_way(visit)
    visit.commit()
    visit.at(4)
    pickup = await visit.call(tax.pick_up, person, invoice.number, f"pickup-{visit.id}")
    rows = (
        Row(msg("row.invoice"), Plain(invoice.number)),
        Row(msg("row.seller"), Plain(invoice.seller)),
        Row(msg("row.total"), Plain(str(Yuan(invoice.total_fen))), strong=True),
        Row(msg("row.pickup"), Plain(pickup.pickup_no)),
    )
    standing = Section(msg("invoice.stands"), (rows[0], rows[3]))
    printed = way == A4 and await take_document(visit, tax, pickup.document, standing)
    slip = slips.invoice(visit, invoice, pickup) if way == SLIP else None
    ending = Ending(
        headline=msg("invoice.done"),
        detail=_taken_as(pickup, printed=printed),
        rows=rows,
        standing=standing,
        link=pickup.take_away_url,
        slip=slip,
    )
    await finish(visit, ending)


def _taken_as(pickup: Pickup, *, printed: bool) -> Text:
    key = "tax.invoice.printed" if printed else "invoice.done.detail"
    return msg(key, day=pickup.valid_until.strftime("%Y-%m-%d"))


async def _choose_period(visit: Visit, person: Person) -> tuple[date, date]:
    chosen = await visit.ask(
        Choose(
            key="invoice.choose_period",
            steps=visit.at(1),
            title=msg("invoice.choose_period"),
            subtitle=msg("row.person.value", name=masked_name(person), id=masked_id(person)),
            options=tuple(
                Option(id=period, title=msg(f"invoice.period.{period}")) for period in PERIODS_DAYS
            ),
            chosen="quarter",
            primary=msg("option.next"),
        )
    )
    until = visit.counter.now().date()
    return until - timedelta(days=PERIODS_DAYS[chosen.id] - 1), until


async def _choose_invoice(visit: Visit, invoices: tuple[Invoice, ...]) -> Invoice:
    chosen = await visit.ask(
        Choose(
            key="invoice.choose",
            steps=visit.at(2),
            title=msg("invoice.choose"),
            subtitle=msg("invoice.choose.count", count=len(invoices)),
            options=tuple(
                Option(
                    id=invoice.number,
                    title=Plain(f"{invoice.seller}"),
                    subtitle=Plain(f"{invoice.issued_on.isoformat()} · {invoice.goods}"),
                    badge=Plain(str(Yuan(invoice.total_fen))),
                )
                for invoice in invoices
            ),
            primary=msg("option.next"),
        )
    )
    return next(invoice for invoice in invoices if invoice.number == chosen.id)


async def _read(visit: Visit, invoice: Invoice) -> None:
    await visit.ask(
        Record(
            key="invoice.read",
            steps=visit.at(3),
            title=msg("invoice.read"),
            sections=(
                Section(
                    None,
                    (
                        Row(msg("row.invoice"), Plain(invoice.number)),
                        Row(msg("row.issued"), Plain(invoice.issued_on.isoformat())),
                        Row(msg("row.seller"), Plain(invoice.seller)),
                        Row(msg("row.goods"), Plain(invoice.goods)),
                        Row(msg("row.net"), Plain(str(Yuan(invoice.amount_fen)))),
                        Row(msg("row.tax"), Plain(str(Yuan(invoice.tax_fen)))),
                        Row(msg("row.total"), Plain(str(Yuan(invoice.total_fen))), strong=True),
                    ),
                ),
            ),
            notice=msg("notice.without_slip") if visit.without_slip else None,
            actions=(Option(id="take", title=msg("invoice.take")),),
        )
    )


async def _choose_way(visit: Visit) -> str:
    """How to take it along, of the ways that work now; OFD leaves by its link alone."""
    ways = {PHONE: Picture.PHONE}
    if not visit.without_slip and works(visit.counter.printer):
        ways = {SLIP: Picture.PRINTER, **ways}
    if works(visit.counter.documents):
        ways = {A4: Picture.DOCUMENT, **ways}
    if len(ways) == 1:
        return PHONE
    chosen = await visit.ask(
        Choose(
            key="invoice.way",
            steps=visit.at(3),
            title=msg("tax.invoice.way"),
            subtitle=msg("tax.invoice.formats"),
            options=tuple(
                Option(
                    id=way,
                    title=msg(f"tax.invoice.way.{way}"),
                    subtitle=msg(f"tax.invoice.way.{way}.hint"),
                    picture=picture,
                )
                for way, picture in ways.items()
            ),
            primary=msg("option.next"),
        )
    )
    return chosen.id


def _none_found(visit: Visit, since: date, until: date) -> Ending:
    visit.at(4)
    rows = (
        Row(msg("row.period"), Plain(f"{since.isoformat()} — {until.isoformat()}")),
        Row(msg("row.count"), Plain("0")),
    )
    return Ending(
        headline=msg("invoice.none"),
        detail=msg("invoice.none.detail"),
        rows=rows,
        standing=Section(None, rows),
    )
