"""Every world that can come of a payment: no double charge, no voucher too early, no dead end, no fen lost.

The walk is exhaustive: all states, all events, all orders of them, each power cut and each lost or late
message, as often as it likes. Planted mistakes prove that it would find them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from kiosk.backends.contract import Answer
from kiosk.backends.gateway import RefundResult, Trade
from kiosk.payments import afterwards, paying, rules
from kiosk.payments.machine import BOOKED, TRANSITIONS, PayState
from kiosk.payments.moves import paid, write
from kiosk.payments.rules import RULES, is_over
from kiosk.payments.situation import Ask, Elapsed, Left, Question, Reread, Write
from tests.payments.model import canonical, successors, told
from tests.payments.model_books import refund_ended
from tests.payments.model_holds import assert_holds
from tests.payments.model_world import Violation, World, beginning

MOST_STEPS = 200
"""More than any payment needs to its end once nothing is in its way."""

S = PayState

pytestmark = pytest.mark.timeout(900)
"""A minute of computing, which a loaded machine may stretch."""


def walk(most_attempts: int) -> tuple[dict[World, tuple[World, str] | None], set[str]]:
    """Every world there is, each with one that leads to it; and the names of all that happened."""
    start = canonical(beginning())
    seen: dict[World, tuple[World, str] | None] = {start: None}
    edge, happened = deque([start]), set[str]()
    while edge:
        world = edge.popleft()
        try:
            assert_holds(world)
            following = list(successors(world, most_attempts))
        except Violation as violation:
            raise Violation(f"{violation}: {' > '.join(way_to(world, seen))}") from None
        for name, after in following:
            happened.add(name)
            if after not in seen:
                seen[after] = (world, name)
                edge.append(after)
    return seen, happened


def way_to(world: World, seen: Mapping[World, tuple[World, str] | None]) -> list[str]:
    """What happened on the way."""
    names = []
    while (before := seen[world]) is not None:
        world, name = before
        names.append(name)
    return names[::-1]


def test_in_no_world_is_money_lost_or_charged_twice_or_a_payment_stuck() -> None:
    seen, happened = walk(1)
    # every transition was taken, so that the walk says something of each
    taken = {name for name in happened if " -> " in name}
    again = {f"{before} -> created" for before in (S.FAILED, S.CLOSED, S.REVERSED)}
    assert taken | again == {f"{a} -> {b}" for a, after in TRANSITIONS.items() for b in after}
    # AND each comes to an end once nothing is in its way, with the money where it belongs
    ended: set[World] = set()
    for world in seen:
        assert_ends_well(world, ended)


def test_a_second_attempt_begins_only_when_the_first_can_never_be_paid() -> None:
    _, happened = walk(2)
    assert {f"{before} -> created" for before in (S.FAILED, S.CLOSED, S.REVERSED)} <= happened


def assert_ends_well(world: World, ended: set[World]) -> None:
    """Follow `world` with the power on, the network well and the citizen gone."""
    way = []
    world = canonical(replace(world, late=frozenset()))
    for _ in range(MOST_STEPS):
        if world in ended:
            break
        way.append(world)
        if (world.on and not is_over(world.s)) or world.pending is not None:
            world = smoothly(world)
            continue
        assert_settled(world)
        break
    else:
        raise Violation(f"{world.s.state} comes to no end")
    ended.update(way)


def smoothly(world: World) -> World:
    """The next world where everything works, days pass, and staff pays out what failed."""
    match world.pending:
        case Write() | Reread():
            return next(after for name, after in successors(world, 0) if _goes_on(name))
        case Ask(question=question):
            if question is Question.BILLS:
                world = replace(world, settled=True)
            if world.refund in (RefundResult.PROCESSING, RefundResult.FAILED):
                world = refund_ended(world)
            return next(after for name, after in successors(world, 0) if name == "answered")
        case None if not world.s.withdrawn:
            return told(world, Left())
        case None:
            return told(world, Elapsed(), max(world.s.due or 0.0, 0.0))
        case event:
            return told(world, event)


def _goes_on(name: str) -> bool:
    return " -> " in name or name in ("read", "overtaken")


def assert_settled(world: World) -> None:
    """Money in = money booked + money given back: nothing is under way, and nothing left over."""
    held = [number for number, state in world.trades if state is Trade.SUCCESS]
    booked = [world.booked] if world.booked else []
    assert held == booked, world
    assert (world.journal.state in BOOKED) == bool(booked), world
    payable = [n for n, state in world.trades if state in (Trade.NOT_PAID, Trade.USER_PAYING)]
    assert payable == [], world


# --- planted mistakes ----------------------------------------------------------------------------------


def _refunds_on_doubt(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    if isinstance(reply, Answer):
        return afterwards.booked(s, now, schedule, reply)
    return write(s, S.REFUNDING, "mistake")


def _fails_what_is_unknown(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    if isinstance(reply, Answer):
        return paying.submitted(s, now, schedule, reply)
    return write(s, S.FAILED, "mistake")


def _paid_is_paid(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    match reply:
        case Answer(value=trade) if trade.state is Trade.SUCCESS:
            return paid(s, trade, "mistake", reply)
    return paying.reversal(s, now, schedule, reply)


def _waits_for_nothing(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    after, commands = paying.reversal(s, now, schedule, reply)
    return (after, commands) if commands else (replace(after, due=None), ())


def _closed_unheard(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    if isinstance(reply, Answer):
        return paying.closed(s, now, schedule, reply)
    return write(s, S.CLOSED, "mistake")


def _gives_up_booking(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    after, commands = afterwards.booked(s, now, schedule, reply)
    return write(s, S.FULFILLED, "mistake") if not commands else (after, commands)


def _resolves_by_silence(s: Any, now: Any, schedule: Any, reply: Any) -> Any:
    return write(s, S.REVERSED, "mistake")


MISTAKES: list[tuple[PayState, Question, Any]] = [
    (S.FULFILLING, Question.BOOK, _refunds_on_doubt),
    (S.FULFILLING, Question.BOOK, _gives_up_booking),
    (S.SUBMITTED, Question.SUBMIT, _fails_what_is_unknown),
    (S.REVERSING, Question.REVERSE, _waits_for_nothing),
    (S.CLOSING, Question.CLOSE, _closed_unheard),
    (S.UNRESOLVED, Question.REVERSE, _resolves_by_silence),
]


@pytest.mark.parametrize(("state", "question", "mistake"), MISTAKES)
def test_the_walk_finds_a_planted_mistake(
    state: PayState, question: Question, mistake: Callable[..., Any], monkeypatch: Any
) -> None:
    right = RULES[state]
    wrong = replace(right, answers={**right.answers, question: mistake})
    monkeypatch.setattr(rules, "RULES", {**RULES, state: wrong})
    with pytest.raises(Violation):
        walk(1)


def test_the_walk_finds_that_a_bare_paid_is_believed_after_a_reversal(monkeypatch: Any) -> None:
    # GIVEN a machine that asks again instead of reversing again, and takes "paid" for an end
    right = RULES[S.REVERSING]

    def asks(s: Any, now: Any, schedule: Any) -> Any:
        return paying.ask_unknown(s, now, schedule) if s.tries else right.entered(s, now, schedule)

    wrong = replace(right, due=asks, answers={**right.answers, Question.QUERY: _paid_is_paid})
    monkeypatch.setattr(rules, "RULES", {**RULES, S.REVERSING: wrong})
    with pytest.raises(Violation, match="reversed"):
        walk(1)


def test_the_walk_finds_a_call_before_its_step_is_on_the_disk(monkeypatch: Any) -> None:
    right = RULES[S.CREATED]

    def hasty(s: Any, now: Any, schedule: Any) -> Any:
        after, commands = right.stirred(s, now, schedule)
        if s.wish and s.wish.auth_code:
            return paying.ask(s, now, schedule, Question.SUBMIT, s.wish.auth_code)
        return after, commands

    submits = {**right.answers, Question.SUBMIT: paying.submitted}
    wrong = replace(right, stirred=hasty, answers=submits)
    monkeypatch.setattr(rules, "RULES", {**RULES, S.CREATED: wrong})
    with pytest.raises(Violation, match="submit left in created"):
        walk(1)
