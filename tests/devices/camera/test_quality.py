"""What a picture says of its camera, and when it becomes a fault."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.camera.quality import (
    BLACK_FOR_S,
    BLURRED_FOR_S,
    FROZEN_FOR_S,
    Brightness,
    Exposure,
    Focus,
    Quality,
    Watch,
    judge,
)
from devices.simulators.frames import Hardship, hard_frame, plain_frame

SHARP = plain_frame("130000000000000001", width=640, height=480)


def test_light_is_named_and_says_what_the_shutter_should_do() -> None:
    dim = (SHARP * 0.15).astype(np.uint8)
    drowned = np.clip(SHARP.astype(int) * 2 + 60, 0, 255).astype(np.uint8)
    black = np.random.default_rng(1).integers(0, 8, SHARP.shape).astype(np.uint8)
    told = [(q.brightness, q.exposure) for q in map(judge, (SHARP, dim, drowned, black))]
    assert told == [
        (Brightness.GOOD, Exposure.KEEP),
        (Brightness.DARK, Exposure.LONGER),
        (Brightness.BRIGHT, Exposure.SHORTER),
        (Brightness.BLACK, Exposure.LONGER),
    ]


@pytest.mark.parametrize(
    ("sigma", "focus"), [(0, "sharp"), (1.5, "sharp"), (6, "blurred"), (9, "blurred")]
)
def test_focus_is_told_by_the_edges(sigma: float, focus: str) -> None:
    blurred = cv2.GaussianBlur(SHARP, (0, 0), sigma) if sigma else SHARP
    grain = np.random.default_rng(1).normal(0, 2, SHARP.shape)
    assert judge(np.clip(blurred + grain, 0, 255).astype(np.uint8)).focus == focus


def test_a_small_dark_or_striped_code_is_not_called_blurred() -> None:
    for hardship in (Hardship.SMALL, Hardship.LOW_LIGHT, Hardship.MOIRE, Hardship.JPEG):
        frame = hard_frame("1" * 18, hardship, 3, np.random.default_rng(3))
        assert judge(frame).focus is not Focus.BLURRED


def test_a_wall_without_edges_tells_nothing_of_the_focus() -> None:
    assert judge(np.full((480, 640), 120, np.uint8)).focus is Focus.UNKNOWN


def seen(watch: Watch, quality: Quality, until: float, step: float = 0.5) -> str:
    """What the watch says after `quality` from 0 to `until`, each print its own."""
    code = ""
    for number in range(int(until / step) + 1):
        code = watch.seen(Quality(quality.brightness, quality.focus, number), number * step)
    return code


@pytest.mark.parametrize(
    ("quality", "code", "for_s"),
    [
        (Quality(Brightness.BLACK, Focus.UNKNOWN, 0), "camera.black", BLACK_FOR_S),
        (Quality(Brightness.GOOD, Focus.BLURRED, 0), "camera.blurred", BLURRED_FOR_S),
    ],
)
def test_only_what_lasts_is_a_fault(quality: Quality, code: str, for_s: float) -> None:
    assert seen(Watch(living=True), quality, for_s - 0.5) == ""
    assert seen(Watch(living=True), quality, for_s) == code


def test_a_hand_that_passes_is_no_fault() -> None:
    # GIVEN a lens that is covered again and again, each time for less than the limit
    watch = Watch(living=True)
    black, good = (Quality(b, Focus.UNKNOWN, 0) for b in (Brightness.BLACK, Brightness.GOOD))
    codes = {
        watch.seen(Quality((black if n % 4 else good).brightness, Focus.UNKNOWN, n), float(n))
        for n in range(60)
    }
    assert codes == {""}


def test_the_same_picture_again_and_again_is_a_frozen_camera() -> None:
    same = Quality(Brightness.GOOD, Focus.SHARP, 7)
    watch = Watch(living=True)
    codes = [watch.seen(same, float(second)) for second in range(int(FROZEN_FOR_S) + 2)]
    assert codes[-2:] == ["", "camera.frozen"]
    # a film may stand still
    still = Watch(living=False)
    assert {still.seen(same, float(second)) for second in range(60)} == {""}
    # and another picture ends it
    assert watch.seen(Quality(Brightness.GOOD, Focus.SHARP, 8), 100.0) == ""
