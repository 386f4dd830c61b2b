"""A simulated network camera: motion JPEG over HTTP, which OpenCV opens like any other.

Control requests of its own: `{"do": "show", "text": ...}` holds a code in front of it, at once and until
`{"do": "take"}`. `state` tells how many frames it has sent and how many watch it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices.simulators.frames import plain_frame, wall_frame
from devices.simulators.ipp_http import BadHttp, HttpReader
from devices.simulators.service import Link, Service

if TYPE_CHECKING:
    import numpy as np

    from devices.simulators.frames import Picture

PATH = "/stream.mjpg"

WIDTH, HEIGHT = 640, 480

FPS = 8
"""A slow camera: the terminal next to it has two processors."""

SLOW_S = 1.0
"""The same where each frame takes long."""

JPEG_QUALITY = 80

NOISE = 2.0
"""Standard deviation of its sensor's noise in grey levels."""

BLUR_SIGMA = 6.0
DARK_SHARE = 0.08
BRIGHT_GAIN = 2.5

BOUNDARY = "picture"
HEAD = (
    "HTTP/1.0 200 OK\r\nCache-Control: no-store\r\n"
    f"Content-Type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\r\n"
).encode()
NOT_FOUND = b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"

GARBAGE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 4
"""What begins as a JPEG and is none."""


class CameraSituation(StrEnum):
    """What can be wrong with the camera."""

    NORMAL = "normal"
    BLACK = "black"  # its lens is covered
    DARK = "dark"  # the hall's light is off
    BRIGHT = "bright"  # the sun shines into it
    BLURRED = "blurred"  # its lens is smeared
    FROZEN = "frozen"  # it sends the same picture again and again
    SLOW = "slow"  # a picture a second
    SILENT = "silent"  # it takes the call and sends nothing
    GARBAGE = "garbage"  # it sends what is no picture
    CUT = "cut"  # it hangs up in the middle of each picture


class CameraSimulator(Service):
    """A camera at an HTTP address."""

    situations = CameraSituation

    def __init__(
        self,
        *,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        super().__init__(tcp=tcp, link=link, control=control, situation=situation)
        self._text = ""
        self._scene: Picture | None = None
        self._sent: bytes | None = None
        self._chance: np.random.Generator | None = None
        self._watched = False
        self.frames = 0

    # --- the hand ----------------------------------------------------------------------------------

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "show":
            text = given.get("text")
            if not isinstance(text, str) or not text:
                raise ValueError('show wants "text"')
            self._face(text)
        elif do == "take":
            self._face("")
        else:
            return super().request(do, given)
        return {}

    def state(self) -> dict[str, Any]:
        return {"shown": bool(self._text), "frames": self.frames, "watching": self.connections}

    def situation_changed(self) -> None:
        if self.situation is not CameraSituation.FROZEN:
            self._sent = None

    def _face(self, text: str) -> None:
        """Look at a code, or at the wall. Raises ValueError for a text that no code holds."""
        drawn = plain_frame(text, width=WIDTH, height=HEIGHT) if text else None
        self._text, self._scene = text, drawn

    # --- the network -------------------------------------------------------------------------------

    def address(self, host: str, port: int) -> str:
        return f"http://{host}:{port}{PATH}"

    def opened(self, link: Link) -> _Viewer:
        return _Viewer(link, self)

    def watch(self) -> None:
        """Send pictures from now on, while anybody looks."""
        if not self._watched:
            self._watched = True
            self._send_picture()

    def _send_picture(self) -> None:
        if not self.connections:
            self._watched = False
            return
        slow = self.situation is CameraSituation.SLOW
        self.after(SLOW_S if slow else 1 / FPS, self._send_picture)
        if self.situation is CameraSituation.SILENT:
            return
        part = self._part()
        self.frames += 1
        cut = self.situation is CameraSituation.CUT
        for link in tuple(self._links):
            viewer = link.conversation
            if isinstance(viewer, _Viewer) and viewer.looks and not link.behind:
                link.send(part[: len(part) // 2] if cut else part, hang_up=cut)

    def _part(self) -> bytes:
        garbage = self.situation is CameraSituation.GARBAGE
        picture = GARBAGE if garbage else self._picture()
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        return head.encode() + picture + b"\r\n"

    def _picture(self) -> bytes:
        import cv2

        if self.situation is CameraSituation.FROZEN and self._sent is not None:
            return self._sent
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        _, packed = cv2.imencode(".jpg", self._seen(), quality)
        self._sent = packed.tobytes()
        return self._sent

    def _seen(self) -> Picture:
        """What the sensor sees of the scene now."""
        import cv2
        import numpy as np

        if self._chance is None:
            self._chance = np.random.default_rng(1)
        if self._scene is None:
            self._scene = wall_frame(self._chance, width=WIDTH, height=HEIGHT)
        seen = self._scene.astype(np.float32)
        if self.situation is CameraSituation.BLACK:
            return np.zeros((HEIGHT, WIDTH), np.uint8)
        if self.situation is CameraSituation.BLURRED:
            seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), BLUR_SIGMA), np.float32)
        light = {CameraSituation.DARK: DARK_SHARE, CameraSituation.BRIGHT: BRIGHT_GAIN}
        seen = seen * light.get(CameraSituation(self.situation), 1.0)
        noise = self._chance.standard_normal(seen.shape, np.float32) * NOISE
        return np.asarray(np.clip(seen + noise, 0, 255), np.uint8)


class _Viewer:
    """Somebody who looks, once they have asked for the stream."""

    def __init__(self, link: Link, camera: CameraSimulator) -> None:
        self._link = link
        self._camera = camera
        self._reader = HttpReader(link.send)
        self.looks = False

    def received(self, data: bytes) -> None:
        """Answer a request: the stream, or that there is none."""
        try:
            requests = self._reader.feed(data)
        except BadHttp:
            self._link.close()
            return
        for request in requests:
            if request.path != PATH:
                self._link.send(NOT_FOUND, hang_up=True)
            elif not self.looks:
                self.looks = True
                self._link.send(HEAD)
                self._camera.watch()
