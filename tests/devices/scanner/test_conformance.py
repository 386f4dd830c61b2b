"""The conformance kit on the scanners that it does not meet elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devices.conformance import ScannerConformance
from devices.device import Device
from devices.scanner import scanner
from devices.scanner.hid import HidScanner
from devices.scanner.keyboard import KeyboardScanner
from devices.scanner.serial import SerialScanner
from devices.simulators.hid_scanner import HidScannerSimulator
from devices.simulators.keyboard_scanner import KeyboardScannerSimulator
from devices.simulators.scanner import ScannerSimulator


class AlwaysLit(ScannerConformance):
    """A scanner that nothing can be asked: its own test wants a code, and its silence is no news."""

    silent = ""
    test_passes = False

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scanner, "TRY_PLAIN_S", 0.3)

    def show(self, simulator: Any, text: str) -> None:
        simulator.set_situation("repeating")
        super().show(simulator, text)


class TestHidScanner(AlwaysLit):
    @pytest.fixture
    def simulator(self) -> Iterator[HidScannerSimulator]:
        with HidScannerSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: HidScannerSimulator) -> Device:
        return HidScanner("scanner", simulator.port)


class TestKeyboardScanner(AlwaysLit):
    @pytest.fixture
    def simulator(self) -> Iterator[KeyboardScannerSimulator]:
        with KeyboardScannerSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: KeyboardScannerSimulator) -> Device:
        return KeyboardScanner("scanner", simulator.port)


class TestPlainScanner(AlwaysLit):
    @pytest.fixture
    def simulator(self) -> Iterator[ScannerSimulator]:
        with ScannerSimulator(profile="plain") as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ScannerSimulator) -> Device:
        return SerialScanner("scanner", simulator.port, profile="plain")

    def another(self, device: Device) -> Device:
        return SerialScanner("another", device.port, profile="plain")


class TestNewlandScanner(ScannerConformance):
    @pytest.fixture
    def simulator(self) -> Iterator[ScannerSimulator]:
        with ScannerSimulator(profile="newland") as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ScannerSimulator) -> Device:
        return SerialScanner("scanner", simulator.port, profile="newland")

    def another(self, device: Device) -> Device:
        return SerialScanner("another", device.port, profile="newland")


class TestHoneywellScanner(ScannerConformance):
    silent = ""  # it answers no trigger: silence is no news

    @pytest.fixture
    def simulator(self) -> Iterator[ScannerSimulator]:
        with ScannerSimulator(profile="honeywell") as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ScannerSimulator) -> Device:
        return SerialScanner("scanner", simulator.port, profile="honeywell")

    def another(self, device: Device) -> Device:
        return SerialScanner("another", device.port, profile="honeywell")
