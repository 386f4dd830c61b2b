"""What a command finds broken, missing or full is a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kiosk.paths import CONFIG_DIR

WITHIN_S = 300.0

KIOSK = "from kiosk.cli import main; main()"


def kiosk(*words: str, env: Mapping[str, str] | None = None, shut: bool = False) -> tuple[int, str]:
    """The exit code of a command and what it says to standard error; `shut` closes its output."""
    done = subprocess.run(
        [sys.executable, "-c", KIOSK, *words],
        stdin=subprocess.DEVNULL,
        stdout=None if shut else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=WITHIN_S,
        env=os.environ if env is None else env,
        preexec_fn=_close_output if shut else None,
        check=False,
    )
    return done.returncode, done.stderr


def _close_output() -> None:
    os.close(1)


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 300)


@pytest.mark.parametrize("broken", [garbage, Path.mkdir], ids=["garbage", "directory"])
def test_devices_are_asked_although_their_history_is_not_readable(
    broken: Callable[[Path], object], tmp_path: Path
) -> None:
    broken(tmp_path / "health.sqlite")
    code, said = kiosk("devices", "status", "--config", str(CONFIG_DIR), "--state", str(tmp_path))
    assert code == 0
    (line,) = said.splitlines()
    assert line.startswith(f"{tmp_path / 'health.sqlite'}: not readable as a history (")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--data", "file: the books cannot be kept there ("),
        ("--keys", "file: no keys (Not a directory)"),
        ("--data=damaged", "damaged: the books cannot be kept there (file is not a database)"),
        ("--keys=missing", "missing: no keys (No such file or directory)"),
    ],
)
def test_a_sandbox_that_cannot_begin_says_why(option: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "damaged").mkdir()
    garbage(tmp_path / "damaged" / "books.sqlite")
    name, _, place = option.partition("=")
    code, said = kiosk("sandbox", "serve", "--port", "0", name, str(tmp_path / (place or "file")))
    assert code == 1
    (line,) = said.splitlines()
    assert line.startswith(f"sandbox: {tmp_path}/{told}")


def test_without_a_display_and_without_a_virtual_one_a_visit_says_what_to_install(
    tmp_path: Path,
) -> None:
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "LANG": "C"}
    code, said = kiosk("visit", "own-property", env=env)
    assert code == 1
    assert said.splitlines() == [
        "no display, and Xvfb could not be started (No such file or directory): install xvfb"
    ]


@pytest.mark.parametrize("since", ["9" * 400 + "d", "9" * 5000 + "m", "0000-01-01", "x"])
def test_an_age_beyond_all_years_is_a_wrong_command_line(since: str) -> None:
    code, said = kiosk("health", "log", "--since", since)
    assert code == 2
    assert "give 90m, 24h, 7d or 2026-11-24T08:00" in said


@pytest.mark.parametrize("words", [("items", "list"), ("config", "show"), ("sandbox", "openapi")])
def test_an_answer_that_nobody_can_take_ends_in_a_code(words: tuple[str, ...]) -> None:
    code, said = kiosk(*words, shut=True)
    assert code in (0, 1)
    assert "Traceback" not in said


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = kiosk("sandbox", "openapi", "--split", str(tmp_path / "file" / "api"))
    assert code == 1
    assert said.startswith(f"{tmp_path / 'file' / 'api'}: cannot be written (Not a directory)")
