"""What a document printer's state reasons mean: facts for people, and the fault that stops it. Pure.

The keywords are printer-state-reasons of RFC 8011 section 5.4.12 and those that CUPS adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.faults import fault
from devices.printer.document_queue import QueueStatus
from devices.printer.ipp import PrinterState
from devices.status import Cover, Fault, Paper, Part

LONGEST_FACT = 80
"""A fact is a word or a line for a technician; vendors' own reasons may be many."""


class Toner(StrEnum):
    """Toner or ink."""

    OK = "ok"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


class Tray(StrEnum):
    """Where printed sheets, or used toner, are gathered."""

    FREE = "free"
    ALMOST_FULL = "almost_full"
    FULL = "full"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document printer as named facts. `problem` keeps it from printing."""

    paper: Paper
    cover: Cover
    toner: Toner
    output: Tray
    waste: Tray
    drum: Part
    queue: str
    reasons: tuple[str, ...]
    problem: Fault | None

    @property
    def named(self) -> dict[str, str]:
        """The facts as they travel up."""
        return {
            "paper": self.paper.value,
            "cover": self.cover.value,
            "toner": self.toner.value,
            "output": self.output.value,
            "waste": self.waste.value,
            "drum": self.drum.value,
            "queue": self.queue,
            "reasons": ",".join(self.reasons)[:LONGEST_FACT] or "none",
        }


@dataclass(frozen=True, slots=True)
class _Meaning:
    fact: str
    value: StrEnum | None
    code: str = ""
    warning: StrEnum | None = None  # what the same word means where the printer goes on printing


_OUT = _Meaning("paper", Paper.OUT, "document.paper_out", Paper.LOW)
_OPEN = _Meaning("cover", Cover.OPEN, "document.cover_open")
_TONER_LOW = _Meaning("toner", Toner.LOW)
_TONER_OUT = _Meaning("toner", Toner.OUT, "document.toner_out")
_PAUSED = _Meaning("", None, "document.paused")
_AWAY = _Meaning("", None, "document.unreachable")
_FILTER = _Meaning("", None, "document.filter")

MEANINGS: Mapping[str, _Meaning] = {  # the worst first: the first that stops is the one reported
    "media-jam": _Meaning("paper", Paper.JAMMED, "document.paper_jam"),
    "cover-open": _OPEN,
    "door-open": _OPEN,
    "interlock-open": _OPEN,
    "media-empty": _OUT,
    "media-needed": _OUT,
    "input-tray-missing": _Meaning("paper", Paper.UNKNOWN, "document.tray_missing"),
    "output-tray-missing": _Meaning("output", Tray.UNKNOWN, "document.tray_missing"),
    "output-area-full": _Meaning("output", Tray.FULL, "document.output_full", Tray.ALMOST_FULL),
    "toner-empty": _TONER_OUT,
    "marker-supply-empty": _TONER_OUT,
    "developer-empty": _TONER_OUT,
    "marker-waste-full": _Meaning("waste", Tray.FULL, "document.waste_full", Tray.ALMOST_FULL),
    "opc-life-over": _Meaning("drum", Part.FAULT, "document.drum_over"),
    "fuser-over-temp": _Meaning("drum", Part.HOT, "document.overheated"),
    "cups-missing-filter": _FILTER,
    "cups-insecure-filter": _FILTER,
    "spool-area-full": _Meaning("", None, "document.spool_full"),
    "offline": _AWAY,
    "shutdown": _AWAY,
    "timed-out": _AWAY,
    "paused": _PAUSED,
    "moving-to-paused": _PAUSED,
    "hold-new-jobs": _PAUSED,
    "media-low": _Meaning("paper", Paper.LOW),
    "toner-low": _TONER_LOW,
    "marker-supply-low": _TONER_LOW,
    "developer-low": _TONER_LOW,
    "output-area-almost-full": _Meaning("output", Tray.ALMOST_FULL),
    "marker-waste-almost-full": _Meaning("waste", Tray.ALMOST_FULL),
}

_SEVERITIES = ("error", "warning", "report")
_STOPS_AT_ANY_SEVERITY = ("document.unreachable", "document.paused", "document.filter")
"""CUPS says `offline-report` of a printer that is switched off."""

WELL: Mapping[str, StrEnum] = {
    "paper": Paper.FULL,
    "cover": Cover.CLOSED,
    "toner": Toner.OK,
    "output": Tray.FREE,
    "waste": Tray.FREE,
    "drum": Part.OK,
}
"""What a printer means by saying nothing, if it is the printer that says so."""

UNKNOWN: Mapping[str, StrEnum] = {
    "paper": Paper.UNKNOWN,
    "cover": Cover.UNKNOWN,
    "toner": Toner.UNKNOWN,
    "output": Tray.UNKNOWN,
    "waste": Tray.UNKNOWN,
    "drum": Part.UNKNOWN,
}


def facts_of(status: QueueStatus) -> DocumentFacts:
    """The queue's words as facts: what it does not speak of is well only where the printer itself
    speaks, and unknown otherwise."""
    said = _by_word(status.reasons or ())
    spoken = status.live and status.reasons is not None and status.state is not None
    facts = dict(WELL if spoken else UNKNOWN)
    stopped = status.state is PrinterState.STOPPED
    codes: list[str] = []
    told: set[str] = set()
    for word, meaning in MEANINGS.items():
        if word not in said:
            continue
        stops = said[word] == "error" or stopped or meaning.code in _STOPS_AT_ANY_SEVERITY
        if meaning.fact and meaning.fact not in told and meaning.value is not None:
            told.add(meaning.fact)
            facts[meaning.fact] = meaning.value if stops else (meaning.warning or meaning.value)
        if meaning.code and stops:
            codes.append(meaning.code)
    return DocumentFacts(
        **facts,  # type: ignore[arg-type]
        queue=_queue(status),
        reasons=tuple(r for r in status.reasons or () if r != "none"),
        problem=_problem(codes, status, stopped),
    )


def _by_word(reasons: tuple[str, ...]) -> dict[str, str]:
    """Each reason's word and its severity; without one it is an error (RFC 8011 section 5.4.12)."""
    said: dict[str, str] = {}
    for reason in reasons:
        word, _, end = reason.rpartition("-")
        if not word or end not in _SEVERITIES:
            word, end = reason, "error"
        if said.get(word) != "error":
            said[word] = end
    return said


def _queue(status: QueueStatus) -> str:
    if status.accepting is False:
        return "rejecting"
    return status.state.name.lower() if status.state is not None else "unknown"


def _problem(codes: list[str], status: QueueStatus, stopped: bool) -> Fault | None:
    if codes:
        return fault(codes[0])
    if stopped:
        return fault("document.stopped", ",".join(status.reasons or ()))
    return fault("document.rejecting") if status.accepting is False else None
