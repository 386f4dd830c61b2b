"""One device at a time, by hand: opened, looked at or tested, and closed again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from devices.status import DeviceState, Failed, Health
from kiosk.config_devices import Device
from kiosk.simulation import simulator_words

if TYPE_CHECKING:
    from devices.device import Device as Adapter

SETTLE_S = 8.0
"""A device opens and tells what it is within this, even one that is restarted by opening."""

SIMULATOR_END_S = 5.0
"""A simulator ends by itself when its standard input closes; after this it is killed."""

PORT_HELD = frozenset({"port.busy"})
"""Faults that say that another program, most likely the terminal, has the port."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a device's own test ended. `code`, `act` and `detail` are of its fault, or ""."""

    device: str
    type: str
    port: str
    outcome: str
    passed: bool
    seconds: float
    facts: Mapping[str, str]
    lines: tuple[str, ...]
    code: str = ""
    act: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, object]:
        """For `kiosk devices test --json`."""
        return asdict(self)


@contextmanager
def opened(name: str, settings: Device, within_s: float = SETTLE_S) -> Iterator[Adapter]:
    """The started device, once it knows its state (waits at most `within_s` seconds)."""
    from devices import open_device

    device = open_device(settings.type, name=name, port=settings.port, **settings.settings())
    settled = threading.Event()

    def listen(health: Health) -> None:
        if health.state is not DeviceState.STARTING:
            settled.set()

    unlisten = device.listen(listen)
    device.start()
    try:
        listen(device.health())
        settled.wait(within_s)
        yield device
    finally:
        unlisten()
        device.close()


def probe(name: str, settings: Device) -> Health:
    """What the device says of itself."""
    with opened(name, settings) as device:
        return device.health()


def perform(name: str, settings: Device) -> Trial:
    """Perform the device's own test on its port."""
    with opened(name, settings) as device:
        begun = time.monotonic()
        result = asyncio.run(device.test())
        seconds = round(time.monotonic() - begun, 2)
        facts = dict(device.health().facts)
    port, kind = settings.port, settings.type
    if isinstance(result, Failed):
        fault = result.fault
        outcome = result.outcome.value
        where = (name, kind, port, outcome, False, seconds, facts, ())
        return Trial(*where, fault.code, fault.act.value, fault.detail)
    report = result.value
    facts |= report.facts
    outcome = result.outcome.value
    return Trial(name, kind, port, outcome, True, seconds, facts, report.lines)


@contextmanager
def simulator_of(settings: Device) -> Iterator[str]:
    """The port of a simulator of that device, which runs for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="trial-") as out:
        command = (
            sys.executable,
            "-m",
            "devices.simulators",
            *simulator_words(settings, Path(out)),
        )
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            if child.stdin is None or child.stdout is None:
                raise AssertionError("both were asked for as pipes")
            try:
                said = child.stdout.readline().strip()
                if not said.startswith("ready "):
                    raise RuntimeError(f"the simulator of {settings.type} did not start")
                yield said.removeprefix("ready ").rpartition(" control=")[0]
            finally:
                child.stdin.close()
                try:
                    child.wait(SIMULATOR_END_S)
                except subprocess.TimeoutExpired:
                    child.kill()
