"""The document printer: a department's sealed PDF on A4, through CUPS or a driverless printer."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import math
import re
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

from devices.device import Cancel, Device, TestReport
from devices.faults import fault
from devices.printer.document_cups import CupsQueue, ServerAbsent
from devices.printer.document_facts import LONGEST_FACT, DocumentFacts, facts_of
from devices.printer.document_pdf import Checked, Document, check, job_name, jobs_of
from devices.printer.document_queue import (
    ENDED,
    JobStatus,
    PrintOptions,
    PrintQueue,
    QueueRefused,
    QueueStatus,
    ticket_for,
)
from devices.printer.document_testpage import trial_page
from devices.printer.document_watch import UNCERTAIN, JobWatch, Progress, taken_back
from devices.printer.ipp import JobState
from devices.printer.ipp_queue import PDF, IppQueue
from devices.printer.preview import cut
from devices.registry import BadSetting
from devices.serial_port import claim
from devices.status import DeviceState, Failed, Ok, Outcome, Result

POLL_EVERY_S = 2.0
"""A printer in another housing: hall staff who filled it see it follow while they stand there."""

COPIES_MOST = 5
PAGES_MOST = 60
"""A credit report of a large enterprise has fifty pages; more is a department's mistake."""

PATIENCE_S = 45.0
"""How long a job waits for paper, a cover or a jam before it is taken back."""

TEST_WITHIN_S = 60.0
PURGE_WITHIN_S = 20.0

CERTIFICATE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What became of one document.

    `pages` are its printed sides, copies included. `proven` is True where the printer itself counted
    them and None where only the queue says that it is done. `repeated` is True where nothing was
    printed because the same document had come out already. `duration_s` is in seconds.
    """

    id: str
    job: int
    pages: int
    sheets: int
    duplex: bool
    proven: bool | None
    repeated: bool
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Order:
    document: Document
    options: PrintOptions
    tell: Callable[[Progress], None]
    began: float

    @property
    def key(self) -> str:
        """What is printed once: the document, or some pages of it."""
        pages = self.options.pages
        return self.document.id + (f" {pages[0]}-{pages[1]}" if pages else "")

    def pages(self, checked: Checked) -> int:
        """How many pages one copy has."""
        pages = self.options.pages
        return pages[1] - pages[0] + 1 if pages else checked.pages


class DocumentPrinter(Device):
    """An A4 printer at `cups:QUEUE` (`cups:` is the server's default queue) or `ipp://host/path`.

    A document is printed once however often it is tried: its job is known by the document's id, and
    by the pages where only some are wanted.
    Nothing stays in a queue: what fails or is given up is taken back with its file, `purge` at the
    end of a visit takes back the rest, and what a terminal left behind that lost its power goes at
    the next start. Of several programs that print under one name here, only the first takes back what
    it did not send itself: beside a terminal that prints, a technician's command harms nothing.
    """

    kind: ClassVar[str] = "document_printer"
    type_name: ClassVar[str] = "cups"
    poll_interval_s: ClassVar[float] = POLL_EVERY_S
    port_form: ClassVar[str] = r"^(cups:[\w.-]*|ipps?://\S+)$"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        server: str = "",
        user: str = "",
        certificate: str = "",
        copies_most: int = COPIES_MOST,
        pages_most: int = PAGES_MOST,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`server` is CUPS's host:port or socket ("" is the machine's own); `user` is whose jobs they
        are ("" is the process's); `certificate` is the SHA-256 of the one that an `ipps` printer shows.
        Raises BadSetting."""
        super().__init__(name, port)
        for setting, value in (("copies_most", copies_most), ("pages_most", pages_most)):
            if value < 1:
                raise BadSetting(setting, "at least 1 is wanted")
        if patience_s < 0:
            raise BadSetting("patience_s", "seconds are not negative")
        if certificate and not CERTIFICATE.fullmatch(certificate):
            raise BadSetting("certificate", "64 hexadecimal digits in lower case")
        self.server = server
        self._certificate = certificate
        self._user = user
        self._copies_most = copies_most
        self._pages_most = pages_most
        self._patience_s = patience_s
        self._queue: PrintQueue | None = None
        self._terminal = f"{socket.gethostname()}/{name}"
        self._first: socket.socket | None = None
        self._seen = QueueStatus()
        self._away = False
        self._visit: dict[str, int | None] = {}
        self._numbers: set[int] = set()

    # --- for callers -----------------------------------------------------------------------------

    async def print_document(
        self,
        document: Document,
        options: PrintOptions | None = None,
        timeout_s: float = 180.0,
        progress: Callable[[Progress], None] | None = None,
    ) -> Result[DocumentReport]:
        """Print `document` within `timeout_s` seconds; `progress` is called on the caller's loop.

        What is wrong with the document itself is found before anything is sent (see
        `document_pdf.check`, `document.copies`, `document.no_page`). Fails with the printer's trouble
        (`document.paper_out`, `document.paper_jam`, ...), `document.aborted`, `document.cancelled`,
        `document.held`, `document.unfinished`, or `document.fate_unknown` where an earlier try may
        have come out: a person looks, and then `options.again` prints it. The last progress of a job
        that failed and is over tells how many of its pages came out, and with which fault.
        """
        loop = asyncio.get_running_loop()

        def tell(told: Progress) -> None:
            if progress is not None:
                loop.call_soon_threadsafe(progress, told)

        order = _Order(document, options or PrintOptions(), tell, time.monotonic())
        return await self.command(lambda cancel: self._print(order, cancel), timeout_s)

    async def purge(self, timeout_s: float = PURGE_WITHIN_S) -> Result[int]:
        """End a visit: take back all its jobs and their files; how many were still in the queue."""
        return await self.command(lambda _: self._purge(), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Print one page that shows the printer's edges, and tell how the printer is."""
        paper = trial_page(self.name, self.health().facts.get("model", ""))
        document = Document(secrets.token_hex(), paper, hashlib.sha256(paper).hexdigest())
        printed = await self.print_document(document, None, TEST_WITHIN_S)
        if isinstance(printed, Failed):
            return printed
        report = printed.value
        proof = "counted by the printer" if report.proven else "not counted on this queue"
        facts = self.health().facts
        lines = (
            f"1 page in {report.duration_s:.1f} s, {proof}",
            *(f"{name}: {value}" for name, value in facts.items()),
        )
        return Ok(TestReport(facts, lines))

    # --- hooks, on the worker thread -------------------------------------------------------------

    def _open(self) -> None:
        if self._first is None:
            with suppress(OSError):
                self._first = claim(f"jobs/{self.name}/{self.port}/{self.server}")
        scheme, _, rest = self.port.partition(":")
        credentials = (self.server, self._user, self._certificate)
        if scheme == "cups":
            self._queue = CupsQueue(rest.strip("/"), *credentials)
            return
        try:
            self._queue = IppQueue(self.port, self._user or "kiosk", self._certificate)
        except ValueError as error:
            raise FileNotFoundError(errno.ENOENT, "neither cups: nor ipp://") from error

    def _close(self) -> None:
        queue, self._queue = self._queue, None
        try:
            if queue is not None:
                self._take_back_all(queue)
        except QueueRefused:
            self._count("purge_failures")
        finally:
            if queue is not None:
                queue.close()
            first, self._first = self._first, None
            if first is not None:
                first.close()

    def _probe(self) -> Failed | None:
        queue = self._there()
        try:
            facts = self._look()
            self._take_back_all(queue)
        except ServerAbsent:
            return Failed(Outcome.DEVICE_NOT_READY, fault("document.server_absent"))
        except QueueRefused as refused:
            return Failed(Outcome.DEVICE_NOT_READY, refused.fault)
        if facts.queue == "unknown":
            return Failed(Outcome.DEVICE_NOT_READY, fault("device.garbled"))
        return None

    def _poll(self) -> None:
        try:
            self._look()
        except QueueRefused as refused:
            self._set(state=DeviceState.HARDWARE_ERROR, fault=refused.fault)

    # --- on the worker thread --------------------------------------------------------------------

    def _there(self) -> PrintQueue:
        if self._queue is None:
            raise ConnectionError("the queue is closed")
        return self._queue

    def _look(self) -> DocumentFacts:
        """Read the queue's facts and tell them."""
        self._seen = status = self._there().status()
        facts = facts_of(status)
        if facts.problem is None and status.formats and PDF not in status.formats:
            facts = replace(facts, problem=fault("document.takes_no_pdf"))
        named = facts.named | {
            "model": status.model[:LONGEST_FACT] or "unknown",
            "duplex": "yes" if "two-sided-long-edge" in status.sides else "no",
            "colour": "yes" if "color" in status.colours else "no",
        }
        away = facts.problem is not None and facts.problem.code == "document.unreachable"
        if away and not self._away:
            self._count("lost")
        self._away = away
        state = DeviceState.OFFLINE if away else DeviceState.ONLINE
        self._set(state=state, fault=facts.problem, facts=named)
        return facts

    def _take_back_all(self, queue: PrintQueue) -> int:
        """Cancel every unfinished job of this terminal: nobody waits for it any more."""
        prefix = jobs_of(self._terminal)
        named = [job.id for job in queue.jobs(ended=False) if job.name.startswith(prefix)]
        left = [number for number in named if self._first or number in self._numbers]
        for number in left:
            queue.cancel(number)
        self._numbers.update(left)
        if left:
            self._count("taken_back", len(left))
        return len(left)

    def _purge(self) -> Result[int]:
        queue = self._there()
        try:
            count = self._take_back_all(queue)
            for number in sorted(self._numbers):
                job = taken_back(queue, number)
                if job is not None and job.state not in ENDED:
                    return Failed(Outcome.TIMEOUT, fault("document.not_cancelled"))
                queue.forget(number)
                self._numbers.discard(number)
        except QueueRefused as refused:
            return Failed(Outcome.HARDWARE_ERROR, refused.fault)
        self._visit.clear()
        return Ok(count)

    def _print(self, order: _Order, cancel: Cancel) -> Result[DocumentReport]:
        if not 1 <= order.options.copies <= self._copies_most:
            detail = f"{order.options.copies} of at most {self._copies_most}"
            return Failed(Outcome.INVALID_DATA, fault("document.copies", detail))
        checked = check(order.document, self._pages_most)
        if isinstance(checked, Failed):
            self._count("refused")
            return checked
        if order.options.pages and not _within(order.options.pages, checked.value.pages):
            return Failed(Outcome.INVALID_DATA, fault("document.no_page"))
        try:
            result = self._once(order, checked.value, cancel)
        except QueueRefused as refused:
            result = Failed(Outcome.DEVICE_NOT_READY, refused.fault)
        self._count("failures" if isinstance(result, Failed) else "documents")
        return result

    def _once(self, order: _Order, checked: Checked, cancel: Cancel) -> Result[DocumentReport]:
        """Print, unless this document's earlier job already did or may have."""
        key, again = order.key, order.options.again
        if key in self._visit and not again:
            job = self._recall(order)
            if job is None:
                return Failed(Outcome.DEVICE_NOT_READY, fault("document.fate_unknown"))
            if job.state is JobState.COMPLETED:
                return Ok(self._report(order, checked, job, repeated=True))
            if job.state not in ENDED or job.pages != 0:  # its caller was not told how far it came
                return self._follow(order, checked, job.id, cancel)
        facts = self._look()
        if facts.problem is not None:
            return Failed(Outcome.DEVICE_NOT_READY, facts.problem)
        return self._follow(order, checked, self._submit(order, checked), cancel)

    def _recall(self, order: _Order) -> JobStatus | None:
        """What the queue knows of this document's earlier job."""
        queue, number = self._there(), self._visit[order.key]
        if number is not None:
            return queue.job(number)
        name = job_name(self._terminal, order.key)
        return next((job for job in queue.jobs(ended=True) if job.name == name), None)

    def _submit(self, order: _Order, checked: Checked) -> int:
        """Hand the document over, remembering that it may have been before it has."""
        ticket = ticket_for(job_name(self._terminal, order.key), order.options, self._seen)
        pdf, pages = checked.pdf, order.options.pages
        if pages and ticket.pages is None:  # the printer cannot choose them
            pdf = cut(pdf, *pages)
        self._visit[order.key] = None
        try:
            number = self._there().submit(pdf, ticket)
        except QueueRefused:
            del self._visit[order.key]
            raise
        self._visit[order.key] = number
        self._numbers.add(number)
        return number

    def _follow(
        self, order: _Order, checked: Checked, number: int, cancel: Cancel
    ) -> Result[DocumentReport]:
        sides = order.pages(checked) * order.options.copies
        watch = JobWatch(self._there(), number, sides, self._look, order.tell, self._patience_s)
        ended = watch.until_ended(cancel)
        if isinstance(ended, Ok):
            return Ok(self._report(order, checked, ended.value, repeated=False))
        if ended.fault.code not in UNCERTAIN:
            self._visit.pop(order.key, None)
        return ended

    def _report(
        self, order: _Order, checked: Checked, job: JobStatus, *, repeated: bool
    ) -> DocumentReport:
        duplex = order.options.duplex and "two-sided-long-edge" in self._seen.sides
        pages = order.pages(checked)
        a_copy = math.ceil(pages / 2) if duplex else pages
        return DocumentReport(
            id=order.document.id,
            job=job.id,
            pages=pages * order.options.copies,
            sheets=a_copy * order.options.copies,
            duplex=duplex,
            proven=True if job.proven else None,
            repeated=repeated,
            duration_s=time.monotonic() - order.began,
        )


def _within(pages: tuple[int, int], count: int) -> bool:
    first, last = pages
    return 1 <= first <= last <= count
