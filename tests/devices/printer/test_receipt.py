"""The adapter against a simulated printer on a pty and on TCP: slips come out whole, and once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.printer.receipt import ReceiptPrinter
from devices.simulators.paper import Sheet
from devices.simulators.printer import PrinterSimulator
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.printer.stand import VOUCHER, WITHIN_S, connected, note, receipt, until

TITLE, LAST = "缴费凭条", "本凭条不作报销凭据"


async def sheets(simulator: PrinterSimulator, count: int) -> tuple[Sheet, ...]:
    return await asyncio.to_thread(simulator.await_sheets, count, WITHIN_S)


def whole(sheet: Sheet) -> bool:
    text = sheet.text()
    return sheet.cut and text.count(TITLE) == 1 and text.count(LAST) == 1


@pytest.mark.parametrize("tcp", [None, True])
@pytest.mark.parametrize(("width", "profile"), [(80, "epson-80"), (58, "epson-58")])
@pytest.mark.usefixtures("waits_for_proofs")
async def test_a_slip_comes_out_whole_and_its_end_is_proven(
    width: int, profile: str, tcp: bool | None
) -> None:
    # GIVEN
    with PrinterSimulator(width=width, tcp=tcp) as simulator:
        async with connected(simulator, profile=profile) as printer:
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Ok)
            assert result.value.proven is True
            assert result.value.job == "order-1"
            (sheet,) = await sheets(simulator, 1)
            assert whole(sheet)
            assert printer.health().facts["paper"] == "full"
            assert printer.health().facts["model"] == "TM-T20II"


async def test_a_slow_line_brings_every_byte_singly_and_the_slip_prints() -> None:
    with PrinterSimulator(baud=1200) as simulator:
        async with connected(simulator, baud=1200) as printer:
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            (sheet,) = await sheets(simulator, 1)
            assert sheet.text() == "一张短条"


async def test_a_slow_printer_that_fills_up_holds_the_sender_and_loses_nothing() -> None:
    # GIVEN a printer at a tenth of the speed, on a wire that brings more than its buffer holds
    with PrinterSimulator(situation="slow", baud=460800) as simulator:
        async with connected(simulator, baud=460800) as printer:
            slip = note("\u4dae" * 24)
            long = type(slip)("long", slip.blocks * 4)
            # WHEN
            result = await printer.print_slip(long, WITHIN_S)
            # THEN
            assert isinstance(result, Ok)
            assert result.value.bytes_sent > 8192
            (sheet,) = await sheets(simulator, 1)
            assert len(sheet.inks) == 4


@pytest.mark.parametrize(
    ("situation", "code", "fact", "value"),
    [
        ("paper_out", "printer.paper_out", "paper", "out"),
        ("cover_open", "printer.cover_open", "cover", "open"),
    ],
)
async def test_nothing_is_sent_to_a_printer_that_cannot_print(
    situation: str, code: str, fact: str, value: str
) -> None:
    # GIVEN
    with PrinterSimulator() as simulator:
        async with connected(simulator) as printer:
            simulator.set_situation(situation)
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Failed)
            assert (result.outcome, result.fault.code) == (Outcome.DEVICE_NOT_READY, code)
            assert result.fault.act is Act.CLEAR
            assert printer.health().facts[fact] == value
            assert printer.health().usable
            # AND once that is cleared, no part of it comes out
            simulator.set_situation("normal")
            await until(printer, lambda health: health.fault is None)
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            assert (await sheets(simulator, 1))[0].text() == "一张短条"


async def test_paper_out_midway_then_refill_then_the_same_slip_prints_once() -> None:
    # GIVEN paper for eight lines
    with PrinterSimulator(situation="paper_out_midway") as simulator:
        async with connected(simulator) as printer:
            assert printer.health().facts["paper"] == "low"
            # WHEN
            first = await printer.print_slip(receipt(), WITHIN_S)
            # THEN the failure tells that the slip did not finish
            assert isinstance(first, Failed)
            assert first.fault.code == "printer.paper_out"
            assert "not finished" in first.fault.detail
            assert printer.health().facts["paper"] == "out"
            # AND after a refill the same slip comes out whole, alone
            simulator.control({"do": "refill"})
            await until(printer, lambda health: health.facts["paper"] == "full")
            again = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(again, Ok)
            torn, sheet = await sheets(simulator, 2)
            assert not torn.cut
            assert LAST not in torn.text()
            assert whole(sheet)


async def test_paper_low_is_told_and_prints() -> None:
    with PrinterSimulator(situation="paper_low") as simulator:
        async with connected(simulator) as printer:
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            assert printer.health().facts["paper"] == "low"
            assert printer.health().fault is None


async def test_a_jammed_cutter_is_told_as_a_jam_and_recovers_once_freed() -> None:
    # GIVEN
    with PrinterSimulator(situation="cutter_jam") as simulator:
        async with connected(simulator) as printer:
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Failed)
            assert result.fault.code == "printer.cutter"
            assert printer.health().facts["paper"] == "jammed"
            # AND when staff freed it, the terminal recovers it by itself
            simulator.set_situation("normal")
            await until(printer, lambda health: health.facts["cutter"] == "ok")
            assert isinstance(await printer.print_slip(receipt(), WITHIN_S), Ok)
            torn, void, slip = await sheets(simulator, 3)
            assert not torn.cut
            assert "VOID" in void.text()
            assert whole(slip)


async def test_a_hot_head_is_waited_for() -> None:
    # GIVEN
    with PrinterSimulator() as simulator:
        async with connected(simulator) as printer:
            simulator.set_situation("overheated")
            # WHEN
            printing = asyncio.ensure_future(printer.print_slip(note(), WITHIN_S))
            health = await until(printer, lambda health: health.fault is not None)
            assert health.fault is not None
            assert (health.fault.code, health.fault.act) == ("printer.overheated", Act.SUSPEND)
            simulator.set_situation("normal")
            # THEN
            assert isinstance(await printing, Ok)


async def test_cancelling_drops_the_rest_and_cuts() -> None:
    # GIVEN a printer that takes seconds for a slip
    with _Noticed(situation="slow") as simulator:
        async with connected(simulator) as printer:
            printing = asyncio.ensure_future(printer.print_slip(receipt(), WITHIN_S))
            await asyncio.to_thread(simulator.moving.wait, WITHIN_S)
            # WHEN
            printing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await printing
            # THEN
            (sheet,) = await sheets(simulator, 1)
            assert sheet.cut
            assert LAST not in sheet.text()
            # AND the next one is whole
            simulator.set_situation("normal")
            assert isinstance(await printer.print_slip(receipt(), WITHIN_S), Ok)
            assert whole((await sheets(simulator, 2))[1])


async def test_a_slip_that_outlasts_its_deadline_fails_and_leaves_nothing_behind() -> None:
    with PrinterSimulator(situation="slow") as simulator:
        async with connected(simulator) as printer:
            result = await printer.print_slip(receipt(), 2.5)
            assert isinstance(result, Failed)
            assert (result.outcome, result.fault.code) == (Outcome.TIMEOUT, "printer.unfinished")
            (sheet,) = await sheets(simulator, 1)
            assert LAST not in sheet.text()


@pytest.mark.parametrize("situation", ["silent", "garbage"])
async def test_an_unreadable_printer_is_neither_fine_nor_out_of_paper(situation: str) -> None:
    # GIVEN
    with PrinterSimulator() as simulator:
        async with connected(simulator) as printer:
            simulator.set_situation(situation)
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Failed)
            assert result.fault.code in ("device.silent", "device.garbled")
            assert printer.health().facts["paper"] == "unknown"
            assert printer.health().state is DeviceState.OFFLINE
            # AND it is back as soon as it answers
            simulator.set_situation("normal")
            await until(printer, lambda health: health.usable)
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)


@pytest.mark.parametrize("tcp", [None, True])
async def test_unplugged_midway_fails_and_back_prints_whole(tcp: bool | None) -> None:
    # GIVEN
    with PrinterSimulator(tcp=tcp) as simulator:
        async with connected(simulator) as printer:
            simulator.set_situation("cut_off")
            # WHEN
            result = await printer.print_slip(receipt(), WITHIN_S)
            # THEN
            assert isinstance(result, Failed)
            assert result.outcome in (Outcome.DEVICE_NOT_READY, Outcome.TIMEOUT)
            await until(printer, lambda health: not health.usable)
            # AND plugged in again, the remains are cut off and the slip comes out whole
            simulator.replug()
            await until(printer, lambda health: health.usable)
            assert isinstance(await printer.print_slip(receipt(), WITHIN_S), Ok)
            remains, sheet = await sheets(simulator, 2)
            assert LAST not in remains.text()
            assert whole(sheet)


async def test_status_asks_now() -> None:
    with PrinterSimulator() as simulator:
        async with connected(simulator) as printer:
            simulator.control({"do": "run_out"})
            result = await printer.status(WITHIN_S)
            assert isinstance(result, Ok)
            assert result.value.facts["paper"] == "out"


@pytest.mark.usefixtures("waits_for_proofs")
async def test_the_test_page_shows_what_a_technician_checks() -> None:
    with PrinterSimulator(width=58) as simulator:
        async with connected(simulator, profile="epson-58") as printer:
            result = await printer.test()
            assert isinstance(result, Ok)
            assert "proven" in result.value.lines[1]
            (sheet,) = await sheets(simulator, 1)
            assert "12345678901234567890123456789012" in sheet.text()


async def test_a_printer_that_proves_nothing_is_believed_once_its_queue_is_empty() -> None:
    # GIVEN a clone without GS ( H
    with _Clone() as simulator:
        async with connected(simulator) as printer:
            # WHEN
            result = await printer.print_slip(note(), WITHIN_S)
            # THEN it is not called a failure, which would print twice
            assert isinstance(result, Ok)
            assert result.value.proven is None
            assert len(await sheets(simulator, 1)) == 1
            # AND it was asked for the proof once, not with each slip
            assert isinstance(await printer.print_slip(note(), WITHIN_S), Ok)
            assert simulator.heard.count(b"\x1d(H") == 1


async def test_a_reply_to_an_older_slip_proves_nothing() -> None:
    with _Parrot() as simulator:
        async with connected(simulator) as printer:
            result = await printer.print_slip(note(), 3.0)
            assert not (isinstance(result, Ok) and result.value.proven)


async def test_no_port_is_an_answer_and_not_an_error(tmp_path: Path) -> None:
    printer = ReceiptPrinter("receipt_printer", str(tmp_path / "nowhere"))
    printer.start()
    try:
        health = await until(printer, lambda health: health.fault is not None)
        assert health.state is DeviceState.NO_DEVICE
        result = await printer.print_slip(note(), 1.0)
        assert isinstance(result, Failed)
        assert result.fault.code == "port.missing"
    finally:
        await asyncio.to_thread(printer.close)


async def test_what_is_printed_shows_in_no_health() -> None:
    with PrinterSimulator(situation="paper_out_midway") as simulator:
        async with connected(simulator) as printer:
            result = await printer.print_slip(receipt(name="张*三"), WITHIN_S)
            assert "张" not in repr(result) + repr(printer.health())
            assert VOUCHER not in repr(result) + repr(printer.health())


class _Clone(PrinterSimulator):
    """Passes GS ( H over in silence, as cheap printers do."""

    heard = b""

    def received(self, data: bytes) -> None:
        self.heard += data
        super().received(data)

    def send(self, data: bytes) -> None:
        if not data.startswith(b"\x37\x22"):
            super().send(data)


class _Parrot(PrinterSimulator):
    """Answers every process id with an old one."""

    def send(self, data: bytes) -> None:
        super().send(b"\x37\x22old!\x00" if data.startswith(b"\x37\x22") else data)


class _Noticed(PrinterSimulator):
    """Tells when its paper begins to move."""

    def __init__(self, situation: str) -> None:
        self.moving = threading.Event()
        super().__init__(situation=situation)

    def _move(self, dots: int, then: Callable[[], None] | None = None, more_s: float = 0.0) -> None:
        if dots:
            self.moving.set()
        super()._move(dots, then, more_s)
