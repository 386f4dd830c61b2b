"""Credit: free copies counted by person and year, reports for who is proven, times taken once."""

from __future__ import annotations

from typing import Any

import pytest

from devices.simulators.cards import CARDS
from kiosk.sandbox.citizens import everybody
from kiosk.sandbox.companies import companies
from kiosk.sandbox.credit import FEE_FEN, FREE_A_YEAR, HAD_BOTH
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import WECHAT, person, post, refused

A_DAY_S = 86400
USED_UP = everybody()[HAD_BOTH].slug


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def proven(sandbox: Sandbox, slug: str = "wang-xiulan") -> dict[str, str]:
    """A person with a second proof of this moment."""
    who = person(slug)
    sandbox.clock.move(61)  # codes are sent once a minute
    order = {"person": who, "purpose": "credit"}
    sent = post(sandbox, "/data/v1/one-time-codes", order, f"code-{sandbox.clock():%d%H%M%S}")
    assert sent.status_code == 201, sent.text
    code = max(sandbox.control("/messages"), key=lambda message: message["sent_at"])["code"]
    path = f"/data/v1/one-time-codes/{sent.json()['challenge_id']}/checks"
    granted = post(sandbox, path, {"code": code}, f"check-{sandbox.clock():%d%H%M%S}").json()
    return who | {"second_proof": granted["second_proof"]}


def quota(sandbox: Sandbox, who: dict[str, str]) -> Any:
    return post(sandbox, "/credit/v1/personal-reports/quotas", {"person": who}).json()


def made(sandbox: Sandbox, who: dict[str, str], key: str) -> Any:
    return post(sandbox, "/credit/v1/personal-reports", {"person": who}, key)


def taken(sandbox: Sandbox, who: dict[str, str], report: Any) -> None:
    number = report["report_no"]
    path = f"/credit/v1/personal-reports/{number}/takings"
    assert post(sandbox, path, {"person": who}, f"taken-{number}").ok


def paid(sandbox: Sandbox, bill: Any) -> None:
    """The citizen pays the fee and the bureau books it."""
    terms = {
        "out_trade_no": "P-CREDIT-1",
        "department": "credit",
        "bill_id": bill["bill_id"],
        "option": bill["option"],
        "amount_fen": bill["fee_fen"],
        "subject": "个人信用报告",
        "auth_code": WECHAT,
    }
    trade = post(sandbox, "/payment/v1/code-payments", terms, "pay-credit-1").json()
    order = {name: terms[name] for name in ("bill_id", "option", "amount_fen", "out_trade_no")}
    order["transaction_id"] = trade["transaction_id"]
    assert post(sandbox, "/credit/v1/bookings", order, "book-credit-1").status_code == 201


def test_two_copies_a_year_are_free_and_the_next_one_is_a_bill(sandbox: Sandbox) -> None:
    for nth in range(FREE_A_YEAR):
        who = proven(sandbox)
        assert quota(sandbox, who)["free_left"] == FREE_A_YEAR - nth
        report = made(sandbox, who, f"report-000{nth}").json()
        assert (report["free"], report["free_left"]) == (True, FREE_A_YEAR - nth - 1)
        taken(sandbox, who, report)
    who = proven(sandbox)
    told = quota(sandbox, who)
    assert (told["free_left"], told["fee_fen"], told["paid"]) == (0, FEE_FEN, False)
    assert told["bill_id"]
    refused(made(sandbox, who, "report-0009"), "report.unpaid")


def test_a_paid_copy_is_made_once(sandbox: Sandbox) -> None:
    # GIVEN a citizen whose free copies are used up
    who = proven(sandbox, USED_UP)
    bill = quota(sandbox, who)
    assert quota(sandbox, who)["bill_id"] == bill["bill_id"]
    # WHEN they pay
    paid(sandbox, bill)
    assert quota(sandbox, who)["paid"]
    report = made(sandbox, who, "report-0001").json()
    # THEN the report is made for it, and the next one is another bill
    assert not report["free"]
    assert report["document"]["fee_fen"] == FEE_FEN
    taken(sandbox, who, report)
    following = quota(sandbox, who)
    assert following["bill_id"] != bill["bill_id"]
    assert not following["paid"]


def test_a_copy_that_did_not_come_out_is_given_again_the_same_day(sandbox: Sandbox) -> None:
    who = proven(sandbox)
    first = made(sandbox, who, "report-0001").json()
    told = quota(sandbox, who)
    assert (told["waiting"], told["free_left"]) == (True, FREE_A_YEAR - 1)
    second = made(sandbox, who, "report-0002").json()
    assert second["report_no"] == first["report_no"]
    assert quota(sandbox, who)["free_left"] == FREE_A_YEAR - 1
    # BUT not once it was taken
    taken(sandbox, who, first)
    third = made(sandbox, who, "report-0003").json()
    assert third["report_no"] != first["report_no"]


def test_a_new_year_brings_new_free_copies(sandbox: Sandbox) -> None:
    who = proven(sandbox, USED_UP)
    assert quota(sandbox, who)["free_left"] == 0
    sandbox.clock.move(60 * A_DAY_S)
    assert quota(sandbox, proven(sandbox, USED_UP))["free_left"] == FREE_A_YEAR


@pytest.mark.parametrize(
    "path",
    [
        "/personal-reports/quotas",
        "/personal-reports",
        f"/enterprises/{companies()[0].credit_code}/queries",
        f"/enterprises/{companies()[0].credit_code}/reports",
    ],
)
def test_nobody_gets_a_report_without_a_second_proof_or_by_typing(
    sandbox: Sandbox, path: str
) -> None:
    url = f"/credit/v1{path}"
    refused(post(sandbox, url, {"person": person()}, "key-00001"), "proof.second_required")
    typed = proven(sandbox) | {"proof": "typed"}
    refused(post(sandbox, url, {"person": typed}, "key-00002"), "proof.card_required")
    others = person("zhang-wei" if "zhang-wei" in CARDS else USED_UP)
    others["second_proof"] = proven(sandbox)["second_proof"]
    refused(post(sandbox, url, {"person": others}, "key-00003"), "proof.second_required")


def test_a_companys_report_is_its_legal_representatives_alone(sandbox: Sandbox) -> None:
    own, others = companies()[0], companies()[1]
    who = proven(sandbox)
    url = "/credit/v1/enterprises/{}/reports"
    report = post(sandbox, url.format(own.credit_code), {"person": who}, "key-00001").json()
    assert report["name"] == own.name
    answer = post(sandbox, url.format(others.credit_code), {"person": who}, "key-00002")
    refused(answer, "company.not_representative")
    nobodys = "91371083MA3C00000X"
    refused(post(sandbox, url.format(nobodys), {"person": who}, "key-00003"), "company.unknown")


def test_a_slot_is_taken_once_and_an_objection_announced_once(sandbox: Sandbox) -> None:
    slots = sandbox.request("GET", "/credit/v1/objection-slots").json()["slots"]
    order = {"person": person(), "kind": "account", "slot": slots[0]["slot"]}
    first = post(sandbox, "/credit/v1/objections", order, "objection-1")
    assert first.status_code == 201
    left = sandbox.request("GET", "/credit/v1/objection-slots").json()["slots"]
    assert left == slots[1:]
    others = order | {"person": person(USED_UP)}
    refused(post(sandbox, "/credit/v1/objections", others, "objection-2"), "slot.taken")
    again = order | {"slot": slots[1]["slot"]}
    refused(post(sandbox, "/credit/v1/objections", again, "objection-3"), "objection.exists")
    past = order | {"kind": "query", "slot": "20200101-0900"}
    refused(post(sandbox, "/credit/v1/objections", past, "objection-4"), "slot.unknown")


def test_another_persons_report_cannot_be_marked_as_taken(sandbox: Sandbox) -> None:
    who = proven(sandbox)
    report = made(sandbox, who, "report-0001").json()
    path = f"/credit/v1/personal-reports/{report['report_no']}/takings"
    refused(post(sandbox, path, {"person": person(USED_UP)}, "taken-0001"), "report.unknown")
    assert quota(sandbox, who)["waiting"]
