"""One payment, from its intent to its end: what it asks of the gateway and of the department, when.

It is a task of the payment means. Each step is on the disk before the bytes that follow from it leave
the terminal (PAYMENTS.md).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from kiosk.backends.contract import (
    Answer,
    BackendFailure,
    Cause,
    Reply,
    Trade,
    TradeState,
)
from kiosk.journal import JournalBroken
from kiosk.log import log
from kiosk.payments.machine import BOOKED, RESUME, UNCHARGED, PayState
from kiosk.payments.means import DEFINITE, Means, Wish, believed, digest_of
from kiosk.payments.order import Order, PaymentStatus, channel_of, out_trade_no
from kiosk.payments.schedule import (
    ASKING,
    BOOK_RETRIES_S,
    CLOSE_RETRIES_S,
    JOURNAL_RETRY_S,
    SHOWN_QUERY_S,
    SLOW_RETRIES_S,
)


class Payment:
    """One payment. Its task is the desk's; `show_code`, `submit` and `withdraw` are wishes to it."""

    def __init__(self, means: Means, order: Order, status: PaymentStatus) -> None:
        self.status = status
        self.task: asyncio.Task[None] | None = None
        self._means = means
        self._order = order
        self._wish: Wish | None = None
        self._withdrawn = False
        self._stir = asyncio.Event()
        self._changes: set[asyncio.Future[None]] = set()
        self._disk_failed = False

    # --- for the conversation ------------------------------------------------------------------------

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
        await self._want(None)

    async def submit(self, auth_code: str) -> None:
        """Charge the citizen's payment code; a shown code is made unpayable first.

        Returns once the gateway's first word is there: PAID, FAILED or UNKNOWN. Where the shown code
        was paid meanwhile, or cannot be closed yet, the wish is dropped and the status says so.
        """
        await self._want(auth_code)

    def withdraw(self) -> None:
        """The citizen leaves. What is not paid is made unpayable, what is paid is booked."""
        self._withdrawn = True
        self._drop_wish()
        self._stir.set()

    async def _want(self, auth_code: str | None) -> None:
        self._drop_wish()
        wish = Wish(auth_code, asyncio.get_running_loop().create_future())
        self._wish = wish
        self._stir.set()
        await asyncio.shield(wish.done)

    def _drop_wish(self) -> None:
        wish, self._wish = self._wish, None
        if wish is not None:
            wish.settle()

    # --- the task ------------------------------------------------------------------------------------

    async def run(self, resumed: bool) -> None:
        """Bring the payment to its end."""
        try:
            if resumed and (state := RESUME.get(self.status.state)) is not None:
                await self.settle(state, "terminal.restarted")
            while not self._over:
                await self._go_on()
        finally:
            self._drop_wish()

    @property
    def _over(self) -> bool:
        state = self.status.state
        return state in BOOKED or (state in UNCHARGED and self._withdrawn)

    async def _go_on(self) -> None:
        match self.status.state:
            case PayState.CREATED | PayState.FAILED | PayState.CLOSED:
                await self._await_wish()
            case PayState.QR_SHOWN:
                await self._watch_shown()
            case PayState.CLOSING:
                await self._close()
            case PayState.UNKNOWN:
                await self._find_out()
            case PayState.PAID:
                await self.settle(PayState.FULFILLING, "booking.begun")
            case PayState.FULFILLING:
                await self._book()
            case state:
                raise AssertionError(f"{state} is left by the step that enters it")

    async def _await_wish(self) -> None:
        while self._wish is None and not self._withdrawn:
            self._stir.clear()
            await self._stir.wait()
        wish = self._wish
        if self._withdrawn or wish is None:
            if self.status.state is PayState.CREATED:
                await self.settle(PayState.CLOSING, "citizen.left")
            return
        if self.status.state in UNCHARGED:
            await self._next_attempt()
        try:
            if wish.auth_code is None:
                await self._show()
            else:
                await self._submit(wish.auth_code)
        finally:
            if self._wish is wish:
                self._drop_wish()

    async def _next_attempt(self) -> None:
        attempt = self.status.attempt + 1
        number = self.status.order_no
        fresh = PaymentStatus(number, out_trade_no(number, attempt), attempt, PayState.CREATED)
        await self._write(fresh, "attempt.begun")

    # --- a shown code --------------------------------------------------------------------------------

    async def _show(self) -> None:
        order, means = self._order, self._means
        reply = self._believed(
            await means.calls.run(
                means.gateway.show_code,
                self.status.out_trade_no,
                order.department,
                order.bill_id,
                order.option,
                order.amount_fen,
                order.subject,
                int(means.shown_for_s),
            )
        )
        match reply:
            case Answer(value=TradeState(state=Trade.NOT_PAID, code_url=url)) if url:
                await self.settle(PayState.QR_SHOWN, "code.shown", digest_of(reply), code_url=url)
            case BackendFailure(cause=Cause.REFUSED, code=code) if code in DEFINITE:
                await self.settle(PayState.FAILED, code, reason=code)
            case BackendFailure(code=code):
                await self.settle(PayState.CLOSING, f"show.{code}", reason="unreachable")
            case Answer():
                await self.settle(PayState.CLOSING, "show.no_code", reason="unreachable")

    async def _watch_shown(self) -> None:
        """Ask after the shown code until it is paid, wished away, or its time is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._means.shown_for_s
        while self.status.state is PayState.QR_SHOWN:
            self._stir.clear()
            left = until - loop.time()
            if self._wish is not None or self._withdrawn:
                await self.settle(PayState.CLOSING, "citizen.changed_mind")
            elif left <= 0:
                await self.settle(PayState.CLOSING, "code.expired")
            elif not await self._stirred_within(min(SHOWN_QUERY_S, left)):
                await self._ask_after_shown()

    async def _ask_after_shown(self) -> None:
        reply = await self._query()
        match reply:
            case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
                await self._paid(trade, "query", digest_of(reply))
            case Answer(value=TradeState(state=Trade.CLOSED | Trade.FAILED)):
                await self.settle(PayState.CLOSING, "code.expired_there", digest_of(reply))

    async def _close(self) -> None:
        """Make the attempt unpayable. A citizen's next wish waits for the first answer only."""
        pauses = (*CLOSE_RETRIES_S, *SLOW_RETRIES_S)
        tries = 0
        while self.status.state is PayState.CLOSING:
            means = self._means
            reply = self._believed(
                await means.calls.run(means.gateway.close_order, self.status.out_trade_no)
            )
            match reply:
                case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
                    self._drop_wish()
                    await self._paid(trade, "close", digest_of(reply))
                case Answer(value=TradeState(state=Trade.CLOSED | Trade.FAILED)):
                    await self.settle(PayState.CLOSED, "close.confirmed", digest_of(reply))
                case _:
                    self._drop_wish()
                    await asyncio.sleep(pauses[min(tries, len(pauses) - 1)])
                    tries += 1

    # --- the citizen's code --------------------------------------------------------------------------

    async def _submit(self, auth_code: str) -> None:
        order, means = self._order, self._means
        channel = channel_of(auth_code)
        await self.settle(PayState.SUBMITTED, "code.scanned", channel=channel)
        reply = self._believed(
            await means.calls.run(
                means.gateway.submit_code,
                self.status.out_trade_no,
                order.department,
                order.bill_id,
                order.option,
                order.amount_fen,
                order.subject,
                auth_code,
            )
        )
        match reply:
            case Answer(value=TradeState() as trade):
                if not await self._clear(trade, "submit", digest_of(reply)):
                    await self.settle(PayState.UNKNOWN, "submit.pending", digest_of(reply))
            case BackendFailure(cause=Cause.REFUSED, code=code) if code in DEFINITE:
                await self.settle(PayState.FAILED, code, reason=code)
            case BackendFailure(code=code):
                await self.settle(PayState.UNKNOWN, f"submit.{code}")

    async def _find_out(self) -> None:
        """Ask by the channel's schedule, once more at its end, then make the attempt unpayable."""
        loop = asyncio.get_running_loop()
        asking = ASKING[self.status.channel]
        until = loop.time() + asking.for_s
        while True:
            last = loop.time() >= until
            reply = await self._query()
            if isinstance(reply, Answer) and await self._clear(
                reply.value, "query", digest_of(reply)
            ):
                return
            if last:
                await self.settle(PayState.CLOSING, "window.over")
                return
            await asyncio.sleep(min(asking.every_s, max(0.0, until - loop.time())))

    async def _clear(self, trade: TradeState, cause: str, digest: str) -> bool:
        """Act on the gateway's word where it is a clear one."""
        match trade.state:
            case Trade.SUCCESS:
                await self._paid(trade, cause, digest)
            case Trade.FAILED:
                reason = trade.reason or "declined"
                await self.settle(PayState.FAILED, f"{cause}.failed", digest, reason=reason)
            case _:
                return False
        return True

    async def _query(self) -> Reply[TradeState]:
        means = self._means
        return self._believed(await means.calls.run(means.gateway.query, self.status.out_trade_no))

    def _believed(self, reply: Reply[TradeState]) -> Reply[TradeState]:
        return believed(reply, self.status.out_trade_no, self._order.amount_fen)

    # --- after the money moved -----------------------------------------------------------------------

    async def _paid(self, trade: TradeState, cause: str, digest: str) -> None:
        await self.settle(
            PayState.PAID,
            f"{cause}.success",
            digest,
            channel=trade.channel or self.status.channel,
            transaction_id=trade.transaction_id,
            reason="",
        )

    async def _book(self) -> None:
        """Have the department book it: the same key each time, until it has."""
        order, status, means = self._order, self.status, self._means
        pauses = (*BOOK_RETRIES_S, *SLOW_RETRIES_S)
        tries = 0
        while self.status.state is PayState.FULFILLING:
            reply = await means.calls.run(
                means.fulfil[order.department],
                order.bill_id,
                order.option,
                order.amount_fen,
                status.out_trade_no,
                status.transaction_id,
            )
            if isinstance(reply, Answer):
                await self.settle(
                    PayState.FULFILLED, "booking.confirmed", digest_of(reply),
                    booking=reply.value, reason="",
                )  # fmt: skip
                return
            if self.status.reason != reply.code:
                self._tell(replace(self.status, reason=reply.code))
            await asyncio.sleep(pauses[min(tries, len(pauses) - 1)])
            tries += 1

    # --- steps ---------------------------------------------------------------------------------------

    async def settle(self, state: PayState, cause: str, digest: str = "", **facts: object) -> None:
        """Write the step to `state` down, then tell it."""
        fresh: dict[str, Any] = {"code_url": "", **facts}
        after = replace(self.status, state=state, **fresh)
        await self._write(after, cause, digest)

    async def _write(self, after: PaymentStatus, cause: str, digest: str = "") -> None:
        """The step on the disk, however long the disk takes; nothing goes on before it is there."""
        journal = self._means.journal
        while True:
            try:
                await self._means.calls.run(
                    journal.advance, self.status.state, after, cause, digest
                )
            except JournalBroken:
                if not self._disk_failed:
                    log("journal.broken", code="journal.step_waits")
                self._disk_failed = True
                await asyncio.sleep(JOURNAL_RETRY_S)
            else:
                self._disk_failed = False
                self._tell(after)
                return

    def _tell(self, status: PaymentStatus) -> None:
        self.status = status
        facts = {"reason": status.reason, "channel": status.channel and status.channel.value}
        log(
            "payment.state",
            order=status.order_no,
            attempt=status.attempt,
            state=status.state.value,
            **{name: value for name, value in facts.items() if value},
        )
        for change in self._changes:
            if not change.done():
                change.set_result(None)

    async def _stirred_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stir.wait(), seconds)
        except TimeoutError:
            return False
        return True
