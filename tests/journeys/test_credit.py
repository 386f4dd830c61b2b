"""Credit: a report that is charged, one that failed after it was paid, a company of another, a slot taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.sandbox.citizens import everybody
from kiosk.sandbox.companies import companies
from kiosk.sandbox.credit import FEE_FEN, HAD_BOTH
from kiosk.texts import Yuan, msg
from kiosk.views import Chosen, Continue, Trouble
from tests.journeys.hall import Hall
from tests.journeys.scripted import ScriptedQueue, ScriptedScanner, Stopped, failed
from tests.sandbox.test_rules import person, post

pytestmark = pytest.mark.looptime

REPORT = "personal-credit-report"
USED_UP = everybody()[HAD_BOTH].slug


def asked(hall: Hall, key: str) -> Any:
    """The only view of `key`."""
    (found,) = [view for view in hall.stage.asked if view.key == key]
    return found


def charged(tmp_path: Path, **given: Any) -> Hall:
    """A citizen whose free copies are used up, and who pays on the phone."""
    hall = Hall(tmp_path, REPORT, card=USED_UP, **given)
    hall.stage.expect({"pay": hall.pay_on_the_phone})
    return hall


async def test_a_free_report_costs_nothing_and_says_how_many_are_left(tmp_path: Path) -> None:
    hall = Hall(tmp_path, REPORT)
    assert await hall.one_visit() == "done"
    assert "pay" not in hall.keys
    rows = {row.label: row.value for row in asked(hall, "credit.review").sections[0].rows}
    assert rows[msg("credit.row.free")] == msg("credit.free_of", left=2, of=2)
    assert rows[msg("credit.row.fee")] == msg("credit.fee.none")
    ending = next(view for view in hall.stage.asked if view.key == "finished")
    assert msg("credit.free_of", left=1, of=2) in [row.value for row in ending.rows]
    assert hall.sandbox.ledger()["trades"] == []
    await hall.close()


async def test_a_charged_report_is_paid_before_it_is_made(tmp_path: Path) -> None:
    hall = charged(tmp_path)
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    calls = [path for _, path in hall.sandbox.adapter.calls]
    booked = calls.index("/credit/v1/bookings")
    assert booked < calls.index("/credit/v1/personal-reports")
    (booking,) = hall.sandbox.ledger()["bookings"]
    assert booking["amount_fen"] == FEE_FEN
    assert asked(hall, "document.pages").fee == msg("document.fee", amount=Yuan(FEE_FEN))
    assert len(hall.printer.slips) == 1
    assert hall.documents is not None
    assert len(hall.documents.documents) == 1
    await hall.close()


async def test_a_report_that_cannot_be_had_after_paying_says_what_stays_true(
    tmp_path: Path,
) -> None:
    # GIVEN a bureau that fails as soon as it has the money
    answers = {"Trouble": Chosen("primary")}
    hall = charged(tmp_path, answers=answers)

    async def paid_then_broken(view: Any) -> Any:
        path = "/credit/v1/documents"
        hall.sandbox.fault("credit", "status", path, status=503, times=None)
        return await hall.pay_on_the_phone(view)

    hall.stage.expect({"pay": paid_then_broken})
    # WHEN the citizen goes on without it
    assert await hall.one_visit() == "done"
    # THEN nobody told them that nothing was charged, and they have the receipt
    (trouble,) = [view for view in hall.stage.asked if isinstance(view, Trouble)]
    assert trouble.standing.heading == msg("credit.stands", amount=Yuan(FEE_FEN))
    assert len(hall.printer.slips) == 1
    await hall.close()


async def test_a_report_that_was_not_printed_costs_no_second_copy(tmp_path: Path) -> None:
    # GIVEN a printer that jams, and a citizen who does without the rest
    queue = ScriptedQueue(Stopped(2, failed("document.paper_jam")))
    answers = {"document.trouble": Chosen("primary")}
    first = Hall(tmp_path / "1", REPORT, documents=queue, answers=answers)
    assert await first.one_visit() == "done"
    await first.close()
    # WHEN they come again the same day
    first.sandbox.clock.move(300)  # codes are sent once a minute
    second = Hall(tmp_path / "2", REPORT, sandbox=first.sandbox)
    assert await second.one_visit() == "done"
    # THEN it is the same report, and one copy was counted
    rows = {row.label: row.value for row in asked(second, "credit.review").sections[0].rows}
    assert rows[msg("credit.row.free")] == msg("credit.free_of", left=1, of=2)
    assert rows[msg("credit.row.fee")] == msg("credit.fee.waiting")
    ending = next(view for view in second.stage.asked if view.key == "finished")
    assert msg("credit.free_of", left=1, of=2) in [row.value for row in ending.rows]
    await second.close()


async def test_another_companys_report_is_refused_in_plain_words(tmp_path: Path) -> None:
    scanner = ScriptedScanner(companies()[1].credit_code)
    answers = {"Trouble": Chosen("primary")}
    hall = Hall(tmp_path, "enterprise-credit-report", scanner=scanner, answers=answers)
    assert await hall.one_visit() == "company.not_representative"
    (trouble,) = [view for view in hall.stage.asked if isinstance(view, Trouble)]
    assert trouble.cause == msg("credit.not_representative")
    await hall.close()


async def test_a_slot_that_somebody_else_took_is_chosen_anew(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "credit-objection")

    def slow(view: Any) -> Any:
        order = {"person": person(USED_UP), "kind": "account", "slot": view.options[0].id}
        post(hall.sandbox, "/credit/v1/objections", order, "objection-other")
        return Chosen(view.options[0].id)

    hall.stage.expect(
        {
            "credit.slot": slow,
            "credit.slot.1": lambda view: Chosen(view.options[0].id),
            "credit.objection.review.1": Continue(),
        }
    )
    assert await hall.one_visit() == "done"
    assert asked(hall, "credit.slot.1").subtitle == msg("credit.slot.taken")
    assert len(hall.printer.slips) == 1
    await hall.close()
