"""A person's picture: only with their consent, in memory only, gone when it ends."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.camera.capture import Frame
from devices.camera.source import Camera, Consent, ConsentEnded, Photo
from devices.registry import BadSetting
from devices.status import Failed, Ok, Outcome
from tests.devices.camera.stand import SCAN_S, SHORT_S, Stand, stand, until


@pytest.fixture
def at() -> Iterator[Stand]:
    with stand(lambda port: Camera("camera", port)) as made:
        yield made


def photo_of(level: int) -> Photo:
    return Photo(Frame(np.full((4, 6, 3), level, np.uint8), 1, 0.0))


async def test_with_consent_a_picture_is_taken_and_gone_when_it_ends(at: Stand) -> None:
    await at.online()
    # WHEN a picture is taken under a consent
    with Consent("face") as consent:
        result = await at.camera.take(consent, SCAN_S)
        assert isinstance(result, Ok)
        photo = result.value
        # THEN it is one, whole and encoded
        assert (photo.width, photo.height) == (640, 480)
        rgb = np.frombuffer(photo.rgb(), np.uint8).reshape(480, 640, 3)
        assert np.array_equal(rgb[:, :, ::-1], photo._frame.colours)
        unpacked = cv2.imdecode(np.frombuffer(photo.jpeg(), np.uint8), cv2.IMREAD_COLOR)
        assert unpacked.shape == (480, 640, 3)
        assert unpacked.std() > 10
        colours = photo._frame.colours
    # and nothing is left of it when the consent has ended
    assert photo.wiped
    assert not colours.any()
    for use in (photo.rgb, photo.jpeg):
        with pytest.raises(ConsentEnded):
            use()


async def test_without_consent_there_is_no_picture(at: Stand) -> None:
    await at.online()
    ended = Consent("face")
    ended.withdraw()
    for nothing in (ended, None, True, "yes"):
        result = await at.camera.take(nothing, SCAN_S)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.USER_ERROR, "camera.no_consent")
    assert at.counted("pictures") == 0


async def test_a_consent_withdrawn_while_one_waits_ends_the_waiting(at: Stand) -> None:
    # GIVEN a dark hall, in which a good picture is waited for
    await at.online()
    at.simulator.set_situation("dark")
    await at.fact("brightness", "dark")
    consent = Consent("face")
    taking = asyncio.ensure_future(at.camera.take(consent, SCAN_S))
    # WHEN the person says no after all
    await asyncio.wait({taking}, timeout=0.3)
    assert not taking.done()
    consent.withdraw()
    # THEN no picture was taken
    result = await taking
    assert isinstance(result, Failed)
    assert result.fault.code == "camera.no_consent"


async def test_only_a_good_picture_is_taken(at: Stand) -> None:
    # GIVEN a camera whose light is off
    await at.online()
    at.simulator.set_situation("dark")
    await at.fact("brightness", "dark")
    with Consent("face") as consent:
        # THEN no picture comes, and one comes when the light is on
        assert isinstance(await at.camera.take(consent, SHORT_S), Failed)
        at.simulator.set_situation("normal")
        assert isinstance(await at.camera.take(consent, SCAN_S), Ok)


async def test_any_picture_will_do_where_the_setting_says_so() -> None:
    with stand(lambda port: Camera("camera", port, wait_for="any"), "dark") as at:
        await at.online()
        with Consent("face") as consent:
            assert isinstance(await at.camera.take(consent, SCAN_S), Ok)


async def test_a_consent_ends_by_itself() -> None:
    consent = Consent("face", for_s=1.0)
    photo = photo_of(200)
    assert consent.covers(photo)
    await until(lambda: photo.wiped)
    assert not consent.given
    assert not consent.covers(late := photo_of(100))
    assert late.wiped


def test_a_consent_is_for_something() -> None:
    with pytest.raises(ValueError, match="purpose"):
        Consent("")


def test_a_picture_cannot_leave_memory_by_accident() -> None:
    photo = photo_of(123)
    assert repr(photo) == "Photo(***)"
    assert "123" not in repr(photo._frame)
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="stays"):
            leave(photo)
    with photo:
        assert photo.rgb() == bytearray([123]) * 72
    assert photo.wiped


async def test_its_test_tells_of_the_picture_and_keeps_none(at: Stand) -> None:
    await at.online()
    result = await at.camera.test()
    assert isinstance(result, Ok)
    assert result.value.facts == {"brightness": "good", "focus": "sharp"}
    assert "640x480" in result.value.lines[0]
    assert at.camera._capture._newest is None


async def test_nothing_is_written_while_pictures_are_taken(
    at: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN any writing of a picture to a file noticed
    def noticed(*_: object) -> bool:
        raise AssertionError("a picture was written")

    monkeypatch.setattr(cv2, "imwrite", noticed)
    monkeypatch.chdir(tmp_path)
    await at.online()
    # WHEN pictures are taken and tested
    with Consent("face") as consent:
        assert isinstance(await at.camera.take(consent, SCAN_S), Ok)
    assert isinstance(await at.camera.test(), Ok)
    # THEN nothing was
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("setting", "value"), [("width", 10), ("height", 9999), ("fps", 0), ("exposure", -1)]
)
def test_a_wrong_setting_is_named(setting: str, value: int) -> None:
    with pytest.raises(BadSetting, match=setting):
        Camera("camera", "/dev/video0", **{setting: value})
