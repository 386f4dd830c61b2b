"""The UPS through NUT's own protocol: facts, faults, and nothing made up where nothing is known."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.faults import FAULTS
from devices.simulators.nut import NutSimulator
from devices.status import Act, DeviceState, Failed, Health, Ok, Outcome
from devices.ups import NutError, Ups, address, facts_of, variables
from tests.devices.impatience import impatient

WITHIN_S = 60.0
LOOK_EVERY_S = 0.02


@pytest.fixture(autouse=True)
def polled_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ups, "poll_interval_s", 0.1)


@pytest.fixture
def server() -> Iterator[NutSimulator]:
    with NutSimulator() as simulator:
        yield simulator


async def until(ups: Ups, holds: Callable[[Health], bool]) -> Health:
    deadline = time.monotonic() + WITHIN_S
    while not holds(health := ups.health()):
        assert time.monotonic() < deadline, f"it never came to that: {health}"
        await asyncio.sleep(LOOK_EVERY_S)
    return health


@asynccontextmanager
async def started(port: str) -> AsyncIterator[Ups]:
    ups = Ups("ups", port)
    ups.start()
    try:
        yield ups
    finally:
        await asyncio.to_thread(ups.close)


@asynccontextmanager
async def connected(server: NutSimulator) -> AsyncIterator[Ups]:
    async with started(server.port) as ups:
        await until(ups, lambda health: health.usable)
        yield ups


async def test_mains_charge_and_runtime_are_facts(server: NutSimulator) -> None:
    async with connected(server) as ups:
        server.control({"do": "charge", "percent": 80})
        result = await ups.read(WITHIN_S)
        assert isinstance(result, Ok)
        assert ups.health().facts["power"] == "mains"
        assert ups.health().facts["battery"] == "ok"
        assert ups.health().facts["charge_percent"] == "80"
        assert ups.health().facts["runtime_s"] == "1440"
        assert ups.health().facts["model"] == 'Simulated Hall "650"'
        assert ups.health().fault is None


@pytest.mark.parametrize(
    ("situation", "power", "battery", "code", "act"),
    [
        ("on_battery", "battery", "ok", "ups.on_battery", Act.CLEAR),
        ("low_battery", "battery", "low", "ups.low_battery", Act.CLEAR),
        ("replace", "mains", "replace", "ups.replace_battery", Act.MAINTENANCE),
        ("overload", "mains", "ok", "ups.overload", Act.CONFIGURATION),
        ("bypass", "bypass", "ok", "ups.bypass", Act.MAINTENANCE),
        ("off", "off", "ok", "ups.off", Act.CLEAR),
    ],
)
async def test_what_is_wrong_is_told_by_itself_and_passes(
    server: NutSimulator, situation: str, power: str, battery: str, code: str, act: Act
) -> None:
    async with connected(server) as ups:
        server.set_situation(situation)
        health = await until(ups, lambda health: health.fault is not None)
        assert health.fault is not None
        assert (health.fault.code, health.fault.act) == (code, act)
        assert (health.facts["power"], health.facts["battery"]) == (power, battery)
        assert health.usable
        server.set_situation("charging")
        health = await until(ups, lambda health: health.fault is None)
        assert health.facts["charging"] == "yes"


@pytest.mark.parametrize(
    ("situation", "code"),
    [("stale", "ups.stale"), ("no_driver", "ups.stale"), ("denied", "ups.forbidden")],
)
async def test_a_server_that_lost_its_ups_leaves_every_fact_unknown(
    server: NutSimulator, situation: str, code: str
) -> None:
    async with connected(server) as ups:
        server.set_situation(situation)
        health = await until(ups, lambda health: not health.usable)
        assert health.state is DeviceState.HARDWARE_ERROR
        assert health.fault is not None
        assert health.fault.code == code
        assert {health.facts[name] for name in ("power", "battery", "charge_percent")} == {
            "unknown"
        }
        server.set_situation("normal")
        await until(ups, lambda health: health.usable and health.facts["power"] == "mains")


@pytest.mark.parametrize("situation", ["silent", "garbage", "half"])
async def test_a_server_that_does_not_answer_is_lost_and_comes_back(
    server: NutSimulator, situation: str
) -> None:
    async with connected(server) as ups:
        server.set_situation(situation)
        with impatient():
            health = await until(ups, lambda health: not health.usable)
        assert health.state is DeviceState.OFFLINE
        server.set_situation("normal")
        await until(ups, lambda health: health.usable)


async def test_a_slow_server_is_waited_for(server: NutSimulator) -> None:
    async with connected(server) as ups:
        server.set_situation("slow")
        assert isinstance(await ups.read(WITHIN_S), Ok)


async def test_a_server_that_was_restarted_is_found_again(server: NutSimulator) -> None:
    async with connected(server) as ups:
        server.unplug()
        await until(ups, lambda health: not health.usable)
        failed = await ups.read(WITHIN_S)
        assert isinstance(failed, Failed)
        assert failed.outcome is Outcome.DEVICE_NOT_READY
        server.replug()
        await until(ups, lambda health: health.usable)


async def test_a_ups_of_another_name_is_a_matter_of_configuration(server: NutSimulator) -> None:
    async with started(server.port.replace("hall@", "attic@")) as ups:
        health = await until(ups, lambda health: health.fault is not None)
        assert health.fault is not None
        assert (health.fault.code, health.fault.act) == ("ups.unknown", Act.CONFIGURATION)


async def test_its_test_reads_the_facts_aloud(server: NutSimulator) -> None:
    async with connected(server) as ups:
        result = await ups.test()
        assert isinstance(result, Ok)
        assert "power: mains" in result.value.lines


# --- the protocol --------------------------------------------------------------------------------


def test_an_answer_is_whole_only_with_its_end() -> None:
    whole = 'BEGIN LIST VAR hall\nVAR hall ups.status "OL CHRG"\nEND LIST VAR hall\n'
    for cut in range(len(whole) - 1):
        assert variables(whole[:cut], "hall") is None
    assert variables(whole, "hall") == {"ups.status": "OL CHRG"}


@given(st.text(max_size=200))
def test_noise_is_refused_or_waited_for(noise: str) -> None:
    try:
        found = variables(noise, "hall")
    except (NutError, ValueError):
        return
    assert found is None


@given(
    st.lists(
        st.sampled_from(
            [
                "OL",
                "OB",
                "LB",
                "HB",
                "RB",
                "CHRG",
                "DISCHRG",
                "BYPASS",
                "CAL",
                "OFF",
                "OVER",
                "TRIM",
                "FSD",
            ]
        )
    )
)
def test_every_status_has_facts_and_known_faults(words: list[str]) -> None:
    facts = facts_of({"ups.status": " ".join(words), "battery.charge": "nan"})
    assert facts.charge is None
    assert facts.problem is None or facts.problem.code in FAULTS
    if not words:
        assert facts.named["power"] == facts.named["battery"] == "unknown"
    if "OB" in words and "OFF" not in words:
        assert facts.named["power"] == "battery"
        assert facts.problem is not None


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ("hall", ("hall", "localhost", 3493)),
        ("hall@10.0.0.2", ("hall", "10.0.0.2", 3493)),
        ("hall@ups.example:4000", ("hall", "ups.example", 4000)),
        ("hall@[::1]:4000", ("hall", "::1", 4000)),
    ],
)
def test_addresses_are_those_of_upsc(port: str, expected: tuple[str, str, int]) -> None:
    assert address(port) == expected


@pytest.mark.parametrize("port", ["", "@host", "a b@host", "hall@host:many"])
def test_what_is_no_address_is_said_as_a_port_that_is_missing(port: str) -> None:
    with pytest.raises(FileNotFoundError):
        address(port)


# --- the simulator, judged by NUT's own client ---------------------------------------------------


def test_nuts_own_client_reads_the_simulated_server(server: NutSimulator) -> None:
    def upsc(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["upsc", *words], capture_output=True, text=True, timeout=WITHIN_S)

    server.set_situation("on_battery")
    read = upsc(server.port)
    assert read.returncode == 0, read.stderr
    assert "ups.status: OB DISCHRG" in read.stdout
    assert 'ups.model: Hall "650"' in read.stdout
    assert upsc(server.port, "battery.charge").stdout.strip() == "100"
    assert "hall" in upsc("-l", server.port.partition("@")[2]).stdout
    server.set_situation("stale")
    assert "Data stale" in upsc(server.port).stderr
