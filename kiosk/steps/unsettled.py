"""A payment whose end the citizen may not see: the words, the note to take along, and who goes on with it.

The desk brings it to its end in any case. Here the citizen learns truly what is known, what becomes of
the money, and gets a note with the order's number, on paper or as a code.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.printer.layout import Slip
from devices.status import Ok
from kiosk.hardware import works
from kiosk.payments.machine import PayState
from kiosk.payments.order import PaymentStatus
from kiosk.payments.payment import Payment
from kiosk.receipts import slips
from kiosk.steps.trouble import OTHER, tell
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Chosen, Option, Picture, Row, Section, Steps, Tone, Trouble
from kiosk.visit import Leave, Visit

TAKEN = (PayState.PAID, PayState.FULFILLING)
RETURNING = (PayState.REFUNDING, PayState.REFUNDED)

SLIP = Option(
    id="slip",
    title=msg("pay.open.slip"),
    subtitle=msg("pay.open.slip.hint"),
    picture=Picture.PRINTER,
)
WAIT = Option(
    id="wait",
    title=msg("pay.open.wait"),
    subtitle=msg("pay.open.wait.hint"),
    picture=Picture.WAIT,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a payment in one state: the headline, why, and what holds for the money."""

    headline: str
    cause: str
    money: str


UNKNOWN = Words("pay.open.unknown", "pay.open.cause", "pay.open.once_only")
SAID = {
    **dict.fromkeys(TAKEN, Words("pay.open.booking", "pay.open.cause", "pay.open.paid")),
    PayState.REVERSING: Words("pay.open.reversing", "pay.open.reversing.cause", "pay.open.back"),
    PayState.REFUNDING: Words("pay.open.refunding", "pay.open.refunding.cause", "pay.open.back"),
    PayState.REFUNDED: Words("pay.refunded", "pay.refunded.cause", "pay.refunded.money"),
    PayState.UNRESOLVED: Words("pay.unresolved", "pay.unresolved.cause", "pay.unresolved.money"),
}
"""The other states that can still be open say UNKNOWN's words."""


class Note:
    """The note of one payment: printed once by itself, again on request."""

    def __init__(self, visit: Visit, subject: Text, amount: Yuan) -> None:
        self._visit = visit
        self._subject = subject
        self._amount = amount
        self._printed: dict[PayState, int] = {}

    def has(self, status: PaymentStatus) -> bool:
        """Whether the note that is true now came out."""
        return status.state in self._printed

    async def print(self, status: PaymentStatus) -> None:
        """Print the note that is true of `status`; where it does not come out, the screen has a code."""
        counter = self._visit.counter
        if not works(counter.printer):
            return
        slip = self._slip(status)
        result = await self._visit.patiently(
            counter.printer.print_slip(slip, counter.timing.print_s),
            "print.printing",
            msg("print.printing.at"),
        )
        if isinstance(result, Ok):
            self._printed[status.state] = self._printed.get(status.state, 0) + 1

    def _slip(self, status: PaymentStatus) -> Slip:
        copy = self._printed.get(status.state, 0)
        return slips.unsettled(self._visit, status, self._subject, self._amount, copy)


def trouble(
    steps: Steps | None, status: PaymentStatus, amount: Yuan, options: tuple[Option, ...]
) -> Trouble:
    """What is known of the payment, with the order's number as a code for any window."""
    said = SAID.get(status.state, UNKNOWN)
    return Trouble(
        key=f"pay.{status.state}" if status.state in SAID else "pay.open",
        steps=steps,
        headline=msg(said.headline),
        cause=msg(said.cause),
        tone=Tone.WARNING,
        standing=Section(
            msg(said.money, amount=amount),
            (
                Row(msg("row.amount"), Plain(str(amount)), strong=True),
                Row(msg("row.order"), Plain(status.order_no)),
            ),
        ),
        options=options,
        code=f"payment.{status.state}",
        qr=status.order_no,
        primary=msg("option.done"),
    )


async def still_open(visit: Visit, payment: Payment, note: Note, amount: Yuan) -> None:
    """Say that the end is not known yet; returns when the state changed, raises Leave when the citizen
    goes. An unresolved payment prints its note by itself."""
    status = payment.status
    if status.state is PayState.UNRESOLVED and not note.has(status):
        await note.print(status)
    while payment.status == status:
        options = (WAIT,) if note.has(status) else (WAIT, SLIP)
        got = await visit.race(
            trouble(visit.here, status, amount, options),
            payment.changed(status),
            visit.counter.timing.trouble_s,
        )
        if got == Chosen(SLIP.id):
            await note.print(status)
        elif isinstance(got, Chosen) and got.id != WAIT.id:
            raise Leave("payment.open")


async def refunded(visit: Visit, status: PaymentStatus, note: Note, amount: Yuan) -> None:
    """Say that the money went back; always raises Leave. Prints its note by itself."""
    await note.print(status)
    while True:
        options = (OTHER,) if note.has(status) else (OTHER, SLIP)
        if await tell(visit, trouble(visit.here, status, amount, options)) == SLIP.id:
            await note.print(status)
