"""The conformance kit, run on our own adapters with their simulators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devices.board.compartments import Compartments
from devices.board.io_board import IoBoard
from devices.conformance import (
    CompartmentsConformance,
    DocumentPrinterConformance,
    IdCardReaderConformance,
    IoBoardConformance,
    ReceiptPrinterConformance,
    ScannerConformance,
    UpsConformance,
)
from devices.device import Device
from devices.idcard.reader import IdCardReader
from devices.printer.document import DocumentPrinter
from devices.printer.receipt import ReceiptPrinter
from devices.scanner.serial import SerialScanner
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.cards import CARDS
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.simulators.modbus_board import ModbusBoardSimulator
from devices.simulators.nut import NutSimulator
from devices.simulators.printer import PrinterSimulator
from devices.simulators.scanner import ScannerSimulator
from devices.ups import Ups


class TestIdCardReader(IdCardReaderConformance):
    @pytest.fixture(params=[None, True], ids=["pty", "tcp"])
    def simulator(self, request: pytest.FixtureRequest) -> Iterator[CardReaderSimulator]:
        with CardReaderSimulator(tcp=request.param) as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: CardReaderSimulator) -> Device:
        return IdCardReader("id_card", simulator.port)

    def lay(self, simulator: CardReaderSimulator) -> Any:
        slug, card = next(iter(CARDS.items()))
        simulator.control({"do": "lay", "card": slug})
        return card


class TestSerialScanner(ScannerConformance):
    @pytest.fixture
    def simulator(self) -> Iterator[ScannerSimulator]:
        with ScannerSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ScannerSimulator) -> Device:
        return SerialScanner("scanner", simulator.port)


@pytest.mark.usefixtures("waits_for_proofs")
class TestReceiptPrinter(ReceiptPrinterConformance):
    @pytest.fixture(params=[None, True], ids=["pty", "tcp"])
    def simulator(self, request: pytest.FixtureRequest) -> Iterator[PrinterSimulator]:
        with PrinterSimulator(tcp=request.param) as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: PrinterSimulator) -> Device:
        return ReceiptPrinter("receipt_printer", simulator.port)

    def printed(self, simulator: PrinterSimulator) -> int:
        return len(simulator.control({"do": "paper"})["slips"])


class TestDocumentPrinter(DocumentPrinterConformance):
    exclusive = False  # a network printer serves many

    @pytest.fixture
    def simulator(self) -> Iterator[IppPrinterSimulator]:
        with IppPrinterSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: IppPrinterSimulator) -> Device:
        return DocumentPrinter("document_printer", simulator.port)


class TestIoBoard(IoBoardConformance):
    @pytest.fixture
    def simulator(self) -> Iterator[ModbusBoardSimulator]:
        with ModbusBoardSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ModbusBoardSimulator) -> Device:
        return IoBoard("board", simulator.port, lights=("card=0", "scanner=1"))


class TestCompartments(CompartmentsConformance):
    @pytest.fixture
    def simulator(self) -> Iterator[ModbusBoardSimulator]:
        with ModbusBoardSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ModbusBoardSimulator) -> Device:
        return Compartments("compartments", simulator.port, locks=("1=4",), closed=("1=4",))

    def another(self, device: Device) -> Device:
        return Compartments("another", device.port, locks=("1=4",), closed=("1=4",))


class TestUps(UpsConformance):
    @pytest.fixture
    def simulator(self) -> Iterator[NutSimulator]:
        with NutSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: NutSimulator) -> Device:
        return Ups("ups", simulator.port)
