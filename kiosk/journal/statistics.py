"""What a day or a month came to, from the journal alone: items performed, ratings, money. Nobody's name.

Days are China's, by the terminal's clock.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from kiosk.journal.records import Happening, OrderRecord, Transition
from kiosk.journal.store import Journal
from kiosk.payments.reconciliation import Attempt, attempts_of
from kiosk.payments.statement import CHINA

DONE = "done"
BROKEN_OFF = "terminal.stopped"
"""The outcome of an item whose end was never written down."""

_STEPS_BETWEEN = "kind = 'step' AND at >= ? AND at < ?"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, the last included."""

    first: date
    last: date

    @classmethod
    def month(cls, year: int, month: int) -> Span:
        """A calendar month. Raises ValueError where there is none."""
        first = date(year, month, 1)
        following = (first + timedelta(days=31)).replace(day=1)
        return cls(first, following - timedelta(days=1))

    def bounds(self) -> tuple[str, str]:
        """Its begin and end as the log writes times."""
        return _written(self.first), _written(self.last + timedelta(days=1))

    def has(self, at: datetime) -> bool:
        """Whether a moment is within."""
        return self.first <= at.astimezone(CHINA).date() <= self.last


def _written(day: date) -> str:
    begin = datetime.combine(day, time(), CHINA)
    return begin.astimezone(UTC).isoformat(timespec="milliseconds")


@dataclass(slots=True)
class Performance:
    """One item performed once: begin, end, seconds and outcome, and the citizen's rating, if any."""

    item: str
    started: str
    ended: str = ""
    seconds: float | None = None
    outcome: str = BROKEN_OFF
    rating: str = ""


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One item over a span. `late` counts those that took longer than promised."""

    item: str
    started: int
    outcomes: Mapping[str, int]
    median_s: float | None
    longest_s: float | None
    late: int
    ratings: Mapping[str, int]


@dataclass(slots=True)
class Money:
    """What came and went back for one item through one channel."""

    item: str
    department: str
    channel: str
    payments: int = 0
    payments_fen: int = 0
    returns: int = 0
    returns_fen: int = 0

    @property
    def net_fen(self) -> int:
        """What stays with the department."""
        return self.payments_fen - self.returns_fen


@dataclass(frozen=True, slots=True)
class Open:
    """An order whose end is not reached, whenever it began."""

    order: str
    state: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Report:
    """A span in figures. `head` is the last entry's hash: who has it can tell whether the log up to there
    was changed later."""

    span: Span
    items: tuple[ItemFigures, ...]
    performances: tuple[Performance, ...]
    money: tuple[Money, ...]
    open: tuple[Open, ...]
    head: str
    total: Money = field(default_factory=lambda: Money("", "", ""))


def report(journal: Journal, span: Span, promised_s: float) -> Report:
    """The figures of `span`; items that took longer than `promised_s` seconds count as late.

    Raises JournalBroken.
    """
    performances = performances_of(journal.happenings_between(*span.bounds()))
    money = tuple(money_of(orders_between(journal, *span.bounds()), span))
    total = Money("", "", "")
    for row in money:
        total.payments += row.payments
        total.payments_fen += row.payments_fen
        total.returns += row.returns
        total.returns_fen += row.returns_fen
    unfinished = tuple(
        Open(r.status.order_no, r.status.state.value, r.order.amount_fen)
        for r in journal.unfinished()
    )
    items = tuple(figures_of(performances, promised_s))
    return Report(span, items, performances, money, unfinished, journal.head(), total)


def performances_of(happenings: Iterable[Happening]) -> tuple[Performance, ...]:
    """Each performance of an item, in the order in which they began."""
    found: dict[tuple[str, str], Performance] = {}
    for happening in happenings:
        key = (happening.visit, happening.item)
        match happening.kind:
            case "item_started":
                found[key] = Performance(happening.item, happening.at)
            case "item_ended" if key in found:
                found[key].ended = happening.at
                found[key].seconds = happening.seconds
                found[key].outcome = happening.outcome
            case "rated" if key in found:
                found[key].rating = happening.outcome
    return tuple(found.values())


def figures_of(performances: Iterable[Performance], promised_s: float) -> Iterator[ItemFigures]:
    """The same by item, in order of their ids."""
    by_item: dict[str, list[Performance]] = {}
    for performance in performances:
        by_item.setdefault(performance.item, []).append(performance)
    for item, of_item in sorted(by_item.items()):
        done = [p.seconds for p in of_item if p.outcome == DONE and p.seconds is not None]
        yield ItemFigures(
            item=item,
            started=len(of_item),
            outcomes=dict(Counter(p.outcome for p in of_item)),
            median_s=statistics.median(done) if done else None,
            longest_s=max(done) if done else None,
            late=sum(seconds > promised_s for seconds in done),
            ratings=dict(Counter(p.rating for p in of_item if p.rating)),
        )


def orders_between(
    journal: Journal, since: str, until: str
) -> Iterator[tuple[OrderRecord, tuple[Transition, ...]]]:
    """Every order with a step between two times of the log, and all its steps."""
    steps = journal.entries(_STEPS_BETWEEN, since, until)
    for number in dict.fromkeys(entry.order_no for entry in steps if entry.order_no):
        record = journal.order(number)
        if record is not None:
            yield record, journal.history(number)


def money_of(
    orders: Iterable[tuple[OrderRecord, tuple[Transition, ...]]], span: Span
) -> Iterator[Money]:
    """Payments taken and given back within `span`, by item and channel."""
    rows: dict[tuple[str, str], Money] = {}
    for record, steps in orders:
        channel = record.status.channel.value if record.status.channel else ""
        for attempt in attempts_of(record, steps):
            if attempt.took is None:
                continue
            key = (record.order.item, channel)
            row = rows.setdefault(key, Money(record.order.item, record.order.department, channel))
            if span.has(attempt.took):
                row.payments += 1
                row.payments_fen += attempt.amount_fen
            if attempt.returned is not None and span.has(attempt.returned):
                row.returns += 1
                row.returns_fen += attempt.amount_fen
    for _, row in sorted(rows.items()):
        if row.payments or row.returns:
            yield row


def attempts_around(journal: Journal, day: date, numbers: Iterable[str]) -> Iterator[Attempt]:
    """The attempts that a statement of `day` can be about: those of the day and its neighbours, and
    those whose out_trade_no is among `numbers`."""
    near = Span(day - timedelta(days=1), day + timedelta(days=1))
    seen: set[str] = set()
    for record, steps in orders_between(journal, *near.bounds()):
        seen.add(record.status.order_no)
        yield from attempts_of(record, steps)
    for number in dict.fromkeys(one.rpartition("-")[0] for one in numbers):
        if number and number not in seen and (named := journal.order(number)) is not None:
            yield from attempts_of(named, journal.history(number))
