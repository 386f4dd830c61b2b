"""Draws the machine: `python -m kiosk.payments.diagram` writes docs/PAYMENTS.md from the tables and waits.

A test compares the page with what is written here, and the reasons with the table of transitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kiosk.payments.machine import LIVE, RESUME, TRANSITIONS, PayState
from kiosk.payments.schedule import Schedule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "PAYMENTS.md"

S = PayState

MEANING: Mapping[PayState, str] = {
    S.CREATED: "written down, nothing has left the terminal",
    S.QR_SHOWN: "a code is on the screen, payable",
    S.SUBMITTED: "the citizen's code was sent, once",
    S.UNKNOWN: "no clear answer: it may have been charged",
    S.CLOSING: "being made unpayable",
    S.REVERSING: "being undone, whatever became of it",
    S.PAID: "the money was taken",
    S.FULFILLING: "the department is asked to book it, with one key",
    S.REFUNDING: "cannot be booked: being given back",
    S.UNRESOLVED: "where the money is is not known: the bill stays locked here",
    S.FULFILLED: "booked: the voucher may be given",
    S.PRINTED: "booked, and the slip came out",
    S.REFUNDED: "given back",
    S.FAILED: "refused, nothing was charged",
    S.CLOSED: "unpayable, nothing was charged",
    S.REVERSED: "undone: the citizen has the money",
}

WHY: Mapping[tuple[PayState, PayState], str] = {
    (S.CREATED, S.QR_SHOWN): "the gateway gave a code",
    (S.CREATED, S.SUBMITTED): "the citizen's code was scanned",
    (S.CREATED, S.FAILED): "the order or the code is refused for certain",
    (S.CREATED, S.CLOSING): "no code came; the citizen left or chose nothing; a start",
    (S.QR_SHOWN, S.PAID): "a query says paid",
    (S.QR_SHOWN, S.CLOSING): "time over; left; the other way wanted; a start",
    (S.SUBMITTED, S.PAID): "the answer says paid",
    (S.SUBMITTED, S.FAILED): "the answer says not charged, for certain",
    (S.SUBMITTED, S.UNKNOWN): "any other answer, or none; a start",
    (S.UNKNOWN, S.PAID): "a query says paid",
    (S.UNKNOWN, S.FAILED): "a query says not charged, for good",
    (S.UNKNOWN, S.REVERSING): "the window is over, and so said the last query",
    (S.REVERSING, S.REVERSED): "the gateway confirms",
    (S.REVERSING, S.PAID): "too late to be reversed, and a query says paid",
    (S.REVERSING, S.UNRESOLVED): "no clear answer to any try",
    (S.CLOSING, S.CLOSED): "the gateway confirms",
    (S.CLOSING, S.PAID): "it was paid first",
    (S.PAID, S.FULFILLING): "at once",
    (S.FULFILLING, S.FULFILLED): "the department confirms",
    (S.FULFILLING, S.REFUNDING): "refused for certain, or no try reached it",
    (S.REFUNDING, S.REFUNDED): "the gateway confirms",
    (S.REFUNDING, S.UNRESOLVED): "it failed, was refused, or nobody answers",
    (S.UNRESOLVED, S.REVERSED): "the gateway, its bill, or an operator says so",
    (S.UNRESOLVED, S.REFUNDED): "the gateway, its bill, or an operator says so",
    (S.UNRESOLVED, S.PAID): "too late to be reversed; the bill says net paid; an operator",
    (S.FULFILLED, S.PRINTED): "the slip came out",
    (S.FAILED, S.CREATED): "another attempt, with a number of its own",
    (S.CLOSED, S.CREATED): "another attempt, with a number of its own",
    (S.REVERSED, S.CREATED): "another attempt, with a number of its own",
}

HEAD = """# Payments: the machine

`python -m kiosk.payments.diagram` makes this page from the code; a test compares them. What is drawn
here is pure (`kiosk/payments/rules.py`): states, events and deadlines go in, commands come out. The desk
carries them out, each payment as a task of its own. A step stands in the journal before the bytes that
follow from it leave the terminal.
"""

DECISIONS = """## What was decided, and why

- **No refund on doubt.** A booking of which the answer was lost may stand in the department's books.
  Money goes back only after the department's clear refusal under the same Idempotency-Key, or after
  four tries that provably never reached it. Otherwise it is asked again with the same key: after 5, 15,
  30 s, then after 1, 5, 15, 60 min, then hourly, without an end: the department's word will come. After
  a start there is doubt until there is such a word.
- **`trade.unpaid` is tried again** before it counts: the department may not have heard of the payment.
- **Once a reversal was asked for, a bare "paid" is no end.** The reversal may be under way and would take
  back what was booked. PAID follows only when the gateway refuses with `reversal.too_late` and then says
  paid, or when the statements of all days on which it was asked for say paid and not returned.
- **After 24 h the resolver stops asking for reversals** until those statements are there, so that what
  they say is final. Statements that know nothing of the attempt are no proof by themselves (this
  terminal's clock may have been wrong): it is reversed once more, or the gateway has never heard of it.
- **What was paid and is owed back is never booked any more**, by the resolver or by an operator: a
  refund that was asked for may still arrive. The same refund is asked for until the money is back.
- **Nothing is booked without the gateway's number of the payment.** Where an operator decided PAID, it is
  asked for first.
- **An operator's step is looked for before each of the resolver's**, and wins where both write.
- **A payment code held up after the first was sent is never charged.** The citizen may choose again once
  the attempt came to nothing.
- **An answer of another order, another amount, or "paid" without a number is no answer.**
- **Retry-After is kept**, up to an hour; the end of a query window does not move for it.
- **Unanswered after 10 s (a booking: 20 s) is no answer**; what comes later is found by asking.
"""


def page() -> str:
    """docs/PAYMENTS.md."""
    return "\n".join((HEAD, *_diagram(), "", *_table(), "", *_waits(), "", DECISIONS))


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {S.CREATED}"
    for before, after in _transitions():
        yield f"    {before} --> {after}: {WHY[before, after].replace(';', ',')}"
    for state in S:
        if not TRANSITIONS[state]:
            yield f"    {state} --> [*]"
    yield "```"


def _table() -> Iterator[str]:
    yield "## States"
    yield ""
    yield "| state | means | after a start | followed by | when |"
    yield "| --- | --- | --- | --- | --- |"
    for state in S:
        means = f"{state.upper()} | {MEANING[state]}"
        resumes = RESUME.get(state, state).upper() if state in LIVE else "over"
        followers = [after for before, after in _transitions() if before is state]
        if not followers:
            yield f"| {means} | {resumes} | - | - |"
        for after in followers:
            yield f"| {means} | {resumes} | {after.upper()} | {WHY[state, after]} |"
            means, resumes = " | ", ""


def _waits() -> Iterator[str]:
    schedule = Schedule()
    yield "## Waits, in seconds"
    yield ""
    yield "| state | waits |"
    yield "| --- | --- |"
    shown = f"for {_s(schedule.shown_for_s)}, asked after every {_s(schedule.shown_query_s)}"
    yield f"| QR_SHOWN | {shown} |"
    for channel, asking in schedule.asking.items():
        name = channel.value if channel else "not known"
        yield f"| UNKNOWN, {name} | every {_s(asking.every_s)} to {_s(asking.for_s)}, then once more |"
    yield f"| CLOSING | tried again after {_each(schedule.close_retries_s)}, then every last |"
    yield f"| REVERSING, REFUNDING | tried again after {_each(schedule.return_retries_s)} |"
    again = _each((*schedule.book_retries_s, *schedule.slow_s))
    yield f"| FULFILLING | {_s(schedule.booking_s)} a try, again after {again}, then every last |"
    end = _s(schedule.resolve_for_s)
    yield f"| UNRESOLVED | after {_each(schedule.slow_s)}, then every last; from {end} on with the bills |"
    yield f"| CREATED | {_s(schedule.silent_s)} for the citizen to choose |"


def _transitions() -> Iterator[tuple[PayState, PayState]]:
    """In the order of the states, so that the page is always the same."""
    for before in S:
        for after in S:
            if after in TRANSITIONS[before]:
                yield before, after


def _s(seconds: float) -> str:
    return f"{seconds:g}"


def _each(pauses: tuple[float, ...]) -> str:
    return ", ".join(map(_s, pauses))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
