"""What a printer's facts mean: the fault that keeps it from printing, and who must act."""

from __future__ import annotations

from dataclasses import replace

from devices.faults import fault
from devices.printer.status_bytes import PrinterFacts
from devices.status import Cover, Fault, Paper, Part

PAPER_OUT = fault("printer.paper_out")
COVER_OPEN = fault("printer.cover_open")
CUTTER = fault("printer.cutter")
FAILED = fault("printer.failed")
OVERHEATED = fault("printer.overheated")
OFFLINE = fault("printer.offline")
NOT_TAKEN = fault("printer.not_taken")
UNFINISHED = fault("printer.unfinished")
FATE_UNKNOWN = fault("printer.fate_unknown")
UNPRINTABLE = fault("printer.unprintable")
SILENT = fault("device.silent")
GARBLED = fault("device.garbled")


def problem_of(facts: PrinterFacts) -> Fault | None:
    """The worst that is known to be wrong; None where nothing is."""
    if facts.unrecoverable:
        return FAILED
    if facts.cover is Cover.OPEN:
        return COVER_OPEN
    if facts.cutter is Part.FAULT:
        return CUTTER
    if facts.paper is Paper.OUT:
        return PAPER_OUT
    if facts.head is Part.HOT:
        return OVERHEATED
    return OFFLINE if facts.online is False else None


def passes_by_itself(problem: Fault) -> bool:
    """Whether waiting may be all that is needed: a hot head, a button being held."""
    return problem in (OVERHEATED, OFFLINE)


def is_seen(problem: Fault) -> bool:
    """Whether the printer itself says what stopped it: then it stopped before the end of a slip."""
    seen = (FAILED, COVER_OPEN, CUTTER, PAPER_OUT, OVERHEATED, OFFLINE)
    return problem.code in {each.code for each in seen}


def of_a_new_roll(problem: Fault) -> bool:
    """Whether it is what a change of paper looks like from outside."""
    return problem.code in (PAPER_OUT.code, COVER_OPEN.code)


def stopped_at(problem: Fault, sent: int, size: int) -> Fault:
    """`problem` with how far a slip had come."""
    return replace(problem, detail=f"slip not finished: {sent} of {size} bytes sent")
