"""Items are read whole, and offered only when what they need is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import get_args

import pytest

from devices.status import DeviceState, Health
from kiosk.catalogue import (
    Availability,
    Closed,
    Hours,
    Item,
    Offered,
    OfferedWithout,
    Reach,
    Unavailable,
    availability,
    fallback,
    load_catalogue,
)
from kiosk.itemfile import DAYS, DeviceName, ItemFile
from kiosk.journeys import JOURNEYS
from kiosk.paths import CONFIG_DIR
from kiosk.texts import Plain, msg
from kiosk.tomlfile import fields_of
from kiosk.views import Picture
from kiosk.words import load_words

ELEMENTS = (
    "code",
    "type",
    "legal_basis",
    "level",
    "department",
    "conditions",
    "materials",
    "time_limit",
    "fee",
    "result",
)
MONDAY_NOON = datetime(2026, 11, 23, 12, 0)


def items() -> dict[str, Item]:
    loaded = load_catalogue(CONFIG_DIR)
    assert isinstance(loaded, tuple), [str(problem) for problem in loaded]
    return {item.id: item for item in loaded}


def health(name: str, state: DeviceState = DeviceState.ONLINE, **facts: str) -> Health:
    return Health(name, name, "scripted", "", state, facts=facts)


def healths(**changed: Health | None) -> Mapping[str, Health]:
    all_well: dict[str, Health | None] = {
        name: health(name) for name in ("id_card", "scanner", "receipt_printer")
    }
    return {name: given for name, given in (all_well | changed).items() if given}


REACHABLE = dict.fromkeys(
    ("social-insurance", "property", "tax", "payment", "hall"), Reach.REACHABLE
)


def offered(
    item_id: str, reaches: Mapping[str, Reach] = REACHABLE, **changed: Health | None
) -> Availability:
    return availability(items()[item_id], healths(**changed), reaches, MONDAY_NOON)


def test_the_items_come_in_their_order() -> None:
    loaded = list(items().values())

    assert [item.order for item in loaded] == sorted(item.order for item in loaded)
    assert len({item.code for item in loaded}) == len(loaded)


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.id)
def test_an_item_has_its_ten_elements_in_both_languages(item: Item) -> None:
    for element in ELEMENTS:
        text = getattr(item, element)
        assert isinstance(text, Plain)
        assert text.text, element
        assert text.en or element == "code", element


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.id)
def test_an_item_names_a_journey_a_picture_and_a_category_that_exist(item: Item) -> None:
    words = load_words()["zh_CN"]

    assert item.journey in JOURNEYS
    assert item.picture in set(Picture)
    assert words.say(msg(f"category.{item.category}"))


def test_the_files_may_name_only_drawings_that_screens_know() -> None:
    fields = fields_of(ItemFile)

    assert set(fields["picture"].annotation.__args__) <= set(Picture)  # type: ignore[union-attr]


def test_purposes_are_those_of_the_contract_in_the_order_of_the_file() -> None:
    purposes = items()["own-property"].choices("purposes")

    assert [key for key, _ in purposes] == ["loan", "school", "residence", "housing", "other"]
    assert purposes[0][1] == Plain("办理贷款", "For a loan")


def test_an_item_whose_needs_are_met_is_offered() -> None:
    assert offered("own-property") == Offered()


@pytest.mark.parametrize(
    "printer",
    [
        None,
        health("receipt_printer", DeviceState.OFFLINE),
        health("receipt_printer", paper="out"),
        health("receipt_printer", paper="jammed"),
        health("receipt_printer", cover="open"),
    ],
)
def test_without_a_slip_the_item_is_offered_with_a_notice(printer: Health | None) -> None:
    answer = offered("own-property", receipt_printer=printer)

    assert isinstance(answer, OfferedWithout)
    assert answer.notice.key == "notice.without_slip"


@pytest.mark.parametrize("paper", ["full", "low", "unknown"])
def test_a_printer_that_may_print_is_no_reason_for_a_notice(paper: str) -> None:
    assert (
        offered("own-property", receipt_printer=health("receipt_printer", paper=paper)) == Offered()
    )


@pytest.mark.parametrize(
    "state", [DeviceState.OFFLINE, DeviceState.NO_DEVICE, DeviceState.HARDWARE_ERROR]
)
def test_without_the_reader_the_item_is_unavailable_and_says_so(state: DeviceState) -> None:
    answer = offered("own-property", id_card=health("id_card", state))

    assert isinstance(answer, Unavailable)
    assert load_words()["en"].say(answer.reason) == "ID card reader not available now"


def test_a_reader_in_use_is_there() -> None:
    assert offered("own-property", id_card=health("id_card", DeviceState.BUSY)) == Offered()


def test_while_things_start_the_reason_is_that() -> None:
    starting = offered("own-property", id_card=health("id_card", DeviceState.STARTING))
    unknown = offered("own-property", reaches=REACHABLE | {"property": Reach.UNKNOWN})

    assert starting == unknown
    assert isinstance(starting, Unavailable)
    assert starting.reason.key == "unavailable.starting"


@pytest.mark.parametrize("department", ["social-insurance", "payment"])
def test_a_payment_needs_both_its_department_and_the_gateway(department: str) -> None:
    reaches = REACHABLE | {department: Reach.UNREACHABLE}
    answer = offered("resident-pension-pay", reaches=reaches)

    assert isinstance(answer, Unavailable)
    assert answer.reason.key == "unavailable.department"


def test_a_department_of_another_item_does_not_matter() -> None:
    assert offered("own-property", reaches=REACHABLE | {"tax": Reach.UNREACHABLE}) == Offered()


def test_a_department_that_nobody_knows_counts_as_unreachable() -> None:
    assert isinstance(offered("own-property", reaches={}), Unavailable)


@pytest.mark.parametrize(
    ("when", "open_then"),
    [
        (datetime(2026, 11, 23, 8, 30), True),
        (datetime(2026, 11, 23, 8, 29, 59), False),
        (datetime(2026, 11, 23, 17, 0), False),
        (datetime(2026, 11, 28, 12, 0), False),  # a Saturday
    ],
)
def test_hours_bound_when_an_item_is_offered(when: datetime, open_then: bool) -> None:
    item = items()["own-property"]
    hours = Hours(time(8, 30), time(17), tuple(range(5)))
    item = replace(item, needs=replace(item.needs, hours=hours))

    answer = availability(item, healths(), REACHABLE, when)

    assert (answer == Offered()) is open_then
    if isinstance(answer, Unavailable):
        assert load_words()["en"].say(answer.reason) == "Open 08:30–17:00"


def without(*missing: str) -> dict[str, Health]:
    """Every device but those named, all well."""
    every = ("id_card", "scanner", "receipt_printer", "document_printer", "camera", "compartments")
    return {name: health(name) for name in every if name not in missing}


LATER = MONDAY_NOON.replace(hour=14, minute=30).astimezone()
CLOSED_UNTIL = Closed(Plain("系统维护", "maintenance"), LATER)
TOMORROW = replace(CLOSED_UNTIL, until=LATER.replace(day=24))
WEEKDAYS = Hours(time(8, 30), time(17), tuple(range(5)))

CASES: dict[str, tuple[dict[str, object], str | None, bool]] = {
    # needs and circumstances, what is said in English, whether the item is offered
    "all is well": ({}, None, True),
    "reader gone": ({"missing": ["id_card"]}, "ID card reader not available now", False),
    "scanner needed and gone": (
        {"devices": ["scanner"], "missing": ["scanner"]},
        "QR scanner not available now",
        False,
    ),
    "scanner wanted and gone": (
        {"wanted": ["scanner"], "missing": ["scanner"]},
        "The scanner is off; type the number",
        True,
    ),
    "camera wanted and gone": (
        {"wanted": ["camera"], "missing": ["camera"]},
        "The camera is off; a code by text message will do",
        True,
    ),
    "no slip": (
        {"wanted": ["receipt_printer"], "missing": ["receipt_printer"]},
        "No slip can be printed now. You can take the result away on your phone.",
        True,
    ),
    "no A4": (
        {"wanted": ["document_printer"], "missing": ["document_printer"]},
        "The A4 printer is off; take it along by phone",
        True,
    ),
    "no A4, but slips": (
        {"wanted": ["receipt_printer", "document_printer"], "missing": ["document_printer"]},
        "The A4 printer is off; take it along by phone",
        True,
    ),
    "no slips, but A4": (
        {"wanted": ["receipt_printer", "document_printer"], "missing": ["receipt_printer"]},
        "No slips now; A4 pages come out",
        True,
    ),
    "no printer at all": (
        {
            "wanted": ["receipt_printer", "document_printer"],
            "missing": ["receipt_printer", "document_printer"],
        },
        "No slip can be printed now. You can take the result away on your phone.",
        True,
    ),
    "neither slips nor scanner": (
        {
            "wanted": ["receipt_printer", "scanner"],
            "missing": ["receipt_printer", "scanner"],
        },
        "No slip can be printed now. You can take the result away on your phone.\n"
        "The scanner is off; type the number",
        True,
    ),
    "department gone": (
        {"reach": Reach.UNREACHABLE},
        "The department cannot be reached now",
        False,
    ),
    "department not asked yet": ({"reach": Reach.UNKNOWN}, "Starting up, one moment", False),
    "within hours": ({"hours": WEEKDAYS}, None, True),
    "out of hours": ({"hours": replace(WEEKDAYS, until=time(11))}, "Open 08:30–11:00", False),
    "closed": (
        {"closed": replace(CLOSED_UNTIL, until=None)},
        "Closed: maintenance",
        False,
    ),
    "closed until later": ({"closed": CLOSED_UNTIL}, "Closed until 14:30: maintenance", False),
    "closed until tomorrow": (
        {"closed": TOMORROW},
        "Closed until 2026-11-24: maintenance",
        False,
    ),
    "closed and everything else gone": (
        {"closed": CLOSED_UNTIL, "missing": ["id_card"], "reach": Reach.UNREACHABLE},
        "Closed until 14:30: maintenance",
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_reason_is_said_in_words(case: str) -> None:
    given, said, is_offered = CASES[case]
    item = items()["own-property"]
    needs = replace(
        item.needs,
        devices=tuple(given.get("devices", ["id_card"])),  # type: ignore[call-overload]
        wanted=tuple(given.get("wanted", [])),  # type: ignore[call-overload]
        hours=given.get("hours"),
    )
    answer = availability(
        replace(item, needs=needs),
        without(*given.get("missing", [])),  # type: ignore[misc]
        {"property": given.get("reach", Reach.REACHABLE)},  # type: ignore[dict-item]
        MONDAY_NOON.astimezone(),
        given.get("closed"),  # type: ignore[arg-type]
    )

    words = load_words()
    match answer:
        case Offered():
            assert (said, is_offered) == (None, True)
        case OfferedWithout(notice=notice):
            assert (words["en"].say(notice), True) == (said, is_offered)
            assert words["zh_CN"].say(notice)
        case Unavailable(reason=reason):
            assert (words["en"].say(reason), False) == (said, is_offered)
            assert words["zh_CN"].say(reason)


@pytest.mark.parametrize("device", get_args(DeviceName))
def test_every_device_that_an_item_may_want_has_its_fallback_in_words(device: str) -> None:
    needs = replace(items()["own-property"].needs, wanted=(device,))

    for words in load_words().values():
        assert words.say(fallback(needs, (device,)))


def write(config_dir: Path, old: str, new: str) -> list[str]:
    file = config_dir / "services" / "own-property.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    loaded = load_catalogue(config_dir)
    return [] if isinstance(loaded, tuple) else [str(problem) for problem in loaded]


def test_hours_are_read_from_the_file(config_dir: Path) -> None:
    added = (
        '[needs.hours]\nsince = 08:30:00\nuntil = 17:00:00\ndays = ["monday", "sunday"]\n[elements]'
    )
    assert write(config_dir, "[elements]", added) == []

    loaded = load_catalogue(config_dir)
    assert isinstance(loaded, tuple)
    item = next(item for item in loaded if item.id == "own-property")
    assert item.needs.hours == Hours(time(8, 30), time(17), (0, 6))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "fee = {",
            "fees = {",
            ["elements.fee: missing", "Did you mean fee"],
        ),
        ('journey = "declared"', 'journey = "fly"', ["is not for this journey", "Write journey"]),
        ("proof = 2", "proof = 4", ["own-property.toml:4: proof: out of range", "from 0 to 3"]),
        ('en = "Free of charge"', 'fr = "Gratuit"', ["elements.fee.fr: unknown key"]),
        (
            'id = "own-property"',
            'id = "my-property"',
            ["is not the file's name", "my-property.toml"],
        ),
        (
            "[elements]",
            "[needs.hours]\nsince = 09:00:00\nuntil = 08:00:00\n[elements]",
            ["needs.hours: since"],
        ),
        ('["id_card"]', '["iris"]', ["needs.devices.0: not one of the choices"]),
    ],
)
def test_a_wrong_item_file_names_file_line_key_and_remedy(
    config_dir: Path, old: str, new: str, told: list[str]
) -> None:
    said = "\n".join(write(config_dir, old, new))

    for part in told:
        assert part in said


def test_an_item_not_meant_for_self_service_is_left_out(config_dir: Path) -> None:
    assert write(config_dir, "self_service = true", "self_service = false") == []

    loaded = load_catalogue(config_dir)
    assert isinstance(loaded, tuple)
    assert "own-property" not in {item.id for item in loaded}


def test_a_directory_without_items_is_a_problem(tmp_path: Path) -> None:
    loaded = load_catalogue(tmp_path)

    assert isinstance(loaded, list)
    assert "holds no item" in str(loaded[0])


def test_days_are_those_of_the_week_from_monday() -> None:
    assert DAYS[MONDAY_NOON.weekday()] == "monday"
