"""The document printer through a real CUPS server, and at CUPS's own reference printer."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.printer.document import DocumentPrinter
from devices.printer.document_cups import CupsQueue
from devices.printer.document_pdf import job_name
from devices.printer.document_queue import PrintOptions
from devices.printer.document_watch import Progress
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.printer.papers import document, pdf, texts
from tests.devices.printer.queues import (
    NOBODY,
    ROOT,
    TRAY,
    WITHIN_S,
    CupsServer,
    came_out,
    connected,
    cups_server,
    ends_of,
    eventually,
    ippeveprinter,
    job_names,
    until,
)

NOW = 0.0


@pytest.fixture(scope="module")
def cups() -> Iterator[CupsServer]:
    with cups_server() as server:
        yield server


@pytest.fixture
def printer(cups: CupsServer) -> Iterator[IppPrinterSimulator]:
    """A simulated printer, behind the driverless queue `a4`."""
    with IppPrinterSimulator() as simulator:
        cups.add_driverless("a4", simulator.port)
        yield simulator
        cups.run("lpadmin", "-x", "a4")


@asynccontextmanager
async def silent_until_told(port: str, server: str) -> AsyncIterator[str]:
    """An adapter that finds nothing; the code that it says so with."""
    device = DocumentPrinter("document_printer", port, server=server)
    device.start()
    health = await until(device, lambda health: health.fault is not None)
    assert health.fault is not None
    assert health.fault.act is Act.CONFIGURATION
    yield health.fault.code
    await asyncio.to_thread(device.close)


async def test_a_document_goes_through_a_driverless_queue_and_is_counted_by_the_printer(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    async with connected("cups:a4", server=cups.socket) as device:
        told: list[Progress] = []
        options = PrintOptions(duplex=True)
        result = await device.print_document(document(pdf(5)), options, WITHIN_S, told.append)
        assert isinstance(result, Ok)
        assert (result.value.pages, result.value.sheets, result.value.proven) == (5, 3, True)
        assert came_out(printer) == [1, 2, 3, 4, 5]
        (job,) = printer.control({"do": "state"})["jobs"]
        assert job["sides"] == "two-sided-long-edge"
        assert told[-1] == Progress(5, 5)
        facts = device.health().facts
        assert (facts["paper"], facts["cover"], facts["toner"]) == ("full", "closed", "ok")


async def test_the_printer_itself_is_asked_while_cups_knows_nothing(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    async with connected("cups:a4", server=cups.socket) as device:
        printer.set_situation("paper_out")
        health = await until(device, lambda health: health.fault is not None)
        assert health.fault is not None
        assert health.fault.code == "document.paper_out"
        assert health.facts["paper"] == "out"
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY
        assert job_names(printer) == []


async def test_a_jam_behind_cups_is_taken_back_everywhere_and_printed_whole_later(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    printer.set_situation("jam_midway")
    async with connected("cups:a4", server=cups.socket, patience_s=NOW) as device:
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.fault.code == "document.paper_jam"
        assert "1 of 3" in result.fault.detail
        # THEN CUPS took it back at the printer too, and keeps no file
        await eventually(
            lambda: [j["state"] for j in printer.control({"do": "state"})["jobs"]] == ["canceled"]
        )
        await eventually(lambda: cups.spooled() == [])
        # AND a retry comes out whole, alone
        printer.set_situation("normal")
        await until(device, lambda health: health.fault is None)
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        assert came_out(printer) == [1, 1, 2, 3]


async def test_a_visits_end_leaves_no_file_and_no_record(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    async with connected("cups:a4", server=cups.socket) as device:
        assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        again = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(again, Ok)
        assert again.value.repeated
        assert isinstance(await device.purge(), Ok)
        assert cups.spooled() == []
        assert cups.run("lpstat", "-W", "all", "-o", "a4") == ""
        assert came_out(printer) == [1, 2, 3]


async def test_a_job_cancelled_at_the_queue_is_told_as_such(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    printer.set_situation("slow")
    async with connected("cups:a4", server=cups.socket) as device:
        under_way = asyncio.create_task(device.print_document(document(), None, WITHIN_S))
        await eventually(lambda: job_names(printer))
        await asyncio.to_thread(cups.run, "cancel", "-a", "a4")
        result = await under_way
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.CANCELED, "document.cancelled")


async def test_a_job_held_at_the_queue_is_taken_back(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    cups.run("lpadmin", "-p", "a4", "-o", "job-hold-until-default=indefinite")
    async with connected("cups:a4", server=cups.socket, patience_s=NOW) as device:
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.fault.code == "document.held"
        assert cups.run("lpstat", "-o", "a4") == ""
        assert came_out(printer) == []


@pytest.mark.parametrize(
    ("stop", "go", "code"),
    [
        ("cupsdisable", "cupsenable", "document.paused"),
        ("cupsreject", "cupsaccept", "document.rejecting"),
    ],
)
async def test_a_queue_that_was_stopped_is_a_technicians_matter(
    cups: CupsServer, printer: IppPrinterSimulator, stop: str, go: str, code: str
) -> None:
    async with connected("cups:a4", server=cups.socket) as device:
        cups.run(stop, "a4")
        result = await device.print_document(document(), None, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.fault.code == code
        assert result.fault.act is Act.CONFIGURATION
        cups.run(go, "a4")
        await until(device, lambda health: health.fault is None)


async def test_a_printer_that_is_switched_off_behind_cups_is_offline_and_comes_back(
    cups: CupsServer, printer: IppPrinterSimulator
) -> None:
    async with connected("cups:a4", server=cups.socket) as device:
        printer.unplug()
        health = await until(device, lambda health: health.state is DeviceState.OFFLINE)
        assert health.fault is not None
        assert health.fault.code == "document.unreachable"
        assert health.facts["paper"] == "unknown"
        printer.replug()
        await until(device, lambda health: health.usable and health.fault is None)


async def test_a_queue_that_is_not_there_is_named_so(cups: CupsServer) -> None:
    async with silent_until_told("cups:nowhere", cups.socket) as code:
        assert code == "document.queue_missing"


async def test_a_server_that_is_not_there_is_named_so(tmp_path: Path) -> None:
    async with silent_until_told("cups:a4", str(tmp_path / "sock")) as code:
        assert code == "document.server_absent"


async def test_a_server_that_goes_away_and_returns_is_found_again() -> None:
    with cups_server() as server:
        server.add_pdf("paper")
        async with connected("cups:paper", server=server.socket) as device:
            server.stop()
            await until(device, lambda health: not health.usable)
            result = await device.print_document(document(), None, WITHIN_S)
            assert isinstance(result, Failed)
            assert result.outcome is Outcome.DEVICE_NOT_READY
            server.start()
            await until(device, lambda health: health.usable)


async def test_a_server_without_a_memory_of_jobs_is_not_believed_blindly() -> None:
    # GIVEN a CUPS server that forgets each job that ends
    with cups_server(history=False) as server, IppPrinterSimulator() as printer:
        server.add_driverless("a4", printer.port)
        async with connected("cups:a4", server=server.socket) as device:
            # WHEN
            result = await device.print_document(document(), None, WITHIN_S)
            # THEN what came out is known, or said not to be: it never comes out twice
            again = await device.print_document(document(), None, WITHIN_S)
            assert came_out(printer) == [1, 2, 3]
            for tried in (result, again):
                assert isinstance(tried, Ok) or tried.fault.code in (
                    "document.forgotten",
                    "document.fate_unknown",
                )


async def test_the_only_queue_is_chosen_where_none_is_named() -> None:
    with cups_server() as server:
        server.add_pdf("paper")
        async with connected("cups:", server=server.socket) as device:
            assert "CUPS-PDF" in device.health().facts["model"]
        found = CupsQueue("", server.socket).queues()
        assert [queue.name for queue in found] == ["paper"]


async def test_a_document_goes_through_a_cups_pdf_queue(cups: CupsServer) -> None:
    # GIVEN a queue whose printer cannot be asked anything
    cups.add_pdf("paper")
    async with connected("cups:paper", server=cups.socket, user=NOBODY) as device:
        assert device.health().facts["paper"] == "unknown"
        # WHEN
        sent = document(id=secrets.token_hex())
        name = job_name(f"{socket.gethostname()}/document_printer", sent.id)
        result = await device.print_document(sent, None, WITHIN_S)
        # THEN it came out, and nobody claims that a printer counted
        assert isinstance(result, Ok)
        assert (result.value.pages, result.value.proven) == (3, None)
        if ROOT:
            (paper,) = TRAY.glob(f"*{name}*.pdf")
            assert texts(paper) == ["page 1", "page 2", "page 3"]
            paper.unlink()
        else:
            paper = cups.home / "out" / "paper.ps"
            assert ends_of(paper.read_text("latin-1")) == ["1", "2", "3"]
        assert cups.spooled() == []


def sizes_in(directory: Path) -> int:
    """How much was kept in a directory, in bytes."""
    return sum(path.stat().st_size for path in directory.iterdir())


def kept_in(directory: Path) -> Path:
    """The one paper in a directory."""
    (paper,) = directory.glob("*.pdf")
    return paper


# --- driverless, at CUPS's reference printer -----------------------------------------------------


async def test_a_document_goes_to_ippeveprinter_directly(tmp_path: Path) -> None:
    with ippeveprinter(tmp_path) as address:
        async with connected(address) as device:
            assert device.health().facts["paper"] == "full"
            result = await device.print_document(document(), PrintOptions(duplex=True), WITHIN_S)
            assert isinstance(result, Ok)
            assert (result.value.proven, result.value.duplex) == (True, True)
            assert texts(kept_in(tmp_path)) == ["page 1", "page 2", "page 3"]
            again = await device.print_document(document(), None, WITHIN_S)
            assert isinstance(again, Ok)
            assert again.value.repeated


async def test_a_document_goes_to_ippeveprinter_through_cups(
    cups: CupsServer, tmp_path: Path
) -> None:
    with ippeveprinter(tmp_path) as address:
        cups.add_driverless("eve", address)
        async with connected("cups:eve", server=cups.socket) as device:
            result = await device.print_document(document(), None, WITHIN_S)
            assert isinstance(result, Ok)
            assert texts(kept_in(tmp_path)) == ["page 1", "page 2", "page 3"]


async def test_a_printer_that_takes_no_pdf_says_so_before_anybody_prints(tmp_path: Path) -> None:
    with ippeveprinter(tmp_path, "image/pwg-raster") as address:
        async with connected(address) as device:
            health = await until(device, lambda health: health.fault is not None)
            assert health.fault is not None
            assert health.fault.code == "document.takes_no_pdf"
            result = await device.print_document(document(), None, WITHIN_S)
            assert isinstance(result, Failed)
            assert result.fault.act is Act.CONFIGURATION


async def test_raster_is_made_by_cups_for_a_printer_that_takes_no_pdf(
    cups: CupsServer, tmp_path: Path
) -> None:
    with ippeveprinter(tmp_path, "image/pwg-raster") as address:
        cups.add_driverless("raster", address)
        async with connected("cups:raster", server=cups.socket) as device:
            result = await device.print_document(document(), None, WITHIN_S)
            assert isinstance(result, Ok)
            assert sizes_in(tmp_path) > 0


async def test_a_printer_that_signs_its_own_certificate_is_trusted_by_its_fingerprint(
    tmp_path: Path,
) -> None:
    with ippeveprinter(tmp_path) as address:
        port = int(address.rpartition(":")[2].partition("/")[0])
        secure = address.replace("ipp:", "ipps:")
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("localhost", port)))
        known = hashlib.sha256(shown).hexdigest()
        async with connected(secure, certificate=known) as device:
            assert isinstance(await device.print_document(document(), None, WITHIN_S), Ok)
        # AND neither an unknown nor another certificate is told anything
        for certificate in ("", "0" * 64):
            device = DocumentPrinter("document_printer", secure, certificate=certificate)
            device.start()
            health = await until(device, lambda health: health.fault is not None)
            assert health.fault is not None
            assert health.fault.code == "document.certificate"
            await asyncio.to_thread(device.close)


# --- the simulator, judged by others -------------------------------------------------------------


def test_the_simulated_printer_passes_ipptools_conformance_suite(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf(2))
    with IppPrinterSimulator() as printer:
        ended = subprocess.run(
            ["ipptool", "-tI", "-f", str(paper), "-d", "filetype=application/pdf",
             printer.port, "ipp-1.1.test"],
            capture_output=True, text=True, timeout=WITHIN_S, env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
    assert "[FAIL]" not in ended.stdout
    assert ended.stdout.count("[PASS]") >= 25
