"""The slip of a registration's fee."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Slip
from kiosk.backends.contract import Booking
from kiosk.payments.order import PaymentStatus
from kiosk.receipts.sheet import Sheet
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit


def registration_fee(
    visit: Visit,
    about: Iterable[Row],
    amount: Yuan,
    status: PaymentStatus,
    booking: Booking,
    *,
    reprint: bool = False,
) -> Slip:
    """The receipt of a booked fee: which notice, the amount large, the numbers, where to go next.

    A `reprint` says that it is one; it is a job of its own, so that a printer prints it."""
    sheet = Sheet(visit, f"{status.order_no}-{visit.id}" if reprint else status.order_no)
    sheet.head(msg("slip.payment"), msg("property.fee.subject"))
    if reprint:
        sheet.line(msg("slip.reprint"))
    sheet.rows((*about, Row(msg("row.channel"), msg(f"channel.{status.channel}"))))
    sheet.rule()
    sheet.amount(msg("slip.paid"), amount)
    sheet.line(msg("property.slip.booked"))
    sheet.rule()
    sheet.rows(
        (
            Row(msg("row.acceptance"), Plain(booking.acceptance_no)),
            Row(msg("row.order"), Plain(status.order_no)),
        )
    )
    sheet.origin()
    sheet.code(booking.voucher_url, msg("slip.scan_voucher"))
    return sheet.end(msg("property.slip.note"))
