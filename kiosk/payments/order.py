"""What is paid for, and what a payment is at one moment: plain data, nothing personal in it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from kiosk.backends.contract import Booking
from kiosk.backends.gateway import Channel
from kiosk.payments.machine import PayState

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without 0, 1, I, O: read to staff over a counter without a mistake."""

RANDOM_CHARACTERS = 8
"""40 bits: no two orders of a fleet share a number within a day."""

CODES = (
    (re.compile(r"1[0-5]\d{16}"), Channel.WECHAT),
    (re.compile(r"(2[5-9]|30)\d{14,22}"), Channel.ALIPAY),
    (re.compile(r"62\d{17}"), Channel.UNIONPAY),
)
"""PAYMENTS.md: the forms of payment codes; anything else is refused before it leaves."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to be paid: `bill_id` and `option` are the department's, the amount is in fen.

    `person_tag` joins a person's rows of one day (kiosk/payments/tags.py).
    """

    item: str
    department: str
    bill_id: str
    option: str
    amount_fen: int
    subject: str
    person_tag: str


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """A payment at one moment. `reason` is a code of docs/API.md where an attempt came to nothing, or
    where the booking is still refused; `attempt` counts from 1."""

    order_no: str
    out_trade_no: str
    attempt: int
    state: PayState
    code_url: str = ""
    channel: Channel | None = None
    transaction_id: str = ""
    reason: str = ""
    booking: Booking | None = None


def new_order_no(now: datetime) -> str:
    """A number for people and machines: `P261124-7KQ2M9XA`. The day is for reading, not for order."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return f"P{now:%y%m%d}-{drawn}"


def out_trade_no(order_no: str, attempt: int) -> str:
    """The gateway's number of one attempt: 6-32 of [0-9A-Za-z_-] (PAYMENTS.md), never used twice."""
    return f"{order_no}-{attempt:02d}"


def channel_of(auth_code: str) -> Channel | None:
    """Whose payment code it is; None where it is none."""
    return next((channel for form, channel in CODES if form.fullmatch(auth_code)), None)
