"""The receipt printer: prints slips on an ESC/POS printer behind a serial or TCP port."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from devices.device import CANCEL_SLICE_S, Cancel, Device, TestReport
from devices.printer.conversation import (
    AUTO_STATUS_OFF,
    RECOVER_AND_CLEAR,
    Conversation,
    mark_of,
)
from devices.printer.encode import INITIALIZE, Encoded, UnprintableSlip, cut, encode, preload
from devices.printer.layout import Slip
from devices.printer.problems import (
    CUTTER,
    OFFLINE,
    SILENT,
    UNPRINTABLE,
    passes_by_itself,
    problem_of,
)
from devices.printer.profiles import PROFILES
from devices.printer.status_bytes import PrinterFacts
from devices.printer.testpage import test_page
from devices.printer.watch import LOOK_EVERY_S, Patience, Proof, Watch, longest_s
from devices.serial_port import Port
from devices.status import (
    DeviceState,
    Failed,
    Health,
    Ok,
    Outcome,
    Paper,
    Part,
    Result,
)

BAUD = 115200

ECHO_WITHIN_S = 2.0
"""After GS r, which waits behind it, was answered: the longest to wait for the process id."""

OFFLINE_FOR_S = 3.0
"""How long a slip waits for a printer that is offline and says no cause (a button is held)."""

RECOVER_EVERY_S = 3.0
"""How often a printer with a jammed cutter is asked to try again."""

TEST_WITHIN_S = 30.0

STOPPED_BY_US = (Outcome.CANCELED, Outcome.TIMEOUT)


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What became of one slip.

    `proven` is True where the printer itself said that everything before its end was printed
    (GS ( H, PROTOCOLS.md A) and None where it cannot say. `lines` are paper lines of text,
    `duration_s` is from the first question to the last answer.
    """

    job: str
    proven: bool | None
    lines: int
    bytes_sent: int
    duration_s: float


class ReceiptPrinter(Device):
    """An ESC/POS printer of one of `devices.printer.profiles`.

    Nothing is sent to a printer that cannot print. A slip that stops halfway is dropped from the
    printer's memory, so that it can be printed again whole and comes out once.
    """

    kind: ClassVar[str] = "receipt_printer"
    type_name: ClassVar[str] = "escpos"

    def __init__(
        self, name: str, port: str, *, profile: str = "epson-80", baud: int = BAUD
    ) -> None:
        """`profile` is a key of PROFILES (KeyError otherwise); `baud` in bits a second."""
        super().__init__(name, port)
        self.profile = PROFILES[profile]
        self.baud = baud
        self._talk: Conversation | None = None
        self._model = ""
        self._echoes: bool | None = None
        self._job_number = int(time.time())
        self._tried_recovery = 0.0
        self._half_sent = False

    async def print_slip(self, slip: Slip, timeout_s: float) -> Result[PrintReport]:
        """Print and cut `slip` within `timeout_s` seconds.

        Fails with `printer.paper_out`, `printer.cover_open`, `printer.cutter`,
        `printer.failed`, `printer.overheated`, `printer.offline`, `printer.unfinished`,
        `printer.unprintable` or `device.silent`. Whatever the failure, no part of the slip is
        printed later. Cancelling drops what was not printed yet and cuts the paper.
        """
        return await self.command(lambda cancel: self._print(slip, cancel), timeout_s)

    async def status(self, timeout_s: float) -> Result[Health]:
        """Ask the printer now how it is, rather than at its next poll."""

        def look(cancel: Cancel) -> Result[Health]:
            if self._look().online is None:
                return Failed(Outcome.TIMEOUT, SILENT)
            return Ok(self.health())

        return await self.command(look, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Print a page that shows the paper's width, both character sets, and a QR code."""
        result = await self.print_slip(test_page(self.name, self.profile), TEST_WITHIN_S)
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
        port = Port.open(self.port, self.baud, ready_lines=True)
        self._talk = Conversation(port, self.profile)

    def _close(self) -> None:
        if self._talk is not None:
            talk, self._talk = self._talk, None
            talk.close()

    def _probe(self) -> Failed | None:
        talk = self._there()
        talk.hear(0)
        if talk.facts().online is None:
            return Failed(Outcome.DEVICE_NOT_READY, SILENT)
        talk.clear()
        talk.write(AUTO_STATUS_OFF)
        facts = self._look()
        if self._half_sent and problem_of(facts) is None:
            talk.write(INITIALIZE + cut())
            self._half_sent = False
        if facts.online and not self._model:
            self._model = talk.model()
        self._set(facts={"model": self._model or "unknown", "columns": str(self.profile.columns)})
        preload()
        return None

    def _poll(self) -> None:
        facts = self._look()
        due = time.monotonic() - self._tried_recovery >= RECOVER_EVERY_S
        if problem_of(facts) == CUTTER and due:
            self._recover()

    # --- on the worker thread --------------------------------------------------------------------

    def _there(self) -> Conversation:
        if self._talk is None:
            raise ConnectionError("the printer's port is closed")
        return self._talk

    def _look(self) -> PrinterFacts:
        """Read the printer's facts and tell them."""
        facts = self._there().facts()
        named = facts.named
        if facts.cutter is Part.FAULT:
            named["paper"] = Paper.JAMMED.value
        if facts.online is None:
            self._set(state=DeviceState.OFFLINE, fault=SILENT, facts=named)
        else:
            broken = DeviceState.HARDWARE_ERROR if facts.unrecoverable else DeviceState.ONLINE
            self._set(state=broken, fault=problem_of(facts), facts=named)
        return facts

    def _recover(self) -> None:
        """Ask for recovery from an error whose cause was cleared (Epson, DLE ENQ 2)."""
        self._tried_recovery = time.monotonic()
        self._there().write(RECOVER_AND_CLEAR)

    def _print(self, slip: Slip, cancel: Cancel) -> Result[PrintReport]:
        started = time.monotonic()
        try:
            encoded = encode(slip, self.profile)
        except UnprintableSlip:
            return Failed(Outcome.INVALID_DATA, UNPRINTABLE)
        failed = self._wait_until_ready(cancel)
        result = failed or self._send(encoded, cancel)
        if isinstance(result, Failed):
            self._count("failures")
            return result
        self._count("slips")
        seconds = time.monotonic() - started
        return Ok(PrintReport(slip.job, result.value, encoded.lines, encoded.size, seconds))

    def _wait_until_ready(self, cancel: Cancel) -> Failed | None:
        """None once the printer can print; waits for what passes by itself."""
        started = time.monotonic()
        while True:
            facts = self._look()
            if facts.online is None:
                return Failed(Outcome.TIMEOUT, SILENT)
            problem = problem_of(facts)
            if problem is None:
                return None
            if not passes_by_itself(problem):
                return Failed(Outcome.DEVICE_NOT_READY, problem)
            if cancel.wait(LOOK_EVERY_S):
                return cancel.failed() if cancel.cancelled else Failed(Outcome.TIMEOUT, problem)
            if problem == OFFLINE and time.monotonic() - started > OFFLINE_FOR_S:
                return Failed(Outcome.DEVICE_NOT_READY, problem)

    def _send(self, encoded: Encoded, cancel: Cancel) -> Result[bool | None]:
        """Send the slip and wait for its end; `Ok(True)` where the printer proved it."""
        watch = Watch(self._there(), self._look, encoded, cancel)
        self._half_sent = True
        result = watch.send_all() or self._await_end(watch)
        if isinstance(result, Failed):
            result = self._abandon(result)
        self._half_sent = False
        return result

    def _await_end(self, watch: Watch) -> Result[bool | None]:
        self._job_number += 1
        proof = Proof(watch.talk, mark_of(self._job_number), self._echoes)
        patience = Patience(longest_s(watch.encoded, self.baud))
        while True:
            watch.talk.hear(CANCEL_SLICE_S)
            if proof.echoed:
                self._echoes = True
                return Ok(True)
            if proof.answered:
                patience.at_most(ECHO_WITHIN_S if self._echoes is None else 0)
            if (failed := watch.look_if_due()) is not None:
                return failed
            if patience.over and watch.clean and not self._echoes:
                self._echoes = False
                return Ok(None)
            if watch.cancel.over:
                return watch.ended()

    def _abandon(self, failed: Failed) -> Failed:
        """Leave nothing of a slip in the printer that it would print later."""
        talk = self._there()
        talk.clear()
        if failed.outcome in STOPPED_BY_US and problem_of(self._look()) is None:
            talk.write(INITIALIZE + cut())
        return failed
