"""A simulated A4 printer that speaks IPP over HTTP, as a driverless printer in a hall does.

CUPS makes an `everywhere` queue of it, ipptool talks to it, and the adapter reaches it at
`ipp://127.0.0.1:<port>/ipp/print`. Control requests of its own: `{"do": "press_cancel"}` is the button
on its panel. `state` tells the jobs and how many pages came out; with `out`, each job is a PDF there, and
each page a PNG.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from devices.simulators.ipp_attributes import chosen, job_attributes, printer_attributes
from devices.simulators.ipp_http import BadHttp, HttpReader, HttpRequest, answer
from devices.simulators.ipp_jobs import IppSituation, Mechanism, PrintedPage, PrintJob
from devices.simulators.service import Link, Service

PATH = "/ipp/print"
VERSIONS = (1, 2)
PDF = ("application/pdf", "application/octet-stream")
GARBAGE = b"\x02\x00\x00\x00\x00\x00\x00\x01\x04\x44\xff\xffprinter-state\x00"


class IppPrinterSimulator(Service):
    """A printer at an IPP address."""

    situations = IppSituation

    def __init__(
        self,
        *,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
        out: Path | None = None,
    ) -> None:
        super().__init__(tcp=tcp, link=link, control=control, situation=situation)
        self._began = time.monotonic()
        self._mechanism = Mechanism(self.after, out)
        self._mechanism.situation = IppSituation(self.situation)

    @property
    def printed(self) -> tuple[PrintedPage, ...]:
        """Every page that came out, in order."""
        return tuple(self._mechanism.printed)

    # --- the panel and the network -----------------------------------------------------------------

    def address(self, host: str, port: int) -> str:
        return f"ipp://{host}:{port}{PATH}"

    def opened(self, link: Link) -> _HttpConversation:
        return _HttpConversation(link, self)

    def situation_changed(self) -> None:
        self._mechanism.situation = IppSituation(self.situation)
        self._mechanism.changed()

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do != "press_cancel":
            return super().request(do, given)
        job = self._mechanism.current
        return {"cancelled": job is not None and self._mechanism.cancel(job)}

    def state(self) -> dict[str, Any]:
        jobs = [
            {"id": j.id, "name": j.name, "state": j.state.name.lower(), "pages": j.printed,
             "sheets": j.sheets, "sides": j.sides, "copies": j.copies}
            for j in self._mechanism.jobs.values()
        ]  # fmt: skip
        return {"jobs": jobs, "pages": len(self._mechanism.printed)}

    # --- IPP ---------------------------------------------------------------------------------------

    def answered(self, body: bytes) -> bytes | None:
        """The answer to an IPP request; None where the printer hangs up instead."""
        try:
            request, data = decode(body)
        except IppError:
            return encode(_reply(Status.BAD_REQUEST, 1))
        reply = self._reply_to(request, data)
        deaf = self.situation is IppSituation.DEAF_AFTER_JOB
        if deaf and request.code in (Operation.PRINT_JOB, Operation.SEND_DOCUMENT):
            return None
        version = request.version if request.version[0] in VERSIONS else reply.version
        return encode(replace(reply, version=version))

    def _reply_to(self, request: Message, data: bytes) -> Message:
        if not _well_formed(request):
            return _reply(Status.BAD_REQUEST, request.request_id)
        if request.version[0] not in VERSIONS:
            return _reply(Status.VERSION_NOT_SUPPORTED, request.request_id)
        operations: dict[int, Callable[[Message, bytes], Message]] = {
            Operation.GET_PRINTER_ATTRIBUTES: self._printer,
            Operation.VALIDATE_JOB: self._validate,
            Operation.PRINT_JOB: self._print,
            Operation.CREATE_JOB: self._create,
            Operation.SEND_DOCUMENT: self._send_document,
            Operation.CANCEL_JOB: self._cancel,
            Operation.GET_JOB_ATTRIBUTES: self._job,
            Operation.GET_JOBS: self._jobs,
        }
        carry_out = operations.get(request.code)
        if carry_out is None:
            return _reply(Status.OPERATION_NOT_SUPPORTED, request.request_id)
        return carry_out(request, data)

    def _printer(self, request: Message, _: bytes) -> Message:
        told = printer_attributes(
            self._mechanism,
            self.port,
            max(1, int(time.monotonic() - self._began)),
            accepting=self.situation is not IppSituation.REJECTS,
        )
        wanted = _asked(request)
        return _reply(Status.OK, request.request_id, [(GroupTag.PRINTER, chosen(told, wanted))])

    def _refusal(self, request: Message) -> Message | None:
        """Why a job is not taken, if it is not."""
        about = request.group(GroupTag.OPERATION)
        number = request.request_id
        if self.situation is IppSituation.REJECTS:
            return _reply(Status.NOT_ACCEPTING_JOBS, number)
        if self.situation is IppSituation.BUSY:
            return _reply(Status.BUSY, number)
        if first(about, "document-format") not in (None, *PDF):
            return _reply(Status.FORMAT_NOT_SUPPORTED, number)
        return None

    def _validate(self, request: Message, _: bytes) -> Message:
        return self._refusal(request) or _reply(Status.OK, request.request_id)

    def _new_job(self, request: Message) -> PrintJob:
        about, job = request.group(GroupTag.OPERATION), request.group(GroupTag.JOB)
        return self._mechanism.create(
            str(first(about, "job-name") or "untitled"),
            str(first(about, "requesting-user-name") or "anonymous"),
            int(first(job, "copies") or 1),
            str(first(job, "sides") or "one-sided"),
            tuple(pages for pages in every(job, "page-ranges") if isinstance(pages, tuple)),
        )

    def _print(self, request: Message, data: bytes) -> Message:
        if (refused := self._refusal(request)) is not None:
            return refused
        job = self._new_job(request)
        self._mechanism.give(job, data)
        return self._about(request, job)

    def _create(self, request: Message, _: bytes) -> Message:
        refused = self._refusal(request)
        return refused or self._about(request, self._new_job(request))

    def _send_document(self, request: Message, data: bytes) -> Message:
        job = self._meant(request)
        if job is None:
            return _reply(Status.NOT_FOUND, request.request_id)
        if not isinstance(first(request.group(GroupTag.OPERATION), "last-document"), bool):
            return _reply(Status.BAD_REQUEST, request.request_id)
        if job.ended or job.document is not None:
            return _reply(Status.NOT_POSSIBLE, request.request_id)
        self._mechanism.give(job, data)
        return self._about(request, job)

    def _cancel(self, request: Message, _: bytes) -> Message:
        job = self._meant(request)
        if job is None:
            return _reply(Status.NOT_FOUND, request.request_id)
        done = self._mechanism.cancel(job)
        return _reply(Status.OK if done else Status.NOT_POSSIBLE, request.request_id)

    def _job(self, request: Message, _: bytes) -> Message:
        job = self._meant(request)
        if job is None:
            return _reply(Status.NOT_FOUND, request.request_id)
        return self._about(request, job, _asked(request))

    def _jobs(self, request: Message, _: bytes) -> Message:
        about = request.group(GroupTag.OPERATION)
        which = first(about, "which-jobs") or "not-completed"
        user = first(about, "requesting-user-name")
        found = [
            job
            for job in self._mechanism.jobs.values()
            if (which == "all" or job.ended == (which == "completed"))
            and (not first(about, "my-jobs") or job.user == user)
        ]
        if which == "completed":
            found.reverse()
        limit = first(about, "limit")
        wanted = _asked(request) or ("job-id", "job-uri")
        groups = [
            (GroupTag.JOB, chosen(job_attributes(job, self.port, self._began), wanted))
            for job in found[: limit if isinstance(limit, int) else None]
        ]
        return _reply(Status.OK, request.request_id, groups)

    def _meant(self, request: Message) -> PrintJob | None:
        """The job of a request, by its number or its address."""
        about = request.group(GroupTag.OPERATION)
        number = first(about, "job-id")
        if number is None:
            _, _, last = str(first(about, "job-uri") or "").rpartition("/")
            number = int(last) if last.isdigit() else -1
        return self._mechanism.jobs.get(number)

    def _about(self, request: Message, job: PrintJob, wanted: tuple[str, ...] = ()) -> Message:
        told = chosen(job_attributes(job, self.port, self._began), wanted)
        return _reply(Status.OK, request.request_id, [(GroupTag.JOB, told)])


class _HttpConversation:
    """One connection to the printer."""

    def __init__(self, link: Link, printer: IppPrinterSimulator) -> None:
        self._link = link
        self._printer = printer
        self._reader = HttpReader(link.send)

    def received(self, data: bytes) -> None:
        if self._printer.situation is IppSituation.SILENT:
            return
        try:
            for request in self._reader.feed(data):
                self._answer(request)
        except BadHttp:
            self._link.send(answer(400, last=True), hang_up=True)

    def _answer(self, request: HttpRequest) -> None:
        if request.method != "POST":
            self._say(request, 405)
        elif not request.path.startswith(PATH):
            self._say(request, 404)
        elif self._printer.situation is IppSituation.GARBAGE:
            self._say(request, 200, GARBAGE)
        else:
            body = self._printer.answered(request.body)
            if body is None:
                self._link.close()
            else:
                self._say(request, 200, body)

    def _say(self, request: HttpRequest, status: int, body: bytes = b"") -> None:
        self._link.send(answer(status, body, last=request.last), hang_up=request.last)


def _well_formed(request: Message) -> bool:
    """RFC 8011 section 4.1.4: a number above 0; charset, then language, then whom it is meant for."""
    names = list(request.group(GroupTag.OPERATION))
    target = {"printer-uri", "job-uri"} & set(names)
    opening = ["attributes-charset", "attributes-natural-language"]
    return request.request_id > 0 and names[:2] == opening and bool(target)


def _asked(request: Message) -> tuple[str, ...]:
    asked = every(request.group(GroupTag.OPERATION), "requested-attributes")
    return tuple(str(name) for name in asked)


def _reply(
    status: Status, request_id: int, groups: Sequence[tuple[GroupTag, Attributes]] = ()
) -> Message:
    operation: tuple[Attribute, ...] = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
    )
    described: list[tuple[int, Attributes]] = [(GroupTag.OPERATION, group(*operation))]
    described.extend(groups)
    return Message(status, request_id, tuple(described))
