"""The one clock that a device's life runs on: what the time is, and every wait that is not a port's.

A device takes `SYSTEM`; a test gives it one on which a day passes in seconds.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """Time, and the ways of letting it pass. All durations in seconds."""

    def monotonic(self) -> float:
        """Seconds that only ever grow (time.monotonic)."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for `event` at most `seconds`; whether it is set."""
        ...

    def take(self, line: queue.Queue[T], seconds: float) -> T:
        """The next of `line`, waiting at most `seconds`. Raises queue.Empty."""
        ...


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)

    def take(self, line: queue.Queue[T], seconds: float) -> T:
        return line.get(timeout=seconds) if seconds > 0 else line.get_nowait()


SYSTEM: Clock = SystemClock()
