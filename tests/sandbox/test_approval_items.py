"""The approval bureau's list of items, and the links by which their guides leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from kiosk.backends.approval_items import ELEMENTS
from kiosk.backends.contract import Answer, BackendFailure, Cause
from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.catalogue import load_catalogue
from kiosk.paths import CONFIG_DIR
from tests.sandbox.in_process import Clock, Sandbox

TODAY = date(2026, 11, 25)
KEY = "guide-0123456789abcdef"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(Clock())


@pytest.fixture
def departments(sandbox: Sandbox) -> Iterator[Departments]:
    opened = Departments.open(departments_at(sandbox.url), sandbox.adapter)
    yield opened
    opened.close()


def test_the_list_is_whole_and_begins_with_what_terminals_perform(departments: Departments) -> None:
    reply = departments.approval.city_items(TODAY)

    assert isinstance(reply, Answer)
    items = reply.value
    ours = load_catalogue(CONFIG_DIR)
    assert isinstance(ours, tuple)
    assert [one.item for one in items[: len(ours)]] == [item.id for item in ours]
    assert all(one.item == "" for one in items[len(ours) :])
    assert len(items) > 150
    assert len({one.code for one in items}) == len(items)
    for one in items:
        assert len(one.elements) == len(ELEMENTS)
        assert all(text.text and text.en for text in (one.name, one.bureau, *one.elements))


def test_the_terminals_codes_are_the_bureaus(departments: Departments) -> None:
    reply = departments.approval.city_items(TODAY)
    ours = load_catalogue(CONFIG_DIR)
    assert isinstance(reply, Answer)
    assert isinstance(ours, tuple)

    assert {item.code.text for item in ours} <= {one.code for one in reply.value}


def test_the_list_is_asked_once_a_day(sandbox: Sandbox, departments: Departments) -> None:
    approval = departments.approval
    first = approval.city_items(TODAY)
    sandbox.fault("approval", "cut", times=None)

    assert approval.city_items(TODAY) == first
    later = approval.city_items(TODAY + timedelta(days=1))
    assert isinstance(later, BackendFailure)


def test_a_list_that_broke_off_is_not_kept(sandbox: Sandbox, departments: Departments) -> None:
    approval = departments.approval
    sandbox.fault("approval", "refuse", "GET /approval/v1/items", code="item.unknown", times=1)
    assert isinstance(approval.city_items(TODAY), BackendFailure)

    assert isinstance(approval.city_items(TODAY), Answer)


def test_a_link_opens_the_guide_until_it_expires(
    sandbox: Sandbox, departments: Departments
) -> None:
    reply = departments.approval.guide_link("371083SP0240", KEY)

    assert isinstance(reply, Answer)
    path = reply.value.url.removeprefix(sandbox.url)
    page = sandbox.request("GET", path)
    assert page.status_code == 200
    assert "办事指南" in page.text
    sandbox.control("/clock", {"advance_s": 31 * 86400})
    assert sandbox.request("GET", path).status_code == 404


def test_the_same_key_gives_the_same_link(departments: Departments) -> None:
    first = departments.approval.guide_link("371083SP0240", KEY)

    assert departments.approval.guide_link("371083SP0240", KEY) == first
    other = departments.approval.guide_link("371083SP0240", KEY + "-2")
    assert isinstance(first, Answer)
    assert isinstance(other, Answer)
    assert other.value.url != first.value.url


def test_an_unknown_item_has_no_link(departments: Departments) -> None:
    reply = departments.approval.guide_link("371083XX9999", KEY)

    assert isinstance(reply, BackendFailure)
    assert (reply.cause, reply.code) == (Cause.REFUSED, "item.unknown")
