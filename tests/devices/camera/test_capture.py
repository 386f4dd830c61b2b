"""The stream of a camera: only the newest frame counts, and a driver that hangs blocks nobody."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.camera import capture as capturing
from devices.camera.capture import CameraProblem, Capture, Wish
from devices.simulators.camera import CameraSimulator
from tests.devices.camera.stand import WITHIN_S, film

WISH = Wish(640, 480, 15)


class Source:
    """A driver under the test's hand: a frame comes when it is let come."""

    def __init__(self) -> None:
        self.let = threading.Semaphore(0)
        self.taken = 0
        self.unpacked = 0
        self.released = threading.Event()

    def grab(self) -> bool:
        self.let.acquire()
        self.taken += 1
        return True

    def retrieve(self) -> tuple[bool, Any]:
        self.unpacked += 1
        return True, np.full((4, 4, 3), self.taken, np.uint8)

    def release(self) -> None:
        self.released.set()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    made = Source()
    monkeypatch.setattr(capturing, "_source", lambda address, wish: made)
    return made


def let_come(source: Source, capture: Capture, number: int) -> None:
    """Let frames come until the capture has `number` of them."""
    source.let.release(number - capture.number)
    deadline = time.monotonic() + WITHIN_S
    with capture._changed:
        assert capture._changed.wait_for(
            lambda: capture._number >= number, deadline - time.monotonic()
        )


def opened(source: Source) -> Capture:
    source.let.release()
    return Capture.open("rtsp://camera.invalid/1", WISH, WITHIN_S)


def test_frames_that_came_meanwhile_are_skipped(source: Source) -> None:
    capture = opened(source)
    with capture.wanted():
        # GIVEN five frames that came while nobody looked
        let_come(source, capture, 6)
        # THEN only the newest is seen, and none twice
        frame = capture.newer(1, WITHIN_S)
        assert frame is not None
        assert (frame.number, int(frame.colours[0, 0, 0])) == (6, 6)
        assert capture.newer(6, 0.0) is None
    source.let.release()
    capture.close()


def test_what_nobody_wants_is_neither_unpacked_nor_kept(source: Source) -> None:
    capture = opened(source)
    let_come(source, capture, 4)
    assert source.unpacked == 0
    with capture.wanted():
        let_come(source, capture, 5)
        with capture._changed:
            kept = capture._newest
    # a frame that was not fetched is overwritten when the looking ends
    assert kept is not None
    assert not kept.colours.any()
    assert capture.newer(0, 0.0) is None
    source.let.release()
    capture.close()


def test_a_driver_that_hangs_in_opening_blocks_nobody(source: Source) -> None:
    # GIVEN a driver whose first frame never comes
    with pytest.raises(CameraProblem) as hung:
        Capture.open("rtsp://camera.invalid/1", WISH, within_s=0.05)
    assert hung.value.code == "camera.hanging"
    # WHEN it returns after all
    assert not source.released.is_set()
    source.let.release()
    # THEN its thread lets go of the camera
    assert source.released.wait(WITHIN_S)


def test_a_driver_that_hangs_later_is_left_behind(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capturing, "END_WITHIN_S", 0.05)
    capture = opened(source)
    # GIVEN a driver that hangs, WHEN it is closed, THEN that returns and tells so
    assert capture.close() is False
    # and the address is free for another try at once
    better = Source()
    monkeypatch.setattr(capturing, "_source", lambda address, wish: better)
    again = opened(better)
    better.let.release(10)
    again.close()
    # WHEN the driver returns, THEN its thread ends by itself
    assert not source.released.is_set()
    source.let.release()
    assert source.released.wait(WITHIN_S)


def test_an_address_belongs_to_one_at_a_time(source: Source) -> None:
    capture = opened(source)
    with pytest.raises(OSError, match="held") as refused:
        opened(source)
    assert refused.value.errno == errno.EBUSY
    source.let.release(10)
    capture.close()


def test_a_device_file_is_held_by_flock(source: Source, tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    source.let.release()
    capture = Capture.open(str(node), WISH, WITHIN_S)
    with pytest.raises(BlockingIOError):
        Capture.open(str(node), WISH, WITHIN_S)
    source.let.release(10)
    capture.close()


def test_a_camera_that_is_not_there_is_told_by_its_errno(tmp_path: Path) -> None:
    for address in (str(tmp_path / "video9"), f"file:{tmp_path}/none.avi"):
        with pytest.raises(FileNotFoundError):
            Capture.open(address, WISH)


def test_a_file_that_is_no_film_gives_no_picture(tmp_path: Path) -> None:
    (tmp_path / "film.avi").write_bytes(b"nothing of the kind" * 50)
    with pytest.raises(CameraProblem) as failed:
        Capture.open(f"file:{tmp_path}/film.avi", WISH)
    assert failed.value.code == "camera.no_picture"


def test_a_node_that_is_no_camera_gives_no_picture() -> None:
    with pytest.raises(CameraProblem) as failed:
        Capture.open("/dev/null", WISH)
    assert failed.value.code == "camera.no_picture"


def test_a_network_camera_that_does_not_answer_is_a_broken_connection() -> None:
    with CameraSimulator() as simulator:
        simulator.unplug()
        with pytest.raises(ConnectionRefusedError):
            Capture.open(simulator.port, WISH)


def test_a_film_begins_anew_at_its_end(tmp_path: Path) -> None:
    capture = Capture.open(film(tmp_path / "film.avi", "1" * 18, frames=3), WISH, WITHIN_S)
    with capture.wanted():
        frame = capture.newer(7, WITHIN_S)
    assert frame is not None
    assert frame.number > 7
    assert not capture.living
    capture.close()


@pytest.mark.parametrize("situation", ["cut", "unplugged"])
def test_a_stream_that_ends_is_a_lost_camera(situation: str) -> None:
    with CameraSimulator() as simulator:
        capture = Capture.open(simulator.port, WISH, WITHIN_S)
        if situation == "cut":
            simulator.set_situation("cut")
        else:
            simulator.unplug()
        with pytest.raises(OSError, match="no more frames"):
            until_it_ends(capture)
        capture.close()


def until_it_ends(capture: Capture) -> None:
    """Take frames until there are no more."""
    with capture.wanted():
        while capture.newer(capture.number, WITHIN_S) is not None:
            continue


def test_a_network_cameras_frames_are_unpacked_by_us_and_only_those_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a camera that sends motion JPEG, and who counts what is unpacked
    import cv2

    unpack, unpacked = cv2.imdecode, []

    def count(packet: Any, how: int) -> Any:
        unpacked.append(len(packet.tobytes()))
        return unpack(packet, how)

    monkeypatch.setattr(cv2, "imdecode", count)
    with CameraSimulator() as simulator:
        capture = Capture.open(simulator.port, WISH, WITHIN_S)
        # WHEN frames come that nobody wants
        with capture._changed:
            assert capture._changed.wait_for(lambda: capture._number >= 4, WITHIN_S)
        # THEN none is unpacked, and the first that is wanted is a whole picture
        assert unpacked == []
        with capture.wanted():
            frame = capture.newer(capture.number, WITHIN_S)
        assert frame is not None
        assert frame.colours.shape == (480, 640, 3)
        assert len(unpacked) >= 1
        capture.close()
