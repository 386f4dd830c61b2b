"""What the simulated A4 printer says it is and can do: as much as CUPS's driverless queues ask for.

Names and types are those of RFC 8011 section 5.4 and PWG 5100.14 (IPP Everywhere), which CUPS wants
before it makes a queue with `lpadmin -m everywhere`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from devices.printer.ipp import Attribute, Operation, Tag, attribute, group
from devices.simulators.ipp_jobs import Mechanism, PrintJob

MODEL = "Simulated Hall A4"
A4 = "iso_a4_210x297mm"
A4_HUNDREDTHS_MM = (21000, 29700)
MARGIN_HUNDREDTHS_MM = 423
DPI = 600
PER_INCH = 3
"""Resolution unit dots per inch (RFC 8010 section 3.9)."""

PORTRAIT = 3
PLAIN_FINISHING = 3
NORMAL_QUALITY = 4
COPIES_MOST = 99
UUID = "urn:uuid:4509a320-00c7-4d1d-b19b-2fd5a1a8f4d0"


def _media_col() -> dict[str, Attribute]:
    """The one size there is, as a media-col collection (PWG 5100.3)."""
    width, height = A4_HUNDREDTHS_MM
    size = group(
        attribute("x-dimension", Tag.INTEGER, width), attribute("y-dimension", Tag.INTEGER, height)
    )
    sides = ("top", "bottom", "left", "right")
    return dict(
        group(
            attribute("media-size", Tag.COLLECTION, size),
            attribute("media-source", Tag.KEYWORD, "main"),
            attribute("media-type", Tag.KEYWORD, "stationery"),
            *(attribute(f"media-{s}-margin", Tag.INTEGER, MARGIN_HUNDREDTHS_MM) for s in sides),
        )
    )


def _fixed() -> list[Attribute]:
    width, height = A4_HUNDREDTHS_MM
    size = group(
        attribute("x-dimension", Tag.INTEGER, width), attribute("y-dimension", Tag.INTEGER, height)
    )
    keyword, boolean, integer = Tag.KEYWORD, Tag.BOOLEAN, Tag.INTEGER
    return [
        attribute("charset-configured", Tag.CHARSET, "utf-8"),
        attribute("charset-supported", Tag.CHARSET, "utf-8"),
        attribute("color-supported", boolean, True),
        attribute("compression-supported", keyword, "none"),
        attribute("copies-default", integer, 1),
        attribute("copies-supported", Tag.RANGE, (1, COPIES_MOST)),
        attribute("document-format-default", Tag.MIME, "application/pdf"),
        attribute("document-format-supported", Tag.MIME, "application/pdf"),
        attribute("finishings-default", Tag.ENUM, PLAIN_FINISHING),
        attribute("finishings-supported", Tag.ENUM, PLAIN_FINISHING),
        attribute("generated-natural-language-supported", Tag.LANGUAGE, "en"),
        attribute("ipp-features-supported", keyword, "ipp-everywhere"),
        attribute("ipp-versions-supported", keyword, "1.1", "2.0"),
        attribute("job-ids-supported", boolean, True),
        attribute(
            "job-creation-attributes-supported", keyword,
            "copies", "sides", "media", "media-col", "page-ranges", "print-color-mode", "print-quality",
        ),
        attribute("media-bottom-margin-supported", integer, MARGIN_HUNDREDTHS_MM),
        attribute("media-col-database", Tag.COLLECTION, _media_col()),
        attribute("media-col-default", Tag.COLLECTION, _media_col()),
        attribute("media-col-ready", Tag.COLLECTION, _media_col()),
        attribute(
            "media-col-supported", keyword,
            "media-size", "media-source", "media-type", "media-top-margin", "media-bottom-margin",
            "media-left-margin", "media-right-margin",
        ),
        attribute("media-default", keyword, A4),
        attribute("media-left-margin-supported", integer, MARGIN_HUNDREDTHS_MM),
        attribute("media-ready", keyword, A4),
        attribute("media-right-margin-supported", integer, MARGIN_HUNDREDTHS_MM),
        attribute("media-size-supported", Tag.COLLECTION, size),
        attribute("media-source-supported", keyword, "main"),
        attribute("media-supported", keyword, A4),
        attribute("media-top-margin-supported", integer, MARGIN_HUNDREDTHS_MM),
        attribute("media-type-supported", keyword, "stationery"),
        attribute("multiple-document-jobs-supported", boolean, False),
        attribute("multiple-operation-time-out", integer, 120),
        attribute("natural-language-configured", Tag.LANGUAGE, "en"),
        attribute("operations-supported", Tag.ENUM, *(int(each) for each in Operation)),
        attribute("orientation-requested-default", Tag.ENUM, PORTRAIT),
        attribute("orientation-requested-supported", Tag.ENUM, PORTRAIT),
        attribute("output-bin-default", keyword, "face-down"),
        attribute("output-bin-supported", keyword, "face-down"),
        attribute("page-ranges-supported", boolean, True),
        attribute("pages-per-minute", integer, 30),
        attribute("pdl-override-supported", keyword, "attempted"),
        attribute("print-color-mode-default", keyword, "monochrome"),
        attribute("print-color-mode-supported", keyword, "monochrome", "color", "auto"),
        attribute("print-quality-default", Tag.ENUM, NORMAL_QUALITY),
        attribute("print-quality-supported", Tag.ENUM, NORMAL_QUALITY),
        attribute("printer-device-id", Tag.TEXT, "MFG:Simulated;MDL:Hall A4;CMD:PDF;"),
        attribute("printer-info", Tag.TEXT, MODEL),
        attribute("printer-location", Tag.TEXT, ""),
        attribute("printer-make-and-model", Tag.TEXT, MODEL),
        attribute("printer-more-info", Tag.URI, "http://127.0.0.1/"),
        attribute("printer-name", Tag.NAME, "print"),
        attribute("printer-resolution-default", Tag.RESOLUTION, (DPI, DPI, PER_INCH)),
        attribute("printer-resolution-supported", Tag.RESOLUTION, (DPI, DPI, PER_INCH)),
        attribute("printer-uuid", Tag.URI, UUID),
        attribute("sides-default", keyword, "one-sided"),
        attribute(
            "sides-supported", keyword,
            "one-sided", "two-sided-long-edge", "two-sided-short-edge",
        ),
        attribute("uri-authentication-supported", keyword, "none"),
        attribute("uri-security-supported", keyword, "none"),
        attribute("which-jobs-supported", keyword, "completed", "not-completed", "all"),
    ]  # fmt: skip


FIXED = tuple(_fixed())


def printer_attributes(
    mechanism: Mechanism, uri: str, up_s: int, *, accepting: bool
) -> list[Attribute]:
    """Everything the printer says of itself at this moment."""
    queued = sum(not job.ended for job in mechanism.jobs.values())
    return [
        *FIXED,
        attribute("printer-is-accepting-jobs", Tag.BOOLEAN, accepting),
        attribute("printer-state", Tag.ENUM, int(mechanism.state)),
        attribute("printer-state-message", Tag.TEXT, ""),
        attribute("printer-state-reasons", Tag.KEYWORD, *mechanism.reasons),
        attribute("printer-up-time", Tag.INTEGER, up_s),
        attribute("printer-uri-supported", Tag.URI, uri),
        attribute("queued-job-count", Tag.INTEGER, queued),
    ]


def job_attributes(job: PrintJob, uri: str, began: float) -> list[Attribute]:
    """Everything the printer says of a job; times in seconds of its up time."""
    times = (
        ("time-at-creation", job.created),
        ("time-at-processing", job.processing),
        ("time-at-completed", job.completed),
    )
    return [
        attribute("job-id", Tag.INTEGER, job.id),
        attribute("job-uri", Tag.URI, f"{uri}/{job.id}"),
        attribute("job-printer-uri", Tag.URI, uri),
        attribute("job-printer-up-time", Tag.INTEGER, max(1, int(time.monotonic() - began))),
        attribute("job-name", Tag.NAME, job.name),
        attribute("job-originating-user-name", Tag.NAME, job.user),
        attribute("job-state", Tag.ENUM, int(job.state)),
        attribute("job-state-reasons", Tag.KEYWORD, job.reasons),
        attribute("job-state-message", Tag.TEXT, ""),
        attribute("job-impressions", Tag.INTEGER, job.pages),
        attribute("job-impressions-completed", Tag.INTEGER, job.printed),
        attribute("job-media-sheets-completed", Tag.INTEGER, job.sheets),
        *(
            attribute(name, Tag.INTEGER, max(1, int(when - began)))
            if when
            else attribute(name, Tag.NO_VALUE, None)
            for name, when in times
        ),
    ]


def chosen(attributes: Iterable[Attribute], wanted: Iterable[str]) -> dict[str, Attribute]:
    """Those that were asked for: by name, or by a group name such as `all` (RFC 8011 section 4.2.5)."""
    names = set(wanted)
    whole = not names or bool(names & {"all", "printer-description", "job-template"})
    return {
        each.name: each
        for each in attributes
        if each.name in names or (whole and each.name != "media-col-database")
    }
