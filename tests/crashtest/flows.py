"""Payments, each of which makes a certain call, and the ways in which that call may fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk.sandbox.window import CHINA

MORNING = datetime(2026, 11, 24, 9, 30, tzinfo=CHINA)
NIGHT = datetime(2026, 11, 24, 23, 59, 45, tzinfo=CHINA)

UNHEARD_S = 35.0
"""Longer than WeChat is asked after an unknown payment (PAYMENTS.md: 30 s)."""


@dataclass(frozen=True)
class Failure:
    """One way in which a call fails, and how the sandbox is told to do so."""

    name: str
    order: Mapping[str, Any]


NOTHING = "nothing is wrong"

FAILURES = (
    Failure("the request is lost", {"kind": "cut"}),
    Failure("the request arrives 20 s late", {"kind": "late", "delay_s": 20}),
    Failure("the answer is lost", {"kind": "lose_answer"}),
    Failure("no answer for 30 s", {"kind": "hang", "delay_s": 30}),
    Failure("reset in the middle of the answer", {"kind": "reset"}),
    Failure("garbage, not carried out", {"kind": "garbage"}),
    Failure("garbage, carried out", {"kind": "garbage", "carried_out": True}),
    Failure("500, not carried out", {"kind": "status", "status": 500}),
    Failure("500, carried out", {"kind": "status", "status": 500, "carried_out": True}),
    Failure("429, Retry-After 5 s", {"kind": "status", "status": 429, "retry_after_s": 5}),
    Failure("another amount", {"kind": "wrong_amount"}),
    Failure("another order", {"kind": "wrong_order"}),
    Failure("an old answer again", {"kind": "replay"}),
)


@dataclass(frozen=True)
class Flow:
    """A payment that makes a certain call: which, how the world is, and what the citizen does.

    `closed` is a bill that its department books no more; `unheard` a charge whose answer is lost, and
    no query is answered for `UNHEARD_S` either."""

    name: str
    what: str
    department: str
    path: str
    way: str
    code: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False
    unheard: bool = False
    begins: datetime = MORNING


FLOWS = (
    Flow("show", "a code is wanted for the screen; the citizen pays it 20 s after it shows",
         "payment", "POST /payment/v1/orders", "show_and_pay"),
    Flow("submit", "the citizen's code is charged",
         "payment", "/code-payments", "submit"),
    Flow("query", "the citizen confirms on the phone after 12 s",
         "payment", "GET /payment/v1/orders", "submit", {"behaviour": "confirm", "confirm_s": 12}),
    Flow("close", "the citizen leaves a shown code unpaid after 10 s",
         "payment", "/close", "show_and_leave"),
    Flow("reverse", "the citizen never confirms on the phone",
         "payment", "/reverse", "submit", {"behaviour": "confirm"}),
    Flow("reverse_charged", "the citizen was charged, but no answer and no query says so for 35 s",
         "payment", "/reverse", "submit", unheard=True),
    Flow("reverse_late", "the same just before midnight, when the gateway settles its day",
         "payment", "/reverse", "submit", unheard=True, begins=NIGHT),
    Flow("book", "the department books what was paid",
         "social-insurance", "/bookings", "submit"),
    Flow("refund", "the department refuses for good to book what was paid",
         "payment", "POST /payment/v1/refunds", "submit", closed=True),
    Flow("query_refund", "that refund takes 60 s at the gateway",
         "payment", "GET /payment/v1/refunds", "submit", closed=True),
)  # fmt: skip
