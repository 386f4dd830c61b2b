"""Rules of the machine that the walk over all worlds does not tell apart: amounts of time, who is heard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.backends.contract import Answer, BackendFailure, Cause
from kiosk.backends.gateway import Channel, Trade, TradeState
from kiosk.payments.machine import PayState
from kiosk.payments.order import PaymentStatus
from kiosk.payments.rules import RULES, step
from kiosk.payments.schedule import Schedule
from kiosk.payments.situation import (
    Answered,
    Ask,
    Elapsed,
    Left,
    Question,
    Situation,
    Wish,
    Wished,
    Write,
    Written,
)
from tests.payments.model_world import CODE, NUMBER, ORDER

REAL = Schedule()
FAILURES = [
    BackendFailure("payment", cause, cause.value, retry_after_s=wait)
    for cause in Cause
    for wait in (None, 7.0)
]


def at(state: PayState, now: float = 0.0) -> Situation:
    """A payment that has just come to `state`."""
    begun = PaymentStatus(NUMBER, f"{NUMBER}-01", 1, PayState.CREATED)
    status = replace(begun, state=state, channel=Channel.WECHAT, transaction_id="T-1")
    wish = {PayState.SUBMITTED: Wish(1, CODE), PayState.CREATED: Wish(2)}.get(state)
    situation = Situation(ORDER, begun, wish=wish, serving=1, writing=status)
    return step(situation, Written(), now, REAL)[0]


def asked(situation: Situation, now: float) -> Situation:
    """The situation once its call has left."""
    if situation.asking is None and situation.due is not None:
        situation, _ = step(situation, Elapsed(), max(now, situation.due), REAL)
    return situation


ASKING = [state for state, rules in RULES.items() if rules.answers and state is not PayState.PAID]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda f: f"{f.cause}-{f.retry_after_s}")
@pytest.mark.parametrize("state", [s for s in ASKING if s is not PayState.UNRESOLVED])
def test_each_failure_has_a_decided_outcome(state: PayState, failure: BackendFailure) -> None:
    situation = asked(at(state), 0.0)
    assert situation.asking is not None
    after, commands = step(situation, Answered(situation.number, failure), 5.0, REAL)
    # a step is written, or it is asked again later, not sooner than the server wished
    assert commands or after.due is not None
    if not commands and after.due is not None and failure.retry_after_s:
        assert after.due >= 5.0 + failure.retry_after_s


def test_a_servers_wish_does_not_move_the_end_of_the_window() -> None:
    situation = at(PayState.UNKNOWN)
    failure = BackendFailure("payment", Cause.BUSY, "busy", retry_after_s=600.0)
    after, _ = step(situation, Answered(situation.number, failure), 1.0, REAL)
    assert after.due == REAL.asking[Channel.WECHAT].for_s
    last, _ = step(after, Elapsed(), after.due, REAL)
    assert last.asking is Question.QUERY
    _, (command,) = step(last, Answered(last.number, failure), 31.0, REAL)
    assert isinstance(command, Write)
    assert command.after.state is PayState.REVERSING


@pytest.mark.parametrize(
    ("state", "after_s", "end"),
    [(PayState.SUBMITTED, 10.0, PayState.UNKNOWN), (PayState.FULFILLING, 20.0, None)],
)
def test_a_call_that_hangs_is_no_answer_in_time(
    state: PayState, after_s: float, end: PayState | None
) -> None:
    situation = at(state)
    assert situation.due == after_s
    unmoved, nothing = step(situation, Elapsed(), after_s - 0.1, REAL)
    assert (unmoved, nothing) == (situation, ())
    after, commands = step(situation, Elapsed(), after_s, REAL)
    if end is None:
        assert after.doubt
        assert after.due == after_s + REAL.book_retries_s[0]
    else:
        assert [c.after.state for c in commands if isinstance(c, Write)] == [end]


def test_an_answer_that_comes_after_its_deadline_is_not_heard() -> None:
    situation = at(PayState.FULFILLING)
    waiting, _ = step(situation, Elapsed(), 20.0, REAL)
    late = Answered(situation.number, BackendFailure("x", Cause.REFUSED, "bill.closed"))
    assert step(waiting, late, 21.0, REAL) == (waiting, ())
    again, _ = step(waiting, Elapsed(), 25.0, REAL)
    assert step(again, late, 26.0, REAL) == (again, ())


def test_a_second_code_is_not_charged_while_the_first_is_under_way() -> None:
    for state in (PayState.SUBMITTED, PayState.UNKNOWN, PayState.REVERSING, PayState.PAID):
        situation = at(state)
        assert step(situation, Wished(Wish(2, CODE)), 1.0, REAL) == (situation, ())


def test_the_code_leaves_once_it_is_written_down_even_if_the_citizen_left_meanwhile() -> None:
    begun = PaymentStatus(NUMBER, f"{NUMBER}-01", 1, PayState.CREATED)
    chosen, (write,) = step(Situation(ORDER, begun), Wished(Wish(1, CODE)), 0.0, REAL)
    assert isinstance(write, Write)
    gone, nothing = step(chosen, Left(), 0.1, REAL)
    assert nothing == ()
    _, (command,) = step(gone, Written(), 0.2, REAL)
    assert command == Ask(Question.SUBMIT, 1, CODE)
    assert CODE not in repr(command)
    assert CODE not in repr(gone)


@pytest.mark.parametrize(
    "trade",
    [
        TradeState("another-01", Trade.SUCCESS, ORDER.amount_fen, None, "T-1"),
        TradeState(f"{NUMBER}-01", Trade.SUCCESS, 1, None, "T-1"),
        TradeState(f"{NUMBER}-01", Trade.SUCCESS, ORDER.amount_fen, None, ""),
        TradeState("another-01", Trade.FAILED, 0, None, ""),
    ],
)
def test_an_answer_of_another_payment_is_no_answer(trade: TradeState) -> None:
    situation = at(PayState.SUBMITTED)
    _, (command,) = step(situation, Answered(situation.number, Answer(trade)), 1.0, REAL)
    assert isinstance(command, Write)
    assert command.after.state is PayState.UNKNOWN
