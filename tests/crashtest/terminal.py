"""One life of a terminal: its journal, its payment desk, its citizens; it ends by being killed.

Everything is real: the journal's file, HTTP to a sandbox in another process, the desk. Only the clock
of its event loop jumps where nothing happens, the departments' with it, and the citizens are played.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.payments.desk import PaymentDesk
from kiosk.payments.machine import BOOKED, PayState
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.payment import Payment
from tests.crashtest.free import FreeVisit, perform
from tests.crashtest.jumploop import JumpLoop, WatchedCalls
from tests.crashtest.moments import LateJournal, Moments, MortalClient, MortalJournal

JOURNAL_FILE = "journal.sqlite"
ROLL_FILE = "roll.txt"
"""The printer's paper: what is on it stays on it, whoever dies."""

CALL_WITHIN_S = 2.0
"""The wall's seconds a call may take: short, so that a hanging gateway does not stop the test."""

CONTROL_WITHIN_S = 30.0
BUSY = 16
"""With so many payments unfinished, no citizen begins another one."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One citizen: which bill, what becomes of it, and how long the phone takes."""

    department: str
    bill_id: str
    tier_id: str
    amount_fen: int
    story: str
    code: str
    second_code: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Life:
    """What one process lives through. It dies at the first of the `fatal` moments; `late_writes` is the
    mistake that must be found."""

    state: Path
    sandbox: str
    seed: int
    visitors: Sequence[Visitor]
    free: Sequence[FreeVisit] = ()
    fatal: frozenset[str] = frozenset()
    late_writes: bool = False


def live(life: Life, pipe: int) -> None:
    """Live; never returns. Exit code 0 once every payment has come to its end."""
    departments = requests.Session()

    def jumped(seconds: float) -> None:
        answer = departments.post(
            f"{life.sandbox}/_control/clock", json={"advance_s": seconds}, timeout=CONTROL_WITHIN_S
        )
        answer.raise_for_status()

    loop = JumpLoop(jumped)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_live(life, Moments(pipe, life.fatal), loop))
    os._exit(0)


async def _live(life: Life, moments: Moments, loop: JumpLoop) -> None:
    now = _departments_clock(life, loop)
    calls = WatchedCalls(loop)
    journal = (LateJournal if life.late_writes else MortalJournal)(life.state / JOURNAL_FILE, now)
    journal.moments = moments
    settings = {
        name: replace(given, read_timeout_s=CALL_WITHIN_S, total_s=2 * CALL_WITHIN_S)
        for name, given in departments_at(life.sandbox).items()
    }
    departments = Departments.open(settings)
    after = journal.pay_up if isinstance(journal, LateJournal) else _nothing
    gateway: Any = MortalClient(departments.payment, moments, after)
    books = {
        name: MortalClient(departments.of(name), moments, after, name).book
        for name in departments.cashiers()
    }
    desk = PaymentDesk(journal, gateway, books, calls, now=now)
    moments.say("alive")
    unfinished = len(journal.unfinished())
    await desk.start()
    roll = Roll(life.state / ROLL_FILE, moments)
    hall = Hall(desk, calls, life.sandbox, random.Random(life.seed), roll)
    if unfinished < BUSY:
        await asyncio.gather(
            *(hall.visit(visitor) for visitor in life.visitors),
            *(perform(departments, calls, moments, visit) for visit in life.free),
        )
    await desk.settled()
    await desk.close()


def _departments_clock(life: Life, loop: JumpLoop) -> Callable[[], datetime]:
    """The departments' time, which jumps with this terminal's: their days are its days."""
    face = requests.get(f"{life.sandbox}/_control/clock", timeout=CONTROL_WITHIN_S).json()
    begun, zero = datetime.fromisoformat(face["now"]), loop.time()
    return lambda: begun + timedelta(seconds=loop.time() - zero)


def _nothing() -> None:
    return


class Roll:
    """A receipt printer's paper."""

    def __init__(self, file: Path, moments: Moments) -> None:
        self._file = file
        self._moments = moments

    def print(self, status: PaymentStatus) -> None:
        """A receipt, out at once and for good."""
        if status.booking is None:
            raise AssertionError("a receipt without a booking")
        line = f"{status.out_trade_no} {status.booking.acceptance_no}\n"

        def out() -> None:
            with self._file.open("a", encoding="ascii") as paper:
                paper.write(line)

        self._moments.around("receipt", out)


class Hall:
    """Citizens at a terminal."""

    def __init__(
        self,
        desk: PaymentDesk,
        calls: WatchedCalls,
        sandbox: str,
        chance: random.Random,
        roll: Roll,
    ) -> None:
        self._roll = roll
        self._desk = desk
        self._calls = calls
        self._sandbox = sandbox
        self._chance = chance

    async def visit(self, visitor: Visitor) -> None:
        """One citizen pays, or does not, and leaves."""
        await asyncio.sleep(self._chance.uniform(0, 3))
        order = Order(
            "crash-test", visitor.department, visitor.bill_id, visitor.tier_id,
            visitor.amount_fen, "缴费", "tag",
        )  # fmt: skip
        payment = await self._desk.open(order)
        if not isinstance(payment, Payment):
            return
        await getattr(self, f"_{visitor.story}")(payment, visitor)
        await self._look_on(payment)
        payment.withdraw()

    async def _charge(self, payment: Payment, visitor: Visitor) -> None:
        """Hold up a code, and another one where the first cannot be charged."""
        await payment.submit(visitor.code)
        if payment.status.state is PayState.FAILED:
            await payment.submit(visitor.second_code)

    async def _show(self, payment: Payment, visitor: Visitor) -> None:
        await payment.show_code()
        await self._pay(payment, visitor)

    async def _show_then_charge(self, payment: Payment, visitor: Visitor) -> None:
        """The citizen scans the shown code, and holds up a code of their own all the same."""
        await payment.show_code()
        await self._pay(payment, visitor)
        await asyncio.sleep(self._chance.uniform(0, visitor.after_s))
        await payment.submit(visitor.code)

    async def _show_then_leave(self, payment: Payment, visitor: Visitor) -> None:
        await payment.show_code()
        await asyncio.sleep(visitor.after_s)
        payment.withdraw()

    async def _leave(self, payment: Payment, _visitor: Visitor) -> None:
        payment.withdraw()

    async def _pay(self, payment: Payment, visitor: Visitor) -> None:
        """The phone pays in a while, whether this terminal is alive then or not."""
        if payment.status.state is PayState.QR_SHOWN:
            path = f"/_control/orders/{payment.status.out_trade_no}/pay"
            body = {"channel": "wechat", "after_s": visitor.after_s}
            await self._calls.run(
                requests.post, self._sandbox + path, json=body, timeout=CONTROL_WITHIN_S
            )

    async def _look_on(self, payment: Payment) -> None:
        """Wait for the slip, as long as a citizen does."""
        try:
            async with asyncio.timeout(300):
                while payment.status.state not in BOOKED:
                    await payment.changed(payment.status)
        except TimeoutError:
            return
        if self._chance.random() < 0.5:
            self._roll.print(payment.status)
            await self._desk.printed(payment.status.order_no)
