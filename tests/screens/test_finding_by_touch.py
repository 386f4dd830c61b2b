"""From the search to a guide and back, by touch, with the real reception behind the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.catalogue import Offered
from kiosk.reception import Reception
from kiosk.views import Attract, Guide, Home, Search
from tests.journeys.hall import ITEMS, Hall
from tests.screens.terminal import Terminal
from tests.screens.test_home import tiles_shown, touch, wrong

WITHIN_S = 240.0
"""The machine may be busy with other things."""

NEVER_IDLE_S = 3600

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]


async def until(terminal: Terminal, there: Callable[[Any], bool]) -> Any:
    """Wait until a view is asked of which `there` is true, and is on the picture."""
    stage = terminal.stage
    async with asyncio.timeout(WITHIN_S):
        while not (stage.asked and there(stage.view)):
            await stage.changed(stage.version)
    await terminal.hands.frame()
    return stage.view


def found(text: str) -> Callable[[Any], bool]:
    return lambda view: isinstance(view, Search) and view.text == text


def is_a(kind: type) -> Callable[[Any], bool]:
    return lambda view: isinstance(view, kind)


async def test_back_from_guides_leads_through_search_and_topic_to_the_next_citizen(
    terminal: Terminal, tmp_path: Path
) -> None:
    hall = Hall(tmp_path, "own-property")
    counter = replace(
        hall.counter,
        stage=terminal.stage,
        items=tuple(ITEMS.values()),
        timing=replace(hall.counter.timing, idle_s=NEVER_IDLE_S),
    )
    reception = Reception(counter, lambda *_: Offered(), hall._maintenance())
    serving = asyncio.ensure_future(reception.serve())
    await until(terminal, is_a(Attract))

    # GIVEN a citizen who opened a department, then typed, and reads the guide of what was found
    await touch(terminal, "anywhere")
    await until(terminal, is_a(Home))
    await touch(terminal, "category:property")
    department = tiles_shown(terminal)
    await touch(terminal, "search")
    await until(terminal, found(""))
    await touch(terminal, "key:b")
    await until(terminal, found("b"))
    result = next(role for role in terminal.hands.roles() if role.startswith("result:"))
    await touch(terminal, result)
    await until(terminal, is_a(Guide))

    # WHEN they go back, and back again
    await touch(terminal, "back")
    search = await until(terminal, is_a(Search))
    assert search.text == "b"
    assert result in terminal.hands.roles()
    assert wrong(terminal) == set()
    await touch(terminal, "back")
    await until(terminal, is_a(Home))

    # THEN each is as they left it; and a guide from the department leads back to it
    assert tiles_shown(terminal) == department
    await touch(terminal, f"tile:{department[1]}")
    await until(terminal, is_a(Guide))
    await touch(terminal, "back")
    await until(terminal, is_a(Home))
    assert tiles_shown(terminal) == department

    # AND when they leave, the next citizen begins anew
    await touch(terminal, f"tile:{department[0]}")
    await until(terminal, is_a(Guide))
    await touch(terminal, "exit")
    await until(terminal, is_a(Attract))
    await touch(terminal, "anywhere")
    await until(terminal, is_a(Home))
    assert tiles_shown(terminal) != department
    await touch(terminal, "search")
    await until(terminal, found(""))

    serving.cancel()
    await asyncio.wait({serving})
    await hall.counter.errands.close()
    await hall.close()
