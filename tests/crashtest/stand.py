"""A payment desk before the sandbox in virtual time, and a citizen who pays at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.journal import Journal
from kiosk.payments.desk import PaymentDesk
from kiosk.payments.machine import BOOKED, UNCHARGED, PayState
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.payment import Payment
from tests.crashtest.flows import Flow
from tests.sandbox.in_process import Clock, InProcess, Sandbox

CALL_S = 0.05
"""How long a call takes where nothing is wrong."""

ENDED = frozenset(state for state in PayState if state.value == "refunded")


class TimedCalls:
    """`Calls` whose waits for slow answers pass in the loop's time; `clock` is the doors'."""

    def __init__(self, adapter: InProcess) -> None:
        self._adapter = adapter
        self._slept_s = 0.0

    def clock(self) -> float:
        """The loop's time, with what a call that is under way has waited so far."""
        return asyncio.get_running_loop().time() + self._adapter.waited_s - self._slept_s

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(CALL_S)
        done = function(*args, **kwargs)
        waited_s = self._adapter.waited_s - self._slept_s
        self._slept_s = self._adapter.waited_s
        await asyncio.sleep(waited_s)
        return done


class Stand:
    """A desk, the departments, and two earlier payments: old answers that can come again."""

    def __init__(self, state: Path, begins: datetime) -> None:
        self.sandbox = Sandbox(Clock(begins))
        self.sandbox.clock.follow(asyncio.get_running_loop())
        calls = TimedCalls(self.sandbox.adapter)
        self.departments = Departments.open(
            departments_at(self.sandbox.url), self.sandbox.adapter, calls.clock
        )
        self.journal = Journal(state / "journal.sqlite", self.sandbox.clock)
        self.desk = PaymentDesk(
            self.journal,
            self.departments.payment,
            {"social-insurance": self.departments.social_insurance.book},
            calls,
            now=self.sandbox.clock,
        )
        self.bill, *earlier = self.sandbox.control("/bills", {"count": 3})
        for nth, bill in enumerate(earlier):
            self._pay_before(f"P-earlier-{nth}", bill)
        self.sandbox.adapter.calls.clear()

    def _pay_before(self, number: str, bill: Mapping[str, Any]) -> None:
        """A payment of somebody else's: the first is booked, the second refunded."""
        gateway = self.departments.payment
        terms = ("social-insurance", bill["bill_id"], bill["tier_id"], bill["amount_fen"], "x")
        gateway.show_code(number, *terms, 120)
        self.sandbox.control(f"/orders/{number}/pay", {"channel": "alipay"})
        paid: Any = gateway.query(number)
        if number.endswith("0"):
            self.departments.social_insurance.book(*terms[1:4], number, paid.value.transaction_id)
            return
        self.sandbox.control("/refunds", {"ending": "SUCCESS", "after_s": 0})
        gateway.refund(number, f"{number}-R", bill["amount_fen"])

    def silence(self, seconds: float) -> None:
        """Nothing that the gateway says about a charge arrives for so long."""
        at = {"department": "payment", "kind": "lose_answer", "times": None}
        loop = asyncio.get_running_loop()
        for path in ("/code-payments", "GET /payment/v1/orders"):
            fault = self.sandbox.control("/faults", at | {"path": path})["fault_id"]
            loop.call_later(seconds, self.sandbox.control, f"/faults/{fault}", None, "DELETE")

    def order(self) -> Order:
        """What is to be paid now."""
        bill = self.bill
        return Order(
            "resident-pension-pay", "social-insurance", bill["bill_id"], bill["tier_id"],
            bill["amount_fen"], "养老保险", "tag",
        )  # fmt: skip

    def code(self, behaviour: Mapping[str, Any]) -> str:
        """The citizen's code."""
        issued = self.sandbox.control("/auth-codes", {"channel": "wechat", **behaviour})
        return str(issued["auth_code"])

    def ours(self) -> dict[str, Any]:
        """The ledger without the earlier payments."""
        ledger = self.sandbox.ledger()
        return {
            name: [row for row in rows if not row["out_trade_no"].startswith("P-earlier")]
            for name, rows in ledger.items()
            if name in ("trades", "refunds", "movements", "bookings")
        }


class Citizen:
    """What a person does with a payment, and what they see of it."""

    def __init__(self, stand: Stand, flow: Flow, payment: Payment) -> None:
        self._stand = stand
        self._flow = flow
        self._payment = payment
        self.seen: list[tuple[float, PaymentStatus]] = []

    async def act(self) -> None:
        """Pay, then look on until it is over."""
        watching = asyncio.ensure_future(self._look_on())
        ways: Mapping[str, Callable[[], Awaitable[None]]] = {
            "submit": self._submit,
            "show_and_pay": self._show_and_pay,
            "show_and_leave": self._show_and_leave,
        }
        await ways[self._flow.way]()
        await watching

    async def _submit(self) -> None:
        await self._payment.submit(self._stand.code(self._flow.code))

    async def _show_and_pay(self) -> None:
        await self._payment.show_code()
        if self._payment.status.state is PayState.QR_SHOWN:
            path = f"/orders/{self._payment.status.out_trade_no}/pay"
            self._stand.sandbox.control(path, {"channel": "wechat", "after_s": 20})

    async def _show_and_leave(self) -> None:
        await self._payment.show_code()
        await asyncio.sleep(10)
        self._payment.withdraw()

    async def _look_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            status = self._payment.status
            self.seen.append((loop.time(), status))
            if status.state in UNCHARGED:
                self._payment.withdraw()
            if status.state in BOOKED or status.state in UNCHARGED or status.state in ENDED:
                return
            await self._payment.changed(status)
