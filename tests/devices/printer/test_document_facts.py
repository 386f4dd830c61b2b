"""State reasons into facts: every word has its meaning, and silence is believed only of a printer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.faults import FAULTS
from devices.printer.document_facts import MEANINGS, facts_of
from devices.printer.document_queue import PrintOptions, QueueStatus, ticket_for
from devices.printer.ipp import PrinterState

IDLE, STOPPED = PrinterState.IDLE, PrinterState.STOPPED


def said(*reasons: str, state: PrinterState | None = IDLE, live: bool = True) -> QueueStatus:
    return QueueStatus(state, reasons, True, live)


def test_a_printer_that_says_none_is_well() -> None:
    facts = facts_of(said("none"))
    assert facts.problem is None
    assert facts.named == {
        "paper": "full", "cover": "closed", "toner": "ok", "output": "free", "waste": "free",
        "drum": "ok", "queue": "idle", "reasons": "none",
    }  # fmt: skip


@pytest.mark.parametrize(
    "status",
    [
        said("none", live=False),  # a CUPS queue before a printer that cannot be asked
        said("none", state=None),
        QueueStatus(IDLE, None, True, True),  # it left its reasons out
        QueueStatus(),
    ],
)
def test_silence_of_anything_else_is_unknown(status: QueueStatus) -> None:
    named = facts_of(status).named
    for fact in ("paper", "cover", "toner", "output", "waste", "drum"):
        assert named[fact] == "unknown"


@pytest.mark.parametrize(
    ("reason", "fact", "value", "code"),
    [
        ("media-empty-error", "paper", "out", "document.paper_out"),
        ("media-empty", "paper", "out", "document.paper_out"),
        ("media-empty-warning", "paper", "low", None),  # one of several trays
        ("media-needed", "paper", "out", "document.paper_out"),
        ("media-low-report", "paper", "low", None),
        ("media-jam-error", "paper", "jammed", "document.paper_jam"),
        ("door-open-error", "cover", "open", "document.cover_open"),
        ("cover-open", "cover", "open", "document.cover_open"),
        ("interlock-open-error", "cover", "open", "document.cover_open"),
        ("toner-low-warning", "toner", "low", None),
        ("toner-empty-error", "toner", "out", "document.toner_out"),
        ("marker-supply-empty-warning", "toner", "out", None),
        ("output-area-full-error", "output", "full", "document.output_full"),
        ("output-area-almost-full-warning", "output", "almost_full", None),
        ("marker-waste-full-error", "waste", "full", "document.waste_full"),
        ("opc-life-over-error", "drum", "fault", "document.drum_over"),
        ("input-tray-missing-error", "paper", "unknown", "document.tray_missing"),
        ("offline-report", "queue", "idle", "document.unreachable"),
        ("paused", "queue", "idle", "document.paused"),
        ("cups-missing-filter-warning", "queue", "idle", "document.filter"),
        ("made-up-by-a-vendor-warning", "paper", "full", None),
    ],
)
def test_each_reason_is_a_fact_and_stops_or_does_not(
    reason: str, fact: str, value: str, code: str | None
) -> None:
    facts = facts_of(said(reason))
    assert facts.named[fact] == value
    assert (facts.problem.code if facts.problem else None) == code


def test_the_worst_of_several_is_reported() -> None:
    facts = facts_of(said("toner-empty-error", "media-jam-error", "cover-open-error"))
    assert facts.problem is not None
    assert facts.problem.code == "document.paper_jam"
    assert (facts.named["paper"], facts.named["cover"], facts.named["toner"]) == (
        "jammed", "open", "out",
    )  # fmt: skip


def test_a_warning_of_a_printer_that_stopped_is_why_it_stopped() -> None:
    problem = facts_of(said("media-empty-warning", state=STOPPED)).problem
    assert problem is not None
    assert problem.code == "document.paper_out"


def test_a_stop_without_a_known_cause_is_told_with_its_words() -> None:
    problem = facts_of(said("vendor-gremlins-error", state=STOPPED)).problem
    assert problem is not None
    assert (problem.code, problem.detail) == ("document.stopped", "vendor-gremlins-error")


@given(
    st.lists(st.text(max_size=30) | st.sampled_from(list(MEANINGS)), max_size=6),
    st.sampled_from([None, *PrinterState]),
    st.booleans(),
)
def test_no_words_break_it(reasons: list[str], state: PrinterState | None, live: bool) -> None:
    facts = facts_of(QueueStatus(state, tuple(reasons), None, live))
    assert facts.problem is None or facts.problem.code in FAULTS
    assert all(isinstance(value, str) for value in facts.named.values())


def test_what_a_printer_cannot_do_is_not_asked_of_it() -> None:
    options = PrintOptions(duplex=True, mono=True)
    plain = ticket_for("kiosk-1", options, QueueStatus(sides=("one-sided",)))
    assert (plain.sides, plain.colour) == ("one-sided", "")
    able = QueueStatus(sides=("one-sided", "two-sided-long-edge"), colours=("monochrome",))
    full = ticket_for("kiosk-1", options, able)
    assert (full.sides, full.colour) == ("two-sided-long-edge", "monochrome")
