"""What all tests share: hypothesis measures nothing, because the machine may have other work to do, and
draws the same examples every time, so that what passed here passes there. `pytest
--hypothesis-profile curious` draws others, as `make fuzz` does for the codecs."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.screens.terminal import Terminal

BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("curious", BUSY)
settings.register_profile("busy", BUSY, derandomize=True, database=None)
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def nothing_said_before() -> None:
    """No test hears what another one logged while nobody listened."""
    log = sys.modules.get("kiosk.log")
    if log is not None:
        log.attach(lambda record: None)()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_terminal() -> AsyncIterator[Terminal]:
    """The one app of this process, for whichever tests touch it or take its pictures."""
    from tests.screens.terminal import end_terminal, start_terminal

    terminal, app, server = await start_terminal()
    yield terminal
    await end_terminal(app, server)


@pytest.fixture
def terminal(one_terminal: Terminal) -> Terminal:
    """The app, back at its start."""
    one_terminal.watch.release()
    one_terminal.stage.reset()
    one_terminal.stage.on_assistance = lambda: None
    one_terminal.stage.on_technician = lambda: None
    return one_terminal
