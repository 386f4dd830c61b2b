"""A sealed document on its real way to paper: journey, check, adapter, IPP, the simulated A4 printer, CUPS.

Nothing is scripted but the citizen; time is the machine's own.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.printer.document import DocumentPrinter
from devices.simulators.ipp_printer import IppPrinterSimulator
from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.reception import Reception
from kiosk.texts import msg
from kiosk.views import Chosen, Printing, Tone, Trouble
from tests.devices.printer.queues import (
    came_out,
    connected,
    cups_server,
    eventually,
    until,
    wait_for,
)
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER

pytestmark = pytest.mark.timeout(900)

ITEM = "personal-credit-report"
"""An item whose document has five pages."""

ALL = [1, 2, 3, 4, 5]
LONG_S = 400.0
"""A whole terminal starts within this, and a visit comes to its papers, on a machine that does much else."""

AT_ONCE_S = 0.0
"""The patience of an adapter that takes a stopped job back at once."""

PDF_BEGINS = b"%PDF-"


@pytest.fixture
def printer() -> Iterator[IppPrinterSimulator]:
    with IppPrinterSimulator() as simulator:
        yield simulator


@asynccontextmanager
async def hall_with(device: DocumentPrinter, state: Path, **answers: Any) -> AsyncIterator[Hall]:
    """A terminal whose document printer is the real adapter; the citizen prints."""
    given = {name.replace("__", "."): answer for name, answer in answers.items()}
    hall = Hall(state, ITEM, documents=device, answers=given)  # type: ignore[arg-type]
    hall.journal.close()
    hall.departments = Departments.open(
        departments_at(hall.sandbox.url), hall.sandbox.adapter, patient_clock
    )
    hall.open_books()
    try:
        yield hall
    finally:
        await hall.close()


def patient_clock() -> float:
    """Departments in this process are as slow as a busy machine is: no deadline of theirs passes."""
    return 0.0


def once(act: Callable[[], object]) -> Callable[[Any], Awaitable[object]]:
    """Somebody does `act` while the view stands; nobody touches the screen."""

    async def meanwhile(_view: Any) -> object:
        act()
        return NEVER

    return meanwhile


def troubles(hall: Hall) -> list[Trouble]:
    return [view for view in hall.stage.asked if isinstance(view, Trouble)]


def held(hall: Hall) -> list[int]:
    """How many pages were out while the screen said that the printer had stopped."""
    shown = [view for view in hall.stage.shown if isinstance(view, Printing)]
    return [view.done for view in shown if view.tone is Tone.WARNING]


def gone(device: DocumentPrinter, printer: IppPrinterSimulator, state: Path) -> None:
    """Nothing of the document is left in the queue, nor on the terminal's disk."""
    jobs = printer.control({"do": "state"})["jobs"]
    assert jobs
    assert all(job["state"] in ("completed", "canceled", "aborted") for job in jobs)
    assert device._numbers == set()
    assert left_in(state) == []


async def visited(hall: Hall, device: DocumentPrinter) -> str:
    """One citizen's visit and what is cleared away after it; how it ended."""
    reception = Reception(hall.counter, lambda *_: hall.availability, hall._maintenance())
    serving = asyncio.ensure_future(reception.serve())
    ended = asyncio.ensure_future(reception.ended.wait())
    try:
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        await eventually(lambda: not device._visit and not device._numbers, LONG_S)
        return reception.outcome
    finally:
        for task in (serving, ended):
            task.cancel()
        await asyncio.wait({serving, ended})
        await hall.counter.errands.close()


def left_in(directory: Path) -> list[Path]:
    """The files below `directory` that hold a PDF."""
    return [f for f in directory.rglob("*") if f.is_file() and PDF_BEGINS in f.read_bytes()]


# --- it stops on its way --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "stopped_after", "code", "cause"),
    [
        ("jam_third", 2, "document.paper_jam", "document.cause.paper_jam"),
        ("paper_out_midway", 1, "document.paper_out", "document.cause.paper_out"),
    ],
)
async def test_what_is_missing_comes_out_once_somebody_has_put_the_printer_right(
    situation: str,
    stopped_after: int,
    code: str,
    cause: str,
    printer: IppPrinterSimulator,
    tmp_path: Path,
) -> None:
    # GIVEN a printer that stops in the middle of five pages
    printer.set_situation(situation)
    async with connected(printer.port, patience_s=AT_ONCE_S) as device:
        staff = once(lambda: printer.set_situation("normal"))
        async with hall_with(device, tmp_path, document__trouble=staff) as hall:
            # WHEN staff clears it, and nobody touches the screen
            outcome = await visited(hall, device)
            # THEN exactly the missing pages follow
            assert outcome == "done"
            assert came_out(printer) == ALL
            # AND the citizen was told how far it had come, why, and what is missing
            (trouble,) = troubles(hall)
            assert (trouble.code, trouble.cause) == (code, msg(cause))
            assert trouble.headline == msg("document.part_printed", done=stopped_after, pages=5)
            missing = msg("document.missing", first=stopped_after + 1, last=5)
            assert trouble.options[0].title == missing
            gone(device, printer, tmp_path)


async def test_a_jam_cleared_in_time_goes_on_by_itself_and_the_screen_says_that_it_waits(
    printer: IppPrinterSimulator, tmp_path: Path
) -> None:
    printer.set_situation("jam_third")
    async with connected(printer.port, patience_s=LONG_S) as device:

        async def cleared_once_told(view: Any) -> object:
            await eventually(lambda: held(hall), LONG_S)
            printer.set_situation("normal")
            return NEVER

        async with hall_with(device, tmp_path, document__printing=cleared_once_told) as hall:
            assert await visited(hall, device) == "done"
            assert came_out(printer) == ALL
            assert set(held(hall)) == {2}
            assert troubles(hall) == []
            gone(device, printer, tmp_path)


async def test_a_printer_unplugged_midway_prints_no_page_twice_once_it_is_back(
    printer: IppPrinterSimulator, tmp_path: Path
) -> None:
    # GIVEN a printer whose cable is pulled after its second page
    printer.set_situation("slow")
    async with connected(printer.port, patience_s=AT_ONCE_S) as device:

        async def pulled(view: Any) -> object:
            if printer.situation == "slow":
                await eventually(lambda: len(printer.printed) >= 2, LONG_S)
                printer.unplug()
                printer.set_situation("normal")
            return NEVER

        async def plugged_in(view: Any) -> object:
            printer.replug()
            return NEVER

        async def looked(view: Any) -> object:
            return Chosen(str(len(printer.printed)))

        async with hall_with(
            device, tmp_path,
            document__printing=pulled, document__trouble=plugged_in, document__came_out=looked,
        ) as hall:  # fmt: skip
            # WHEN it is plugged in again
            outcome = await visited(hall, device)
            # THEN every page is there, and none twice
            assert outcome == "done"
            assert came_out(printer) == ALL
            (trouble,) = troubles(hall)
            assert trouble.code == "port.lost"
            told = [msg("document.part_printed", done=done, pages=5) for done in (1, 2)]
            assert trouble.headline in told, "as far as the printer had said before it was lost"
            gone(device, printer, tmp_path)


async def test_who_does_not_wait_leaves_nothing_behind(
    printer: IppPrinterSimulator, tmp_path: Path
) -> None:
    # GIVEN a printer whose door is opened in the middle, and stays open
    printer.set_situation("slow")
    async with connected(printer.port, patience_s=AT_ONCE_S) as device:

        async def opened(view: Any) -> object:
            await eventually(lambda: len(printer.printed) >= 2, LONG_S)
            printer.set_situation("door_open")
            return NEVER

        # WHEN the citizen goes on without the rest
        async with hall_with(
            device, tmp_path, document__printing=opened, document__trouble=Chosen("primary")
        ) as hall:
            await visited(hall, device)
            assert [each.code for each in troubles(hall)] == ["document.cover_open"]
            gone(device, printer, tmp_path)
        # THEN nothing of that visit follows when the door is shut
        before = came_out(printer)
        printer.set_situation("normal")
        await until(device, lambda health: health.fault is None)
        assert before == came_out(printer) == ALL[: len(before)]
        assert len(before) < len(ALL)


# --- the power goes -----------------------------------------------------------------------------------


def test_after_a_power_cut_nothing_of_the_document_is_on_disk_or_in_cups(
    printer: IppPrinterSimulator, tmp_path: Path
) -> None:
    # GIVEN a terminal that prints through CUPS to a printer that jams at the third sheet
    printer.set_situation("jam_third")
    state, temporary = tmp_path / "state", tmp_path / "tmp"
    state.mkdir()
    temporary.mkdir()
    with cups_server() as server:
        server.add_driverless("a4", printer.port)
        words = [sys.executable, "-m", "tests.journeys.printing", str(state), server.socket]
        with subprocess.Popen(words, env={"TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"}) as it:
            try:
                wait_for(lambda: len(printer.printed) == 2 or it.poll() is not None, LONG_S)
                assert len(printer.printed) == 2
                assert server.spooled()
            finally:
                # WHEN it is killed while two pages are out
                it.send_signal(signal.SIGKILL)
        # THEN its own disk has nothing of it
        assert left_in(state) == []
        assert left_in(temporary) == []

        async def next_start() -> None:
            async with connected("cups:a4", server=server.socket):
                await eventually(lambda: not server.spooled(), LONG_S)

        # AND the next start takes back what waits in CUPS
        asyncio.run(next_start())
        assert left_in(server.home / "spool") == []
        assert server.run("lpstat", "-W", "not-completed", "-o") == ""
    # AND no page follows when the jam is cleared
    printer.set_situation("normal")
    assert came_out(printer)[:2] == [1, 2]
    assert printer.control({"do": "state"})["jobs"][-1]["state"] in ("canceled", "aborted")
