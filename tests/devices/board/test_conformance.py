"""On TCP, and with a pulse of their own, boards hold what every board of their family must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devices.board.compartments import Compartments
from devices.board.io_board import IoBoard
from devices.conformance import CompartmentsConformance, IoBoardConformance
from devices.simulators.modbus_board import ModbusBoardSimulator
from tests.devices.board.stand import compartments, io_board


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
def simulator(options: dict[str, Any]) -> Iterator[ModbusBoardSimulator]:
    with ModbusBoardSimulator(**options) as board:
        yield board


class TestIoBoardOnTcp(IoBoardConformance):
    """Behind a converter, with RTU's frames."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"tcp": True}

    @pytest.fixture
    def device(self, simulator: ModbusBoardSimulator) -> Iterator[IoBoard]:
        board = io_board(simulator)
        yield board
        board.close()


class TestPulsingCompartments(CompartmentsConformance):
    """A board that ends a lock's pulse itself."""

    @pytest.fixture
    def device(self, simulator: ModbusBoardSimulator) -> Iterator[Compartments]:
        board = compartments(simulator)
        yield board
        board.close()


class TestPlainCompartments(CompartmentsConformance):
    """A board that does not."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"hardware_pulse": False}

    @pytest.fixture
    def device(self, simulator: ModbusBoardSimulator) -> Iterator[Compartments]:
        board = compartments(simulator, profile="generic", pulse_ms=200)
        yield board
        board.close()
