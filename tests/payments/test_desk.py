"""When the desk asks, how long it waits, and what it refuses, in virtual time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.backends.departments import Departments
from kiosk.backends.gateway import Channel
from kiosk.backends.settings import departments_at
from kiosk.journal import Journal
from kiosk.payments.desk import DeskRefusal, PaymentDesk
from kiosk.payments.machine import PayState
from kiosk.payments.order import channel_of, new_order_no, out_trade_no
from kiosk.payments.payment import Payment
from kiosk.payments.rules import RULES
from kiosk.payments.schedule import ASKING
from kiosk.payments.situation import Question
from tests.journeys.hall import InlineCalls
from tests.payments.test_crash import ORDER
from tests.sandbox.in_process import Clock, Sandbox

pytestmark = pytest.mark.looptime


class Stand:
    """A desk in front of the sandbox."""

    def __init__(self, state: Path) -> None:
        self.sandbox = Sandbox(Clock())
        self.journal = Journal(state / "journal.sqlite", self.sandbox.clock)
        self.desk = self.another_desk()

    def another_desk(self) -> PaymentDesk:
        """A desk as at a start, on the same journal."""
        departments = Departments.open(departments_at(self.sandbox.url), self.sandbox.adapter)
        return PaymentDesk(
            self.journal,
            departments.payment,
            {"social-insurance": departments.social_insurance.book},
            InlineCalls(),
            now=self.sandbox.clock,
        )

    async def opened(self) -> Payment:
        self.sandbox.clock.follow(asyncio.get_running_loop())
        payment = await self.desk.open(ORDER)
        assert isinstance(payment, Payment)
        return payment

    def asked(self, part: str) -> list[str]:
        return [path for _, path in self.sandbox.adapter.calls if part in path]

    def causes(self, payment: Payment) -> list[tuple[str, str]]:
        steps = self.journal.history(payment.status.order_no)
        return [(step.after.value, step.cause) for step in steps]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.journal.close()


async def until(payment: Payment, *states: PayState) -> None:
    """Look on until the payment is in one of `states`."""
    while payment.status.state not in states:
        await payment.changed(payment.status)


async def test_created_is_on_disk_before_a_byte_leaves(stand: Stand) -> None:
    payment = await stand.opened()
    assert [r.status.state for r in stand.journal.unfinished()] == [PayState.CREATED]
    assert stand.sandbox.adapter.calls == []
    payment.withdraw()
    await stand.desk.settled()


async def test_submitted_is_on_disk_before_the_code_leaves(stand: Stand) -> None:
    # GIVEN a journal that is read whenever the gateway is called
    seen: list[PayState] = []
    send = stand.sandbox.adapter.send

    def look_first(request, **given):  # type: ignore[no-untyped-def]
        seen.append(stand.journal.orders()[0].status.state)
        return send(request, **given)

    stand.sandbox.adapter.send = look_first  # type: ignore[method-assign]
    payment = await stand.opened()
    # WHEN a code is shown and then the citizen's own code charged
    await payment.show_code()
    await payment.submit("134567890123456789")
    await stand.desk.settled()
    # THEN each call found its own state written down already
    assert seen == [PayState.CREATED, PayState.CLOSING, PayState.SUBMITTED, PayState.FULFILLING]


async def test_a_shown_code_is_asked_after_every_3_s_and_closed_after_120_s(stand: Stand) -> None:
    loop = asyncio.get_running_loop()
    payment = await stand.opened()
    begun = loop.time()
    await payment.show_code()
    assert payment.status.code_url.startswith("http")
    await until(payment, PayState.CLOSED)
    assert 120 <= loop.time() - begun < 125
    assert 36 <= len(stand.asked(payment.status.out_trade_no)) <= 41
    cause = dict(stand.causes(payment))["closing"]
    assert cause in ("code.expired", "code.expired_there")
    payment.withdraw()
    await stand.desk.settled()


@pytest.mark.parametrize(
    ("code", "channel"),
    [
        ("134567890123456789", Channel.WECHAT),
        ("284567890123456789", Channel.ALIPAY),
        ("6234567890123456789", Channel.UNIONPAY),
    ],
)
async def test_an_unknown_payment_is_asked_after_by_its_channels_schedule(
    stand: Stand, code: str, channel: Channel
) -> None:
    # GIVEN a payment of which the gateway never heard, because the request was cut
    loop = asyncio.get_running_loop()
    payment = await stand.opened()
    stand.sandbox.fault("payment", "cut", "code-payments", times=1)
    await payment.submit(code)
    assert payment.status.state is PayState.UNKNOWN
    begun = loop.time()
    # WHEN nothing becomes clear
    await until(payment, PayState.REVERSED)
    # THEN it was asked after as the rules say, and reversed at once after the last query
    asking = ASKING[channel]
    waited = loop.time() - begun
    assert asking.for_s <= waited < asking.for_s + 2
    queries = [p for p in stand.asked("/orders/") if not p.endswith("/reverse")]
    assert len(queries) == pytest.approx(asking.for_s / asking.every_s + 1, abs=1)
    assert payment.status.channel is channel
    payment.withdraw()
    await stand.desk.settled()


async def test_a_payment_to_be_confirmed_on_the_phone_is_found_paid(stand: Stand) -> None:
    issued = stand.sandbox.control("/auth-codes", {"channel": "alipay", "behaviour": "confirm"})
    payment = await stand.opened()
    await payment.submit(issued["auth_code"])
    assert payment.status.state is PayState.UNKNOWN
    number = payment.status.out_trade_no
    stand.sandbox.control(f"/orders/{number}/confirm", {"accept": True})
    await until(payment, PayState.FULFILLED)
    assert ("paid", "query.success") in stand.causes(payment)


async def test_own_code_after_a_shown_one_closes_it_first_with_a_new_number(stand: Stand) -> None:
    payment = await stand.opened()
    await payment.show_code()
    first = payment.status.out_trade_no
    await payment.submit("134567890123456789")
    assert payment.status.out_trade_no != first
    states = {t["out_trade_no"]: t["state"] for t in stand.sandbox.ledger()["trades"]}
    assert states == {first: "CLOSED", payment.status.out_trade_no: "SUCCESS"}
    await stand.desk.settled()


async def test_a_shown_code_paid_before_it_could_be_closed_counts(stand: Stand) -> None:
    # GIVEN a code that the citizen pays at the moment they choose the other way
    payment = await stand.opened()
    await payment.show_code()
    number = payment.status.out_trade_no
    stand.sandbox.control(f"/orders/{number}/pay", {"channel": "wechat"})
    # WHEN their own code is held up all the same
    await payment.submit("284567890123456789")
    await stand.desk.settled()
    # THEN it was never charged
    assert [t["state"] for t in stand.sandbox.ledger()["trades"]] == ["SUCCESS"]
    assert ("paid", "close.success") in stand.causes(payment)


async def test_booking_is_tried_again_with_the_same_key_after_5_15_30_s(stand: Stand) -> None:
    loop = asyncio.get_running_loop()
    payment = await stand.opened()
    stand.sandbox.fault("social-insurance", "status", "bookings", times=3, status=503)
    await payment.submit("134567890123456789")
    begun = loop.time()
    await until(payment, PayState.FULFILLED)
    assert 49 < loop.time() - begun < 53
    assert len(stand.sandbox.ledger()["bookings"]) == 1


async def test_one_live_attempt_a_bill(stand: Stand) -> None:
    payment = await stand.opened()
    assert await stand.desk.open(ORDER) == DeskRefusal("bill.live_attempt")
    payment.withdraw()
    await stand.desk.settled()
    again = await stand.desk.open(ORDER)
    assert isinstance(again, Payment)
    again.withdraw()
    await stand.desk.settled()


async def test_a_step_the_disk_does_not_take_is_written_later_and_nothing_is_lost(
    stand: Stand,
) -> None:
    # GIVEN a disk that fails after the code was submitted
    payment = await stand.opened()
    submitting = asyncio.ensure_future(payment.submit("134567890123456789"))
    await until(payment, PayState.SUBMITTED)
    stand.journal._db.execute("PRAGMA query_only = ON")
    await asyncio.sleep(30)
    assert payment.status.state is PayState.SUBMITTED
    # WHEN it works again
    stand.journal._db.execute("PRAGMA query_only = OFF")
    await submitting
    await stand.desk.settled()
    # THEN the payment is where it belongs
    assert stand.journal.orders()[0].status.state is PayState.FULFILLED
    assert len(stand.sandbox.ledger()["bookings"]) == 1


async def test_a_payment_whose_task_broke_goes_on_by_itself(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a bug that ends the task right after the money was taken
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setitem(RULES[PayState.FULFILLING].answers, Question.BOOK, broken)  # type: ignore[arg-type]
        payment = await stand.opened()
        await payment.submit("134567890123456789")
        await stand.desk.settled()
        assert stand.journal.orders()[0].status.state is PayState.FULFILLING
    # WHEN a while has passed
    await asyncio.sleep(120)
    await stand.desk.settled()
    # THEN it is booked, once
    assert stand.journal.orders()[0].status.state is PayState.FULFILLED
    assert len(stand.sandbox.ledger()["bookings"]) == 1


@pytest.mark.parametrize("lie", [{"amount_fen": 1}, {"out_trade_no": "P-somebody-01"}])
async def test_a_gateway_that_speaks_of_another_payment_is_not_believed(
    stand: Stand, lie: dict[str, object]
) -> None:
    # GIVEN a gateway that says "paid", of another order or another amount
    send = stand.sandbox.adapter.send

    def lying(request, **given):  # type: ignore[no-untyped-def]
        answer = send(request, **given)
        if "code-payments" in request.url:
            answer._content = json.dumps(answer.json() | lie).encode()
        return answer

    stand.sandbox.adapter.send = lying  # type: ignore[method-assign]
    payment = await stand.opened()
    # WHEN the citizen's code is charged
    await payment.submit("134567890123456789")
    # THEN the terminal does not know, asks, and finds the truth
    assert payment.status.state is PayState.UNKNOWN
    await stand.desk.settled()
    assert ("paid", "query.success") in stand.causes(payment)


def test_order_numbers_are_of_the_gateways_form_and_differ() -> None:
    import re

    clock = Clock()
    numbers = {new_order_no(clock()) for _ in range(500)}
    assert len(numbers) == 500
    for number in numbers:
        assert re.fullmatch(r"[0-9A-Za-z_-]{6,32}", out_trade_no(number, 3))
    number = numbers.pop()
    assert out_trade_no(number, 1) != out_trade_no(number, 2)


def test_a_code_of_no_channel_has_none() -> None:
    assert channel_of("990000000000000000") is None
