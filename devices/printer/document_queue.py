"""What a queue of A4 documents is to the adapter, whichever way it is reached.

Two ways fill this protocol: devices/printer/document_cups.py (a queue of a CUPS server) and
devices/printer/ipp_queue.py (a driverless printer itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from devices.printer.ipp import JobState, PrinterState
from devices.status import Fault

JOB_PREFIX = "kiosk-"
"""Every job of a terminal is called so, and a digest: a queue's list shows nobody's name."""

ENDED = (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)


class QueueRefused(Exception):
    """The queue said no; `fault` says why and who must act."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """What a queue says of itself. None is what it did not say.

    `live` is True where the printer itself answered: a CUPS queue in front of a printer that cannot
    be asked says "none" of a printer without paper as well. `ranges` tells whether it prints some of a
    document's pages when asked to (page-ranges-supported, RFC 8011 section 5.2.7).
    """

    state: PrinterState | None = None
    reasons: tuple[str, ...] | None = None
    accepting: bool | None = None
    live: bool = False
    model: str = ""
    formats: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    ranges: bool | None = None


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job: `pages` are the sides that are on paper so far, None where nobody counts them.

    `proven` is True where the printer itself counted.
    """

    id: int
    name: str
    state: JobState | None
    reasons: tuple[str, ...] = ()
    pages: int | None = None
    message: str = ""
    proven: bool = False


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How to print. What a printer cannot do falls back to one side, or to its only colour mode.

    `again` prints a document that came out already, or may have: a person has looked. `pages` are the
    first and the last page to print, counted from 1; None prints all.
    """

    copies: int = 1
    duplex: bool = False
    mono: bool = True
    again: bool = False
    pages: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a queue is told of one job. `sides` and `colour` are keywords of RFC 8011 section 5.2.8
    and PWG 5100.13 section 6.2.3; an empty `colour` leaves the choice to the printer. `pages` are
    page-ranges (section 5.2.7): the first and the last page, None for all of what is handed over."""

    name: str
    copies: int
    sides: str
    colour: str
    media: str = "iso_a4_210x297mm"
    pages: tuple[int, int] | None = None


class PrintQueue(Protocol):
    """Every method raises OSError where the queue cannot be reached, QueueRefused where it says no."""

    def status(self) -> QueueStatus:
        """How the queue and its printer are now."""

    def submit(self, pdf: bytes, ticket: Ticket) -> int:
        """Hand a whole document over; the job's number."""

    def job(self, number: int) -> JobStatus | None:
        """One job; None where the queue does not know it (any more)."""

    def jobs(self, *, ended: bool) -> Sequence[JobStatus]:
        """Our jobs, newest first; with `ended` those too that are over."""

    def cancel(self, number: int) -> None:
        """Take a job back; one that is over already is no error. The printer may take a while."""

    def forget(self, number: int) -> None:
        """Delete what is kept of a job that is over: its file and its record."""

    def close(self) -> None:
        """Let the connection go."""


def ticket_for(name: str, options: PrintOptions, status: QueueStatus) -> Ticket:
    """The options as far as this printer has them."""
    duplex = "two-sided-long-edge"
    sides = duplex if options.duplex and duplex in status.sides else "one-sided"
    wanted = "monochrome" if options.mono else "color"
    colour = wanted if wanted in status.colours else ""
    pages = options.pages if status.ranges else None
    return Ticket(name, options.copies, sides, colour, pages=pages)


def printer_state(value: Any) -> PrinterState | None:
    """A printer-state as sent; None for one that RFC 8011 does not know."""
    return PrinterState(value) if value in tuple(PrinterState) else None


def job_state(value: Any) -> JobState | None:
    """A job-state as sent; None for one that RFC 8011 does not know."""
    return JobState(value) if value in tuple(JobState) else None
