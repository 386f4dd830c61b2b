"""The payment desk: every payment is a task of its own, which brings it to its end.

The citizen's conversation only looks on. It may leave, fall idle or crash; the desk goes on until the
journal says what became of the money. At start every unfinished payment goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.backends.gateway import Gateway
from kiosk.calls import Calls, Errands
from kiosk.journal import Journal, JournalBroken, OrderRecord
from kiosk.log import log
from kiosk.payments.errands import Means
from kiosk.payments.machine import BOOKED, LIVE, PayState
from kiosk.payments.means import Fulfil
from kiosk.payments.order import Order, PaymentStatus, new_order_no, out_trade_no
from kiosk.payments.payment import Payment
from kiosk.payments.schedule import REVIVE_S, SHOWN_FOR_S, Schedule
from kiosk.payments.situation import Event, Resumed, SlipPrinted


@dataclass(frozen=True, slots=True)
class DeskRefusal:
    """No payment was opened: `bill.live_attempt`, `department.unknown`, or a code of the journal
    (kiosk/journal/trouble.py)."""

    code: str


class PaymentDesk:
    """All payments of this terminal. `fulfil` books by department id."""

    def __init__(
        self,
        journal: Journal,
        gateway: Gateway,
        fulfil: Mapping[str, Fulfil],
        calls: Calls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        shown_for_s: float = SHOWN_FOR_S,
    ) -> None:
        self._means = Means(journal, gateway, fulfil, calls, Schedule(shown_for_s=shown_for_s))
        self._now = now
        self._payments: dict[str, Payment] = {}
        self._errands = Errands()

    async def start(self) -> None:
        """Go on with every unfinished payment, in the background. Raises JournalBroken.

        May be called again: what goes on already is left alone.
        """
        calls = self._means.calls
        for record in await calls.run(self._means.journal.unfinished):
            status = record.status
            if status.order_no in self._payments:
                continue
            age_s = await calls.run(self._age_s, status.order_no)
            log("payment.resumed", order=status.order_no, state=status.state.value)
            self._run(Payment(self._means, record.order, status), Resumed(age_s))

    async def open(self, order: Order) -> Payment | DeskRefusal:
        """Write down the intent to pay `order`. Nothing has left the terminal yet."""
        if code := self._means.journal.refused:
            return _refused(order, code)
        if order.department not in self._means.fulfil:
            return _refused(order, "department.unknown")
        number = new_order_no(self._now())
        status = PaymentStatus(number, out_trade_no(number, 1), 1, PayState.CREATED)
        try:
            taken = await self._means.calls.run(self._means.journal.begin, order, status)
        except JournalBroken as error:
            return _refused(order, error.code)
        if not taken:
            return _refused(order, "bill.live_attempt")
        payment = Payment(self._means, order, status)
        self._run(payment)
        return payment

    async def printed(self, order_no: str) -> None:
        """The slip of a booked payment came out, also of one that was booked before a start.

        Returns when it is written down, and at once where there is nothing to write.
        """
        payment = self._payments.get(order_no)
        if payment is not None and payment.task is not None and not payment.task.done():
            if payment.status.state not in BOOKED:
                return
            await asyncio.wait({payment.task})
        if payment is None and (payment := await self._of_journal(order_no)) is None:
            return
        if payment.status.state is PayState.FULFILLED:
            await asyncio.shield(self._run(payment, SlipPrinted()))

    async def reprintable(self, person_tag: str) -> tuple[OrderRecord, ...]:
        """The booked orders of a person's day (kiosk/payments/tags.py), newest first, of which the
        receipt may be printed again. A reprint charges nothing. Raises JournalBroken."""
        records = await self._means.calls.run(self._means.journal.of_person, person_tag)
        return tuple(record for record in records if record.status.state in BOOKED)

    async def close(self) -> None:
        """Stop here; what is unfinished goes on at the next start."""
        await self._errands.close()
        tasks = [payment.task for payment in self._payments.values() if payment.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def settled(self) -> None:
        """Wait until every payment has come to its end."""
        tasks = [payment.task for payment in self._payments.values() if payment.task]
        if tasks:
            await asyncio.wait(tasks)

    async def _of_journal(self, order_no: str) -> Payment | None:
        try:
            record = await self._means.calls.run(self._means.journal.order, order_no)
        except JournalBroken:
            return None
        return None if record is None else Payment(self._means, record.order, record.status)

    def _age_s(self, order_no: str) -> float:
        """How long the payment has been in its state, by the wall clock; not less than nothing."""
        last = self._means.journal.history(order_no)[-1]
        passed = self._now() - datetime.fromisoformat(last.at)
        return max(0.0, passed.total_seconds())

    def _run(self, payment: Payment, first: Event | None = None) -> asyncio.Task[None]:
        self._payments[payment.status.order_no] = payment
        if first is not None:
            payment.tell(first)
        task = asyncio.get_running_loop().create_task(payment.run())
        payment.task = task
        task.add_done_callback(lambda task: self._ended(payment, task))
        return task

    def _ended(self, payment: Payment, task: asyncio.Task[None]) -> None:
        """Keep a booked payment, whose slip may still come out; drop what is over. One that a bug of
        ours ended goes on by itself after a while, as at a start."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            log("terminal.bug", error=type(bug).__name__, during="payment")
            if payment.status.state in LIVE:
                self._errands.start(self._revive(payment.status.order_no))
        if payment.status.state is not PayState.FULFILLED:
            self._payments.pop(payment.status.order_no, None)

    async def _revive(self, order_no: str) -> None:
        payment = None
        while payment is None:
            await asyncio.sleep(REVIVE_S)
            payment = await self._of_journal(order_no)
        if order_no not in self._payments and payment.status.state in LIVE:
            self._run(payment, Resumed())


def _refused(order: Order, code: str) -> DeskRefusal:
    log("payment.refused", code=code, item=order.item)
    return DeskRefusal(code)
