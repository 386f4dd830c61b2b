"""The rules once money moved or may have: booked by the department, given back, or asked after for days.

A booking of which the answer was lost may have been made. Money is given back only after the
department's clear word under the same key that it has not, or after tries that provably never reached
it; until then it is asked again, at last hourly.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.backends.contract import Answer, BackendFailure, Booking, Cause, Reply
from kiosk.backends.gateway import RefundResult, RefundState, Trade, TradeState
from kiosk.payments.machine import PayState
from kiosk.payments.means import GONE, NEVER_BOOKED, NOT_BOOKED, digest_of
from kiosk.payments.moves import ask, nth, pause, reread, write
from kiosk.payments.paying import code_of, undone
from kiosk.payments.schedule import Schedule
from kiosk.payments.situation import Bills, Question, Situation, Step

# --- PAID, FULFILLING ----------------------------------------------------------------------------------


def begin_booking(s: Situation, now: float, schedule: Schedule) -> Step:
    """PAID: on to the department, with the payment's number; an operator may not have known it."""
    if s.status.transaction_id:
        return write(s, PayState.FULFILLING, "booking.begun")
    return ask(s, now, schedule, Question.QUERY)


def number_asked(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """PAID, by an operator's word: the number, or asked again. Where the gateway says for good that it
    has no money, the department will not book it, and the payment ends with the citizen."""
    match reply:
        case Answer(value=TradeState(state=state, transaction_id=number)) if (
            state is Trade.SUCCESS or state in GONE
        ):
            digest = digest_of(reply)
            return write(s, PayState.FULFILLING, "booking.begun", digest, transaction_id=number)
    failure = reply if isinstance(reply, BackendFailure) else None
    tried = replace(s, tries=s.tries + 1)
    pauses = (*schedule.book_retries_s, *schedule.slow_s)
    return pause(tried, now, nth(pauses, s.tries), failure)


def book(s: Situation, now: float, schedule: Schedule) -> Step:
    """FULFILLING: have it booked, with the same key each time."""
    return ask(s, now, schedule, Question.BOOK)


def booked(s: Situation, now: float, schedule: Schedule, reply: Reply[Booking]) -> Step:
    """FULFILLING: booked; to be given back; or asked again."""
    if isinstance(reply, Answer):
        return write(
            s, PayState.FULFILLED, "booking.confirmed", digest_of(reply),
            booking=reply.value, reason="",
        )  # fmt: skip
    refused = reply.cause is Cause.REFUSED
    doubt = reply.maybe_done or (s.doubt and not (refused and reply.code in NOT_BOOKED))
    told = replace(s.status, reason=reply.code)
    tried = replace(s, status=told, doubt=doubt, tries=s.tries + 1)
    over = s.tries >= len(schedule.book_retries_s)
    if not doubt and (over or (refused and reply.code in NEVER_BOOKED)):
        return write(tried, PayState.REFUNDING, f"booking.{reply.code}", reason=reply.code)
    pauses = (*schedule.book_retries_s, *schedule.slow_s)
    return pause(tried, now, nth(pauses, s.tries), reply)


# --- REFUNDING -----------------------------------------------------------------------------------------


def refund(s: Situation, now: float, schedule: Schedule) -> Step:
    """REFUNDING: have it given back; the same number asks after the same refund."""
    return ask(s, now, schedule, Question.QUERY_REFUND if s.polls else Question.REFUND)


def refunded(s: Situation, now: float, schedule: Schedule, reply: Reply[RefundState]) -> Step:
    """REFUNDING: back; under way, then asked after for as long as the resolver would; refused; or again."""
    match reply:
        case Answer(value=RefundState(state=RefundResult.SUCCESS)):
            return write(s, PayState.REFUNDED, "refund.confirmed", digest_of(reply))
        case Answer(value=RefundState(state=RefundResult.FAILED, reason=reason)):
            digest = digest_of(reply)
            return write(s, PayState.UNRESOLVED, "refund.failed", digest, reason=reason)
        case Answer(value=RefundState(state=RefundResult.PROCESSING)):
            pauses = (*schedule.return_retries_s, *schedule.slow_s)
            if sum(nth(pauses, n) for n in range(s.polls)) >= schedule.resolve_for_s:
                return write(s, PayState.UNRESOLVED, "refund.slow", reason="refund.slow")
            polled = replace(s, polls=s.polls + 1, tries=0)
            return pause(polled, now, nth(pauses, s.polls), None)
    failure = reply if isinstance(reply, BackendFailure) else None
    final = failure is not None and failure.cause is Cause.REFUSED and not s.polls
    if s.tries < len(schedule.return_retries_s) and not final:
        tried = replace(s, tries=s.tries + 1, polls=0)
        return pause(tried, now, schedule.return_retries_s[s.tries], failure)
    return write(s, PayState.UNRESOLVED, f"refund.{code_of(reply)}", reason=code_of(reply))


# --- UNRESOLVED: the resolver --------------------------------------------------------------------------


def unresolved(s: Situation, now: float, schedule: Schedule) -> Step:
    """UNRESOLVED: the resolver's first pause; after a start it asks soon."""
    return pause(replace(s, since=now), now, schedule.slow_s[0], None)


def look(s: Situation, now: float, schedule: Schedule) -> Step:
    """UNRESOLVED: it is time to ask; an operator may have decided meanwhile."""
    return reread(s)


def resolve(s: Situation, now: float, schedule: Schedule) -> Step:
    """UNRESOLVED, nobody decided: ask for what is owed; after 24 h the gateway's statements come first."""
    if now - s.since >= schedule.resolve_for_s:
        return ask(s, now, schedule, Question.BILLS)
    return ask(s, now, schedule, _owed(s))


def _owed(s: Situation) -> Question:
    """What was paid is refunded, anything else reversed."""
    return Question.REFUND if s.status.transaction_id else Question.REVERSE


def reversal_resolved(
    s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]
) -> Step:
    """UNRESOLVED: what came of another reversal."""
    return undone(s, now, schedule, reply) or _later(s, now, schedule, reply)


def refund_resolved(
    s: Situation, now: float, schedule: Schedule, reply: Reply[RefundState]
) -> Step:
    """UNRESOLVED: what came of asking for the refund again; where it is refused, the trade is looked at."""
    match reply:
        case Answer(value=RefundState(state=RefundResult.SUCCESS)):
            return write(s, PayState.REFUNDED, "refund.confirmed", digest_of(reply), reason="")
        case BackendFailure(cause=Cause.REFUSED):
            return ask(s, now, schedule, Question.QUERY)
    return _later(s, now, schedule, reply)


def bills_read(s: Situation, now: float, schedule: Schedule, reply: Reply[Bills]) -> Step:
    """UNRESOLVED: the statements of the days; what they say is held against the gateway's own word."""
    if isinstance(reply, Answer):
        return ask(replace(s, bills=reply.value), now, schedule, Question.QUERY)
    if s.status.transaction_id:
        return ask(s, now, schedule, Question.REFUND)
    return _later(s, now, schedule, reply)


def trade_resolved(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """UNRESOLVED: the gateway's word on the trade, beside its statements where they were read."""
    owed = bool(s.status.transaction_id)
    match reply:
        case Answer(value=TradeState(state=Trade.REFUNDED)) if owed:
            return write(s, PayState.REFUNDED, "trade.refunded", digest_of(reply), reason="")
    gone = isinstance(reply, Answer) and reply.value.state in GONE
    if (gone or not owed) and (ended := undone(s, now, schedule, reply)) is not None:
        return ended
    if s.bills is not None:
        return _by_bills(replace(s, bills=None), s.bills, now, schedule, reply)
    return _later(s, now, schedule, reply)


def _by_bills(
    s: Situation, bills: Bills, now: float, schedule: Schedule, reply: Reply[TradeState]
) -> Step:
    """Money that went back is back; money that is still there is paid, unless it is owed; money that
    never came is asked to be reversed once more."""
    amount, owed = s.order.amount_fen, bool(s.status.transaction_id)
    if bills.refunded_fen == amount == bills.paid_fen:
        back = PayState.REFUNDED if owed else PayState.REVERSED
        return write(s, back, "bill.refunded", reason="")
    if bills.reversed_fen == amount == bills.paid_fen:
        return write(s, PayState.REVERSED, "bill.reversed", reason="")
    stays = bills.paid_fen == amount and not (bills.refunded_fen or bills.reversed_fen)
    if stays and not owed:
        number = bills.transaction_id
        return write(s, PayState.PAID, "bill.paid", transaction_id=number, reason="")
    nothing = bills == Bills()
    unheard = isinstance(reply, BackendFailure) and reply.code == "order.not_found"
    if nothing and unheard and not owed:
        return write(s, PayState.REVERSED, "bill.nothing", reason="")
    if nothing or owed:
        return ask(s, now, schedule, _owed(s))
    return _later(s, now, schedule, reply)


def _later(s: Situation, now: float, schedule: Schedule, reply: Reply[object]) -> Step:
    """Ask again by the resolver's schedule."""
    failure = reply if isinstance(reply, BackendFailure) else None
    tried = replace(s, tries=s.tries + 1)
    return pause(tried, now, nth(schedule.slow_s[1:], s.tries), failure)
