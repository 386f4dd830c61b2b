"""What the journal tells, as plain data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order and the last state of its payment."""

    order: Order
    status: PaymentStatus


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of one payment; `before` is None for the first.

    `operator` and `text` say who took the step and why, where a person did.
    """

    seq: int
    attempt: int
    out_trade_no: str
    before: PayState | None
    after: PayState
    cause: str
    at: str
    digest: str
    operator: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator wrote down about an order."""

    seq: int
    at: str
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something about a visit, for supervision and statistics."""

    at: str
    kind: str
    visit: str
    item: str
    outcome: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log. `order_no` is None where it is about no order; `body` is canonical JSON.

    `at` is RFC 3339 in UTC by this terminal's clock; the order is that of `seq`. `hash` is the chain's
    SHA-256 (kiosk/journal/chain.py).
    """

    seq: int
    at: str
    kind: str
    order_no: str | None
    body: str
    hash: bytes

    def facts(self) -> dict[str, Any]:
        """The body as it was given."""
        facts: dict[str, Any] = json.loads(self.body)
        return facts


class Kind:
    """The kinds of entries, besides what happens at visits (`HAPPENINGS`)."""

    STEP = "step"  # a payment went from one state to another
    NOTE = "note"  # an operator's words about an order
    MIGRATED = "migrated"  # the file came from an earlier version
    CARRIED = "carried"  # unfinished payments came from a damaged journal
    TROUBLE = "trouble"  # the disk had taken nothing for a while
    BACKUP = "backup"  # a copy was made and verified
    RETENTION = "retention"  # old entries were removed; what holds the chain together


HAPPENINGS = (
    "visit_started", "item_started", "item_ended", "rating_reason", "rated", "rating_sent",
    "visit_ended",
)  # fmt: skip
"""What happens at visits, in the order in which it does."""


def canonical_body(facts: dict[str, Any]) -> str:
    """`facts` as the one JSON text that the chain is over: keys in order, no space, no line break."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
