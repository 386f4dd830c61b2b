"""How long payments wait and how often they ask, in one place (PAYMENTS.md); all in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kiosk.backends.gateway import Channel

SHOWN_FOR_S = 120.0
"""PAYMENTS.md: the countdown of a shown code."""

SHOWN_QUERY_S = 3.0
"""PAYMENTS.md: a shown code is asked after every 3 s."""

SILENT_S = 600.0
"""An order for which nobody chooses a way to pay is closed: its conversation is gone."""

CLOSE_RETRIES_S = (2.0, 4.0, 8.0)
RETURN_RETRIES_S = (2.0, 4.0, 8.0)
"""PAYMENTS.md: a reversal is tried again after these; a refund likewise. Then UNRESOLVED."""

BOOK_RETRIES_S = (5.0, 15.0, 30.0)
"""PAYMENTS.md: a booking is tried again after these, with the same Idempotency-Key."""

SLOW_RETRIES_S = (60.0, 300.0, 900.0, 3600.0)
"""PAYMENTS.md: the resolver asks after 1, 5, 15, 60 minutes, then hourly."""

RESOLVE_FOR_S = 24 * 3600.0
"""PAYMENTS.md: to 24 h; then the next day's bill decides."""

GATEWAY_S = 10.0
"""PAYMENTS.md, SUBMITTED: a gateway that has not answered by then has given no answer."""

BOOKING_S = 20.0
"""PAYMENTS.md, FULFILLING: 20 s a try."""

BILLS_S = 120.0
"""The statements of a few days, one call each, each with its own deadline."""

LONGEST_WISH_S = 3600.0
"""A server's Retry-After is kept up to the resolver's longest pause."""

JOURNAL_RETRY_S = 2.0
"""A step that the disk did not take is written again after this; nothing is sent before."""

REVIVE_S = 60.0
"""A payment whose task a bug of ours ended goes on after this."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How an unknown payment is asked after: every so many seconds, for so long."""

    every_s: float
    for_s: float


ASKING: Mapping[Channel | None, Asking] = MappingProxyType(
    {
        Channel.WECHAT: Asking(5.0, 30.0),
        Channel.ALIPAY: Asking(4.0, 60.0),
        Channel.UNIONPAY: Asking(5.0, 30.0),
        None: Asking(5.0, 60.0),
    }
)
"""PAYMENTS.md, UNKNOWN; a channel that is not known gets the longest window."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """All waits of the machine. The model checker walks a shorter one; the rules are the same."""

    shown_for_s: float = SHOWN_FOR_S
    shown_query_s: float = SHOWN_QUERY_S
    silent_s: float = SILENT_S
    close_retries_s: tuple[float, ...] = (*CLOSE_RETRIES_S, *SLOW_RETRIES_S)
    return_retries_s: tuple[float, ...] = RETURN_RETRIES_S
    book_retries_s: tuple[float, ...] = BOOK_RETRIES_S
    slow_s: tuple[float, ...] = SLOW_RETRIES_S
    resolve_for_s: float = RESOLVE_FOR_S
    gateway_s: float = GATEWAY_S
    booking_s: float = BOOKING_S
    bills_s: float = BILLS_S
    asking: Mapping[Channel | None, Asking] = field(default_factory=lambda: ASKING)
