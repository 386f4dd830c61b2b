"""A simulated QR scanner: a GM65 with its settings, or a plain one that is always lit.

Control requests of its own: `{"do": "show", "text": ...}` (or `"hex"` for bytes that are no UTF-8)
holds a code in front of it, `{"do": "take"}` takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from devices.scanner import gm65
from devices.simulators.line import Simulator

DECODE_S = 0.08
"""From a code in the light to its first byte on the wire."""

SLOW_S = 2.0
"""The same for a code that is creased or badly lit."""

HELD_S = 10.0
"""How long a hand holds a code before it gives up."""

TRIGGER_TIME_UNIT_S = 0.1

FACTORY: Mapping[int, int] = {
    gm65.Zone.MODE: 0xD6,  # continuous reading
    gm65.Zone.LIGHT_TIME: 0x32,  # 5 s
    gm65.Zone.FORMAT: gm65.CR_ENDED,
}
"""Settings of a scanner out of its box, as far as they are not zero; not confirmed on hardware."""

ZONES = 256
GARBAGE = b"\xf3\x02\x00\x9c\x00\x02\x81\x7e"
COMMAND_OVERHEAD = 8
"""Bytes of a command besides its data."""


class ScannerSituation(StrEnum):
    """What can be wrong with the scanner."""

    NORMAL = "normal"
    SLOW = "slow"  # it takes long to recognise a code
    SILENT = "silent"  # it neither answers nor reads
    GARBAGE = "garbage"  # noise before all that it sends
    DOUBLE = "double"  # it sends each code twice
    CUT = "cut"  # a code breaks off in the middle, without its end
    UNPLUGGED = "unplugged"  # the cable is pulled in the middle of a code
    REFUSING = "refusing"  # it takes no setting
    FORGETFUL = "forgetful"  # it lost its power, and its settings with it, once


@dataclass(frozen=True, slots=True)
class _Shown:
    code: bytes
    until: float


class ScannerSimulator(Simulator):
    """A scanner on a line; `profile` as in devices/scanner/serial.py."""

    situations = ScannerSituation

    def __init__(
        self,
        *,
        baud: int = 9600,
        profile: Literal["gm65", "plain"] = "gm65",
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        super().__init__(baud=baud, tcp=tcp, link=link, control=control, situation=situation)
        self._plain = profile == "plain"
        self._waiting = bytearray()
        self._shown: _Shown | None = None
        self._saved = bytes(FACTORY.get(zone, 0) for zone in range(ZONES))
        self._zones = bytearray(self._saved)
        self._lit_until = float("inf") if self._plain else 0.0

    # --- the hand --------------------------------------------------------------------------------

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "show":
            code = _code(given)
            self._shown = _Shown(code, time.monotonic() + HELD_S)
            self._look()
        elif do == "take":
            self._shown = None
        else:
            return super().request(do, given)
        return {}

    def state(self) -> dict[str, Any]:
        return {"lit": self._lit, "shown": self._in_front() is not None}

    def situation_changed(self) -> None:
        if self.situation is ScannerSituation.FORGETFUL:
            self._zones[:] = self._saved
            self._lit_until = 0.0
        self._look()

    # --- the wire --------------------------------------------------------------------------------

    def connected(self) -> None:
        self._waiting.clear()

    def received(self, data: bytes) -> None:
        if self._plain:
            return
        self._waiting += data
        while (frame := self._take_frame()) is not None:
            if self.situation is not ScannerSituation.SILENT:
                self._say(self._reply_to(frame).encode())
                self._look()

    def _take_frame(self) -> bytes | None:
        before, head, _ = bytes(self._waiting).partition(gm65.COMMAND_HEAD)
        if head:
            del self._waiting[: len(before)]
        if not head or len(self._waiting) < COMMAND_OVERHEAD:
            return None
        length = COMMAND_OVERHEAD + self._waiting[3]
        if len(self._waiting) < length:
            return None
        frame = bytes(self._waiting[:length])
        del self._waiting[:length]
        return frame

    def _reply_to(self, frame: bytes) -> gm65.Answer:
        body, check = frame[2:-2], frame[-2:]
        if check not in (gm65.crc(body), gm65.ANY_CRC):
            return gm65.Answer(gm65.Status.BAD_CRC, b"\x00")
        kind, address, data = body[0], int.from_bytes(body[2:4], "big"), body[4:]
        if kind == gm65.CommandType.HEARTBEAT:
            return gm65.Answer(gm65.Status.OK, b"\x00", alive=True)
        if kind == gm65.CommandType.READ and len(data) == 1:
            count = data[0] or gm65.FULL_READ
            if address + count <= ZONES:
                return gm65.Answer(gm65.Status.OK, bytes(self._zones[address : address + count]))
        elif kind == gm65.CommandType.WRITE and data and address + len(data) <= ZONES:
            if self.situation is not ScannerSituation.REFUSING:
                self._write(address, data)
                return gm65.ACK
        elif kind == gm65.CommandType.SAVE:
            self._saved = bytes(self._zones)
            return gm65.ACK
        return gm65.Answer(gm65.Status.INVALID, b"\x00")

    def _write(self, address: int, data: bytes) -> None:
        self._zones[address : address + len(data)] = data
        if address <= gm65.Zone.TRIGGER < address + len(data):
            begin = self._zones[gm65.Zone.TRIGGER] & 1
            self._zones[gm65.Zone.TRIGGER] = 0  # it reports an order, not a state
            limit = self._zones[gm65.Zone.LIGHT_TIME] * TRIGGER_TIME_UNIT_S or float("inf")
            self._lit_until = time.monotonic() + limit if begin else 0.0

    def _say(self, data: bytes) -> None:
        self.send(GARBAGE + data if self.situation is ScannerSituation.GARBAGE else data)

    # --- the eye ---------------------------------------------------------------------------------

    @property
    def _lit(self) -> bool:
        mode = self._zones[gm65.Zone.MODE] & gm65.MODE_MASK
        return self._plain or mode != gm65.COMMAND_MODE or time.monotonic() < self._lit_until

    def _in_front(self) -> _Shown | None:
        shown = self._shown
        return shown if shown is not None and time.monotonic() < shown.until else None

    def _look(self) -> None:
        """Decode what is in the light, after a while."""
        shown = self._in_front()
        if shown is not None and self._lit and self.situation is not ScannerSituation.SILENT:
            pause = SLOW_S if self.situation is ScannerSituation.SLOW else DECODE_S
            self.after(pause, lambda: self._decoded(shown))

    def _decoded(self, shown: _Shown) -> None:
        """Send a code that is still the one in the light; reading it ends the reading."""
        if shown is not self._shown or not self._lit:
            return
        self._shown = None
        if not self._plain:
            self._lit_until = 0.0
        if self.situation in (ScannerSituation.CUT, ScannerSituation.UNPLUGGED):
            half = shown.code[: len(shown.code) // 2]
            self._say(half)
            if self.situation is ScannerSituation.UNPLUGGED:
                self.after((len(half) + 1) * self.byte_s, self.pull)
            return
        ended = self._plain or self._zones[gm65.Zone.FORMAT] & gm65.CR_ENDED
        unit = shown.code + gm65.CODE_END if ended else shown.code
        self._say(unit * 2 if self.situation is ScannerSituation.DOUBLE else unit)


def _code(given: Mapping[str, Any]) -> bytes:
    """What a `show` request holds up. Raises ValueError for one that holds up nothing."""
    text, digits = given.get("text"), given.get("hex")
    code = bytes.fromhex(digits) if isinstance(digits, str) else str(text or "").encode()
    if not code:
        raise ValueError('show wants "text", or "hex"')
    return code
