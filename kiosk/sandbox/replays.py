"""Answers given before, to be given again: the notice that comes twice, the answer that is out of date."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass

KEPT = 64
"""Answers remembered a department: more than the calls of any one payment and the one before it."""

IN_PATH = re.compile(r"/(?:orders|refunds)/([0-9A-Za-z_-]{6,32})")

OF_A_REFUND = re.compile(r"/refunds(?:/|$)")


@dataclass(frozen=True, slots=True)
class _Kept:
    order: str
    body: bytes


class Replays:
    """The last good answers of each kind: trades, refunds, bookings and the like."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[_Kept]] = {}

    def remember(self, path: str, asked: bytes, status: int, body: bytes) -> None:
        """Keep an answer that was given, if it was a good one about an order."""
        order = order_number(path, asked)
        if 200 <= status < 300 and order:
            self._kept.setdefault(_kind(path), deque(maxlen=KEPT)).append(_Kept(order, body))

    def older(self, path: str, asked: bytes, now: bytes) -> bytes | None:
        """The oldest answer about the same order that differs from `now`; else the newest about another
        order; None where there is neither."""
        order = order_number(path, asked)
        kept = self._kept.get(_kind(path), ())
        same = [one.body for one in kept if one.order == order and one.body != now]
        others = [one.body for one in kept if one.order != order]
        if same:
            return same[0]
        return others[-1] if others else None


def order_number(path: str, asked: bytes) -> str:
    """Which order or refund a request is about, "" for none."""
    if found := IN_PATH.search(path):
        return found[1]
    try:
        document = json.loads(asked or b"{}")
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    return str(document.get("refund_no") or document.get("out_trade_no") or "")


def _kind(path: str) -> str:
    """Answers of one kind may stand for each other: every trade's, every refund's, a department's."""
    department = path.split("/")[1]
    if department != "payment":
        return path
    return "refunds" if OF_A_REFUND.search(path) else "trades"
