"""The adapter against printers that are not ours: silent, curt, late, talkative, hanging up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devices.printer import watch
from devices.printer.layout import Line, Slip
from devices.printer.receipt import ReceiptPrinter
from devices.status import DeviceState, Failed, Ok
from tests.devices.printer.stand import WITHIN_S, note, receipt, until
from tests.devices.printer.strangers import (
    CUT,
    Answering,
    AtTheEnd,
    Echo,
    HangsUp,
    Holding,
    Late,
    OnlyOnline,
    ProvesAndHangsUp,
    Sink,
    Stranger,
    Strict,
    Stuck,
    Talkative,
    Unasked,
)

pytestmark = pytest.mark.usefixtures("quick_paper")

TITLE = "缴费凭条".encode("gbk")
LAST = "本凭条不作报销凭据".encode("gbk")


@asynccontextmanager
async def printing_on(
    stranger: Stranger, profile: str, **more: Any
) -> AsyncIterator[ReceiptPrinter]:
    device = ReceiptPrinter("receipt_printer", stranger.port, profile=profile, **more)
    device.start()
    try:
        await until(device, lambda health: health.usable)
        yield device
    finally:
        await asyncio.to_thread(device.close)


def slips(jobs: list[bytes]) -> int:
    """How many whole slips came, whatever the connections were."""
    data = b"".join(jobs)
    assert data.count(TITLE) == data.count(LAST)
    return data.count(LAST)


@pytest.mark.parametrize("kind", [Sink, AtTheEnd])
@pytest.mark.parametrize("profile", ["plain-80", "silent-58"])
async def test_a_printer_that_answers_nothing_is_printed_on_with_facts_unknown(
    kind: type[Stranger], profile: str
) -> None:
    # GIVEN a profile that says that silence is usual
    with kind() as stranger:
        async with printing_on(stranger, profile) as printer:
            # WHEN
            results = [await printer.print_slip(receipt(f"order-{n}"), WITHIN_S) for n in (1, 2)]
            # THEN both are there once, and nothing is claimed that nobody said
            assert [isinstance(r, Ok) and r.value.proven for r in results] == [None, None]
            await asyncio.to_thread(stranger.await_jobs, lambda jobs: slips(jobs) == 2)
            health = printer.health()
            assert health.state is DeviceState.ONLINE
            assert {health.facts[name] for name in ("paper", "cover", "cutter", "head")} == {
                "unknown"
            }


async def test_a_silent_printer_of_a_profile_that_answers_is_not_there() -> None:
    with Sink() as stranger:
        printer = ReceiptPrinter("receipt_printer", stranger.port)
        printer.start()
        try:
            health = await until(printer, lambda health: health.fault is not None)
            assert health.fault is not None
            assert (health.fault.code, health.facts.get("paper")) == ("device.silent", None)
            result = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(result, Failed)
            assert result.fault.code == "device.silent"
            assert slips(stranger.jobs) == 0
        finally:
            await asyncio.to_thread(printer.close)


@pytest.mark.parametrize(
    ("kind", "profile"),
    [
        (Answering, "epson-80"),
        (Answering, "plain-80"),
        (HangsUp, "epson-80"),
        (HangsUp, "plain-80"),
        (Talkative, "epson-80"),
        (Talkative, "xprinter-80"),
        (Late, "plain-58"),
        (Holding, "epson-80"),
        (Holding, "plain-80"),
        (Unasked, "epson-80"),
        (Unasked, "xprinter-80"),
        (Unasked, "epson-asb-80"),
        (Strict, "epson-80"),
        (Strict, "xprinter-80"),
    ],
)
async def test_one_that_answers_only_for_its_state_prints_each_slip_once(
    kind: type[Answering], profile: str
) -> None:
    with kind() as stranger:
        async with printing_on(stranger, profile) as printer:
            for n in (1, 2):
                result = await printer.print_slip(receipt(f"order-{n}"), WITHIN_S)
                assert isinstance(result, Ok), result
                assert result.value.proven is None
            await asyncio.to_thread(stranger.await_jobs, lambda jobs: slips(jobs) == 2)
            await until(printer, lambda health: health.facts.get("paper") == "full")
            assert printer.health().facts["cover"] == "closed"


@pytest.mark.parametrize("kind", [Answering, Talkative])
@pytest.mark.parametrize(
    ("bits", "fact", "value"),
    [
        ({4: 0x16}, "paper", "low"),
        ({4: 0x32}, "paper", "out"),
        ({2: 0x16, 1: 0x1E}, "offline_cause", "cover"),
        ({3: 0x1A}, "cutter", "fault"),
    ],
)
async def test_automatic_status_never_becomes_an_answer(
    kind: type[Answering], bits: dict[int, int], fact: str, value: str
) -> None:
    # GIVEN a printer whose automatic status says that all is well
    with kind() as stranger:
        async with printing_on(stranger, "plain-80") as printer:
            # WHEN its answers say otherwise
            stranger.bits |= bits
            # THEN
            await until(printer, lambda health: health.facts.get(fact) == value)


@pytest.mark.parametrize("profile", ["epson-80", "xprinter-80", "plain-80"])
async def test_one_that_says_only_that_it_is_online_prints_and_its_paper_is_unknown(
    profile: str,
) -> None:
    with OnlyOnline() as stranger:
        async with printing_on(stranger, profile) as printer:
            result = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(result, Ok), result
            await asyncio.to_thread(stranger.await_jobs, lambda jobs: slips(jobs) == 1)
            assert printer.health().facts["paper"] == "unknown"


@pytest.mark.parametrize("profile", ["epson-80", "epson-asb-80", "xprinter-80"])
async def test_a_line_that_only_echoes_is_no_printer(profile: str) -> None:
    with Echo() as stranger:
        printer = ReceiptPrinter("receipt_printer", stranger.port, profile=profile)
        printer.start()
        try:
            health = await until(printer, lambda health: health.fault is not None)
            assert not health.usable
            assert health.facts.get("paper") in (None, "unknown")
            result = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(result, Failed)
            assert TITLE not in b"".join(stranger.jobs)
        finally:
            await asyncio.to_thread(printer.close)


async def test_an_answer_that_came_too_late_belongs_to_its_question() -> None:
    # GIVEN a printer whose every answer differs, and comes when the question was given up
    bits = {1: 0x16, 2: 0x16, 3: 0x12, 4: 0x1E}
    with Late(bits) as stranger:
        async with printing_on(stranger, "plain-80") as printer:
            # WHEN it is asked over and over
            health = await until(printer, lambda health: health.facts.get("cover") == "open")
            # THEN the cover's bit was never read as the paper's, nor the roll's as the cover's
            health = await until(printer, lambda health: health.facts.get("paper") != "unknown")
            assert health.facts["paper"] == "low"
            assert health.facts["cutter"] == "ok"


async def test_a_connection_that_ends_with_each_slip_loses_nobody() -> None:
    with HangsUp() as stranger:
        async with printing_on(stranger, "plain-80") as printer:
            told = []
            printer.listen(lambda health: told.append(health.state))
            for _ in range(3):
                assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            assert set(told) <= {DeviceState.ONLINE}
            assert printer.health().counters.get("lost", 0) == 0


@pytest.mark.parametrize(("in_order", "pieces"), [(True, 1), (False, 2)])
async def test_one_that_proves_a_slip_and_closes_at_its_cut_prints_each_once(
    in_order: bool, pieces: int
) -> None:
    # GIVEN a printer that proves what it printed, and whose connection ends with each cut
    with ProvesAndHangsUp(in_order=in_order) as stranger:
        async with printing_on(stranger, "epson-80") as printer:
            # WHEN slips follow each other
            for _ in range(3):
                assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)

            # THEN each came out once, and where its cut may not have been read it was cut again
            assert len([job for job in stranger.jobs if CUT in job]) == 3 * pieces
            assert b"VOID" not in b"".join(stranger.jobs)
            assert printer.health().counters.get("lost", 0) == 0


async def test_a_held_connection_is_one_for_all_slips() -> None:
    with Answering() as stranger:
        async with printing_on(stranger, "xprinter-80", hold=True) as printer:
            for _ in range(3):
                assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            await asyncio.to_thread(stranger.await_jobs, lambda jobs: len(jobs) == 3)
            assert stranger.connections == 1


async def test_one_that_takes_no_more_in_the_middle_of_a_slip_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a printer whose buffer fills up and stays full
    monkeypatch.setattr(watch, "BLOCKED_FOR_S", 0.5)
    long = Slip("long", tuple(Line(f"䶮 {n}") for n in range(60)))
    with Stuck() as stranger:
        async with printing_on(stranger, "plain-80") as printer:
            # WHEN
            result = await printer.print_slip(long, WITHIN_S)
            # THEN it is lost, not waited for, and no slip is claimed
            assert isinstance(result, Failed)
            assert result.fault.code == "port.lost"
            assert stranger.jobs == []
