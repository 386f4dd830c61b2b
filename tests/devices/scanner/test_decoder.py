"""The decoder: quick where a picture is good, thorough where it is not, and never wrong."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
import zxingcpp

from devices.scanner import decoder as decoding
from devices.scanner.codes import CodeKind, Refusal
from devices.scanner.decoder import Decoder, Region
from devices.scanner.looks import SMEARED_FROM
from devices.scanner.places import busy_places
from devices.scanner.readers import Kinds, Reading, zbar, zxing
from devices.scanner.sharpen import Blurred, movement, smear
from devices.simulators.frames import Hardship, hard_frame, hard_frames, plain_frame

pytestmark = pytest.mark.timeout(600)
"""What has to be computed takes as long as a loaded machine has no time for it."""

WECHAT = "130000000000000001"
URL = "https://hall.example.invalid/c/1"

AS_LONG_AS_IT_TAKES_MS = 120_000.0
"""A loaded machine must not decide what is decoded."""


@pytest.fixture
def decoder() -> Decoder:
    return Decoder(budget_ms=AS_LONG_AS_IT_TAKES_MS)


def drawn(content: str | bytes, kind: zxingcpp.BarcodeFormat, side: int = 4) -> np.ndarray:
    """A code of any kind on white, by a library that writes them."""
    symbol = np.array(zxingcpp.create_barcode(content, kind).to_image(scale=side))
    return np.pad(symbol, 40, constant_values=255)


def qr(text: str, scale: int = 6, **how: object) -> np.ndarray:
    """A QR code with its margin, straight from its modules."""
    modules = segno.make(text, micro=False, **how).matrix_iter(scale=scale, border=4)
    return np.where(np.array([list(row) for row in modules]) > 0, 0, 255).astype(np.uint8)


def texts(decoded: decoding.DecodedPicture) -> list[str]:
    return [code.text for code in decoded.codes]


# --- what good pictures cost -------------------------------------------------------------------------


def test_a_good_picture_is_read_at_the_first_look(decoder: Decoder) -> None:
    decoded = decoder.decode(plain_frame(WECHAT))
    assert texts(decoded) == [WECHAT]
    assert decoded.codes[0].kind is CodeKind.PAYMENT
    assert decoded.codes[0].symbology.startswith("QRCode")
    assert decoded.look == "first"
    assert decoded.ms > 0


def test_a_photograph_is_looked_at_in_the_size_of_a_frame_first(decoder: Decoder) -> None:
    large = plain_frame(URL, width=3840, height=2160)
    decoded = decoder.decode(large)
    assert (texts(decoded), decoded.look) == ([URL], "reduced")
    # its corners are in its own pixels
    assert max(x for x, _ in decoded.codes[0].corners) > 2000
    # WHEN the code in it is too small for that, THEN it is still found
    large[:] = 200
    code = qr(URL, scale=3)
    large[1500 : 1500 + code.shape[0], 3000 : 3000 + code.shape[1]] = code
    assert texts(decoder.decode(large)) == [URL]


def test_only_failures_pay_for_further_looks(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN looks that would be noticed
    def noticed(_: object) -> list[object]:
        raise AssertionError("a good picture was looked at again")

    monkeypatch.setattr(decoding.looks, "second", noticed)
    # THEN a good picture does without them, and one without a code does not
    assert texts(decoder.decode(plain_frame(URL))) == [URL]
    with pytest.raises(AssertionError, match="looked at again"):
        decoder.decode(np.full((480, 640), 200, np.uint8))


def test_the_looks_end_with_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a frame that only a later look reads, and a clock on which each look takes 50 ms
    frame = next(f for f in hard_frames(2, 40) if not zxing(f.picture, Kinds.QR))
    ticks = iter(n * 0.05 for n in range(10_000))
    monkeypatch.setattr(decoding.time, "perf_counter", lambda: next(ticks))
    # THEN a short budget ends before it, and a long one does not
    short = Decoder(budget_ms=10).decode(frame.picture)
    assert short.codes == ()
    assert short.ms == pytest.approx(100)
    assert texts(Decoder(budget_ms=AS_LONG_AS_IT_TAKES_MS).decode(frame.picture)) == [frame.text]


def test_a_film_is_looked_at_further_from_frame_to_frame() -> None:
    # GIVEN a frame that only a later look reads, and a budget of one further look a frame
    frame = next(f for f in hard_frames(2, 40) if not zxing(f.picture, Kinds.QR))
    film, single = Decoder(budget_ms=0.0, film=True), Decoder(budget_ms=0.0)
    # THEN a film of it is read after some frames, each of which began with the first look
    looks = [film.decode(frame.picture) for _ in range(60)]
    assert [frame.text] in [texts(decoded) for decoded in looks]
    # and a picture by itself is not
    assert {single.decode(frame.picture).codes for _ in range(10)} == {()}
    # WHEN another scene is shown, THEN its first look is the first again
    assert film.decode(plain_frame(URL)).look == "first"


# --- hard pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("hardship", Hardship)
@pytest.mark.parametrize("strength", [1, 2])
def test_each_hardship_is_borne(decoder: Decoder, hardship: Hardship, strength: int) -> None:
    chance = np.random.default_rng((77, strength))
    frame = hard_frame(URL, hardship, strength, chance)
    assert texts(decoder.decode(frame)) == [URL]


def test_more_is_read_than_either_library_reads_alone(decoder: Decoder) -> None:
    # GIVEN the two harder strengths of each hardship
    frames = [frame for frame in hard_frames(4242, 36) if frame.strength >= 3]
    assert len(frames) == 18
    # WHEN ours and both libraries read them
    ours = sum(frame.text in texts(decoder.decode(frame.picture)) for frame in frames)
    alone = [
        sum(any(r.payload.decode() == f.text for r in read(f.picture)) for f in frames)
        for read in (lambda p: zxing(p, Kinds.QR), zbar)
    ]
    # THEN ours leaves less than half of what the better one leaves
    assert len(frames) - ours < (len(frames) - max(alone)) / 2


def test_a_blur_that_leaves_only_the_corners_of_a_code_is_taken_out(decoder: Decoder) -> None:
    # GIVEN a blur of three quarters of a module, which neither library can read
    code = qr(URL, scale=7)
    frame = np.full((480, 640), 150, np.uint8)
    frame[100 : 100 + code.shape[0], 200 : 200 + code.shape[1]] = code
    grain = np.random.default_rng(1).normal(0, 2, frame.shape)
    blurred = np.clip(cv2.GaussianBlur(frame, (0, 0), 4.9) + grain, 0, 255).astype(np.uint8)
    assert zxing(blurred, Kinds.QR) == []
    assert zbar(blurred) == []
    # THEN ours does, and says by what
    decoded = decoder.decode(blurred)
    assert texts(decoded) == [URL]
    assert decoded.look.startswith(("bell", "disc"))


def test_a_finder_pattern_under_a_lamp_is_drawn_in(decoder: Decoder) -> None:
    # GIVEN a code of which a corner is drowned in light, which neither library can find
    code = qr(URL, error="m")
    side = 4 * 6
    code[side : side + 7 * 6, side : side + 7 * 6] = 255
    frame = np.full((600, 800), 180, np.uint8)
    frame[150 : 150 + code.shape[0], 250 : 250 + code.shape[1]] = code
    assert zxing(frame, Kinds.QR) == []
    assert zbar(frame) == []
    # THEN ours reads it, and knows where it is
    decoded = decoder.decode(frame)
    assert texts(decoded) == [URL]
    expected = np.array([(250 + side, 150 + side), (250 + code.shape[1] - side, 150 + side)])
    assert np.abs(np.array(sorted(decoded.codes[0].corners, key=sum)[0]) - expected[0]).max() < 8


def test_no_wrong_text_comes_from_codes_that_cannot_be_read() -> None:
    # GIVEN codes of which so many modules are wrong that no correction can repair them
    decoder = Decoder(budget_ms=AS_LONG_AS_IT_TAKES_MS)
    for seed in range(3):
        chance = np.random.default_rng(seed)
        code = qr(f"{seed}{WECHAT}", scale=1, error="l")
        inner = code[4:-4, 4:-4]
        flipped = chance.random(inner.shape) < 0.3
        flipped[:9, :9] = flipped[:9, -8:] = flipped[-8:, :9] = False
        inner[flipped] = 255 - inner[flipped]
        frame = np.pad(np.kron(code, np.ones((8, 8), np.uint8)), 60, constant_values=200)
        noisy = np.clip(frame + chance.normal(0, 6, frame.shape), 0, 255).astype(np.uint8)
        # THEN nothing is read, rather than something
        assert decoder.decode(noisy).codes == ()


def test_a_wild_look_counts_only_with_proof() -> None:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    for spare, proven in ((None, False), (0.0, False), (0.05, False), (0.2, True), (1.0, True)):
        assert decoding._proven(Reading(b"1", "QRCode", corners, spare)) is proven


# --- where and what ----------------------------------------------------------------------------------


def test_corners_are_where_the_code_is(decoder: Decoder) -> None:
    # GIVEN a code in the plain, and one that is only read in a cut that was brought to another size
    for scale, noise in ((6, 0.0), (2, 40.0)):
        code = qr(URL, scale=scale)
        frame = np.full((720, 1280), 200, np.float32)
        top, left, margin = 400, 700, 4 * scale
        frame[top : top + code.shape[0], left : left + code.shape[1]] = code
        grain = np.random.default_rng(3).normal(0, noise, frame.shape)
        decoded = decoder.decode(np.clip(frame + grain, 0, 255).astype(np.uint8))
        # THEN its corners are in the frame's pixels, clockwise from its own top left
        assert texts(decoded) == [URL]
        near, far = margin, code.shape[0] - margin
        expected = [
            (left + x, top + y) for x, y in ((near, near), (far, near), (far, far), (near, far))
        ]
        assert np.abs(np.array(decoded.codes[0].corners) - expected).max() < 3 * scale


def test_only_the_region_is_looked_at() -> None:
    # GIVEN a code on either side
    left, right = qr("left " + URL), qr("right " + URL)
    frame = np.full((500, 1000), 200, np.uint8)
    frame[100 : 100 + left.shape[0], 60 : 60 + left.shape[1]] = left
    frame[100 : 100 + right.shape[0], 600 : 600 + right.shape[1]] = right
    # WHEN the right half is the region
    decoded = Decoder(region=Region(left=0.5)).decode(frame)
    # THEN only that code is read, and its corners are those in the whole frame
    assert texts(decoded) == ["right " + URL]
    assert all(x > 600 for x, _ in decoded.codes[0].corners)


@pytest.mark.parametrize(
    "bad", [(0.5, 0, 0.5, 1), (-0.1, 0, 1, 1), (0, 0, 1, 1.1), (0, 0.9, 1, 0.2)]
)
def test_a_region_outside_of_the_picture_is_refused(bad: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="region"):
        Region(*bad)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("QRCode", URL),
        ("DataMatrix", "RS-2026-000123"),
        ("Aztec", "RS-2026-000123"),
        ("PDF417", "RS-2026-000123"),
        ("Code128", "RS-2026-000123"),
        ("Code39", "RS2026000123"),
        ("Code93", "RS2026000123"),
        ("EAN13", "6901234567892"),
        ("EAN8", "96385074"),
        ("ITF", "12345678901231"),
    ],
)
def test_many_kinds_of_codes_are_read(decoder: Decoder, kind: str, content: str) -> None:
    decoded = decoder.decode(drawn(content, getattr(zxingcpp.BarcodeFormat, kind)))
    assert texts(decoded) == [content]


def test_codes_of_other_kinds_next_to_a_qr_code_are_read_on_request() -> None:
    # GIVEN a slip with a QR code and an article's number
    code, lines = qr(URL), drawn("6901234567892", zxingcpp.BarcodeFormat.EAN13, 2)
    height = max(code.shape[0], lines.shape[0])
    slip = np.full((height, code.shape[1] + lines.shape[1]), 255, np.uint8)
    slip[: code.shape[0], : code.shape[1]] = code
    slip[: lines.shape[0], code.shape[1] :] = lines
    # THEN the quick way reads the QR code, and the other both, each once
    assert texts(Decoder().decode(slip)) == [URL]
    assert sorted(texts(Decoder(every=True).decode(slip))) == sorted([URL, "6901234567892"])


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_is_read_in_both_encodings_in_use(decoder: Decoder, encoding: str) -> None:
    text = "乳山市政务服务大厅 2026-1"
    assert texts(decoder.decode(qr(text, encoding=encoding))) == [text]


def test_the_second_opinion_gives_none_on_chinese_that_it_garbles() -> None:
    code = qr("乳山市政务服务大厅", encoding="gbk")
    assert [r.payload.decode() for r in zbar(code)] in ([], ["乳山市政务服务大厅"])


def test_control_characters_never_come_out(decoder: Decoder) -> None:
    # GIVEN a code that would press keys
    decoded = decoder.decode(qr("13000\x1b[A000"))
    # THEN it is told that there was one, and not what it held
    assert decoded.codes == ()
    assert decoded.refused == (Refusal.CONTROL,)


def test_no_text_is_in_a_representation(decoder: Decoder) -> None:
    decoded = decoder.decode(plain_frame(WECHAT))
    assert texts(decoded) == [WECHAT]
    assert WECHAT not in repr(decoded)


def test_pictures_without_a_code_yield_none(decoder: Decoder) -> None:
    chance = np.random.default_rng(5)
    for picture in (
        np.zeros((480, 640), np.uint8),
        np.full((480, 640), 255, np.uint8),
        chance.integers(0, 255, (300, 400)).astype(np.uint8),
        np.tile(np.arange(0, 240, 8, np.uint8), (200, 10)),
    ):
        decoded = decoder.decode(picture)
        assert (decoded.codes, decoded.look) == ((), "")


def test_noise_alone_is_no_place_to_look_at() -> None:
    grain = np.random.default_rng(1).normal(120, 2, (480, 640)).astype(np.uint8)
    assert busy_places(grain, 3) == []
    # and a code in it is the first, whole
    code = qr(URL, scale=4)
    grain[100 : 100 + code.shape[0], 300 : 300 + code.shape[1]] = code
    place = busy_places(grain, 3)[0]
    assert (place.left <= 316, place.top <= 116) == (True, True)
    assert place.right >= 300 + code.shape[1] - 16
    assert place.bottom >= 100 + code.shape[0] - 16


@pytest.mark.parametrize("turn", [0.0, 0.5, 1.2])
def test_a_smear_is_known_by_its_angle_and_taken_out(turn: float) -> None:
    # GIVEN a code that was moved by 12 pixels
    kernel = smear(12, turn)
    still = np.pad(qr(URL, scale=5), 40, constant_values=200)
    moved = cv2.filter2D(still, -1, kernel)
    # THEN its angle can be told
    angle, smeared = movement(moved)
    assert smeared > SMEARED_FROM
    assert abs(math.remainder(angle - turn, math.pi)) < math.radians(20)
    # and what the movement took is given back
    sharp = Blurred(moved).sharpened(kernel, 0.01)
    assert alike(still, moved) < 0.85
    assert alike(still, sharp) > 0.92


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """How well one picture follows the other, up to 1."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_generator_gives_the_same_frames_for_the_same_seed() -> None:
    one, same, other = (list(hard_frames(seed, 9)) for seed in (1, 1, 2))
    assert [f.text for f in one] == [f.text for f in same]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(one, same, strict=True))
    assert not any(np.array_equal(a.picture, b.picture) for a, b in zip(one, other, strict=True))
    assert {frame.hardship for frame in one} == set(Hardship)


def test_a_picture_of_a_file_is_decoded_like_any(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    cv2.imwrite(str(path), plain_frame(URL))
    result = decoding.decode_file(path)
    assert [code.text for code in result.value.codes] == [URL]
