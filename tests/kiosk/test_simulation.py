"""Stand-ins as child processes: they end with the terminal, whenever they end."""

from __future__ import annotations

import asyncio
import sys

import pytest

from kiosk import simulation


@pytest.mark.parametrize("program", ["", "import signal; signal.pause()"])
async def test_a_child_that_ends_late_is_ended_also_where_it_ends_in_the_same_moment(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a child whose time to end is over: one has ended by itself just now, one never does
    monkeypatch.setattr(simulation, "END_WITHIN_S", 0)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    if not program:
        await process.wait()

    # WHEN the terminal closes
    await simulation._end(simulation._Child("printer", process, ()))

    # THEN it has ended
    assert process.returncode is not None
