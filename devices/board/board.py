"""What a relay board's two adapters share: the line, the unit, and how its trouble is told."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

from devices.board.modbus import BoardError, Framing, ModbusLine
from devices.board.profiles import profile
from devices.device import Cancel, Device
from devices.registry import BadSetting
from devices.serial_port import Port
from devices.status import DeviceState, Failed, Fault, Result

T = TypeVar("T")

UNIT_MOST = 247
"""Modbus over Serial Line V1.02, section 2.2."""

MISSES_UNTIL_LOST = 3
"""So many polls in a row without an answer, and the board is gone, whatever its port pretends."""


class Board(Device):
    """A board of `devices.board.profiles` at a serial port, or at `socket://host:502`.

    `framing` is `rtu` on a serial line and behind a plain converter, `tcp` where the network end
    speaks Modbus TCP.
    """

    poll_interval_s: ClassVar[float] = 0.5
    """A door that opens is told within a second."""

    def __init__(
        self, name: str, port: str, *, model: str, unit: int, baud: int, framing: Framing
    ) -> None:
        """Raises BadSetting. `baud` 0 is the profile's."""
        super().__init__(name, port)
        self.profile = profile(model)
        if not 1 <= unit <= UNIT_MOST:
            raise BadSetting("unit", f"1 to {UNIT_MOST}")
        if baud < 0:
            raise BadSetting("baud", "bits a second, or 0")
        if framing not in ("rtu", "tcp"):
            raise BadSetting("framing", "rtu or tcp")
        self._unit = unit
        self._baud = baud or self.profile.baud
        self._framing = framing
        self._board: ModbusLine | None = None
        self._misses = 0

    # --- hooks, on the worker thread -------------------------------------------------------------

    def _open(self) -> None:
        self._board = ModbusLine(Port.open(self.port, self._baud), self._unit, self._framing)

    def _close(self) -> None:
        board, self._board = self._board, None
        if board is not None:
            try:
                self._rest(board)
            except BoardError:
                self._count("not_at_rest")
            finally:
                board.close()

    def _probe(self) -> Failed | None:
        try:
            self._rest(self._there())
            self._look()
        except BoardError as error:
            return error.failed
        self._misses = 0
        self._set(facts={"model": self.profile.name})
        return None

    def _poll(self) -> None:
        try:
            self._look()
            self._misses = 0
        except BoardError as error:
            self._count("unanswered")
            self._misses += 1
            if self._misses >= MISSES_UNTIL_LOST:
                self._misses = 0
                self._unknown(error.fault)

    # --- for subclasses --------------------------------------------------------------------------

    @abstractmethod
    def _rest(self, board: ModbusLine) -> None:
        """Leave every relay of ours as it is when nobody is there. Raises BoardError."""

    @abstractmethod
    def _facts(self, board: ModbusLine) -> tuple[dict[str, str], Fault | None]:
        """Read the board: its facts, and what is wrong. Raises BoardError."""

    @abstractmethod
    def _blank(self) -> dict[str, str]:
        """Every fact, unknown."""

    def _there(self) -> ModbusLine:
        if self._board is None:
            raise ConnectionError("the board's port is closed")
        return self._board

    def _look(self) -> dict[str, str]:
        """Read the board's facts and tell them."""
        facts, problem = self._facts(self._there())
        self._set(state=DeviceState.ONLINE, fault=problem, facts=facts)
        return facts

    def _unknown(self, problem: Fault) -> None:
        """Nothing is known of it any more."""
        self._set(state=DeviceState.OFFLINE, fault=problem, facts=self._blank())

    def _guard_board(self, work: Callable[[Cancel], Result[T]]) -> Callable[[Cancel], Result[T]]:
        """`work`, whose BoardErrors become failures."""

        def guarded(cancel: Cancel) -> Result[T]:
            try:
                return work(cancel)
            except BoardError as error:
                self._count("failures")
                return error.failed

        return guarded
