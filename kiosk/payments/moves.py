"""The moves that the rules are made of: write a step, make a call, wait. Each gives a situation and the
commands that follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kiosk.backends.contract import BackendFailure, Reply
from kiosk.backends.gateway import Trade, TradeState
from kiosk.payments.machine import PayState
from kiosk.payments.means import digest_of, shortened
from kiosk.payments.order import PaymentStatus, out_trade_no
from kiosk.payments.schedule import LONGEST_WISH_S, Schedule
from kiosk.payments.situation import Ask, Question, Reread, Situation, Step, Write


def write(s: Situation, state: PayState, cause: str, digest: str = "", **facts: Any) -> Step:
    """Have the step to `state` written; nothing else happens before it is."""
    after = replace(s.status, **({"state": state, "code_url": ""} | facts))
    return _writing(s, after, cause, digest)


def begin_next(s: Situation) -> Step:
    """Have the next attempt of the order written, with a number of its own."""
    attempt = s.status.attempt + 1
    number = s.status.order_no
    after = PaymentStatus(number, out_trade_no(number, attempt), attempt, PayState.CREATED)
    return _writing(s, after, "attempt.begun", "")


def _writing(s: Situation, after: PaymentStatus, cause: str, digest: str) -> Step:
    command = Write(s.status.state, after, cause, digest)
    return replace(s, writing=after, due=None), (command,)


def ask(
    s: Situation, now: float, schedule: Schedule, question: Question, auth_code: str = ""
) -> Step:
    """Make a call; `due` is when it counts as not answered."""
    within = {
        Question.BOOK: schedule.booking_s,
        Question.BILLS: schedule.bills_s,
    }.get(question, schedule.gateway_s)
    number = s.number + 1
    asking = replace(s, asking=question, number=number, due=now + within)
    return asking, (Ask(question, number, auth_code),)


def reread(s: Situation) -> Step:
    """Look into the journal before anything else."""
    return replace(s, rereading=True, due=None), (Reread(),)


def wait(s: Situation, due: float | None) -> Step:
    """Nothing until `due`, unless somebody says something."""
    return replace(s, due=due), ()


def pause(s: Situation, now: float, seconds: float, failure: BackendFailure | None) -> Step:
    """Wait `seconds`, longer where the server wished so."""
    wished = shortened(failure, LONGEST_WISH_S).retry_after_s if failure else None
    return wait(s, now + max(seconds, wished or 0.0))


def nth(pauses: Sequence[float], n: int) -> float:
    """The n-th pause; the last one for ever after."""
    return pauses[min(n, len(pauses) - 1)]


def paid(s: Situation, trade: TradeState, cause: str, reply: Reply[object]) -> Step:
    """Have it written that the money was taken."""
    return write(
        s,
        PayState.PAID,
        f"{cause}.success",
        digest_of(reply),
        channel=trade.channel or s.status.channel,
        transaction_id=trade.transaction_id,
        reason="",
    )


def failed(s: Situation, trade: TradeState, cause: str, reply: Reply[object]) -> Step:
    """Have it written that no money was taken, by the gateway's final word."""
    word = "" if trade.state is Trade.FAILED else trade.state.value.lower()
    reason = trade.reason or word or "declined"
    return write(s, PayState.FAILED, f"{cause}.failed", digest_of(reply), reason=reason)
