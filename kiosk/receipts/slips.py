"""The slips: what each item's piece of paper says, as blocks for any printer."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Align, Block, Feed, Line, Pair, QrCode, Rule, Slip
from kiosk.backends.contract import Booking, Invoice, Person, Pickup, PropertyRecord
from kiosk.masking import masked_id, masked_name
from kiosk.payments.machine import PayState
from kiosk.payments.order import PaymentStatus
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit

CLOCK = "%Y-%m-%d %H:%M:%S"

NOTES = {
    PayState.UNRESOLVED: "slip.unresolved",
    PayState.REFUNDING: "slip.refunding",
    PayState.REFUNDED: "slip.refunded",
}
"""The note's title by state; the others are open ones."""


def pension(
    visit: Visit,
    person: Person,
    rows: Iterable[Row],
    amount: Yuan,
    status: PaymentStatus,
    booking: Booking,
    *,
    reprint: bool = False,
) -> Slip:
    """The receipt of a booked contribution: what and for whom, the amount large, the numbers.

    A `reprint` says that it is one; it is a job of its own, so that a printer prints it."""
    sheet = _Sheet(visit, f"{status.order_no}-{visit.id}" if reprint else status.order_no)
    sheet.head(msg("slip.payment"), msg("slip.pension"))
    if reprint:
        sheet.line(msg("slip.reprint"))
    sheet.rows(
        (
            Row(msg("row.insured"), Plain(f"{masked_name(person)} ({masked_id(person)})")),
            *rows,
            Row(msg("row.channel"), msg(f"channel.{status.channel}")),
        )
    )
    sheet.rule()
    sheet.amount(msg("slip.paid"), amount)
    sheet.line(msg("slip.booked.social"))
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


def own_property(visit: Visit, person: Person, purpose: Text, record: PropertyRecord) -> Slip:
    """The slip of a property query; units in full, the person masked."""
    sheet = _Sheet(visit, record.query_no)
    sheet.head(msg("slip.property"), msg("slip.property.subtitle"))
    sheet.rows(
        (
            Row(msg("row.applicant"), Plain(f"{masked_name(person)} ({masked_id(person)})")),
            Row(msg("row.purpose"), purpose),
            Row(msg("row.units"), Plain(str(len(record.units)))),
        )
    )
    for unit in record.units:
        sheet.rule()
        sheet.rows(
            (
                Row(msg("row.unit_code"), Plain(unit.unit_code)),
                Row(msg("row.certificate"), Plain(unit.certificate_no)),
                Row(msg("row.location"), Plain(unit.location)),
                Row(msg("row.use"), Plain(unit.use)),
                Row(msg("row.area"), msg("row.area.value", area=unit.area)),
                Row(msg("row.share"), Plain(unit.share)),
                Row(msg("row.mortgage"), msg("yes" if unit.mortgaged else "no")),
                Row(msg("row.seizure"), msg("yes" if unit.seized else "no")),
            )
        )
    sheet.rule()
    sheet.rows((Row(msg("row.query"), Plain(record.query_no)),))
    sheet.origin()
    sheet.code(record.take_away_url, msg("slip.scan_record"))
    return sheet.end(msg("slip.not_a_certificate"))


def invoice(visit: Visit, picked: Invoice, pickup: Pickup) -> Slip:
    """The slip of an invoice handed out: its numbers and the code to download it."""
    sheet = _Sheet(visit, pickup.pickup_no)
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


def unsettled(
    visit: Visit, status: PaymentStatus, subject: Text, amount: Yuan, copy: int = 0
) -> Slip:
    """The note of a payment that is open, unresolved or refunded: its number, and what happens next.

    `copy` counts those that came out before."""
    kind = NOTES.get(status.state, "slip.open")
    sheet = _Sheet(visit, f"{status.order_no}-{status.state}-{copy}")
    sheet.head(msg(kind), subject)
    sheet.rows((Row(msg("row.order"), Plain(status.order_no)),))
    sheet.amount(msg("row.amount"), amount)
    sheet.rule()
    sheet.line(msg(f"{kind}.next"))
    sheet.rule()
    sheet.origin()
    sheet.code(status.order_no, msg("slip.scan_order"))
    return sheet.end(msg("slip.no_expense_claim"))


class _Sheet:
    """Puts a slip together in the words of the citizen's language."""

    def __init__(self, visit: Visit, job: str) -> None:
        self._counter = visit.counter
        self._words = visit.counter.words(visit.counter.stage.language)
        self._job = job
        self._blocks: list[Block] = []

    def head(self, title: Text, subtitle: Text) -> None:
        say = self._words.say
        self._blocks += [
            Line(say(title), Align.CENTER, size=2, bold=True),
            Line(say(subtitle), Align.CENTER),
        ]
        self.rule()

    def rows(self, rows: Iterable[Row]) -> None:
        self._blocks += [Pair(self._words.say(r.label), self._words.say(r.value)) for r in rows]

    def amount(self, label: Text, amount: Yuan) -> None:
        self._blocks.append(Pair(self._words.say(label), str(amount), size=2, bold=True))

    def line(self, text: Text) -> None:
        self._blocks.append(Line(self._words.say(text)))

    def rule(self) -> None:
        self._blocks.append(Rule())

    def origin(self) -> None:
        """Where and when: the terminal and the time of printing."""
        place = self._counter.place
        self.rows(
            (
                Row(
                    msg("row.terminal"),
                    msg("row.terminal.value", hall=place.hall, number=place.number),
                ),
                Row(msg("row.time"), Plain(self._counter.now().strftime(CLOCK))),
            )
        )

    def code(self, data: str, caption: Text) -> None:
        self._blocks += [
            Feed(),
            QrCode(data),
            Line(self._words.say(caption), Align.CENTER),
        ]

    def end(self, note: Text) -> Slip:
        enquiries = msg("slip.enquiries", number=self._counter.place.enquiries)
        self.rule()
        self._blocks += [
            Line(self._words.say(note), Align.CENTER),
            Line(self._words.say(enquiries), Align.CENTER),
            Feed(2),
        ]
        return Slip(self._job, tuple(self._blocks))
