"""The citizen pays: a code on the screen, or their own code at the window.

The conversation only looks on: the payment belongs to the payment desk, which brings it to an end
whether or not anybody still stands here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from devices.scanner.codes import CodeKind, ScannedCode
from devices.status import Failed, Ok, Outcome, Result
from kiosk.payments.desk import DeskRefusal
from kiosk.payments.machine import BOOKED, LIVE, PayState
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.payment import Payment
from kiosk.steps.preflight import ready_to_pay
from kiosk.steps.trouble import OTHER, tell
from kiosk.steps.unsettled import TAKEN, Note, refunded, still_open
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import (
    Chosen,
    Option,
    Pay,
    PayMode,
    Picture,
    Progress,
    Section,
    Tone,
    Trouble,
)
from kiosk.visit import Leave, Visit

DOING = {
    PayState.PAID: "pay.booking",
    PayState.FULFILLING: "pay.booking",
    PayState.UNKNOWN: "pay.confirming",
    PayState.CLOSING: "pay.closing",
    PayState.REVERSING: "pay.reversing",
    PayState.REFUNDING: "pay.refunding",
}
"""What is happening, by state, where one waits for it."""

SHOW = Option(
    id="show", title=msg("pay.show"), subtitle=msg("pay.show.hint"), picture=Picture.PHONE
)
SCAN = Option(id="scan", title=msg("pay.scan"), subtitle=msg("pay.scan.hint"), picture=Picture.SCAN)

FAILURES = {
    "insufficient_funds": "pay.failed.insufficient_funds",
    "code_expired": "pay.failed.code_expired",
    "code_used": "pay.failed.code_used",
    "not_confirmed": "pay.failed.not_confirmed",
    "auth_code.invalid": "pay.failed.code_expired",
    "bill.locked": "trouble.bill_locked",
    "bill.paid": "trouble.bill_paid",
    "amount.mismatch": "trouble.bill_changed",
    "unreachable": "pay.failed.unreachable",
}
"""Reasons of a failed attempt (docs/API.md) and the sentence for each."""

CAUSES = {PayState.CLOSED: "pay.failed.expired", PayState.REVERSED: "pay.failed.reversed"}
"""What an attempt without a reason came to."""


async def pay(visit: Visit, order: Order, subject: Text) -> PaymentStatus:
    """Bring `order` to a booked payment. Raises Leave where the citizen ends without one."""
    await ready_to_pay(visit, order.department)
    payment = await visit.counter.desk.open(order)
    if isinstance(payment, DeskRefusal):
        await tell(visit, _refused(visit, payment))
        raise Leave(payment.code, home=True)
    visit.commit()
    conversation = _Conversation(visit, payment, order, subject)
    try:
        return await conversation.until_booked()
    finally:
        payment.withdraw()


class _Conversation:
    def __init__(self, visit: Visit, payment: Payment, order: Order, subject: Text) -> None:
        self.visit = visit
        self.payment = payment
        self.yuan = Yuan(order.amount_fen)
        self.amount = Plain(str(self.yuan))
        self.subject = subject
        self.note = Note(visit, subject, self.yuan)
        self.mode = PayMode.SHOW
        self.trouble: Text | None = None
        self.shown_until = 0.0

    async def until_booked(self) -> PaymentStatus:
        await self._show_code()
        while True:
            status = await self._settle()
            if status.state in BOOKED:
                return status
            if status.state is PayState.REFUNDED:
                await refunded(self.visit, status, self.note, self.yuan)
            await self._offer_another(status)

    async def _show_code(self) -> None:
        self.mode = PayMode.SHOW
        loop = asyncio.get_running_loop()
        self.shown_until = loop.time() + self.visit.counter.timing.show_code_s
        await self._while_shown(self.payment.show_code(), "pay.preparing")

    async def _settle(self) -> PaymentStatus:
        while True:
            status = self.payment.status
            if status.state not in LIVE:
                return status
            if status.state is PayState.QR_SHOWN:
                await self._collect()
            else:
                await self._follow(status)

    # --- before the money moves ----------------------------------------------------------------

    async def _collect(self) -> None:
        """Until the shown code is paid, closed or given up for the citizen's own code."""
        while True:
            seen = self.payment.status
            got = await self.visit.race(self._view(), self._event(seen))
            match got:
                case PaymentStatus():
                    return
                case Chosen(id=way):
                    self.mode, self.trouble = PayMode(way), None
                case Ok(value=ScannedCode(kind=CodeKind.PAYMENT) as code):
                    await self._while_shown(self.payment.submit(code.text), "pay.submitting")
                    return
                case Ok():
                    self.trouble = msg("pay.not_a_payment_code")
                case Failed(outcome=Outcome.TIMEOUT):
                    self.mode, self.trouble = PayMode.SHOW, None
                case Failed():
                    self.mode, self.trouble = PayMode.SHOW, msg("pay.scanner_down")

    async def _event(self, seen: PaymentStatus) -> PaymentStatus | Result[ScannedCode]:
        changed = asyncio.ensure_future(self.payment.changed(seen))
        if self.mode is PayMode.SHOW:
            return await changed
        scanned = asyncio.ensure_future(
            self.visit.counter.scanner.scan(self.visit.counter.timing.scan_s)
        )
        try:
            await asyncio.wait({changed, scanned}, return_when=asyncio.FIRST_COMPLETED)
            return scanned.result() if scanned.done() else changed.result()
        finally:
            for task in (scanned, changed):
                task.cancel()
            await asyncio.wait({scanned, changed})

    def _view(self) -> Pay:
        show = self.mode is PayMode.SHOW
        left = self.shown_until - asyncio.get_running_loop().time()
        seconds = left if show else self.visit.counter.timing.scan_s
        return Pay(
            key="pay",
            steps=self.visit.here,
            subject=self.subject,
            amount=self.amount,
            mode=self.mode,
            code=self.payment.status.code_url if show else "",
            hint=msg("pay.scan_with_phone" if show else "pay.hold_phone"),
            other_way=SCAN if show else SHOW,
            seconds=max(0, round(seconds)),
            trouble=self.trouble,
        )

    # --- after it may have moved ---------------------------------------------------------------

    async def _follow(self, status: PaymentStatus) -> None:
        """Until the state changes, in words; after the usual time say what is still open."""
        if status.state is PayState.UNRESOLVED:
            await self._still_open()
            return
        timing = self.visit.counter.timing
        patience = timing.booking_s if status.state in TAKEN else timing.unknown_s
        try:
            async with asyncio.timeout(patience):
                await self.visit.race(self._waiting(status), self.payment.changed(status))
        except TimeoutError:
            await self._still_open()

    async def _still_open(self) -> None:
        await still_open(self.visit, self.payment, self.note, self.yuan)

    def _waiting(self, status: PaymentStatus) -> Progress:
        doing = DOING.get(status.state, "pay.submitting")
        return Progress(
            key=doing,
            steps=self.visit.here,
            back=False,
            leave=status.state not in TAKEN,
            doing=msg(doing),
            waiting_for=msg(f"{doing}.at"),
            patience=msg("pay.patience"),
            amount=self.amount,
        )

    async def _while_shown(self, work: Coroutine[Any, Any, None], doing: str) -> None:
        await self.visit.patiently(work, doing, msg(f"{doing}.at"))

    # --- when it came to nothing ---------------------------------------------------------------

    async def _offer_another(self, status: PaymentStatus) -> None:
        cause = FAILURES.get(status.reason, CAUSES.get(status.state, "pay.failed.declined"))
        view = Trouble(
            key="pay.failed",
            steps=self.visit.here,
            headline=msg("pay.failed"),
            cause=msg(cause),
            tone=Tone.WARNING,
            standing=Section(msg("trouble.nothing_charged"), ()),
            options=(SHOW, SCAN, OTHER),
            code=f"payment.{status.reason or status.state}",
            primary=msg("option.end"),
        )
        way = await tell(self.visit, view)
        await self._show_code()
        self.mode, self.trouble = PayMode(way), None


def _refused(visit: Visit, refusal: DeskRefusal) -> Trouble:
    return Trouble(
        key="pay.refused",
        steps=visit.here,
        headline=msg("pay.refused"),
        cause=msg(
            "pay.refused.live_attempt"
            if refusal.code == "bill.live_attempt"
            else "pay.refused.not_now"
        ),
        standing=Section(msg("trouble.nothing_charged"), ()),
        options=(OTHER,),
        code=refusal.code,
        primary=msg("option.end"),
    )
