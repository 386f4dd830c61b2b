"""What social insurance refuses: gaps in months, a second proof of life, a card that is not in use."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.sandbox import paying
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

SOCIAL = "/social-insurance/v1"
DAY_S = 86_400


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def due(sandbox: Sandbox, slug: str = "wang-xiulan") -> Any:
    told = post(sandbox, f"{SOCIAL}/flexible/queries", {"person": person(slug)}).json()
    return told | {"months": [entry["month"] for entry in told["months"]]}


def order(sandbox: Sandbox, months: list[str], tier: str = "B60", key: str = "flexible-1") -> Any:
    body = {"person": person(), "months": months, "tier": tier}
    return post(sandbox, f"{SOCIAL}/flexible/bills", body, key)


def charge(sandbox: Sandbox, bill: Any, number: str = "F-000001") -> Any:
    return paying.charge(sandbox, "social-insurance", bill, number)


def book(sandbox: Sandbox, bill: Any, trade: Any) -> Any:
    return paying.book(sandbox, "social-insurance", bill, trade)


def test_months_are_paid_from_the_oldest_without_a_gap(sandbox: Sandbox) -> None:
    months = due(sandbox)["months"]
    assert months == ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]
    refused(order(sandbox, months[1:2], key="flexible-2"), "months.gap")
    refused(order(sandbox, [months[0], months[2]], key="flexible-3"), "months.gap")
    refused(order(sandbox, [*months, "2026-12"], key="flexible-4"), "months.gap")
    assert order(sandbox, months[:2]).status_code == 201


def test_the_amount_is_the_months_times_the_tier(sandbox: Sandbox) -> None:
    owed = due(sandbox)
    tier = next(tier for tier in owed["tiers"] if tier["percent"] == 100)
    bill = order(sandbox, owed["months"][:3], "B100").json()
    assert bill["amount_fen"] == 3 * tier["monthly_fen"]
    assert (bill["first"], bill["last"], bill["months"]) == ("2026-07", "2026-09", 3)


def test_only_who_is_enrolled_has_a_bill(sandbox: Sandbox) -> None:
    assert due(sandbox, "zhang-jianguo") == {
        "enrolled": False, "paid_until": "", "months": [], "tiers": [],
    }  # fmt: skip
    body = {"person": person("zhang-jianguo"), "months": ["2026-11"], "tier": "B60"}
    refused(post(sandbox, f"{SOCIAL}/flexible/bills", body, "flexible-1"), "flexible.not_enrolled")


def test_a_typed_person_makes_no_bill(sandbox: Sandbox) -> None:
    body = {"person": person(proof="typed"), "months": ["2026-07"], "tier": "B60"}
    refused(post(sandbox, f"{SOCIAL}/flexible/bills", body, "flexible-1"), "proof.card_required")


def test_another_choice_takes_the_place_of_the_open_bill(sandbox: Sandbox) -> None:
    months = due(sandbox)["months"]
    first = order(sandbox, months[:2]).json()
    second = order(sandbox, months[:3], key="flexible-2").json()
    assert second["bill_id"] != first["bill_id"]
    # what is paid on the old one is not booked any more
    refused(book(sandbox, first, charge(sandbox, first).json()), "bill.closed")


def test_the_same_choice_is_the_same_bill(sandbox: Sandbox) -> None:
    months = due(sandbox)["months"][:2]
    first, second = order(sandbox, months), order(sandbox, months, key="flexible-2")
    assert first.json() == second.json()


def test_a_bill_that_is_being_paid_is_not_replaced(sandbox: Sandbox) -> None:
    months = due(sandbox)["months"]
    bill = order(sandbox, months[:2]).json()
    charge(sandbox, bill)
    refused(order(sandbox, months[:3], key="flexible-2"), "bill.locked")


def test_booked_months_are_gone_and_come_back_when_the_money_does(sandbox: Sandbox) -> None:
    months = due(sandbox)["months"]
    bill = order(sandbox, months[:2]).json()
    trade = charge(sandbox, bill).json()
    assert book(sandbox, bill, trade).status_code == 201
    assert due(sandbox)["months"] == months[2:]
    assert due(sandbox)["paid_until"] == months[1]
    # WHEN the gateway gives the money back
    number = trade["out_trade_no"]
    reversed_ = post(sandbox, f"/payment/v1/orders/{number}/reverse", None, "reverse-1")
    assert reversed_.json()["state"] == "REVOKED"
    # THEN they are owed again
    assert due(sandbox)["months"] == months


def test_pensions_are_told_for_a_year_at_most_and_only_by_card(sandbox: Sandbox) -> None:
    path = f"{SOCIAL}/pension/payments/queries"
    period = {"since": "2026-01-01", "until": "2026-11-24"}
    told = post(sandbox, path, {"person": person(), **period}).json()
    assert [payment["month"] for payment in told["payments"]][:2] == ["2026-11", "2026-10"]
    assert told["total_fen"] == sum(payment["amount_fen"] for payment in told["payments"])
    nothing = post(sandbox, path, {"person": person("li-na"), **period}).json()
    assert nothing["payments"] == []
    long = {"person": person(), "since": "2020-01-01", "until": "2026-11-24"}
    refused(post(sandbox, path, long), "period.invalid")
    refused(post(sandbox, path, {"person": person(proof="typed"), **period}), "proof.card_required")


def test_a_proof_of_life_needs_a_second_proof(sandbox: Sandbox) -> None:
    answer = post(sandbox, f"{SOCIAL}/qualifications", {"person": person()}, "qualify-1")
    refused(answer, "proof.second_required")


def test_a_proof_of_life_of_this_year_is_told_with_its_day(sandbox: Sandbox) -> None:
    path = f"{SOCIAL}/qualifications/queries"
    owed = post(sandbox, path, {"person": person()}).json()
    assert (owed["pensioner"], owed["certified_on"]) == (True, "")
    given = post(sandbox, path, {"person": person("zhang-jianguo")}).json()
    assert given["certified_on"].startswith("2026-01-")
    assert post(sandbox, path, {"person": person("li-na")}).json()["pensioner"] is False


def test_a_loss_stops_the_card_for_seven_days(sandbox: Sandbox) -> None:
    query = {"person": person()}
    loss = post(sandbox, f"{SOCIAL}/cards/losses", query, "loss-0001").json()
    assert loss["lapses_at"].startswith("2026-12-01T09:30")
    stopped = post(sandbox, f"{SOCIAL}/cards/queries", query).json()
    assert (stopped["state"], stopped["lost_until"]) == ("lost", loss["lapses_at"])
    refused(post(sandbox, f"{SOCIAL}/cards/losses", query, "loss-0002"), "card.lost")
    sandbox.clock.move(7 * DAY_S)
    lapsed = post(sandbox, f"{SOCIAL}/cards/queries", query).json()
    assert (lapsed["state"], lapsed["lost_until"]) == ("active", "")


@pytest.mark.parametrize(
    ("slug", "state"), [("li-na", "making"), ("liu-yang", "ready"), ("zhao-min", "none")]
)
def test_a_card_that_is_not_in_use_cannot_be_lost(sandbox: Sandbox, slug: str, state: str) -> None:
    query = {"person": person(slug)}
    assert post(sandbox, f"{SOCIAL}/cards/queries", query).json()["state"] == state
    refused(post(sandbox, f"{SOCIAL}/cards/losses", query, "loss-0001"), "card.not_active")


def records(sandbox: Sandbox, slug: str, insurance: str = "pension") -> Any:
    body = {"person": person(slug), "insurance": insurance}
    return post(sandbox, f"{SOCIAL}/contributions/queries", body).json()


def test_a_gap_is_told_with_its_months(sandbox: Sandbox) -> None:
    told = records(sandbox, "wang-xiulan")
    assert told["gaps"] == [{"since": "2023-04", "until": "2023-06", "months": 3}]
    short = [year for year in told["years"] if year["months"] < year["due"]]
    assert [(year["year"], year["months"], year["due"]) for year in short] == [("2023", 9, 12)]
    assert told["months"] == sum(year["months"] for year in told["years"])
    assert records(sandbox, "li-na")["gaps"] == []


def test_who_never_paid_has_no_record_and_no_paper(sandbox: Sandbox) -> None:
    told = records(sandbox, "zhao-min")
    assert (told["years"], told["document"]) == ([], None)


def test_booked_months_count_as_contributions(sandbox: Sandbox) -> None:
    before = records(sandbox, "wang-xiulan")
    bill = order(sandbox, due(sandbox)["months"]).json()
    book(sandbox, bill, charge(sandbox, bill).json())
    after = records(sandbox, "wang-xiulan")
    assert after["months"] == before["months"] + 5
    assert after["paid_fen"] == before["paid_fen"] + bill["amount_fen"]
    assert after["gaps"] == before["gaps"]


def test_a_certificate_is_sealed_for_who_takes_part(sandbox: Sandbox) -> None:
    body = {"person": person(), "purpose": "loan"}
    told = post(sandbox, f"{SOCIAL}/participation/queries", body).json()
    assert {part["insurance"] for part in told["participations"]} == {
        "pension", "unemployment", "injury",
    }  # fmt: skip
    paper = sandbox.request("GET", SOCIAL + told["document"]["path"])
    assert hashlib.sha256(paper.content).hexdigest() == told["document"]["sha256"]
    nobody = body | {"person": person("zhao-min")}
    assert post(sandbox, f"{SOCIAL}/participation/queries", nobody).json()["document"] is None
