"""A simulated relay board with what is wired to it: lights, a service door, four locked compartments.

A Modbus slave on a pty (RTU) or TCP (RTU, or Modbus TCP's own framing), with frames of its own making.
Relays 0 to 3 are lights, 4 to 7 the compartments' locks; input 0 is the service door, 1 to 3 what lies
in compartments 1 to 3, 4 to 7 the compartments' doors (1 is closed, or present). Function 05 at
0x0200 + relay is a pulse in units of 100 ms, as Waveshare's boards have it.

Control requests of its own: `{"do": "door", "open": true}`, `{"do": "fill"|"take"|"shut",
"compartment": n}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from devices.simulators.line import Simulator

UNIT = 1
RELAYS = 8
INPUTS = 8
FIRST_LOCK = 4
COMPARTMENTS = 4
DOOR = 0
FIRST_CONTENT = 1
WITH_CONTENT = 3
FIRST_CLOSED = 4

PULSE_AT = 0x0200
PULSE_UNIT_S = 0.1

ANSWER_S = 0.01
SLOW_S = 0.4
FRAME_GAP_S = 0.02
"""A request that stands still for so long is over (3.5 characters, and what a USB converter adds)."""

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE = 1, 2, 3, 4
ERROR_BIT = 0x80
READ_COILS, READ_INPUTS, WRITE_COIL = 1, 2, 5
ON, OFF = 0xFF00, 0x0000
REQUEST_BYTES = 8
MBAP_BYTES = 7


class BoardSituation(StrEnum):
    """What can be wrong with the board, or with what is wired to it."""

    NORMAL = "normal"
    SILENT = "silent"
    SLOW = "slow"
    WRONG_CHECKSUM = "wrong_checksum"
    GARBAGE = "garbage"  # noise instead of answers
    HALF = "half"  # answers break off
    NOISY_ONCE = "noisy_once"  # every second answer is garbled: a second try succeeds
    EXCEPTION = "exception"  # device failure to everything
    DEAF = "deaf"  # it does what it is told, and its answers to switching get lost
    STUCK_RELAY = "stuck_relay"  # no relay moves
    DOOR_OPEN = "door_open"
    JAMMED = "jammed"  # no compartment springs open
    WRONG_UNIT = "wrong_unit"  # somebody set its address to another


class ModbusBoardSimulator(Simulator):
    """A board on a line. `hardware_pulse=False` makes it one that cannot end a pulse itself."""

    situations = BoardSituation

    def __init__(
        self,
        *,
        baud: int = 9600,
        framing: Literal["rtu", "tcp"] = "rtu",
        hardware_pulse: bool = True,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        super().__init__(baud=baud, tcp=tcp, link=link, control=control, situation=situation)
        self._mbap = framing == "tcp"
        self._can_pulse = hardware_pulse
        self._waiting = bytearray()
        self._answered = 0
        self._relays = [False] * RELAYS
        self._pulses = [0] * RELAYS
        self._pulse_ms = [0] * RELAYS
        self._ajar = False
        self._closed = [True] * COMPARTMENTS
        self._present = [True] * WITH_CONTENT

    # --- the hall ----------------------------------------------------------------------------------

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "door":
            self._ajar = bool(given.get("open"))
            return {}
        if do not in ("fill", "take", "shut"):
            return super().request(do, given)
        number = given.get("compartment")
        if not isinstance(number, int) or not 1 <= number <= COMPARTMENTS:
            raise ValueError(f'{do} wants "compartment" from 1 to {COMPARTMENTS}')
        if do == "shut":
            self._closed[number - 1] = True
        elif number > WITH_CONTENT:
            raise ValueError(f"compartment {number} has no sensor")
        elif do == "take" and self._closed[number - 1]:
            raise ValueError(f"compartment {number} is closed")
        else:
            self._present[number - 1] = do == "fill"
        return {}

    def state(self) -> dict[str, Any]:
        return {
            "relays": list(self._relays),
            "inputs": self._inputs(),
            "pulses": list(self._pulses),
            "pulse_ms": list(self._pulse_ms),
            "present": {str(n): there for n, there in enumerate(self._present, start=1)},
            "closed": {str(n): shut for n, shut in enumerate(self._closed, start=1)},
        }

    def _inputs(self) -> list[bool]:
        door = not self._ajar and self.situation is not BoardSituation.DOOR_OPEN
        return [door, *self._present, *self._closed]

    def _set_relay(self, number: int, on: bool) -> None:
        if self.situation is BoardSituation.STUCK_RELAY or self._relays[number] is on:
            return
        self._relays[number] = on
        if not on:
            return
        self._pulses[number] += 1
        lock = number - FIRST_LOCK
        if lock >= 0 and self.situation is not BoardSituation.JAMMED:
            self._closed[lock] = False

    # --- the wire ----------------------------------------------------------------------------------

    def connected(self) -> None:
        self._waiting.clear()

    def received(self, data: bytes) -> None:
        self._waiting += data
        if self._mbap:
            while (frame := self._take_mbap()) is not None:
                self._hear(frame[6:], frame[:4])
            return
        while len(self._waiting) >= REQUEST_BYTES:
            frame = bytes(self._waiting[:REQUEST_BYTES])
            del self._waiting[:REQUEST_BYTES]
            if crc(frame[:-2]) == frame[-2:]:
                self._hear(frame[:-2], b"")
            else:
                self._waiting.clear()
        if self._waiting:
            left = len(self._waiting)
            self.after(FRAME_GAP_S, lambda: self._end_of_frame(left))

    def _end_of_frame(self, left: int) -> None:
        """A rest that did not grow was no frame."""
        if len(self._waiting) == left:
            self._waiting.clear()

    def _take_mbap(self) -> bytes | None:
        if len(self._waiting) < MBAP_BYTES:
            return None
        size = 6 + int.from_bytes(self._waiting[4:6], "big")
        if len(self._waiting) < size:
            return None
        frame = bytes(self._waiting[:size])
        del self._waiting[:size]
        return frame

    def _hear(self, body: bytes, number: bytes) -> None:
        """A whole request: unit, function and data, and its MBAP number where it has one."""
        unit, function = body[0], body[1]
        listens = UNIT + 1 if self.situation is BoardSituation.WRONG_UNIT else UNIT
        if unit != listens or self.situation is BoardSituation.SILENT:
            return
        said = bytes([unit]) + self._answer(function, body[2:])
        self._answered += 1
        lost = self.situation is BoardSituation.DEAF and function == WRITE_COIL
        if not lost:
            pause = SLOW_S if self.situation is BoardSituation.SLOW else ANSWER_S
            self.after(pause, lambda: self._say(said, number))

    def _answer(self, function: int, data: bytes) -> bytes:
        """The answer's function and data."""
        if self.situation is BoardSituation.EXCEPTION:
            return bytes([function | ERROR_BIT, DEVICE_FAILURE])
        first, second = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
        if function in (READ_COILS, READ_INPUTS):
            bits = self._relays if function == READ_COILS else self._inputs()
            if second < 1 or first + second > len(bits):
                return bytes([function | ERROR_BIT, ILLEGAL_ADDRESS])
            packed = _packed(bits[first : first + second])
            return bytes([function, len(packed)]) + packed
        if function != WRITE_COIL:
            return bytes([function | ERROR_BIT, ILLEGAL_FUNCTION])
        error = self._write(first, second)
        return bytes([function | ERROR_BIT, error]) if error else bytes([function]) + data[:4]

    def _write(self, address: int, value: int) -> int:
        """Switch or pulse; the exception code, 0 for none."""
        relay = address - PULSE_AT
        if self._can_pulse and 0 <= relay < RELAYS:
            if not value:
                return ILLEGAL_VALUE
            self._set_relay(relay, True)
            self._pulse_ms[relay] = round(value * PULSE_UNIT_S * 1000)
            self.after(value * PULSE_UNIT_S, lambda: self._set_relay(relay, False))
            return 0
        if address >= RELAYS:
            return ILLEGAL_ADDRESS
        if value not in (ON, OFF):
            return ILLEGAL_VALUE
        self._set_relay(address, value == ON)
        return 0

    def _say(self, said: bytes, number: bytes) -> None:
        sized = number + len(said).to_bytes(2, "big") + said
        frame = sized if self._mbap else said + crc(said)
        situation = self.situation
        noisy = situation is BoardSituation.NOISY_ONCE and self._answered % 2 == 1
        if situation is BoardSituation.WRONG_CHECKSUM or noisy:
            frame = frame[:-1] + bytes([frame[-1] ^ 0x5A]) if not self._mbap else frame[:-1]
        elif situation is BoardSituation.GARBAGE:
            frame = b"\xf3\x00\x9c\x81" * 3
        elif situation is BoardSituation.HALF:
            frame = frame[: len(frame) // 2]
        self.send(frame)


def _packed(bits: list[bool]) -> bytes:
    """Bits into bytes, the first in the lowest (Modbus Application Protocol V1.1b3, section 6.1)."""
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    return number.to_bytes((len(bits) + 7) // 8, "little")


def crc(data: bytes) -> bytes:
    """CRC-16 of Modbus over Serial Line V1.02, section 6.2.2; low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")
