"""Every item with its devices missing: greyed with the reason, or performed by its fallback."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devices.status import DeviceState, Health
from kiosk.catalogue import (
    Availability,
    Item,
    Offered,
    OfferedWithout,
    Reach,
    Unavailable,
    availability,
)
from kiosk.views import Chosen, ScanOrType, TakeAway, Typed
from tests.items import SCRIPTS
from tests.journeys.hall import ITEMS, WORDS, Hall
from tests.journeys.scripted import NEVER, ScriptedPrinter, ScriptedQueue, ScriptedScanner

NOON = datetime(2026, 11, 24, 12, 0)

NEEDED = [(item.id, name) for item in ITEMS.values() for name in item.needs.devices]
WANTED = [(item.id, name) for item in ITEMS.values() for name in item.needs.wanted]
CALLED = [(item.id, name) for item in ITEMS.values() for name in item.needs.departments]


def seen(item: Item, *, without: str = "", unreachable: str = "") -> Availability:
    """Whether `item` is offered where one device is unplugged or one department does not answer."""
    names = {*item.needs.devices, *item.needs.wanted} - {without}
    healths = {name: Health(name, name, "x", "", DeviceState.ONLINE) for name in names}
    reaches = dict.fromkeys(item.needs.departments, Reach.REACHABLE)
    if unreachable:
        reaches[unreachable] = Reach.UNREACHABLE
    return availability(item, healths, reaches, NOON)


@pytest.mark.parametrize("item", ITEMS)
def test_with_everything_there_it_is_offered(item: str) -> None:
    assert seen(ITEMS[item]) == Offered()


@pytest.mark.parametrize(("item", "device"), NEEDED)
def test_without_a_needed_device_it_is_greyed_and_says_which(item: str, device: str) -> None:
    found = seen(ITEMS[item], without=device)

    assert isinstance(found, Unavailable)
    for words in WORDS.values():
        assert words.say(found.reason)


@pytest.mark.parametrize(("item", "department"), CALLED)
def test_without_its_department_it_is_greyed(item: str, department: str) -> None:
    assert isinstance(seen(ITEMS[item], unreachable=department), Unavailable)


@pytest.mark.looptime
@pytest.mark.parametrize(("item", "device"), WANTED)
async def test_without_a_wanted_device_it_is_performed_by_its_fallback(
    item: str, device: str, tmp_path: Path
) -> None:
    # GIVEN an item that can do without the device, which is not there
    found = seen(ITEMS[item], without=device)
    assert isinstance(found, OfferedWithout)
    answers = {"TakeAway": Chosen("primary"), "ScanOrType": lambda view: typed(hall, view)}
    hall = Hall(tmp_path, item, availability=found, answers=answers)
    take_away(hall, device)
    # WHEN a citizen performs it, as its guide said it would be
    outcome = await hall.one_visit()
    # THEN it comes to its end, without what that device would have done
    assert outcome == "done"
    guide = next(view for view in hall.stage.asked if view.key == "guide")
    assert guide.notice == found.notice
    if device == "receipt_printer":
        assert hall.printer.slips == []
    if device == "document_printer":
        assert hall.documents is None
    # AND the result stands on the last screen, and leaves by phone where it has an address: from the
    # screen, or from the slip where one came out
    ending = next(view for view in hall.stage.asked if view.key == "finished")
    assert ending.rows
    took = any(isinstance(view, TakeAway) for view in hall.stage.asked)
    assert took or ending.code or hall.printer.slips or not SCRIPTS[item].by_phone
    await hall.close()


def typed(hall: Hall, view: ScanOrType) -> Any:
    """The code is held, or typed where there is no scanner."""
    script = SCRIPTS[hall.item]
    codes = script.scans or script.scans_of(hall)
    return NEVER if view.scanner else Typed(codes[0])


def take_away(hall: Hall, device: str) -> None:
    """Unplug a device of the hall."""
    if device == "receipt_printer":
        hall.printer.state = DeviceState.OFFLINE
    elif device == "scanner":
        assert isinstance(hall.scanner, ScriptedScanner)
        hall.scanner.state = DeviceState.OFFLINE
    elif device == "document_printer":
        hall.lose("documents")
    elif device == "camera":
        hall.lose("camera")


def test_what_is_unplugged_here_is_a_device_that_an_item_can_do_without() -> None:
    known = {ScriptedPrinter.kind, ScriptedQueue.kind, ScriptedScanner.kind, "camera"}

    assert {device for _, device in WANTED} <= known
