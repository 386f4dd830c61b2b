"""One document on its way through a queue: how far it is, what holds it up, how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.device import Cancel
from devices.faults import fault
from devices.printer.document_facts import DocumentFacts
from devices.printer.document_queue import ENDED, JobStatus, PrintQueue
from devices.printer.ipp import JobState
from devices.status import Failed, Fault, Ok, Outcome, Result

LOOK_EVERY_S = 0.3
"""How often a job under way is asked for: a page takes two seconds."""

CANCELLED_WITHIN_S = 8.0
"""How long a cancelled job may take to say so: the page in the machine comes out first."""

UNCERTAIN = ("document.forgotten", "document.not_cancelled")
"""Failures after which a document may still be, or become, paper."""

WITH_ERRORS = "job-completed-with-errors"
"""RFC 8011 section 5.3.8: it ended, and not all of it came out."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a document is: `pages` sides of `of` are on paper (None where nobody counts them), and
    what holds it up, if anything does. Of a job that failed and is over, the last says how far it came."""

    pages: int | None
    of: int
    fault: Fault | None = None


def taken_back(queue: PrintQueue, number: int) -> JobStatus | None:
    """Cancel a job and wait until it is over; the job then, None where the queue forgot it."""
    queue.cancel(number)
    breath = Cancel(CANCELLED_WITHIN_S)
    while (job := queue.job(number)) is not None and job.state not in ENDED:
        if breath.wait(LOOK_EVERY_S):
            break
    return job


class JobWatch:
    """Looks after job `number` of a queue until it ends.

    What a person can put right is waited for `patience_s` seconds, and told meanwhile; then the job
    is taken back, so that nothing of it comes out when the next citizen stands there.
    """

    def __init__(
        self,
        queue: PrintQueue,
        number: int,
        sides: int,
        look: Callable[[], DocumentFacts],
        tell: Callable[[Progress], None],
        patience_s: float,
    ) -> None:
        self._queue = queue
        self._number = number
        self._sides = sides
        self._look = look
        self._tell = tell
        self._patience_s = patience_s
        self._held_since: float | None = None
        self._last: Progress | None = None

    def until_ended(self, cancel: Cancel) -> Result[JobStatus]:
        """The job as it ended well; a job that ended otherwise is a failure with its cause."""
        while True:
            job = self._queue.job(self._number)
            if job is None:
                return Failed(Outcome.TIMEOUT, fault("document.forgotten"))
            if job.state in ENDED:
                return self._ended(job)
            problem = self._problem(job)
            self._say(Progress(job.pages, self._sides, problem))
            if self._lasting(problem):
                return self._take_back(
                    Failed(Outcome.HARDWARE_ERROR, problem or fault("document.stopped"))
                )
            if cancel.wait(LOOK_EVERY_S):
                given_up = cancel.cancelled
                late = Failed(Outcome.TIMEOUT, problem or fault("document.unfinished"))
                return self._take_back(cancel.failed() if given_up else late)

    def _problem(self, job: JobStatus) -> Fault | None:
        problem = self._look().problem
        if problem is not None:
            return problem
        if job.state is JobState.HELD:
            return fault("document.held", ",".join(job.reasons))
        if job.state is JobState.STOPPED:
            return fault("document.stopped", job.message)
        return None

    def _lasting(self, problem: Fault | None) -> bool:
        """Whether something has held the job up for longer than we wait."""
        if problem is None:
            self._held_since = None
            return False
        now = time.monotonic()
        if self._held_since is None:
            self._held_since = now
        return now - self._held_since >= self._patience_s

    def _say(self, progress: Progress) -> None:
        if progress != self._last:
            self._last = progress
            self._tell(progress)

    def _ended(self, job: JobStatus) -> Result[JobStatus]:
        if job.state is JobState.COMPLETED and WITH_ERRORS not in job.reasons:
            self._say(Progress(self._sides, self._sides))
            return Ok(job)
        if job.state is JobState.CANCELED:
            return Failed(Outcome.CANCELED, self._how_far(fault("document.cancelled"), job))
        return Failed(Outcome.HARDWARE_ERROR, self._how_far(fault("document.aborted"), job))

    def _take_back(self, failed: Failed) -> Result[JobStatus]:
        """Cancel the job; if it ended well before that reached it, then it did print."""
        job = taken_back(self._queue, self._number)
        if job is not None and job.state is JobState.COMPLETED and WITH_ERRORS not in job.reasons:
            return Ok(job)
        if job is not None and job.state not in ENDED:
            return Failed(Outcome.TIMEOUT, self._how_far(fault("document.not_cancelled"), job))
        return Failed(failed.outcome, self._how_far(failed.fault, job))

    def _how_far(self, problem: Fault, job: JobStatus | None) -> Fault:
        pages = job.pages if job is not None else None
        if pages is None and self._last is not None:
            pages = self._last.pages
        if job is not None and job.state in ENDED:
            self._say(Progress(pages, self._sides, problem))
        counted = "unknown" if pages is None else str(pages)
        words = [
            problem.detail,
            f"{counted} of {self._sides} pages out",
            job.message if job else "",
        ]
        return replace(problem, detail="; ".join(word for word in words if word))
