"""Cameras and their simulator on a stand, and how to wait for what happens there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from devices.camera.device import CameraDevice
from devices.simulators.camera import CameraSimulator
from devices.simulators.frames import plain_frame
from devices.status import Health
from tests.devices.clocks import LeapingClock

WITHIN_S = 60.0
"""Longer than any wait of the adapters' own, on a loaded machine too; reached by a failing test only."""

LOOK_EVERY_S = 0.01

SCAN_S = 60.0
SHORT_S = 1.0


async def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for `condition` to hold."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(LOOK_EVERY_S)


class Stand:
    """A camera at work and the simulator that it looks through."""

    def __init__(self, simulator: CameraSimulator, camera: CameraDevice) -> None:
        self.simulator = simulator
        self.camera = camera
        self.clock = camera.clock = LeapingClock()
        self.told: list[Health] = []
        camera.listen(self.told.append)

    async def online(self) -> None:
        await until(lambda: self.camera.health().usable)

    async def fault(self, code: str) -> Health:
        await until(lambda: (at := self.camera.health().fault) is not None and at.code == code)
        return self.camera.health()

    async def fact(self, name: str, value: str) -> None:
        await until(lambda: self.camera.health().facts.get(name) == value)

    def show(self, text: str) -> None:
        assert self.simulator.control({"do": "show", "text": text})["ok"]

    def counted(self, name: str) -> int:
        return self.camera.health().counters.get(name, 0)


@contextmanager
def stand(make: Callable[[str], CameraDevice], situation: str = "normal") -> Iterator[Stand]:
    """`make(port)` at work in front of a simulator."""
    with CameraSimulator(situation=situation) as simulator:
        camera = make(simulator.port)
        made = Stand(simulator, camera)
        camera.start()
        try:
            yield made
        finally:
            camera.close()


def film(path: Path, text: str, frames: int = 5) -> str:
    """A film of a code at `path`, as a camera's port."""
    frame = plain_frame(text, width=640, height=480)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (640, 480))
    for _ in range(frames):
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return f"file:{path}"
