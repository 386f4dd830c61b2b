"""What must hold of money in every world of the model."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.backends.gateway import Trade
from kiosk.payments.machine import BOOKED, UNCHARGED, PayState
from kiosk.payments.means import GONE
from kiosk.payments.order import PaymentStatus, out_trade_no
from kiosk.payments.rules import is_over
from kiosk.payments.situation import (
    Ask,
    Command,
    Question,
    Situation,
)
from tests.payments.model_world import NUMBER, Violation, World

LEAVES_IN: Mapping[Question, tuple[PayState, ...]] = {
    Question.SHOW: (PayState.CREATED,),
    Question.SUBMIT: (PayState.SUBMITTED,),
    Question.CLOSE: (PayState.CLOSING,),
    Question.REVERSE: (PayState.REVERSING, PayState.UNRESOLVED),
    Question.BOOK: (PayState.FULFILLING,),
    Question.REFUND: (PayState.REFUNDING, PayState.UNRESOLVED),
}
"""What changes the world, and the step that must be on the disk before it leaves."""


def assert_written_first(world: World, after: Situation, command: Command) -> None:
    """What leaves the terminal is of a state that is on the disk, or was until an operator came."""
    if not isinstance(command, Ask):
        return
    kept = after.state in (world.journal.state, PayState.UNRESOLVED)
    right = after.state in LEAVES_IN.get(command.question, (after.state,))
    if after.writing is not None or not kept or not right:
        raise Violation(f"{command.question} left in {after.state}, {world.journal.state} kept")


def assert_may_write(world: World, after: PaymentStatus) -> None:
    """Where a reversal was asked for, PAID needs the gateway's proof."""
    number = after.out_trade_no
    proven = world.settled and world.trade(number) is Trade.SUCCESS
    if after.state is PayState.PAID and number in world.returning and not proven:
        raise Violation("paid, and it may still be reversed")


def assert_holds(world: World) -> None:
    """What is true of money in every world."""
    held = [number for number, state in world.trades if state is Trade.SUCCESS]
    if len(held) > 1:
        raise Violation("charged twice")
    status = world.journal
    number = status.out_trade_no
    trade = world.trade(number)
    if status.state in BOOKED and not (world.booked == number and trade is Trade.SUCCESS):
        raise Violation(f"{status.state}, booked {world.booked!r}, {trade}")
    if status.state in UNCHARGED and not _out_of_reach(world, number):
        raise Violation(f"{status.state}, and {trade} at the gateway")
    if status.state is PayState.REFUNDED and (trade is not Trade.REFUNDED or world.booked):
        raise Violation(f"refunded, and {trade}")
    if world.booked and trade is not Trade.SUCCESS:
        raise Violation(f"booked, and {trade}")
    for nth in range(1, status.attempt):
        if not _out_of_reach(world, out_trade_no(NUMBER, nth)):
            raise Violation(f"attempt {status.attempt} began, and {nth} may be paid")
    assert_not_stuck(world)


def _out_of_reach(world: World, number: str) -> bool:
    """Nothing is charged under this number, nor ever can be."""
    trade = world.trade(number)
    opening = (Question.SHOW, Question.SUBMIT)
    coming = any(q in opening and n == number for q, n, _ in world.late)
    return trade in GONE or (trade is None and not coming)


def assert_not_stuck(world: World) -> None:
    """Whatever has not come to its end waits for a time, or for something under way."""
    s = world.s
    if not world.on or is_over(s) or s.state in UNCHARGED:
        return
    if world.pending is None and s.due is None:
        raise Violation(f"{s.state} waits for nothing")
    if s.busy and world.pending is None:
        raise Violation(f"{s.state} waits for an answer that nobody will give")
