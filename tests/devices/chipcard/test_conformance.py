"""The conformance kit on the chip-card reader, over a real PC/SC service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devices.chipcard.reader import ChipCardReader
from devices.conformance import ChipCardReaderConformance
from devices.device import Device
from devices.simulators.chip_card import ChipCardSimulator
from tests.devices.chipcard.stand import READER, Pcscd


class TestChipCardReader(ChipCardReaderConformance):
    silent = ""  # a reader is the service's to know; a silent card is no silent reader
    garbage = "nonsense"

    @pytest.fixture(autouse=True)
    def service(self, pcscd: Pcscd) -> None:
        self._pcscd = pcscd

    @pytest.fixture
    def simulator(self, pcscd: Pcscd) -> Iterator[ChipCardSimulator]:
        with ChipCardSimulator(tcp=pcscd.port, reader=READER) as simulator:
            yield simulator

    @pytest.fixture
    def device(self, simulator: ChipCardSimulator) -> Device:
        return ChipCardReader("chip_card", simulator.port)

    def unplug(self, simulator: Any) -> None:
        self._pcscd.stop()

    def replug(self, simulator: Any) -> None:
        self._pcscd.start()
