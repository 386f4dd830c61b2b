"""A camera as a scanner: looks only while a code is wanted, decodes only the newest frame.

A frame that came while the last one was decoded is looked at next, what came between is skipped: a
code is read as it is held now, not as it was. Frames stay in memory and are wiped when they were read.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import ClassVar

from devices.camera.capture import Frame
from devices.camera.device import CameraDevice, grey
from devices.camera.quality import Brightness, Exposure, Quality
from devices.device import Cancel, TestReport
from devices.faults import fault
from devices.registry import BadSetting
from devices.scanner.codes import Refusal, ScannedCode
from devices.scanner.decoder import FRAME_BUDGET_MS, DecodedCode, DecodedPicture, Decoder, Region
from devices.status import Failed, Ok, Outcome, Result, ScannerPower

FRAMES_WITHIN_S = 5.0
"""A camera that sends nothing for so long during a scan is lost."""

JUDGE_EVERY_S = 0.5
"""How often a scan looks at light and focus."""

EXPOSE_FIRST = 100
"""10 ms, in 100 µs: what a scan sets first where the light is wrong, in step with lamps at 50 Hz."""

EXPOSE_STEP = 2
EXPOSE_LEAST, EXPOSE_MOST = 3, 1000

PREVIEW_WIDTH = 320
"""Pixels: a picture on the screen that shows a hand where to hold the code."""

TRY_S = 2.0
"""How long the test looks for a code."""

TEST_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What the camera sees, for the screen: `width` times `height` times red, green, blue.

    `outline` is the corners of the code that was read, as shares of width and height, or empty.
    """

    rgb: bytes = field(repr=False)
    width: int
    height: int
    outline: tuple[tuple[float, float], ...] = ()


class CameraScanner(CameraDevice):
    """A scanner that is a camera.

    `region` is the part of the picture in which a code is wanted: left, top, right, bottom, as shares
    of its width and height. With `adapt` a scan sets the exposure where it is too dark or too bright.
    """

    kind: ClassVar[str] = "scanner"
    type_name: ClassVar[str] = "camera-scanner"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        width: int = 1280,
        height: int = 720,
        fps: int = 15,
        exposure: int = 0,
        adapt: bool = True,
        region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    ) -> None:
        super().__init__(name, port, width=width, height=height, fps=fps, exposure=exposure)
        try:
            left, top, right, bottom = region
            self._region = Region(left, top, right, bottom)
        except (TypeError, ValueError) as error:
            raise BadSetting("region", "left, top, right, bottom, each 0 to 1") from error
        self._adapt = adapt
        self._exposure = exposure
        self._decoder: Decoder | None = None
        self._preview: Preview | None = None
        self._preview_guard = threading.Lock()

    # --- for callers -----------------------------------------------------------------------------

    async def scan(self, timeout_s: float) -> Result[ScannedCode]:
        """Look until one code was read, at most `timeout_s`.

        Codes that are none of ours are passed over; where there was nothing else, the timeout says
        `scanner.unreadable`. Cancelling ends the looking before it returns.
        """
        return await self.command(self._scan, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Look for two seconds; what was seen, and how fast."""
        return await self.command(self._try_out, TEST_WITHIN_S)

    def preview(self) -> Preview | None:
        """The newest picture of the scan under way; None where there is none. From any thread."""
        with self._preview_guard:
            return self._preview

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._decoder = Decoder(budget_ms=FRAME_BUDGET_MS, region=self._region, film=True)
        super()._open()
        self._set(facts={"light": ScannerPower.OFF})

    def _close(self) -> None:
        self._set(facts={"light": ScannerPower.UNKNOWN})
        super()._close()

    # --- the worker's commands -------------------------------------------------------------------

    def _scan(self, cancel: Cancel) -> Result[ScannedCode]:
        result = self._read(cancel, cancel.remaining())
        if isinstance(result, Ok):
            self._count("reads")
        elif result.outcome not in (Outcome.CANCELED, Outcome.TIMEOUT):
            self._count("failures")
        return result

    def _read(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        """Look for one code for at most `seconds`; no picture is left at the end, whatever happens."""
        self._set(facts={"light": ScannerPower.ON})
        try:
            with self._capture.wanted():
                return self._watch_for_code(cancel, seconds)
        finally:
            self._show(None)
            self._set(facts={"light": ScannerPower.OFF})

    def _watch_for_code(self, cancel: Cancel, seconds: float) -> Result[ScannedCode]:
        refused: Refusal | None = None
        seen = self._capture.number
        begun = last = judged = time.monotonic()
        while not cancel.over and time.monotonic() < begun + seconds:
            frame = self._next(seen, cancel)
            if frame is None:
                if time.monotonic() - last > FRAMES_WITHIN_S:
                    raise TimeoutError("no frame comes any more")
                continue
            if frame.number > seen + 1:
                self._count("stale", frame.number - seen - 1)
            seen, last = frame.number, frame.at
            if last - judged >= JUDGE_EVERY_S:
                judged = last
                self._expose_for(self._judge(frame))
            decoded = self._decode(frame)
            if decoded.codes:
                return Ok(_nearest(decoded.codes, self._region, frame).code)
            if decoded.refused:
                refused = decoded.refused[0]
                self._count("refused")
        if cancel.cancelled:
            return cancel.failed()
        if refused is not None:
            return Failed(Outcome.TIMEOUT, fault("scanner.unreadable", refused.value))
        return Failed(Outcome.TIMEOUT, fault("device.timeout"))

    def _decode(self, frame: Frame) -> DecodedPicture:
        """Decode the frame, show it, and wipe it."""
        if self._decoder is None:
            raise AssertionError("commands run only while the camera is open")
        try:
            decoded = self._decoder.decode(grey(frame))
            self._show(_preview(frame, decoded.codes))
            return decoded
        finally:
            frame.wipe()

    def _show(self, preview: Preview | None) -> None:
        with self._preview_guard:
            self._preview = preview

    def _expose_for(self, quality: Quality) -> None:
        wanted = better_exposure(self._exposure, quality)
        if self._adapt and wanted != self._exposure:
            self._exposure = wanted
            self._capture.expose(wanted)
            self._count("exposed")

    def _try_out(self, cancel: Cancel) -> Result[TestReport]:
        before, begun = self._capture.number, time.monotonic()
        result = self._read(cancel, TRY_S)
        rate = (self._capture.number - before) / max(time.monotonic() - begun, 0.001)
        if isinstance(result, Failed) and result.outcome is not Outcome.TIMEOUT:
            return result
        told = self.health().facts
        lines = [f"{rate:.0f} frames a second of {told['picture']} pixels.",
                 f"Light {told['brightness']}, focus {told['focus']}."]  # fmt: skip
        read = isinstance(result, Ok)
        if isinstance(result, Ok):
            lines.append(f"A code of {len(result.value.text)} characters was read.")
        else:
            lines.append(f"No code was shown within {TRY_S:g} s.")
        return Ok(TestReport({"code": "read" if read else "none"}, tuple(lines)))


def better_exposure(now: int, quality: Quality) -> int:
    """The exposure in 100 µs for the next pictures; `now` 0 is the camera's own way.

    Its own way does the most there is in the dark, and drowns a phone's screen in a dark hall: only
    that is taken over. A picture that is wholly black is no matter of exposure.
    """
    if quality.exposure is Exposure.KEEP or quality.brightness is Brightness.BLACK:
        return now
    if now == 0:
        return EXPOSE_FIRST if quality.exposure is Exposure.SHORTER else 0
    wanted = now * EXPOSE_STEP if quality.exposure is Exposure.LONGER else now // EXPOSE_STEP
    return min(max(wanted, EXPOSE_LEAST), EXPOSE_MOST)


def _nearest(codes: tuple[DecodedCode, ...], region: Region, frame: Frame) -> DecodedCode:
    """Of several codes the one in the middle: that is the one held there on purpose."""
    height, width = frame.colours.shape[:2]
    x, y = (region.left + region.right) / 2 * width, (region.top + region.bottom) / 2 * height

    def away(code: DecodedCode) -> float:
        across = sum(corner[0] for corner in code.corners) / 4 - x
        down = sum(corner[1] for corner in code.corners) / 4 - y
        return float(across * across + down * down)

    return min(codes, key=away)


def _preview(frame: Frame, codes: tuple[DecodedCode, ...]) -> Preview:
    import cv2

    height, width = frame.colours.shape[:2]
    size = (PREVIEW_WIDTH, max(1, round(height * PREVIEW_WIDTH / width)))
    small = cv2.resize(frame.colours, size, interpolation=cv2.INTER_AREA)
    colour = cv2.COLOR_GRAY2RGB if small.ndim == 2 else cv2.COLOR_BGR2RGB
    corners = codes[0].corners if codes else ()
    outline = tuple((x / width, y / height) for x, y in corners)
    return Preview(cv2.cvtColor(small, colour).tobytes(), *size, outline)
