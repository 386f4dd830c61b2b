"""Scanners on simulated lines, and how to wait for what happens on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from devices.scanner.scanner import Scanner
from devices.scanner.serial import SerialScanner
from devices.simulators.scanner import ScannerSimulator
from devices.status import Health

WITHIN_S = 8.0
"""Longer than any wait of the adapter's own; reached only by a failing test."""

LOOK_EVERY_S = 0.005


async def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for `condition` to hold."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(LOOK_EVERY_S)


class Bench:
    """A scanner and its simulator. `unit` is a code as this scanner sends it."""

    unit: Callable[[bytes], bytes]

    def __init__(self, simulator: ScannerSimulator, scanner: Scanner) -> None:
        self.simulator = simulator
        self.scanner = scanner
        self.told: list[Health] = []
        scanner.listen(self.told.append)

    async def online(self) -> None:
        await until(lambda: self.scanner.health().usable)

    def show(self, text: str) -> None:
        assert self.simulator.control({"do": "show", "text": text})["ok"]

    def show_bytes(self, code: bytes) -> None:
        assert self.simulator.control({"do": "show", "hex": code.hex()})["ok"]

    def put_on_line(self, data: bytes) -> None:
        self.simulator.call(lambda: self.simulator.send(data))

    async def sent(self, data: bytes) -> None:
        """Put it on the line and wait until its last byte has gone: none of it comes during the next scan."""
        all_out = self.simulator.bytes_out + len(data)
        self.put_on_line(data)
        await until(lambda: self.simulator.bytes_out >= all_out)

    @property
    def lit(self) -> bool:
        return bool(self.simulator.control({"do": "state"})["lit"])

    def counted(self, name: str) -> int:
        return self.scanner.health().counters.get(name, 0)


@pytest.fixture(params=["pty", "tcp"])
def line(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Both kinds of line, as arguments of a simulator."""
    return {"tcp": request.param == "tcp"}


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    """Make a bench: `bench(profile=..., tcp=..., ...)`, started, closed at the end."""
    with ExitStack() as stack:

        def make(
            *,
            profile: str = "gm65",
            baud: int = 9600,
            heartbeat_s: float = 10.0,
            suffix: str = "cr",
            **options: Any,
        ) -> Bench:
            simulator = ScannerSimulator(profile=profile, baud=baud, **options)
            stack.enter_context(simulator)
            settings: dict[str, Any] = {
                "profile": profile,
                "baud": baud,
                "heartbeat_s": heartbeat_s,
                "suffix": suffix,
            }
            scanner = SerialScanner("scanner", simulator.port, **settings)
            stack.callback(scanner.close)
            made = Bench(simulator, scanner)
            scanner.start()
            return made

        yield make
