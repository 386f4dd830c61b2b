"""The slips: what each item's piece of paper says, as blocks for any printer."""

from __future__ import annotations

from dataclasses import dataclass

from devices.printer.layout import Slip
from kiosk.backends.contract import Booking, Person
from kiosk.masking import masked_id, masked_name
from kiosk.payments.machine import PayState
from kiosk.payments.order import PaymentStatus
from kiosk.receipts.sheet import Sheet
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit

NOTES = {
    PayState.UNRESOLVED: "slip.unresolved",
    PayState.REFUNDING: "slip.refunding",
    PayState.REFUNDED: "slip.refunded",
}
"""The note's title by state; the others are open ones."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A contribution that is in the books: the keys of the receipt's subtitle, of the word that it is
    booked and of the person's label; for whom, what, how much. A `reprint` says that it is one."""

    subtitle: str
    booked: str
    who: str
    person: Person
    rows: tuple[Row, ...]
    amount: Yuan
    reprint: bool = False


def contribution(visit: Visit, paid: Paid, status: PaymentStatus, booking: Booking) -> Slip:
    """The receipt of a booked contribution: what and for whom, the amount large, the numbers.

    A reprint is a job of its own, so that a printer prints it."""
    sheet = Sheet(visit, f"{status.order_no}-{visit.id}" if paid.reprint else status.order_no)
    sheet.head(msg("slip.payment"), msg(paid.subtitle))
    if paid.reprint:
        sheet.line(msg("slip.reprint"))
    person = paid.person
    sheet.rows(
        (
            Row(msg(paid.who), Plain(f"{masked_name(person)} ({masked_id(person)})")),
            *paid.rows,
            Row(msg("row.channel"), msg(f"channel.{status.channel}")),
        )
    )
    sheet.rule()
    sheet.amount(msg("slip.paid"), paid.amount)
    sheet.line(msg(paid.booked))
    sheet.rule()
    sheet.rows(
        (
            Row(msg("row.acceptance"), Plain(booking.acceptance_no)),
            Row(msg("row.order"), Plain(status.order_no)),
        )
    )
    sheet.origin()
    sheet.code(booking.voucher_url, msg("slip.scan_voucher"))
    return sheet.end(msg("slip.no_expense_claim"))


def unsettled(
    visit: Visit, status: PaymentStatus, subject: Text, amount: Yuan, copy: int = 0
) -> Slip:
    """The note of a payment that is open, unresolved or refunded: its number, and what happens next.

    `copy` counts those that came out before."""
    kind = NOTES.get(status.state, "slip.open")
    sheet = Sheet(visit, f"{status.order_no}-{status.state}-{copy}")
    sheet.head(msg(kind), subject)
    sheet.rows((Row(msg("row.order"), Plain(status.order_no)),))
    sheet.amount(msg("row.amount"), amount)
    sheet.rule()
    sheet.line(msg(f"{kind}.next"))
    sheet.rule()
    sheet.origin()
    sheet.code(status.order_no, msg("slip.scan_order"))
    return sheet.end(msg("slip.no_expense_claim"))
