"""The receipt printer: prints slips on an ESC/POS printer, on USB, serial, network or behind CUPS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Literal, TypeVar, get_args

from devices.device import Cancel, Device, TestReport
from devices.printer.conversation import (
    ANSWER_WITHIN_S,
    RECOVER_AND_CLEAR,
    Conversation,
)
from devices.printer.delivery import Delivery, Hands
from devices.printer.encode import (
    INITIALIZE,
    UnprintableSlip,
    encode,
    preload,
)
from devices.printer.jobs import PrintReport
from devices.printer.layout import Slip
from devices.printer.problems import (
    CUTTER,
    GARBLED,
    SILENT,
    UNPRINTABLE,
    problem_of,
)
from devices.printer.profiles import PROFILES, Speaks
from devices.printer.status_bytes import PrinterFacts
from devices.printer.testpage import test_page
from devices.printer.watch import Says
from devices.printer.wire import open_wire
from devices.registry import BadSetting
from devices.status import DeviceState, Failed, Fault, Health, Ok, Outcome, Paper, Part, Result

T = TypeVar("T")

__all__ = ["PrintReport", "ReceiptPrinter"]

RECOVER_EVERY_S = 3.0
"""How often a printer with a jammed cutter is asked to try again."""

FRESH_FOR_S = 1.5
"""A little more than the time between two looks at an idle printer."""

TEST_WITHIN_S = 30.0

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
        server: str = "",
    ) -> None:
        """`profile` is a key of PROFILES; `baud` in bits a second, 0 for the profile's; `paper_out`
        says whether a slip whose paper ends is given up or waits for a new roll. A network printer's
        connection is ended behind each slip, which print servers wait for, and taken anew; `hold`
        keeps it. `server` is the CUPS server of a `cups:QUEUE`, "" for the machine's own, and its
        printer cannot be asked anything, whatever its profile says. Raises BadSetting."""
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
        self._holds = hold
        self._server = server
        self._job_is_over = False
        self._talk: Conversation | None = None
        self._ever_answered = False
        self._model = ""
        self._answer_within_s = ANSWER_WITHIN_S
        self._learned = False
        self._tried_recovery = 0.0
        self._fine_at = 0.0
        hands = Hands(
            self._there,
            self._look,
            self._seen_fine,
            self._learn,
            self._reopen,
            lambda: self.health().fault,
        )
        self._delivery = Delivery(self.profile, self.baud, asked == "wait", hands)
        self._never_speaks = self.profile.speaks is Speaks.NEVER or port.startswith("cups:")
        self._delivery.blind = self._never_speaks

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
            if self._look().online is None and not self._delivery.blind:
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
        wire = open_wire(self.port, self.baud, self._server)
        self._talk = Conversation(wire, self.profile, self._answer_within_s)

    def _close(self) -> None:
        if self._talk is not None:
            talk, self._talk = self._talk, None
            self._answer_within_s = talk.answer_within_s
            talk.close()

    def _probe(self) -> Failed | None:
        if not self._answers():
            return Failed(Outcome.DEVICE_NOT_READY, self._silence())
        self._learned = False
        if not self._delivery.blind:
            self._there().clear()
        if self.profile.speaks is not Speaks.PERHAPS and not self._delivery.blind:
            self._there().tell_by_itself(self.profile.speaks is Speaks.AUTO)
        facts = self._look()
        if facts.online and problem_of(facts) is None:
            self._delivery.sever()
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
        if self._never_speaks:
            return True
        try:
            answered = self._there().is_there()
        except ConnectionError:
            self._reopen()
            answered = False
        self._ever_answered = self._ever_answered or answered
        self._delivery.blind = self.profile.speaks is Speaks.PERHAPS and not self._ever_answered
        return answered or self._delivery.blind

    def _reopen(self) -> None:
        """The printer closed the connection, as some do after each job: take another."""
        self._close()
        self._open()
        if self.profile.speaks is Speaks.AUTO and not self._delivery.blind:
            self._there().tell_by_itself(True)

    def _learn(self, facts: PrinterFacts) -> None:
        """Once, on a printer that could print: its model, and what it answers behind a slip."""
        if (
            self._learned
            or self._delivery.blind
            or not facts.online
            or problem_of(facts) is not None
        ):
            return
        profile, mark = self.profile, self._delivery.next_mark()
        self._delivery.says = Says.QUEUED if profile.queued else Says.NOTHING
        if profile.process_id and self._tried(lambda talk: talk.proves(mark), False):
            self._delivery.says = Says.PROCESS_ID
        elif profile.queued and not self._tried(Conversation.answers_queued, False):
            self._delivery.says = Says.NOTHING
        if profile.process_id:
            self._model = self._tried(Conversation.model, "")
            # a printer without them may have taken the questions for text
            self._there().write(INITIALIZE)
        self._learned = True

    def _tried(self, ask: Callable[[Conversation], T], nothing: T) -> T:
        """What the printer answers; `nothing` where it ends the connection at a question that it does
        not know."""
        try:
            return ask(self._there())
        except ConnectionError:
            self._reopen()
            return nothing

    def _look(self) -> PrinterFacts:
        """Read the printer's facts and tell them."""
        if self._job_is_over:
            self._job_is_over = False
            self._there().wire.finish(lambda: False)
            self._reopen()
        if self._delivery.blind:
            return self._look_blindly()
        junk = self._there().junk
        try:
            facts = self._there().facts()
        except ConnectionError:
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
        fine = facts.online and problem_of(facts) is None
        self._fine_at = time.monotonic() if fine else 0.0
        return facts

    def _seen_fine(self) -> bool:
        """Whether the last look found nothing wrong, is as fresh as an idle printer's, and a glance
        agrees."""
        fresh = time.monotonic() - self._fine_at < FRESH_FOR_S
        if not fresh or not self._learned or self._delivery.blind or self._job_is_over:
            return False
        try:
            return self._there().glance()
        except ConnectionError:  # it may take another
            return False

    def _look_blindly(self) -> PrinterFacts:
        """Nothing is known of this printer but that its port is there."""
        try:
            self._there().hear(0)
        except ConnectionError:
            self._reopen()
        facts = PrinterFacts()
        self._set(state=DeviceState.ONLINE, fault=self._there().wire.trouble(), facts=facts.named)
        return facts

    def _silence(self, junk_before: int = 0) -> Fault:
        return GARBLED if self._there().junk > junk_before else SILENT

    def _recover(self) -> None:
        """Ask for recovery from an error whose cause was cleared (Epson, DLE ENQ 2)."""
        self._tried_recovery = time.monotonic()
        self._there().write(RECOVER_AND_CLEAR)

    def _asked_before(self, job: str) -> Result[PrintReport] | None:
        """The answer to a job that is asked for again, from a look at the printer where it helps: to
        cut off what hangs out of one that had proved it ends the doubt."""
        known = self._delivery.book.answer(job)
        if not isinstance(known, Failed):
            return known
        facts = self._look()
        if facts.online and problem_of(facts) is None:
            self._delivery.sever()
        return self._delivery.book.answer(job)

    def _print(self, slip: Slip, cancel: Cancel, again: bool) -> Result[PrintReport]:
        started = time.monotonic()
        if not again and (known := self._asked_before(slip.job)) is not None:
            return known
        try:
            encoded = encode(slip, self.profile)
        except UnprintableSlip:
            return Failed(Outcome.INVALID_DATA, UNPRINTABLE)
        self._delivery.book.did_not(slip.job)
        result = self._delivery.deliver(slip.job, encoded, cancel)
        if isinstance(result, Failed):
            self._count("failures")
            return result
        self._count("slips")
        seconds = time.monotonic() - started
        report = PrintReport(slip.job, result.value, encoded.lines, encoded.size, seconds)
        self._job_is_over = self._there().wire.connection_is_a_job and not (
            self._holds or self._delivery.blind
        )
        self._delivery.book.came_out(report)
        return Ok(report)
