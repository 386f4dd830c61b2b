"""A citizen finds an item by touching letters."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kiosk.texts import msg
from kiosk.views import SEARCH, Back, Chosen, Sought
from tests.gallery.finding import FINDING
from tests.screens.terminal import Terminal
from tests.screens.test_home import leave_a_guide, touch

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_the_search_field_of_the_home_screen_leads_to_the_search(terminal: Terminal) -> None:
    asked = await terminal.asking(FINDING["home-whole"])

    await terminal.hands.touch("search")

    assert await terminal.answer(asked) == Chosen(SEARCH)


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
    asked: asyncio.Task[object] = await terminal.asking(view)
    wanted = [f"filter:{option.id}" for option in view.filters]
    found: list[str] = []
    while not set(wanted) <= set(found):
        line = [role for role in terminal.hands.roles() if role.startswith("filter:")]
        assert line[0] not in found
        found += line
        last = line[-1]
        if last != wanted[-1]:
            await touch(terminal, "filters:more")
    assert found == wanted

    await touch(terminal, last)

    assert await terminal.answer(asked) == Chosen(last)


async def test_back_from_a_result_keeps_its_page_and_another_search_begins_anew(
    terminal: Terminal,
) -> None:
    # GIVEN an item chosen on the second page of what was found
    view = replace(FINDING["search-empty"], key="search.kept")
    asked = await terminal.asking(view)
    await touch(terminal, "page:next")
    second = results(terminal)
    await touch(terminal, second[0])
    await terminal.answer(asked)

    # WHEN its guide was left, and the search asked again
    await leave_a_guide(terminal)
    again = await terminal.asking(view)

    # THEN that page stands there; after the home screen it is the first one
    assert results(terminal) == second
    await touch(terminal, "back")
    assert await terminal.answer(again) == Back()
    home = await terminal.asking(FINDING["home-whole"])
    await touch(terminal, "search")
    await terminal.answer(home)
    anew = await terminal.asking(view)
    assert results(terminal) == [f"result:{t.item}" for t in view.results[: len(second)]]
    assert results(terminal) != second
    anew.cancel()


async def test_a_notice_that_comes_and_goes_turns_no_page(terminal: Terminal) -> None:
    view = replace(FINDING["search-empty"], key="search.noticed")
    asked = await terminal.asking(view)
    await touch(terminal, "page:next")
    second = results(terminal)

    noticed = replace(view.results[0], notice=msg("tile.without.scanner"))
    terminal.stage.update(replace(view, results=(noticed, *view.results[1:])))
    await terminal.hands.frame()

    assert results(terminal) == second
    asked.cancel()


def results(terminal: Terminal) -> list[str]:
    return [one.role for one in terminal.hands.targets() if one.role.startswith("result:")]
