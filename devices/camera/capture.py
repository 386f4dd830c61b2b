"""A camera as its newest frame: a thread takes what comes and keeps only the last.

Whoever is slower than the camera never sees an old picture, and a driver that hangs keeps its own
thread only. Frames stay in memory; one that nobody wants is not even unpacked.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from devices.serial_port import claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Colours = NDArray[np.uint8]

OPEN_WITHIN_S = 10.0
"""A USB camera starts in one or two seconds, a network camera in four."""

FRAME_WITHIN_S = 5.0
"""A camera in the dark exposes for a fifth of a second; one that sends nothing for so long hangs."""

NETWORK_TIMEOUT_MS = 4000
"""FFmpeg gives a silent network camera up before we give its thread up."""

END_WITHIN_S = 1.0
"""How long closing waits for the thread, which looks after each frame; one that hangs ends by itself."""

CALL_WITHIN_S = 2.0
"""How long a network camera may take to answer a call at all, looked at only when it did not open."""

FILE_FPS = 25.0
"""The pace of a film that tells none."""

FILE = "file:"

USUAL_PORTS = {"rtsp": 554, "http": 80, "https": 443}


class CameraProblem(OSError):
    """A camera that is there and gives no picture: `code` is the fault's (devices/faults.py)."""

    def __init__(self, code: str) -> None:
        super().__init__(errno.EIO, code)
        self.code = code


class Hold(Protocol):
    """What keeps an address for this program until it is closed."""

    def close(self) -> None:
        """Let go."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a camera; it does what it can. `exposure` in 100 µs, 0 for automatic (V4L2)."""

    width: int
    height: int
    fps: int
    exposure: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, blue green red, its number since the camera was opened, and when it came."""

    colours: Colours = field(repr=False)
    number: int
    at: float

    def wipe(self) -> None:
        """Overwrite the picture."""
        self.colours[:] = 0


class Capture:
    """An open camera at `address`: a device file, `file:PATH`, or an rtsp:// or http:// URL."""

    def __init__(self, address: str, wish: Wish, hold: Hold | None) -> None:
        self._address = address
        self._hold = hold
        self._wish = wish
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._number = 0
        self._wanted = 0
        self._exposure: int | None = None
        self._opened = False
        self._ended = False
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._run, name=f"capture {address}", daemon=True)

    @classmethod
    def open(cls, address: str, wish: Wish, within_s: float = OPEN_WITHIN_S) -> Capture:
        """Open the camera. Raises OSError: ENOENT, EACCES or EBUSY by the address, CameraProblem."""
        capture = cls(address, wish, _hold(address))
        capture._thread.start()
        with capture._changed:
            capture._changed.wait_for(lambda: capture._opened or capture._problem, within_s)
            problem = capture._problem
            if problem is None and not capture._opened:
                problem = CameraProblem("camera.hanging")
        if problem is not None:
            capture.close()
            raise problem
        return capture

    @property
    def living(self) -> bool:
        """Whether a sensor makes the pictures, and no film does."""
        return not self._address.startswith(FILE)

    @property
    def number(self) -> int:
        """How many frames have come since it was opened."""
        with self._changed:
            return self._number

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Within it every frame is unpacked; outside of it none, and none is kept."""
        with self._changed:
            self._wanted += 1
        try:
            yield
        finally:
            with self._changed:
                self._wanted -= 1
                if not self._wanted and self._newest is not None:
                    self._newest.wipe()
                    self._newest = None

    def newer(self, than: int, within_s: float) -> Frame | None:
        """The newest frame, once its number is above `than`; None where none came `within_s`.

        The caller's own from then on. Wanted only within `wanted`. Raises OSError when the camera is
        gone.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._problem or (self._newest and self._newest.number > than), within_s
            )
            if self._problem is not None:
                raise self._problem
            frame, self._newest = self._newest, None
            return frame if frame is not None and frame.number > than else None

    def expose(self, exposure: int) -> None:
        """Expose for `exposure` times 100 µs from the next frame on; 0 is automatic."""
        with self._changed:
            self._exposure = exposure

    def close(self) -> bool:
        """Let go of the camera; False where its driver hangs, whose thread ends when it returns."""
        with self._changed:
            self._ended = True
            self._newest = None
        self._thread.join(END_WITHIN_S)
        if self._hold is not None:
            self._hold.close()
        return not self._thread.is_alive()

    # --- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._take_all()
        except OSError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - what OpenCV raises is no OSError
            self._end(OSError(errno.EIO, type(error).__name__))

    def _take_all(self) -> None:
        source = _source(self._address, self._wish)
        try:
            pace = _pace(source) if self._address.startswith(FILE) else 0.0
            while not self._ended:
                self._set_exposure(source)
                begun = time.monotonic()
                self._take(source)
                if pace:
                    time.sleep(max(0.0, begun + pace - time.monotonic()))
        finally:
            source.release()

    def _take(self, source: Any) -> None:
        if not source.grab() and not _again(source, self._address):
            raise (
                OSError(errno.EIO, "no more frames") if self._opened else _no_picture(self._address)
            )
        with self._changed:
            self._number += 1
            wanted, number = self._wanted > 0, self._number
        unpacked = source.retrieve() if wanted else None
        with self._changed:
            if unpacked is not None and unpacked[0] and self._wanted and not self._ended:
                self._newest = Frame(unpacked[1], number, time.monotonic())
            self._opened = True
            self._changed.notify_all()

    def _set_exposure(self, source: Any) -> None:
        with self._changed:
            exposure, self._exposure = self._exposure, None
        if exposure is not None:
            _expose(source, exposure)

    def _end(self, error: OSError) -> None:
        with self._changed:
            self._problem = error
            self._changed.notify_all()


class _Node:
    """A device file held by flock: V4L2 itself lets a second program in."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        os.close(self._descriptor)


def _hold(address: str) -> Hold | None:
    """Hold the address for this program alone; a film may be watched by many. Raises OSError."""
    if address.startswith(FILE):
        os.stat(address.removeprefix(FILE))
        return None
    return _Node(address) if address.startswith("/") else claim(address)


def _no_picture(address: str) -> OSError:
    """Why there is no picture: nobody answers there, or a camera that sends none."""
    if not address.startswith(("/", FILE)):
        at = urlsplit(address)
        where = (at.hostname or "", at.port or USUAL_PORTS.get(at.scheme, 0))
        try:
            socket.create_connection(where, CALL_WITHIN_S).close()
        except OSError as error:
            return error
    return CameraProblem("camera.no_picture")


def _source(address: str, wish: Wish) -> Any:
    """The camera as OpenCV opens it. Raises OSError."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # it writes to standard error by itself
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    if address.startswith("/"):
        source = cv2.VideoCapture(os.path.realpath(address), cv2.CAP_V4L2)
        source.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # raw takes USB 2's width
        source.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width)
        source.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height)
        source.set(cv2.CAP_PROP_FPS, wish.fps)
        source.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if wish.exposure:
            _expose(source, wish.exposure)
    else:
        where = address.removeprefix(FILE)
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS,
        ]  # fmt: skip
        source = cv2.VideoCapture(where, cv2.CAP_FFMPEG, limits)
    if not source.isOpened():
        source.release()
        raise _no_picture(address)
    if not address.startswith(("/", FILE)) and _is_motion_jpeg(source):
        return _Packed(source)
    return source


def _is_motion_jpeg(source: Any) -> bool:
    """Whether each frame stands for itself. FFmpeg's name of the codec, or the stream's own tag."""
    import cv2

    tag = int(source.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True)
    return tag.lower() in (b"mjpe", b"mjpg")


class _Packed:
    """Motion JPEG over a network: FFmpeg unpacks each frame as it is grabbed, wanted or not, which is
    most of what an idle camera costs. So it hands over packets, and those wanted are unpacked here."""

    def __init__(self, source: Any) -> None:
        import cv2

        self._source = source
        self._packets = bool(source.set(cv2.CAP_PROP_FORMAT, -1))  # before the first frame

    def retrieve(self) -> tuple[bool, Any]:
        """The newest frame unpacked, as OpenCV's own `retrieve` has it."""
        import cv2

        there, packet = self._source.retrieve()
        if not there or not self._packets:
            return there, packet
        picture = cv2.imdecode(packet, cv2.IMREAD_COLOR)
        return picture is not None, picture

    def grab(self) -> bool:
        return bool(self._source.grab())

    def set(self, what: int, value: float) -> bool:
        return bool(self._source.set(what, value))

    def release(self) -> None:
        self._source.release()


def _expose(source: Any, exposure: int) -> None:
    """V4L2: auto_exposure 1 is manual and 3 automatic; the time is in 100 µs (V4L2 camera controls)."""
    import cv2

    source.set(cv2.CAP_PROP_AUTO_EXPOSURE, 1 if exposure else 3)
    if exposure:
        source.set(cv2.CAP_PROP_EXPOSURE, exposure)


def _pace(source: Any) -> float:
    import cv2

    fps = float(source.get(cv2.CAP_PROP_FPS))
    return 1 / (fps if 1 <= fps <= 120 else FILE_FPS)


def _again(source: Any, address: str) -> bool:
    """A film begins anew at its end."""
    import cv2

    if not address.startswith(FILE):
        return False
    source.set(cv2.CAP_PROP_POS_FRAMES, 0)
    if source.grab():
        return True
    return bool(source.open(address.removeprefix(FILE), cv2.CAP_FFMPEG) and source.grab())
