"""The base of every camera at work: its stream, its health by what its pictures show, its exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from devices.camera.capture import CameraProblem, Capture, Frame, Wish
from devices.camera.quality import Quality, Watch, judge
from devices.device import CANCEL_SLICE_S, Cancel, Device
from devices.faults import fault
from devices.registry import BadSetting
from devices.status import DeviceState, Failed, Outcome

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

LOOK_EVERY_S = 2.0
"""How often an idle camera's picture is judged: unpacking one costs what 20 polls of a reader cost."""

LOOK_WITHIN_S = 1.5
"""A slow camera sends a frame a second; one that sends none for so long is looked at again later."""

MISSES_MOST = 3
"""So many looks in a row without a frame, and the camera counts as lost."""

REOPEN_EVERY_S = 10.0
"""A camera that stands still is opened anew so often."""

STILL_OF_USE = ("camera.blurred",)
"""Faults with which a camera goes on working: a blurred code may be read all the same."""

SIDES = (160, 4096)
RATES = (1, 120)

EXPOSURE_MOST = 10_000
"""A second, in 100 µs."""

PORT_FORM = r"^(/\S+|file:/\S+|(rtsp|https?)://\S+)$"


class CameraDevice(Device):
    """A camera at a device file, `file:/path` (a film), or an rtsp:// or http:// address.

    `width`, `height` and `fps` are wishes; `exposure` is in 100 µs, 0 for the camera's own.
    """

    port_form = PORT_FORM
    poll_interval_s: ClassVar[float] = LOOK_EVERY_S

    def __init__(
        self, name: str, port: str, *, width: int, height: int, fps: int, exposure: int
    ) -> None:
        super().__init__(name, port)
        for setting, value, (least, most) in (
            ("width", width, SIDES),
            ("height", height, SIDES),
            ("fps", fps, RATES),
            ("exposure", exposure, (0, EXPOSURE_MOST)),
        ):
            if not least <= value <= most:
                raise BadSetting(setting, f"{least} to {most}")
        self._wish = Wish(width, height, fps, exposure)
        self._open_capture: Capture | None = None
        self._problem = ""
        self._misses = 0
        self._reopen_at = 0.0

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._problem = ""
        try:
            self._open_capture = Capture.open(self.port, self._wish)
        except CameraProblem as problem:
            self._problem = problem.code

    def _close(self) -> None:
        capture, self._open_capture = self._open_capture, None
        unknown = {"brightness": "unknown", "focus": "unknown", "exposure": "unknown"}
        self._set(facts=unknown)
        if capture is not None and not capture.close():
            self._count("hung")

    def _probe(self) -> Failed | None:
        self._misses = 0
        if self._problem:
            return Failed(Outcome.HARDWARE_ERROR, fault(self._problem))
        self._watch = Watch(living=self._capture.living)
        frame = self._look(LOOK_WITHIN_S * MISSES_MOST)
        if frame is None:
            return Failed(Outcome.HARDWARE_ERROR, fault("camera.no_picture"))
        self._judge(frame)
        height, width = frame.colours.shape[:2]
        frame.wipe()
        self._set(facts={"picture": f"{width}x{height}"})
        return None

    def _poll(self) -> None:
        """See that pictures come, and what they say of the camera; none of them is kept."""
        frame = self._look(LOOK_WITHIN_S)
        if frame is None:
            self._misses += 1
            if self._misses >= MISSES_MOST:
                raise TimeoutError("no frame comes any more")
            return
        self._misses = 0
        self._judge(frame)
        frame.wipe()

    # --- for subclasses, on the worker ---------------------------------------------------------------

    @property
    def _capture(self) -> Capture:
        if self._open_capture is None:
            raise AssertionError("commands run only while the camera is open")
        return self._open_capture

    def _look(self, within_s: float) -> Frame | None:
        """One frame that was taken from now on. Raises OSError."""
        with self._capture.wanted():
            return self._capture.newer(self._capture.number, within_s)

    def _judge(self, frame: Frame) -> Quality:
        """Take what the picture says of the camera into facts, and into a fault where it lasts."""
        levels = grey(frame)
        quality = judge(levels)
        levels[:] = 0
        now = self.clock.monotonic()
        facts = {
            "brightness": quality.brightness.value,
            "focus": quality.focus.value,
            "exposure": quality.exposure.value,
        }
        code = self._watch.seen(quality, now)
        before = self.health()
        if code:
            state = DeviceState.ONLINE if code in STILL_OF_USE else DeviceState.HARDWARE_ERROR
            self._set(state=state, fault=fault(code), facts=facts)
        elif before.fault is not None and before.fault.code.startswith("camera."):
            self._set(state=DeviceState.ONLINE, facts=facts)
        else:
            self._set(facts=facts)
        if code == "camera.frozen" and now >= self._reopen_at:
            self._reopen_at = now + REOPEN_EVERY_S
            self._open_anew()
        return quality

    def _open_anew(self) -> None:
        """Close and open the stream under the same session; what it was stays the fault until it is
        seen to be over. Raises OSError."""
        self._count("reopened")
        if not self._capture.close():
            self._count("hung")
        self._open_capture = Capture.open(self.port, self._wish)

    def _next(self, than: int, cancel: Cancel) -> Frame | None:
        """The newest frame above number `than`, waiting a moment. Raises OSError."""
        return self._capture.newer(than, min(CANCEL_SLICE_S, cancel.remaining()))


def grey(frame: Frame) -> Picture:
    """A copy of the frame in grey levels."""
    import cv2
    import numpy as np

    if frame.colours.ndim == 2:
        return frame.colours.copy()
    return np.asarray(cv2.cvtColor(frame.colours, cv2.COLOR_BGR2GRAY), np.uint8)
