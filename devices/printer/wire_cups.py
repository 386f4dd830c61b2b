"""A receipt printer behind a raw CUPS queue: a slip is a job, and only the queue can be asked.

python-escpos' `CupsPrinter` writes each job to a file of the terminal, forgets its number, and reads
the queue's state as if it were the printer's. Here the job's number is kept and followed (RFC 8011);
of the printer itself nothing is known, and every fact of it stays unknown.
"""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace

from devices.faults import fault
from devices.printer.document_cups import CHUNK_BYTES, CupsQueue
from devices.printer.document_queue import JobStatus, QueueRefused, QueueStatus, Ticket
from devices.printer.ipp import JobState, PrinterState
from devices.printer.wire import NotTaken
from devices.status import Fault

RAW = "application/vnd.cups-raw"
"""Nobody filters it: the bytes reach the printer as they are."""

FOLLOW_FOR_S = 30.0
"""A queue that has not sent a slip by then does not send it at all: it is taken back."""

LOOK_EVERY_S = 0.1
ASK_EVERY_S = 2.0
"""How often an idle queue is asked how it is."""


class CupsWire:
    """The queue of `cups:QUEUE` (`cups:` is the server's default queue) at `server`, "" for the
    machine's own."""

    connection_is_a_job = True

    def __init__(self, address: str, server: str = "") -> None:
        """Raises OSError where there is no server or no such queue."""
        self._queue = _RawQueue(address.removeprefix("cups:").strip("/"), server)
        self._waiting = bytearray()
        self._asked_at = 0.0
        self._trouble: Fault | None = None
        self._look()

    def send(self, data: bytes, seconds: float) -> int:
        """Kept until the slip is whole."""
        self._waiting += data
        return len(data)

    def read(self, seconds: float) -> bytes:
        """The printer says nothing this way; the queue is asked now and then."""
        if time.monotonic() - self._asked_at >= ASK_EVERY_S:
            self._look()
        return b""

    def port_status(self) -> int | None:
        return None

    def trouble(self) -> Fault | None:
        """What keeps the queue from sending, as far as CUPS says."""
        return self._trouble

    def finish(self, over: Callable[[], bool]) -> bool:
        """Hand the slip over and follow it; True once CUPS has sent it all to the printer.

        Raises NotTaken where it certainly was not sent, TimeoutError where some of it may have been.
        """
        slip, self._waiting = bytes(self._waiting), bytearray()
        digest = hashlib.sha256(slip).hexdigest()[:12]
        ticket = Ticket(f"kiosk-slip-{digest}", 1, "one-sided", "")
        try:
            number = self._queue.submit(slip, ticket)
            return self._follow(number, over)
        except QueueRefused as refused:
            raise NotTaken(
                replace(fault("printer.queue"), detail=refused.fault.detail)
            ) from refused

    def close(self) -> None:
        self._queue.close()

    def _look(self) -> None:
        self._asked_at = time.monotonic()
        try:
            self._trouble = _trouble_of(self._queue.status())
        except QueueRefused as refused:
            raise FileNotFoundError(errno.ENOENT, refused.fault.code) from refused

    def _follow(self, number: int, over: Callable[[], bool]) -> bool:
        sending = False
        until = time.monotonic() + FOLLOW_FOR_S
        job: JobStatus | None = None
        while time.monotonic() < until and not over():
            job = self._queue.job(number)
            if job is None or job.state is JobState.COMPLETED:
                return True
            sending = sending or job.state in (JobState.PROCESSING, JobState.STOPPED)
            if job.state in (JobState.ABORTED, JobState.CANCELED):
                break
            time.sleep(LOOK_EVERY_S)
        self._queue.cancel(number)
        if sending:
            raise TimeoutError(errno.ETIMEDOUT, "CUPS had begun to send the slip")
        why = job.message if job is not None else ""
        raise NotTaken(fault("printer.queue", why or "the queue did not send it"))


class _RawQueue(CupsQueue):
    """A queue that takes bytes as they are."""

    def _stream(self, name: str, number: int, pdf: bytes) -> None:
        self._call(lambda cups: cups.startDocument(name, number, "slip", RAW, 1))
        for at in range(0, len(pdf), CHUNK_BYTES):
            self._write(pdf[at : at + CHUNK_BYTES])
        self._call(lambda cups: cups.finishDocument(name))


def _trouble_of(status: QueueStatus) -> Fault | None:
    if status.state is PrinterState.STOPPED:
        return fault("printer.queue", "the queue is stopped")
    if status.accepting is False:
        return fault("printer.queue", "the queue takes no jobs")
    return None
