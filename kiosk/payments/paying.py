"""The rules until it is known whether the money moved: a code shown, a code charged, an attempt undone.

Each function is told a situation in its own state and gives the next one, with commands.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.gateway import Trade, TradeState
from kiosk.payments.machine import PayState
from kiosk.payments.means import DEFINITE, GONE, digest_of
from kiosk.payments.moves import ask, begin_next, failed, nth, paid, pause, wait, write
from kiosk.payments.order import channel_of
from kiosk.payments.schedule import Schedule
from kiosk.payments.situation import TIMED_OUT, Question, Situation, Step

# --- CREATED, and an attempt that came to nothing ------------------------------------------------------


def chosen(s: Situation, now: float, schedule: Schedule) -> Step:
    """CREATED: what the citizen wants; closed when they leave or say nothing for long."""
    if s.withdrawn:
        return write(s, PayState.CLOSING, "citizen.left")
    wish = s.wish
    if wish is None:
        return wait(s, now + schedule.silent_s)
    serving = replace(s, serving=wish.number)
    if wish.auth_code:
        channel = channel_of(wish.auth_code)
        if channel is None:
            return write(serving, PayState.FAILED, "code.unknown", reason="auth_code.invalid")
        return write(serving, PayState.SUBMITTED, "code.scanned", channel=channel)
    return ask(serving, now, schedule, Question.SHOW)


def silent(s: Situation, now: float, schedule: Schedule) -> Step:
    """CREATED: nobody chose a way to pay."""
    return write(s, PayState.CLOSING, "citizen.silent")


def shown(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """CREATED: what came of the wish for a code."""
    match reply:
        case Answer(value=TradeState(state=Trade.NOT_PAID, code_url=url)) if url:
            return write(s, PayState.QR_SHOWN, "code.shown", digest_of(reply), code_url=url)
        case BackendFailure(cause=Cause.REFUSED, code=code) if code in DEFINITE:
            return write(s, PayState.FAILED, code, reason=code)
        case BackendFailure(code=code):
            return write(s, PayState.CLOSING, f"show.{code}", reason="unreachable")
        case _:
            return write(s, PayState.CLOSING, "show.no_code", reason="unreachable")


def again(s: Situation, now: float, schedule: Schedule) -> Step:
    """FAILED, CLOSED, REVERSED: another attempt where the citizen wants one."""
    if s.withdrawn or s.wish is None:
        return wait(s, None)
    return begin_next(s)


# --- QR_SHOWN ------------------------------------------------------------------------------------------


def show(s: Situation, now: float, schedule: Schedule) -> Step:
    """QR_SHOWN: the countdown begins."""
    return watch(replace(s, until=now + schedule.shown_for_s), now, schedule)


def watch(s: Situation, now: float, schedule: Schedule) -> Step:
    """QR_SHOWN: ask again in a while, unless its time is over or something else is wanted."""
    if s.withdrawn or s.wish is not None:
        return write(s, PayState.CLOSING, "citizen.changed_mind")
    if now >= s.until:
        return write(s, PayState.CLOSING, "code.expired")
    return wait(s, min(now + schedule.shown_query_s, s.until))


def ask_shown(s: Situation, now: float, schedule: Schedule) -> Step:
    """QR_SHOWN: it is time to ask."""
    if now >= s.until:
        return watch(s, now, schedule)
    return ask(s, now, schedule, Question.QUERY)


def shown_asked(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """QR_SHOWN: what the gateway says of it."""
    match reply:
        case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
            return paid(s, trade, "query", reply)
        case Answer(value=TradeState(state=state)) if state in GONE:
            return write(s, PayState.CLOSING, "code.expired_there", digest_of(reply))
    waiting, commands = watch(s, now, schedule)
    if isinstance(reply, BackendFailure) and not commands:
        waiting, _ = pause(s, now, schedule.shown_query_s, reply)
        return wait(s, min(waiting.due or 0.0, s.until))
    return waiting, commands


# --- CLOSING -------------------------------------------------------------------------------------------


def close(s: Situation, now: float, schedule: Schedule) -> Step:
    """CLOSING: have it made unpayable."""
    return ask(s, now, schedule, Question.CLOSE)


def closed(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """CLOSING: paid first, unpayable now, or asked again; a citizen's wish waits for one answer only."""
    match reply:
        case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
            return paid(s, trade, "close", reply)
        case Answer(value=TradeState(state=state)) if state in GONE:
            return write(s, PayState.CLOSED, "close.confirmed", digest_of(reply))
    failure = reply if isinstance(reply, BackendFailure) else None
    tried = replace(s, tries=s.tries + 1, wish=None)
    return pause(tried, now, nth(schedule.close_retries_s, s.tries), failure)


# --- SUBMITTED -----------------------------------------------------------------------------------------


def submit(s: Situation, now: float, schedule: Schedule) -> Step:
    """SUBMITTED, and it is on the disk: the citizen's code leaves, this once."""
    if s.wish is None:
        return write(s, PayState.UNKNOWN, "submit.nothing_to_send")
    return ask(s, now, schedule, Question.SUBMIT, s.wish.auth_code)


def submitted(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """SUBMITTED: paid, refused, or not known."""
    match reply:
        case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
            return paid(s, trade, "submit", reply)
        case Answer(value=TradeState(state=state) as trade) if state in GONE:
            return failed(s, trade, "submit", reply)
        case BackendFailure(cause=Cause.REFUSED, code=code) if code in DEFINITE:
            return write(s, PayState.FAILED, code, reason=code)
        case BackendFailure(code=code):
            return write(s, PayState.UNKNOWN, f"submit.{code}")
        case _:
            return write(s, PayState.UNKNOWN, "submit.pending", digest_of(reply))


# --- UNKNOWN -------------------------------------------------------------------------------------------


def find_out(s: Situation, now: float, schedule: Schedule) -> Step:
    """UNKNOWN: the channel's window begins."""
    window = schedule.asking[s.status.channel].for_s
    return ask_unknown(replace(s, until=now + window, last=False), now, schedule)


def ask_unknown(s: Situation, now: float, schedule: Schedule) -> Step:
    """UNKNOWN: it is time to ask, for the last time where the window is over."""
    return ask(replace(s, last=now >= s.until), now, schedule, Question.QUERY)


def unknown_asked(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """UNKNOWN: paid, not paid, or asked again; after the last query it is reversed at once."""
    match reply:
        case Answer(value=TradeState(state=Trade.SUCCESS) as trade):
            return paid(s, trade, "query", reply)
        case Answer(value=TradeState(state=state) as trade) if state in GONE:
            return failed(s, trade, "query", reply)
    if s.last:
        return write(s, PayState.REVERSING, "window.over")
    failure = reply if isinstance(reply, BackendFailure) else None
    waiting, commands = pause(s, now, schedule.asking[s.status.channel].every_s, failure)
    return replace(waiting, due=min(waiting.due or 0.0, s.until)), commands


# --- REVERSING -----------------------------------------------------------------------------------------


def reverse(s: Situation, now: float, schedule: Schedule) -> Step:
    """REVERSING: have it undone."""
    return ask(s, now, schedule, Question.REVERSE)


def reversal(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step:
    """REVERSING: undone; too late, then it counts as paid once the gateway says so; or again.

    A bare "paid" is no end here: the reversal may be under way, and would take back what was booked.
    """
    if (ended := undone(s, now, schedule, reply)) is not None:
        return ended
    failure = reply if isinstance(reply, BackendFailure) else None
    if s.tries < len(schedule.return_retries_s):
        tried = replace(s, tries=s.tries + 1)
        return pause(tried, now, schedule.return_retries_s[s.tries], failure)
    return write(s, PayState.UNRESOLVED, "reversal.unanswered", reason=code_of(reply))


def undone(s: Situation, now: float, schedule: Schedule, reply: Reply[TradeState]) -> Step | None:
    """What follows from a word on a reversal that says something, of REVERSE or of the QUERY after it."""
    match reply:
        case Answer(value=TradeState(state=state)) if state in GONE:
            return write(s, PayState.REVERSED, "reversal.confirmed", digest_of(reply), reason="")
        case Answer(value=TradeState(state=Trade.SUCCESS) as trade) if s.last:
            return paid(s, trade, "reversal.too_late", reply)
        case BackendFailure(cause=Cause.REFUSED, code="reversal.too_late"):
            return ask(replace(s, last=True), now, schedule, Question.QUERY)
    return None


def code_of(reply: Reply[object]) -> str:
    """The failure's code, or that there was an answer which says nothing."""
    if isinstance(reply, BackendFailure):
        return TIMED_OUT if reply.cause is Cause.NO_ANSWER else reply.code
    return "undecided"
