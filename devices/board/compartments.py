"""The compartments that invoices on paper are fetched from: locks, doors, and what lies inside.

A lock is a solenoid that burns when it is held: a pulse is never longer than configured. A board that
ends pulses in hardware does so also when this process, or its machine, dies in the middle of one; on
others every lock is switched off as soon as the board is found again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, Literal

from devices.board.board import Board
from devices.board.modbus import BoardError, ModbusLine
from devices.board.profiles import points
from devices.device import Cancel, TestReport
from devices.faults import fault
from devices.registry import BadSetting
from devices.status import Cover, Failed, Fault, Ok, Outcome, Result

PULSE_MS = 500
PULSE_MS_MOST = 3000
"""Cabinet solenoids are rated for a few seconds."""

OPENS_WITHIN_S = 2.0
"""A spring opens the door as the lock lets go."""

LOOK_EVERY_S = 0.15

OPEN_WITHIN_S = 10.0
TAKEN_WITHIN_S = 120.0
TEST_WITHIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A compartment that is open; `already` where it was before."""

    name: str
    already: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What was fetched. `seen_empty` is True where a sensor saw the compartment empty, None where
    there is none and the door was merely closed again."""

    name: str
    seen_empty: bool | None
    closed: bool


class Compartments(Board):
    """Compartments by name. `locks` are relays like `1=0`; `closed` are inputs like `1=0`, which are 1
    while that door is closed; `content` are inputs that are 1 while something lies inside (optional).
    """

    kind: ClassVar[str] = "compartments"
    type_name: ClassVar[str] = "modbus-compartments"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        profile: str = "generic",
        unit: int = 1,
        baud: int = 0,
        framing: Literal["rtu", "tcp"] = "rtu",
        locks: tuple[str, ...] = ("1=0",),
        closed: tuple[str, ...] = ("1=0",),
        content: tuple[str, ...] = (),
        pulse_ms: int = PULSE_MS,
    ) -> None:
        """`pulse_ms` is how long a lock is energised. Raises BadSetting."""
        super().__init__(name, port, model=profile, unit=unit, baud=baud, framing=framing)
        self._locks = {p.name: p for p in points("locks", locks, self.profile.outputs)}
        self._closed = {p.name: p for p in points("closed", closed, self.profile.inputs)}
        self._content = {p.name: p for p in points("content", content, self.profile.inputs)}
        if not self._locks or set(self._locks) != set(self._closed):
            raise BadSetting("closed", "each lock wants a sensor of its door, and no other")
        if not set(self._content) <= set(self._locks):
            raise BadSetting("content", "a sensor of no compartment")
        sensors = [p.address for p in (*self._closed.values(), *self._content.values())]
        if len(set(sensors)) < len(sensors):
            raise BadSetting("content", "an input that a door's sensor has")
        hardware = self.profile.pulse_at is not None
        least = self.profile.pulse_unit_ms if hardware else 1
        if not least <= pulse_ms <= PULSE_MS_MOST:
            raise BadSetting("pulse_ms", f"{least} to {PULSE_MS_MOST} on this board")
        if hardware and any(point.inverted for point in self._locks.values()):
            raise BadSetting("locks", "a board's own pulse switches on: no ! here")
        self._pulse_ms = pulse_ms
        self._energised: set[str] = set()

    @property
    def compartments(self) -> tuple[str, ...]:
        """The compartments' names."""
        return tuple(self._locks)

    async def open(self, name: str, timeout_s: float = OPEN_WITHIN_S) -> Result[Opened]:
        """Open a compartment and see that it opened.

        Fails with `compartment.none`, `compartment.jammed`, `board.refused`, `device.silent` or
        `device.garbled`; a lock whose answer was lost is not pulsed again, the door tells.
        """
        return await self.command(self._guard_board(lambda c: self._open_one(name, c)), timeout_s)

    async def taken(self, name: str, timeout_s: float = TAKEN_WITHIN_S) -> Result[Taken]:
        """Wait until an open compartment's content was taken and its door closed.

        Fails with `compartment.not_taken` (something lies inside still) or `compartment.left_open`.
        """
        return await self.command(self._guard_board(lambda c: self._await(name, c)), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Read every door and sensor; no lock is opened."""

        def look(_: Cancel) -> Result[TestReport]:
            facts = self._look()
            return Ok(TestReport(facts, tuple(f"{name}: {value}" for name, value in facts.items())))

        return await self.command(self._guard_board(look), TEST_WITHIN_S)

    # --- on the worker thread --------------------------------------------------------------------

    def _rest(self, board: ModbusLine) -> None:
        for name in self._locks:
            self._let_go(board, name)

    def _let_go(self, board: ModbusLine, name: str) -> None:
        """Switch a lock's solenoid off."""
        point = self._locks[name]
        board.switch(point.address, point.inverted)
        self._energised.discard(name)

    def _facts(self, board: ModbusLine) -> tuple[dict[str, str], Fault | None]:
        for name in tuple(self._energised):
            self._let_go(board, name)
        sensors = [*self._closed.values(), *self._content.values()]
        inputs = board.inputs(0, 1 + max(point.address for point in sensors))
        facts: dict[str, str] = {}
        for name, point in self._closed.items():
            closed = point.active(inputs[point.address])
            facts[_door(name)] = (Cover.CLOSED if closed else Cover.OPEN).value
        for name, point in self._content.items():
            there = point.active(inputs[point.address])
            facts[_inside(name)] = "present" if there else "empty"
        return facts, None

    def _blank(self) -> dict[str, str]:
        names = [*map(_door, self._closed), *map(_inside, self._content)]
        return dict.fromkeys(names, "unknown")

    def _open_one(self, name: str, cancel: Cancel) -> Result[Opened]:
        if name not in self._locks:
            return Failed(Outcome.INVALID_DATA, fault("compartment.none", name))
        if self._look()[_door(name)] == Cover.OPEN:
            return Ok(Opened(name, already=True))
        try:
            self._pulse(name, cancel)
        except BoardError as error:
            if error.fault.code == "board.refused":
                raise
        self._count("opened")
        until = time.monotonic() + OPENS_WITHIN_S
        while self._look()[_door(name)] != Cover.OPEN:
            if cancel.wait(LOOK_EVERY_S):
                return cancel.failed()
            if time.monotonic() > until:
                return Failed(Outcome.HARDWARE_ERROR, fault("compartment.jammed", name))
        return Ok(Opened(name, already=False))

    def _pulse(self, name: str, cancel: Cancel) -> None:
        """Energise a lock for at most `pulse_ms`, in the board's own time where it has one."""
        board, point = self._there(), self._locks[name]
        if self.profile.pulse_at is not None:
            units = self._pulse_ms // self.profile.pulse_unit_ms
            board.pulse(self.profile.pulse_at + point.address, units)
            return
        ends = time.monotonic() + self._pulse_ms / 1000
        self._energised.add(name)  # until it is known to be off: every look tries again
        try:
            board.switch(point.address, not point.inverted)
            cancel.wait(max(0.0, ends - time.monotonic()))
        finally:
            self._let_go(board, name)

    def _await(self, name: str, cancel: Cancel) -> Result[Taken]:
        if name not in self._locks:
            return Failed(Outcome.INVALID_DATA, fault("compartment.none", name))
        sensed = name in self._content
        while True:
            facts = self._look()
            closed = facts[_door(name)] == Cover.CLOSED
            empty = facts[_inside(name)] == "empty" if sensed else None
            if closed and empty is not False:
                return Ok(Taken(name, empty, closed=True))
            if cancel.wait(LOOK_EVERY_S):
                break
        if cancel.cancelled:
            return cancel.failed()
        code = "compartment.not_taken" if empty is False else "compartment.left_open"
        return Failed(Outcome.TIMEOUT, fault(code, name))


def _door(name: str) -> str:
    return f"compartment_{name}"


def _inside(name: str) -> str:
    return f"compartment_{name}_content"
