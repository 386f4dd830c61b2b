"""How a device tells what it is: its state, fault, facts and counters, and who listens to changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from devices.clock import SYSTEM, Clock
from devices.flapping import Flaps
from devices.losses import FLAPPING
from devices.status import DeviceState, Fault, Health


@dataclass(slots=True)
class _Status:
    state: DeviceState = DeviceState.STARTING
    fault: Fault | None = None
    facts: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    since: float = 0.0


class Reporting:
    """What is known of one device. Safe from any thread.

    `clock` is the one that it lives by.
    """

    kind: ClassVar[str]
    type_name: ClassVar[str]
    clock: Clock = SYSTEM

    def __init__(self, name: str, port: str) -> None:
        self.name = name
        self.port = port
        self._guard = threading.Lock()
        self._status = _Status(since=self.clock.time())
        self._listeners: list[Callable[[Health], None]] = []
        self._flaps = Flaps()
        self._connecting = False
        self._found: tuple[DeviceState, Fault | None] | None = None

    def health(self) -> Health:
        """The device at this moment."""
        with self._guard:
            return self._snapshot()

    def listen(self, listener: Callable[[Health], None]) -> Callable[[], None]:
        """Call `listener` on the worker thread whenever state, fault or facts change; returns what
        ends it."""
        with self._guard:
            self._listeners.append(listener)

        def unlisten() -> None:
            with self._guard:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unlisten

    def _set(
        self,
        *,
        state: DeviceState | None = None,
        fault: Fault | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Say how the device is; with `state`, `fault` replaces what was wrong. Facts are merged.

        What is said of the state while connecting counts once the device is connected.
        """
        with self._guard:
            now = self._status
            before = (now.state, now.fault, dict(now.facts))
            if facts:
                now.facts.update(facts)
            if state is not None and self._connecting:
                self._found = (state, fault)
            elif state is not None:
                if self._flaps.held:
                    state, fault = self._said_while_held(state, fault)
                if state is not now.state:
                    now.since = self.clock.time()
                now.state, now.fault = state, fault
            if (now.state, now.fault, now.facts) == before:
                return
            health, listeners = self._snapshot(), tuple(self._listeners)
        for listener in listeners:
            listener(health)

    def _said_while_held(
        self, state: DeviceState, fault: Fault | None
    ) -> tuple[DeviceState, Fault | None]:
        """Nothing is of use that comes and goes; what it says of itself counts once it stays."""
        away = fault is not None and fault.code.startswith("port.")
        if not away:
            self._found = (state, fault)
        if away or state in (DeviceState.ONLINE, DeviceState.BUSY):
            return DeviceState.OFFLINE, FLAPPING
        return state, fault

    def _count(self, name: str, by: int = 1) -> None:
        with self._guard:
            self._status.counters[name] = self._status.counters.get(name, 0) + by

    def _snapshot(self) -> Health:
        now = self._status
        return Health(
            self.name, self.kind, self.type_name, self.port, now.state, now.fault,
            dict(now.facts), dict(now.counters), now.since,
        )  # fmt: skip
