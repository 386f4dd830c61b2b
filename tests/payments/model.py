"""A small world around the payment machine: a gateway, a department, a network, a citizen, power cuts.

Everything that may happen next from a world is a successor of it, so that all of them can be walked. The
gateway and the department keep docs/API.md; the network loses and delays whatever it likes, as often as
it likes; the terminal may stop at every moment. Time has no amount here: `due` comes when it comes, and
anything else may come first. Worlds are brought to one form, by which they are finitely many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.backends.contract import (
    Answer,
    BackendFailure,
    Booking,
    Cause,
    Channel,
    RefundResult,
    RefundState,
    Reply,
    Trade,
    TradeState,
)
from kiosk.payments.machine import BOOKED, LIVE, UNCHARGED, PayState, check
from kiosk.payments.means import GONE, refund_no
from kiosk.payments.order import Order, PaymentStatus, out_trade_no
from kiosk.payments.rules import is_over, step
from kiosk.payments.schedule import Asking, Schedule
from kiosk.payments.situation import (
    Answered,
    Ask,
    Bills,
    Command,
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

ORDER = Order("pension", "social-insurance", "B1", "T300", 30000, "养老保险", "tag")
NUMBER = "P261124-7KQ2M9XA"
CODE = "134567890123456789"
BOOKING = Booking("SI-1", datetime(2026, 11, 24, 9, 30), "https://example.org/v")

SHORT = Schedule(
    shown_for_s=2,
    shown_query_s=1,
    silent_s=3,
    close_retries_s=(1, 2),
    return_retries_s=(1,),
    book_retries_s=(1,),
    slow_s=(2, 3),
    resolve_for_s=4,
    gateway_s=1,
    booking_s=1,
    bills_s=1,
    asking={channel: Asking(1, 1) for channel in (*Channel, None)},
)
"""The real one in small: every list of waits has a first and a last, every window one query inside."""

MOST_TRIES = 3
"""More failures in a row than any rule of `SHORT` tells apart."""


class Violation(AssertionError):
    """A rule about money does not hold in some world."""


@dataclass(frozen=True)
class World:
    """All there is. `pending` is a command that was not carried out yet, or an event that was not told
    yet; `late` are requests still on their way; `returning` the trades whose reversal was asked for."""

    s: Situation
    journal: PaymentStatus
    pending: Command | Event | None = None
    on: bool = True
    trades: frozenset[tuple[str, Trade]] = frozenset()
    refund: RefundResult | None = None
    settled: bool = False
    booked: str = ""
    closed: bool = False
    late: frozenset[tuple[Question, str, str]] = frozenset()
    returning: frozenset[str] = frozenset()
    wishes: int = 0

    def trade(self, number: str) -> Trade | None:
        return dict(self.trades).get(number)

    def with_trade(self, number: str, state: Trade) -> World:
        return replace(self, trades=frozenset((dict(self.trades) | {number: state}).items()))


def beginning() -> World:
    """An order is on the disk, and its citizen stands here."""
    status = PaymentStatus(NUMBER, out_trade_no(NUMBER, 1), 1, PayState.CREATED)
    return World(Situation(ORDER, status, due=SHORT.silent_s), status)


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
        refused = Answered(0, _refusal("bill.locked"))
        yield "refused", canonical(replace(world, pending=refused))
    if done.trade(status.out_trade_no) is Trade.USER_PAYING and not world.trades:
        for state in (Trade.SUCCESS, Trade.FAILED):
            ended = done.with_trade(status.out_trade_no, state)
            _, word = _answer(ended, status.out_trade_no)
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


# --- the gateway and the department ----------------------------------------------------------------------


def carried_out(
    world: World, question: Question, number: str, transaction_id: str
) -> tuple[World, Reply[object]]:
    """A request arrives: the world after it, and the answer."""
    return _SERVED[question](world, number, transaction_id)


def _answer(world: World, number: str) -> tuple[World, Reply[object]]:
    state = world.trade(number)
    if state is None:
        return world, _refusal("order.not_found")
    transaction = f"T-{number}" if state in (Trade.SUCCESS, Trade.REFUNDED) else ""
    url = "https://pay.example.org/1" if state is Trade.NOT_PAID else ""
    amount = ORDER.amount_fen
    return world, Answer(TradeState(number, state, amount, None, transaction, url), "d")


def _refusal(code: str) -> BackendFailure:
    return BackendFailure("x", Cause.REFUSED, code)


def _open(world: World, number: str, state: Trade) -> tuple[World, Reply[object]]:
    """A new trade, unless the bill has a live or paid one, or its number is closed."""
    mine = world.trade(number)
    if mine in (Trade.CLOSED, Trade.REVOKED):
        return world, _refusal("order.closed")
    if mine is not None:
        return _answer(world, number)
    alive = (Trade.NOT_PAID, Trade.USER_PAYING, Trade.SUCCESS)
    if any(other in alive for _, other in world.trades):
        return world, _refusal("bill.locked")
    return _answer(world.with_trade(number, state), number)


def _show(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return _open(world, number, Trade.NOT_PAID)


def _submit(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return _open(world, number, Trade.USER_PAYING)


def _query(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return _answer(world, number)


def _close(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.trade(number) in (None, Trade.NOT_PAID, Trade.USER_PAYING):
        world = world.with_trade(number, Trade.CLOSED)
    return _answer(world, number)


def _reverse(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    state = world.trade(number)
    world = replace(world, returning=world.returning | {number})
    if state is Trade.SUCCESS and (world.settled or world.refund is RefundResult.PROCESSING):
        return world, _refusal("reversal.too_late")
    if state is not Trade.REFUNDED:
        if world.booked == number:
            raise Violation("a booked trade was reversed")
        world = world.with_trade(number, Trade.REVOKED)
    return _answer(world, number)


def _refund(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.refund is None:
        if world.trade(number) is not Trade.SUCCESS:
            return world, _refusal("order.not_paid")
        if world.booked == number:
            raise Violation("a booked trade was refunded")
        world = replace(world, refund=RefundResult.PROCESSING)
    return _query_refund(world, number, "")


def _query_refund(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.refund is None:
        return world, _refusal("refund.not_found")
    state = RefundState(refund_no(number), number, world.refund, ORDER.amount_fen)
    return world, Answer(state, "d")


def refund_ended(world: World) -> World:
    """The money is back."""
    (number,) = [n for n, state in world.trades if state is Trade.SUCCESS]
    return replace(world.with_trade(number, Trade.REFUNDED), refund=RefundResult.SUCCESS)


def _bills(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if not world.settled:
        return world, _refusal("bill.not_ready")
    amount, state = ORDER.amount_fen, world.trade(number)
    match state:
        case Trade.SUCCESS:
            return world, Answer(Bills(amount, 0, 0, f"T-{number}"), "d")
        case Trade.REFUNDED:
            return world, Answer(Bills(amount, 0, amount, f"T-{number}"), "d")
        case _:
            return world, Answer(Bills(), "d")


def _book(world: World, number: str, transaction_id: str) -> tuple[World, Reply[object]]:
    if world.booked:
        return world, Answer(BOOKING, "d") if world.booked == number else _refusal("bill.paid")
    if world.closed:
        return world, _refusal("bill.closed")
    held = world.trade(number) is Trade.SUCCESS and world.refund is not RefundResult.PROCESSING
    if not held or transaction_id != f"T-{number}":
        return world, _refusal("trade.unpaid")
    return replace(world, booked=number), Answer(BOOKING, "d")


_Served = Callable[[World, str, str], tuple[World, Reply[object]]]
_SERVED: Mapping[Question, _Served] = {
    Question.SHOW: _show,
    Question.SUBMIT: _submit,
    Question.QUERY: _query,
    Question.CLOSE: _close,
    Question.REVERSE: _reverse,
    Question.BOOK: _book,
    Question.REFUND: _refund,
    Question.QUERY_REFUND: _query_refund,
    Question.BILLS: _bills,
}


# --- what must hold ------------------------------------------------------------------------------------


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
