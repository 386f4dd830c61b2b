"""Whether the departments' interfaces can be reached: asked now and then, shown before one starts.

An item whose department cannot be reached is greyed on the home screen, never refused after the
citizen has laid a card. The technician's page shows all five as one row.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from devices.device import TestReport
from devices.faults import fault
from devices.status import DeviceState, Failed, Health, Ok, Outcome, Result
from kiosk.backends.contract import Answer, Reply
from kiosk.calls import Calls
from kiosk.catalogue import Reach
from kiosk.log import log

ASK_AGAIN_S = 20.0
"""How often an interface that answers is asked: two thirds of a minute is a citizen's patience."""

ASK_LOST_S = 5.0
"""How often one that does not answer is asked: back on screen soon after it is back."""

LOST_AFTER = 2
"""So many failures in a row make it unreachable: one lost packet greys nothing."""

Ping = Callable[[], Reply[None]]


class DepartmentWatch:
    """Follows the interfaces that `pings` asks, one function a department id."""

    def __init__(self, pings: Mapping[str, Ping], calls: Calls, where: str) -> None:
        self._pings = pings
        self._calls = calls
        self._where = where
        self._reaches: dict[str, Reach] = dict.fromkeys(pings, Reach.UNKNOWN)
        self._failures: dict[str, int] = dict.fromkeys(pings, 0)
        self._lost_at: dict[str, float] = {}
        self._asked = 0
        self._since = time.time()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def reaches(self) -> Mapping[str, Reach]:
        """Each department and whether it answers, as far as known."""
        return MappingProxyType(self._reaches)

    def start(self) -> None:
        """Ask for as long as the terminal runs."""
        self._tasks = [asyncio.ensure_future(self._follow(name)) for name in self._pings]

    async def close(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def health(self) -> Health:
        """All of them as one device, for the technician's page."""
        gone = [name for name, reach in self._reaches.items() if reach is Reach.UNREACHABLE]
        unknown = Reach.UNKNOWN in self._reaches.values()
        state = DeviceState.STARTING if unknown and not gone else DeviceState.ONLINE
        return Health(
            name="departments",
            kind="departments",
            type="https" if self._where.startswith("https") else "http",
            port=self._where,
            state=DeviceState.OFFLINE if gone else state,
            fault=fault("department.unreachable", ", ".join(gone)) if gone else None,
            facts={name: reach.value for name, reach in self._reaches.items()},
            counters={"asked": self._asked},
            since=self._since,
        )

    async def test(self) -> Result[TestReport]:
        """Ask every interface now."""
        await asyncio.gather(*(self._ask(name) for name in self._pings))
        health = self.health()
        if health.fault:
            return Failed(Outcome.DEVICE_NOT_READY, health.fault)
        lines = tuple(f"{name}: {fact}" for name, fact in health.facts.items())
        return Ok(TestReport(health.facts, lines))

    async def _follow(self, name: str) -> None:
        while True:
            await self._ask(name)
            lost = self._failures[name] > 0
            await asyncio.sleep(ASK_LOST_S if lost else ASK_AGAIN_S)

    async def _ask(self, name: str) -> None:
        reply = await self._calls.run(self._pings[name])
        self._asked += 1
        if isinstance(reply, Answer):
            self._failures[name] = 0
            if (lost_at := self._lost_at.pop(name, None)) is not None:
                log("backend.back", department=name, seconds=round(time.time() - lost_at, 1))
            self._reaches[name] = Reach.REACHABLE
            return
        self._failures[name] += 1
        first = self._reaches[name] is Reach.UNKNOWN
        if (first or self._failures[name] >= LOST_AFTER) and name not in self._lost_at:
            self._lost_at[name] = time.time()
            self._reaches[name] = Reach.UNREACHABLE
            log("backend.unreachable", department=name, code=reply.code)
