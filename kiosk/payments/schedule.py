"""How long payments wait and how often they ask, in one place (PAYMENTS.md); all in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kiosk.backends.contract import Channel

SHOWN_FOR_S = 120.0
"""PAYMENTS.md: the countdown of a shown code."""

SHOWN_QUERY_S = 3.0
"""PAYMENTS.md: a shown code is asked after every 3 s."""

CLOSE_RETRIES_S = (2.0, 4.0, 8.0)
BOOK_RETRIES_S = (5.0, 15.0, 30.0)
SLOW_RETRIES_S = (60.0, 300.0, 900.0, 3600.0)
"""PAYMENTS.md: quickly while the citizen waits, then after 1, 5, 15, 60 minutes, then hourly."""

JOURNAL_RETRY_S = 2.0
"""A step that the disk did not take is written again after this; nothing is sent before."""


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
