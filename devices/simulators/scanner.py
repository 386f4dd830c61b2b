"""A simulated QR scanner on a line: of one of four kinds, with codes held in front of it.

Control requests of its own: `{"do": "show", "text": ...}` (or `"hex"` for bytes that are no UTF-8)
holds a code in front of it, `{"do": "take"}` takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from devices.scanner.stream import CODE_END
from devices.simulators.line import BITS_PER_BYTE, Simulator
from devices.simulators.scanner_engines import ENGINES

DECODE_S = 0.08
"""From a code in the light to its first byte on the wire."""

SLOW_S = 2.0
"""The same for a code that is creased or badly lit."""

HELD_S = 10.0
"""How long a hand holds a code before it gives up."""

REPEAT_S = 0.3
"""How long the repeating scanner waits before it sends the same code again."""

SLOW_BYTES_BAUD = 300
"""The pace of the scanner whose bytes come one by one."""

GARBAGE = b"\xf3\x02\x00\x9c\x00\x02\x81\x7e"


class ScannerSituation(StrEnum):
    """What can be wrong with the scanner."""

    NORMAL = "normal"
    SLOW = "slow"  # it takes long to recognise a code
    SLOW_BYTES = "slow_bytes"  # its bytes come one by one
    SILENT = "silent"  # it neither answers nor reads
    GARBAGE = "garbage"  # noise before all that it sends
    DOUBLE = "double"  # it sends each code twice
    REPEATING = "repeating"  # it sends a code again and again for as long as it is held there
    CUT = "cut"  # a code breaks off in the middle, without its end
    UNPLUGGED = "unplugged"  # the cable is pulled in the middle of a code
    REFUSING = "refusing"  # it takes no setting
    FORGETFUL = "forgetful"  # it lost its power, and its settings with it, once


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that is held up until then."""

    code: bytes
    until: float


class ScannerSimulator(Simulator):
    """A scanner on a line; `profile` as in devices/scanner/dialects.py. Raises ValueError for another."""

    situations = ScannerSituation

    def __init__(
        self,
        *,
        baud: int = 9600,
        profile: str = "gm65",
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        if profile not in ENGINES:
            raise ValueError(f"no profile {profile!r}; there are {', '.join(ENGINES)}")
        super().__init__(baud=baud, tcp=tcp, link=link, control=control, situation=situation)
        self._engine = ENGINES[profile]()
        self._engine.refusing = self.situation is ScannerSituation.REFUSING
        self._shown: Shown | None = None

    @property
    def byte_s(self) -> float:
        slow = self.situation is ScannerSituation.SLOW_BYTES
        return BITS_PER_BYTE / SLOW_BYTES_BAUD if slow else super().byte_s

    # --- the hand --------------------------------------------------------------------------------

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "show":
            self._shown = Shown(code_to_show(given), time.monotonic() + HELD_S)
            self._look()
        elif do == "take":
            self._shown = None
        else:
            return super().request(do, given)
        return {}

    def state(self) -> dict[str, Any]:
        return {"lit": self._engine.lit, "shown": self._in_front() is not None}

    def situation_changed(self) -> None:
        self._engine.refusing = self.situation is ScannerSituation.REFUSING
        if self.situation is ScannerSituation.FORGETFUL:
            self._engine.forget()
        self._look()

    # --- the wire --------------------------------------------------------------------------------

    def connected(self) -> None:
        self._engine.connected()

    def received(self, data: bytes) -> None:
        if self.situation is ScannerSituation.SILENT:
            return
        for answer in self._engine.hear(data):
            self._say(answer)
        self._look()

    def _say(self, data: bytes) -> None:
        self.send(GARBAGE + data if self.situation is ScannerSituation.GARBAGE else data)

    # --- the eye ---------------------------------------------------------------------------------

    def _in_front(self) -> Shown | None:
        shown = self._shown
        return shown if shown is not None and time.monotonic() < shown.until else None

    def _look(self) -> None:
        """Decode what is in the light, after a while."""
        shown = self._in_front()
        silent = self.situation is ScannerSituation.SILENT
        if shown is not None and self._engine.lit and not silent:
            pause = SLOW_S if self.situation is ScannerSituation.SLOW else DECODE_S
            self.after(pause, lambda: self._decoded(shown))

    def _decoded(self, shown: Shown) -> None:
        """Send a code that is still the one in the light; reading it ends the reading."""
        if shown is not self._shown or not self._engine.lit:
            return
        if self.situation is ScannerSituation.REPEATING:
            self._repeat(shown)
            return
        self._shown = None
        self._engine.has_read()
        if self.situation in (ScannerSituation.CUT, ScannerSituation.UNPLUGGED):
            unit = self._unit(shown)
            half = unit[: len(unit) // 2]
            self._say(half)
            if self.situation is ScannerSituation.UNPLUGGED:
                self.after((len(half) + 1) * self.byte_s, self.pull)
            return
        unit = self._unit(shown)
        self._say(unit * 2 if self.situation is ScannerSituation.DOUBLE else unit)

    def _repeat(self, shown: Shown) -> None:
        """Send it, and again for as long as it is held there: this scanner heeds no trigger."""
        if self.situation is not ScannerSituation.REPEATING or shown is not self._in_front():
            return
        self._say(self._unit(shown))
        self.after(REPEAT_S, lambda: self._repeat(shown))

    def _unit(self, shown: Shown) -> bytes:
        return shown.code + CODE_END if self._engine.ends_codes else shown.code


def code_to_show(given: Mapping[str, Any]) -> bytes:
    """What a `show` request holds up. Raises ValueError for one that holds up nothing."""
    text, digits = given.get("text"), given.get("hex")
    code = bytes.fromhex(digits) if isinstance(digits, str) else str(text or "").encode()
    if not code:
        raise ValueError('show wants "text", or "hex"')
    return code
