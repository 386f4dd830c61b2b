"""Scanners on simulated lines, and how to wait for what happens on them."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from devices.scanner.scanner import Scanner
from devices.scanner.serial import SerialScanner
from devices.simulators.scanner import ScannerSimulator
from devices.status import Health
from tests.devices.clocks import LeapingClock

WITHIN_S = 60.0
"""Longer than any wait of the adapter's own, on a loaded machine too; reached only by a failing test."""

LOOK_EVERY_S = 0.005

QUIET_S = 0.3
"""How long it is looked on where nothing may happen."""

SCAN_S = 60.0
"""A scan's time: what it waits for comes long before, or the time is put forward."""


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
        self.clock = scanner.clock = LeapingClock()
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
        """Put it on the line and wait until all of it lies at the adapter's end, or was taken from
        there: none of it comes during the next scan."""
        stale = self.counted("stale")
        self.put_on_line(data)
        await until(lambda: self.counted("stale") > stale or self._lies_there(len(data)))

    def _lies_there(self, length: int) -> bool:
        """Whether all that was put on the line has left it, and came."""
        answer: list[bool] = []
        asked = threading.Event()

        def look() -> None:
            answer.append(self._came(length))
            asked.set()

        self.simulator.call(look)
        assert asked.wait(WITHIN_S)
        return answer[0]

    def _came(self, length: int) -> bool:
        """On the simulator's thread. What leaves a pty's master lies at the slave a moment later; what
        leaves a socket is acknowledged."""
        line, slave = self.simulator._line, self.simulator._slave
        if self.simulator._outgoing:
            return False
        if slave is not None:
            return _count(slave, termios.FIONREAD) >= length
        return line is not None and _count(line, termios.TIOCOUTQ) == 0

    async def out_of_time(self, scan: asyncio.Future[Any]) -> Any:
        """The result of a scan whose time is put forward to its end."""
        self.clock.leap(SCAN_S)
        return await scan

    async def nothing_comes(self, scan: asyncio.Future[Any]) -> Any:
        """The same, of a scan that must go on for a while first."""
        await asyncio.wait({scan}, timeout=QUIET_S)
        assert not scan.done(), scan.result()
        return await self.out_of_time(scan)

    @property
    def lit(self) -> bool:
        return bool(self.simulator.control({"do": "state"})["lit"])

    @property
    def shown(self) -> bool:
        """Whether a code is held before it that it has not read yet."""
        return bool(self.simulator.control({"do": "state"})["shown"])

    @property
    def all_sent(self) -> bool:
        """Whether nothing waits to leave the simulator."""
        return not self.simulator._outgoing

    def counted(self, name: str) -> int:
        return self.scanner.health().counters.get(name, 0)


def _count(line: Any, question: int) -> int:
    """What the kernel says of a line, in bytes (ioctl_tty(2), tcp(7))."""
    return int(struct.unpack("i", fcntl.ioctl(line, question, bytes(4)))[0])


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
