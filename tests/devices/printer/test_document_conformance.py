"""Through CUPS, too, the document printer holds what every document printer must."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.conformance import DocumentPrinterConformance
from devices.device import Device
from devices.printer.document import DocumentPrinter
from devices.simulators.ipp_printer import IppPrinterSimulator
from tests.devices.printer.queues import CupsServer, cups_server


@pytest.fixture(scope="module")
def cups() -> Iterator[CupsServer]:
    with cups_server() as server:
        yield server


class TestCupsQueue(DocumentPrinterConformance):
    """Reached through a driverless queue of CUPS. What the queue's printer says in garbage is no
    answer: the printer counts as unreachable."""

    exclusive = False

    @pytest.fixture
    def simulator(self, cups: CupsServer) -> Iterator[IppPrinterSimulator]:
        with IppPrinterSimulator() as printer:
            cups.add_driverless("a4", printer.port)
            yield printer
            cups.run("lpadmin", "-x", "a4")

    @pytest.fixture
    def device(self, cups: CupsServer, simulator: IppPrinterSimulator) -> Iterator[DocumentPrinter]:
        printer = DocumentPrinter("document_printer", "cups:a4", server=cups.socket)
        yield printer
        printer.close()

    def another(self, device: Device) -> Device:
        assert isinstance(device, DocumentPrinter)
        return DocumentPrinter("another", device.port, server=device.server)
