"""The document printer against a simulated IPP printer: whole, once, and nothing left behind."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.printer.document import DocumentPrinter
from devices.printer.document_queue import PrintOptions
from devices.printer.document_testpage import trial_page
from devices.printer.document_watch import Progress
from devices.registry import BadSetting
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.clocks import LeapingClock
from tests.devices.printer.papers import document, pdf, texts
from tests.devices.printer.queues import (
    WITHIN_S,
    came_out,
    connected,
    eventually,
    job_names,
    until,
)

NOW = 0.0
"""The patience of a printer whose jobs are taken back at once."""


@pytest.fixture
def printer() -> Iterator[IppPrinterSimulator]:
    with IppPrinterSimulator() as simulator:
        yield simulator


async def test_a_document_comes_out_whole_page_by_page(printer: IppPrinterSimulator) -> None:
    # GIVEN
    async with connected(printer.port) as device:
        told: list[Progress] = []
        # WHEN
        result = await device.print_document(document(), None, WITHIN_S, told.append)
        # THEN
        assert isinstance(result, Ok)
        report = result.value
        assert (report.pages, report.sheets, report.proven, report.repeated) == (3, 3, True, False)
        assert came_out(printer) == [1, 2, 3]
        pages = [each.pages or 0 for each in told]
        assert pages == sorted(pages)
        assert told[-1] == Progress(3, 3)


async def test_duplex_and_copies_reach_the_printer(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        options = PrintOptions(copies=2, duplex=True)
        result = await device.print_document(document(), options, WITHIN_S)
        assert isinstance(result, Ok)
        assert (result.value.pages, result.value.sheets, result.value.duplex) == (6, 4, True)
        (job,) = printer.control({"do": "state"})["jobs"]
        assert (job["copies"], job["sides"]) == (2, "two-sided-long-edge")
        assert came_out(printer) == [1, 2, 3, 1, 2, 3]


async def test_the_queue_learns_nobodys_name(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        paper = document(id="王小兰-371083199001011234")
        assert isinstance(await device.print_document(paper, None, WITHIN_S), Ok)
        (name,) = job_names(printer)
        assert name.startswith("kiosk-")
        assert name.isascii()
        assert "371083" not in name
        assert "%PDF" not in repr(paper)


@pytest.mark.parametrize(
    ("paper", "code"),
    [
        (document(digest="0" * 64), "document.digest"),
        (document(digest="not hexadecimal"), "document.digest"),
        (document(b"hello, not a PDF"), "document.not_pdf"),
        (document(b"%PDF-1.7\nand then nothing"), "document.not_pdf"),
        (document(pdf(1, encrypted=True)), "document.encrypted"),
        (document(pdf(5)), "document.too_many_pages"),
        (document(pages=2), "document.page_count"),
        (replace(document(), pdf=Path("/nonexistent/paper.pdf")), "document.unreadable"),
    ],
)
async def test_a_wrong_document_is_refused_before_anything_is_sent(
    printer: IppPrinterSimulator, paper: object, code: str
) -> None:
    async with connected(printer.port, pages_most=4) as device:
        result = await device.print_document(paper, None, WITHIN_S)  # type: ignore[arg-type]
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.INVALID_DATA, code)
        assert job_names(printer) == []


async def test_a_digest_by_sm3_counts_as_well(printer: IppPrinterSimulator) -> None:
    data = pdf(1)
    try:
        right = hashlib.new("sm3", data).hexdigest()
    except ValueError:  # an OpenSSL without it
        right = ""
    async with connected(printer.port) as device:
        paper = document(data, algorithm="sm3", digest=right or "0" * 64)
        result = await device.print_document(paper, None, WITHIN_S)
        if right:
            assert isinstance(result, Ok)
            wrong = await device.print_document(
                document(data, id="2", algorithm="sm3"), None, WITHIN_S
            )
            assert isinstance(wrong, Failed)
            assert wrong.fault.code == "document.digest"
        else:
            assert isinstance(result, Failed)
            assert result.outcome is Outcome.UNSUPPORTED


async def test_a_document_in_a_file_is_read_and_left_alone(
    printer: IppPrinterSimulator, tmp_path: Path
) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf(1))
    file.chmod(0o600)
    async with connected(printer.port) as device:
        paper = document(pdf(1))
        result = await device.print_document(replace(paper, pdf=file), None, WITHIN_S)
        assert isinstance(result, Ok)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("copies", [0, 6])
async def test_copies_are_bounded(printer: IppPrinterSimulator, copies: int) -> None:
    async with connected(printer.port) as device:
        result = await device.print_document(document(), PrintOptions(copies=copies), WITHIN_S)
        assert isinstance(result, Failed)
        assert result.fault.code == "document.copies"
        assert job_names(printer) == []


# --- what stops a printer -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "code", "fact", "value"),
    [
        ("paper_out", "document.paper_out", "paper", "out"),
        ("door_open", "document.cover_open", "cover", "open"),
        ("toner_out", "document.toner_out", "toner", "out"),
        ("output_full", "document.output_full", "output", "full"),
        ("paused", "document.paused", "queue", "stopped"),
        ("rejects", "document.rejecting", "queue", "rejecting"),
    ],
)
async def test_nothing_is_sent_to_a_printer_that_cannot_print(
    printer: IppPrinterSimulator, situation: str, code: str, fact: str, value: str
) -> None:
    async with connected(printer.port) as device:
        assert device.health().facts["paper"] == "full"
        printer.set_situation(situation)
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.DEVICE_NOT_READY, code)
        assert device.health().facts[fact] == value
        assert job_names(printer) == []
        # AND when that is put right, the printer is well again by itself
        printer.set_situation("normal")
        await until(device, lambda health: health.fault is None)
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)


@pytest.mark.parametrize(
    ("situation", "fact", "value"),
    [("paper_low", "paper", "low"), ("toner_low", "toner", "low")],
)
async def test_a_warning_is_a_fact_and_prints(
    printer: IppPrinterSimulator, situation: str, fact: str, value: str
) -> None:
    printer.set_situation(situation)
    async with connected(printer.port) as device:
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        assert device.health().facts[fact] == value
        assert device.health().fault is None


@pytest.mark.parametrize(
    ("situation", "code"),
    [("paper_out_midway", "document.paper_out"), ("jam_midway", "document.paper_jam")],
)
async def test_a_stop_midway_is_taken_back_and_a_retry_prints_whole(
    printer: IppPrinterSimulator, situation: str, code: str
) -> None:
    # GIVEN a printer that stops after its first page, and nobody who helps
    printer.set_situation(situation)
    async with connected(printer.port, patience_s=NOW) as device:
        result = await device.print_document(document(), None, WITHIN_S)
        # THEN it says what, who must act, and how far it came
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.HARDWARE_ERROR, code)
        assert result.fault.act is Act.CLEAR
        assert "1 of 3" in result.fault.detail
        # AND when the printer is put right, no page of it follows
        printer.set_situation("normal")
        await until(device, lambda health: health.fault is None)
        assert came_out(printer) == [1]
        # AND the same document can be printed again
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        assert came_out(printer) == [1, 1, 2, 3]


async def test_a_jam_put_right_in_time_goes_on_where_it_was(printer: IppPrinterSimulator) -> None:
    # GIVEN
    printer.set_situation("jam_midway")
    async with connected(printer.port, patience_s=WITHIN_S) as device:
        told: list[Progress] = []
        under_way = asyncio.create_task(
            device.print_document(document(), None, WITHIN_S, told.append)
        )
        # WHEN the screen was told, and staff free the sheet
        await eventually(lambda: any(each.fault for each in told))
        assert told[-1].pages == 1
        printer.set_situation("normal")
        # THEN
        assert isinstance(await under_way, Ok)
        assert came_out(printer) == [1, 2, 3]


@pytest.mark.parametrize(
    ("situation", "outcome", "code"),
    [
        ("aborts", Outcome.HARDWARE_ERROR, "document.aborted"),
        ("cancels", Outcome.CANCELED, "document.cancelled"),
        ("holds", Outcome.HARDWARE_ERROR, "document.held"),
        ("busy", Outcome.DEVICE_NOT_READY, "document.busy"),
    ],
)
async def test_a_job_that_ends_otherwise_says_how(
    printer: IppPrinterSimulator, situation: str, outcome: Outcome, code: str
) -> None:
    printer.set_situation(situation)
    async with connected(printer.port, patience_s=NOW) as device:
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (outcome, code)
        unfinished = [
            job for job in printer.control({"do": "state"})["jobs"]
            if job["state"] not in ("canceled", "aborted")
        ]  # fmt: skip
        assert unfinished == []


async def test_a_printer_that_talks_nonsense_is_lost_and_comes_back(
    printer: IppPrinterSimulator,
) -> None:
    async with connected(printer.port) as device:
        printer.set_situation("garbage")
        health = await until(device, lambda health: not health.usable)
        assert health.fault is not None
        printer.set_situation("normal")
        await until(device, lambda health: health.usable)


async def test_a_printer_that_was_switched_off_is_found_again(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        printer.unplug()
        await until(device, lambda health: health.state is DeviceState.OFFLINE)
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY
        printer.replug()
        await until(device, lambda health: health.usable)
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)


async def test_a_second_program_that_looks_at_the_queue_takes_nothing_back(
    printer: IppPrinterSimulator,
) -> None:
    # GIVEN a terminal whose document stands still in the middle
    printer.set_situation("jam_midway")
    async with connected(printer.port, patience_s=WITHIN_S) as device:
        told: list[Progress] = []
        under_way = asyncio.create_task(
            device.print_document(document(), None, WITHIN_S, told.append)
        )
        await eventually(lambda: any(each.fault for each in told))
        # WHEN a technician's command opens the same printer, ends its visit there and closes it
        async with connected(printer.port) as beside:
            assert await beside.purge() == Ok(0)
        printer.set_situation("normal")
        # THEN the citizen's document comes out whole
        assert isinstance(await under_way, Ok)
        assert came_out(printer) == [1, 2, 3]


# --- once --------------------------------------------------------------------------------------


async def test_a_document_that_came_out_is_not_printed_again(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        first = await device.print_document(document(), None, WITHIN_S)
        again = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(first, Ok)
        assert isinstance(again, Ok)
        assert again.value.repeated
        assert again.value.job == first.value.job
        assert came_out(printer) == [1, 2, 3]
        # AND a person who wants a second one gets it
        wanted = await device.print_document(document(), PrintOptions(again=True), WITHIN_S)
        assert isinstance(wanted, Ok)
        assert not wanted.value.repeated
        assert came_out(printer) == [1, 2, 3] * 2


async def test_a_job_whose_receipt_was_lost_does_not_come_out_twice(
    printer: IppPrinterSimulator,
) -> None:
    # GIVEN a printer that hangs up when it has the whole document
    printer.set_situation("deaf_after_job")
    async with connected(printer.port) as device:
        lost = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(lost, Failed)
        # WHEN the connection is back
        printer.set_situation("normal")
        await until(device, lambda health: health.usable)
        again = await device.print_document(document(), None, WITHIN_S)
        # THEN no page came out twice in one piece
        assert isinstance(again, Ok)
        whole = came_out(printer)
        assert whole[-3:] == [1, 2, 3]
        assert whole.count(3) == 1


async def test_giving_up_takes_the_job_back(printer: IppPrinterSimulator) -> None:
    printer.set_situation("slow")
    async with connected(printer.port) as device:
        under_way = asyncio.create_task(device.print_document(document(), None, WITHIN_S))
        await eventually(lambda: job_names(printer))
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way
        (job,) = printer.control({"do": "state"})["jobs"]
        assert job["state"] == "canceled"


async def test_time_over_takes_the_job_back(printer: IppPrinterSimulator) -> None:
    printer.set_situation("slow")
    async with connected(printer.port) as device:
        clock = device.clock = LeapingClock()
        under_way = asyncio.create_task(device.print_document(document(pdf(30)), None, WITHIN_S))
        await eventually(lambda: job_names(printer))
        clock.leap(WITHIN_S)
        result = await under_way
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.TIMEOUT, "document.unfinished")
        (job,) = printer.control({"do": "state"})["jobs"]
        assert job["state"] == "canceled"


async def test_what_a_dead_terminal_left_is_taken_back_and_others_jobs_are_not(
    printer: IppPrinterSimulator,
) -> None:
    # GIVEN jobs of this terminal, and of another, in a printer without paper
    printer.set_situation("paper_out_midway")
    first = DocumentPrinter("document_printer", printer.port, patience_s=WITHIN_S)
    other = DocumentPrinter("another_terminal", printer.port, patience_s=WITHIN_S)
    devices = (first, other)
    for device in devices:
        device.start()
        await until(device, lambda health: health.usable)
    tries = [
        asyncio.create_task(device.print_document(document(), None, WITHIN_S)) for device in devices
    ]
    await eventually(lambda: len(job_names(printer)) == 2)
    # WHEN the first terminal dies, and with it what the kernel held for it, and starts anew
    assert first._first is not None
    first._first.close()
    async with connected(printer.port):
        states = [job["state"] for job in printer.control({"do": "state"})["jobs"]]
        assert states.count("canceled") == 1
    for device in devices:
        await asyncio.to_thread(device.close, WITHIN_S)
    await asyncio.wait(tries)


async def test_the_end_of_a_visit_forgets_its_documents(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        assert await device.purge() == Ok(0)
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Ok)
        assert not result.value.repeated


# --- settings, test ------------------------------------------------------------------------------


async def test_its_test_prints_one_page_and_tells_facts(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        for _ in range(2):  # a technician may print as many as they like
            result = await device.test()
            assert isinstance(result, Ok)
            assert "paper: full" in result.value.lines
        assert came_out(printer) == [1, 1]
        (words,) = texts(printer.printed[0].document)
        assert "document_printer" in words
        assert "Simulated Hall A4" in words
        assert device.health().facts["duplex"] == "yes"
        printer.set_situation("door_open")
        failed = await device.test()
        assert isinstance(failed, Failed)
        assert failed.fault.code == "document.cover_open"


def test_a_test_page_takes_any_name() -> None:
    (words,) = texts(trial_page("打印机 (1)\\", "model ) Tj"))
    assert "(1)\\" in words
    assert "model ) Tj" in words


@pytest.mark.parametrize(
    ("setting", "value"),
    [("copies_most", 0), ("pages_most", 0), ("patience_s", -1), ("certificate", "AB:CD")],
)
def test_a_setting_without_sense_is_named(setting: str, value: object) -> None:
    with pytest.raises(BadSetting, match=setting):
        DocumentPrinter("document_printer", "cups:A4", **{setting: value})  # type: ignore[arg-type]


async def test_an_address_that_is_none_is_a_matter_of_configuration() -> None:
    device = DocumentPrinter("document_printer", "lpd://printer/queue")
    device.start()
    health = await until(device, lambda health: health.state is DeviceState.NO_DEVICE)
    assert health.fault is not None
    assert health.fault.act is Act.CONFIGURATION
    await asyncio.to_thread(device.close)
