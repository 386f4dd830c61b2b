"""Pictures from files, and the command over them: what is no picture is told, each file by itself."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner, Result

from devices.scanner import decoder as decoding
from devices.scanner import picture
from devices.scanner.picture import load, unpack
from devices.scanner.readers import Kinds, zxing
from devices.simulators.frames import hard_frames, plain_frame
from devices.status import Failed, Ok, Outcome
from kiosk.cli.commands import app

WECHAT = "130000000000000001"
URL = "https://hall.example.invalid/c/1"
FRAME = plain_frame(URL, width=320, height=240)


def packed(form: str, frame: np.ndarray = FRAME) -> bytes:
    done, data = cv2.imencode(form, frame)
    assert done
    return bytes(data)


def kiosk(*words: str) -> Result:
    return CliRunner().invoke(app, ["devices", "decode", *words], prog_name="kiosk")


def code_of(result: object) -> str:
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.INVALID_DATA
    return result.fault.code


# --- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [".png", ".jpg", ".bmp", ".webp", ".tiff", ".pgm"])
def test_the_usual_forms_are_unpacked(form: str) -> None:
    result = unpack(packed(form))
    assert isinstance(result, Ok)
    assert result.value.shape == FRAME.shape
    assert np.abs(result.value.astype(int) - FRAME).mean() < 3


def test_what_is_transparent_is_white_paper() -> None:
    # GIVEN black modules on nothing, as a designer's tool saves them
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.putpixel((3, 4), (0, 0, 0, 255))
    out = io.BytesIO()
    image.save(out, "png")
    # THEN the ink is dark and the rest is light
    result = unpack(out.getvalue())
    assert isinstance(result, Ok)
    assert (result.value[4, 3], result.value[0, 0]) == (0, 255)


def test_sixteen_bits_keep_their_contrast() -> None:
    deep = (FRAME.astype(np.uint16) * 257) // 64  # dark, and deeper than 255
    result = unpack(packed(".png", deep))
    assert isinstance(result, Ok)
    assert (result.value.min(), result.value.max()) == (0, 255)


def test_a_phones_picture_is_turned_upright() -> None:
    image = Image.fromarray(FRAME)
    exif = image.getexif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees (EXIF 2.32)
    out = io.BytesIO()
    image.save(out, "jpeg", exif=exif)
    result = unpack(out.getvalue())
    assert isinstance(result, Ok)
    assert result.value.shape == FRAME.shape[::-1]


@pytest.mark.parametrize("form", [".png", ".jpg", ".bmp", ".webp"])
def test_a_file_that_is_cut_short_is_no_picture_wherever_it_is_cut(form: str) -> None:
    whole = packed(form)
    ends = {len(whole) * part // 16 for part in range(15)}
    assert {code_of(unpack(whole[:end])) for end in ends} == {"picture.unreadable"}


def test_a_file_that_claims_to_be_huge_is_not_unpacked() -> None:
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n"
    for chunk in (b"IHDR" + head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"):
        png += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert code_of(unpack(png)) == "picture.too_large"


def test_a_file_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "FILE_BYTES_MOST", 1000)
    assert code_of(load(Path("/dev/zero"))) == "picture.too_large"


def test_a_file_that_is_not_there_or_a_directory_is_missing(tmp_path: Path) -> None:
    assert code_of(load(tmp_path / "none.png")) == "picture.missing"
    assert code_of(load(tmp_path)) == "picture.missing"


def test_a_speck_is_no_picture() -> None:
    assert code_of(unpack(packed(".png", np.zeros((4, 400), np.uint8)))) == "picture.unreadable"


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_failure(data: bytes) -> None:
    assert isinstance(unpack(data), Ok | Failed)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([".png", ".jpg", ".bmp", ".webp", ".tiff"]), st.data())
def test_damaged_pictures_raise_nothing(form: str, data: st.DataObject) -> None:
    damaged = bytearray(packed(form))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(unpack(bytes(damaged)), Ok | Failed)


# --- the command -------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Pictures of two codes and of none, and files that are no pictures."""
    for name, text in (("payment", WECHAT), ("page", URL)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), plain_frame(text))
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((64, 64), 200, np.uint8))
    (tmp_path / "cut.jpg").write_bytes(packed(".jpg")[:900])
    names = {"payment": "png", "page": "png", "empty": "png", "cut": "jpg", "gone": "png"}
    return {name: str(tmp_path / f"{name}.{end}") for name, end in names.items()}


def test_each_file_has_its_row_in_the_order_given(files: dict[str, str]) -> None:
    given_files = [files["page"], files["empty"], files["payment"]]
    ended = kiosk(*given_files, "--json")
    rows = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert [row["file"] for row in rows] == given_files
    assert [[code["text"] for code in row["codes"]] for row in rows] == [[URL], [], [WECHAT]]
    assert rows[2]["codes"][0]["kind"] == "payment"
    assert len(rows[2]["codes"][0]["corners"]) == 4
    assert all(row["ms"] > 0 and "error" not in row for row in rows)


def test_a_file_that_is_no_picture_fails_alone(files: dict[str, str]) -> None:
    ended = kiosk(files["cut"], files["page"], files["gone"], "--json")
    rows = json.loads(ended.stdout)
    assert ended.exit_code == 1
    assert [row.get("error", {}).get("code") for row in rows] == [
        "picture.unreadable",
        None,
        "picture.missing",
    ]
    assert rows[1]["codes"][0]["text"] == URL
    assert rows[0]["codes"] == []


def test_for_a_person_there_is_a_line_a_code(files: dict[str, str]) -> None:
    ended = kiosk(files["payment"], files["empty"], files["cut"])
    assert ended.exit_code == 1
    told = ended.stdout.splitlines()
    assert told[0].startswith(f"{files['payment']}: {WECHAT}  (payment, QRCode")
    assert told[1].startswith(f"{files['empty']}: no code")
    assert ended.stderr.startswith(f"{files['cut']}: The file is no picture")


def test_the_time_a_picture_may_take_is_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a frame that withstands the first look, and a clock on which a look takes 50 ms
    frame = next(f for f in hard_frames(2, 40) if not zxing(f.picture, Kinds.QR))
    file = tmp_path / "hard.png"
    cv2.imwrite(str(file), frame.picture)
    ticks = iter(n * 0.05 for n in range(100_000))
    monkeypatch.setattr(decoding.time, "perf_counter", lambda: next(ticks))
    # THEN a short time is not enough and a long one is
    found = [
        [
            code["text"]
            for code in json.loads(kiosk(str(file), "--budget-ms", ms, "--json").stdout)[0]["codes"]
        ]
        for ms in ("10", "1000000")
    ]
    assert found == [[], [frame.text]]


def test_without_files_the_command_line_is_wrong() -> None:
    assert kiosk().exit_code == 2
