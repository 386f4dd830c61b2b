"""The machine: a situation and an event in, the next situation and commands out (PAYMENTS.md).

No clock, no I/O, no task. What leaves the terminal is asked for only when the step that it belongs to
has been written: a rule that changes the state gives nothing but a `Write`, and the rules of the new
state are entered when `Written` comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, assert_never

from kiosk.backends.contract import BackendFailure, Cause
from kiosk.payments import afterwards, paying
from kiosk.payments.machine import BOOKED, RESUME, UNCHARGED, PayState
from kiosk.payments.means import believed
from kiosk.payments.moves import wait, write
from kiosk.payments.order import PaymentStatus
from kiosk.payments.schedule import Schedule
from kiosk.payments.situation import (
    TIMED_OUT,
    Answered,
    Elapsed,
    Event,
    Found,
    Left,
    Question,
    Resumed,
    Situation,
    SlipPrinted,
    Step,
    Wished,
    Written,
)

Rule = Callable[[Situation, float, Schedule], Step]
Heard = Callable[[Situation, float, Schedule, Any], Step]


def _stay(s: Situation, now: float, schedule: Schedule) -> Step:
    """Nothing to do here."""
    return wait(s, s.due)


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one state: what is done when it is entered, when `due` has come, when the citizen says
    something, and when an answer is there."""

    entered: Rule
    due: Rule = _stay
    stirred: Rule = _stay
    answers: Mapping[Question, Heard] = field(default_factory=dict)


RULES: Mapping[PayState, Rules] = MappingProxyType(
    {
        PayState.CREATED: Rules(
            paying.chosen, paying.silent, paying.chosen, {Question.SHOW: paying.shown}
        ),
        PayState.QR_SHOWN: Rules(
            paying.show, paying.ask_shown, paying.watch, {Question.QUERY: paying.shown_asked}
        ),
        PayState.CLOSING: Rules(
            paying.close, paying.close, answers={Question.CLOSE: paying.closed}
        ),
        PayState.SUBMITTED: Rules(paying.submit, answers={Question.SUBMIT: paying.submitted}),
        PayState.UNKNOWN: Rules(
            paying.find_out, paying.ask_unknown, answers={Question.QUERY: paying.unknown_asked}
        ),
        PayState.REVERSING: Rules(
            paying.reverse,
            paying.reverse,
            answers={Question.REVERSE: paying.reversal, Question.QUERY: paying.reversal},
        ),
        PayState.PAID: Rules(
            afterwards.begin_booking,
            afterwards.begin_booking,
            answers={Question.QUERY: afterwards.number_asked},
        ),
        PayState.FULFILLING: Rules(
            afterwards.book, afterwards.book, answers={Question.BOOK: afterwards.booked}
        ),
        PayState.REFUNDING: Rules(
            afterwards.refund,
            afterwards.refund,
            answers={
                Question.REFUND: afterwards.refunded,
                Question.QUERY_REFUND: afterwards.refunded,
            },
        ),
        PayState.UNRESOLVED: Rules(
            afterwards.unresolved,
            afterwards.look,
            answers={
                Question.REVERSE: afterwards.reversal_resolved,
                Question.REFUND: afterwards.refund_resolved,
                Question.BILLS: afterwards.bills_read,
                Question.QUERY: afterwards.trade_resolved,
            },
        ),
        PayState.FAILED: Rules(paying.again, stirred=paying.again),
        PayState.CLOSED: Rules(paying.again, stirred=paying.again),
        PayState.REVERSED: Rules(paying.again, stirred=paying.again),
        PayState.FULFILLED: Rules(_stay),
        PayState.PRINTED: Rules(_stay),
        PayState.REFUNDED: Rules(_stay),
    }
)

CHOOSING = frozenset({PayState.CREATED, PayState.QR_SHOWN, PayState.CLOSING}) | UNCHARGED
"""Where the citizen may choose how to pay. A code held up in any other state is never charged."""


def step(s: Situation, event: Event, now: float, schedule: Schedule) -> Step:
    """What follows from `event` at `now`; what does not concern the situation changes nothing."""
    match event:
        case Resumed(age_s=age_s):
            return _resumed(s, age_s, now, schedule)
        case Wished(wish=wish):
            if s.state not in CHOOSING or s.withdrawn or _sending(s):
                return s, ()
            return _stir(replace(s, wish=wish), now, schedule)
        case Left():
            gone = replace(s, withdrawn=True, wish=s.wish if _sending(s) else None)
            return _stir(gone, now, schedule)
        case Written():
            return (s, ()) if s.writing is None else _enter(s, s.writing, now, schedule)
        case Found(status=status):
            return _found(s, status, now, schedule)
        case Answered(number=number, reply=reply):
            if s.asking is None or number != s.number:
                return s, ()
            return _heard(s, reply, now, schedule)
        case Elapsed():
            return _elapsed(s, now, schedule)
        case SlipPrinted():
            if s.state is PayState.FULFILLED and s.writing is None:
                return write(s, PayState.PRINTED, "slip.printed")
            return s, ()
        case _:
            assert_never(event)


def is_over(s: Situation) -> bool:
    """Nothing follows by itself any more."""
    if s.busy:
        return False
    final = s.state in BOOKED or s.state is PayState.REFUNDED
    return final or (s.state in UNCHARGED and s.withdrawn)


def _resumed(s: Situation, age_s: float, now: float, schedule: Schedule) -> Step:
    gone = replace(s, withdrawn=True, doubt=True)
    if (state := RESUME.get(s.state)) is not None:
        return write(gone, state, "terminal.restarted")
    if s.state is PayState.UNRESOLVED:
        return wait(replace(gone, since=now - max(age_s, 0.0)), now)
    return RULES[s.state].entered(gone, now, schedule)


def _stir(s: Situation, now: float, schedule: Schedule) -> Step:
    return (s, ()) if s.busy else RULES[s.state].stirred(s, now, schedule)


def _sending(s: Situation) -> bool:
    """The citizen's code is about to leave: that it was written down is true only if it is sent."""
    return s.writing is not None and s.writing.state is PayState.SUBMITTED


def _enter(s: Situation, status: PaymentStatus, now: float, schedule: Schedule) -> Step:
    """The record is like `status` now: what that state does first."""
    wish = s.wish
    served = wish is not None and wish.number == s.serving
    sent = status.state is PayState.SUBMITTED
    if not sent and (served or status.state not in CHOOSING):
        wish = None
    fresh = replace(
        s,
        status=status,
        wish=wish,
        writing=None,
        asking=None,
        rereading=False,
        due=None,
        tries=0,
        polls=0,
        last=False,
        doubt=False,
        bills=None,
    )
    return RULES[status.state].entered(fresh, now, schedule)


def _found(s: Situation, status: PaymentStatus, now: float, schedule: Schedule) -> Step:
    """What the journal holds. Another state than ours is an operator's decision: it is followed."""
    if s.writing is None and not s.rereading:
        return s, ()
    if status.state is not s.state:
        return _enter(s, status, now, schedule)
    if s.writing is not None:
        return s, ()
    return afterwards.resolve(replace(s, rereading=False), now, schedule)


def _heard(s: Situation, reply: Any, now: float, schedule: Schedule) -> Step:
    assert s.asking is not None
    rule = RULES[s.state].answers[s.asking]
    open_again = replace(s, asking=None, due=None)
    return rule(open_again, now, schedule, believed(reply, s.status.out_trade_no, s.order))


def _elapsed(s: Situation, now: float, schedule: Schedule) -> Step:
    if s.due is None or now < s.due:
        return s, ()
    if s.asking is not None:
        department = s.order.department if s.asking is Question.BOOK else "payment"
        lost = BackendFailure(department, Cause.NO_ANSWER, TIMED_OUT)
        return _heard(s, lost, now, schedule)
    return RULES[s.state].due(replace(s, due=None), now, schedule)
