"""What the tests of kiosk share: a configuration of their own, and ears for the log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.log import Record, attach
from kiosk.paths import CONFIG_DIR


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """A copy of the configuration that comes with the program."""
    directory = tmp_path / "config"
    directory.mkdir()
    shutil.copy(CONFIG_DIR / "terminal.toml", directory)
    shutil.copytree(CONFIG_DIR / "services", directory / "services")
    return directory


@pytest.fixture
def heard() -> Iterator[list[Record]]:
    """The records logged during the test."""
    records: list[Record] = []
    detach = attach(records.append)
    yield records
    detach()
