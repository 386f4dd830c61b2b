"""Property, licences and public credit: numbers that nobody knows, codes that were used, fees paid before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.views import Chosen, Continue, Filled, Trouble, Typed
from tests.items.property import NOTICE, sample
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER, ScriptedScanner
from tests.sandbox.test_property import pay_fee
from tests.sandbox.test_rules import post

pytestmark = pytest.mark.looptime


def view(hall: Hall, key: str) -> Any:
    """The only view of `key`."""
    (found,) = [asked for asked in hall.stage.asked if asked.key == key]
    return found


async def test_an_acceptance_number_of_none_can_be_typed_again(tmp_path: Path) -> None:
    # GIVEN a citizen who mistypes the number, then scans the receipt
    hall = Hall(
        tmp_path,
        "registration-progress",
        answers={
            "registration-progress.acceptance_no": [Typed("BDCS20261122999999"), NEVER],
            "trouble.registration.unknown": Chosen("correct"),
        },
    )
    # WHEN they choose to enter it again
    assert await hall.one_visit() == "done"
    # THEN the question came back, and the right number was found
    assert hall.keys.count("registration-progress.acceptance_no") == 2
    assert "registration-progress.read" in hall.keys
    await hall.close()


async def test_a_code_that_the_register_does_not_know_is_said_plainly(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "property-certificate-check",
        scanner=ScriptedScanner("BDCZZ-AAAAA-BBBBB-CCCCC-DDDDD"),
    )
    assert await hall.one_visit() == "done"
    finished = next(asked for asked in hall.stage.asked if asked.key == "finished")
    assert finished.headline.text == "没有这本证照"
    assert "property-certificate-check.read" not in hall.keys
    await hall.close()


async def test_a_payment_code_is_not_taken_for_a_certificate(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path, "property-certificate-check", scanner=ScriptedScanner("134567890123456789", "X-1")
    )
    assert await hall.one_visit() == "done"
    asked = [v for v in hall.stage.asked if v.key == "property-certificate-check.code"]
    assert [v.trouble.key if v.trouble else "" for v in asked] == ["", "scan.other_code"]
    await hall.close()


async def test_ones_own_record_is_printed_on_a4_beside_its_slip(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers={"own-property.take": Chosen("paper")})
    assert await hall.one_visit() == "done"
    assert hall.documents is not None
    (document,) = hall.documents.documents
    assert document.id.startswith("BDCX")
    assert len(hall.printer.slips) == 1
    await hall.close()


# --- the fee ----------------------------------------------------------------------------------------


async def test_a_notice_that_nobody_knows_is_asked_for_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "registration-fee",
        scanner=ScriptedScanner("JFTZ20200101000001", NOTICE),
        answers={"registration-fee.notice.1": NEVER},
    )
    assert await hall.one_visit() == "done"
    assert view(hall, "registration-fee.notice.1").subtitle.key == "property.notice.unknown"
    assert len(hall.sandbox.ledger()["bookings"]) == 1
    await hall.close()


async def test_a_notice_paid_elsewhere_is_said_to_be_and_not_charged(tmp_path: Path) -> None:
    # GIVEN a notice that was paid at a window
    hall = Hall(tmp_path, "registration-fee")
    notice = post(hall.sandbox, "/property/v1/fees/queries", {"notice_no": NOTICE}).json()
    assert pay_fee(hall.sandbox, notice).status_code == 201
    # WHEN it is scanned here
    assert await hall.one_visit() == "done"
    # THEN nothing is charged, and no receipt comes out
    assert "pay" not in hall.keys
    assert len(hall.sandbox.ledger()["trades"]) == 1
    assert hall.printer.slips == []
    await hall.close()


async def test_a_notice_paid_here_today_gives_its_receipt_again(tmp_path: Path) -> None:
    # GIVEN a notice that was paid at this terminal
    hall = Hall(tmp_path, "registration-fee")
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    # WHEN it is scanned once more
    hall.stage.expect(
        {
            "attract": [Continue(), NEVER],
            "finished": Chosen("done"),
            "earlier.choose": lambda asked: Chosen(asked.options[0].id),
        }
    )
    assert await hall.one_visit() == "done"
    # THEN the receipt comes out as a copy that says so, and nothing is charged
    assert len(hall.sandbox.ledger()["trades"]) == 1
    assert len(hall.printer.slips) == 2
    first, again = hall.printer.slips
    assert again.job != first.job
    assert len(again.blocks) == len(first.blocks) + 1
    await hall.close()


# --- codes of phones --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "kind", "key"),
    [
        ("licence-presentation", "presentation", "licence.code"),
        ("business-licence-copy", "business_licence", "business-licence.code"),
    ],
)
async def test_a_code_that_is_over_is_said_to_be_and_a_fresh_one_is_taken(
    item: str, kind: str, key: str, tmp_path: Path
) -> None:
    # GIVEN a phone that shows a code for too long, and then a fresh one
    hall = Hall(tmp_path, item)
    (old,) = sample(hall, kind)
    hall.sandbox.clock.move(400)
    (fresh,) = sample(hall, kind)
    hall.scanner.results = ScriptedScanner(old, fresh).results
    # WHEN both are held in front of the scanner
    assert await hall.one_visit() == "done"
    # THEN the second question says why
    assert view(hall, f"{key}.1").subtitle.key == "licence.code.over"
    await hall.close()


async def test_a_phone_with_nothing_valid_is_said_to_have_nothing(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "licence-presentation")
    code = hall.sandbox.control("/samples")["presentation"][1]
    hall.scanner.results = ScriptedScanner(code).results
    assert await hall.one_visit() == "done"
    (section,) = view(hall, "licence.read").sections
    assert [row.value.key for row in section.rows] == ["licence.none"]
    await hall.close()


async def test_a_cancelled_companys_licence_is_not_copied(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "business-licence-copy", answers={"Trouble": Chosen("primary")})
    code = hall.sandbox.control("/samples")["business_licence"][1]
    hall.scanner.results = ScriptedScanner(code).results
    assert await hall.one_visit() == "company.cancelled"
    (told,) = [asked for asked in hall.stage.asked if isinstance(asked, Trouble)]
    assert told.cause.key == "trouble.company_cancelled"
    await hall.close()


# --- public credit ----------------------------------------------------------------------------------


async def test_words_that_nothing_is_found_by_are_asked_for_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "credit-publicity",
        answers={
            "credit-publicity.find": Filled.of({"words": "没有这家"}),
            "credit-publicity.find.1": Filled.of({"words": "海产"}),
        },
    )
    assert await hall.one_visit() == "done"
    assert view(hall, "credit-publicity.find.1").trouble.key == "publicity.nothing"
    await hall.close()


async def test_the_fund_says_kindly_that_there_is_no_account(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "provident-fund", card="zhang-jianguo")
    assert await hall.one_visit() == "done"
    assert "provident-fund.read" not in hall.keys
    await hall.close()
