"""From the home screen to an item by searching, and its guide taken along."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kiosk.catalogue import OfferedWithout
from kiosk.log import Record, attach
from kiosk.reception import Reception
from kiosk.texts import msg
from kiosk.views import (
    SEARCH,
    Back,
    Choose,
    Chosen,
    Continue,
    Exit,
    Guide,
    Home,
    Search,
    Sought,
    TakeAway,
)
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER, failed

ITEM = "own-property"
AN_HOUR_S = 3600


def left_in(directory: Path) -> bytes:
    """All that stands in the files below `directory`."""
    return b"".join(file.read_bytes() for file in directory.rglob("*") if file.is_file())


def seen(hall: Hall, kind: type[Search]) -> list[Search]:
    return [view for view in hall.stage.shown if isinstance(view, kind)]


@pytest.mark.looptime
async def test_an_item_is_found_and_performed(tmp_path: Path) -> None:
    searching = [Sought("bdc"), Chosen("filter:department:property"), Chosen(ITEM)]
    hall = Hall(tmp_path, ITEM, {"home": Chosen(SEARCH), "search": searching})

    assert await hall.one_visit() == "done"

    views = seen(hall, Search)
    assert [(view.text, view.filter) for view in views[:3]] == [
        ("", ""),
        ("bdc", ""),
        ("bdc", "department:property"),
    ]
    assert [tile.item for tile in views[2].results] == [ITEM]
    await hall.close()


@pytest.mark.looptime
async def test_what_does_not_fit_is_not_shown_and_a_filter_is_taken_off_again(
    tmp_path: Path,
) -> None:
    searching = [
        Sought("qqq"),
        Sought(""),
        Chosen("filter:event:retirement"),
        Chosen("filter:event:retirement"),
        Exit(),
    ]
    hall = Hall(tmp_path, ITEM, {"home": [Chosen(SEARCH), Chosen(ITEM)], "search": searching})
    hall.stage.expect({"attract": [Continue(), Continue(), NEVER]})

    assert await hall.one_visit() == "done"

    assert [len(view.results) for view in seen(hall, Search)[:5]] == [1, 0, 1, 0, 1]
    await hall.close()


@pytest.mark.looptime
async def test_back_from_the_search_is_home_and_forgets_what_was_typed(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        ITEM,
        {
            "home": [Chosen(SEARCH), Chosen(SEARCH), Chosen(ITEM)],
            "search": [Sought("fb"), Back(), Back()],
        },
    )

    assert await hall.one_visit() == "done"

    assert [view.text for view in seen(hall, Search)] == ["", "fb", ""]
    await hall.close()


async def until_done(hall: Hall) -> None:
    """Let citizens come until one has performed the item."""
    reception = Reception(hall.counter, lambda *_: hall.availability, hall._maintenance())
    serving = asyncio.ensure_future(reception.serve())
    async with asyncio.timeout(AN_HOUR_S):
        while reception.outcome != "done":
            await reception.ended.wait()
            reception.ended.clear()
    serving.cancel()
    await asyncio.wait({serving})
    await hall.counter.errands.close()


@pytest.mark.looptime
async def test_back_from_a_found_items_guide_is_the_search_as_it_was(tmp_path: Path) -> None:
    # GIVEN an item found by letters and a filter, whose guide is left again
    searching = [Sought("bdc"), Chosen("filter:department:property"), Chosen(ITEM), Chosen(ITEM)]
    answers = {"home": Chosen(SEARCH), "search": searching, "guide": [Back(), Continue()]}
    hall = Hall(tmp_path, ITEM, answers)

    await until_done(hall)

    # THEN what was typed, chosen and found stands there, without the home screen in between
    asked = [view for view in hall.stage.asked if view.key in ("home", "search", "guide")]
    assert [view.key for view in asked] == [
        *("home", "search", "search", "search"),
        *("guide", "search", "guide"),
    ]
    assert asked[5] == asked[3]
    assert (asked[5].text, asked[5].filter) == ("bdc", "department:property")
    await hall.close()


@pytest.mark.looptime
async def test_a_search_ends_with_the_visit(tmp_path: Path) -> None:
    # GIVEN a citizen who leaves from the guide of an item found by letters
    hall = Hall(
        tmp_path,
        ITEM,
        {
            "attract": [Continue(), Continue(), NEVER],
            "home": [Chosen(SEARCH), Chosen(SEARCH), Chosen(ITEM)],
            "search": [Sought("bdc"), Chosen(ITEM), Chosen(ITEM)],
            "guide": [Exit(), Continue()],
        },
    )

    await until_done(hall)

    # THEN the next one begins with the home screen and an empty field
    assert hall.stage.keys[:8] == [
        *("attract", "home", "search", "search", "guide"),
        *("attract", "home", "search"),
    ]
    assert [view.text for view in seen(hall, Search)] == ["", "bdc", ""]
    await hall.close()


@pytest.mark.looptime
async def test_a_tile_says_in_few_words_what_the_guide_says_in_full(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM)
    hall.availability = OfferedWithout(msg("notice.without_slip"))

    assert await hall.one_visit() == "done"

    (home,) = (view for view in hall.stage.asked if isinstance(view, Home))
    assert home.tiles[0].notice == msg("tile.without.receipt_printer")
    (guide,) = (view for view in hall.stage.asked if isinstance(view, Guide))
    assert guide.notice == msg("notice.without_slip")
    await hall.close()


@pytest.mark.looptime
async def test_the_guide_leaves_by_phone_or_on_paper_and_is_read_on(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        ITEM,
        {
            "guide": [Chosen("take"), Chosen("take"), Continue()],
            "guide.take": [Chosen("phone"), Chosen("slip")],
            "guide.link": Continue(),
        },
    )

    assert await hall.one_visit() == "done"

    links = [view.code for view in hall.stage.shown if isinstance(view, TakeAway)]
    assert len(links) == 1
    assert links[0].startswith("http")
    assert len(hall.printer.slips) == 2  # the guide, and the item's own
    assert hall.printer.slips[0].job.startswith("guide-371083NR0010-")
    await hall.close()


@pytest.mark.looptime
async def test_without_the_bureau_the_guide_leaves_on_paper_only(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, {"guide": [Chosen("take"), Continue()]})
    hall.sandbox.control("/faults", {"department": "approval", "kind": "cut", "times": None})

    assert await hall.one_visit() == "done"

    assert not any(view.key == "guide.take" for view in hall.stage.shown)
    assert len(hall.printer.slips) == 2
    await hall.close()


@pytest.mark.looptime
async def test_without_a_printer_the_guide_leaves_by_phone_only(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, {"guide": [Chosen("take"), Continue()], "guide.link": Continue()})
    hall.printer.facts["paper"] = "out"
    hall.availability = OfferedWithout(msg("notice.without_slip"))

    assert await hall.one_visit() == "done"

    assert not any(
        isinstance(view, Choose) and view.key == "guide.take" for view in hall.stage.shown
    )
    await hall.close()


@pytest.mark.looptime
async def test_a_guide_that_cannot_leave_is_said_and_read_on(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        ITEM,
        {"guide": [Chosen("take"), Continue()], "guide.untaken": Chosen("again")},
    )
    hall.printer.results = [failed("printer.paper_jam"), *hall.printer.results]
    hall.sandbox.control("/faults", {"department": "approval", "kind": "cut", "times": None})

    assert await hall.one_visit() == "done"

    assert len(hall.printer.slips) == 1
    await hall.close()


@pytest.mark.looptime
async def test_what_was_sought_is_neither_logged_nor_kept(tmp_path: Path) -> None:
    records: list[Record] = []
    detach = attach(records.append)
    searching = [Sought("qzjxvw"), Sought("bdc"), Chosen(ITEM)]
    hall = Hall(tmp_path, ITEM, {"home": Chosen(SEARCH), "search": searching})

    assert await hall.one_visit() == "done"

    detach()
    await hall.close()
    assert any(record["event"] == "item.ended" for record in records)
    assert "qzjxvw" not in str(records)
    assert left_in(tmp_path)
    assert b"qzjxvw" not in left_in(tmp_path)
