"""The payment desk: every payment is a task of its own, which brings it to its end.

The citizen's conversation only looks on. It may leave, fall idle or crash; the desk goes on until the
journal says what became of the money. At start every unfinished payment goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.backends.contract import Gateway
from kiosk.calls import Calls
from kiosk.journal import Journal, JournalBroken
from kiosk.log import log
from kiosk.payments.machine import BOOKED, PayState
from kiosk.payments.means import Fulfil, Means
from kiosk.payments.order import Order, PaymentStatus, new_order_no, out_trade_no
from kiosk.payments.payment import Payment
from kiosk.payments.schedule import SHOWN_FOR_S


@dataclass(frozen=True, slots=True)
class DeskRefusal:
    """No payment was opened: `bill.live_attempt` or `journal.broken`."""

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
        self._means = Means(journal, gateway, fulfil, calls, shown_for_s)
        self._now = now
        self._payments: dict[str, Payment] = {}

    async def start(self) -> None:
        """Go on with every unfinished payment, in the background. Raises JournalBroken."""
        for record in await self._means.calls.run(self._means.journal.unfinished):
            log("payment.resumed", order=record.status.order_no, state=record.status.state.value)
            payment = Payment(self._means, record.order, record.status)
            payment.withdraw()
            self._run(payment, resumed=True)

    async def open(self, order: Order) -> Payment | DeskRefusal:
        """Write down the intent to pay `order`. Nothing has left the terminal yet."""
        number = new_order_no(self._now())
        status = PaymentStatus(number, out_trade_no(number, 1), 1, PayState.CREATED)
        try:
            taken = await self._means.calls.run(self._means.journal.begin, order, status)
        except JournalBroken:
            return _refused(order, "journal.broken")
        if not taken:
            return _refused(order, "bill.live_attempt")
        payment = Payment(self._means, order, status)
        self._run(payment, resumed=False)
        return payment

    async def printed(self, order_no: str) -> None:
        """The slip of a booked payment came out."""
        payment = self._payments.get(order_no)
        if payment is not None and payment.status.state is PayState.FULFILLED:
            await payment.settle(PayState.PRINTED, "slip.printed")

    async def close(self) -> None:
        """Stop here; what is unfinished goes on at the next start."""
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

    def _run(self, payment: Payment, *, resumed: bool) -> None:
        self._payments[payment.status.order_no] = payment
        payment.task = asyncio.get_running_loop().create_task(payment.run(resumed))
        payment.task.add_done_callback(lambda task: self._ended(payment, task))

    def _ended(self, payment: Payment, task: asyncio.Task[None]) -> None:
        """Keep a booked payment, whose slip may still come out; drop what is over."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            log("terminal.bug", error=type(bug).__name__, during="payment")
        if payment.status.state not in BOOKED:
            self._payments.pop(payment.status.order_no, None)


def _refused(order: Order, code: str) -> DeskRefusal:
    log("payment.refused", code=code, item=order.item)
    return DeskRefusal(code)
