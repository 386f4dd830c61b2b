"""A driverless printer reached directly: IPP over HTTP, each request with a deadline.

The same printer is asked how it is where a CUPS queue stands in front of it: CUPS learns of an empty
tray only when it prints.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import ssl
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from devices.faults import fault
from devices.printer.document_queue import (
    JobStatus,
    QueueRefused,
    QueueStatus,
    Ticket,
    job_state,
    printer_state,
)
from devices.printer.ipp import (
    Attribute,
    Attributes,
    GroupTag,
    IppError,
    Message,
    Operation,
    Status,
    Tag,
    attribute,
    decode,
    encode,
    every,
    first,
    group,
)

IPP_PORT = 631
"""RFC 8011 section 11 (IANA)."""

ANSWER_WITHIN_S = 8.0
"""A printer that wakes up from sleep takes some seconds."""

TAKE_DOCUMENT_WITHIN_S = 60.0
"""A slow printer takes a scanned report page by page."""

LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

JOBS_MOST = 50
"""How far back to look for a job of ours."""

PDF = "application/pdf"

FIRST_FAILURE = 0x0100
"""RFC 8011 appendix B.1: statuses below succeeded."""

ASKED_OF_PRINTER = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-make-and-model",
    "document-format-supported", "sides-supported", "print-color-mode-supported",
    "page-ranges-supported",
)  # fmt: skip

ASKED_OF_JOB = (
    "job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed",
    "job-state-message",
)  # fmt: skip

REFUSALS = {
    Status.NOT_FOUND: "document.queue_missing",
    Status.FORMAT_NOT_SUPPORTED: "document.takes_no_pdf",
    Status.NOT_ACCEPTING_JOBS: "document.rejecting",
    Status.BUSY: "document.busy",
    Status.SERVICE_UNAVAILABLE: "document.busy",
}


class IppQueue:
    """The printer at an `ipp://` or `ipps://` address; a PrintQueue.

    ValueError for an address that is none. At `ipps` the printer's certificate must be one that the
    machine trusts, or the one whose SHA-256 is `certificate`: most printers sign their own.
    """

    def __init__(self, uri: str, user: str = "kiosk", certificate: str = "") -> None:
        parts = urlsplit(uri)
        if parts.scheme not in ("ipp", "ipps") or not parts.hostname:
            raise ValueError(f"{uri!r} is no ipp:// address")
        self.uri = uri
        self._host, self._port = parts.hostname, parts.port or IPP_PORT
        self._path = parts.path or "/"
        self._secure = parts.scheme == "ipps"
        self._user = user
        self._certificate = certificate
        self._number = 0

    def status(self) -> QueueStatus:
        """How the printer is now."""
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, _wanted(ASKED_OF_PRINTER))
        told = answer.group(GroupTag.PRINTER)
        reasons = every(told, "printer-state-reasons")
        return QueueStatus(
            printer_state(first(told, "printer-state")),
            _words(reasons) if reasons else None,
            _boolean(first(told, "printer-is-accepting-jobs")),
            live=True,
            model=str(first(told, "printer-make-and-model") or ""),
            formats=_words(every(told, "document-format-supported")),
            sides=_words(every(told, "sides-supported")),
            colours=_words(every(told, "print-color-mode-supported")),
            ranges=_boolean(first(told, "page-ranges-supported")),
        )

    def submit(self, pdf: bytes, ticket: Ticket) -> int:
        """Print-Job (RFC 8011 section 4.2.1) with the whole document."""
        about = (
            attribute("job-name", Tag.NAME, ticket.name),
            attribute("document-format", Tag.MIME, PDF),
        )
        job = [
            attribute("copies", Tag.INTEGER, ticket.copies),
            attribute("sides", Tag.KEYWORD, ticket.sides),
            attribute("media", Tag.KEYWORD, ticket.media),
        ]
        if ticket.colour:
            job.append(attribute("print-color-mode", Tag.KEYWORD, ticket.colour))
        if ticket.pages:
            job.append(attribute("page-ranges", Tag.RANGE, ticket.pages))
        answer = self._ask(Operation.PRINT_JOB, about, job, pdf)
        number = first(answer.group(GroupTag.JOB), "job-id")
        if not isinstance(number, int):
            raise ConnectionError(errno.EPROTO, "no job number in the printer's answer")
        return number

    def job(self, number: int) -> JobStatus | None:
        """One job, as the printer counts it."""
        about = (attribute("job-id", Tag.INTEGER, number), *_wanted(ASKED_OF_JOB))
        answer = self._send(Operation.GET_JOB_ATTRIBUTES, about)
        if answer.code == Status.NOT_FOUND:
            return None
        return _job(_checked(answer).group(GroupTag.JOB))

    def jobs(self, *, ended: bool) -> Sequence[JobStatus]:
        """Our user's jobs. A printer that keeps no list of ended jobs gives those it has."""
        found: dict[int, JobStatus] = {}
        for which in ("not-completed", "completed") if ended else ("not-completed",):
            about = (
                attribute("limit", Tag.INTEGER, JOBS_MOST),
                attribute("which-jobs", Tag.KEYWORD, which),
                *_wanted(ASKED_OF_JOB),
            )
            answer = self._ask(Operation.GET_JOBS, about)
            for told in answer.all_of(GroupTag.JOB):
                if (job := _job(told)) is not None:
                    found[job.id] = job
        return sorted(found.values(), key=lambda job: job.id, reverse=True)

    def cancel(self, number: int) -> None:
        """Cancel-Job (RFC 8011 section 4.3.3)."""
        answer = self._send(Operation.CANCEL_JOB, (attribute("job-id", Tag.INTEGER, number),))
        if answer.code not in (Status.NOT_FOUND, Status.NOT_POSSIBLE):
            _checked(answer)

    def forget(self, number: int) -> None:
        """A printer deletes a job's document when the job ends; its record holds nobody's name."""
        return

    def close(self) -> None:
        """Each request has a connection of its own: nothing is open."""
        return

    def _ask(
        self,
        operation: Operation,
        about: Iterable[Attribute],
        job: Iterable[Attribute] = (),
        data: bytes = b"",
    ) -> Message:
        return _checked(self._send(operation, about, job, data))

    def _send(
        self,
        operation: Operation,
        about: Iterable[Attribute],
        job: Iterable[Attribute] = (),
        data: bytes = b"",
    ) -> Message:
        self._number += 1
        named = {each.name: each for each in about}
        target = [named.pop("job-id")] if "job-id" in named else []
        operation_group = group(  # job-id follows printer-uri at once: RFC 8011 section 4.1.5
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
            attribute("printer-uri", Tag.URI, self.uri),
            *target,
            attribute("requesting-user-name", Tag.NAME, self._user),
            *named.values(),
        )
        groups: list[tuple[int, Attributes]] = [(GroupTag.OPERATION, operation_group)]
        described = group(*job)
        if described:
            groups.append((GroupTag.JOB, described))
        message = Message(operation, self._number, tuple(groups))
        answer = self._exchange(encode(message) + data, bool(data))
        if answer.request_id != self._number:
            raise ConnectionError(errno.EPROTO, "an answer to another question")
        return answer

    def _exchange(self, body: bytes, document: bool) -> Message:
        timeout = TAKE_DOCUMENT_WITHIN_S if document else ANSWER_WITHIN_S
        connection = self._connection(timeout)
        try:
            self._trust(connection)
            kind = "application/ipp"
            headers = {"Content-Type": kind, "Accept": kind, "Connection": "close"}
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            answered = response.read(LARGEST_ANSWER_BYTES + 1)
        except http.client.HTTPException as error:
            raise ConnectionError(errno.EPROTO, "the printer's answer is no HTTP") from error
        finally:
            connection.close()
        if response.status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            raise QueueRefused(fault("document.forbidden", f"HTTP {response.status}"))
        if response.status != http.HTTPStatus.OK:
            raise ConnectionError(errno.EPROTO, f"HTTP {response.status}")
        try:
            return decode(answered)[0]
        except IppError as error:
            raise ConnectionError(errno.EPROTO, "the printer's answer is no IPP") from error

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        context = ssl.create_default_context()
        if self._certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # `_trust` knows the very certificate
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)

    def _trust(self, connection: http.client.HTTPConnection) -> None:
        """Connect; raises QueueRefused before anything is said to a printer that is another."""
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise QueueRefused(fault("document.certificate", error.verify_message)) from error
        if self._certificate and isinstance(connection.sock, ssl.SSLSocket):
            shown = connection.sock.getpeercert(binary_form=True) or b""
            digest = hashlib.sha256(shown).hexdigest()
            if digest != self._certificate:
                raise QueueRefused(fault("document.certificate", digest))


def _checked(answer: Message) -> Message:
    if answer.code < FIRST_FAILURE:
        return answer
    known = next((code for status, code in REFUSALS.items() if status == answer.code), "")
    message = first(answer.group(GroupTag.OPERATION), "status-message") or ""
    detail = f"IPP {answer.code:#06x} {message}".strip()
    raise QueueRefused(fault(known or "document.refused", detail))


def _wanted(names: Sequence[str]) -> tuple[Attribute]:
    return (attribute("requested-attributes", Tag.KEYWORD, *names),)


def _job(told: Attributes) -> JobStatus | None:
    number = first(told, "job-id")
    if not isinstance(number, int):
        return None
    pages = first(told, "job-impressions-completed")
    return JobStatus(
        number,
        str(first(told, "job-name") or ""),
        job_state(first(told, "job-state")),
        _words(every(told, "job-state-reasons")),
        pages if isinstance(pages, int) else None,
        str(first(told, "job-state-message") or ""),
        proven=True,
    )


def _words(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values if value is not None)


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
