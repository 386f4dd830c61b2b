"""Setting a key changes that key, keeps everything else, and never writes a wrong file."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from kiosk.config import Config, load
from kiosk.config_edit import set_key
from kiosk.pin import hash_pin, pin_fault, pin_matches


def changed_lines(config_dir: Path, key: str, value: str) -> list[str]:
    file = config_dir / "terminal.toml"
    before = file.read_text().splitlines()
    assert [str(problem) for problem in set_key(config_dir, key, value)] == []
    after = file.read_text().splitlines()
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("timing.idle_s", "90", "idle_s = 90"),
        ("display.large_type", "true", "large_type = true"),
        ("terminal.number", "08", 'number = "08"'),
        ("terminal.number", '"09"', 'number = "09"'),
    ],
)
def test_one_line_changes(config_dir: Path, key: str, value: str, line: str) -> None:
    lines = changed_lines(config_dir, key, value)

    assert [change for change in lines if change[0] == "+"] == [f"+ {line}"]
    assert len(lines) == 2


def test_the_comment_of_the_line_stays(config_dir: Path) -> None:
    lines = changed_lines(config_dir, "devices.scanner.port", "/dev/kiosk-scan")

    assert lines[1] == '+ port = "/dev/kiosk-scan"      # or "/dev/kiosk-scan"'


def test_a_key_in_a_table_that_is_not_there_makes_it(config_dir: Path) -> None:
    lines = changed_lines(config_dir, "departments.property.url", "https://a.example/v1")

    assert "+ [departments.property]" in lines
    config = load(config_dir)
    assert isinstance(config, Config)
    assert config.departments.property.url == "https://a.example/v1"


def test_a_key_of_an_inline_table_is_set(config_dir: Path) -> None:
    changed_lines(config_dir, "terminal.hall.en", "North Hall")

    config = load(config_dir)
    assert isinstance(config, Config)
    assert config.terminal.hall.plain.en == "North Hall"


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("timing.idle_s", "5", "out of range"),
        ("timing.idel_s", "50", "unknown key"),
        ("terminal.language", "fr", "not one of the choices"),
        ("terminal.production", "true", "nothing pretended"),
        ("terminal.hall", "x", "is a table"),
        ("terminal.id.part", "x", "lies in a value"),
        ("technician.pin", "123456", "everybody would try"),
        ("technician.pin", "12345", "has 6 digits"),
    ],
)
def test_what_would_be_wrong_is_told_and_not_written(
    config_dir: Path, key: str, value: str, what: str
) -> None:
    before = (config_dir / "terminal.toml").read_bytes()

    problems = set_key(config_dir, key, value)

    assert what in problems[0].what
    assert (config_dir / "terminal.toml").read_bytes() == before
    assert [file.name for file in config_dir.glob(".*")] == []


def test_a_pin_is_kept_as_its_hash_only(config_dir: Path) -> None:
    assert set_key(config_dir, "technician.pin", "908172") == []

    config = load(config_dir)
    assert isinstance(config, Config)
    assert "908172" not in (config_dir / "terminal.toml").read_text()
    assert pin_matches("908172", config.technician.pin_hash)
    assert not pin_matches("908173", config.technician.pin_hash)


def test_the_file_keeps_its_mode(config_dir: Path) -> None:
    (config_dir / "terminal.toml").chmod(0o640)

    assert set_key(config_dir, "timing.idle_s", "45") == []

    assert (config_dir / "terminal.toml").stat().st_mode & 0o777 == 0o640


def test_the_same_pin_has_another_hash_each_time() -> None:
    assert hash_pin("908172") != hash_pin("908172")


@pytest.mark.parametrize("pin", ["000000", "654321", "246810", "９０８１７２", "90817a", ""])
def test_pins_that_are_no_secret_or_no_digits_are_refused(pin: str) -> None:
    assert pin_fault(pin)
