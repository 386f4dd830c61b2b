"""The first picture takes what it can from the configuration and never fails on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.config import Display, load
from kiosk.first_frame import FirstFrame, read_first_frame
from kiosk.texts import Plain

DEFAULT = FirstFrame(hall=Plain(""), city=Plain(""))


def test_it_shows_what_the_whole_configuration_says(config_dir: Path) -> None:
    config = load(config_dir)
    assert not isinstance(config, list)

    frame = read_first_frame(config_dir)

    assert frame.hall == config.terminal.hall.plain
    assert frame.city == config.terminal.city.plain
    assert frame.number == config.terminal.number
    assert frame.language == config.terminal.language
    assert frame.enquiries == config.terminal.enquiries
    for name in Display.model_fields:
        assert getattr(frame, name) == getattr(config.display, name)


def test_its_defaults_are_those_of_the_configuration() -> None:
    display = Display()

    for name in Display.model_fields:
        assert getattr(DEFAULT, name) == getattr(display, name)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"\xff",
        b"[terminal",
        b"terminal = 3",
        b"[terminal]\nhall = 1\nlanguage = 7\n[display]\nrotation = '1'",
    ],
)
def test_whatever_the_file_holds_there_is_a_first_picture(
    content: bytes | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "terminal.toml").write_bytes(content)

    assert read_first_frame(tmp_path) == DEFAULT


def test_nothing_heavy_is_imported_for_it() -> None:
    heavy = ("pydantic", "tomlkit", "typer", "structlog", "requests", "sqlite3", "serial", "PIL")
    program = (
        "import sys, kiosk.first_frame, kiosk.log, kiosk.words\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=90
    )

    assert ended.stdout.strip() == "[]"
