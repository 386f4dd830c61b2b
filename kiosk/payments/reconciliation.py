"""Compares what the journal says of one day with the gateway's statement: every difference, to the fen.

Pure: attempts and statement in, differences out. The gateway's day is China's. A payment in the minutes
around midnight may be on one day here and on the other there: neighbours are no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from kiosk.journal.records import OrderRecord, Transition
from kiosk.payments.statement import CHINA, Movement, Statement
from kiosk.texts import Yuan

NEAR = timedelta(days=1)
"""How far the two calendars may lie apart: midnight between two clocks."""

NEAR_MIDNIGHT_MIN = 15
"""Further apart than a payment at the gateway and its record here: the longest asking is 60 s."""

MONEY_TAKEN = "paid"
MONEY_RETURNED = ("reversed", "refunded")
NOT_KNOWN = ("unknown", "reversing", "refunding", "unresolved")


class What(StrEnum):
    """What differs."""

    OURS_NOT_THEIRS = "ours_not_theirs"
    THEIRS_NOT_OURS = "theirs_not_ours"
    AMOUNT = "amount"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One out_trade_no of the journal: when money was taken and given back, by our clock, if it was."""

    order_no: str
    out_trade_no: str
    amount_fen: int
    state: str
    began: datetime
    took: datetime | None
    returned: datetime | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `ours` and `theirs` in words for a person, and in fen where that side has an
    amount; `line` of the file, 0 for none."""

    what: What
    order_no: str
    out_trade_no: str
    ours: str
    theirs: str
    line: int = 0
    ours_fen: int | None = None
    theirs_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison of one day. `elsewhere` counts the rows of other terminals."""

    day: date
    differences: tuple[Difference, ...]
    matched: int
    elsewhere: int


def attempts_of(record: OrderRecord, steps: Iterable[Transition]) -> Iterator[Attempt]:
    """The attempts of one order, from its steps."""
    for number, group in groupby(steps, key=lambda step: step.out_trade_no):
        way = list(group)
        times = {step.after.value: datetime.fromisoformat(step.at) for step in reversed(way)}
        yield Attempt(
            order_no=record.status.order_no,
            out_trade_no=number,
            amount_fen=record.order.amount_fen,
            state=way[-1].after.value,
            began=datetime.fromisoformat(way[0].at),
            took=times.get(MONEY_TAKEN),
            returned=next((times[name] for name in MONEY_RETURNED if name in times), None),
        )


def compare(
    attempts: Iterable[Attempt], statement: Statement, terminals: frozenset[str] = frozenset()
) -> Outcome:
    """Every difference between our `attempts` and the gateway's day.

    Rows that name another terminal than one of `terminals` are somebody else's, unless the number is
    ours; rows that name none may be ours.
    """
    ours = {attempt.out_trade_no: attempt for attempt in attempts}
    theirs: dict[str, list[Movement]] = defaultdict(list)
    elsewhere = 0
    for movement in statement.movements:
        foreign = movement.terminal and movement.terminal not in terminals
        if foreign and movement.out_trade_no not in ours:
            elsewhere += 1
        else:
            theirs[movement.out_trade_no].append(movement)
    found: list[Difference] = []
    matched = 0
    for number in sorted({*ours, *theirs}):
        attempt, movements = ours.get(number), theirs.get(number, [])
        differing = list(_differences(attempt, movements, statement.day))
        found += differing
        matched += bool(movements) and not differing
    return Outcome(statement.day, tuple(found), matched, elsewhere)


def _differences(
    attempt: Attempt | None, movements: list[Movement], day: date
) -> Iterator[Difference]:
    if attempt is None:
        for m in movements:
            yield Difference(
                What.THEIRS_NOT_OURS, "", m.out_trade_no, "not in the journal", _row(m), m.line,
                theirs_fen=m.amount_fen,
            )  # fmt: skip
        return
    payments = [m for m in movements if m.kind == "payment"]
    returns = [m for m in movements if m.kind != "payment"]
    for movement in movements:
        if movement.amount_fen != attempt.amount_fen:
            yield _differ(What.AMOUNT, attempt, str(Yuan(attempt.amount_fen)), movement)
    for again in (*payments[1:], *returns[1:]):
        yield _differ(What.STATE, attempt, f"{attempt.state}, once", again)
    yield from _payment(attempt, payments, returns, day)
    yield from _return(attempt, payments, returns, day)


def _payment(
    attempt: Attempt, payments: list[Movement], returns: list[Movement], day: date
) -> Iterator[Difference]:
    if not payments:
        if attempt.took is not None and _on(attempt.took, day):
            yield _lacking(attempt, "a payment", attempt.took)
        elif attempt.state in NOT_KNOWN and not returns and _on(attempt.began, day):
            ours = f"{attempt.state}: whether money moved is not known"
            yield _alone(What.STATE, attempt, ours, "no money moved")
        return
    taken = attempt.took is not None and _near(attempt.took, day)
    undone = attempt.returned is not None and (returns or not _on(attempt.returned, day))
    if not taken and not undone:
        yield _differ(What.STATE, attempt, _told(attempt), payments[0])


def _return(
    attempt: Attempt, payments: list[Movement], returns: list[Movement], day: date
) -> Iterator[Difference]:
    """A reversed order that never was charged has no row at all, and needs none."""
    if returns:
        if attempt.returned is None or not _near(attempt.returned, day):
            yield _differ(What.STATE, attempt, _told(attempt), returns[0])
    elif attempt.took is None:
        return
    elif attempt.returned is not None and _on(attempt.returned, day):
        yield _lacking(attempt, "a return", attempt.returned)
    elif attempt.state in NOT_KNOWN and payments:
        ours = f"{attempt.state}: whether the money went back is not known"
        yield _alone(What.STATE, attempt, ours, "no return")


def _told(attempt: Attempt) -> str:
    if attempt.returned is not None:
        return f"{attempt.state} on {attempt.returned.astimezone(CHINA).date()}"
    if attempt.took is not None:
        return f"{attempt.state}, taken on {attempt.took.astimezone(CHINA).date()}"
    return f"{attempt.state}: no money taken" if attempt.state not in NOT_KNOWN else attempt.state


def _differ(what: What, attempt: Attempt, ours: str, movement: Movement) -> Difference:
    return Difference(
        what, attempt.order_no, attempt.out_trade_no, ours, _row(movement), movement.line,
        attempt.amount_fen, movement.amount_fen,
    )  # fmt: skip


def _alone(what: What, attempt: Attempt, ours: str, theirs: str) -> Difference:
    return Difference(
        what, attempt.order_no, attempt.out_trade_no, ours, theirs, ours_fen=attempt.amount_fen
    )


def _lacking(attempt: Attempt, of: str, at: datetime) -> Difference:
    """Ours alone; around midnight the neighbouring day's file may have it."""
    local = at.astimezone(CHINA)
    theirs = f"no row for {of}"
    minutes = local.hour * 60 + local.minute
    if minutes < NEAR_MIDNIGHT_MIN:
        theirs += f" (perhaps in the statement of {local.date() - NEAR})"
    elif minutes >= 24 * 60 - NEAR_MIDNIGHT_MIN:
        theirs += f" (perhaps in the statement of {local.date() + NEAR})"
    ours = f"{attempt.state}: {of} of {Yuan(attempt.amount_fen)} at {local:%H:%M:%S}"
    return _alone(What.OURS_NOT_THEIRS, attempt, ours, theirs)


def _on(at: datetime, day: date) -> bool:
    return at.astimezone(CHINA).date() == day


def _near(at: datetime, day: date) -> bool:
    return abs(at.astimezone(CHINA).date() - day) <= NEAR


def _row(movement: Movement) -> str:
    return f"{movement.kind} of {Yuan(movement.amount_fen)} at {movement.time:%H:%M:%S}"
