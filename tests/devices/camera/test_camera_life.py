"""24 hours of a camera's life in seconds: its looks, its losses and returns, on a virtual clock.

The thread that takes the frames waits in a driver, where no clock of ours counts: so the day is lived over
frames made in memory, and the thread is opened and closed by itself, far more often than a day would have it.
"""

from __future__ import annotations

import random
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from devices.camera import capture as capturing
from devices.camera.capture import Capture, Frame, Wish
from devices.camera.source import Camera
from tests.devices.leftovers import assert_none_new, now_open
from tests.devices.test_life_long import DAY_S, POLL_EVERY_S, WITHIN_S, Scales, VirtualClock

UNPLUGGINGS = 200

FRAME_S = 1 / 15

SHAPE = (48, 64, 3)

OPENINGS = 300


class World:
    """A camera's cable, and the noise of its sensor."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.plugged = True
        self.pulled = 0
        self.opened = 0
        self.noise = np.random.default_rng(1)


class MemoryCapture:
    """A capture whose frames take virtual time to come."""

    living = True

    def __init__(self, world: World) -> None:
        if not world.plugged:
            raise FileNotFoundError(2, "unplugged")
        world.opened += 1
        self._world = world
        self._cable = world.pulled
        self.number = 0

    @contextmanager
    def wanted(self) -> Iterator[None]:
        yield

    def newer(self, than: int, within_s: float) -> Frame | None:
        clock = self._world.clock
        clock.advance(clock.now + min(FRAME_S, within_s))
        if self._cable != self._world.pulled:
            raise OSError(5, "no more frames")
        self.number = than + 1
        levels = self._world.noise.integers(60, 200, SHAPE, np.uint8)
        return Frame(levels, self.number, clock.now)

    def close(self) -> bool:
        return True


@pytest.mark.timeout(600)
def test_a_day_of_unplugging_leaks_no_thread_descriptor_or_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a camera on a virtual clock, whose cable is pulled at random
    clock = VirtualClock()
    world = World(clock)
    chance = random.Random(20261126)
    begun = clock.now
    scales = Scales(clock)

    def pull() -> None:
        world.plugged = False
        world.pulled += 1

    def put_back() -> None:
        world.plugged = True

    for _ in range(UNPLUGGINGS):
        when = begun + chance.uniform(5, DAY_S - 200)
        clock.at(when, pull)
        clock.at(when + chance.choice([0.01, 0.3, 2.0, 60.0]), put_back)
    clock.at(begun + DAY_S, clock.ended.set)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(Camera, "clock", clock)
    monkeypatch.setattr(Camera, "poll_interval_s", 2 * POLL_EVERY_S)
    monkeypatch.setattr(Capture, "open", lambda *_: MemoryCapture(world))
    device = Camera("camera", "/dev/video-of-the-test")
    threads, files = now_open()
    # WHEN it lives for 24 hours
    try:
        device.start()
        assert clock.ended.wait(WITHIN_S)
        device.close(timeout_s=30.0)
    finally:
        tracemalloc.stop()
        monkeypatch.undo()
    # THEN it was lost and came back each time, and holds no more than in the morning
    lost = device.health().counters["lost"]
    assert lost > UNPLUGGINGS / 2
    assert world.opened > lost
    scales.hold_as_much_as_in_the_morning()
    assert_none_new(threads, files)


class Driver:
    """A driver whose camera gives frames until it is pulled."""

    def __init__(self, made: list[Driver]) -> None:
        self.pulled = threading.Event()
        self.released = False
        made.append(self)

    def grab(self) -> bool:
        return not self.pulled.is_set()

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.zeros(SHAPE, np.uint8)

    def release(self) -> None:
        self.released = True


def look_on(capture: Capture) -> None:
    """Look at frames as long as any come. Raises OSError when the camera is gone."""
    while capture.newer(capture.number, WITHIN_S) is not None:
        continue


def test_the_thread_of_a_camera_that_is_lost_again_and_again_always_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Driver] = []
    monkeypatch.setattr(capturing, "_source", lambda address, wish: Driver(made))
    threads, files = now_open()
    # WHEN a camera is opened, gives pictures and is pulled, again and again
    for _ in range(OPENINGS):
        capture = Capture.open("rtsp://camera.invalid/life", Wish(64, 48, 15), WITHIN_S)
        with capture.wanted():
            assert capture.newer(0, WITHIN_S) is not None
            made[-1].pulled.set()
            with pytest.raises(OSError, match="no more frames"):
                look_on(capture)
        assert capture.close()
    # THEN each thread ended, and gave its driver back
    assert len(made) == OPENINGS
    assert all(driver.released for driver in made)
    assert_none_new(threads, files)
