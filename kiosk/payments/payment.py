"""One payment's task: it tells the machine what happens, and has carried out what the machine wants.

It belongs to the desk, not to the conversation that looks on. What the states mean for the citizen:

    created, submitted, unknown   being paid; whether it was is not known yet
    qr_shown                      a code may be paid, `code_url`
    closing, reversing            being made unpayable or undone; nothing has to be done for it
    failed, closed, reversed      nothing was charged, or it is back: they may try again
    paid, fulfilling              charged; the department is booking it, `reason` says what holds it up
    fulfilled, printed            booked: the voucher may be given
    refunding                     charged and cannot be booked: the money is on its way back
    refunded                      the money is back
    unresolved                    where the money is is not known; it is asked after for days, and the
                                  bill stays locked: they get a note with the order's number
"""

from __future__ import annotations

import asyncio

from kiosk.log import log
from kiosk.payments.errands import Means, carry_out
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.rules import is_over, step
from kiosk.payments.situation import (
    Command,
    Elapsed,
    Event,
    Left,
    Situation,
    Wish,
    Wished,
)


class Payment:
    """One payment. Its task is the desk's; `show_code`, `submit` and `withdraw` are wishes to it."""

    def __init__(self, means: Means, order: Order, status: PaymentStatus) -> None:
        self.task: asyncio.Task[None] | None = None
        self._means = means
        self._situation = Situation(order, status)
        self._events: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self._errands: set[asyncio.Task[None]] = set()
        self._changes: set[asyncio.Future[None]] = set()
        self._wishes: dict[int, asyncio.Future[None]] = {}
        self._wished = 0
        self._heard = 0

    # --- for the conversation ------------------------------------------------------------------------

    @property
    def status(self) -> PaymentStatus:
        """Where the payment is: on the disk already, save for what `reason` says of a booking."""
        return self._situation.status

    async def changed(self, seen: PaymentStatus) -> PaymentStatus:
        """The status, as soon as it differs from `seen`."""
        while self.status == seen:
            change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._changes.add(change)
            try:
                await change
            finally:
                self._changes.discard(change)
        return self.status

    async def show_code(self) -> None:
        """Have a code to scan; returns once it is there (QR_SHOWN) or cannot be had."""
        await self._want("")

    async def submit(self, auth_code: str) -> None:
        """Charge the citizen's payment code; a shown code is made unpayable first.

        Returns once the gateway's first word is there: PAID, FAILED or UNKNOWN. Where the shown code
        was paid meanwhile, or cannot be closed yet, the wish is dropped and the status says so.
        """
        await self._want(auth_code)

    def withdraw(self) -> None:
        """The citizen leaves. What is not paid is made unpayable, what is paid is booked."""
        self.tell(Left())

    async def _want(self, auth_code: str) -> None:
        if self.task is None or self.task.done():
            return
        self._wished += 1
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wishes[self._wished] = done
        self.tell(Wished(Wish(self._wished, auth_code)))
        await asyncio.shield(done)

    # --- for the desk --------------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Something happened, for the task to act on."""
        self._events.put_nowait(event)

    async def run(self) -> None:
        """Bring the payment to its end. What was told before it began comes first."""
        try:
            while not (is_over(self._situation) and self._events.empty()):
                self._take(await self._next())
        finally:
            for done in self._wishes.values():
                _settle(done)
            for errand in self._errands:
                errand.cancel()

    async def _next(self) -> Event:
        try:
            async with asyncio.timeout_at(self._situation.due):
                event = await self._events.get()
        except TimeoutError:
            return Elapsed()
        if isinstance(event, Exception):
            raise event
        return event

    def _take(self, event: Event) -> None:
        before = self._situation
        now = asyncio.get_running_loop().time()
        self._situation, commands = step(before, event, now, self._means.schedule)
        for command in commands:
            self._begin(command)
        self._settle_wishes(event)
        if self.status != before.status:
            self._tell_status()

    def _settle_wishes(self, event: Event) -> None:
        """Those that the machine no longer has have come to what they could."""
        if isinstance(event, Wished):
            self._heard = event.wish.number
        wish = self._situation.wish
        for number in tuple(self._wishes):
            if number <= self._heard and (wish is None or wish.number != number):
                _settle(self._wishes.pop(number))

    def _begin(self, command: Command) -> None:
        errand = asyncio.get_running_loop().create_task(self._carry_out(command))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _carry_out(self, command: Command) -> None:
        try:
            event = await carry_out(
                self._means, self._situation.order, self._situation.status, command
            )
        except Exception as bug:  # noqa: BLE001 - the task raises it
            self._events.put_nowait(bug)
        else:
            self._events.put_nowait(event)

    def _tell_status(self) -> None:
        status = self.status
        facts = {"reason": status.reason, "channel": status.channel and status.channel.value}
        log(
            "payment.state",
            order=status.order_no,
            attempt=status.attempt,
            state=status.state.value,
            **{name: value for name, value in facts.items() if value},
        )
        for change in self._changes:
            _settle(change)


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
