"""A camera that takes a picture of a person: only with their consent, in memory only, wiped after use.

Without a `Consent` there is no picture, and when it ends, each picture taken under it is overwritten.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, Self, SupportsIndex

from devices.camera.capture import Frame
from devices.camera.device import CameraDevice
from devices.camera.quality import Brightness, Focus
from devices.device import Cancel, TestReport
from devices.faults import fault
from devices.status import Failed, Ok, Outcome, Result

if TYPE_CHECKING:
    from types import TracebackType

CONSENT_FOR_S = 180.0
"""A consent ends by itself: longer than a face takes to be captured, shorter than a visit."""

TEST_WITHIN_S = 10.0

JPEG_QUALITY = 92
"""What comparing a face needs: no block edges (ISO/IEC 39794-5 advises against strong compression)."""


class ConsentEnded(RuntimeError):
    """A picture was touched after its consent had ended."""


class Consent:
    """That the person in front agreed to be photographed for `purpose`, from now for `for_s` seconds.

    Made by whoever asked them and heard yes. Ends with `withdraw`, at the end of its `with` block, or
    by itself; then every picture that was taken under it is wiped.
    """

    def __init__(self, purpose: str, for_s: float = CONSENT_FOR_S) -> None:
        if not purpose:
            raise ValueError("a consent is for a purpose")
        self.purpose = purpose
        self._until = time.monotonic() + for_s
        self._guard = threading.Lock()
        self._photos: set[Photo] = set()
        self._timer = threading.Timer(for_s, self.withdraw)
        self._timer.daemon = True
        self._timer.start()

    @property
    def given(self) -> bool:
        """Whether it holds now."""
        return time.monotonic() < self._until

    def withdraw(self) -> None:
        """End it, and wipe what was taken under it."""
        self._timer.cancel()
        with self._guard:
            self._until = 0.0
            photos, self._photos = self._photos, set()
        for photo in photos:
            photo.wipe()

    def covers(self, photo: Photo) -> bool:
        """Take `photo` under this consent; False where it has ended, and the photo is wiped."""
        with self._guard:
            if self.given:
                self._photos.add(photo)
                return True
        photo.wipe()
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.withdraw()

    def __repr__(self) -> str:
        return f"Consent({self.purpose!r}, given={self.given})"


class Photo:
    """A picture of a person, in memory only; it can be neither copied, pickled nor printed.

    `width` and `height` in pixels. Wiped with its consent, with `wipe`, or at the end of its `with` block.
    """

    def __init__(self, frame: Frame) -> None:
        self.height, self.width = (int(side) for side in frame.colours.shape[:2])
        self._frame = frame
        self._wiped = False

    @property
    def wiped(self) -> bool:
        """Whether nothing is left of it."""
        return self._wiped

    def rgb(self) -> bytearray:
        """Red, green, blue, row by row; the caller wipes it. Raises ConsentEnded."""
        import cv2

        turned = cv2.cvtColor(self._kept(), cv2.COLOR_BGR2RGB)
        data = bytearray(turned.data)
        turned[:] = 0
        return data

    def jpeg(self) -> bytearray:
        """The picture as JPEG, made in memory; the caller wipes it. Raises ConsentEnded."""
        import cv2

        _, packed = cv2.imencode(".jpg", self._kept(), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        data = bytearray(packed.data)
        packed[:] = 0
        return data

    def wipe(self) -> None:
        """Overwrite it."""
        self._wiped = True
        self._frame.wipe()

    def _kept(self) -> Any:
        if self._wiped:
            raise ConsentEnded("the picture was wiped")
        return self._frame.colours

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "Photo(***)"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise TypeError("a person's picture stays where it is")


class Camera(CameraDevice):
    """A camera as a picture source; with `wait_for` good, pictures in bad light or focus are passed over."""

    kind: ClassVar[str] = "camera"
    type_name: ClassVar[str] = "camera"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        width: int = 1280,
        height: int = 720,
        fps: int = 15,
        exposure: int = 0,
        wait_for: Literal["any", "good"] = "good",
    ) -> None:
        super().__init__(name, port, width=width, height=height, fps=fps, exposure=exposure)
        self._good_only = wait_for == "good"

    # --- for callers -----------------------------------------------------------------------------

    async def take(self, consent: Consent, timeout_s: float) -> Result[Photo]:
        """Take a picture of the person who gave `consent`, within `timeout_s`.

        Fails with `camera.no_consent` where it has ended, also while the picture was waited for.
        """
        if not isinstance(consent, Consent) or not consent.given:
            return _refused()
        return await self.command(lambda cancel: self._take(consent, cancel), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Look at one picture, tell how good it is, and drop it."""
        return await self.command(self._try_out, TEST_WITHIN_S)

    # --- the worker's commands -------------------------------------------------------------------

    def _take(self, consent: Consent, cancel: Cancel) -> Result[Photo]:
        result = self._wait_for_picture(consent, cancel)
        if isinstance(result, Ok):
            self._count("pictures")
        return result

    def _wait_for_picture(self, consent: Consent, cancel: Cancel) -> Result[Photo]:
        with self._capture.wanted():
            seen = self._capture.number
            while not cancel.over:
                if not consent.given:
                    return _refused()
                frame = self._next(seen, cancel)
                if frame is None:
                    continue
                seen = frame.number
                if not self._is_good(frame):
                    frame.wipe()
                    continue
                photo = Photo(frame)
                return Ok(photo) if consent.covers(photo) else _refused()
        return cancel.failed()

    def _is_good(self, frame: Frame) -> bool:
        if not self._good_only:
            return True
        quality = self._judge(frame)
        return quality.brightness is Brightness.GOOD and quality.focus is not Focus.BLURRED

    def _try_out(self, cancel: Cancel) -> Result[TestReport]:
        frame = self._look(cancel.remaining() / 2)
        if frame is None:
            return Failed(Outcome.HARDWARE_ERROR, fault("camera.no_picture"))
        quality = self._judge(frame)
        height, width = frame.colours.shape[:2]
        frame.wipe()
        facts = {"brightness": quality.brightness.value, "focus": quality.focus.value}
        lines = (
            f"A picture of {width}x{height} pixels, which was not kept.",
            f"Light {quality.brightness}, focus {quality.focus}.",
        )
        return Ok(TestReport(facts, lines))


def _refused() -> Failed:
    return Failed(Outcome.USER_ERROR, fault("camera.no_consent"))
