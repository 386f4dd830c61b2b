"""The property register: own things only, numbers of papers, fees paid once, certificates that end."""

from __future__ import annotations

import re
from typing import Any

import pytest

from devices.scanner.codes import CodeKind, classify
from kiosk.sandbox.property_cases import DWELLING_FEN, FURTHER_COPY_FEN, OTHER_FEN
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

BASE = "/property/v1"
NOTICE = f"{BASE}/fees/queries"
CASE = f"{BASE}/registrations/queries"
CHECK = f"{BASE}/certificates/checks"
HOLDING = f"{BASE}/holding-certificates"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def samples(sandbox: Sandbox, kind: str) -> list[str]:
    found: list[str] = sandbox.control("/samples")[kind]
    assert found
    return found


def holding(sandbox: Sandbox, slug: str, key: str = "holding-0001", **changed: Any) -> Any:
    body = {"person": person(slug), "purpose": "school"} | changed
    return post(sandbox, HOLDING, body, key)


def pay_fee(sandbox: Sandbox, notice: Any, number: str = "P-000001") -> Any:
    """Pay a notice at the gateway and have it booked."""
    trade = {
        "out_trade_no": number,
        "department": "property",
        "bill_id": notice["bill_id"],
        "option": notice["option"],
        "amount_fen": notice["amount_fen"],
        "subject": "不动产登记费",
        "auth_code": "134567890123456789",
    }
    paid = post(sandbox, "/payment/v1/code-payments", trade, f"pay-{number}").json()
    booking = {
        "bill_id": notice["bill_id"],
        "option": notice["option"],
        "amount_fen": notice["amount_fen"],
        "out_trade_no": number,
        "transaction_id": paid["transaction_id"],
    }
    return post(sandbox, f"{BASE}/bookings", booking, f"book-{number}")


# --- what somebody owns -----------------------------------------------------------------------------


def test_a_certificate_says_what_is_held_and_for_what(sandbox: Sandbox) -> None:
    told = holding(sandbox, "wang-xiulan").json()
    assert (told["holds"], told["units"]) == (True, 2)
    assert told["document"]["title"] == "有房证明"
    pdf = sandbox.request("GET", f"{BASE}{told['document']['path']}").content
    assert pdf.startswith(b"%PDF")


def test_whoever_owns_nothing_gets_a_certificate_of_that(sandbox: Sandbox) -> None:
    told = holding(sandbox, "yang-guang").json()
    assert (told["holds"], told["units"]) == (False, 0)
    assert told["document"]["title"] == "无房证明"


def test_a_certificate_asked_for_again_with_its_key_is_the_same_one(sandbox: Sandbox) -> None:
    first = holding(sandbox, "wang-xiulan").json()
    assert holding(sandbox, "wang-xiulan").json() == first
    again = holding(sandbox, "wang-xiulan", "holding-0002").json()
    assert again["certificate_no"] != first["certificate_no"]


def test_a_certificate_wants_the_card_and_a_purpose(sandbox: Sandbox) -> None:
    refused(holding(sandbox, "wang-xiulan", person=person(proof="typed")), "proof.card_required")
    refused(holding(sandbox, "wang-xiulan", "holding-0002", purpose="gossip"), "request.invalid")
    without = {"person": person()}
    refused(post(sandbox, HOLDING, without, "holding-0003"), "request.invalid")


def test_ones_own_record_comes_with_its_sealed_form_where_it_is_wanted(sandbox: Sandbox) -> None:
    body = {"person": person(), "purpose": "loan"}
    path = f"{BASE}/own/queries"
    assert post(sandbox, path, body).json()["document"] is None
    told = post(sandbox, path, body | {"take": "paper"}).json()
    assert told["document"]["title"] == "不动产登记信息查询结果"
    assert told["document"]["pages"] >= 1


# --- cases ------------------------------------------------------------------------------------------


def test_progress_tells_each_stage_in_order_and_nobodys_name(sandbox: Sandbox) -> None:
    for number in samples(sandbox, "registration"):
        told = post(sandbox, CASE, {"acceptance_no": number})
        stages = told.json()["stages"]
        states = [stage["state"] for stage in stages]
        assert states == sorted(states, key=["done", "current", "ahead"].index)
        days = [stage["day"] for stage in stages if stage["state"] == "done"]
        assert days == sorted(days)
        assert all(days)
        assert "王秀兰" not in told.text
        assert re.search(r"街\*\*号", told.json()["place"])


def test_each_state_of_a_registration_can_be_met(sandbox: Sandbox) -> None:
    states = {
        post(sandbox, CASE, {"acceptance_no": number}).json()["state"]
        for number in samples(sandbox, "registration")
    }
    assert states == {
        "under_way", "to_complete", "to_pay", "to_collect", "finished", "rejected",
    }  # fmt: skip


@pytest.mark.parametrize("number", ["BDCS20261122999999", "1", "A-B"])
def test_an_acceptance_number_of_none_is_unknown(sandbox: Sandbox, number: str) -> None:
    refused(post(sandbox, CASE, {"acceptance_no": number}), "registration.unknown")


# --- fees -------------------------------------------------------------------------------------------


def test_a_notice_is_the_sum_of_its_parts_by_the_published_rates(sandbox: Sandbox) -> None:
    for number in samples(sandbox, "registration_fee"):
        notice = post(sandbox, NOTICE, {"notice_no": number}).json()
        registration, *copies = [part["amount_fen"] for part in notice["parts"]]
        assert registration in (DWELLING_FEN, OTHER_FEN)
        assert all(fen % FURTHER_COPY_FEN == 0 for fen in copies)
        assert registration + sum(copies) == notice["amount_fen"]


def test_a_paid_notice_lets_the_registration_go_on(sandbox: Sandbox) -> None:
    # GIVEN a registration that waits for its fee
    number = samples(sandbox, "registration_fee")[0]
    notice = post(sandbox, NOTICE, {"notice_no": number}).json()
    case = number.replace("JFTZ", "BDCS")
    assert not notice["paid"]
    assert post(sandbox, CASE, {"acceptance_no": case}).json()["state"] == "to_pay"
    # WHEN it is paid and booked
    assert pay_fee(sandbox, notice).status_code == 201
    # THEN the notice is paid, and the certificate can be collected
    assert post(sandbox, NOTICE, {"notice_no": number}).json()["paid"]
    told = post(sandbox, CASE, {"acceptance_no": case}).json()
    assert told["state"] == "to_collect"
    assert "领取" in told["remark"]


def test_money_given_back_sends_the_registration_back_to_its_fee(sandbox: Sandbox) -> None:
    number = samples(sandbox, "registration_fee")[0]
    case = number.replace("JFTZ", "BDCS")
    notice = post(sandbox, NOTICE, {"notice_no": number}).json()
    pay_fee(sandbox, notice)
    back = post(sandbox, "/payment/v1/orders/P-000001/reverse", {}, "reverse-0001")
    assert back.status_code == 200, back.text
    assert not post(sandbox, NOTICE, {"notice_no": number}).json()["paid"]
    assert post(sandbox, CASE, {"acceptance_no": case}).json()["state"] == "to_pay"


def test_a_notice_of_none_is_unknown(sandbox: Sandbox) -> None:
    refused(post(sandbox, NOTICE, {"notice_no": "JFTZ20200101000001"}), "notice.unknown")


def test_numbers_on_papers_are_read_as_cases_and_certificates_as_texts(sandbox: Sandbox) -> None:
    for kind in ("registration", "registration_fee"):
        assert all(classify(n.encode()).kind is CodeKind.CASE for n in samples(sandbox, kind))
    assert all(classify(n.encode()).kind is CodeKind.TEXT for n in samples(sandbox, "certificate"))


# --- certificates -----------------------------------------------------------------------------------


def test_a_certificate_is_valid_mortgaged_seized_or_cancelled(sandbox: Sandbox) -> None:
    with sandbox.app.state.sandbox.books.transaction() as db:
        codes = [row["code"] for row in db.execute("SELECT code FROM certificates")]
    states = set()
    for code in codes:
        (found,) = post(sandbox, CHECK, {"code": code}).json()["certificates"]
        states.add(found["state"])
        assert (found["state"] == "cancelled") == bool(found["cancelled_on"])
        assert re.fullmatch(r"\*{1,3}.", found["holder"])
    assert states == {"valid", "mortgaged", "seized", "cancelled"}


def test_a_code_that_the_register_does_not_know_is_of_no_certificate(sandbox: Sandbox) -> None:
    told = post(sandbox, CHECK, {"code": "BDCZZ-AAAAA-BBBBB-CCCCC-DDDDD"}).json()
    assert told["certificates"] == []
    assert told["check_no"]
