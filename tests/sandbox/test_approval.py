"""The approval bureau's rules: whose a case is, who gets a slot, what decides, what is sent once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.simulators.cards import CARDS
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

BUREAU = "/approval/v1"
ADDRESS = {"division": "371083", "detail": "胜利街18号"}
PHONE = "13800138000"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def own_cases(sandbox: Sandbox, slug: str = "wang-xiulan") -> list[dict[str, Any]]:
    body = {"person": person(slug)}
    cases: list[dict[str, Any]] = post(sandbox, f"{BUREAU}/cases/own", body).json()["cases"]
    return cases


def slots(sandbox: Sandbox, service: str = "social", mode: str = "window") -> list[dict[str, str]]:
    answer = post(sandbox, f"{BUREAU}/slots/queries", {"service": service, "mode": mode})
    free: list[dict[str, str]] = answer.json()["slots"]
    return free


def book(sandbox: Sandbox, slug: str, slot: str, key: str, **given: Any) -> Any:
    body = {"person": person(slug), "slot": slot, **given}
    return post(sandbox, f"{BUREAU}/appointments", body, key)


def apply(sandbox: Sandbox, slug: str, kind: str, key: str, **values: str) -> Any:
    given = [{"name": name, "value": value} for name, value in values.items()]
    path = f"{BUREAU}/approvals/{kind}/applications"
    return post(sandbox, path, {"person": person(slug), "values": given}, key)


# --- cases -------------------------------------------------------------------------------------------


def test_a_number_alone_tells_nothing_of_whose_case_it_is(sandbox: Sandbox) -> None:
    # GIVEN cases with remarks for their applicant
    numbers = [case["number"] for case in own_cases(sandbox)]
    card = CARDS["wang-xiulan"]
    for number in numbers:
        # WHEN somebody asks by the number alone
        answer = post(sandbox, f"{BUREAU}/cases/queries", {"number": number})
        # THEN state and dates are told, neither the person nor the remark
        assert answer.json()["state"]
        assert "note" not in answer.json()
        for secret in (card.name, card.id_number):
            assert secret not in answer.text
    page = post(sandbox, f"{BUREAU}/cases/queries", {"number": numbers[0]}).json()["take_away_url"]
    told = sandbox.request("GET", page.removeprefix(sandbox.url)).text
    assert numbers[0] in told
    assert card.name not in told


def test_details_are_for_the_applicant_only(sandbox: Sandbox) -> None:
    number = next(c["number"] for c in own_cases(sandbox) if c["state"] == "correcting")
    path = f"{BUREAU}/cases/{number}/details"
    assert post(sandbox, path, {"person": person()}).json()["note"]
    refused(post(sandbox, path, {"person": person("li-na")}), "case.not_own")
    refused(post(sandbox, path, {"person": person(proof="typed")}), "proof.card_required")


def test_one_sees_ones_own_cases_only(sandbox: Sandbox) -> None:
    mine = {case["number"] for case in own_cases(sandbox)}
    theirs = {case["number"] for case in own_cases(sandbox, "li-na")}
    assert mine
    assert theirs
    assert not mine & theirs


def test_an_unknown_number_is_refused(sandbox: Sandbox) -> None:
    answer = post(sandbox, f"{BUREAU}/cases/queries", {"number": "BJ20200101000001"})
    refused(answer, "case.unknown")


def test_a_case_that_the_bureau_moves_is_seen_there(sandbox: Sandbox) -> None:
    number = next(c["number"] for c in own_cases(sandbox) if c["state"] == "in_review")
    sandbox.control(f"/cases/{number}", {"state": "finished"})
    answer = post(sandbox, f"{BUREAU}/cases/queries", {"number": number}).json()
    assert answer["state"] == "finished"
    assert all(stage["on"] for stage in answer["stages"])


# --- appointments ------------------------------------------------------------------------------------


def test_a_slot_is_taken_once_and_leaves_the_list(sandbox: Sandbox) -> None:
    slot = slots(sandbox)[0]["slot"]
    assert book(sandbox, "wang-xiulan", slot, "book-0001").status_code == 201
    refused(book(sandbox, "li-na", slot, "book-0002"), "slot.taken")
    assert slot not in {free["slot"] for free in slots(sandbox)}


def test_a_cancelled_slot_is_free_again_and_only_its_owner_cancels(sandbox: Sandbox) -> None:
    slot = slots(sandbox)[0]["slot"]
    number = book(sandbox, "wang-xiulan", slot, "book-0001").json()["appointment_no"]
    path = f"{BUREAU}/appointments/{number}/cancellations"
    refused(post(sandbox, path, {"person": person("li-na")}, "cancel-01"), "appointment.not_own")
    assert post(sandbox, path, {"person": person()}, "cancel-02").status_code == 200
    refused(post(sandbox, path, {"person": person()}, "cancel-03"), "appointment.over")
    assert book(sandbox, "li-na", slot, "book-0002").status_code == 201


def test_one_appointment_for_one_thing(sandbox: Sandbox) -> None:
    first, second = (slot["slot"] for slot in slots(sandbox)[:2])
    book(sandbox, "wang-xiulan", first, "book-0001")
    refused(book(sandbox, "wang-xiulan", second, "book-0002"), "appointment.exists")


def test_slots_are_of_coming_working_days(sandbox: Sandbox) -> None:
    days = {slot["day"] for slot in slots(sandbox)}
    assert min(days) > sandbox.clock().date().isoformat()
    past = f"social.window.{sandbox.clock():%Y%m%d}.0900"
    refused(book(sandbox, "wang-xiulan", past, "book-0001"), "slot.unknown")


def test_staff_goes_to_homes_in_town_that_have_an_address(sandbox: Sandbox) -> None:
    slot = slots(sandbox, mode="home")[0]["slot"]
    refused(book(sandbox, "wang-xiulan", slot, "book-0001"), "address.missing")
    far = {"division": "110105", "detail": "某街1号"}
    refused(
        book(sandbox, "wang-xiulan", slot, "book-0002", address=far, phone=PHONE), "address.outside"
    )
    made = book(sandbox, "wang-xiulan", slot, "book-0003", address=ADDRESS, phone=PHONE)
    assert made.json()["mode"] == "home"
    answer = post(sandbox, f"{BUREAU}/slots/queries", {"service": "business", "mode": "home"})
    refused(answer, "slot.unknown")


# --- one thing ---------------------------------------------------------------------------------------


def plan(sandbox: Sandbox, theme: str, **answers: bool) -> Any:
    given = [{"question": question, "yes": yes} for question, yes in answers.items()]
    return post(sandbox, f"{BUREAU}/themes/{theme}/plans", {"answers": given})


def test_a_plan_has_every_material_once_in_the_most_copies_wanted(sandbox: Sandbox) -> None:
    told = plan(sandbox, "birth", married=True, local=True, card=True).json()
    names = [material["name"]["zh"] for material in told["materials"]]
    assert len(names) == len(set(names))
    assert {m["name"]["zh"]: m["copies"] for m in told["materials"]}["居民身份证"] == 2
    assert len(told["flow"]) == 5


def test_the_answers_decide_what_is_needed(sandbox: Sandbox) -> None:
    told = plan(sandbox, "birth", married=False, local=True, card=False).json()
    names = {material["name"]["zh"] for material in told["materials"]}
    assert "结婚证" not in names
    assert "近期免冠照片" not in names
    assert len(told["flow"]) == 3


def test_every_question_is_answered_once(sandbox: Sandbox) -> None:
    refused(plan(sandbox, "birth", married=True), "theme.unanswered")
    refused(plan(sandbox, "birth", married=True, local=True, car=True), "theme.unanswered")
    refused(plan(sandbox, "moving-to-mars"), "theme.unknown")


# --- instant approval --------------------------------------------------------------------------------


def test_who_meets_the_published_rules_is_granted_a_sealed_certificate(sandbox: Sandbox) -> None:
    told = apply(sandbox, "wang-xiulan", "elder-card", "apply-01", use="parks", phone=PHONE).json()
    assert told["granted"]
    assert told["unmet"] == []
    path = f"{BUREAU}{told['document']['path']}"
    pdf = sandbox.request("GET", path).content
    assert pdf.startswith(b"%PDF")


def test_a_refusal_names_each_rule_that_is_not_met_and_what_to_do(sandbox: Sandbox) -> None:
    # GIVEN the published rules
    rules = sandbox.request("GET", f"{BUREAU}/approvals/elder-card/rules").json()["rules"]
    # WHEN somebody too young applies
    told = apply(sandbox, "li-na", "elder-card", "apply-01", use="parks", phone=PHONE).json()
    # THEN it is refused by one of them, with its remedy, and there is no certificate
    assert not told["granted"]
    assert told["document"] is None
    assert [rule["text"]["zh"] for rule in told["unmet"]] == ["年满 60 周岁"]
    assert all(rule in rules for rule in told["unmet"])
    assert all(rule["remedy"]["zh"] and rule["remedy"]["en"] for rule in told["unmet"])


def test_what_was_granted_once_is_not_granted_twice(sandbox: Sandbox) -> None:
    apply(sandbox, "wang-xiulan", "elder-card", "apply-01", use="parks", phone=PHONE)
    told = apply(sandbox, "wang-xiulan", "elder-card", "apply-02", use="parks", phone=PHONE).json()
    assert [rule["text"]["zh"] for rule in told["unmet"]] == ["此前未领取过"]


def trader(sandbox: Sandbox, slug: str, name: str, key: str) -> Any:
    return apply(
        sandbox, slug, "sole-trader", key,
        business_name=name, trade="retail", division="371083", phone=PHONE,
    ).json()  # fmt: skip


def test_a_traders_name_is_neither_reserved_nor_taken(sandbox: Sandbox) -> None:
    assert not trader(sandbox, "li-na", "中国第一店", "apply-01")["granted"]
    assert trader(sandbox, "li-na", "娜娜杂货店", "apply-02")["granted"]
    assert not trader(sandbox, "liu-yang", "娜娜杂货店", "apply-03")["granted"]
    assert trader(sandbox, "liu-yang", "刘洋杂货店", "apply-04")["granted"]


@pytest.mark.parametrize(
    "values",
    [
        {"use": "parks"},
        {"use": "flying", "phone": PHONE},
        {"use": "parks", "phone": "12"},
        {"use": "parks", "phone": PHONE, "more": "x"},
    ],
)
def test_a_form_that_is_not_as_declared_is_refused(
    sandbox: Sandbox, values: dict[str, str]
) -> None:
    refused(apply(sandbox, "wang-xiulan", "elder-card", "apply-01", **values), "form.invalid")


# --- commitment --------------------------------------------------------------------------------------

STROKES = ["0.100,0.200 0.400,0.800", "0.200,0.500 0.800,0.500"]


def commit(sandbox: Sandbox, key: str, strokes: list[str], version: str = "2026-01") -> Any:
    body = {
        "person": person(),
        "kind": "public-hygiene",
        "version": version,
        "signature": {"ratio": 2.5, "strokes": strokes},
    }
    return post(sandbox, f"{BUREAU}/commitments", body, key)


def test_a_commitment_is_taken_with_a_signature_to_the_notice_as_it_stands(
    sandbox: Sandbox,
) -> None:
    refused(commit(sandbox, "commit-01", []), "signature.empty")
    refused(commit(sandbox, "commit-02", ["0.500,0.500"]), "signature.empty")
    refused(commit(sandbox, "commit-03", STROKES, "2020-01"), "commitment.outdated")
    taken = commit(sandbox, "commit-04", STROKES).json()
    assert taken["commitment_no"].startswith("CN")
    assert taken["document"]["pages"] >= 1


# --- courier -----------------------------------------------------------------------------------------


def send(sandbox: Sandbox, slug: str, case_no: str, key: str) -> Any:
    body = {
        "person": person(slug),
        "case_no": case_no,
        "recipient": "李雷",
        "phone": PHONE,
        "address": ADDRESS,
    }
    return post(sandbox, f"{BUREAU}/deliveries", body, key)


def test_a_certificate_of_ones_own_finished_case_is_sent_once(sandbox: Sandbox) -> None:
    cases = {case["state"]: case["number"] for case in own_cases(sandbox)}
    refused(send(sandbox, "wang-xiulan", cases["in_review"], "send-0001"), "case.not_finished")
    refused(send(sandbox, "li-na", cases["finished"], "send-0002"), "case.not_own")
    assert send(sandbox, "wang-xiulan", cases["finished"], "send-0003").status_code == 201
    refused(send(sandbox, "wang-xiulan", cases["finished"], "send-0004"), "certificate.sent")
    body = {"person": person()}
    left = post(sandbox, f"{BUREAU}/certificates/queries", body).json()
    assert cases["finished"] not in {c["case_no"] for c in left["certificates"]}
    assert [d["case_no"] for d in left["deliveries"]] == [cases["finished"]]


def test_a_delivery_is_followed_by_its_number_and_tells_nobodys_address(sandbox: Sandbox) -> None:
    case_no = next(c["number"] for c in own_cases(sandbox) if c["state"] == "finished")
    number = send(sandbox, "wang-xiulan", case_no, "send-0001").json()["delivery_no"]
    sandbox.control(f"/deliveries/{number}", {"state": "on_the_way"})
    told = post(sandbox, f"{BUREAU}/deliveries/queries", {"number": number})
    assert told.json()["state"] == "on_the_way"
    assert sum(event["at"] is not None for event in told.json()["events"]) == 3
    for secret in ("李雷", PHONE, ADDRESS["detail"]):
        assert secret not in json.dumps(told.json(), ensure_ascii=False)
