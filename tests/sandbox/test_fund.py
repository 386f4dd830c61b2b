"""The provident fund: one's own account by the card, a year of deposits, loans that are told in full."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

PATH = "/fund/v1/accounts/queries"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def record(sandbox: Sandbox, slug: str = "wang-xiulan") -> Any:
    return post(sandbox, PATH, {"person": person(slug)}).json()


def test_a_year_of_deposits_comes_month_by_month_with_its_gaps(sandbox: Sandbox) -> None:
    told = record(sandbox)
    (account,) = told["accounts"]
    months = [deposit["month"] for deposit in told["deposits"]]
    assert months == [f"2025-{m:02d}" for m in (11, 12)] + [f"2026-{m:02d}" for m in range(1, 11)]
    amounts = [deposit["amount_fen"] for deposit in told["deposits"]]
    assert amounts.count(0) == 1
    assert set(amounts) == {0, account["monthly_fen"]}


def test_numbers_of_accounts_and_contracts_are_masked(sandbox: Sandbox) -> None:
    told = record(sandbox)
    assert "*" in told["accounts"][0]["account_no"]
    assert [loan["contract_no"].count("*") > 3 for loan in told["loans"]] == [True]


def test_a_sealed_account_gets_no_deposits(sandbox: Sandbox) -> None:
    told = record(sandbox, "zhou-haitao")
    assert told["accounts"][0]["state"] == "sealed"
    assert {deposit["amount_fen"] for deposit in told["deposits"]} == {0}


def test_whoever_has_no_account_is_told_of_none(sandbox: Sandbox) -> None:
    told = record(sandbox, "zhang-jianguo")
    assert (told["accounts"], told["deposits"], told["loans"]) == ([], [], [])


def test_the_fund_wants_the_card(sandbox: Sandbox) -> None:
    refused(post(sandbox, PATH, {"person": person(proof="typed")}), "proof.card_required")
