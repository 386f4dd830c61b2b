"""Tells a loose plug from a loss: a device that comes and goes is held until it stays."""

from __future__ import annotations

from collections import deque

FLAPS_MOST = 3
"""So many losses within FLAP_WINDOW_S, and the device counts as flapping."""

FLAP_WINDOW_S = 15.0
"""A cable that was touched, or a power cut in the hall, loses a device once or twice in this time."""

STAYS_S = 3.0
"""A flapping device that answered for so long has come to stay."""


class Flaps:
    """The losses of one device. Times are those of its clock, in seconds."""

    def __init__(self) -> None:
        self._losses: deque[float] = deque(maxlen=FLAPS_MOST)
        self._held = False
        self._back_since: float | None = None

    @property
    def held(self) -> bool:
        """Whether the device counts as away although it may answer at this moment."""
        return self._held

    def lost(self, now: float) -> None:
        """It was lost."""
        self._losses.append(now)
        self._back_since = None
        if len(self._losses) == FLAPS_MOST and now - self._losses[0] <= FLAP_WINDOW_S:
            self._held = True

    def back(self, now: float) -> None:
        """It answers again."""
        self._back_since = now

    def answers(self, now: float) -> bool:
        """It still answers; True in the moment in which it has proved that it stays."""
        if self._held and self._back_since is not None and now - self._back_since >= STAYS_S:
            self._held = False
            self._losses.clear()
            return True
        return False
