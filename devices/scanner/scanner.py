"""What all scanners have in common: only a code that is shown while one is wanted counts."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import ClassVar

from devices.device import CANCEL_SLICE_S, Cancel, Device, TestReport
from devices.faults import fault
from devices.scanner.codes import Refusal, ScannedCode, read_code
from devices.status import Failed, Ok, Outcome, Result

RELIGHT_S = 25.0
"""A scan that lasts longer begins the reading anew."""

READ_AGAIN_S = 0.2
"""So long after a code that was passed over the next reading begins: the same one most likely still lies
there, and a reader that is quick would otherwise be told to read it hundreds of times a second."""

TRY_LIGHT_S = 1.0
"""How long the test keeps the light on, for a technician to see."""

TRY_PLAIN_S = 10.0
"""How long the test of a scanner without commands waits for a code: it can prove itself no other way."""

TEST_WITHIN_S = 15.0


class Scanner(Device):
    """A scanner. What a citizen before left in its buffer, a code cut short, or control characters
    never reach the caller."""

    kind: ClassVar[str] = "scanner"

    async def scan(self, timeout_s: float) -> Result[ScannedCode]:
        """Light the scanner until one code was read, at most `timeout_s`.

        Codes that cannot be read as text are passed over; where there was nothing else, the timeout
        says `scanner.unreadable`. Cancelling switches the light off before it returns.
        """
        return await self.command(self._scan, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Light the scanner for a second; one without commands is to be shown a code within ten."""
        return await self.command(self._try_out, TEST_WITHIN_S)

    # --- hooks, on the worker thread ---------------------------------------------------------------

    @property
    def _triggered(self) -> bool:
        """Whether it is dark until it is told to read."""
        return False

    def _light(self, *, on: bool) -> Failed | None:
        """Begin or end a reading; what is wrong otherwise."""
        return None

    def _renew(self) -> None:
        """Begin the reading anew."""
        return

    @property
    @abstractmethod
    def _dropped(self) -> int:
        """Bytes so far that were no code."""

    @abstractmethod
    def _clear(self) -> None:
        """Throw away what was scanned until now."""

    @abstractmethod
    def _next(self, seconds: float) -> bytes | None:
        """The next code, without its end; None where none was complete within `seconds`."""

    # --- the worker's commands ---------------------------------------------------------------------

    def _scan(self, cancel: Cancel) -> Result[ScannedCode]:
        result = self._read(cancel, cancel.remaining())
        if isinstance(result, Ok):
            self._count("reads")
        elif result.outcome not in (Outcome.CANCELED, Outcome.TIMEOUT):
            self._count("failures")
        return result

    def _read(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        """Read one code, lit for at most `seconds`; dark again at the end, whatever happens."""
        self._clear()
        if not self._triggered:
            return self._watch(cancel, seconds)
        if (problem := self._light(on=True)) is not None:
            return problem
        try:
            return self._watch(cancel, seconds)
        finally:
            self._light(on=False)

    def _watch(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        refused: Refusal | None = None
        begun = time.monotonic()
        relight_at, dropped = begun + RELIGHT_S, self._dropped
        while not cancel.over and time.monotonic() < begun + seconds:
            unit = self._next(min(CANCEL_SLICE_S, cancel.remaining()))
            if unit is not None:
                code = read_code(unit)
                if isinstance(code, ScannedCode):
                    return Ok(code)
                refused = code
                self._count("refused")
            if unit is not None or self._dropped > dropped:  # what it read has ended its reading
                relight_at = min(relight_at, time.monotonic() + READ_AGAIN_S)
            if time.monotonic() >= relight_at:
                self._renew()
                relight_at, dropped = time.monotonic() + RELIGHT_S, self._dropped
        if cancel.cancelled:
            return cancel.failed()
        if refused is not None:
            return Failed(Outcome.TIMEOUT, fault("scanner.unreadable", refused.value))
        return Failed(Outcome.TIMEOUT, fault("device.timeout"))

    def _try_out(self, cancel: Cancel) -> Result[TestReport]:
        seconds = TRY_LIGHT_S if self._triggered else TRY_PLAIN_S
        result = self._read(cancel, seconds)
        if isinstance(result, Ok):
            line = f"A code of {len(result.value.text)} characters was read."
            return Ok(TestReport({"code": "read"}, (line,)))
        if self._triggered and result.outcome is Outcome.TIMEOUT:
            line = f"Lit for {seconds:g} s and dark again; no code was shown."
            return Ok(TestReport({"code": "none"}, (line,)))
        if isinstance(result, Failed) and result.fault.code == "device.timeout":
            return Failed(Outcome.TIMEOUT, fault("scanner.nothing_shown"))
        return result
