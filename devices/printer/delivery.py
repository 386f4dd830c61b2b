"""Brings one slip out of a printer, once: waits, sends, proves its end, cleans up behind a failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from devices.device import Cancel
from devices.printer.conversation import Conversation, mark_of
from devices.printer.encode import Encoded, cut_for, start, void_line
from devices.printer.jobs import JobBook, PrintReport
from devices.printer.problems import (
    FATE_UNKNOWN,
    NOT_TAKEN,
    OFFLINE,
    PAPER_OUT,
    SILENT,
    is_seen,
    of_a_new_roll,
    passes_by_itself,
    problem_of,
)
from devices.printer.profiles import Profile
from devices.printer.status_bytes import Mouth, PrinterFacts
from devices.printer.watch import (
    BITS_PER_BYTE,
    LOOK_EVERY_S,
    SILENT_FOR_S,
    Says,
    Watch,
    longest_s,
)
from devices.printer.wire import NotTaken, PeerClosed
from devices.serial_port import LOST
from devices.status import Failed, Fault, Ok, Outcome, Result

OFFLINE_FOR_S = 3.0
"""How long a slip waits for a printer that is offline and says no cause (a button is held)."""

TAKEN_WITHIN_S = 10.0
"""How long a slip waits until the one before it was taken out of the presenter."""

STOPPED_BY_US = (Outcome.CANCELED, Outcome.TIMEOUT)


class Hanging(Enum):
    """What may hang out of the printer, uncut, from an earlier slip."""

    NOTHING = auto()
    REMAINS = auto()  # of a slip that is printed again: it is voided before it is cut off
    PERHAPS_A_SLIP = auto()  # its cut may not have arrived


@dataclass(frozen=True, slots=True)
class Hands:
    """What the adapter does for a delivery: its open printer, a look at it that tells the facts,
    whether one found it fine a moment ago, what to do once it could print, a new connection, and the
    fault that it reports."""

    there: Callable[[], Conversation]
    look: Callable[[], PrinterFacts]
    seen_fine: Callable[[], bool]
    ready: Callable[[PrinterFacts], None]
    reopen: Callable[[], None]
    fault: Callable[[], Fault | None]


class Delivery:
    """All slips of one printer. `says` is what it answers behind a slip, `blind` whether nothing at
    all is known of it. Lives on the device's worker thread."""

    def __init__(self, profile: Profile, baud: int, waits_for_paper: bool, hands: Hands) -> None:
        self.says = Says.NOTHING
        self.blind = False
        self.book = JobBook()
        self._profile = profile
        self._baud = baud
        self._waits_for_paper = waits_for_paper
        self._hands = hands
        self._mark_number = int(time.time())
        self._hanging = Hanging.NOTHING
        self._uncut: PrintReport | None = None

    def deliver(self, job: str, encoded: Encoded, cancel: Cancel) -> Result[bool | None]:
        """Bring the slip out once; `Ok(True)` where the printer proved it."""
        while True:
            if (failed := self._wait_until_ready(cancel)) is not None:
                return failed
            result = self._send(job, encoded, cancel)
            if not self._waits_for_paper or isinstance(result, Ok) or cancel.over:
                return result
            if not of_a_new_roll(result.fault):
                return result

    def _wait_until_ready(self, cancel: Cancel) -> Failed | None:
        """None once the printer can print; waits for what passes by itself."""
        started = time.monotonic()
        if self._hands.seen_fine():
            return None
        while True:
            facts = self._hands.look()
            if self.blind:
                return None
            if facts.online is None:
                silent = time.monotonic() - started >= SILENT_FOR_S
                if not silent and not cancel.wait(LOOK_EVERY_S):
                    continue  # one answer that is late is no silence
                if cancel.cancelled:
                    return cancel.failed()
                return Failed(Outcome.TIMEOUT, self._hands.fault() or SILENT)
            problem = problem_of(facts)
            if problem is None and facts.mouth is not Mouth.HOLDS_SLIP:
                self._hands.ready(facts)
                return None
            problem = problem or NOT_TAKEN
            waits = of_a_new_roll(problem) and self._waits_for_paper
            if not (passes_by_itself(problem) or waits or problem == NOT_TAKEN):
                return Failed(Outcome.DEVICE_NOT_READY, problem)
            if cancel.wait(LOOK_EVERY_S):
                return cancel.failed() if cancel.cancelled else Failed(Outcome.TIMEOUT, problem)
            limit = {OFFLINE: OFFLINE_FOR_S, NOT_TAKEN: TAKEN_WITHIN_S}.get(problem)
            if limit is not None and time.monotonic() - started > limit:
                return Failed(Outcome.DEVICE_NOT_READY, problem)

    def _send(self, job: str, encoded: Encoded, cancel: Cancel) -> Result[bool | None]:
        """Send the slip and wait for its end, noting what may have come out."""
        self.sever()
        watch = Watch(self._hands.there(), self._hands.look, encoded, cancel)
        self._hanging = Hanging.REMAINS
        try:
            result = self._send_blindly(watch) if self.blind else self._send_watched(watch)
        except NotTaken as error:
            self._hanging = Hanging.NOTHING
            return Failed(Outcome.DEVICE_NOT_READY, error.fault)
        except LOST as error:
            if not watch.knife_told:
                raise
            if isinstance(error, PeerClosed) and self.says is not Says.PROCESS_ID:
                self._hanging = Hanging.NOTHING
                return Ok(None)  # it closed behind the slip, as it does behind every one
            self._hanging = Hanging.PERHAPS_A_SLIP
            if watch.body_is_printed and self._lives():
                if not isinstance(error, PeerClosed):  # it may have closed before it read the cut
                    self.sever()
                self._hanging = Hanging.NOTHING
                return Ok(None)
            self.book.may_have(job)
            if watch.body_is_printed:
                self._uncut = PrintReport(job, True, encoded.lines, encoded.size, 0.0)
            return Failed(Outcome.HARDWARE_ERROR, FATE_UNKNOWN)
        if isinstance(result, Ok):
            self._hanging = Hanging.NOTHING
            return result
        if not watch.knife_told or is_seen(result.fault):
            return result
        self.book.may_have(job)
        if result.outcome is Outcome.CANCELED:
            return result
        return Failed(result.outcome, replace(FATE_UNKNOWN, detail=result.fault.detail))

    def _send_watched(self, watch: Watch) -> Result[bool | None]:
        if (failed := watch.send_body()) is not None:
            return self._drop_rest(failed)
        mark = mark_of(self.next_mark())
        patience_s = longest_s(watch.encoded, self._profile, self.says, self._byte_s)
        if self.says is not Says.NOTHING:
            came = watch.await_queue(self.says, mark, patience_s)
            if isinstance(came, Failed):
                return self._drop_rest(came)
            watch.body_is_printed = came is True
        mark = mark_of(self.next_mark())
        ended = watch.send_cut() or watch.await_queue(self.says, mark, patience_s)
        if not isinstance(ended, Failed):
            return Ok(ended)
        failed = self._drop_rest(ended)
        return Ok(True) if mark in watch.talk.marks else failed

    def _send_blindly(self, watch: Watch) -> Result[bool | None]:
        """All at once, to one that says nothing: the end of its connection is the end of the job."""
        talk, encoded = watch.talk, watch.encoded
        watch.knife_told = True
        talk.write(b"".join((*encoded.body, encoded.cut)))
        if talk.wire.connection_is_a_job:
            talk.wire.finish(lambda: watch.cancel.over)
            self._hands.reopen()
        else:
            watch.cancel.wait(longest_s(encoded, self._profile, Says.NOTHING, self._byte_s))
        return Ok(None)

    def _lives(self) -> bool:
        """Whether a printer whose connection ended behind the cut takes another at once and is well: it
        ends one with each slip then, and was not pulled."""
        if not self._hands.there().wire.connection_is_a_job:
            return False
        try:
            self._hands.reopen()
            facts = self._hands.look()
        except LOST:
            return False
        return bool(facts.online) and problem_of(facts) is None

    def _drop_rest(self, failed: Failed) -> Failed:
        """Leave nothing of a slip in the printer that it would print later."""
        dropped = self._hands.there().clear()
        if dropped and failed.fault.code == PAPER_OUT.code:
            self._hanging = Hanging.NOTHING  # the piece goes with the old roll
        elif failed.outcome in STOPPED_BY_US and problem_of(self._hands.look()) is None:
            self.sever()
        return failed

    def sever(self) -> None:
        """Cut off what hangs out of the printer, so that the next slip begins with itself.

        What was proven to be on paper whole has come out then, once.
        """
        hanging, self._hanging = self._hanging, Hanging.NOTHING
        if hanging is Hanging.NOTHING:
            return
        profile = self._profile
        void = void_line(profile) if hanging is Hanging.REMAINS else b""
        talk = self._hands.there()
        talk.write(start(profile) + void + cut_for(profile))
        if (
            talk.wire.connection_is_a_job
        ):  # one that closes behind each cut would take the next slip along
            talk.wire.finish(lambda: False)
            self._hands.reopen()
        if self._uncut is not None:
            self.book.came_out(self._uncut)
            self._uncut = None

    @property
    def _byte_s(self) -> float:
        """Seconds of a byte on the wire: a network's are not worth counting."""
        talk = self._hands.there()
        return 0.0 if talk.wire.connection_is_a_job else BITS_PER_BYTE / self._baud

    def next_mark(self) -> int:
        """A number for the next process id."""
        self._mark_number += 1
        return self._mark_number
