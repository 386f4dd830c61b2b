"""What medical insurance refuses: members who paid, who are not insured, who stand in the list twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import paying
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

MEDICAL = "/medical/v1"
CHILD, PAID, EMPLOYEE, NOBODY = "hu-xinyi", "liu-yang", "zhang-jianguo", "zhao-min"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def standing(sandbox: Sandbox, member: Any) -> str:
    body = {"person": person(), "member": member}
    return str(post(sandbox, f"{MEDICAL}/members/queries", body).json()["standing"])


def order(sandbox: Sandbox, *members: str, key: str = "family-1", payer: str = "") -> Any:
    given = [person(slug, "typed") for slug in members]
    body = {"person": person(payer or "wang-xiulan"), "members": given}
    return post(sandbox, f"{MEDICAL}/bills", body, key)


def charge(sandbox: Sandbox, bill: Any, number: str = "M-000001") -> Any:
    return paying.charge(sandbox, "medical", bill, number)


def book(sandbox: Sandbox, bill: Any, trade: Any) -> Any:
    return paying.book(sandbox, "medical", bill, trade)


@pytest.mark.parametrize(
    ("slug", "told"),
    [(CHILD, "due"), (PAID, "paid"), (EMPLOYEE, "employee"), (NOBODY, "not_insured")],
)
def test_each_member_is_told_how_the_year_stands(sandbox: Sandbox, slug: str, told: str) -> None:
    assert standing(sandbox, person(slug, "typed")) == told


def test_a_name_that_does_not_go_with_the_number_tells_nothing(sandbox: Sandbox) -> None:
    mixed = person(CHILD, "typed") | {"name": "李明"}
    assert standing(sandbox, mixed) == "not_insured"


def test_who_pays_shows_the_card(sandbox: Sandbox) -> None:
    body = {"person": person(proof="typed"), "members": [person()]}
    refused(post(sandbox, f"{MEDICAL}/bills", body, "family-1"), "proof.card_required")


@pytest.mark.parametrize(
    ("members", "code", "place"),
    [
        (("wang-xiulan", PAID), "member.paid", 2),
        (("wang-xiulan", CHILD, NOBODY), "member.not_insured", 3),
        ((EMPLOYEE,), "member.not_insured", 1),
        ((CHILD, CHILD), "member.twice", 2),
    ],
)
def test_a_member_is_refused_by_place_and_masked_name(
    sandbox: Sandbox, members: tuple[str, ...], code: str, place: int
) -> None:
    answer = order(sandbox, *members)
    refused(answer, code)
    (flaw,) = answer.json()["errors"]
    assert flaw["where"] == f"members.{place}"
    assert flaw["what"].startswith("*")
    assert person(members[place - 1])["name"] not in answer.text


def test_one_bill_is_booked_for_all_and_undone_for_all(sandbox: Sandbox) -> None:
    bill = order(sandbox, "wang-xiulan", CHILD).json()
    assert bill["amount_fen"] == sum(member["amount_fen"] for member in bill["members"])
    assert [member["name"] for member in bill["members"]] == ["**兰", "**怡"]
    trade = charge(sandbox, bill).json()
    assert book(sandbox, bill, trade).status_code == 201
    assert {standing(sandbox, person(s)) for s in ("wang-xiulan", CHILD)} == {"paid"}
    number = trade["out_trade_no"]
    reversed_ = post(sandbox, f"/payment/v1/orders/{number}/reverse", None, "reverse-1")
    assert reversed_.json()["state"] == "REVOKED"
    assert {standing(sandbox, person(s)) for s in ("wang-xiulan", CHILD)} == {"due"}


def test_a_member_is_in_one_open_bill_only_whoever_made_it(sandbox: Sandbox) -> None:
    # GIVEN a child in its grandmother's bill, and then in another's
    first = order(sandbox, "wang-xiulan", CHILD).json()
    second = order(sandbox, CHILD, key="family-2", payer="li-na").json()
    # WHEN both are paid
    trades = [charge(sandbox, first, "M-000001"), charge(sandbox, second, "M-000002")]
    # THEN the later one is booked, and the money of the other goes back
    refused(book(sandbox, first, trades[0].json()), "bill.closed")
    assert book(sandbox, second, trades[1].json()).status_code == 201


def test_a_bill_that_is_being_paid_is_not_replaced(sandbox: Sandbox) -> None:
    charge(sandbox, order(sandbox, "wang-xiulan", CHILD).json())
    refused(order(sandbox, CHILD, key="family-2", payer="li-na"), "bill.locked")


def test_the_same_family_is_the_same_bill(sandbox: Sandbox) -> None:
    first, second = order(sandbox, CHILD), order(sandbox, CHILD, key="family-2")
    assert first.json() == second.json()


def test_a_bill_is_told_again_to_who_made_it_only(sandbox: Sandbox) -> None:
    bill = order(sandbox, "wang-xiulan", CHILD).json()
    path = f"{MEDICAL}/bills/queries"
    again = post(sandbox, path, {"person": person(), "bill_id": bill["bill_id"]})
    assert again.json() == bill
    other = post(sandbox, path, {"person": person("li-na"), "bill_id": bill["bill_id"]})
    refused(other, "bill.unknown")


def test_a_voucher_is_issued_to_the_insured_only(sandbox: Sandbox) -> None:
    path = f"{MEDICAL}/vouchers/queries"
    told = post(sandbox, path, {"person": person()}).json()
    assert told["periods"] == [{"kind": "resident", "since": "2012-01", "until": "2026-12"}]
    assert told["document"]["check_code"]
    assert post(sandbox, path, {"person": person(NOBODY)}).json()["document"] is None
    refused(post(sandbox, path, {"person": person(proof="typed")}), "proof.card_required")
