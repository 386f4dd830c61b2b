"""The hall's rules: a bad rating, a complaint, a suggestion are open tasks until they are answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

HALL = "/hall/v1"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def rate(sandbox: Sandbox, level: str, key: str = "rate-0001", **given: str) -> Any:
    body = {"terminal": "rushan-07", "item": "own-property", "level": level, **given}
    return post(sandbox, f"{HALL}/ratings", body, key)


def complain(sandbox: Sandbox, key: str = "complain-01", **given: Any) -> Any:
    body = {"terminal": "rushan-07", "kind": "complaint", "text": "排队太久", **given}
    return post(sandbox, f"{HALL}/complaints", body, key)


def tasks(sandbox: Sandbox, state: str = "") -> list[dict[str, str]]:
    query = f"?state={state}" if state else ""
    found: list[dict[str, str]] = sandbox.request("GET", f"{HALL}/tasks{query}").json()["tasks"]
    return found


def answer(sandbox: Sandbox, number: str, key: str = "answer-01", text: str = "已加派人手") -> Any:
    body = {"operator": "zhao", "text": text}
    return post(sandbox, f"{HALL}/tasks/{number}/answers", body, key)


def test_a_bad_rating_is_an_open_task_and_a_good_one_is_not(sandbox: Sandbox) -> None:
    for number, level in enumerate(("very_good", "good", "fair")):
        assert rate(sandbox, level, f"rate-000{number}").json() == {"task_no": ""}
    assert tasks(sandbox) == []
    for number, level in enumerate(("bad", "very_bad")):
        task_no = rate(sandbox, level, f"rate-001{number}", reason="slow").json()["task_no"]
        (task,) = [task for task in tasks(sandbox, "open") if task["task_no"] == task_no]
        assert (task["kind"], task["level"], task["reason"]) == ("rating", level, "slow")


def test_a_rating_sent_twice_is_one_rating_and_one_task(sandbox: Sandbox) -> None:
    assert rate(sandbox, "bad").json() == rate(sandbox, "bad").json()
    assert len(tasks(sandbox)) == 1
    assert len(sandbox.ledger()["ratings"]) == 1


def test_a_task_is_open_until_it_is_answered_and_answered_once(sandbox: Sandbox) -> None:
    number = complain(sandbox).json()["task_no"]
    assert [task["state"] for task in tasks(sandbox)] == ["open"]
    assert answer(sandbox, number).status_code == 201
    assert tasks(sandbox, "open") == []
    assert [task["answer"] for task in tasks(sandbox, "answered")] == ["已加派人手"]
    refused(answer(sandbox, number, "answer-02"), "task.answered")


def test_whoever_has_the_number_reads_the_answer_not_the_complaint(sandbox: Sandbox) -> None:
    number = complain(sandbox, person=person(), phone="13800138000").json()["task_no"]
    answer(sandbox, number)
    told = sandbox.request("GET", f"{HALL}/tasks/{number}")
    assert told.json()["state"] == "answered"
    assert told.json()["answer"] == "已加派人手"
    for secret in ("排队太久", "13800138000", person()["name"], person()["id_number"]):
        assert secret not in told.text


def test_a_complaint_needs_no_name_and_a_wrong_one_is_refused(sandbox: Sandbox) -> None:
    assert complain(sandbox).status_code == 201
    stranger = person() | {"name": "王五"}
    refused(complain(sandbox, "complain-02", person=stranger), "person.unknown")


def test_an_earlier_item_is_rated_by_its_number_once(sandbox: Sandbox) -> None:
    own = post(sandbox, "/approval/v1/cases/own", {"person": person()}).json()
    number = own["cases"][0]["number"]
    refused(rate(sandbox, "good", "rate-0001", number="BJ20200101000001"), "number.unknown")
    assert rate(sandbox, "good", "rate-0002", number=number).status_code == 201
    refused(rate(sandbox, "bad", "rate-0003", number=number), "rating.exists")


def test_staff_sets_out_and_arrives(sandbox: Sandbox) -> None:
    order = {"terminal": "rushan-07", "item": "own-property"}
    call = post(sandbox, f"{HALL}/staff-calls", order, "call-0001").json()
    assert call["state"] == "called"
    for state in ("on_the_way", "arrived"):
        sandbox.control(f"/staff-calls/{call['call_id']}", {"state": state})
        told = sandbox.request("GET", f"{HALL}/staff-calls/{call['call_id']}").json()
        assert told["state"] == state
    assert sandbox.ledger()["staff_calls"][0]["item"] == "own-property"
