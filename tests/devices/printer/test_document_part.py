"""Some pages of a document: what a jam left out is printed, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.printer.document import DocumentPrinter
from devices.printer.document_queue import PrintOptions, QueueStatus, ticket_for
from devices.printer.document_watch import Progress
from devices.printer.preview import cut
from devices.simulators import ipp_printer
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.status import Failed, Ok, Outcome
from tests.devices.printer.papers import document, pdf, texts
from tests.devices.printer.queues import WITHIN_S, connected, cups_server, job_names, until

NOW = 0.0
"""The patience of a printer whose jobs are taken back at once."""


@pytest.fixture
def printer() -> Iterator[IppPrinterSimulator]:
    with IppPrinterSimulator() as simulator:
        yield simulator


def on_paper(printer: IppPrinterSimulator) -> list[str]:
    """What the pages say that came out, whoever chose them."""
    return [texts(page.document)[page.page] for page in printer.printed]


async def printed(
    device: DocumentPrinter, first: int, last: int, told: list[Progress] | None = None
) -> object:
    options = PrintOptions(pages=(first, last))
    tell = told.append if told is not None else None
    return await device.print_document(document(pdf(5)), options, WITHIN_S, tell)


async def test_only_the_wanted_pages_come_out(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        told: list[Progress] = []
        result = await printed(device, 3, 5, told)
        assert isinstance(result, Ok)
        assert (result.value.pages, result.value.sheets, result.value.proven) == (3, 3, True)
        assert on_paper(printer) == ["page 3", "page 4", "page 5"]
        assert told[-1] == Progress(3, 3)


async def test_after_a_jam_on_page_3_of_5_the_missing_pages_complete_it(
    printer: IppPrinterSimulator,
) -> None:
    # GIVEN a printer that jams at the third sheet
    printer.set_situation("jam_third")
    async with connected(printer.port, patience_s=NOW) as device:
        told: list[Progress] = []
        result = await device.print_document(document(pdf(5)), None, WITHIN_S, told.append)
        # THEN the failure and the last word of its progress agree on what came out
        assert isinstance(result, Failed)
        assert result.fault.code == "document.paper_jam"
        assert told[-1].pages == 2
        assert told[-1].fault is not None
        assert told[-1].fault.code == "document.paper_jam"
        # WHEN it is cleared and the missing pages are asked for
        printer.set_situation("normal")
        await until(device, lambda health: health.fault is None)
        rest = await printed(device, told[-1].pages + 1, 5)
        # THEN each page is there once
        assert isinstance(rest, Ok)
        assert on_paper(printer) == [f"page {n}" for n in range(1, 6)]


async def test_pages_that_came_out_are_not_printed_again(printer: IppPrinterSimulator) -> None:
    async with connected(printer.port) as device:
        assert isinstance(await printed(device, 2, 3), Ok)
        again = await printed(device, 2, 3)
        assert isinstance(again, Ok)
        assert again.value.repeated
        # BUT other pages of the same document are another order
        assert isinstance(await printed(device, 4, 4), Ok)
        assert on_paper(printer) == ["page 2", "page 3", "page 4"]
        assert len(set(job_names(printer))) == 2


@pytest.mark.parametrize("pages", [(0, 2), (2, 1), (5, 6), (-1, 3)])
async def test_pages_that_there_are_not_are_refused_before_anything_is_sent(
    printer: IppPrinterSimulator, pages: tuple[int, int]
) -> None:
    async with connected(printer.port) as device:
        result = await printed(device, *pages)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.INVALID_DATA, "document.no_page")
        assert job_names(printer) == []


async def test_a_printer_that_cannot_choose_pages_is_given_those_alone(
    printer: IppPrinterSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a printer that says so
    full = ipp_printer.printer_attributes
    monkeypatch.setattr(
        ipp_printer,
        "printer_attributes",
        lambda *given, **more: [
            each for each in full(*given, **more) if each.name != "page-ranges-supported"
        ],
    )
    async with connected(printer.port) as device:
        # WHEN
        result = await printed(device, 4, 5)
        # THEN
        assert isinstance(result, Ok)
        assert on_paper(printer) == ["page 4", "page 5"]
        assert [texts(page.document) for page in printer.printed] == [["page 4", "page 5"]] * 2


async def test_pages_are_chosen_behind_cups_as_well(printer: IppPrinterSimulator) -> None:
    with cups_server() as server:
        server.add_driverless("a4", printer.port)
        async with connected("cups:a4", server=server.socket) as device:
            result = await printed(device, 3, 5)
            assert isinstance(result, Ok)
            assert (result.value.pages, result.value.proven) == (3, True)
            assert on_paper(printer) == ["page 3", "page 4", "page 5"]


def test_the_ticket_names_pages_only_to_who_can_choose_them() -> None:
    options = PrintOptions(pages=(2, 3))
    assert ticket_for("kiosk-1", options, QueueStatus(ranges=True)).pages == (2, 3)
    assert ticket_for("kiosk-1", options, QueueStatus(ranges=False)).pages is None
    assert ticket_for("kiosk-1", options, QueueStatus()).pages is None


def test_a_cut_has_the_wanted_pages_and_refuses_others() -> None:
    assert texts(cut(pdf(5), 2, 4)) == ["page 2", "page 3", "page 4"]
    for first, last in ((0, 1), (3, 2), (5, 6)):
        with pytest.raises(IndexError):
            cut(pdf(5), first, last)
