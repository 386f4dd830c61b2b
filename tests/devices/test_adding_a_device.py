"""docs/ADDING-A-DEVICE.md, walked: its package is written from the page, built, installed and used."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGE = ROOT / "docs" / "ADDING-A-DEVICE.md"

BLOCK = re.compile(r"<!-- (file|append): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)

WITHIN_S = 300.0

pytestmark = pytest.mark.timeout(1000)
"""Programs of their own are started, one of them a whole suite."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the page, installed into `site` beside it, and a configuration that uses it."""
    directory = tmp_path_factory.mktemp("walk")
    config = directory / "config"
    shutil.copytree(ROOT / "config" / "services", config / "services")
    shutil.copy(ROOT / "config" / "terminal.toml", config)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 7
    for what, name, text in blocks:
        file = (config if what == "append" else directory / "package") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(text if what == "file" else f"\n{text}")
    done = run(
        directory, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
        "--no-index", "--disable-pip-version-check", "--target", str(directory / "site"),
        str(directory / "package"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return directory


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """This Python with the package installed."""
    paths = [str(directory / "site"), str(ROOT)]
    return subprocess.run(
        [sys.executable, *words],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def kiosk(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = "from kiosk.cli import main; main()"
    return run(directory, "-c", program, *words, "--config", str(directory / "config"))


def test_the_package_passes_its_own_suite(walk: Path) -> None:
    done = run(
        walk, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(walk / "package/test_badge_reader.py")
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d\d passed", done.stdout), done.stdout


def test_the_configuration_takes_it_and_judges_its_settings(walk: Path) -> None:
    checked = kiosk(walk, "config", "check")
    assert checked.returncode == 0, checked.stderr
    refused = kiosk(walk, "config", "set", "devices.badges.house", "H-T")
    assert refused.returncode == 1
    assert "devices.badges.house: letters and digits" in refused.stderr


def test_the_command_tests_it_on_its_own_simulator(walk: Path) -> None:
    done = kiosk(walk, "devices", "test", "badges", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["type"], answer["outcome"]) == ("badge-reader", "success")
    assert answer["lines"] == ["version 1.0"]
