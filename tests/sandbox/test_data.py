"""Licences shown by phone: the code works once, and only what is valid is told."""

from __future__ import annotations

from typing import Any

import pytest

from devices.simulators.cards import CARDS
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import post, refused

PATH = "/data/v1/presentations"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def codes(sandbox: Sandbox) -> list[str]:
    """Fresh codes: of somebody with valid licences, and of somebody with none."""
    drawn: list[str] = sandbox.control("/samples")["presentation"]
    return drawn


def present(sandbox: Sandbox, code: str, key: str = "present-0001") -> Any:
    return post(sandbox, PATH, {"code": code}, key)


def test_only_what_is_valid_is_shown_and_the_rest_is_counted(sandbox: Sandbox) -> None:
    told = present(sandbox, codes(sandbox)[0]).json()
    assert len(told["licences"]) == 3
    assert told["withheld"] == 1
    today = sandbox.clock().date().isoformat()
    assert all(not (end := entry["valid_until"]) or end >= today for entry in told["licences"])


def test_whoever_has_nothing_valid_shows_nothing(sandbox: Sandbox) -> None:
    told = present(sandbox, codes(sandbox)[1]).json()
    assert told["licences"] == []
    assert told["withheld"] >= 1


def test_a_code_works_once_and_for_five_minutes(sandbox: Sandbox) -> None:
    first, _ = codes(sandbox)
    assert present(sandbox, first).status_code == 200
    refused(present(sandbox, first, "present-0002"), "presentation.over")
    fresh = codes(sandbox)[0]
    assert fresh != first
    sandbox.clock.move(300)
    refused(present(sandbox, fresh, "present-0003"), "presentation.over")


def test_a_code_of_no_phone_is_unknown(sandbox: Sandbox) -> None:
    refused(present(sandbox, "9000000000000000"), "presentation.unknown")


def test_neither_the_name_nor_the_number_is_told_in_full(sandbox: Sandbox) -> None:
    told = present(sandbox, codes(sandbox)[0]).text
    card = CARDS["wang-xiulan"]
    assert card.name not in told
    assert card.id_number not in told
