"""The app that every test of this folder touches."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.screens.terminal import Terminal, end_terminal, start_terminal


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_terminal() -> AsyncIterator[Terminal]:
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
