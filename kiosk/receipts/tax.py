"""The slips of the tax items: an invoice handed out, one fetched on paper, one issued."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Slip
from kiosk.backends.contract import Person
from kiosk.backends.tax_answers import (
    Application,
    HandedOver,
    Invoice,
    Pickup,
    ReleasedInvoice,
)
from kiosk.masking import masked
from kiosk.payments.order import PaymentStatus
from kiosk.receipts.sheet import CLOCK, Sheet
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit


def invoice(visit: Visit, picked: Invoice, pickup: Pickup) -> Slip:
    """The slip of a digital invoice handed out: its numbers and the code to download it."""
    sheet = Sheet(visit, pickup.pickup_no)
    sheet.head(msg("slip.invoice"), msg("slip.invoice.subtitle"))
    sheet.rows(
        (
            Row(msg("row.invoice"), Plain(picked.number)),
            Row(msg("row.issued"), Plain(picked.issued_on.isoformat())),
            Row(msg("row.seller"), Plain(picked.seller)),
            Row(msg("row.goods"), Plain(picked.goods)),
            Row(msg("row.net"), Plain(str(Yuan(picked.amount_fen)))),
            Row(msg("row.tax"), Plain(str(Yuan(picked.tax_fen)))),
        )
    )
    sheet.rule()
    sheet.amount(msg("slip.total"), Yuan(picked.total_fen))
    sheet.rule()
    sheet.rows((Row(msg("row.pickup"), Plain(pickup.pickup_no)),))
    sheet.origin()
    sheet.code(pickup.take_away_url, msg("slip.scan_invoice"))
    return sheet.end(msg("slip.invoice_is_electronic"))


def fetched(visit: Visit, released: ReleasedInvoice, handed: HandedOver | None) -> Slip:
    """The slip of invoices fetched on paper. Without `handed` the department has not confirmed it yet:
    the slip says so, and names the pickup by its own number."""
    sheet = Sheet(visit, handed.acceptance_no if handed else f"{released.pickup_id}-{visit.id}")
    sheet.head(msg("tax.pickup.slip"), msg(f"tax.pickup.kind.{released.kind}"))
    sheet.rows(
        (
            Row(msg("tax.pickup.row.id"), Plain(released.pickup_id)),
            Row(msg("tax.pickup.row.count"), msg("tax.pickup.count", count=released.invoices)),
            Row(msg("tax.pickup.row.compartment"), Plain(released.compartment)),
        )
    )
    sheet.rule()
    if handed is None:
        sheet.line(msg("tax.pickup.unconfirmed"))
    else:
        taken_at = handed.taken_at.astimezone(visit.counter.now().tzinfo)
        sheet.rows(
            (
                Row(msg("row.acceptance"), Plain(handed.acceptance_no)),
                Row(msg("tax.pickup.row.taken"), Plain(taken_at.strftime(CLOCK))),
            )
        )
    sheet.origin()
    if handed is not None:
        sheet.code(handed.voucher_url, msg("tax.pickup.slip.scan"))
    return sheet.end(msg("tax.pickup.slip.note"))


def issued(
    visit: Visit,
    person: Person,
    rows: Iterable[Row],
    link: str,
    status: PaymentStatus | None,
    application: Application,
    *,
    amount: Yuan,
    reprint: bool = False,
) -> Slip:
    """The slip of an invoice issued: its number first of `rows`, and the tax that was paid, if any was.
    `link` is where the invoice is, or the payment's voucher while the invoice has no number yet.

    A `reprint` says that it is one; it is a job of its own, so that a printer prints it."""
    job = status.order_no if status else application.application_no
    sheet = Sheet(visit, f"{job}-{visit.id}" if reprint else job)
    sheet.head(msg("tax.issue.slip"), msg("tax.issue.slip.subtitle"))
    if reprint:
        sheet.line(msg("slip.reprint"))
    sheet.rows((Row(msg("tax.issue.row.seller"), masked(person)), *rows))
    sheet.rule()
    sheet.amount(msg("tax.issue.row.paid"), amount)
    sheet.rule()
    if status is not None:
        sheet.rows(
            (
                Row(msg("row.channel"), msg(f"channel.{status.channel}")),
                Row(msg("row.order"), Plain(status.order_no)),
            )
        )
    if status is not None and status.booking is not None:
        sheet.rows((Row(msg("row.acceptance"), Plain(status.booking.acceptance_no)),))
    sheet.origin()
    sheet.code(link, msg("slip.scan_invoice" if application.number else "slip.scan_voucher"))
    return sheet.end(msg("slip.invoice_is_electronic"))
