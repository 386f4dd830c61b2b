"""One slip on its way: how far it is, whether its printer still prints, and the proof of its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto

from devices.device import CANCEL_SLICE_S, Cancel
from devices.printer.conversation import ASK_QUEUED, BLOCKED_FOR_S, Conversation, ask_process_id
from devices.printer.encode import Encoded
from devices.printer.problems import SILENT, UNFINISHED, passes_by_itself, problem_of, stopped_at
from devices.printer.profiles import Profile
from devices.printer.status_bytes import PrinterFacts
from devices.status import Failed, Fault, Outcome

LOOK_EVERY_S = 0.25
"""How often a printer at work is asked whether it still prints."""

SILENT_FOR_S = 3.0
"""A printer at work that says nothing for so long is gone, whatever its port pretends."""

FINISH_COMMAND_WITHIN_S = 2.0
"""A command that is on the wire in part is ended even for a caller who went: what came after it would
be taken for the rest of it."""

SLOWEST_MM_S = 20
"""No printer is slower; one that proves its slips is waited for as if it were that slow."""

DOTS_PER_MM = 8
BITS_PER_BYTE = 10
CUT_S = 1.0


class Says(Enum):
    """What a printer answers from its queue, behind a slip."""

    PROCESS_ID = auto()  # GS ( H: what is before it was printed
    QUEUED = auto()  # GS r: what is before it was taken out of the buffer
    NOTHING = auto()


def longest_s(encoded: Encoded, profile: Profile, says: Says, byte_s: float) -> float:
    """The longest that a working printer takes for `encoded`, in seconds; `byte_s` is a byte on the
    wire."""
    speed = SLOWEST_MM_S if says is Says.PROCESS_ID else profile.mm_s
    return encoded.size * byte_s + encoded.dots / DOTS_PER_MM / speed + CUT_S


class Watch:
    """Sends one slip and looks after its printer meanwhile.

    `knife_told` is True from just before the first byte of the cut is sent: until then no whole slip
    can have come out. `body_is_printed` is True where the printer proved all before the cut.
    """

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
        self.knife_told = False
        self.body_is_printed = False
        self._sent = 0
        self._look = look
        self._due = time.monotonic() + LOOK_EVERY_S
        self._heard_at = time.monotonic()

    def send_body(self) -> Failed | None:
        """Hand over all but the cut, as there is room; what stopped it."""
        return self._send(self.encoded.body)

    def send_cut(self) -> Failed | None:
        """Hand over the cut."""
        self.knife_told = True
        return self._send((self.encoded.cut,))

    def await_queue(self, says: Says, mark: bytes, patience_s: float) -> Failed | bool | None:
        """Wait until the printer has come to the end of what was sent.

        True where it proved that with `mark`, None where it cannot prove anything: it took all out
        of its buffer, or `patience_s` seconds are over and nothing is wrong.
        """
        queued_before = self.talk.queued
        self.talk.marks.discard(mark)
        if says is Says.PROCESS_ID:
            self.talk.write(ask_process_id(mark))
        elif says is Says.QUEUED:
            self.talk.write(ASK_QUEUED)
        until = time.monotonic() + patience_s
        while True:
            if mark in self.talk.marks:
                return True
            if self.talk.queued > queued_before and says is Says.QUEUED:
                return None
            if (failed := self.look_if_due()) is not None:
                return failed
            if time.monotonic() >= until and self.clean:
                return None
            if self.cancel.over:
                return self.ended()
            self.talk.hear(CANCEL_SLICE_S)

    def look_if_due(self) -> Failed | None:
        """What stopped the printer, looking at most every LOOK_EVERY_S."""
        now = time.monotonic()
        if now < self._due:
            return None
        facts = self._look()
        self._due = time.monotonic() + LOOK_EVERY_S
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

    def _send(self, pieces: tuple[bytes, ...]) -> Failed | None:
        for piece in pieces:
            while not self.talk.room:
                if self.cancel.over:
                    return self.ended()
                if (failed := self.look_if_due()) is not None:
                    return failed
            if self.cancel.over:
                return self.ended()
            self._send_whole(piece)
            if (failed := self.look_if_due()) is not None:
                return failed
        return None

    def _send_whole(self, piece: bytes) -> None:
        """A whole command, however slowly it is taken. Raises TimeoutError where it is not taken."""
        rest = self.talk.push(piece)
        self._sent += len(piece) - len(rest)
        moved_at = time.monotonic()
        while rest:
            still = self.talk.push(rest, waiting=True)
            now = time.monotonic()
            if len(still) < len(rest):
                self._sent += len(rest) - len(still)
                moved_at = now
            rest = still
            patience = FINISH_COMMAND_WITHIN_S if self.cancel.over else BLOCKED_FOR_S
            if rest and now - moved_at > patience:
                raise TimeoutError("the printer takes no data")

    def _failed(self, outcome: Outcome, problem: Fault) -> Failed:
        return Failed(outcome, stopped_at(problem, self._sent, self.encoded.size))
