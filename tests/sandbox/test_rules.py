"""The departments' rules: what they refuse, what they replay, what they never say twice."""

from __future__ import annotations

import re
from typing import Any

import pytest

from devices.idcard.record import is_id_number
from devices.simulators.cards import CARDS
from kiosk.sandbox.problems import CODES, MEDIA_TYPE
from tests.sandbox.in_process import Sandbox

BILL = "SI2026000001"
TRADE = {
    "out_trade_no": "P-000001",
    "department": "social-insurance",
    "bill_id": BILL,
    "option": "T300",
    "amount_fen": 30000,
    "subject": "养老保险",
}
WECHAT = "134567890123456789"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def person(slug: str = "wang-xiulan", proof: str = "card") -> dict[str, str]:
    card = CARDS[slug]
    return {"name": card.name, "id_number": card.id_number, "proof": proof}


def post(sandbox: Sandbox, path: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return sandbox.request("POST", path, json=body, headers=headers)


def pay(sandbox: Sandbox, number: str = "P-000001", **changed: Any) -> Any:
    body = TRADE | {"out_trade_no": number, "auth_code": WECHAT} | changed
    return post(sandbox, "/payment/v1/code-payments", body, f"pay-{number}")


def book(sandbox: Sandbox, trade: Any, key: str = "book-P-000001", **changed: Any) -> Any:
    body = {
        "bill_id": BILL,
        "option": "T300",
        "amount_fen": 30000,
        "out_trade_no": trade["out_trade_no"],
        "transaction_id": trade["transaction_id"],
    }
    return post(sandbox, "/social-insurance/v1/bookings", body | changed, key)


def refused(answer: Any, code: str) -> None:
    """A refusal of the contract."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = answer.json()
    assert body["code"] == code
    assert answer.status_code == body["status"] == CODES[code][0]
    assert body["type"].endswith(code)


def test_the_same_key_replays_the_first_answer_byte_by_byte(sandbox: Sandbox) -> None:
    first, second = pay(sandbox), pay(sandbox)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(sandbox.ledger()["trades"]) == 1


def test_a_key_used_for_another_request_is_refused(sandbox: Sandbox) -> None:
    pay(sandbox)
    body = TRADE | {"auth_code": WECHAT, "amount_fen": 50000}
    refused(
        post(sandbox, "/payment/v1/code-payments", body, "pay-P-000001"), "idempotency.mismatch"
    )


@pytest.mark.parametrize(
    "path", ["/payment/v1/code-payments", "/payment/v1/orders/P-000001/close", "/hall/v1/ratings"]
)
def test_what_changes_the_world_needs_a_key(sandbox: Sandbox, path: str) -> None:
    bodies = {
        "/payment/v1/code-payments": TRADE | {"auth_code": WECHAT},
        "/hall/v1/ratings": {"terminal": "t-1", "item": "i", "level": "good"},
    }
    refused(post(sandbox, path, bodies.get(path)), "idempotency.missing")


def test_a_refusal_is_replayed_too(sandbox: Sandbox) -> None:
    first, second = pay(sandbox, amount_fen=1), pay(sandbox, amount_fen=1)
    refused(first, "amount.mismatch")
    assert first.content == second.content


def test_a_booked_bill_is_gone_from_the_list(sandbox: Sandbox) -> None:
    query = {"person": person()}
    before = post(sandbox, "/social-insurance/v1/pension/bill-queries", query).json()
    assert before["bill_id"] == BILL
    assert book(sandbox, pay(sandbox).json()).status_code == 201
    after = post(sandbox, "/social-insurance/v1/pension/bill-queries", query).json()
    assert (after["bill_id"], after["tiers"]) == ("", [])
    assert after["paid_until"] == before["year"]


def test_a_booking_needs_the_money_at_the_gateway(sandbox: Sandbox) -> None:
    unpaid = {"out_trade_no": "P-000009", "transaction_id": "420000000"}
    refused(book(sandbox, unpaid, "book-other-0"), "trade.unpaid")
    trade = pay(sandbox).json()
    refused(book(sandbox, trade, "book-other-1", amount_fen=1), "amount.mismatch")
    refused(book(sandbox, trade, "book-other-2", bill_id="nothing"), "bill.unknown")
    refused(book(sandbox, trade, "book-other-3", transaction_id="1"), "trade.unpaid")
    assert book(sandbox, trade).status_code == 201


def test_booking_again_under_another_key_books_once(sandbox: Sandbox) -> None:
    trade = pay(sandbox).json()
    first = book(sandbox, trade, "book-first-1").json()
    assert book(sandbox, trade, "book-second-2").json() == first
    assert len(sandbox.ledger()["bookings"]) == 1


def test_a_bill_takes_one_live_attempt_and_one_payment(sandbox: Sandbox) -> None:
    shown = post(sandbox, "/payment/v1/orders", TRADE | {"valid_s": 120}, "show-P-000001")
    assert shown.json()["state"] == "NOTPAY"
    refused(pay(sandbox, "P-000002"), "bill.locked")
    post(sandbox, "/payment/v1/orders/P-000001/close", None, "close-P-000001")
    assert pay(sandbox, "P-000003").json()["state"] == "SUCCESS"
    refused(pay(sandbox, "P-000004"), "bill.paid")


def test_a_number_never_seen_is_closed_so_that_what_comes_late_is_refused(
    sandbox: Sandbox,
) -> None:
    closed = post(sandbox, "/payment/v1/orders/P-000001/close", None, "close-P-000001")
    assert closed.json()["state"] == "CLOSED"
    refused(pay(sandbox), "order.closed")


def test_closing_a_paid_order_says_that_it_was_paid(sandbox: Sandbox) -> None:
    pay(sandbox)
    closed = post(sandbox, "/payment/v1/orders/P-000001/close", None, "close-P-000001")
    assert closed.json()["state"] == "SUCCESS"


def test_a_shown_code_runs_out_on_the_gateways_clock(sandbox: Sandbox) -> None:
    post(sandbox, "/payment/v1/orders", TRADE | {"valid_s": 60}, "show-P-000001")
    sandbox.clock.move(61)
    state = sandbox.request("GET", "/payment/v1/orders/P-000001").json()
    assert (state["state"], state["reason"]) == ("CLOSED", "expired")


def test_a_payment_not_confirmed_in_45_s_fails(sandbox: Sandbox) -> None:
    issued = sandbox.control("/auth-codes", {"channel": "wechat", "behaviour": "confirm"})
    assert pay(sandbox, auth_code=issued["auth_code"]).json()["state"] == "USERPAYING"
    sandbox.clock.move(46)
    state = sandbox.request("GET", "/payment/v1/orders/P-000001").json()
    assert (state["state"], state["reason"]) == ("FAILED", "not_confirmed")


def test_a_code_is_charged_once(sandbox: Sandbox) -> None:
    issued = sandbox.control(
        "/auth-codes", {"channel": "alipay", "behaviour": "insufficient_funds"}
    )["auth_code"]
    assert pay(sandbox, "P-000001", auth_code=issued).json()["reason"] == "insufficient_funds"
    assert pay(sandbox, "P-000002", auth_code=issued).json()["reason"] == "code_used"


def test_property_is_shown_to_its_owner_only(sandbox: Sandbox) -> None:
    own = post(sandbox, "/property/v1/own/queries", {"person": person(), "purpose": "loan"}).json()
    assert len(own["units"]) >= 2
    unit = own["units"][0]["unit_code"]
    path = f"/property/v1/units/{unit}/queries"
    assert post(sandbox, path, {"person": person(), "purpose": "loan"}).json()["unit_code"] == unit
    refused(
        post(sandbox, path, {"person": person("li-na"), "purpose": "loan"}), "property.not_owner"
    )
    nowhere = f"/property/v1/units/{'9' * 28}/queries"
    refused(post(sandbox, nowhere, {"person": person(), "purpose": "loan"}), "property.not_owner")


def test_property_wants_the_card(sandbox: Sandbox) -> None:
    typed = {"person": person(proof="typed"), "purpose": "loan"}
    refused(post(sandbox, "/property/v1/own/queries", typed), "proof.card_required")


@pytest.mark.parametrize(
    ("since", "until"), [("2026-11-24", "2026-11-23"), ("2025-11-23", "2026-11-24")]
)
def test_a_period_is_in_order_and_at_most_366_days(
    sandbox: Sandbox, since: str, until: str
) -> None:
    body = {"person": person(), "since": since, "until": until}
    refused(post(sandbox, "/tax/v1/invoices/queries", body), "period.invalid")


def test_invoices_come_newest_first_and_are_handed_to_their_owner(sandbox: Sandbox) -> None:
    body = {"person": person(), "since": "2025-11-24", "until": "2026-11-24"}
    found = post(sandbox, "/tax/v1/invoices/queries", body).json()["invoices"]
    days = [invoice["issued_on"] for invoice in found]
    assert days == sorted(days, reverse=True)
    path = f"/tax/v1/invoices/{found[0]['number']}/pickups"
    assert post(sandbox, path, {"person": person()}, "pickup-0001").status_code == 201
    refused(post(sandbox, path, {"person": person("li-na")}, "pickup-0002"), "invoice.unknown")


@pytest.mark.parametrize("wrong", ["name", "id_number"])
def test_a_person_is_known_by_name_and_number_together(sandbox: Sandbox, wrong: str) -> None:
    mixed = person() | {wrong: person("li-na")[wrong]}
    answer = post(sandbox, "/social-insurance/v1/pension/bill-queries", {"person": mixed})
    refused(answer, "person.unknown")
    assert mixed["name"] not in answer.text
    assert mixed["id_number"] not in answer.text


def test_a_wrong_check_character_is_said_without_the_number(sandbox: Sandbox) -> None:
    number = person()["id_number"]
    wrong = person() | {"id_number": number[:17] + ("0" if number[17] != "0" else "1")}
    answer = post(sandbox, "/social-insurance/v1/pension/bill-queries", {"person": wrong})
    refused(answer, "person.unknown")
    assert "check character" in answer.json()["detail"]
    assert wrong["id_number"] not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "given", "code"),
    [
        ("GET", "/nothing/here", {}, "path.unknown"),
        ("DELETE", "/payment/v1/orders", {}, "method.unsupported"),
        (
            "POST",
            "/tax/v1/invoices/queries",
            {"data": b"{", "headers": {"Content-Type": "application/json"}},
            "request.malformed",
        ),
        (
            "POST",
            "/tax/v1/invoices/queries",
            {"data": b"a=1", "headers": {"Content-Type": "text/plain"}},
            "request.media_type",
        ),
        (
            "POST",
            "/tax/v1/invoices/queries",
            {"data": b" " * 70000, "headers": {"Content-Type": "application/json"}},
            "request.too_large",
        ),
        ("POST", "/tax/v1/invoices/queries", {"json": {"person": 1}}, "request.invalid"),
        ("GET", "/payment/v1/orders/P-999999", {}, "order.not_found"),
        ("GET", "/hall/v1/staff-calls/BB1", {}, "call.unknown"),
    ],
)
def test_every_mistake_gets_a_problem_document(
    sandbox: Sandbox, method: str, path: str, given: Any, code: str
) -> None:
    refused(sandbox.request(method, path, **given), code)


def test_an_unknown_field_is_refused(sandbox: Sandbox) -> None:
    body = {"person": person(), "purpose": "loan", "please": True}
    refused(post(sandbox, "/property/v1/own/queries", body), "request.invalid")


def test_staff_is_called_and_comes(sandbox: Sandbox) -> None:
    call = post(
        sandbox, "/hall/v1/staff-calls", {"terminal": "rushan-07", "item": ""}, "call-0001"
    ).json()
    assert call["state"] == "called"
    sandbox.control(f"/staff-calls/{call['call_id']}", {"state": "on_the_way"})
    state = sandbox.request("GET", f"/hall/v1/staff-calls/{call['call_id']}").json()
    assert state == {"call_id": call["call_id"], "state": "on_the_way"}


def test_the_invented_citizens_are_well_formed_and_the_same_every_day() -> None:
    citizens = Sandbox().control("/citizens")
    assert citizens == Sandbox().control("/citizens")
    residents = [c for c in citizens if c["id_number"].startswith("371083")]
    assert len(residents) >= 24
    assert all(is_id_number(c["id_number"]) for c in residents)
    units = [code for c in citizens for code in c["units"]]
    invoices = [number for c in citizens for number in c["invoices"]]
    assert all(re.fullmatch(r"371083\d{22}", code) for code in units)
    assert all(re.fullmatch(r"\d{20}", number) for number in invoices)
    assert len(set(units)) == len(units)
    assert len(set(invoices)) == len(invoices)
    first = citizens[0]
    assert first["slug"] == "wang-xiulan"
    assert first["bills"]
    assert len(first["units"]) >= 2
    assert len(first["invoices"]) >= 2
    assert any(not c["units"] for c in residents)
    assert any(not c["invoices"] for c in residents)
    assert any(not c["bills"] for c in residents)


def test_reset_restores_the_books(sandbox: Sandbox) -> None:
    before = sandbox.control("/citizens")
    pay(sandbox)
    sandbox.control("/reset", {})
    assert sandbox.ledger()["trades"] == []
    assert sandbox.control("/citizens") == before


@pytest.mark.parametrize("day", ["2026-W48-2", "20261124", "2026-1-1", "２026-11-24"])
def test_a_day_is_written_in_one_way(sandbox: Sandbox, day: str) -> None:
    answer = sandbox.request("GET", f"/payment/v1/bills/{day}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
