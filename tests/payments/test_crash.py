"""Killed at every write and at every call: the next start brings each payment to its rightful end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.journal import Journal
from kiosk.payments.desk import DeskRefusal, PaymentDesk
from kiosk.payments.machine import BOOKED, LIVE, PayState
from kiosk.payments.order import Order
from tests.sandbox.in_process import Clock, Sandbox

pytestmark = pytest.mark.looptime

BILL = "SI2026000001"
ORDER = Order(
    "resident-pension-pay", "social-insurance", BILL, "T300", 30000, "养老保险 2026", "tag"
)

MOST_STEPS = 60
"""More than any of these payments has; the loop ends at the first step that is not reached."""


class Killed(BaseException):
    """kill -9, as far as this process can play it: nothing after it runs."""


class Executioner:
    """Counts moments; at the n-th everything stops for good."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0
        self.moments: list[str] = []
        self.dead = asyncio.Event()

    def moment(self, name: str) -> None:
        """Something of consequence is about to happen, or has just happened."""
        if self.dead.is_set():
            raise Killed
        self.moments.append(name)
        self.count += 1
        if self.at is not None and self.count == self.at:
            self.dead.set()
            raise Killed


class MortalCalls:
    """Blocking work of a terminal that may die before it or right after it."""

    def __init__(self, executioner: Executioner) -> None:
        self._executioner = executioner

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        name = function.__name__
        await asyncio.sleep(0.05)
        try:
            self._executioner.moment(f"before {name}")
            result = function(*args, **kwargs)
            self._executioner.moment(f"after {name}")
        except Killed:
            await asyncio.Event().wait()  # a dead terminal does nothing any more
            raise
        return result


class Terminal:
    """A desk with its journal, on one state directory."""

    def __init__(self, state: Path, sandbox: Sandbox, kill_at: int | None) -> None:
        self.executioner = Executioner(kill_at)
        departments = Departments.open(departments_at(sandbox.url), sandbox.adapter)
        self.journal = Journal(state / "journal.sqlite", sandbox.clock)
        self.desk = PaymentDesk(
            self.journal,
            departments.payment,
            {"social-insurance": departments.social_insurance.book},
            MortalCalls(self.executioner),
            now=sandbox.clock,
        )

    async def die(self) -> None:
        """The process is gone; its file stays as it was."""
        await self.desk.close()
        self.journal.close()


async def paid_by_shown_code(terminal: Terminal, sandbox: Sandbox) -> None:
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.show_code()
    sandbox.control(f"/orders/{payment.status.out_trade_no}/pay", {"channel": "wechat"})
    await settled(payment)
    await terminal.desk.printed(payment.status.order_no)


async def paid_by_own_code(terminal: Terminal, sandbox: Sandbox) -> None:
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.show_code()
    await payment.submit("288888888888888888")
    await settled(payment)
    await terminal.desk.printed(payment.status.order_no)


async def answer_lost(terminal: Terminal, sandbox: Sandbox) -> None:
    sandbox.fault("payment", "lose_answer", "code-payments", times=1)
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.submit("134567890123456789")
    await settled(payment)


async def left_without_paying(terminal: Terminal, sandbox: Sandbox) -> None:
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.show_code()
    payment.withdraw()
    await terminal.desk.settled()


async def declined_then_paid(terminal: Terminal, sandbox: Sandbox) -> None:
    issued = sandbox.control(
        "/auth-codes", {"channel": "wechat", "behaviour": "insufficient_funds"}
    )
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.submit(issued["auth_code"])
    assert payment.status.state is PayState.FAILED
    await payment.submit("134567890123456789")
    await settled(payment)


async def never_confirmed(terminal: Terminal, sandbox: Sandbox) -> None:
    issued = sandbox.control("/auth-codes", {"channel": "unionpay", "behaviour": "confirm"})
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.submit(issued["auth_code"])
    await settled(payment, PayState.REVERSED)
    payment.withdraw()
    await terminal.desk.settled()


async def charged_unheard(terminal: Terminal, sandbox: Sandbox) -> None:
    for path in ("code-payments", "GET /payment/v1/orders"):
        sandbox.fault("payment", "lose_answer", path, times=None)
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.submit("134567890123456789")
    await settled(payment, PayState.REVERSED)
    payment.withdraw()
    await terminal.desk.settled()


async def refused_by_the_department(terminal: Terminal, sandbox: Sandbox) -> None:
    sandbox.fault("social-insurance", "refuse", "bookings", code="bill.closed", times=None)
    payment = await terminal.desk.open(ORDER)
    assert not isinstance(payment, DeskRefusal)
    await payment.submit("134567890123456789")
    await settled(payment, PayState.REFUNDED)


async def settled(payment: Any, *ends: PayState) -> None:
    """Look on until the payment is booked, or as `ends` says."""
    while payment.status.state not in (ends or BOOKED):
        await payment.changed(payment.status)


STORIES = [
    never_confirmed,
    charged_unheard,
    refused_by_the_department,
    paid_by_shown_code,
    paid_by_own_code,
    answer_lost,
    left_without_paying,
    declined_then_paid,
]


@pytest.mark.parametrize("story", STORIES)
async def test_killed_at_every_step_each_payment_comes_to_its_rightful_end(
    story: Any, tmp_path: Path
) -> None:
    for kill_at in range(1, MOST_STEPS):
        # GIVEN a terminal that dies at its n-th moment
        sandbox = await fresh_sandbox()
        state = tmp_path / str(kill_at)
        killed = await play(story, Terminal(state, sandbox, kill_at), sandbox)
        # WHEN it starts again
        await end_well(state, sandbox)
        # THEN money and books agree, and no order is left open
        assert_conserved(sandbox, state)
        if not killed:
            assert kill_at > 8
            return
    raise AssertionError("a payment has fewer moments than that")


@pytest.mark.parametrize("story", STORIES)
async def test_killed_twice_it_still_ends(story: Any, tmp_path: Path) -> None:
    for kill_at in range(3, MOST_STEPS, 3):
        for again_at in (1, 2, 3, 4):
            sandbox = await fresh_sandbox()
            state = tmp_path / f"{kill_at}-{again_at}"
            killed = await play(story, Terminal(state, sandbox, kill_at), sandbox)
            await play(resume, Terminal(state, sandbox, again_at), sandbox)
            await end_well(state, sandbox)
            assert_conserved(sandbox, state)
        if not killed:
            return


async def test_a_gateway_that_is_down_at_the_start_is_asked_until_it_answers(
    tmp_path: Path,
) -> None:
    # GIVEN a terminal that died while a payment was UNKNOWN
    sandbox = await fresh_sandbox()
    sandbox.fault("payment", "lose_answer", "code-payments", times=1)
    await play(answer_lost, Terminal(tmp_path, sandbox, 9), sandbox)
    # WHEN the gateway cannot be reached for two hours after the start
    sandbox.adapter.unplugged = True
    terminal = Terminal(tmp_path, sandbox, None)
    await terminal.desk.start()
    await asyncio.sleep(7200)
    (record,) = terminal.journal.unfinished()
    assert record.status.state in LIVE
    # THEN it is asked still, and the truth is found
    sandbox.adapter.unplugged = False
    await terminal.desk.settled()
    assert_conserved(sandbox, tmp_path)
    await terminal.die()


async def resume(terminal: Terminal, sandbox: Sandbox) -> None:
    await terminal.desk.start()
    await terminal.desk.settled()


async def fresh_sandbox() -> Sandbox:
    sandbox = Sandbox(Clock())
    sandbox.clock.follow(asyncio.get_running_loop())
    return sandbox


async def play(story: Any, terminal: Terminal, sandbox: Sandbox) -> bool:
    """Play a story until its end or the terminal's; whether it was killed."""
    playing = asyncio.ensure_future(story(terminal, sandbox))
    dying = asyncio.ensure_future(terminal.executioner.dead.wait())
    await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
    killed = terminal.executioner.dead.is_set()
    if not killed:
        playing.result()
    for task in (playing, dying):
        task.cancel()
    await asyncio.wait({playing, dying})
    await terminal.die()
    return killed


async def end_well(state: Path, sandbox: Sandbox) -> None:
    """A new process on the same state directory, which nobody kills."""
    terminal = Terminal(state, sandbox, None)
    await resume(terminal, sandbox)
    assert terminal.journal.unfinished() == ()
    await terminal.die()


def assert_conserved(sandbox: Sandbox, state: Path) -> None:
    """Paid at the gateway exactly if booked at the department, once, and the journal says so too."""
    ledger = sandbox.ledger()
    paid = [trade["out_trade_no"] for trade in ledger["trades"] if trade["state"] == "SUCCESS"]
    booked = [b["out_trade_no"] for b in ledger["bookings"] if not b["withdrawn_at"]]
    assert paid == booked
    assert len(paid) <= 1
    live = [t for t in ledger["trades"] if t["state"] in ("NOTPAY", "USERPAYING")]
    assert live == []
    assert len(ledger["bookings"]) == len(booked), "what was booked was never given back"
    sums = dict.fromkeys(("payment", "reversal", "refund"), 0)
    for movement in ledger["movements"]:
        sums[movement["kind"]] += movement["amount_fen"]
    assert sums["payment"] - sums["reversal"] - sums["refund"] == 30000 * len(paid)
    journal = Journal(state / "journal.sqlite")
    records = journal.orders()
    assert [r.status.out_trade_no for r in records if r.status.state in BOOKED] == paid
    refunded = [r.status.out_trade_no for r in records if r.status.state is PayState.REFUNDED]
    assert refunded == [t["out_trade_no"] for t in ledger["trades"] if t["state"] == "REFUND"]
    for record in records:
        steps = journal.history(record.status.order_no)
        assert [s.before for s in steps] == [None, *(s.after for s in steps[:-1])]
    journal.close()
