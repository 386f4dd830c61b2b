"""Indicator lights and the service door, on a relay board."""

from __future__ import annotations

from typing import ClassVar, Literal

from devices.board.board import Board
from devices.board.modbus import ModbusLine
from devices.board.profiles import points
from devices.device import Cancel, TestReport
from devices.faults import fault
from devices.registry import BadSetting
from devices.status import Cover, Failed, Fault, Ok, Outcome, Result

COMMAND_WITHIN_S = 8.0
"""Three tries of a switch and of its look, with room for those before it in the queue."""

TEST_WITHIN_S = 20.0

LIT_FOR_S = 0.4
"""How long each light shines in the test: a person sees it."""

LIGHT = {True: "on", False: "off"}


class IoBoard(Board):
    """Lights that lead to a slot, and sensors of doors.

    `lights` are relays like `card=0`, `doors` are inputs like `door=0`, which are 1 while the door is
    closed (`door=!0`: while it is open).
    """

    kind: ClassVar[str] = "io_board"
    type_name: ClassVar[str] = "modbus-board"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        profile: str = "generic",
        unit: int = 1,
        baud: int = 0,
        framing: Literal["rtu", "tcp"] = "rtu",
        lights: tuple[str, ...] = (),
        doors: tuple[str, ...] = ("door=0",),
    ) -> None:
        """Raises BadSetting."""
        super().__init__(name, port, model=profile, unit=unit, baud=baud, framing=framing)
        self._lights = {p.name: p for p in points("lights", lights, self.profile.outputs)}
        self._doors = {p.name: p for p in points("doors", doors, self.profile.inputs)}
        if not self._lights and not self._doors:
            raise BadSetting("lights", "a board without lights and doors does nothing")

    @property
    def lights(self) -> tuple[str, ...]:
        """The names of its lights."""
        return tuple(self._lights)

    async def light(self, name: str, on: bool, timeout_s: float = COMMAND_WITHIN_S) -> Result[None]:
        """Switch a light. Fails with `board.no_light`, `board.relay_stuck`, `board.refused`,
        `device.silent` or `device.garbled`."""
        return await self.command(self._guard_board(lambda _: self._switch(name, on)), timeout_s)

    async def all_off(self, timeout_s: float = COMMAND_WITHIN_S) -> Result[None]:
        """Switch every light off."""

        def work(_: Cancel) -> Result[None]:
            results = [self._switch(name, False) for name in self._lights]
            return next((r for r in results if isinstance(r, Failed)), Ok(None))

        return await self.command(self._guard_board(work), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Let each light shine once and read the doors."""
        return await self.command(self._guard_board(self._test), TEST_WITHIN_S)

    # --- on the worker thread --------------------------------------------------------------------

    def _rest(self, board: ModbusLine) -> None:
        for point in self._lights.values():
            board.switch(point.address, point.inverted)

    def _facts(self, board: ModbusLine) -> tuple[dict[str, str], Fault | None]:
        facts: dict[str, str] = {}
        if self._lights:
            coils = board.coils(0, 1 + max(p.address for p in self._lights.values()))
            for name, point in self._lights.items():
                facts[f"light_{name}"] = LIGHT[point.active(coils[point.address])]
        open_one = ""
        if self._doors:
            inputs = board.inputs(0, 1 + max(p.address for p in self._doors.values()))
            for name, point in self._doors.items():
                closed = point.active(inputs[point.address])
                facts[name] = (Cover.CLOSED if closed else Cover.OPEN).value
                open_one = open_one or ("" if closed else name)
        return facts, fault("board.door_open", open_one) if open_one else None

    def _blank(self) -> dict[str, str]:
        names = [*(f"light_{name}" for name in self._lights), *self._doors]
        return dict.fromkeys(names, "unknown")

    def _switch(self, name: str, on: bool) -> Result[None]:
        point = self._lights.get(name)
        if point is None:
            return Failed(Outcome.INVALID_DATA, fault("board.no_light", name))
        self._there().switch(point.address, on is not point.inverted)
        if self._look()[f"light_{name}"] != LIGHT[on]:
            return Failed(Outcome.HARDWARE_ERROR, fault("board.relay_stuck", name))
        return Ok(None)

    def _test(self, cancel: Cancel) -> Result[TestReport]:
        lines = []
        for name in self._lights:
            for on in (True, False):
                switched = self._switch(name, on)
                if isinstance(switched, Failed):
                    return switched
                if on and cancel.wait(LIT_FOR_S):
                    self._switch(name, False)
                    return cancel.failed()
            lines.append(f"light {name}: shone")
        facts = self._look()
        lines += [f"{name}: {facts[name]}" for name in self._doors]
        return Ok(TestReport(facts, tuple(lines)))
