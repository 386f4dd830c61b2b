"""A citizen finds the way from the home screen to any item by a few touches, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.views import Back, Chosen
from tests.gallery.finding import ALL_TILES, CATEGORIES, EVENTS, FINDING
from tests.gallery.samples import SAMPLES
from tests.screens.inspect_layout import faults
from tests.screens.terminal import Terminal

OUT = Path(__file__).resolve().parents[2] / "out" / "screens"

WHOLE = FINDING["home-whole"]
LEAST_TILES = {False: 6, True: 4}
"""Of the most used items on the first page, in standard and in large type."""

MOST_PAGES = {False: 5, True: 9}
"""Of all items."""

A_MOMENT_S = 1.0
"""Between two touches: no finger trembles so long."""

VARIANTS = [
    pytest.param(language, large, id=f"{language}-{'large' if large else 'usual'}")
    for language in ("zh_CN", "en")
    for large in (False, True)
]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def touch(terminal: Terminal, *roles: str) -> None:
    for role in roles:
        terminal.watch.move(A_MOMENT_S)
        await terminal.hands.touch(role)


def tiles_shown(terminal: Terminal) -> list[str]:
    return [one.role[5:] for one in terminal.hands.targets() if one.role.startswith("tile:")]


async def whole_list(terminal: Terminal) -> tuple[list[str], int]:
    """The tiles of every page from this one on, and how many pages they are."""
    found, pages = tiles_shown(terminal), 1
    while "page:next" in terminal.hands.roles():
        await touch(terminal, "page:next")
        found += tiles_shown(terminal)
        pages += 1
    return found, pages


def shot(terminal: Terminal, name: str, language: str, large: bool) -> None:
    size = "large" if large else "usual"
    terminal.hands.shot(OUT / f"home-{name}-{language}-{size}.png")


def wrong(terminal: Terminal) -> set[str]:
    return {fault for page in terminal.hands.surface.layers for fault in faults(page)}


@pytest.mark.parametrize(("language", "large"), VARIANTS)
async def test_the_most_used_items_are_on_one_page(
    terminal: Terminal, language: str, large: bool
) -> None:
    asked = await terminal.show(WHOLE, language, large)

    shown = tiles_shown(terminal)
    assert shown == [tile.item for tile in WHOLE.tiles[: len(shown)]]
    assert len(shown) >= LEAST_TILES[large]
    assert "page:next" not in terminal.hands.roles()
    asked.cancel()


@pytest.mark.parametrize(("language", "large"), VARIANTS)
async def test_all_items_stand_on_few_pages_department_by_department(
    terminal: Terminal, language: str, large: bool
) -> None:
    asked = await terminal.show(WHOLE, language, large)

    await touch(terminal, "category:all")
    shot(terminal, "all", language, large)
    assert wrong(terminal) == set()
    found, pages = await whole_list(terminal)

    assert wrong(terminal) == set()
    assert pages <= MOST_PAGES[large]
    category = {tile.item: tile.category for tile in ALL_TILES}
    assert sorted(found) == sorted(category)
    assert list(dict.fromkeys(category[item] for item in found)) == list(CATEGORIES)
    asked.cancel()


@pytest.mark.parametrize(("language", "large"), VARIANTS)
async def test_topics_and_their_groups_are_whole(
    terminal: Terminal, language: str, large: bool
) -> None:
    asked = await terminal.show(WHOLE, language, large)

    grouped = ("group:departments",) if large else ()
    for role in (*grouped, "category:social", "group:events", "category:business"):
        await touch(terminal, role)
        shot(terminal, role.replace(":", "-"), language, large)
        assert wrong(terminal) == set()
    asked.cancel()


async def test_each_department_holds_its_items_two_touches_away(terminal: Terminal) -> None:
    # GIVEN the whole catalogue
    asked = await terminal.asking(WHOLE)

    # WHEN a department is touched
    for category in CATEGORIES:
        await touch(terminal, f"category:{category}")

        # THEN its items are there, without a page to be turned
        wanted = [tile.item for tile in ALL_TILES if tile.category == category]
        assert sorted(tiles_shown(terminal)) == sorted(wanted)
        assert "page:next" not in terminal.hands.roles()
    asked.cancel()


async def test_in_large_type_a_department_is_chosen_from_their_list(terminal: Terminal) -> None:
    asked = await terminal.show(WHOLE, "zh_CN", True)

    await touch(terminal, "group:departments", "category:approval")

    found, pages = await whole_list(terminal)
    assert sorted(found) == sorted(t.item for t in ALL_TILES if t.category == "approval")
    assert pages == 2
    asked.cancel()


async def test_each_life_event_holds_its_items(terminal: Terminal) -> None:
    asked = await terminal.asking(WHOLE)

    for event in EVENTS:
        await touch(terminal, "group:events", f"category:{event}")
        found, _ = await whole_list(terminal)
        assert sorted(found) == sorted(t.item for t in ALL_TILES if event in t.events)
    asked.cancel()


async def test_what_stands_below_the_tiles_does_not_move(terminal: Terminal) -> None:
    asked = await terminal.asking(WHOLE)
    places: list[list[tuple[float, ...]]] = []
    for role in ("category:frequent", "category:credit", "group:events", "category:all"):
        await touch(terminal, role)
        below = ("category:frequent", "category:tax", "group:events", "category:all")
        places.append([tuple(terminal.hands.find(name).pos) for name in below])

    assert all(place == places[0] for place in places)
    asked.cancel()


async def test_names_of_neighbours_stand_level_whatever_is_noticed(terminal: Terminal) -> None:
    # GIVEN tiles with a notice beside tiles without
    from screens.widgets.text import TextBlock

    asked = await terminal.asking(WHOLE)
    below_edge: dict[float, set[int]] = {}
    noticed = 0
    for target in terminal.hands.targets():
        if not target.role.startswith("tile:"):
            continue
        words = [block for block in target.walk(restrict=True) if isinstance(block, TextBlock)]
        noticed += len(words) == 3
        name = max(words, key=lambda block: block.font_px)
        below_edge.setdefault(target.top, set()).add(round(target.top - name.top))

    # THEN each row's names are equally far from its upper edge
    assert noticed == 2
    assert len(below_edge) == 3
    assert all(len(distances) == 1 for distances in below_edge.values())
    asked.cancel()


@pytest.mark.parametrize("way", [["category:all", "page:next", "page:next"], ["category:approval"]])
async def test_back_from_a_guide_is_where_the_citizen_was(
    terminal: Terminal, way: list[str]
) -> None:
    # GIVEN an item chosen from a page of a topic
    asked = await terminal.asking(WHOLE)
    first = tiles_shown(terminal)
    await touch(terminal, *way)
    before = tiles_shown(terminal)
    await touch(terminal, f"tile:{before[-1]}")
    assert await terminal.answer(asked) == Chosen(before[-1])

    # WHEN its guide was read and left
    await leave_a_guide(terminal)
    again = await terminal.asking(WHOLE)

    # THEN the same tiles stand there
    assert before != first
    assert tiles_shown(terminal) == before
    again.cancel()


async def test_the_next_citizen_begins_at_the_most_used_items(terminal: Terminal) -> None:
    asked = await terminal.asking(WHOLE)
    first = tiles_shown(terminal)
    await touch(terminal, "category:tax")
    assert tiles_shown(terminal) != first
    asked.cancel()

    terminal.stage.reset()

    again = await terminal.asking(WHOLE)
    assert tiles_shown(terminal) == first
    again.cancel()


async def leave_a_guide(terminal: Terminal) -> None:
    """Read a guide, and go back."""
    reading = await terminal.asking(SAMPLES["guide"])
    await touch(terminal, "back")
    assert await terminal.answer(reading) == Back()
