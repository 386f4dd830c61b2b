"""Devices behind converters that portion, merge, echo and greet: read right, printed once."""

from __future__ import annotations

import asyncio

import pytest

from devices.board.io_board import IoBoard
from devices.device import Device
from devices.idcard.reader import IdCardReader
from devices.printer.receipt import ReceiptPrinter
from devices.scanner.serial import SerialScanner
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.cards import CARDS
from devices.simulators.modbus_board import ModbusBoardSimulator
from devices.simulators.printer import PrinterSimulator
from devices.simulators.scanner import ScannerSimulator
from devices.status import Ok
from tests.devices.converters import MANNERS, Converter, Manner
from tests.devices.printer.stand import receipt
from tests.devices.scanner.conftest import until

WITHIN_S = 60.0

CODE = "130000000000000001"

EACH = pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
WITHOUT_ECHO = {name: manner for name, manner in MANNERS.items() if not manner.echoes}


async def online(device: Device) -> None:
    device.start()
    await until(lambda: device.health().usable)


@EACH
async def test_cards_are_read_whole_one_after_another(manner: Manner) -> None:
    with CardReaderSimulator(tcp=True) as simulator, Converter(simulator.port, manner) as converter:
        reader = IdCardReader("id_card", converter.port)
        await online(reader)
        for slug in ("wang-xiulan", "maria-schmidt"):
            simulator.lay(CARDS[slug])
            assert await reader.read_card(WITHIN_S) == Ok(CARDS[slug])
        assert reader.health().counters.get("lost", 0) == 0
        await asyncio.to_thread(reader.close)


@EACH
@pytest.mark.parametrize("profile", ["gm65", "newland"])
async def test_codes_are_read_whole_one_after_another(manner: Manner, profile: str) -> None:
    with (
        ScannerSimulator(tcp=True, profile=profile) as simulator,
        Converter(simulator.port, manner) as converter,
    ):
        scanner = SerialScanner("scanner", converter.port, profile=profile)  # type: ignore[arg-type]
        await online(scanner)
        for n in range(3):
            scan = asyncio.ensure_future(scanner.scan(WITHIN_S))
            simulator.control({"do": "show", "text": f"{CODE}{n}"})
            result = await scan
            assert isinstance(result, Ok), result
            assert result.value.text == f"{CODE}{n}"
        await asyncio.to_thread(scanner.close)
        assert not simulator.control({"do": "state"})["lit"]


@pytest.mark.parametrize("manner", WITHOUT_ECHO.values(), ids=WITHOUT_ECHO)
@pytest.mark.usefixtures("waits_for_proofs")
async def test_slips_are_printed_once_and_proven(manner: Manner) -> None:
    with (
        PrinterSimulator(tcp=True, speed=100) as simulator,
        Converter(simulator.port, manner) as converter,
    ):
        printer = ReceiptPrinter("receipt_printer", converter.port)
        await online(printer)
        for n in range(2):
            result = await printer.print_slip(receipt(f"order-{n}"), WITHIN_S)
            assert isinstance(result, Ok), result
            assert result.value.proven is True
        sheets = await asyncio.to_thread(simulator.await_sheets, 2, WITHIN_S)
        assert [sheet.cut for sheet in sheets] == [True, True]
        await asyncio.to_thread(printer.close)


@pytest.mark.parametrize("manner", WITHOUT_ECHO.values(), ids=WITHOUT_ECHO)
async def test_lights_shine(manner: Manner) -> None:
    with (
        ModbusBoardSimulator(tcp=True) as simulator,
        Converter(simulator.port, manner) as converter,
    ):
        board = IoBoard("io_board", converter.port, lights=("card=0",))
        await online(board)
        assert await board.light("card", True) == Ok(None)
        assert simulator.control({"do": "state"})["relays"][0] is True
        await asyncio.to_thread(board.close)
