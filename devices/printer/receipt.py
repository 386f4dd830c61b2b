"""The receipt printer: prints slips on an ESC/POS printer, on USB, serial, network or behind CUPS."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar, Literal, get_args

from devices.device import Cancel, Device, TestReport
from devices.printer.conversation import RECOVER_AND_CLEAR, Conversation, mark_of
from devices.printer.encode import (
    INITIALIZE,
    Encoded,
    UnprintableSlip,
    cut_for,
    encode,
    preload,
)
from devices.printer.jobs import JobBook, PrintReport
from devices.printer.layout import Slip
from devices.printer.problems import (
    CUTTER,
    FATE_UNKNOWN,
    GARBLED,
    NOT_TAKEN,
    OFFLINE,
    SILENT,
    UNPRINTABLE,
    is_seen,
    of_a_new_roll,
    passes_by_itself,
    problem_of,
)
from devices.printer.profiles import PROFILES, Speaks
from devices.printer.status_bytes import Mouth, PrinterFacts
from devices.printer.testpage import test_page
from devices.printer.watch import BITS_PER_BYTE, LOOK_EVERY_S, Says, Watch, longest_s
from devices.printer.wire import PeerClosed, open_wire
from devices.registry import BadSetting
from devices.serial_port import LOST
from devices.status import DeviceState, Failed, Fault, Health, Ok, Outcome, Paper, Part, Result

__all__ = ["PrintReport", "ReceiptPrinter"]

OFFLINE_FOR_S = 3.0
"""How long a slip waits for a printer that is offline and says no cause (a button is held)."""

TAKEN_WITHIN_S = 10.0
"""How long a slip waits until the one before it was taken out of the presenter."""

RECOVER_EVERY_S = 3.0
"""How often a printer with a jammed cutter is asked to try again."""

TEST_WITHIN_S = 30.0

STOPPED_BY_US = (Outcome.CANCELED, Outcome.TIMEOUT)

PaperOut = Literal["profile", "end", "wait"]


class ReceiptPrinter(Device):
    """An ESC/POS printer of one of `devices.printer.profiles`, at an address of
    `devices.printer.wire.open_wire`.

    Nothing is sent to a printer that is known not to print. A slip that stops halfway is dropped from
    the printer's memory, so that it can be printed again whole and comes out once: the cut is held
    back until the printer has come to the end of the slip, and what is lost before the cut is a
    remainder, never a slip.
    """

    kind: ClassVar[str] = "receipt_printer"
    type_name: ClassVar[str] = "escpos"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        profile: str = "epson-80",
        baud: int = 0,
        paper_out: PaperOut = "profile",
        hold: bool = False,
    ) -> None:
        """`profile` is a key of PROFILES; `baud` in bits a second, 0 for the profile's; `paper_out`
        says whether a slip whose paper ends is given up or waits for a new roll. A network printer's
        connection is ended behind each slip, which print servers wait for, and taken anew; `hold`
        keeps it. Raises BadSetting."""
        super().__init__(name, port)
        if profile not in PROFILES:
            raise BadSetting("profile", f"one of {', '.join(PROFILES)}")
        if baud < 0:
            raise BadSetting("baud", "bits a second, or 0 for the profile's")
        if paper_out not in get_args(PaperOut):
            raise BadSetting("paper_out", f"one of {', '.join(get_args(PaperOut))}")
        self.profile = PROFILES[profile]
        self.baud = baud or self.profile.baud
        asked = self.profile.paper_out if paper_out == "profile" else paper_out
        self._waits_for_paper = asked == "wait"
        self._holds = hold
        self._job_is_over = False
        self._talk: Conversation | None = None
        self._blind = self.profile.speaks is Speaks.NEVER
        self._ever_answered = False
        self._model = ""
        self._says = Says.NOTHING
        self._learned = False
        self._book = JobBook()
        self._mark_number = int(time.time())
        self._tried_recovery = 0.0
        self._half_sent = False
        self._remains = False

    async def print_slip(
        self, slip: Slip, timeout_s: float, *, again: bool = False
    ) -> Result[PrintReport]:
        """Print and cut `slip` within `timeout_s` seconds.

        Fails with `printer.paper_out`, `printer.cover_open`, `printer.cutter`, `printer.failed`,
        `printer.overheated`, `printer.offline`, `printer.not_taken`, `printer.unfinished`,
        `printer.unprintable`, `device.silent` or `device.garbled`: then no whole slip came out, and
        no part of it is printed later. Fails with `printer.fate_unknown` where it may have come out.

        A job that was proven is not printed again: its report comes back, `repeated`. One that may
        have come out is answered with `printer.fate_unknown` until `again` says that a person looked.
        Cancelling drops what was not printed yet and cuts the paper.
        """
        return await self.command(lambda cancel: self._print(slip, cancel, again), timeout_s)

    async def status(self, timeout_s: float) -> Result[Health]:
        """Ask the printer now how it is, rather than at its next poll."""

        def look(cancel: Cancel) -> Result[Health]:
            if self._look().online is None and not self._blind:
                return Failed(Outcome.TIMEOUT, self.health().fault or SILENT)
            return Ok(self.health())

        return await self.command(look, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Print a page that shows the paper's width, both character sets, and a QR code."""
        page = test_page(self.name, self.profile)
        result = await self.print_slip(page, TEST_WITHIN_S, again=True)
        if isinstance(result, Failed):
            return result
        report = result.value
        proof = "proven by the printer" if report.proven else "not provable on this printer"
        lines = (
            f"{report.lines} lines, {report.bytes_sent} bytes in {report.duration_s:.2f} s",
            f"end of the page: {proof}",
        )
        return Ok(TestReport(self.health().facts, lines))

    # --- hooks, on the worker thread -------------------------------------------------------------

    def _open(self) -> None:
        self._talk = Conversation(open_wire(self.port, self.baud), self.profile)

    def _close(self) -> None:
        if self._talk is not None:
            talk, self._talk = self._talk, None
            talk.close()

    def _probe(self) -> Failed | None:
        if not self._answers():
            return Failed(Outcome.DEVICE_NOT_READY, self._silence())
        self._learned = False
        if not self._blind:
            self._there().clear()
        if self.profile.speaks is not Speaks.PERHAPS and not self._blind:
            self._there().tell_by_itself(self.profile.speaks is Speaks.AUTO)
        facts = self._look()
        if self._half_sent and problem_of(facts) is None and not self._blind:
            self._there().write(INITIALIZE + cut_for(self.profile))
            self._half_sent = False
        self._learn(facts)
        self._set(facts={"model": self._model or "unknown", "columns": str(self.profile.columns)})
        preload()
        return None

    def _poll(self) -> None:
        facts = self._look()
        self._learn(facts)
        due = time.monotonic() - self._tried_recovery >= RECOVER_EVERY_S
        if problem_of(facts) == CUTTER and due and self.profile.recovers:
            self._recover()

    # --- on the worker thread --------------------------------------------------------------------

    def _there(self) -> Conversation:
        if self._talk is None:
            raise ConnectionError("the printer's port is closed")
        return self._talk

    def _answers(self) -> bool:
        """Whether the printer says how it is, or need not."""
        if self.profile.speaks is Speaks.NEVER:
            return True
        try:
            answered = self._there().facts().online is not None
        except PeerClosed:
            self._reopen()
            answered = False
        self._ever_answered = self._ever_answered or answered
        self._blind = self.profile.speaks is Speaks.PERHAPS and not self._ever_answered
        return answered or self._blind

    def _reopen(self) -> None:
        """The printer closed the connection, as some do after each job: take another."""
        self._close()
        self._open()
        if self.profile.speaks is Speaks.AUTO and not self._blind:
            self._there().tell_by_itself(True)

    def _learn(self, facts: PrinterFacts) -> None:
        """Once, on a printer that could print: its model, and what it answers behind a slip."""
        if self._learned or self._blind or not facts.online or problem_of(facts) is not None:
            return
        talk, profile = self._there(), self.profile
        self._says = Says.QUEUED if profile.queued else Says.NOTHING
        if profile.process_id and talk.proves(self._next_mark()):
            self._says = Says.PROCESS_ID
        elif profile.queued and not talk.answers_queued():
            self._says = Says.NOTHING
        if profile.process_id:
            self._model = talk.model()
            talk.write(INITIALIZE)  # a printer without them may have taken the questions for text
        self._learned = True

    def _look(self) -> PrinterFacts:
        """Read the printer's facts and tell them."""
        if self._job_is_over:
            self._job_is_over = False
            self._there().wire.finish()
            self._reopen()
        if self._blind:
            return self._look_blindly()
        junk = self._there().junk
        try:
            facts = self._there().facts()
        except PeerClosed:
            self._reopen()
            junk = 0
            facts = self._there().facts()
        named = facts.named
        if facts.cutter is Part.FAULT:
            named["paper"] = Paper.JAMMED.value
        if facts.online is None:
            self._set(state=DeviceState.OFFLINE, fault=self._silence(junk), facts=named)
        else:
            broken = DeviceState.HARDWARE_ERROR if facts.unrecoverable else DeviceState.ONLINE
            self._set(state=broken, fault=problem_of(facts), facts=named)
        return facts

    def _look_blindly(self) -> PrinterFacts:
        """Nothing is known of this printer but that its port is there."""
        try:
            self._there().hear(0)
        except PeerClosed:
            self._reopen()
        facts = PrinterFacts()
        self._set(state=DeviceState.ONLINE, facts=facts.named)
        return facts

    def _silence(self, junk_before: int = 0) -> Fault:
        return GARBLED if self._there().junk > junk_before else SILENT

    def _recover(self) -> None:
        """Ask for recovery from an error whose cause was cleared (Epson, DLE ENQ 2)."""
        self._tried_recovery = time.monotonic()
        self._there().write(RECOVER_AND_CLEAR)

    def _next_mark(self) -> int:
        self._mark_number += 1
        return self._mark_number

    def _print(self, slip: Slip, cancel: Cancel, again: bool) -> Result[PrintReport]:
        started = time.monotonic()
        if not again and (known := self._book.answer(slip.job)) is not None:
            return known
        try:
            encoded = encode(slip, self.profile)
        except UnprintableSlip:
            return Failed(Outcome.INVALID_DATA, UNPRINTABLE)
        self._book.did_not(slip.job)
        result = self._deliver(slip.job, encoded, cancel)
        if isinstance(result, Failed):
            self._count("failures")
            return result
        self._count("slips")
        seconds = time.monotonic() - started
        report = PrintReport(slip.job, result.value, encoded.lines, encoded.size, seconds)
        self._job_is_over = self._there().wire.connection_is_a_job and not (
            self._holds or self._blind
        )
        self._book.came_out(report)
        return Ok(report)

    def _deliver(self, job: str, encoded: Encoded, cancel: Cancel) -> Result[bool | None]:
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
        while True:
            facts = self._look()
            if self._blind:
                return None
            if facts.online is None:
                return Failed(Outcome.TIMEOUT, self.health().fault or SILENT)
            problem = problem_of(facts)
            if problem is None and facts.mouth is not Mouth.HOLDS_SLIP:
                self._learn(facts)
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
        if self._remains:
            self._there().write(INITIALIZE + cut_for(self.profile))
            self._remains = False
        watch = Watch(self._there(), self._look, encoded, cancel)
        self._half_sent = True
        try:
            result = self._send_blindly(watch) if self._blind else self._send_watched(watch)
        except LOST as error:
            if not watch.knife_told:
                raise
            self._half_sent = False
            if isinstance(error, PeerClosed) and self._says is not Says.PROCESS_ID:
                return Ok(None)  # it closed behind the slip, as it does behind every one
            self._book.may_have(job)
            return Failed(Outcome.HARDWARE_ERROR, FATE_UNKNOWN)
        self._half_sent = False
        if isinstance(result, Ok) or not watch.knife_told or is_seen(result.fault):
            return result
        self._book.may_have(job)
        if result.outcome is Outcome.CANCELED:
            return result
        return Failed(result.outcome, replace(FATE_UNKNOWN, detail=result.fault.detail))

    def _send_watched(self, watch: Watch) -> Result[bool | None]:
        if (failed := watch.send_body()) is not None:
            return self._drop_rest(failed)
        mark = mark_of(self._next_mark())
        patience_s = longest_s(watch.encoded, self.profile, self._says, self._byte_s)
        if self._says is not Says.NOTHING:
            came = watch.await_queue(self._says, mark, patience_s)
            if isinstance(came, Failed):
                return self._drop_rest(came)
        mark = mark_of(self._next_mark())
        ended = watch.send_cut() or watch.await_queue(self._says, mark, patience_s)
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
            talk.wire.finish()
            self._reopen()
        else:
            watch.cancel.wait(longest_s(encoded, self.profile, Says.NOTHING, self._byte_s))
        return Ok(None)

    @property
    def _byte_s(self) -> float:
        """Seconds of a byte on the wire: a network's are not worth counting."""
        talk = self._there()
        return 0.0 if talk.wire.connection_is_a_job else BITS_PER_BYTE / self.baud

    def _drop_rest(self, failed: Failed) -> Failed:
        """Leave nothing of a slip in the printer that it would print later."""
        talk = self._there()
        self._remains = not talk.clear()
        if failed.outcome in STOPPED_BY_US and problem_of(self._look()) is None:
            talk.write(INITIALIZE + cut_for(self.profile))
            self._remains = False
        return failed
