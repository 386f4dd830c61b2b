"""24 hours of device life in seconds: real adapters on a virtual clock, unplugged at random."""

from __future__ import annotations

import gc
import heapq
import itertools
import os
import queue
import random
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from serial import PortNotOpenError, SerialBase, SerialException

from devices.board.io_board import IoBoard
from devices.device import Device
from devices.idcard.reader import IdCardReader
from devices.printer.receipt import ReceiptPrinter
from devices.scanner.serial import SerialScanner
from devices.serial_port import Port
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.line import Simulator
from devices.simulators.modbus_board import ModbusBoardSimulator
from devices.simulators.printer import PrinterSimulator
from devices.simulators.scanner import ScannerSimulator
from tests.devices.leftovers import assert_none_new, now_open

T = TypeVar("T")

DAY_S = 86400.0

WITHIN_S = 500.0
"""How long a day may take on a machine that is busy."""

UNPLUGGINGS = 400

POLL_EVERY_S = 4.0
"""Seldomer than a hall needs it, so that a day is lived in seconds."""

GROWTH_BLOCKS = 5_000
"""Of memory that Python gives to objects, in a day: its own caches move by some hundred; one object left at
each poll would be 21,600."""

GROWTH_BYTES = 200_000
"""In the last sixth of the day, in which every byte is counted, which makes it slow: caches move by some
10 kB; a buffer that grew by 100 bytes a poll would be 320 kB."""


class VirtualClock:
    """A clock that a device's waits put forward; what is planned happens in its time, in between."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._plan: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.ended = threading.Event()

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Plan `act`."""
        heapq.heappush(self._plan, (when, next(self._order), act))

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def advance(self, until: float) -> None:
        """Let time pass, and happen what is planned."""
        while self._plan and self._plan[0][0] <= until:
            when, _, act = heapq.heappop(self._plan)
            self.now = max(self.now, when)
            act()
        self.now = max(self.now, until)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.advance(self.now + seconds)
        return event.is_set()

    def take(self, line: queue.Queue[T], seconds: float) -> T:
        until = self.now + seconds
        while True:
            try:
                if (
                    self.ended.is_set()
                ):  # from here on in real time, so that the device can be closed
                    return line.get(timeout=WITHIN_S)
                return line.get_nowait()
            except queue.Empty:
                if self.now >= until:
                    raise
            step = self._plan[0][0] if self._plan else until
            self.advance(min(until, max(step, self.now)))


class MemoryLine(SerialBase):  # type: ignore[misc]
    """A serial port whose other end is a simulator in the same thread; reading takes virtual time."""

    pulled = 0
    """How often the cable was pulled: a line that was open then is dead, plugged in again or not."""

    def __init__(self, simulator: Simulator, clock: VirtualClock) -> None:
        self._simulator = simulator
        self._clock = clock
        self._cable = MemoryLine.pulled
        super().__init__()

    def open(self) -> None:
        if not self._simulator._plugged:
            raise FileNotFoundError(2, "unplugged")
        self._simulator._outgoing.clear()
        self._simulator.connected()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def _reconfigure_port(self, force_update: bool = False) -> None:
        return

    @property
    def in_waiting(self) -> int:
        self._check()
        return len(self._simulator._outgoing)

    def read(self, size: int = 1) -> bytes:
        self._check()
        waiting = self._simulator._outgoing
        self._simulator._run_timers()
        until = self._clock.now + (self.timeout or 0.0)
        while not waiting and self._clock.now < until:
            timers = self._simulator._timers
            self._clock.advance(min([until, *(max(at, self._clock.now) for at, *_ in timers[:1])]))
            self._simulator._run_timers()
            self._check()
        part = bytes(waiting[:size])
        del waiting[:size]
        return part

    def write(self, data: Any) -> int:
        self._check()
        self._simulator.received(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def _check(self) -> None:
        if not self.is_open:
            raise PortNotOpenError
        if self._cable != MemoryLine.pulled:
            raise SerialException("hung up")


class Scales:
    """Weighs what the process holds, at each sixth of a device's day."""

    def __init__(self, clock: VirtualClock) -> None:
        self._blocks: list[int] = []
        self._bytes: list[int] = []
        begun = clock.now
        for sixth in range(1, 7):
            clock.at(begun + DAY_S * sixth / 6, self._count_blocks)
        clock.at(begun + DAY_S * 5 / 6, tracemalloc.start)
        clock.at(begun + DAY_S * 5.1 / 6, self._count_bytes)
        clock.at(begun + DAY_S, self._count_bytes)

    def _count_blocks(self) -> None:
        gc.collect()
        self._blocks.append(sys.getallocatedblocks())

    def _count_bytes(self) -> None:
        gc.collect()
        self._bytes.append(tracemalloc.get_traced_memory()[0])

    def hold_as_much_as_in_the_morning(self) -> None:
        """Fails the test where the day left something."""
        # the last sixth's own records of what it counts are not the device's
        assert self._blocks[4] - self._blocks[0] < GROWTH_BLOCKS, self._blocks
        assert self._bytes[1] - self._bytes[0] < GROWTH_BYTES, self._bytes


def live_a_day(
    device: Device, simulator: Simulator, clock: VirtualClock, chance: random.Random
) -> int:
    """Unplug at random for a day; how often it was lost."""
    begun = clock.now

    def unplug() -> None:
        simulator._plugged = False
        simulator._outgoing.clear()
        MemoryLine.pulled += 1

    def replug() -> None:
        simulator._plugged = True

    for _ in range(UNPLUGGINGS):
        when = begun + chance.uniform(5, DAY_S - 200)
        clock.at(when, unplug)
        clock.at(when + chance.choice([0.01, 0.3, 2.0, 60.0]), replug)
    clock.at(begun + DAY_S - 100, replug)
    clock.at(begun + DAY_S, clock.ended.set)
    device.start()
    assert clock.ended.wait(WITHIN_S)
    device.close(timeout_s=30.0)
    return device.health().counters["lost"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("adapter", "stand_in"),
    [
        (IdCardReader, CardReaderSimulator),
        (SerialScanner, ScannerSimulator),
        (ReceiptPrinter, PrinterSimulator),
        (IoBoard, ModbusBoardSimulator),
    ],
    ids=["card-reader", "scanner", "receipt-printer", "board"],
)
def test_a_day_of_unplugging_leaks_no_thread_descriptor_or_memory(
    adapter: type[Device], stand_in: type[Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an adapter and its simulator on a line in memory, in virtual time
    clock = VirtualClock()
    simulator = stand_in(baud=1_000_000)
    simulator._plugged = True
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(adapter, "clock", clock)
    monkeypatch.setattr(adapter, "poll_interval_s", POLL_EVERY_S)
    opened: list[int] = []

    def open_line(cls: type[Port], url: str, baud: int, **_: Any) -> Port:
        opened.append(1)
        line = MemoryLine(simulator, clock)
        line.open()
        return cls(line)

    monkeypatch.setattr(Port, "open", classmethod(open_line))
    device = adapter("device", "memory")
    gc.collect()
    threads, files = now_open()
    scales = Scales(clock)
    # WHEN it lives for 24 hours
    try:
        lost = live_a_day(device, simulator, clock, random.Random(20261125))
    finally:
        tracemalloc.stop()
        monkeypatch.undo()
    # THEN it came back each time and holds nothing more than in the morning
    assert lost > UNPLUGGINGS / 2
    assert len(opened) > lost
    assert device.health().counters.get("hung", 0) == 0
    scales.hold_as_much_as_in_the_morning()
    assert_none_new(threads, files)
    simulator._selector.close()
    simulator._own_dir.cleanup()
    for end in (simulator._wake_read, simulator._wake_write):
        os.close(end)
