"""The technician's page: behind gesture and PIN, every device's state, and its test.

Tests are the devices' own: a real command each, whose outcome is shown and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from devices.device import TestReport
from devices.status import Act, Failed, Health, Ok, Paper, Result
from kiosk.device_words import act_of, known_of
from kiosk.log import log
from kiosk.stage import Stage
from kiosk.texts import Msg, Plain, Text, msg
from kiosk.views import (
    Chosen,
    DeviceRow,
    DevicesPage,
    EnterPin,
    Picture,
    Tone,
    Typed,
)

IDLE_S = 300.0
"""An open maintenance page closes after five minutes without a touch: citizens are waiting."""

RECHECK_S = 1.0
"""How often the page follows its devices."""

PICTURES = {
    "id_card": Picture.CARD,
    "scanner": Picture.SCAN,
    "receipt_printer": Picture.PRINTER,
    "chip_card": Picture.CARD,
    "document_printer": Picture.DOCUMENT,
    "camera": Picture.CAMERA,
    "io_board": Picture.SHIELD,
    "compartments": Picture.LOCK,
    "speaker": Picture.BELL,
    "ups": Picture.SHIELD,
    "journal": Picture.INVOICE,
    "departments": Picture.NETWORK,
}
"""Each kind of device that has a name in words, and its drawing; others show their own name."""


class Testable(Protocol):
    """A device as maintenance sees it."""

    def health(self) -> Health: ...

    async def test(self) -> Result[TestReport]: ...


@dataclass(frozen=True, slots=True)
class Lock:
    """The PIN: how to verify it, its length, and how many tries before how long a pause (seconds)."""

    verify: Callable[[str], bool]
    digits: int
    tries: int
    pause_s: float


@dataclass(slots=True)
class _Test:
    running: bool = False
    at: datetime | None = None
    outcome: Text | None = None
    good: bool = True


class Maintenance:
    """Holds the terminal for a technician until they leave."""

    def __init__(
        self,
        stage: Stage,
        devices: Mapping[str, Testable],
        lock: Lock,
        number: str,
        mode: str,
        now: Callable[[], datetime],
    ) -> None:
        self._stage = stage
        self._devices = devices
        self._lock = lock
        self._number = number
        self._mode = mode
        self._now = now
        self._tests = {name: _Test() for name in devices}
        self._wrong = 0
        self._shut_until = 0.0
        self._since: datetime = now()

    async def hold(self) -> None:
        """Ask for the PIN, then show the devices until the technician leaves or falls idle."""
        if not await self._unlocked():
            return
        self._since = self._now()
        log("maintenance.entered")
        running: set[asyncio.Task[None]] = set()
        try:
            while (answer := await self._page()) is not None and answer.id != "leave":
                names = list(self._devices) if answer.id == "all" else [answer.id]
                for name in names:
                    if not self._tests[name].running:
                        running.add(asyncio.ensure_future(self._test(name)))
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)
            log("maintenance.left")
            self._stage.reset()

    async def _unlocked(self) -> bool:
        trouble: Text | None = None
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() < self._shut_until:
                trouble = msg("pin.paused", minutes=int(self._lock.pause_s // 60))
            view = EnterPin(key="pin", digits=self._lock.digits, trouble=trouble)
            try:
                answer = await asyncio.wait_for(self._stage.ask(view), IDLE_S)
            except TimeoutError:
                return False
            if not isinstance(answer, Typed):
                return False
            if loop.time() < self._shut_until:
                continue
            if self._lock.verify(answer.value):
                self._wrong = 0
                return True
            self._wrong += 1
            trouble = msg("pin.wrong")
            log("maintenance.pin_wrong")
            if self._wrong >= self._lock.tries:
                self._wrong = 0
                self._shut_until = loop.time() + self._lock.pause_s

    async def _page(self) -> Chosen | None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        view = self._view()
        asked = asyncio.ensure_future(self._stage.ask(view))
        try:
            while True:
                await asyncio.wait({asked}, timeout=RECHECK_S)
                if asked.done():
                    answer = asked.result()
                    return answer if isinstance(answer, Chosen) else None
                if loop.time() - max(begun, self._stage.last_touch) >= IDLE_S:
                    return None
                if (now := self._view()) != view:
                    view = now
                    self._stage.update(view)
        finally:
            asked.cancel()
            await asyncio.wait({asked})

    async def _test(self, name: str) -> None:
        test = self._tests[name]
        test.running = True
        try:
            result = await self._devices[name].test()
        finally:
            test.running = False
        test.at = self._now()
        test.good = isinstance(result, Ok)
        match result:
            case Ok():
                test.outcome = msg("test.passed")
            case Failed(fault=fault):
                test.outcome = msg("test.failed", code=fault.code)
        log("device.tested", device=name, outcome=result.outcome.value)

    def _view(self) -> DevicesPage:
        return DevicesPage(
            key="maintenance",
            title=msg("maintenance.title", number=self._number),
            subtitle=msg(f"maintenance.subtitle.{self._mode}", time=f"{self._since:%H:%M}"),
            rows=tuple(self._row(name, device.health()) for name, device in self._devices.items()),
        )

    def _row(self, name: str, health: Health) -> DeviceRow:
        state, tone = state_of(health)
        test = self._tests[name]
        row = DeviceRow(
            name=name,
            title=msg(f"device.{health.kind}") if health.kind in PICTURES else Plain(name),
            picture=PICTURES.get(health.kind, Picture.NETWORK),
            identity=Plain(f"{health.type} · {health.port}"),
            facts=known_of(health),
            state=state,
            tone=tone,
            act=act_of(health.fault) if health.fault else None,
            testing=test.running,
        )
        if test.at is None or test.outcome is None:
            return row
        return replace(
            row, last_test=msg("test.last", time=f"{test.at:%H:%M}", outcome=test.outcome)
        )


def state_of(health: Health) -> tuple[Msg, Tone]:
    """A device's state in one word, and its mood: paper before power, the worst thing first."""
    paper = health.facts.get("paper")
    if health.usable and paper in (Paper.OUT, Paper.JAMMED, Paper.LOW):
        return msg(f"paper.{paper}"), Tone.WARNING if paper == Paper.LOW else Tone.BAD
    if health.usable and health.facts.get("cover") == "open":
        return msg("cover.open"), Tone.BAD
    if health.usable and health.fault is None:
        return msg("device.state.online"), Tone.GOOD
    suspended = health.fault is not None and health.fault.act is Act.SUSPEND
    tone = Tone.WARNING if suspended or health.state == "starting" else Tone.BAD
    return msg(f"device.state.{health.state.value}"), tone
