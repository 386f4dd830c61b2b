"""The cable pulled at every byte of a print: never two slips, never half a slip called done."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from devices import device, flapping
from devices.printer import conversation, receipt, watch
from devices.printer.layout import Line, Slip
from devices.printer.profiles import PROFILES
from devices.printer.receipt import ReceiptPrinter
from devices.simulators.paper import Sheet
from devices.simulators.printer import PrinterSimulator
from devices.status import Failed, Ok
from tests.devices.printer.stand import WITHIN_S, connected, until

pytestmark = pytest.mark.timeout(600)

FIRST, LAST = "first", "last"
BYTES = 72
"""More than the questions, the slip, its cut and the proofs of its end have together."""


def short(job: str) -> Slip:
    return Slip(job, (Line(f"{job} {FIRST}"), Line(LAST)))


def whole(sheets: tuple[Sheet, ...], job: str) -> int:
    """Pieces of paper that the knife cut and that hold the job from its beginning to its end; what
    the printer itself declared void is no slip."""
    texts = [sheet.text() for sheet in sheets if sheet.cut and "VOID" not in sheet.text()]
    for text in texts:
        assert text.count(FIRST) <= 1, f"two slips on one piece of paper: {text}"
    return sum(f"{job} {FIRST}" in text and LAST in text for text in texts)


async def told_and_came_out(
    simulator: PrinterSimulator, printer: ReceiptPrinter, job: str
) -> tuple[str, int]:
    """What a print and its retries say at last, and how many slips there are then."""
    said = "nothing"
    for _ in range(3):
        await until(printer, lambda health: health.usable)
        result = await printer.print_slip(short(job), WITHIN_S)
        said = "done" if isinstance(result, Ok) else result.fault.code
        if isinstance(result, Ok):
            break
        simulator.replug()
    simulator.replug()
    # a slip of its own ends whatever hangs out, so that the paper can be counted
    for n in itertools.count():
        await until(printer, lambda health: health.usable)
        if isinstance(await printer.print_slip(short(f"{job}-end{n}"), WITHIN_S), Ok):
            break
        simulator.replug()
    return said, whole(simulator.await_sheets(0, 0), job)


@pytest.mark.parametrize(
    ("profile", "situation", "tcp"),
    [
        ("epson-80", "normal", None),
        ("epson-80", "normal", True),
        ("xprinter-80", "normal", None),  # GS r, no GS ( H
        ("plain-80", "clone", None),  # neither
    ],
)
async def test_at_no_byte_are_there_two_slips_or_half_a_one(
    profile: str, situation: str, tcp: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN
    monkeypatch.setattr(device, "RECONNECT_FIRST_S", 0.02)
    if profile == "epson-80":  # it proves its slips, however busy its machine is
        monkeypatch.setattr(conversation, "INFO_WITHIN_S", 10.0)
    monkeypatch.setattr(flapping, "FLAPS_MOST", 10 * BYTES)
    monkeypatch.setattr(watch, "CUT_S", 0.1)  # what a printer that proves nothing is given
    quick = {**PROFILES, profile: replace(PROFILES[profile], mm_s=2000)}
    monkeypatch.setattr(receipt, "PROFILES", quick)
    outcomes: dict[str, int] = {}
    with PrinterSimulator(baud=2_000_000, speed=1000, tcp=tcp, situation=situation) as simulator:
        async with connected(simulator, profile=profile) as printer:
            for byte in range(BYTES):
                job = f"job-{byte}"
                # WHEN
                simulator.control({"do": "unplug_at", "bytes": byte})
                said, count = await told_and_came_out(simulator, printer, job)
                # THEN
                if said == "done":
                    assert count == 1, f"byte {byte}: done, and {count} slips"
                else:
                    assert said == "printer.fate_unknown", f"byte {byte}: {said}"
                    assert count <= 1, f"byte {byte}: {count} slips"
                    again = await printer.print_slip(short(job), WITHIN_S)
                    assert isinstance(again, Failed), (
                        "what may have come out is not printed unasked"
                    )
                outcomes[said] = outcomes.get(said, 0) + 1
    # AND where the printer proves its slips, no doubt is left at all
    if profile == "epson-80":
        assert outcomes == {"done": BYTES}


async def test_a_person_who_looked_may_have_it_printed_again() -> None:
    # GIVEN a slip whose fate nobody knows: the cable went with the cut
    with PrinterSimulator(speed=100, situation="clone") as simulator:
        async with connected(simulator, profile="xprinter-80") as printer:
            await until(printer, lambda health: health.facts.get("paper") == "full")
            assert isinstance(await printer.print_slip(short("one"), WITHIN_S), Ok)
            # WHEN
            asked = await printer.print_slip(short("one"), WITHIN_S)
            again = await printer.print_slip(short("one"), WITHIN_S, again=True)
            # THEN
            assert isinstance(asked, Failed)
            assert asked.fault.code == "printer.fate_unknown"
            assert isinstance(again, Ok)
            sheets = await asyncio.to_thread(simulator.await_sheets, 2, WITHIN_S)
            assert whole(sheets, "one") == 2


@pytest.mark.usefixtures("waits_for_proofs")
async def test_a_proven_job_is_not_printed_again() -> None:
    with PrinterSimulator(speed=100) as simulator:
        async with connected(simulator) as printer:
            first = await printer.print_slip(short("one"), WITHIN_S)
            again = await printer.print_slip(short("one"), WITHIN_S)
            assert isinstance(first, Ok)
            assert isinstance(again, Ok)
            assert (first.value.repeated, again.value.repeated) == (False, True)
            assert isinstance(await printer.print_slip(short("two"), WITHIN_S), Ok)
            sheets = await asyncio.to_thread(simulator.await_sheets, 2, WITHIN_S)
            assert [whole(sheets, job) for job in ("one", "two")] == [1, 1]
