"""One pcscd for all tests of a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.devices.chipcard.stand import DIRECTORY, NAME, Pcscd


@pytest.fixture(scope="session")
def _service() -> Iterator[Pcscd]:
    service = Pcscd()
    yield service
    service.stop()
    shutil.rmtree(DIRECTORY, ignore_errors=True)


@pytest.fixture
def pcscd(_service: Pcscd) -> Iterator[Pcscd]:
    """A pcscd that runs and has one reader; started anew, so that no test finds another's cards."""
    _service.stop()
    _service.configure(NAME)
    _service.start()
    yield _service
    _service.stop()
