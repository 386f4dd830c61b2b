"""The slips of the credit bureau: the fee of a report, the time of an objection."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Slip
from kiosk.backends.contract import Booking
from kiosk.backends.credit import Objection
from kiosk.payments.order import PaymentStatus
from kiosk.receipts.sheet import Sheet
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit


def report_fee(
    visit: Visit, who: Text, amount: Yuan, status: PaymentStatus, booking: Booking
) -> Slip:
    """The receipt of a copy that was not free."""
    sheet = Sheet(visit, status.order_no)
    sheet.head(msg("slip.payment"), msg("credit.subject"))
    sheet.rows(
        (
            Row(msg("row.applicant"), who),
            Row(msg("row.channel"), msg(f"channel.{status.channel}")),
        )
    )
    sheet.rule()
    sheet.amount(msg("slip.paid"), amount)
    sheet.rule()
    sheet.rows(
        (
            Row(msg("row.acceptance"), Plain(booking.acceptance_no)),
            Row(msg("row.order"), Plain(status.order_no)),
        )
    )
    sheet.origin()
    sheet.code(booking.voucher_url, msg("slip.scan_voucher"))
    return sheet.end(msg("credit.slip.fee_note"))


def objection(visit: Visit, who: Text, rows: Iterable[Row], made: Objection) -> Slip:
    """When and where to come with an objection, and what to bring."""
    sheet = Sheet(visit, made.number)
    sheet.head(msg("credit.slip.objection"), msg("credit.slip.objection.sub"))
    sheet.rows((Row(msg("row.applicant"), who), *rows))
    sheet.rule()
    sheet.line(msg("credit.slip.bring"))
    sheet.rule()
    sheet.origin()
    sheet.code(made.take_away_url, msg("credit.slip.scan"))
    return sheet.end(msg("credit.slip.note"))
