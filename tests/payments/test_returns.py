"""Money that goes back, or of which nobody knows for a while: against the sandbox, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.payments.desk import DeskRefusal
from kiosk.payments.machine import ForbiddenTransition, PayState
from kiosk.payments.payment import Payment
from tests.payments.test_crash import ORDER
from tests.payments.test_desk import Stand, until
from tests.sandbox.in_process import Sandbox

pytestmark = pytest.mark.looptime

CODE = "134567890123456789"
HOUR_S = 3600.0


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.journal.close()


def lasting(sandbox: Sandbox, kind: str, path: str) -> str:
    """A fault of the gateway that lasts until it is ended; its address at the control API."""
    order = {"department": "payment", "kind": kind, "path": path, "times": None}
    return f"/faults/{sandbox.control('/faults', order)['fault_id']}"


async def charged_unheard(stand: Stand) -> Payment:
    """A payment that the gateway charged, of which the terminal hears nothing."""
    payment = await stand.opened()
    lasting(stand.sandbox, "lose_answer", "code-payments")
    lasting(stand.sandbox, "cut", "orders/P")
    await payment.submit(CODE)
    assert payment.status.state is PayState.UNKNOWN
    return payment


def times_of(stand: Stand, part: str) -> list[float]:
    """When the gateway was asked: the loop's time at each call whose path has `part`."""
    times: list[float] = []
    send = stand.sandbox.adapter.send

    def noting(request, **given):  # type: ignore[no-untyped-def]
        if part in request.url:
            times.append(asyncio.get_running_loop().time())
        return send(request, **given)

    stand.sandbox.adapter.send = noting  # type: ignore[method-assign]
    return times


async def test_a_reversal_is_tried_again_after_2_4_8_s_then_unresolved(stand: Stand) -> None:
    asked = times_of(stand, "/reverse")
    payment = await charged_unheard(stand)
    # WHEN no reversal is answered
    await until(payment, PayState.UNRESOLVED)
    moments = sorted({round(at, 1) for at in asked})
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses == pytest.approx([2, 4, 8], abs=0.5)
    # THEN the resolver asks after 1, 5, 15, 60 min, then hourly, and the bill stays locked
    asked.clear()
    begun = asyncio.get_running_loop().time()
    await asyncio.sleep(4 * HOUR_S)
    minutes = sorted({round((at - begun) / 60) for at in asked})
    assert minutes == pytest.approx([1, 6, 21, 81, 141, 201], abs=1)
    assert await stand.desk.open(ORDER) == DeskRefusal("bill.live_attempt")
    # AND once the gateway answers, the money is back
    stand.sandbox.behave()
    await until(payment, PayState.REVERSED)
    assert [t["state"] for t in stand.sandbox.ledger()["trades"]] == ["REVOKED"]
    payment.withdraw()
    await stand.desk.settled()


async def test_what_can_no_longer_be_reversed_is_booked(stand: Stand) -> None:
    # GIVEN a charge of which nothing is heard until the gateway has settled the day
    payment = await charged_unheard(stand)
    await until(payment, PayState.UNRESOLVED)
    await asyncio.sleep(16 * HOUR_S)
    stand.sandbox.behave()
    # WHEN the reversal is refused as too late
    await until(payment, PayState.FULFILLED)
    # THEN the payment counts, once
    assert ("paid", "reversal.too_late.success") in stand.causes(payment)
    assert len(stand.sandbox.ledger()["bookings"]) == 1
    await stand.desk.settled()


async def test_after_a_day_the_gateways_statements_decide(stand: Stand) -> None:
    # GIVEN a gateway that answers no reversal and no query for two days, but gives its statements
    payment = await charged_unheard(stand)
    asked = times_of(stand, "/reverse")
    await until(payment, PayState.UNRESOLVED)
    begun = asyncio.get_running_loop().time()
    # WHEN the day after the last reversal is over there
    await until(payment, PayState.PAID)
    # THEN they decide, and no reversal was asked for since the day for it was over
    assert 24 * HOUR_S < asyncio.get_running_loop().time() - begun < 48 * HOUR_S
    assert max(asked) - begun <= 24 * HOUR_S + 60
    assert ("paid", "bill.paid") in stand.causes(payment)
    await stand.desk.settled()
    assert payment.status.state is PayState.FULFILLED


@pytest.mark.parametrize("decision", [PayState.PAID, PayState.REVERSED])
async def test_an_operators_decision_is_followed(stand: Stand, decision: PayState) -> None:
    payment = await charged_unheard(stand)
    await until(payment, PayState.UNRESOLVED)
    # GIVEN an operator who decides from another process
    number = payment.status.order_no
    stand.journal.resolve(number, decision, "op-7", "asked the gateway by telephone")
    # WHEN the resolver would ask again
    stand.sandbox.behave()
    asked = times_of(stand, "/reverse")
    end = PayState.FULFILLED if decision is PayState.PAID else PayState.REVERSED
    await until(payment, end)
    payment.withdraw()
    await stand.desk.settled()
    # THEN it asks no more
    assert asked == []
    assert len(stand.sandbox.ledger()["bookings"]) == (end is PayState.FULFILLED)


async def test_an_operator_who_decides_while_the_gateway_is_asked_wins(stand: Stand) -> None:
    payment = await charged_unheard(stand)
    await until(payment, PayState.UNRESOLVED)
    stand.sandbox.behave()
    number = payment.status.order_no
    # GIVEN an operator who decides while the resolver's question is on its way
    send = stand.sandbox.adapter.send

    def deciding(request, **given):  # type: ignore[no-untyped-def]
        if "/reverse" in request.url:
            stand.journal.resolve(number, PayState.REVERSED, "op-7", "by telephone")
        return send(request, **given)

    stand.sandbox.adapter.send = deciding  # type: ignore[method-assign]
    # WHEN the gateway's answer would be the next step
    await until(payment, PayState.REVERSED)
    payment.withdraw()
    await stand.desk.settled()
    # THEN there is one step, the operator's, and the payment has come to its end
    assert stand.causes(payment)[-1] == ("reversed", "operator.resolved")
    assert stand.journal.unfinished() == ()


async def test_a_booking_whose_answer_is_lost_is_never_refunded(stand: Stand) -> None:
    # GIVEN a department that books at once, and whose answers are lost for long
    payment = await stand.opened()
    stand.sandbox.fault("social-insurance", "lose_answer", "bookings", times=12)
    # WHEN all four tries of the schedule are over
    await payment.submit(CODE)
    await asyncio.sleep(120)
    # THEN it is asked again with the same key until its word is there
    assert payment.status.state is PayState.FULFILLING
    assert payment.status.reason == "no_answer"
    await until(payment, PayState.FULFILLED)
    assert stand.sandbox.ledger()["refunds"] == []
    assert len(stand.sandbox.ledger()["bookings"]) == 1
    await stand.desk.settled()


async def test_what_provably_never_reached_the_department_is_refunded(stand: Stand) -> None:
    # GIVEN a cable that comes loose once the money was taken
    payment = await stand.opened()
    await payment.submit(CODE)
    await until(payment, PayState.PAID)
    stand.sandbox.adapter.unplugged = True
    # WHEN four tries have not left
    await until(payment, PayState.UNRESOLVED)
    stand.sandbox.adapter.unplugged = False
    await until(payment, PayState.REFUNDED)
    # THEN the money is back, and was never booked
    assert stand.sandbox.ledger()["bookings"] == []
    (refund,) = stand.sandbox.ledger()["refunds"]
    assert refund["state"] == "SUCCESS"
    await stand.desk.settled()


async def test_a_refund_that_failed_is_found_once_it_was_paid_out_by_hand(stand: Stand) -> None:
    stand.sandbox.fault("social-insurance", "refuse", "bookings", code="bill.closed", times=None)
    stand.sandbox.control("/refunds", {"ending": "FAILED", "after_s": 0})
    payment = await stand.opened()
    await payment.submit(CODE)
    await until(payment, PayState.UNRESOLVED)
    assert payment.status.reason == "account_closed"
    # AND nobody can have it booked any more: the refund may still be carried out
    with pytest.raises(ForbiddenTransition, match="owed back"):
        stand.journal.resolve(payment.status.order_no, PayState.PAID, "op-7", "by telephone")
    # WHEN the gateway's staff pays it out
    number = f"{payment.status.out_trade_no}-R"
    stand.sandbox.control(f"/refunds/{number}", {"ending": "SUCCESS"})
    await until(payment, PayState.REFUNDED)
    assert len(stand.sandbox.ledger()["refunds"]) == 1
    await stand.desk.settled()


async def test_an_unresolved_payment_goes_on_after_a_start(stand: Stand, tmp_path: Path) -> None:
    # GIVEN a terminal that stopped with an unresolved payment
    payment = await charged_unheard(stand)
    await until(payment, PayState.UNRESOLVED)
    await stand.desk.close()
    # WHEN it starts again, and the gateway answers
    stand.sandbox.behave()
    await stand.desk.start()
    await stand.desk.settled()
    # THEN it is asked at once, and the money is back
    assert stand.journal.orders()[0].status.state is PayState.REVERSED


async def test_a_damaged_journal_takes_no_payment_and_says_so(stand: Stand) -> None:
    stand.journal.found_damaged("a test")
    assert await stand.desk.open(ORDER) == DeskRefusal("journal.damaged")
    assert stand.sandbox.adapter.calls == []


async def test_the_slip_of_an_earlier_start_is_marked_printed_and_charges_nothing(
    stand: Stand,
) -> None:
    # GIVEN a payment that was booked before the terminal was started again
    payment = await stand.opened()
    await payment.submit(CODE)
    await stand.desk.settled()
    await stand.desk.close()
    again = stand.another_desk()
    (record,) = await again.reprintable(ORDER.person_tag)
    assert await again.reprintable("another tag") == ()
    calls = len(stand.sandbox.adapter.calls)
    # WHEN its slip comes out, twice
    await again.printed(record.status.order_no)
    await again.printed(record.status.order_no)
    # THEN it is written down once, can be had again, and nothing was asked of anybody
    states = [state for state, _ in stand.causes(payment)]
    assert states.count("printed") == 1
    assert len(await again.reprintable(ORDER.person_tag)) == 1
    assert len(stand.sandbox.adapter.calls) == calls


async def test_a_code_of_no_channel_is_refused_before_it_leaves(stand: Stand) -> None:
    payment = await stand.opened()
    await payment.submit("1345678901234567890")
    assert payment.status.state is PayState.FAILED
    assert payment.status.reason == "auth_code.invalid"
    assert stand.sandbox.adapter.calls == []
    payment.withdraw()
    await stand.desk.settled()
