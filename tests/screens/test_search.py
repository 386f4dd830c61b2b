"""A citizen finds an item by touching letters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.views import SEARCH, Back, Chosen, Sought
from tests.gallery.finding import FINDING
from tests.screens.inspect_layout import faults
from tests.screens.terminal import Terminal

OUT = Path(__file__).resolve().parents[2] / "out" / "screens"

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_search_field_of_the_home_screen_leads_to_the_search(terminal: Terminal) -> None:
    asked = await terminal.asking(FINDING["home-whole"])

    await terminal.hands.touch("search")

    assert await terminal.answer(asked) == Chosen(SEARCH)


async def test_groups_open_their_pills_and_pills_their_items(terminal: Terminal) -> None:
    asked = await terminal.asking(FINDING["home-whole"])
    assert "category:home" not in terminal.hands.roles()

    await terminal.hands.touch("group:events")
    await terminal.hands.touch("category:home")
    await terminal.hands.touch("group:departments")
    await terminal.hands.touch("category:tax")
    await terminal.hands.touch("tile:e-invoice-pickup")

    assert await terminal.answer(asked) == Chosen("e-invoice-pickup")


async def test_each_key_is_answered_and_delete_takes_one_back(terminal: Terminal) -> None:
    view = replace(FINDING["search-empty"], key="search.typing")
    asked = await terminal.asking(view)
    said = []
    for key in ("key:y", "key:l", "key:1", "key:delete"):
        await terminal.hands.touch(key)
        answer = await terminal.answer(asked)
        said.append(answer)
        asked = await terminal.asking(replace(view, text=answer.text))

    assert said == [Sought("y"), Sought("yl"), Sought("yl1"), Sought("yl")]
    await terminal.hands.touch("back")
    assert await terminal.answer(asked) == Back()


async def test_what_is_typed_while_the_search_goes_on_is_not_lost(terminal: Terminal) -> None:
    # GIVEN two touches before the first was answered
    view = replace(FINDING["search-empty"], key="search.quick")
    asked = await terminal.asking(view)
    await terminal.hands.touch("key:y")
    await terminal.hands.touch("key:l")

    # WHEN the view of the first comes
    assert await terminal.answer(asked) == Sought("y")
    asked = await terminal.asking(replace(view, text="y"))

    # THEN the second is told as well
    assert await terminal.answer(asked) == Sought("yl")


async def test_one_touch_on_a_result_chooses_it_and_a_greyed_one_does_nothing(
    terminal: Terminal,
) -> None:
    view = FINDING["search-found"]
    asked = await terminal.asking(view)

    await terminal.hands.touch(f"result:{view.results[1].item}")
    assert not asked.done()
    await terminal.hands.touch(f"result:{view.results[0].item}")

    assert await terminal.answer(asked) == Chosen(view.results[0].item)


async def test_every_filter_can_be_reached(terminal: Terminal) -> None:
    view = replace(FINDING["search-empty"], key="search.filters")
    for option in view.filters:
        asked: asyncio.Task[object] = await terminal.asking(view)
        for _ in view.filters:
            if f"filter:{option.id}" in terminal.hands.roles():
                break
            await terminal.hands.touch("filters:more")
        await terminal.hands.touch(f"filter:{option.id}")

        assert await terminal.answer(asked) == Chosen(f"filter:{option.id}")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("large", [False, True])
async def test_the_opened_groups_are_whole(terminal: Terminal, language: str, large: bool) -> None:
    asked = await terminal.show(FINDING["home-whole"], language, large)

    for group in ("group:departments", "group:events"):
        await terminal.hands.touch(group)
        terminal.hands.shot(
            OUT / f"home-{group[6:]}-{language}-{'large' if large else 'usual'}.png"
        )
        assert {fault for page in terminal.hands.surface.layers for fault in faults(page)} == set()
    asked.cancel()
