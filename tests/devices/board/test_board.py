"""Relay boards: lights that shine, doors that are told, locks that are never held."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from devices.board.compartments import Compartments, Opened, Taken
from devices.board.io_board import IoBoard
from devices.registry import BadSetting
from devices.simulators.modbus_board import ModbusBoardSimulator, crc
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.board.stand import WITHIN_S, compartments, io_board, started, until
from tests.devices.impatience import impatient

PULSE_MS = 500


@pytest.fixture(params=["pty", "tcp-rtu", "tcp"])
def wiring(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each kind of line, as options of the simulator and of the adapter."""
    framing = "tcp" if request.param == "tcp" else "rtu"
    return {"tcp": request.param != "pty", "framing": framing}, {"framing": framing}


@pytest.fixture
def simulator() -> Iterator[ModbusBoardSimulator]:
    with ModbusBoardSimulator() as board:
        yield board


def relays(simulator: ModbusBoardSimulator) -> list[bool]:
    return list(simulator.control({"do": "state"})["relays"])


# --- lights and the service door -----------------------------------------------------------------


async def test_lights_shine_on_every_kind_of_line(
    wiring: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    options, settings = wiring
    with ModbusBoardSimulator(**options) as simulator:
        async with started(io_board(simulator, **settings)) as board:
            assert board.health().facts["door"] == "closed"
            assert await board.light("printer", True) == Ok(None)
            assert relays(simulator)[:3] == [False, True, False]
            assert board.health().facts["light_printer"] == "on"
            assert await board.all_off() == Ok(None)
            assert board.health().facts["light_printer"] == "off"
        assert not any(relays(simulator))


async def test_a_light_that_is_on_at_0_is_understood(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator, lights=("card=!0",))) as board:
        assert relays(simulator)[0] is True
        assert board.health().facts["light_card"] == "off"
        assert await board.light("card", True) == Ok(None)
        assert relays(simulator)[0] is False


async def test_closing_leaves_every_light_off(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        assert await board.light("card", True) == Ok(None)
    assert relays(simulator)[0] is False


async def test_an_open_service_door_is_told_and_passes(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        simulator.control({"do": "door", "open": True})
        health = await until(board, lambda health: health.fault is not None)
        assert health.fault is not None
        assert (health.fault.code, health.fault.act) == ("board.door_open", Act.CLEAR)
        assert health.facts["door"] == "open"
        simulator.control({"do": "door", "open": False})
        await until(board, lambda health: health.fault is None)


async def test_a_relay_that_does_not_move_is_noticed(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        simulator.set_situation("stuck_relay")
        result = await board.light("card", True)
        assert isinstance(result, Failed)
        assert (result.fault.code, result.fault.act) == ("board.relay_stuck", Act.MAINTENANCE)
        assert isinstance(await board.test(), Failed)


async def test_its_test_lets_each_light_shine(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        result = await board.test()
        assert isinstance(result, Ok)
        assert result.value.lines == ("light card: shone", "light printer: shone", "door: closed")
        pulses = simulator.control({"do": "state"})["pulses"]
        assert pulses[:3] == [1, 1, 0]
        assert not any(relays(simulator))


async def test_a_light_that_is_not_there_is_refused(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        result = await board.light("moon", True)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.INVALID_DATA, "board.no_light")


# --- the line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        ("silent", "device.silent"),
        ("wrong_unit", "device.silent"),
        ("wrong_checksum", "device.garbled"),
        ("garbage", "device.garbled"),
        ("half", "device.garbled"),
        ("exception", "board.refused"),
    ],
)
async def test_a_board_that_does_not_answer_rightly_leaves_every_fact_unknown(
    simulator: ModbusBoardSimulator, situation: str, code: str
) -> None:
    async with started(io_board(simulator)) as board:
        simulator.set_situation(situation)
        with impatient():
            result = await board.light("card", True, WITHIN_S)
            assert isinstance(result, Failed)
            assert result.fault.code == code
            health = await until(board, lambda health: not health.usable)
        assert health.state is DeviceState.OFFLINE
        assert health.facts["door"] == health.facts["light_card"] == "unknown"
        simulator.set_situation("normal")
        health = await until(board, lambda health: health.usable)
        assert health.facts["door"] == "closed"


async def test_one_garbled_answer_is_asked_for_again(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        simulator.set_situation("noisy_once")
        assert await board.light("card", True, WITHIN_S) == Ok(None)
        assert board.health().usable


async def test_a_slow_board_is_waited_for(simulator: ModbusBoardSimulator) -> None:
    async with started(io_board(simulator)) as board:
        simulator.set_situation("slow")
        assert await board.light("card", True, WITHIN_S) == Ok(None)


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_board_that_was_unplugged_is_found_again(tcp: bool) -> None:
    with ModbusBoardSimulator(tcp=tcp) as simulator:
        async with started(io_board(simulator)) as board:
            simulator.unplug()
            await until(board, lambda health: not health.usable)
            simulator.replug()
            await until(board, lambda health: health.usable)
            assert await board.light("card", True) == Ok(None)


def test_the_checksum_is_modbuss() -> None:
    assert crc(bytes.fromhex("010500000000")) == bytes.fromhex("cdca")


# --- compartments --------------------------------------------------------------------------------


async def test_an_invoice_is_fetched_from_its_compartment(
    wiring: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    options, settings = wiring
    with ModbusBoardSimulator(**options) as simulator:
        async with started(compartments(simulator, **settings)) as board:
            facts = board.health().facts
            assert facts["compartment_2"] == "closed"
            assert facts["compartment_2_content"] == "present"
            # WHEN
            assert await board.open("2") == Ok(Opened("2", already=False))
            waiting = asyncio.create_task(board.taken("2", WITHIN_S))
            simulator.control({"do": "take", "compartment": 2})
            simulator.control({"do": "shut", "compartment": 2})
            # THEN
            assert await waiting == Ok(Taken("2", seen_empty=True, closed=True))
            state = simulator.control({"do": "state"})
            assert state["pulses"] == [0, 0, 0, 0, 0, 1, 0, 0]
            assert 0 < state["pulse_ms"][5] <= PULSE_MS


async def test_a_lock_is_not_held_longer_than_configured_even_when_we_die_in_the_middle(
    simulator: ModbusBoardSimulator,
) -> None:
    # GIVEN a board that ends pulses itself, and a line that breaks as the pulse begins
    async with started(compartments(simulator, pulse_ms=350)) as board:
        assert isinstance(await board.open("1"), Ok)
        simulator.unplug()
        await until(board, lambda health: not health.usable)
        # THEN
        await until(board, lambda _: relays(simulator)[4] is False)
        assert 0 < simulator.control({"do": "state"})["pulse_ms"][4] <= 350


async def test_a_board_that_cannot_end_a_pulse_has_it_ended_for_it() -> None:
    with ModbusBoardSimulator(hardware_pulse=False) as simulator:
        async with started(compartments(simulator, profile="generic", pulse_ms=200)) as board:
            assert await board.open("4") == Ok(Opened("4", already=False))
            assert relays(simulator)[7] is False
            assert await board.open("4") == Ok(Opened("4", already=True))
            assert simulator.control({"do": "state"})["pulses"][7] == 1


async def test_a_lock_that_a_dead_terminal_left_on_is_let_go_at_the_start() -> None:
    with ModbusBoardSimulator(hardware_pulse=False) as simulator:
        simulator.call(lambda: simulator.received(_switched_on(4)))
        async with started(compartments(simulator, profile="generic")), asyncio.timeout(WITHIN_S):
            while relays(simulator)[4]:  # noqa: ASYNC110 - it is asked, not told
                await asyncio.sleep(0.02)
            assert simulator.control({"do": "state"})["pulses"][4] == 1


def _switched_on(relay: int) -> bytes:
    body = bytes([1, 5, 0, relay, 0xFF, 0])
    return body + crc(body)


async def test_a_pulse_whose_answer_was_lost_is_not_given_twice(
    simulator: ModbusBoardSimulator,
) -> None:
    async with started(compartments(simulator)) as board:
        simulator.set_situation("deaf")
        assert await board.open("1", WITHIN_S) == Ok(Opened("1", already=False))
        assert simulator.control({"do": "state"})["pulses"][4] == 1


async def test_a_compartment_that_jams_is_staffs_matter(simulator: ModbusBoardSimulator) -> None:
    async with started(compartments(simulator)) as board:
        simulator.set_situation("jammed")
        result = await board.open("1", WITHIN_S)
        assert isinstance(result, Failed)
        assert (result.fault.code, result.fault.act) == ("compartment.jammed", Act.CLEAR)


@pytest.mark.parametrize(
    ("take", "code"), [(False, "compartment.not_taken"), (True, "compartment.left_open")]
)
async def test_what_was_not_fetched_or_not_closed_is_told(
    simulator: ModbusBoardSimulator, take: bool, code: str
) -> None:
    async with started(compartments(simulator)) as board:
        assert isinstance(await board.open("1"), Ok)
        if take:
            simulator.control({"do": "take", "compartment": 1})
        result = await board.taken("1", 2.0)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.TIMEOUT, code)


async def test_a_compartment_without_a_sensor_is_fetched_when_it_is_closed(
    simulator: ModbusBoardSimulator,
) -> None:
    async with started(compartments(simulator)) as board:
        assert isinstance(await board.open("4"), Ok)
        waiting = asyncio.create_task(board.taken("4", WITHIN_S))
        simulator.control({"do": "shut", "compartment": 4})
        assert await waiting == Ok(Taken("4", seen_empty=None, closed=True))


async def test_a_compartment_that_is_not_there_is_refused(simulator: ModbusBoardSimulator) -> None:
    async with started(compartments(simulator)) as board:
        for result in (await board.open("9"), await board.taken("9")):
            assert isinstance(result, Failed)
            assert result.fault.code == "compartment.none"
        assert isinstance(await board.test(), Ok)
        assert sum(simulator.control({"do": "state"})["pulses"]) == 0


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"profile": "made-up"}, "profile"),
        ({"unit": 0}, "unit"),
        ({"baud": -1}, "baud"),
        ({"framing": "ascii"}, "framing"),
        ({"lights": ("card",)}, "lights"),
        ({"lights": ("card=0", "card=1")}, "lights"),
        ({"lights": ("card=0", "printer=0")}, "lights"),
        ({"profile": "waveshare-8", "lights": ("card=8",)}, "lights"),
        ({"doors": ("door=x",)}, "doors"),
        ({"doors": (), "lights": ()}, "lights"),
    ],
)
def test_a_boards_setting_without_sense_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(BadSetting) as raised:
        IoBoard("io_board", "/dev/none", **settings)
    assert raised.value.setting == named


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"locks": ()}, "closed"),
        ({"closed": ("2=0",)}, "closed"),
        ({"content": ("2=1",)}, "content"),
        ({"content": ("1=0",)}, "content"),
        ({"pulse_ms": 0}, "pulse_ms"),
        ({"pulse_ms": 60_000}, "pulse_ms"),
        ({"pulse_ms": 50, "profile": "waveshare-8"}, "pulse_ms"),
        ({"locks": ("1=!0",), "profile": "waveshare-8"}, "locks"),
    ],
)
def test_a_compartments_setting_without_sense_is_named(
    settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadSetting) as raised:
        Compartments("compartments", "/dev/none", **settings)
    assert raised.value.setting == named
