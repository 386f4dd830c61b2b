"""Each named situation of the simulated printer, and what its adapter makes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from devices.printer.layout import Line, Slip
from devices.simulators.paper import Sheet
from devices.simulators.printer import PrinterSimulator
from devices.status import Failed, Ok
from tests.devices.printer.stand import WITHIN_S, connected, note, receipt, until

TITLE, LAST = "缴费凭条", "本凭条不作报销凭据"


def whole(sheet: Sheet) -> bool:
    text = sheet.text()
    return sheet.cut and text.count(TITLE) == 1 and text.count(LAST) == 1 and "VOID" not in text


async def sheets(simulator: PrinterSimulator, count: int) -> tuple[Sheet, ...]:
    return await asyncio.to_thread(simulator.await_sheets, count, WITHIN_S)


@pytest.mark.parametrize("tcp", [None, True])
@pytest.mark.parametrize(
    ("situation", "facts", "code"),
    [
        ("paper_low", {"paper": "low"}, None),
        ("paper_out", {"paper": "out", "offline_cause": "paper"}, "printer.paper_out"),
        ("cover_open", {"cover": "open", "offline_cause": "cover"}, "printer.cover_open"),
        ("overheated", {"head": "hot", "offline_cause": "error"}, "printer.overheated"),
        ("broken", {"head": "fault", "offline_cause": "error"}, "printer.failed"),
        ("button_held", {"offline_cause": "button"}, "printer.offline"),
        ("silent", {"paper": "unknown", "cover": "unknown"}, "device.silent"),
        ("garbage", {"paper": "unknown", "head": "unknown"}, "device.garbled"),
        ("half_frames", {"paper": "full", "cover": "closed"}, None),
        ("slow_bytes", {"paper": "full", "cover": "closed"}, None),
        ("auto_status", {"paper": "full", "cover": "closed"}, None),
    ],
)
async def test_each_situation_becomes_its_facts(
    situation: str, facts: dict[str, str], code: str | None, tcp: bool | None
) -> None:
    with PrinterSimulator(tcp=tcp, speed=100) as simulator:
        async with connected(simulator) as printer:
            simulator.set_situation(situation)
            health = await until(
                printer,
                lambda health: (
                    (health.fault.code if health.fault else None) == code
                    and facts.items() <= health.facts.items()
                ),
            )
            assert (health.fault.code if health.fault else None) == code
            simulator.set_situation("normal")
            await until(printer, lambda health: health.usable and health.fault is None)
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)


@pytest.mark.parametrize("situation", ["half_frames", "slow_bytes", "late", "auto_status", "clone"])
@pytest.mark.parametrize("tcp", [None, True])
@pytest.mark.usefixtures("quick_paper")
async def test_a_printer_that_is_hard_to_understand_still_prints_once(
    situation: str, tcp: bool | None
) -> None:
    with PrinterSimulator(tcp=tcp, speed=100, situation=situation) as simulator:
        async with connected(simulator) as printer:
            result = await printer.print_slip(receipt(), 60.0)
            assert isinstance(result, Ok), result
            found = await sheets(simulator, 1)
            assert [whole(sheet) for sheet in found] == [True]


@pytest.mark.parametrize("lines", [0, 1, 5, 12])
async def test_a_jam_at_any_line_is_told_and_the_slip_comes_out_once_after_it(lines: int) -> None:
    # GIVEN
    with PrinterSimulator(speed=4) as simulator:
        async with connected(simulator) as printer:
            simulator.control({"do": "jam", "lines": lines})
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Failed)
            assert result.fault.code == "printer.cutter"
            assert printer.health().facts["paper"] == "jammed"
            # AND freed, the same slip comes out whole, once
            simulator.set_situation("normal")
            await until(printer, lambda health: health.fault is None)
            assert isinstance(await printer.print_slip(receipt(), WITHIN_S), Ok)
            found = simulator.await_sheets(0, 0)
            assert [whole(sheet) for sheet in found].count(True) == 1
            assert whole(found[-1])


@pytest.mark.parametrize(
    ("profile", "situation"), [("epson-80", "normal"), ("xprinter-80", "clone")]
)
async def test_a_slip_may_wait_for_a_new_roll_and_comes_out_whole_once(
    profile: str, situation: str
) -> None:
    # GIVEN a terminal whose slips wait for paper, and paper for some lines
    with PrinterSimulator(speed=4, situation=situation) as simulator:
        async with connected(simulator, profile=profile, paper_out="wait") as printer:
            simulator.control({"do": "run_out", "lines": 6})
            # WHEN it ends in the middle of a slip
            printing = asyncio.ensure_future(printer.print_slip(receipt(), 60.0))
            await until(printer, lambda health: health.facts["paper"] == "out")
            assert not printing.done()
            simulator.control({"do": "refill"})
            # THEN the same call ends well, with one whole slip on the new roll
            assert isinstance(await printing, Ok)
            found = await sheets(simulator, 2)
            assert not found[0].cut
            assert [whole(sheet) for sheet in found].count(True) == 1
            assert whole(found[-1])


async def test_a_slip_that_waits_for_paper_ends_with_its_time() -> None:
    with PrinterSimulator(speed=4, situation="paper_out") as simulator:
        async with connected(simulator, paper_out="wait") as printer:
            result = await printer.print_slip(receipt(), 1.0)
            assert isinstance(result, Failed)
            assert result.fault.code == "printer.paper_out"


@pytest.mark.parametrize(
    ("profile", "presenter"), [("citizen-ppu-80", 4), ("kiosk-presenter-80", 5)]
)
async def test_the_next_slip_waits_until_the_last_was_taken(profile: str, presenter: int) -> None:
    # GIVEN a slip in the mouth
    with PrinterSimulator(speed=100, presenter=presenter) as simulator:
        async with connected(simulator, profile=profile, baud=115200) as printer:
            simulator.set_situation("not_taken")
            health = await until(
                printer, lambda health: health.facts.get("presenter") == "holds_slip"
            )
            assert (health.facts["paper"], health.fault) == ("full", None)
            # WHEN
            printing = asyncio.ensure_future(printer.print_slip(note(), WITHIN_S))
            await until(printer, lambda health: health.facts.get("presenter") == "holds_slip")
            assert simulator.await_sheets(0, 0) == ()
            simulator.set_situation("normal")
            # THEN
            assert isinstance(await printing, Ok)
            assert len(await sheets(simulator, 1)) == 1


async def test_a_slip_never_taken_stops_the_next_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from devices.printer import delivery

    monkeypatch.setattr(delivery, "TAKEN_WITHIN_S", 0.5)
    with PrinterSimulator(speed=100, presenter=4, situation="not_taken") as simulator:
        async with connected(simulator, profile="citizen-ppu-80", baud=115200) as printer:
            result = await printer.print_slip(note(), WITHIN_S)
            assert isinstance(result, Failed)
            assert result.fault.code == "printer.not_taken"


@pytest.mark.usefixtures("waits_for_proofs")
async def test_a_printer_that_tells_by_itself_is_heard_between_two_questions() -> None:
    with PrinterSimulator(speed=100) as simulator:
        async with connected(simulator, profile="epson-asb-80") as printer:
            assert printer.health().facts["paper"] == "full"
            for situation, fact, value in (
                ("paper_low", "paper", "low"),
                ("cover_open", "cover", "open"),
                ("overheated", "head", "hot"),
            ):
                simulator.set_situation(situation)
                await until(printer, lambda h, f=fact, v=value: h.facts[f] == v)
            simulator.set_situation("normal")
            await until(printer, lambda health: health.fault is None)
            result = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(result, Ok)
            assert result.value.proven is True


@pytest.mark.parametrize("settings", [{}, {"hold": True}])
async def test_one_that_hangs_up_behind_each_slip_prints_the_next(settings: dict[str, Any]) -> None:
    with PrinterSimulator(tcp=True, speed=100, situation="hangs_up") as simulator:
        async with connected(simulator, profile="xprinter-80", **settings) as printer:
            for n in range(3):
                slip = Slip(f"order-{n}", (Line(f"slip {n}"),))
                assert isinstance(await printer.print_slip(slip, WITHIN_S), Ok)
            found = await sheets(simulator, 3)
            assert [sheet.text().strip() for sheet in found] == ["slip 0", "slip 1", "slip 2"]
