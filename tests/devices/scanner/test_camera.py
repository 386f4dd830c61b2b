"""The camera as a scanner, in front of its simulator."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from devices import open_device
from devices.camera import capture as capturing
from devices.camera import device as cameras
from devices.camera import quality as judging
from devices.camera.quality import Brightness, Focus, Quality
from devices.registry import BadSetting
from devices.scanner import camera as scanning
from devices.scanner.camera import CameraScanner, better_exposure
from devices.scanner.codes import CodeKind
from devices.simulators import camera as simulated
from devices.simulators.camera import CameraSimulator
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.camera.stand import SCAN_S, SHORT_S, Stand, film, stand, until

WECHAT = "130000000000000001"
ALIPAY = "2812345678901234"
LIMITS = ("BLACK_FOR_S", "BLURRED_FOR_S", "FROZEN_FOR_S")


def scanner(port: str) -> CameraScanner:
    return CameraScanner("scanner", port)


@pytest.fixture
def at() -> Iterator[Stand]:
    with stand(scanner) as made:
        yield made


@pytest.fixture
def polled_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lasts is told soon."""
    monkeypatch.setattr(cameras.CameraDevice, "poll_interval_s", 0.05)
    for limit in LIMITS:
        monkeypatch.setattr(judging, limit, 0.2)


async def test_a_code_held_before_it_is_read_and_the_looking_ends(at: Stand) -> None:
    # GIVEN a scanner that does not look while nobody asks
    await at.online()
    assert at.camera.health().facts["light"] == "off"
    # WHEN a code is shown during a scan
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await at.fact("light", "on")
    at.show(WECHAT)
    result = await scan
    # THEN it is read, and nothing is looked at or kept any more
    assert isinstance(result, Ok)
    assert (result.value.kind, result.value.text) == (CodeKind.PAYMENT, WECHAT)
    assert at.camera.health().facts["light"] == "off"
    assert at.camera.preview() is None
    assert at.camera._capture._newest is None
    assert at.counted("reads") == 1


async def test_a_code_that_was_taken_away_before_the_scan_is_not_read(at: Stand) -> None:
    # GIVEN a code that was shown while nobody asked
    await at.online()
    at.show(ALIPAY)
    frames = at.simulator.frames
    await until(lambda: at.simulator.frames > frames + 2)
    assert at.simulator.control({"do": "take"})["ok"]
    frames = at.camera._capture.number
    await until(lambda: at.camera._capture.number > frames + 2)
    # WHEN a scan is asked for and another shown
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    at.show(WECHAT)
    result = await scan
    # THEN that one is read
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_without_a_code_the_scan_times_out(at: Stand) -> None:
    await at.online()
    result = await at.camera.scan(SHORT_S)
    assert isinstance(result, Failed)
    assert (result.outcome, result.fault.code) == (Outcome.TIMEOUT, "device.timeout")
    assert at.camera.health().facts["light"] == "off"


async def test_cancelling_ends_the_looking_before_it_returns(at: Stand) -> None:
    await at.online()
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await at.fact("light", "on")
    scan.cancel()
    await asyncio.wait({scan}, timeout=SCAN_S / 2)
    assert scan.cancelled()
    assert at.camera.health().facts["light"] == "off"
    assert at.camera.preview() is None


async def test_a_code_with_control_characters_is_passed_over(at: Stand) -> None:
    # GIVEN a code that would press keys
    await at.online()
    at.show("13000000\x1b[A0000000001")
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await until(lambda: at.counted("refused") >= 1)
    # WHEN a proper one is shown in the same scan, THEN that is read
    at.show(WECHAT)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_a_scan_that_saw_only_such_codes_says_so(at: Stand) -> None:
    await at.online()
    at.show("13000000\x1b[A0000000001")
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await until(lambda: at.counted("refused") >= 1)
    at.clock.leap(SCAN_S)
    result = await scan
    assert isinstance(result, Failed)
    assert (result.fault.code, result.fault.detail) == ("scanner.unreadable", "control")


async def test_the_screen_can_show_what_it_sees(at: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a scan that goes on when a code was seen, for the test to look at
    shown = []
    keep = CameraScanner._show
    monkeypatch.setattr(CameraScanner, "_show", lambda s, p: (shown.append(p), keep(s, p))[1])
    await at.online()
    at.show(WECHAT)
    assert isinstance(await at.camera.scan(SCAN_S), Ok)
    # THEN there was a small picture with the code's outline in it, and none is left
    preview = shown[-2]
    assert shown[-1] is None
    assert (preview.width, preview.height) == (320, 240)
    rgb = np.frombuffer(preview.rgb, np.uint8).reshape(240, 320, 3)
    (left, top), (right, _), (_, bottom), _ = preview.outline
    inside = rgb[int(top * 240) : int(bottom * 240), int(left * 320) : int(right * 320)]
    assert inside.std() > 60
    assert 0.1 < right - left < 0.9
    # and it does not show in logs
    assert "rgb" not in repr(preview)


async def test_only_the_region_is_looked_at() -> None:
    # GIVEN a scanner that looks at a corner without the code
    with stand(lambda port: CameraScanner("s", port, region=(0, 0, 0.3, 0.3))) as at:
        await at.online()
        at.show(WECHAT)
        # THEN it reads none
        assert isinstance(await at.camera.scan(SHORT_S), Failed)


@pytest.mark.parametrize("situation", ["dark", "bright", "blurred"])
async def test_in_bad_light_and_focus_a_code_is_still_read(situation: str) -> None:
    with stand(scanner, situation) as at:
        await at.online()
        at.show(WECHAT)
        result = await at.camera.scan(SCAN_S)
        assert isinstance(result, Ok)
        assert result.value.text == WECHAT


# --- what its pictures say of it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "act", "usable"),
    [("black", Act.CLEAR, False), ("frozen", Act.RESET, False), ("blurred", Act.CLEAR, True)],
)
@pytest.mark.usefixtures("polled_often")
async def test_a_camera_that_sees_nothing_of_use_is_at_fault_until_it_does(
    at: Stand, situation: str, act: Act, usable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.online()
    # WHEN its picture is bad for a while
    at.simulator.set_situation(situation)
    health = await at.fault(f"camera.{situation}")
    for limit in LIMITS:  # from here on nothing else is amiss, however late a frame comes
        monkeypatch.setattr(judging, limit, SCAN_S)
    # THEN that says who must act, and a scan says so at once where it is of no use
    assert health.fault.act is act
    assert health.usable is usable
    if not usable:
        result = await at.camera.scan(SCAN_S)
        assert isinstance(result, Failed)
        assert result.fault.code == f"camera.{situation}"
    # and when it is good again, all is well by itself
    at.simulator.set_situation("normal")
    await until(lambda: at.camera.health().fault is None)
    assert at.camera.health().state is DeviceState.ONLINE
    at.show(WECHAT)
    assert isinstance(await at.camera.scan(SCAN_S), Ok)


@pytest.mark.usefixtures("polled_often")
async def test_a_frozen_camera_is_opened_anew(at: Stand) -> None:
    await at.online()
    at.simulator.set_situation("frozen")
    await until(lambda: at.counted("reopened") >= 1)
    assert at.counted("lost") == 0


async def test_light_and_focus_are_facts(at: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras.CameraDevice, "poll_interval_s", 0.05)
    await at.online()
    facts = at.camera.health().facts
    assert (facts["brightness"], facts["focus"], facts["exposure"]) == ("good", "sharp", "keep")
    assert facts["picture"] == "640x480"
    for situation, exposure in (("dark", "longer"), ("bright", "shorter")):
        at.simulator.set_situation(situation)
        await at.fact("brightness", situation)
        assert at.camera.health().facts["exposure"] == exposure


def test_the_exposure_follows_the_light() -> None:
    levels = (Brightness.DARK, Brightness.GOOD, Brightness.BRIGHT, Brightness.BLACK)
    dark, good, bright, black = (Quality(level, Focus.SHARP, 0) for level in levels)
    # what is good, or black, is left alone; in the dark the camera's own way is the best
    assert [better_exposure(0, q) for q in (good, black, dark)] == [0, 0, 0]
    assert better_exposure(0, bright) == scanning.EXPOSE_FIRST
    assert better_exposure(100, bright) == 50
    assert better_exposure(100, dark) == 200
    assert better_exposure(scanning.EXPOSE_LEAST, bright) == scanning.EXPOSE_LEAST
    assert better_exposure(scanning.EXPOSE_MOST, dark) == scanning.EXPOSE_MOST


async def test_a_scan_in_glaring_light_sets_the_exposure(
    at: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN the sun in the camera, and a scan that judges each frame
    monkeypatch.setattr(scanning, "JUDGE_EVERY_S", 0.0)
    await at.online()
    at.simulator.set_situation("bright")
    asked: list[int] = []
    monkeypatch.setattr(capturing.Capture, "expose", lambda self, value: asked.append(value))
    # WHEN it looks for a while
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await until(lambda: len(asked) >= 3)
    scan.cancel()
    await asyncio.wait({scan})
    # THEN each wish is shorter than the one before
    assert asked[:3] == [100, 50, 25]


# --- plugging and hanging --------------------------------------------------------------------------------


async def test_unplugged_during_a_scan_and_back(at: Stand) -> None:
    await at.online()
    scan = asyncio.ensure_future(at.camera.scan(SCAN_S))
    await at.fact("light", "on")
    # WHEN the cable is pulled
    at.simulator.unplug()
    result = await scan
    # THEN the scan fails as a device that is gone, and so does the next
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.DEVICE_NOT_READY
    await until(lambda: at.camera.health().state is DeviceState.OFFLINE)
    assert at.camera.health().facts["brightness"] == "unknown"
    assert isinstance(await at.camera.scan(SCAN_S), Failed)
    # WHEN it is put back, THEN a code is read without a restart
    at.simulator.replug()
    await at.online()
    at.show(WECHAT)
    assert isinstance(await at.camera.scan(SCAN_S), Ok)
    assert at.counted("lost") == 1


@pytest.mark.parametrize("situation", ["silent", "garbage"])
async def test_a_camera_that_sends_no_picture_says_so(
    monkeypatch: pytest.MonkeyPatch, situation: str
) -> None:
    monkeypatch.setattr(capturing, "NETWORK_TIMEOUT_MS", 500)
    with stand(scanner, situation) as at:
        health = await at.fault("camera.no_picture")
        assert health.fault.act is Act.MAINTENANCE
        assert health.state is DeviceState.HARDWARE_ERROR
        # and comes online by itself when it does
        at.simulator.set_situation("normal")
        await at.online()


async def test_a_slow_camera_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "SLOW_S", 0.7)
    with stand(scanner, "slow") as at:
        await at.online()
        at.show(WECHAT)
        assert isinstance(await at.camera.scan(SCAN_S), Ok)


async def test_a_camera_that_hangs_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a camera whose driver never returns from opening
    released = threading.Event()

    def hangs(*_: object) -> object:
        released.wait()
        raise OSError("given up")

    monkeypatch.setattr(capturing, "_source", hangs)
    monkeypatch.setattr(capturing, "END_WITHIN_S", 0.05)
    monkeypatch.setattr(capturing.Capture.open.__func__, "__defaults__", (0.1,))
    camera = scanner("rtsp://camera.invalid/1")
    camera.start()
    # THEN it says so, a scan fails at once, and closing returns
    await until(lambda: (at := camera.health().fault) is not None and at.code == "camera.hanging")
    assert isinstance(await camera.scan(SCAN_S), Failed)
    camera.close()
    released.set()


async def test_a_camera_that_is_not_plugged_in_is_no_device(tmp_path: Path) -> None:
    camera = scanner(str(tmp_path / "video0"))
    camera.start()
    await until(lambda: camera.health().state is DeviceState.NO_DEVICE)
    assert camera.health().fault.code == "port.missing"
    camera.close()


async def test_a_second_program_is_told_that_it_is_busy(at: Stand) -> None:
    await at.online()
    second = scanner(at.simulator.port)
    second.start()
    await until(lambda: second.health().fault is not None)
    assert second.health().fault.code == "port.busy"
    second.close()
    assert at.camera.health().usable


async def test_a_film_is_a_camera_too(tmp_path: Path) -> None:
    port = film(tmp_path / "film.avi", WECHAT)
    camera = open_device("camera-scanner", name="scanner", port=port)
    camera.start()
    await until(lambda: camera.health().usable)
    result = await camera.scan(SCAN_S)
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT
    camera.close()


async def test_its_test_tells_what_it_sees(at: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "TRY_S", 0.6)
    await at.online()
    nothing = await at.camera.test()
    assert isinstance(nothing, Ok)
    assert nothing.value.facts == {"code": "none"}
    at.show(WECHAT)
    monkeypatch.setattr(scanning, "TRY_S", SCAN_S)
    read = await at.camera.test()
    assert isinstance(read, Ok)
    assert read.value.facts == {"code": "read"}
    assert read.value.lines[-1] == "A code of 18 characters was read."


async def test_no_code_is_in_what_it_tells_of_itself(at: Stand) -> None:
    await at.online()
    at.show(WECHAT)
    result = await at.camera.scan(SCAN_S)
    assert isinstance(result, Ok)
    for told in (*at.told, at.camera.health(), result):
        assert WECHAT[:8] not in repr(told)


@pytest.mark.parametrize("region", [(0, 0, 2, 1), (0.5, 0, 0.4, 1), (0, 0, 1), "left"])
def test_a_wrong_region_is_named(region: object) -> None:
    with pytest.raises(BadSetting, match="region"):
        CameraScanner("scanner", "/dev/video0", region=region)


# --- the simulator -----------------------------------------------------------------------------------


def test_the_simulator_answers_mistakes_in_words() -> None:
    with CameraSimulator() as simulator:
        for request in ({"do": "show"}, {"do": "show", "text": ""}, {"do": "dance"}):
            answer = simulator.control(request)
            assert answer["ok"] is False
            assert answer["error"]
        too_much = simulator.control({"do": "show", "text": "x" * 4000})
        assert too_much["ok"] is False
        assert simulator.control({"do": "state"})["shown"] is False


async def test_the_simulator_tells_who_watches(at: Stand) -> None:
    await at.online()
    state = at.simulator.control({"do": "state"})
    assert (state["watching"], state["situation"], state["plugged"]) == (1, "normal", True)
    assert state["frames"] >= 1
