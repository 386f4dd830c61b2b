"""A queue of a CUPS server, through pycups.

libcups keeps server and user per thread, so that each queue sets its own on the thread that works
with it. Nothing is asked on a terminal: without a password CUPS refuses, and that is told.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from devices.faults import fault
from devices.printer.document_queue import (
    ENDED,
    JobStatus,
    QueueRefused,
    QueueStatus,
    Ticket,
    job_state,
    printer_state,
)
from devices.printer.ipp import JobState, Status
from devices.printer.ipp_queue import ASKED_OF_JOB, PDF, REFUSALS, IppQueue

if TYPE_CHECKING:
    from cups import Connection

T = TypeVar("T")

CHUNK_BYTES = 65536

HTTP_CONTINUE = 100
"""What CUPS says to each part of a document that it takes."""

_SERVER_GONE = (0x0500, 0x0502)
"""server-error-internal-error and -service-unavailable: how libcups tells of a broken connection."""

ASKED_OF_QUEUE = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-make-and-model",
    "document-format-supported", "sides-supported", "print-color-mode-supported", "device-uri",
    "page-ranges-supported",
)  # fmt: skip

ASKED = (*ASKED_OF_JOB, "job-printer-state-message")


@dataclass(frozen=True, slots=True)
class FoundQueue:
    """A queue of the server: its name, the printer's model, and the address behind it."""

    name: str
    model: str
    device: str


class ServerAbsent(ConnectionError):
    """No CUPS server answers."""


class CupsQueue:
    """The queue `name` at `server` ("" is the machine's own, else host:port or a socket's path); a
    PrintQueue. An empty name takes the server's default queue, or its only one."""

    def __init__(self, name: str, server: str = "", user: str = "", certificate: str = "") -> None:
        self.name = name
        self._server = server
        self._user = user
        self._certificate = certificate
        self._connected: Connection | None = None
        self._printer: IppQueue | None = None
        self._printer_away = False
        self._earlier: frozenset[int] = frozenset()

    def status(self) -> QueueStatus:
        """How the queue is, and its printer where that speaks IPP itself."""
        name = self._chosen()
        told = self._call(
            lambda cups: cups.getPrinterAttributes(name, requested_attributes=list(ASKED_OF_QUEUE))
        )
        self._printer = self._printer_behind(str(told.get("device-uri", "")))
        status = QueueStatus(
            printer_state(told.get("printer-state")),
            _words(told.get("printer-state-reasons")) or None,
            _boolean(told.get("printer-is-accepting-jobs")),
            model=str(told.get("printer-make-and-model") or ""),
            formats=_words(told.get("document-format-supported")),
            sides=_words(told.get("sides-supported")),
            colours=_words(told.get("print-color-mode-supported")),
            ranges=_boolean(told.get("page-ranges-supported")),
        )
        return self._with_printer(status)

    def _printer_behind(self, device: str) -> IppQueue | None:
        """The printer itself, where the queue's address is one that IPP is spoken at."""
        try:
            return IppQueue(device, self._user or "kiosk", self._certificate)
        except ValueError:
            return None

    def _with_printer(self, status: QueueStatus) -> QueueStatus:
        """The printer's own word on paper, covers and toner, the queue's on whether it takes jobs."""
        self._printer_away = False
        if self._printer is None:
            return status
        try:
            own = self._printer.status()
        except OSError:
            self._printer_away = True
            return replace(status, reasons=(*(status.reasons or ()), "offline"))
        except QueueRefused:
            return status
        queue_says = tuple(r for r in status.reasons or () if r.startswith(_QUEUES_OWN_REASONS))
        state = own.state if status.state is None or not queue_says else status.state
        reasons = None if own.reasons is None else (*own.reasons, *queue_says)
        return replace(status, state=state, reasons=reasons, live=True)

    def submit(self, pdf: bytes, ticket: Ticket) -> int:
        """Create a job and stream the document into it: no file of it but CUPS's own."""
        name = self._chosen()
        options = {"copies": str(ticket.copies), "sides": ticket.sides, "media": ticket.media}
        if ticket.colour:
            options["print-color-mode"] = ticket.colour
        if ticket.pages:
            options["page-ranges"] = "{}-{}".format(*ticket.pages)
        self._earlier = frozenset(job.id for job in self._printers_jobs(ticket.name))
        number = int(self._call(lambda cups: cups.createJob(name, ticket.name, options)))
        try:
            self._stream(name, number, pdf)
        except (OSError, QueueRefused):
            self._drop(number)
            raise
        return number

    def job(self, number: int) -> JobStatus | None:
        """One job; its pages are the printer's count where the printer can be asked."""
        try:
            told = self._call(lambda cups: cups.getJobAttributes(number, list(ASKED)))
        except QueueRefused as refused:
            if refused.fault.code == "document.queue_missing":  # "not found", said of a job
                return None
            raise
        return self._as_printed(_job(number, told))

    def _as_printed(self, job: JobStatus) -> JobStatus:
        """CUPS counts the pages that it has sent, and calls a job cancelled that the printer has not
        heard of yet; the printer knows."""
        if self._printer is None or self._printer_away:
            return job
        own = next((j for j in self._printers_jobs(job.name) if j.id not in self._earlier), None)
        if own is None:
            return replace(job, pages=None)
        state = (
            own.state if job.state is JobState.CANCELED and own.state not in ENDED else job.state
        )
        return replace(job, state=state, pages=own.pages, proven=True)

    def _printers_jobs(self, name: str) -> list[JobStatus]:
        """The printer's own jobs of that name, newest first; none where it does not tell."""
        if self._printer is None or self._printer_away:
            return []
        try:
            return [job for job in self._printer.jobs(ended=True) if job.name == name]
        except (OSError, QueueRefused):
            return []

    def jobs(self, *, ended: bool) -> Sequence[JobStatus]:
        """The jobs of this server that are this user's."""
        which = "all" if ended else "not-completed"
        found = self._call(
            lambda cups: cups.getJobs(
                which_jobs=which, my_jobs=True, requested_attributes=list(ASKED)
            )
        )
        return [_job(number, told) for number, told in sorted(found.items(), reverse=True)]

    def cancel(self, number: int) -> None:
        """Cancel without purging: a purge kills CUPS's backend before it has told the printer, which
        then prints on (seen with CUPS 2.4 and a jammed printer)."""
        self._remove(number, purge=False)

    def forget(self, number: int) -> None:
        """Purge: neither the job's file nor its record stays."""
        self._remove(number, purge=True)

    def _remove(self, number: int, *, purge: bool) -> None:
        try:
            self._call(lambda cups: cups.cancelJob(number, purge_job=purge))
        except QueueRefused as refused:
            if refused.fault.code not in ("document.queue_missing", "document.not_possible"):
                raise

    def queues(self) -> tuple[FoundQueue, ...]:
        """Every queue of the server, for whoever sets a terminal up."""
        found = self._call(lambda cups: cups.getPrinters())
        return tuple(
            FoundQueue(name, str(told.get("printer-make-and-model", "")), str(told["device-uri"]))
            for name, told in sorted(found.items())
        )

    def close(self) -> None:
        """Let the connection go; the next call makes another."""
        self._connected = None

    def _chosen(self) -> str:
        if not self.name:
            names = [queue.name for queue in self.queues()]
            default = self._call(lambda cups: cups.getDefault())
            if not default and len(names) != 1:
                raise QueueRefused(fault("document.queue_missing", f"there are {names}"))
            self.name = default or names[0]
        return self.name

    def _stream(self, name: str, number: int, pdf: bytes) -> None:
        self._call(lambda cups: cups.startDocument(name, number, "document", PDF, 1))
        for at in range(0, len(pdf), CHUNK_BYTES):
            self._write(pdf[at : at + CHUNK_BYTES])
        self._call(lambda cups: cups.finishDocument(name))

    def _write(self, part: bytes) -> None:
        if self._call(lambda cups: cups.writeRequestData(part, len(part))) != HTTP_CONTINUE:
            raise ConnectionError(errno.EPIPE, "CUPS stopped taking the document")

    def _drop(self, number: int) -> None:
        """Take a job back that never became whole, if the server still answers."""
        try:
            self.cancel(number)
        except (OSError, QueueRefused):
            return

    def _call(self, work: Callable[[Any], T]) -> T:
        import cups

        try:
            if self._connected is None:
                self._connected = self._connect()
            return work(self._connected)
        except cups.IPPError as error:
            status, message = int(error.args[0]), str(error.args[1] or "")
            if status in _SERVER_GONE:
                self._connected = None
                raise ConnectionError(errno.ECONNRESET, message) from error
            raise QueueRefused(_refusal(status, message)) from error
        except cups.HTTPError as error:
            self._connected = None
            raise ConnectionError(errno.EPROTO, f"HTTP {error.args[0]}") from error
        except RuntimeError as error:
            self._connected = None
            raise ServerAbsent(errno.ECONNREFUSED, "no CUPS server") from error

    def _connect(self) -> Connection:
        import cups

        if self._server:
            cups.setServer(self._server)
        if self._user:
            cups.setUser(self._user)
        cups.setPasswordCB2(lambda *_: None)
        return cups.Connection()


_QUEUES_OWN_REASONS = ("paused", "moving-to-paused", "hold-new-jobs", "cups-", "offline")

_FORBIDDEN = (0x0401, 0x0402, 0x0403)
"""client-error-forbidden, -not-authenticated, -not-authorized."""


def _refusal(status: int, message: str) -> Any:
    detail = f"IPP {status:#06x} {message}".strip()
    if status in _FORBIDDEN:
        return fault("document.forbidden", detail)
    if status == Status.NOT_POSSIBLE:
        return fault("document.not_possible", detail)
    known = next((code for each, code in REFUSALS.items() if each == status), "document.refused")
    return fault(known, detail)


def _job(number: int, told: Mapping[str, Any]) -> JobStatus:
    pages = told.get("job-impressions-completed")
    return JobStatus(
        number,
        str(told.get("job-name") or ""),
        job_state(told.get("job-state")),
        _words(told.get("job-state-reasons")),
        pages if isinstance(pages, int) else None,
        str(told.get("job-printer-state-message") or ""),
    )


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value or ())


def _boolean(value: Any) -> bool | None:
    return bool(value) if value is not None else None
