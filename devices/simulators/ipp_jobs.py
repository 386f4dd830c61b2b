"""The mechanism of a simulated A4 printer: jobs come out page by page, unless something stops them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from devices.printer.ipp import JobState, PrinterState
from devices.printer.preview import EncryptedPdf, NotPdf, count_pages

PAGE_S = 0.08
"""A page in a simulation that nobody watches."""

SLOW_PAGE_S = 2.0
"""Thirty pages a minute, as a printer under a counter has it."""

STOPS_AFTER_PAGES = 1
"""Where a printer that jams, runs out or gives up midway does so; two pages for `jam_third`."""

HISTORY_MOST = 100
DRAWN_WIDTH_PX = 595


class IppSituation(StrEnum):
    """What can be wrong with the printer."""

    NORMAL = "normal"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    PAPER_OUT_MIDWAY = "paper_out_midway"  # the first page comes out, then the tray is empty
    JAM_MIDWAY = "jam_midway"  # the second sheet jams
    JAM_THIRD = "jam_third"  # two sheets come out, the third jams
    TONER_LOW = "toner_low"
    TONER_OUT = "toner_out"
    DOOR_OPEN = "door_open"
    OUTPUT_FULL = "output_full"
    SLOW = "slow"
    ABORTS = "aborts"  # it gives a job up after its first page
    CANCELS = "cancels"  # somebody presses the button after the first page
    HOLDS = "holds"  # it holds every job for a PIN
    PAUSED = "paused"
    REJECTS = "rejects"  # it takes no jobs
    BUSY = "busy"  # server-error-busy to every job
    SILENT = "silent"  # it takes connections and says nothing
    GARBAGE = "garbage"  # HTTP, and no IPP in it
    DEAF_AFTER_JOB = "deaf_after_job"  # it takes a job, and hangs up before it says so


STOPPING: dict[IppSituation, str] = {
    IppSituation.PAPER_OUT: "media-empty-error",
    IppSituation.DOOR_OPEN: "door-open-error",
    IppSituation.TONER_OUT: "toner-empty-error",
    IppSituation.OUTPUT_FULL: "output-area-full-error",
    IppSituation.PAUSED: "paused",
}
"""What stops every page, and the reason given."""

STOPPING_MIDWAY: dict[IppSituation, str] = {
    IppSituation.PAPER_OUT_MIDWAY: "media-empty-error",
    IppSituation.JAM_MIDWAY: "media-jam-error",
    IppSituation.JAM_THIRD: "media-jam-error",
}

WARNINGS: dict[IppSituation, str] = {
    IppSituation.PAPER_LOW: "media-low-warning",
    IppSituation.TONER_LOW: "toner-low-warning",
    IppSituation.PAPER_OUT_MIDWAY: "media-low-warning",
}


@dataclass(slots=True, eq=False)
class PrintJob:
    """One job in the printer. `ranges` are its page-ranges, none for all pages; `selected` are the pages
    of one copy, counted from 0, and `pages` the sides of all copies."""

    id: int
    name: str
    user: str
    copies: int
    sides: str
    created: float
    ranges: tuple[tuple[int, int], ...] = ()
    state: JobState = JobState.PENDING
    reasons: str = "none"
    document: bytes | None = field(default=None, repr=False)
    pages: int = 0
    selected: tuple[int, ...] = ()
    printed: int = 0
    processing: float = 0.0
    completed: float = 0.0

    @property
    def ended(self) -> bool:
        return self.state in (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)

    @property
    def sheets(self) -> int:
        """Sheets of paper so far."""
        return self.printed if self.sides == "one-sided" else (self.printed + 1) // 2


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A side that came out: of which job, which page of it, and the document that it is of."""

    job: str
    page: int
    document: bytes = field(repr=False)


class Mechanism:
    """Jobs, one after another. Only the simulator's thread is in here."""

    def __init__(
        self, after: Callable[[float, Callable[[], None]], None], out: Path | None
    ) -> None:
        self._after = after
        self._out = out
        self._ticking = False
        self.situation = IppSituation.NORMAL
        self.jobs: dict[int, PrintJob] = {}
        self.printed: list[PrintedPage] = []
        self._number = 0

    # --- what the protocol asks of it ------------------------------------------------------------

    def create(
        self,
        name: str,
        user: str,
        copies: int,
        sides: str,
        ranges: tuple[tuple[int, int], ...] = (),
    ) -> PrintJob:
        """A new job, without its document yet."""
        self._number += 1
        job = PrintJob(self._number, name, user, copies, sides, time.monotonic(), ranges)
        self.jobs[job.id] = job
        for old in [j.id for j in self.jobs.values() if j.ended][:-HISTORY_MOST]:
            del self.jobs[old]
        return job

    def give(self, job: PrintJob, document: bytes) -> None:
        """The job's document is whole: print it, or give it up for what it is."""
        try:
            pages = count_pages(document)
        except (NotPdf, EncryptedPdf):
            self._end(job, JobState.ABORTED, "document-format-error")
            return
        job.selected = tuple(page for page in range(pages) if _wanted(page + 1, job.ranges))
        job.document, job.pages = document, len(job.selected) * job.copies
        if self._out is not None:
            self._out.mkdir(parents=True, exist_ok=True)
            (self._out / f"job-{job.id:04d}.pdf").write_bytes(document)
        if (
            not job.selected
        ):  # RFC 8011 section 5.2.7: none of the document's pages is in the ranges
            self._end(job, JobState.COMPLETED, "job-completed-with-warnings")
        self.changed()

    def cancel(self, job: PrintJob) -> bool:
        """Take a job back; False where it is over."""
        if job.ended:
            return False
        self._end(job, JobState.CANCELED, "job-canceled-by-user")
        self.changed()
        return True

    def changed(self) -> None:
        """The situation or the queue changed: go on where something can."""
        for job in self.jobs.values():
            if job.ended or job.document is None:
                continue
            holds = self.situation is IppSituation.HOLDS and job.state is not JobState.PROCESSING
            if holds:
                job.state, job.reasons = JobState.HELD, "job-hold-until-specified"
            elif job.state is JobState.HELD:
                job.state, job.reasons = JobState.PENDING, "none"
        self._settle_current()
        if not self._ticking and self.current is not None:
            self._ticking = True
            self._after(self.page_s, self._tick)

    @property
    def current(self) -> PrintJob | None:
        """The job in the machine, or the next one."""
        waiting = (JobState.PROCESSING, JobState.STOPPED, JobState.PENDING)
        ready = [j for j in self.jobs.values() if j.state in waiting and j.document is not None]
        return min(ready, key=lambda job: (waiting.index(job.state), job.id), default=None)

    @property
    def state(self) -> PrinterState:
        if self.stop_reason:
            return PrinterState.STOPPED
        busy = any(job.state is JobState.PROCESSING for job in self.jobs.values())
        return PrinterState.PROCESSING if busy else PrinterState.IDLE

    @property
    def reasons(self) -> tuple[str, ...]:
        """printer-state-reasons."""
        said = self.stop_reason or WARNINGS.get(self.situation, "")
        return (said,) if said else ("none",)

    @property
    def stop_reason(self) -> str:
        """Why no page moves; empty where pages do."""
        if self.situation in STOPPING:
            return STOPPING[self.situation]
        job = next((j for j in self.jobs.values() if j.state in _IN_MACHINE), None)
        stops_after = STOPS_AFTER_PAGES + (self.situation is IppSituation.JAM_THIRD)
        midway = job is not None and job.printed >= stops_after
        return STOPPING_MIDWAY.get(self.situation, "") if midway else ""

    @property
    def page_s(self) -> float:
        return SLOW_PAGE_S if self.situation is IppSituation.SLOW else PAGE_S

    # --- pages -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        """A page's time is over."""
        self._ticking = False
        job = self.current
        if job is not None and not self.stop_reason:
            if job.state is not JobState.PROCESSING:
                self._take_up(job)
            else:
                self._page(job)
        if self._moving:
            self._ticking = True
            self._after(self.page_s, self._tick)

    @property
    def _moving(self) -> bool:
        return self.current is not None and not self.stop_reason

    def _take_up(self, job: PrintJob) -> None:
        job.state, job.reasons = JobState.PROCESSING, "job-printing"
        job.processing = job.processing or time.monotonic()

    def _page(self, job: PrintJob) -> None:
        if job.document is None:
            return
        page = job.selected[job.printed % len(job.selected)]
        self.printed.append(PrintedPage(job.name, page, job.document))
        self._draw(job, page)
        job.printed += 1
        midway = job.printed >= STOPS_AFTER_PAGES
        if midway and self.situation is IppSituation.ABORTS:
            self._end(job, JobState.ABORTED, "aborted-by-system")
        elif midway and self.situation is IppSituation.CANCELS:
            self._end(job, JobState.CANCELED, "job-canceled-at-device")
        elif job.printed == job.pages:
            self._end(job, JobState.COMPLETED, "job-completed-successfully")
        self._settle_current()

    def _settle_current(self) -> None:
        """A job whose printer stops is stopped, and goes on when the printer does."""
        for job in self.jobs.values():
            if job.state is JobState.PROCESSING and self.stop_reason:
                job.state, job.reasons = JobState.STOPPED, "printer-stopped"
            elif job.state is JobState.STOPPED and not self.stop_reason:
                job.state, job.reasons = JobState.PROCESSING, "job-printing"

    def _end(self, job: PrintJob, state: JobState, reason: str) -> None:
        job.state, job.reasons, job.document = state, reason, None
        job.completed = time.monotonic()

    def _draw(self, job: PrintJob, page: int) -> None:
        """The page as a picture in the output directory."""
        if self._out is None or job.document is None:
            return
        from PIL import Image

        from devices.printer.preview import draw

        picture = draw(job.document, page, DRAWN_WIDTH_PX)
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        image.save(self._out / f"job-{job.id:04d}-page-{job.printed + 1:03d}.png")


_IN_MACHINE = (JobState.PROCESSING, JobState.STOPPED)


def _wanted(page: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return not ranges or any(first <= page <= last for first, last in ranges)
