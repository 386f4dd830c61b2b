"""One pcscd for all tests of a process."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.chipcard.stand import DIRECTORY, NAME, Pcscd

ALONE = Path(tempfile.gettempdir()) / "hall-terminal-tests-pcscd.lock"


@pytest.fixture(scope="session")
def _service() -> Iterator[Pcscd]:
    service = Pcscd()
    yield service
    service.stop()
    shutil.rmtree(DIRECTORY, ignore_errors=True)


@pytest.fixture
def pcscd(_service: Pcscd) -> Iterator[Pcscd]:
    """A pcscd that runs and has one reader; started anew, so that no test finds another's cards. One at
    a time on a machine: the virtual readers' ports are the same for all."""
    with ALONE.open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        _service.stop()
        _service.configure(NAME)
        _service.start()
        yield _service
        _service.stop()
