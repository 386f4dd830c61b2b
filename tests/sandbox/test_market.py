"""Business licences: a code of the app works once, a cancelled company gets no copy."""

from __future__ import annotations

from typing import Any

import pytest

from devices.scanner.codes import CodeKind, classify
from devices.scanner.payloads import is_credit_code
from kiosk.sandbox.companies import companies
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import post, refused

SHOW = "/market/v1/presentations"
COPY = "/market/v1/licence-copies"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def codes(sandbox: Sandbox) -> list[str]:
    """Fresh codes: of a company in business, and of a cancelled one."""
    drawn: list[str] = sandbox.control("/samples")["business_licence"]
    return drawn


def show(sandbox: Sandbox, code: str, key: str = "present-0001") -> Any:
    return post(sandbox, SHOW, {"code": code}, key)


def test_a_code_of_the_app_works_once(sandbox: Sandbox) -> None:
    code = codes(sandbox)[0]
    first = show(sandbox, code)
    assert first.json()["name"].startswith("乳山市")
    assert show(sandbox, code).content == first.content  # the same request: a replay
    refused(show(sandbox, code, "present-0002"), "presentation.over")


def test_a_code_of_the_app_is_over_after_five_minutes(sandbox: Sandbox) -> None:
    code = codes(sandbox)[0]
    sandbox.clock.move(300)
    refused(show(sandbox, code), "presentation.over")


def test_a_code_of_no_phone_is_unknown(sandbox: Sandbox) -> None:
    refused(show(sandbox, "8000000000000000"), "presentation.unknown")


def test_a_persons_code_is_no_companys(sandbox: Sandbox) -> None:
    person = sandbox.control("/samples")["presentation"][0]
    refused(show(sandbox, person), "request.invalid")


def test_a_cancelled_company_gets_no_copy(sandbox: Sandbox) -> None:
    refused(show(sandbox, codes(sandbox)[1]), "company.cancelled")


def test_the_copy_is_sealed_and_for_whoever_presented_the_licence(sandbox: Sandbox) -> None:
    licence = show(sandbox, codes(sandbox)[0]).json()
    copy = post(sandbox, COPY, {"session": licence["session"]}, "copy-0001").json()
    assert copy["document"]["title"] == "营业执照（副本）"
    assert sandbox.request("GET", f"/market/v1{copy['document']['path']}").status_code == 200
    refused(
        post(sandbox, COPY, {"session": "nobody-presented-it"}, "copy-0002"), "presentation.over"
    )
    sandbox.clock.move(600)
    refused(post(sandbox, COPY, {"session": licence["session"]}, "copy-0003"), "presentation.over")


def test_the_companies_are_well_formed_and_their_heads_are_masked(sandbox: Sandbox) -> None:
    assert all(is_credit_code(company.credit_code) for company in companies())
    assert len({company.credit_code for company in companies()}) == len(companies())
    licence = show(sandbox, codes(sandbox)[0]).json()
    assert licence["head"] == "**兰"


def test_a_code_of_a_phone_is_no_wallets(sandbox: Sandbox) -> None:
    drawn = [code for _ in range(50) for code in codes(sandbox)]
    assert {classify(code.encode()).kind for code in drawn} == {CodeKind.TEXT}
    assert len(set(drawn)) == len(drawn)
