"""The adapter of serial QR scanners: lit only while a code is wanted, watched by heartbeat."""

from __future__ import annotations

import time
from typing import ClassVar, Literal

from devices.registry import BadSetting
from devices.scanner.dialects import ENDS, PROFILES
from devices.scanner.line import Line
from devices.scanner.scanner import Scanner
from devices.serial_port import Port
from devices.status import Failed, ScannerPower

HEARTBEAT_S = 10.0
"""How often a scanner that answers is asked whether it is there (PROTOCOLS.md C)."""

MISSES_MOST = 3
"""So many heartbeats in a row without an answer, and the port is opened anew (PROTOCOLS.md C). After a
first miss the next ones follow at each poll, so that a dead scanner is known within seconds."""


class SerialScanner(Scanner):
    """A QR scanner on a serial line, `profile` one of PROFILES, `baud` in bits a second, asked every
    `heartbeat_s` seconds whether it is there. `suffix` is what it sends behind each code: `cr` (also
    with a line feed), `lf`, `tab`, or `none`, where a code that breaks off is not told from a whole one.
    A gm65 is set to `cr` by us. Raises BadSetting."""

    type_name: ClassVar[str] = "serial-scanner"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        profile: Literal["gm65", "newland", "honeywell", "plain"] = "gm65",
        baud: int = 9600,
        heartbeat_s: float = HEARTBEAT_S,
        suffix: Literal["cr", "lf", "tab", "none"] = "cr",
    ) -> None:
        super().__init__(name, port)
        if profile not in PROFILES:
            raise BadSetting("profile", f"one of {', '.join(PROFILES)}")
        if baud <= 0:
            raise BadSetting("baud", "bits a second")
        if not heartbeat_s > 0:
            raise BadSetting("heartbeat_s", "seconds, more than 0")
        self._dialect = PROFILES[profile]()
        if suffix not in ENDS:
            raise BadSetting("suffix", f"one of {', '.join(ENDS)}")
        if self._dialect.sets_end and suffix != "cr":
            raise BadSetting("suffix", f"cr: a {profile} is set to it")
        self._end = ENDS[suffix]
        self._baud = baud
        self._heartbeat_s = heartbeat_s
        self._beat_at = 0.0
        self._open_line: Line | None = None
        self._misses = 0
        self._stale_seen = 0

    # --- hooks of a device -------------------------------------------------------------------------

    def _open(self) -> None:
        self._open_line = Line(Port.open(self.port, self._baud), self._dialect.stream(self._end))
        self._stale_seen = 0

    def _close(self) -> None:
        line, self._open_line = self._open_line, None
        self._set(facts={"light": ScannerPower.UNKNOWN})
        if line is not None:
            line.close()

    def _probe(self) -> Failed | None:
        self._misses = 0
        self._beat_at = time.monotonic() + self._heartbeat_s
        self._line.clear()
        return self._set_up()

    def _poll(self) -> None:
        """See that it is there and still set up: one that lost its power has forgotten. Reading the line
        tells a cable that was pulled at once, and throws away what nobody asked for."""
        self._line.clear()
        if self._dialect.answering and (self._misses or time.monotonic() >= self._beat_at):
            self._beat()
        self._count_stale()

    def _beat(self) -> None:
        self._beat_at = time.monotonic() + self._heartbeat_s
        if not self._dialect.alive(self._line):
            self._misses += 1
            self._count("missed")
            if self._misses >= MISSES_MOST:
                raise TimeoutError("the scanner does not answer any more")
            return
        self._misses = 0
        if self._dialect.forgot(self._line) and self._set_up() is None:
            self._count("set_up_again")

    # --- hooks of a scanner ------------------------------------------------------------------------

    @property
    def _triggered(self) -> bool:
        return self._dialect.triggered

    @property
    def _dropped(self) -> int:
        return self._line.dropped

    def _clear(self) -> None:
        self._line.clear()
        self._count_stale()

    def _next(self, seconds: float) -> bytes | None:
        unit = self._line.next(seconds)
        return unit if isinstance(unit, bytes) else None

    def _light(self, *, on: bool) -> Failed | None:
        problem = self._dialect.light(self._line, on=on)
        lit = ScannerPower.ON if on else ScannerPower.OFF
        self._set(facts={"light": lit if problem is None else ScannerPower.UNKNOWN})
        self._count_stale()
        return problem

    def _renew(self) -> None:
        self._dialect.renew(self._line)

    # --- on the worker thread ----------------------------------------------------------------------

    @property
    def _line(self) -> Line:
        if self._open_line is None:
            raise AssertionError("commands run only while the port is open")
        return self._open_line

    def _set_up(self) -> Failed | None:
        problem = self._dialect.set_up(self._line)
        if problem is not None or not self._triggered:
            return problem
        return self._light(on=False)

    def _count_stale(self) -> None:
        now = self._line.stale
        if now > self._stale_seen:
            self._count("stale", now - self._stale_seen)
            self._stale_seen = now
