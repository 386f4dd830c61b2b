"""The adapter of serial QR scanners: lit only while a code is wanted, and only a code read then counts.

What a citizen before left in the scanner's buffer, a code cut short, or control characters never
reach the caller.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from devices.device import CANCEL_SLICE_S, Cancel, Device, TestReport
from devices.faults import fault
from devices.scanner import gm65
from devices.scanner.codes import Refusal, ScannedCode, read_code
from devices.serial_port import Port
from devices.status import Failed, Ok, Outcome, Result, ScannerPower

ANSWER_WITHIN_S = 0.5
"""A command's answer takes some 20 ms at 9600 baud; a USB bridge adds as much again."""

ASK_TIMES = 2
"""A command is sent again once where its answer is missing or tells of a damaged command."""

MISSES_MOST = 3
"""So many polls in a row without an answer, and the scanner counts as lost (PROTOCOLS.md C)."""

PAUSE_S = 0.3
"""A line silent for so long will not finish what it began: at 9600 baud a byte takes 1 ms."""

LIGHT_TIME = 255
"""25.5 s, the most that the scanner takes: its light goes out by itself even if we die."""

RELIGHT_S = 25.0
"""A scan that lasts longer begins the reading anew."""

TRY_LIGHT_S = 1.0
"""How long the test keeps the light on, for a technician to see."""

TRY_PLAIN_S = 10.0
"""How long the test of a scanner without commands waits for a code: it can prove itself no other way."""

TEST_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Profile:
    """How a kind of scanner differs: `commanded` ones take the commands of devices/scanner/gm65.py."""

    commanded: bool


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "gm65": Profile(commanded=True),
        "plain": Profile(commanded=False),  # always lit; every code ends with a carriage return
    }
)


class Line:
    """An open port as a sequence of answers and codes."""

    def __init__(self, port: Port, *, answers: bool) -> None:
        self._port = port
        self._stream = gm65.Stream(answers=answers)
        self._ready: deque[gm65.Answer | bytes] = deque()
        self._quiet_since = time.monotonic()
        self.stale = 0
        """Codes thrown away so far because nobody had asked for one."""

    @property
    def dropped(self) -> int:
        """Bytes so far that were neither answer nor code."""
        return self._stream.dropped

    def clear(self) -> None:
        """Throw away all that came until now, and the rest of a code that is just coming."""
        self._take(self._port.drain())
        self._discard()
        self._stream.abandon()

    def next(self, seconds: float) -> gm65.Answer | bytes | None:
        """The next answer or code; None where none was complete within `seconds`. Raises `LOST`."""
        if not self._ready:
            self._take(self._port.read(seconds))
        return self._ready.popleft() if self._ready else None

    def send(self, command: gm65.Command) -> None:
        """Send a command without waiting for its answer. Raises `LOST`."""
        self._port.write(command.encode())

    def ask(self, command: gm65.Command) -> gm65.Answer | None:
        """Send a command and return its answer; None where the scanner stays silent.

        Codes that came before the answer are stale and thrown away; what came behind it is kept
        (PROTOCOLS.md C: the code may share a read with the answer). Raises `LOST`.
        """
        answer = None
        for _ in range(ASK_TIMES):
            self._take(self._port.drain())
            self._discard()
            self.send(command)
            answer = self._await_answer()
            if answer is not None and answer.status != gm65.Status.BAD_CRC:
                return answer
        return answer

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def _await_answer(self) -> gm65.Answer | None:
        until = time.monotonic() + ANSWER_WITHIN_S
        while (left := until - time.monotonic()) > 0:
            unit = self.next(left)
            if isinstance(unit, gm65.Answer):
                return unit
            self.stale += unit is not None
        self._stream.pause()
        return None

    def _take(self, data: bytes) -> None:
        now = time.monotonic()
        if data:
            self._quiet_since = now
            self._ready += self._stream.feed(data)
        elif now - self._quiet_since >= PAUSE_S:
            self._stream.pause()

    def _discard(self) -> None:
        self.stale += sum(isinstance(unit, bytes) for unit in self._ready)
        self._ready.clear()


class SerialScanner(Device):
    """A QR scanner on a serial line, `profile` one of PROFILES, `baud` in bits a second."""

    kind: ClassVar[str] = "scanner"
    type_name: ClassVar[str] = "serial-scanner"

    def __init__(self, name: str, port: str, *, profile: str = "gm65", baud: int = 9600) -> None:
        super().__init__(name, port)
        self._profile = PROFILES[profile]
        self._baud = baud
        self._open_line: Line | None = None
        self._misses = 0
        self._stale_seen = 0

    # --- for callers -----------------------------------------------------------------------------

    async def scan(self, timeout_s: float) -> Result[ScannedCode]:
        """Light the scanner until one code was read, at most `timeout_s`.

        Codes that cannot be read as text are passed over; where there was nothing else, the timeout
        says `scanner.unreadable`. Cancelling switches the light off before it returns.
        """
        return await self.command(self._scan, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Light the scanner for a second; one without commands is to be shown a code within ten."""
        return await self.command(self._try_out, TEST_WITHIN_S)

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        port = Port.open(self.port, self._baud)
        self._open_line = Line(port, answers=self._profile.commanded)
        self._stale_seen = 0

    def _close(self) -> None:
        line, self._open_line = self._open_line, None
        self._set(facts={"light": ScannerPower.UNKNOWN})
        if line is not None:
            line.close()

    def _probe(self) -> Failed | None:
        self._misses = 0
        self._line.clear()
        return self._configure() if self._profile.commanded else None

    def _poll(self) -> None:
        """See that it answers and is still set up: one that lost its power has forgotten."""
        if not self._profile.commanded:
            self._line.clear()
        elif (mode := self._line.ask(gm65.read(gm65.Zone.MODE))) is None:
            self._misses += 1
            if self._misses >= MISSES_MOST:
                raise TimeoutError("the scanner does not answer any more")
        else:
            self._misses = 0
            if not _is_commanded(mode) and self._configure() is None:
                self._count("set_up_again")
        self._count_stale()

    # --- the worker's commands -------------------------------------------------------------------

    @property
    def _line(self) -> Line:
        if self._open_line is None:
            raise AssertionError("commands run only while the port is open")
        return self._open_line

    def _configure(self) -> Failed | None:
        """Have it wait for our trigger, light for a while, and end each code. Not saved in it."""
        dropped = self._line.dropped
        mode = self._line.ask(gm65.read(gm65.Zone.MODE))
        if mode is None:
            code = "device.garbled" if self._line.dropped > dropped else "device.silent"
            return Failed(Outcome.DEVICE_NOT_READY, fault(code))
        if not mode.ok or len(mode.data) != 1:
            return Failed(Outcome.HARDWARE_ERROR, fault("device.garbled"))
        wanted = {
            gm65.Zone.MODE: mode.data[0] & ~gm65.MODE_MASK | gm65.COMMAND_MODE,
            gm65.Zone.LIGHT_TIME: LIGHT_TIME,
            gm65.Zone.FORMAT: gm65.CR_ENDED,
        }
        for zone, value in wanted.items():
            if (problem := self._told(gm65.write(zone, value))) is not None:
                return problem
        return self._light(on=False)

    def _told(self, command: gm65.Command) -> Failed | None:
        answer = self._line.ask(command)
        if answer is None:
            return Failed(Outcome.HARDWARE_ERROR, fault("device.silent"))
        if not answer.ok:
            detail = f"zone {command.address:04X}, status {answer.status:02X}"
            return Failed(Outcome.HARDWARE_ERROR, fault("scanner.refused", detail))
        return None

    def _light(self, *, on: bool) -> Failed | None:
        problem = self._told(gm65.TRIGGER_ON if on else gm65.TRIGGER_OFF)
        lit = ScannerPower.ON if on else ScannerPower.OFF
        self._set(facts={"light": lit if problem is None else ScannerPower.UNKNOWN})
        return problem

    def _scan(self, cancel: Cancel) -> Result[ScannedCode]:
        result = self._read(cancel, cancel.remaining())
        if isinstance(result, Ok):
            self._count("reads")
        elif result.outcome not in (Outcome.CANCELED, Outcome.TIMEOUT):
            self._count("failures")
        return result

    def _read(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        """Read one code, lit for at most `seconds`; dark again at the end, whatever happens."""
        self._line.clear()
        if not self._profile.commanded:
            result = self._watch(cancel, seconds)
        elif (problem := self._light(on=True)) is not None:
            result = problem
        else:
            try:
                result = self._watch(cancel, seconds)
            finally:
                self._light(on=False)
        self._count_stale()
        return result

    def _watch(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        refused: Refusal | None = None
        begun = time.monotonic()
        relight_at, dropped = begun + RELIGHT_S, self._line.dropped
        while not cancel.over and time.monotonic() < begun + seconds:
            unit = self._line.next(min(CANCEL_SLICE_S, cancel.remaining()))
            if isinstance(unit, bytes):
                code = read_code(unit)
                if isinstance(code, ScannedCode):
                    return Ok(code)
                refused = code
                self._count("refused")
                relight_at = 0.0  # what the scanner read has ended its reading
            elif self._line.dropped > dropped:
                relight_at = 0.0
            if time.monotonic() >= relight_at:
                self._relight()
                relight_at, dropped = time.monotonic() + RELIGHT_S, self._line.dropped
        if cancel.cancelled:
            return cancel.failed()
        if refused is not None:
            return Failed(Outcome.TIMEOUT, fault("scanner.unreadable", refused.value))
        return Failed(Outcome.TIMEOUT, fault("device.timeout"))

    def _relight(self) -> None:
        """Begin the reading anew; its answer is passed over like any other."""
        if self._profile.commanded:
            self._line.send(gm65.TRIGGER_ON)

    def _try_out(self, cancel: Cancel) -> Result[TestReport]:
        commanded = self._profile.commanded
        seconds = TRY_LIGHT_S if commanded else TRY_PLAIN_S
        result = self._read(cancel, seconds)
        if isinstance(result, Ok):
            report = {"code": "read"}, (f"A code of {len(result.value.text)} characters was read.",)
        elif commanded and result.outcome is Outcome.TIMEOUT:
            report = (
                {"code": "none"},
                (f"Lit for {seconds:g} s and dark again; no code was shown.",),
            )
        else:
            return result
        return Ok(TestReport(*report))

    def _count_stale(self) -> None:
        now = self._line.stale
        if now > self._stale_seen:
            self._count("stale", now - self._stale_seen)
            self._stale_seen = now


def _is_commanded(mode: gm65.Answer) -> bool:
    return mode.ok and bool(mode.data) and mode.data[0] & gm65.MODE_MASK == gm65.COMMAND_MODE
