"""A small world around the payment machine: a gateway, a department, a network, a citizen, power cuts.

Everything that may happen next from a world is a successor of it, so that all of them can be walked. The
gateway and the department keep docs/API.md; the network loses and delays whatever it likes, as often as
it likes; the terminal may stop at every moment. Time has no amount here: `due` comes when it comes, and
anything else may come first. Worlds are brought to one form, by which they are finitely many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.backends.contract import BackendFailure, Cause
from kiosk.backends.gateway import RefundResult, Trade
from kiosk.payments.machine import BOOKED, LIVE, PayState, check
from kiosk.payments.means import GONE
from kiosk.payments.order import PaymentStatus
from kiosk.payments.rules import is_over, step
from kiosk.payments.situation import (
    Answered,
    Ask,
    Elapsed,
    Event,
    Found,
    Left,
    Question,
    Reread,
    Resumed,
    Situation,
    SlipPrinted,
    Wish,
    Wished,
    Write,
    Written,
)
from tests.payments.model_books import answer, carried_out, refund_ended, refusal
from tests.payments.model_holds import assert_may_write, assert_written_first
from tests.payments.model_world import CODE, ORDER, SHORT, Violation, World

MOST_TRIES = 3
"""More failures in a row than any rule of `SHORT` tells apart."""

# --- the machine in it ---------------------------------------------------------------------------------


def told(world: World, event: Event, now: float = 0.0) -> World:
    """The world after the machine has heard `event`; one command at most follows."""
    situation, commands = step(world.s, event, now, SHORT)
    if len(commands) > 1:
        raise Violation(f"{len(commands)} commands at once")
    command = commands[0] if commands else None
    if command is not None:
        assert_written_first(world, situation, command)
    pending = command if command is not None else world.pending
    if pending is event:
        pending = None
    return canonical(replace(world, s=_since(situation, now), pending=pending))


def _since(s: Situation, now: float) -> Situation:
    due = None if s.due is None else s.due - now
    return replace(s, due=due, until=s.until - now, since=s.since - now)


def canonical(world: World) -> World:
    """The world without what no rule looks at: wordings, numbers of calls, waits that are over."""
    s = world.s
    timed = s.state in (PayState.QR_SHOWN, PayState.UNKNOWN)
    s = replace(
        s,
        status=_plain(s.status),
        writing=None if s.writing is None else _plain(s.writing),
        number=0,
        until=max(s.until, -1.0) if timed else 0.0,
        since=max(s.since, -SHORT.resolve_for_s) if s.state is PayState.UNRESOLVED else 0.0,
        tries=min(s.tries, MOST_TRIES),
        polls=min(s.polls, MOST_TRIES),
    )
    if s.state in (PayState.PAID, PayState.FULFILLING, *BOOKED):
        s = replace(s, withdrawn=True)
    if s.wish is None:
        s = replace(s, serving=0)
    pending = world.pending
    if isinstance(pending, Write):
        pending = replace(pending, after=_plain(pending.after), cause="", digest="")
    if isinstance(pending, Ask | Answered):
        pending = replace(pending, number=0)
    late = frozenset(request for request in world.late if _matters(world, *request))
    return replace(world, s=s, journal=_plain(world.journal), pending=pending, late=late)


def _matters(world: World, question: Question, number: str, _: str) -> bool:
    """Whether a request still on its way can change anything when it arrives."""
    trade = world.trade(number)
    match question:
        case Question.SHOW | Question.SUBMIT:
            return trade is None
        case Question.CLOSE:
            return trade in (None, Trade.NOT_PAID, Trade.USER_PAYING)
        case Question.REVERSE:
            return trade not in GONE and not (trade is Trade.SUCCESS and world.settled)
        case Question.REFUND:
            return trade not in GONE and world.refund is None
        case _:
            return trade not in GONE and not world.booked and not world.closed


def _plain(status: PaymentStatus) -> PaymentStatus:
    return replace(status, reason="", channel=None, code_url="")


# --- what may happen next ------------------------------------------------------------------------------


def successors(world: World, most_attempts: int) -> Iterator[tuple[str, World]]:
    """Everything that may happen next, with a name for it."""
    yield from _outside(world)
    if not world.on:
        return
    yield from _power_cut(world)
    match world.pending:
        case Write() as command:
            yield from _written(world, command)
        case Ask() as command:
            yield from _asked(world, command)
        case Reread():
            yield "read", replace(world, pending=Found(world.journal))
        case None:
            yield from _idle(world)
        case event:
            yield "told", told(world, event)
    yield from _citizen(world, most_attempts)


def _idle(world: World) -> Iterator[tuple[str, World]]:
    s = world.s
    if s.due is not None:
        yield "time passes", told(world, Elapsed(), max(s.due, 0.0))
    if s.state is PayState.FULFILLED:
        yield "slip", told(world, SlipPrinted())


def _citizen(world: World, most_attempts: int) -> Iterator[tuple[str, World]]:
    if world.s.withdrawn or is_over(world.s):
        return
    yield "leaves", told(world, Left())
    if world.wishes < most_attempts:
        number = world.wishes + 1
        for code in ("", CODE):
            more = replace(world, wishes=number)
            yield "wishes", told(more, Wished(Wish(number, code)))


def _power_cut(world: World) -> Iterator[tuple[str, World]]:
    """The terminal stops. A request that was about to leave is lost, or arrives when it likes."""
    bare = Situation(ORDER, world.journal)
    stopped = replace(world, s=bare, pending=None)
    cuts = [stopped]
    if isinstance(world.pending, Ask):
        cuts.append(_delayed(stopped, world.pending, world.s.status))
    for cut in cuts:
        if world.journal.state not in LIVE:
            yield "power cut", canonical(replace(cut, on=False))
            continue
        unresolved = world.journal.state is PayState.UNRESOLVED
        for age in (0.0, SHORT.resolve_for_s) if unresolved else (0.0,):
            yield "power cut", told(cut, Resumed(age))


def _written(world: World, command: Write) -> Iterator[tuple[str, World]]:
    if command.before is not world.journal.state:
        yield "overtaken", replace(world, pending=Found(world.journal))
        return
    check(command.before, command.after.state)
    assert_may_write(world, command.after)
    name = f"{command.before} -> {command.after.state}"
    yield name, canonical(replace(world, journal=command.after, pending=Written()))


def _asked(world: World, command: Ask) -> Iterator[tuple[str, World]]:
    status = world.s.status
    done, reply = carried_out(world, command.question, status.out_trade_no, status.transaction_id)
    lost = BackendFailure("x", Cause.NO_ANSWER, "no_answer")
    unsent = BackendFailure("x", Cause.UNREACHABLE, "unreachable")
    yield "answered", canonical(replace(done, pending=Answered(0, reply)))
    if command.question in (Question.SHOW, Question.SUBMIT) and not world.trades:
        refused = Answered(0, refusal("bill.locked"))
        yield "refused", canonical(replace(world, pending=refused))
    if done.trade(status.out_trade_no) is Trade.USER_PAYING and not world.trades:
        for state in (Trade.SUCCESS, Trade.FAILED):
            ended = done.with_trade(status.out_trade_no, state)
            _, word = answer(ended, status.out_trade_no)
            yield "decided at once", canonical(replace(ended, pending=Answered(0, word)))
    yield "answer lost", canonical(replace(done, pending=Answered(0, lost)))
    yield "request lost", canonical(replace(world, pending=Answered(0, lost)))
    yield "not sent", canonical(replace(world, pending=Answered(0, unsent)))
    late = _delayed(world, command, status)
    if late is not world:
        yield "request late", canonical(replace(late, pending=Answered(0, lost)))


def _delayed(world: World, command: Ask, status: PaymentStatus) -> World:
    """The request is on its way still; only what changes the world is worth following."""
    if command.question in (Question.QUERY, Question.QUERY_REFUND, Question.BILLS):
        return world
    request = (command.question, status.out_trade_no, status.transaction_id)
    asked = world.returning
    if command.question is Question.REVERSE:
        asked |= {status.out_trade_no}
    return replace(world, late=world.late | {request}, returning=asked)


def _outside(world: World) -> Iterator[tuple[str, World]]:
    """What happens without the terminal."""
    for request in world.late:
        arrived, _ = carried_out(world, *request)
        rest = arrived.late - {request}
        yield "late request arrives", canonical(replace(arrived, late=rest))
    for number, state in world.trades:
        if state in (Trade.NOT_PAID, Trade.USER_PAYING):
            yield "citizen pays", world.with_trade(number, Trade.SUCCESS)
            yield "citizen declines", world.with_trade(number, Trade.FAILED)
    paid = any(state is Trade.SUCCESS for _, state in world.trades)
    returning = (PayState.REVERSING, PayState.UNRESOLVED)
    if paid and not world.settled and world.journal.state in returning:
        yield "midnight", replace(world, settled=True)
    if not world.closed and not world.booked and world.journal.state is PayState.FULFILLING:
        yield "bill closed", replace(world, closed=True)
    if world.refund is RefundResult.PROCESSING:
        yield "refund ends", refund_ended(world)
        yield "refund fails", replace(world, refund=RefundResult.FAILED)
    if world.journal.state is PayState.UNRESOLVED:
        yield from _operator(world)


def _operator(world: World) -> Iterator[tuple[str, World]]:
    """An operator who has asked the gateway decides what is true for good."""
    trade = world.trade(world.journal.out_trade_no)
    owed = world.journal.transaction_id != ""
    after: PayState | None = None
    if trade is Trade.REVOKED:
        after = PayState.REVERSED
    elif trade is Trade.REFUNDED:
        after = PayState.REFUNDED
    elif trade is Trade.SUCCESS and world.settled and not owed:
        after = PayState.PAID
    if after is not None:
        check(PayState.UNRESOLVED, after)
        yield "operator", replace(world, journal=replace(world.journal, state=after))
