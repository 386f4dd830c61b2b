"""One slip on its way: how far it is, whether its printer still prints, and the proof of its end."""

from __future__ import annotations

import time
from collections.abc import Callable

from devices.device import Cancel
from devices.printer.conversation import ASK_QUEUED, Conversation, ask_process_id
from devices.printer.encode import Encoded
from devices.printer.problems import SILENT, UNFINISHED, passes_by_itself, problem_of, stopped_at
from devices.printer.status_bytes import PrinterFacts
from devices.status import Failed, Fault, Outcome

LOOK_EVERY_S = 0.25
"""How often a printer at work is asked whether it still prints."""

SILENT_FOR_S = 3.0
"""A printer at work that says nothing for so long is gone, whatever its port pretends."""

SLOWEST_MM_S = 50
"""Clones print at a third of what Epson's TM series does (150 mm/s and more)."""

SLIP_MM_MOST = 600
"""No slip is longer: what a printer that proves nothing is given time for."""

BITS_PER_BYTE = 10


def longest_s(encoded: Encoded, baud: int) -> float:
    """The longest that a working printer takes for `encoded`, in seconds."""
    return encoded.size * BITS_PER_BYTE / baud + SLIP_MM_MOST / SLOWEST_MM_S


class Patience:
    """How long to wait for a proof that may never come."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def at_most(self, seconds: float) -> None:
        """Wait no longer than `seconds` from now."""
        self._until = min(self._until, time.monotonic() + seconds)

    @property
    def over(self) -> bool:
        """Whether it is used up."""
        return time.monotonic() >= self._until


class Proof:
    """Questions queued behind a slip: answered when the printer has come to them.

    `echoes` is whether this printer is known to answer GS ( H (None: not known). GS r is asked as
    well until that is known, because clones pass GS ( H over in silence (PROTOCOLS.md A).
    """

    def __init__(self, talk: Conversation, mark: bytes, echoes: bool | None) -> None:
        self._talk = talk
        self._mark = mark
        self._queued_before = talk.queued
        talk.marks.clear()
        by_mark = b"" if echoes is False else ask_process_id(mark)
        by_paper = b"" if echoes else ASK_QUEUED
        talk.write(by_mark + by_paper)

    @property
    def echoed(self) -> bool:
        """The printer sent the mark back: all before it is on paper."""
        return self._mark in self._talk.marks

    @property
    def answered(self) -> bool:
        """The printer took all before the question out of its buffer."""
        return self._talk.queued > self._queued_before


class Watch:
    """Sends one slip and looks after its printer meanwhile."""

    def __init__(
        self,
        talk: Conversation,
        look: Callable[[], PrinterFacts],
        encoded: Encoded,
        cancel: Cancel,
    ) -> None:
        self.talk = talk
        self.encoded = encoded
        self.cancel = cancel
        self.clean = True
        self._sent = 0
        self._look = look
        self._due = time.monotonic() + LOOK_EVERY_S
        self._heard_at = time.monotonic()

    def send_all(self) -> Failed | None:
        """Hand the slip to the printer, as it has room; what stopped it."""
        for piece in self.encoded.pieces:
            while not self.talk.room:
                if self.cancel.over:
                    return self.ended()
                if (failed := self.look_if_due()) is not None:
                    return failed
            if self.cancel.over:
                return self.ended()
            self.talk.write(piece)
            self._sent += len(piece)
            if (failed := self.look_if_due()) is not None:
                return failed
        return None

    def look_if_due(self) -> Failed | None:
        """What stopped the printer, looking at most every LOOK_EVERY_S."""
        now = time.monotonic()
        if now < self._due:
            return None
        self._due = now + LOOK_EVERY_S
        facts = self._look()
        if facts.online is None:
            self.clean = False
            silent = now - self._heard_at > SILENT_FOR_S
            return self._failed(Outcome.TIMEOUT, SILENT) if silent else None
        self._heard_at = now
        problem = problem_of(facts)
        self.clean = problem is None
        if problem is None or passes_by_itself(problem):
            return None
        return self._failed(Outcome.HARDWARE_ERROR, problem)

    def ended(self) -> Failed:
        """How a slip ends whose caller gave it up or whose time is over."""
        if self.cancel.cancelled:
            return self.cancel.failed()
        return self._failed(Outcome.TIMEOUT, UNFINISHED)

    def _failed(self, outcome: Outcome, problem: Fault) -> Failed:
        return Failed(outcome, stopped_at(problem, self._sent, self.encoded.size))
