"""The receipt printer against the conformance kit, on its other wires and profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.conformance import ReceiptPrinterConformance
from devices.device import Device
from devices.printer.receipt import ReceiptPrinter
from devices.simulators.printer import PrinterSimulator


@pytest.mark.usefixtures("quick_paper")
class _OnTheSimulator(ReceiptPrinterConformance):
    profile = "epson-80"
    situation = "normal"
    tcp: bool | None = None
    presenter = 0

    @pytest.fixture
    def simulator(self) -> Iterator[PrinterSimulator]:
        with PrinterSimulator(
            tcp=self.tcp, situation=self.situation, presenter=self.presenter, speed=20
        ) as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: PrinterSimulator) -> Device:
        return ReceiptPrinter("receipt_printer", simulator.port, profile=self.profile, baud=115200)

    def situate(self, simulator: PrinterSimulator, situation: str) -> None:
        simulator.set_situation(self.situation if situation == "normal" else situation)

    def printed(self, simulator: PrinterSimulator) -> int:
        return len(simulator.control({"do": "paper"})["slips"])


@pytest.mark.usefixtures("waits_for_proofs")
class TestAutomaticStatus(_OnTheSimulator):
    profile = "epson-asb-80"


@pytest.mark.usefixtures("waits_for_proofs")
class TestPresenter(_OnTheSimulator):
    profile = "citizen-ppu-80"
    presenter = 4


class TestClone(_OnTheSimulator):
    profile = "xprinter-80"
    proves = False


class TestCloneOnTheNetwork(_OnTheSimulator):
    profile = "xprinter-80"
    proves = False
    tcp = True
    exclusive = False  # a network printer takes whoever connects next


@pytest.mark.usefixtures("waits_for_proofs")
class TestUnasked(_OnTheSimulator):
    situation = "auto_status"
