"""What is public of companies: found by name or code, penalties only as long as the law has them public."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.sandbox.companies import companies
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import post, refused

FIND, READ = "/publicity/v1/companies/queries", "/publicity/v1/records/queries"

FIRST = companies()[0]


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def find(sandbox: Sandbox, words: str) -> Any:
    return post(sandbox, FIND, {"words": words}).json()


@pytest.mark.parametrize("words", [FIRST.name, FIRST.name[3:7], FIRST.credit_code])
def test_a_company_is_found_by_its_name_a_part_of_it_or_its_code(
    sandbox: Sandbox, words: str
) -> None:
    found = [company["credit_code"] for company in find(sandbox, words)["companies"]]
    assert FIRST.credit_code in found


@pytest.mark.parametrize("words", ["%", "_", FIRST.credit_code[:17], "没有这家"])
def test_what_is_in_no_name_finds_nothing(sandbox: Sandbox, words: str) -> None:
    assert find(sandbox, words) == {"companies": [], "more": False}


def test_a_penalty_that_was_repaired_or_is_over_is_not_public(sandbox: Sandbox) -> None:
    # GIVEN a company with three penalties: a fresh one, one whose time is over, one that was repaired
    with sandbox.app.state.sandbox.books.transaction() as db:
        held = db.execute(
            "SELECT * FROM publicity_penalties WHERE credit_code = ?", (FIRST.credit_code,)
        ).fetchall()
    assert len(held) == 3
    # WHEN its record is read
    told = post(sandbox, READ, {"credit_code": FIRST.credit_code}).json()
    # THEN the fresh one stands there, and the search counts the same
    assert len(told["penalties"]) == 1
    found = find(sandbox, FIRST.credit_code)["companies"][0]
    assert (found["licences"], found["penalties"]) == (len(told["licences"]), 1)
    # AND not even that one when its time is over
    sandbox.clock.move(3 * 366 * 86400)
    assert post(sandbox, READ, {"credit_code": FIRST.credit_code}).json()["penalties"] == []


def test_a_code_of_no_company_is_unknown(sandbox: Sandbox) -> None:
    refused(post(sandbox, READ, {"credit_code": "9" * 18}), "company.unknown")
