"""Every item to its end by script: straight, with Back, Exit and idle at each step, in virtual time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.catalogue import Offered, Unavailable
from kiosk.texts import msg
from kiosk.views import Back, Chosen, Continue, Exit, Progress
from tests.items import SCRIPTS
from tests.journeys.hall import ITEMS, Hall
from tests.journeys.scripted import NEVER

pytestmark = pytest.mark.looptime

ENTRY = ("attract", "home")
"""Views before the item begins: there Exit and Back mean nothing."""


async def straight(state: Path, item: str) -> Hall:
    """One visit without a hitch."""
    hall = Hall(state, item)
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    return hall


def steps_where(hall: Hall, offered: str) -> list[int]:
    """The places in the item at which `back` or `leave` is offered."""
    return [
        place
        for place, view in enumerate(hall.stage.asked)
        if view.key not in ENTRY and getattr(view, offered)
    ]


def test_every_item_has_a_script() -> None:
    assert set(SCRIPTS) == set(ITEMS)


@pytest.mark.parametrize("item", ITEMS)
async def test_a_visit_ends_done_with_its_slip_and_document(item: str, tmp_path: Path) -> None:
    hall = await straight(tmp_path, item)

    assert_taken(hall)
    assert hall.keys[-1] == "finished"
    await hall.close()


async def test_the_straight_way_asks_each_question_once(tmp_path: Path) -> None:
    hall = await straight(tmp_path, "resident-pension-pay")

    waits = [view.key for view in hall.stage.asked if isinstance(view, Progress)]
    assert [key for key in hall.keys if key not in waits] == [
        "attract",
        "home",
        "guide",
        "identify",
        "pension.choose_tier",
        "pension.review",
        "pay",
        "finished",
        "finished",
    ]
    await hall.close()


@pytest.mark.parametrize("item", ITEMS)
async def test_back_at_each_step_returns_to_the_question_before(item: str, tmp_path: Path) -> None:
    # GIVEN the way through the item, and every place that offers Back
    way = await straight(tmp_path / "straight", item)
    places = steps_where(way, "back")
    assert places
    for place in places:
        # WHEN the citizen goes back there
        hall = Hall(tmp_path / f"back-{place}", item, interrupts={place: Back()})
        outcome = await hall.one_visit()
        # THEN the question before is asked again, and the visit still comes to its end
        if way.stage.keys[place] == "guide":
            assert outcome == "back"
        else:
            assert outcome == "done"
            assert hall.stage.keys[place + 1] == question_before(way.stage.keys, place)
            assert_taken(hall)
        await hall.close()


async def test_back_offers_the_former_answer_marked(tmp_path: Path) -> None:
    # GIVEN a citizen who goes back from the review
    hall = Hall(tmp_path, "resident-pension-pay", interrupts={5: Back()})
    # WHEN the tiers are shown again
    assert await hall.one_visit() == "done"
    again = hall.stage.asked[6]
    # THEN the tier chosen before is marked
    assert again.key == "pension.choose_tier"
    assert again.chosen == "T500"
    await hall.close()


async def test_back_reads_nothing_again(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "resident-pension-pay", interrupts={5: Back()})
    await hall.one_visit()

    bills = [path for _, path in hall.sandbox.adapter.calls if path.endswith("bill-queries")]
    assert len(bills) == 1
    assert hall.reader.commands == 1
    await hall.close()


async def test_going_back_to_the_card_forgets_whose_bill_it_was(tmp_path: Path) -> None:
    # GIVEN a citizen who goes back from the tiers to the card, twice, with another card the second time
    hall = Hall(tmp_path, "resident-pension-pay", interrupts={4: Back()})
    # WHEN the card is read again
    assert await hall.one_visit() == "done"
    # THEN the bill is asked for again: it could be another person's
    bills = [path for _, path in hall.sandbox.adapter.calls if path.endswith("bill-queries")]
    assert hall.reader.commands == 2
    assert len(bills) == 2
    await hall.close()


@pytest.mark.parametrize("item", ITEMS)
async def test_exit_at_each_step_ends_the_visit_and_charges_nothing(
    item: str, tmp_path: Path
) -> None:
    way = await straight(tmp_path / "straight", item)
    places = steps_where(way, "leave")
    assert places
    for place in places:
        hall = Hall(tmp_path / f"exit-{place}", item, interrupts={place: Exit()})
        assert await hall.one_visit() == "exit"
        await hall.desk.settled()
        assert_nothing_pending(hall)
        assert hall.stage.resets >= 1
        await hall.close()


@pytest.mark.parametrize("item", ITEMS)
async def test_idle_at_each_step_asks_for_more_time_then_ends(item: str, tmp_path: Path) -> None:
    way = await straight(tmp_path / "straight", item)
    for place, key in enumerate(way.stage.keys):
        if key in ENTRY:
            continue
        # GIVEN a citizen who walks away at this place
        hall = Hall(
            tmp_path / f"idle-{place}",
            item,
            answers={"anything": NEVER, "pay": NEVER, "Trouble": NEVER},
            interrupts=dict.fromkeys(range(place, place + 9), NEVER),
        )
        if key == "identify":
            hall.reader.results = [timed_out()]
        # WHEN nobody touches the screen any more
        outcome = await hall.one_visit()
        # THEN the terminal asked first, and then forgot them
        assert outcome == "idle", key
        assert "more_time" in [view.key for view in hall.stage.shown]
        await hall.desk.settled()
        assert_nothing_pending(hall)
        await hall.close()


async def test_a_touch_in_time_keeps_the_visit(tmp_path: Path) -> None:
    # GIVEN a citizen who is slow at the tiers, but answers the dialog
    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        answers={"more_time": Chosen("more"), "pension.choose_tier": slow(Chosen("T300"))},
    )
    assert await hall.one_visit() == "done"
    assert "more_time" in [view.key for view in hall.stage.shown]
    await hall.close()


async def test_a_home_screen_that_nobody_touches_goes_back_to_attract(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers={"home": NEVER})
    visit = asyncio.ensure_future(hall.one_visit())
    await asyncio.sleep(120)
    assert hall.stage.keys == ["attract", "home", "attract"]
    visit.cancel()
    await asyncio.wait({visit})
    await hall.close()


async def test_nothing_due_is_said_kindly_and_nothing_is_charged(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "resident-pension-pay", card="zhang-jianguo")
    assert await hall.one_visit() == "done"
    assert "pay" not in hall.stage.keys
    assert hall.sandbox.ledger()["trades"] == []
    await hall.close()


async def test_an_expired_card_is_refused_and_another_one_is_taken(tmp_path: Path) -> None:
    from devices.simulators.cards import CARDS
    from devices.status import Ok
    from tests.journeys.scripted import ScriptedReader

    reader = ScriptedReader(Ok(CARDS["expired"]), Ok(CARDS["wang-xiulan"]))
    hall = Hall(tmp_path, "own-property", reader=reader)
    assert await hall.one_visit() == "done"
    troubles = [view.trouble for view in hall.stage.asked if view.key == "identify"]
    assert troubles[0] is None
    assert troubles[1].key == "identify.expired"
    await hall.close()


async def test_out_of_service_leads_to_the_items_which_say_why(tmp_path: Path) -> None:
    # GIVEN a terminal whose card reader is away
    reason = msg("unavailable.device", device=msg("device.id_card"))
    hall = Hall(
        tmp_path,
        "own-property",
        answers={"out_of_service": [Continue(), NEVER], "home": NEVER},
        availability=Unavailable(reason),
    )
    # WHEN a citizen wants to know more
    visit = asyncio.ensure_future(hall.one_visit())
    await asyncio.sleep(20)
    # THEN the home screen greys the item, with its reason
    assert hall.stage.keys == ["out_of_service", "home"]
    (tile,) = hall.stage.asked[1].tiles
    assert (tile.enabled, tile.notice) == (False, reason)
    # AND when the reader is back, the item is offered while they look
    hall.availability = Offered()
    await asyncio.sleep(3)
    assert hall.stage.shown[-1].tiles[0].enabled
    visit.cancel()
    await asyncio.wait({visit})
    await hall.close()


def question_before(keys: list[str], place: int) -> str:
    """The question before the one at `place`; a search that is typed on is one question."""
    return next(key for key in reversed(keys[:place]) if key != keys[place])


def assert_taken(hall: Hall) -> None:
    """What the item's script says came out, once."""
    script = SCRIPTS[hall.item]
    assert len(hall.printer.slips) == script.slips
    assert hall.documents is not None
    assert len(hall.documents.documents) == script.documents


def assert_nothing_pending(hall: Hall) -> None:
    """Every device is at rest, and no money can move any more."""
    assert hall.reader.at_rest
    assert hall.scanner.at_rest
    assert hall.printer.at_rest
    states = {trade["state"] for trade in hall.sandbox.ledger()["trades"]}
    assert states <= {"SUCCESS", "CLOSED", "FAILED"}
    assert hall.journal.unfinished() == ()
    booked = hall.sandbox.ledger()["bookings"]
    paid = [t for t in hall.sandbox.ledger()["trades"] if t["state"] == "SUCCESS"]
    assert len(booked) == len(paid)


def timed_out() -> Any:
    """No card was laid."""
    from devices.status import Outcome
    from tests.journeys.scripted import failed

    return failed("device.timeout", Outcome.TIMEOUT)


def slow(answer: Any) -> Any:
    """An answer that takes longer than idle time allows."""

    async def give(_: Any) -> Any:
        await asyncio.sleep(70)
        return answer

    return give
