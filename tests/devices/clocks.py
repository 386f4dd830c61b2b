"""A device's clock that a test puts forward, so that nobody waits for a deadline that nothing happens in."""

from __future__ import annotations

import queue
import threading
import time
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.02
"""How soon a wait notices that the time was put forward."""


class LeapingClock:
    """The machine's time, and what it was put forward by."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def leap(self, seconds: float) -> None:
        """Let `seconds` have passed."""
        self._ahead_s += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead_s

    def time(self) -> float:
        return time.time() + self._ahead_s

    def wait(self, event: threading.Event, seconds: float) -> bool:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            if event.wait(min(left, LOOK_EVERY_S)):
                return True
        return event.is_set()

    def take(self, line: queue.Queue[T], seconds: float) -> T:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > LOOK_EVERY_S:
            try:
                return line.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                continue
        return line.get(timeout=left) if left > 0 else line.get_nowait()
