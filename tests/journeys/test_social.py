"""What is special about social and medical insurance: families, months, receipts again, proofs, cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devices.printer.layout import Pair, Slip
from devices.simulators.cards import CARDS
from devices.status import Ok
from kiosk.views import Back, Chosen, Continue, Filled, Finished, Record, Trouble
from tests.items.social import SCRIPTS
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER, ScriptedReader
from tests.sandbox.test_rules import person, post

pytestmark = pytest.mark.looptime

CHILD, PAID = CARDS["hu-xinyi"], CARDS["liu-yang"]
PAYING = ("resident-medical-pay", "flexible-employment-pay")


def typed(slug: str) -> Filled:
    card = CARDS[slug]
    return Filled.of({"name": card.name, "id_number": card.id_number})


def paper(slip: Slip) -> str:
    """All words of a slip."""
    return repr(slip.blocks)


def pairs(slip: Slip) -> dict[str, str]:
    """The labelled rows of a slip."""
    return {block.label: block.value for block in slip.blocks if isinstance(block, Pair)}


def lists(hall: Hall) -> list[Record]:
    """The family's list each time it was shown."""
    return [view for view in hall.stage.asked if view.key.startswith("medical.members.")]


def last(hall: Hall) -> Finished:
    view = hall.stage.asked[-2 if hall.stage.keys[-1] == "attract" else -1]
    assert isinstance(view, Finished)
    return view


# --- a family -----------------------------------------------------------------------------------------


async def test_one_payment_covers_the_family_and_names_everybody_masked(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "resident-medical-pay")
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    # one trade, booked for both
    (trade,) = hall.sandbox.ledger()["trades"]
    assert trade["amount_fen"] == 80_000
    (slip,) = hall.printer.slips
    assert "**兰" in paper(slip)
    assert "**怡" in paper(slip)
    assert CHILD.name not in paper(slip)
    assert CHILD.id_number not in paper(slip)
    for slug in ("wang-xiulan", "hu-xinyi"):
        body = {"person": person(), "member": person(slug, "typed")}
        told = post(hall.sandbox, "/medical/v1/members/queries", body).json()
        assert told["standing"] == "paid"
    await hall.close()


async def test_a_family_member_is_added_by_laying_the_card(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "resident-medical-pay",
        reader=ScriptedReader(Ok(CARDS["wang-xiulan"]), Ok(CHILD)),
        answers={"medical.add.1": Chosen("card"), "medical.card.1": NEVER},
    )
    assert await hall.one_visit() == "done"
    assert "medical.card.1" in hall.keys
    assert hall.reader.commands == 2
    assert hall.sandbox.ledger()["trades"][0]["amount_fen"] == 80_000
    await hall.close()


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("liu-yang", "medical.paid"),
        ("zhang-jianguo", "medical.employee"),
        ("zhao-min", "medical.not_insured"),
        ("wang-xiulan", "medical.twice"),
    ],
)
async def test_who_owes_nothing_is_not_listed_and_it_is_said_why(
    slug: str, said: str, tmp_path: Path
) -> None:
    hall = Hall(tmp_path, "resident-medical-pay", answers={"medical.person.1": typed(slug)})
    assert await hall.one_visit() == "done"
    again = lists(hall)[1]
    assert again.notice is not None
    assert again.notice.key == said
    assert CARDS[slug].name not in repr(again)
    assert hall.sandbox.ledger()["trades"][0]["amount_fen"] == 40_000
    await hall.close()


async def test_somebody_who_paid_already_pays_for_the_family_alone(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "resident-medical-pay", card="liu-yang")
    assert await hall.one_visit() == "done"
    first = lists(hall)[0]
    assert first.notice is not None
    assert first.notice.key == "medical.paid"
    assert [action.id for action in first.actions] == ["add"]
    assert hall.sandbox.ledger()["trades"][0]["amount_fen"] == 40_000
    await hall.close()


async def test_who_was_added_can_be_taken_off_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "resident-medical-pay",
        answers={
            "medical.members.2": Chosen("remove"),
            "medical.remove.2": Chosen("1"),
            "medical.members.3": Chosen("pay"),
        },
    )
    assert await hall.one_visit() == "done"
    # the first of the list was the payer: only the child is left
    (slip,) = hall.printer.slips
    assert "**怡 · 371" in paper(slip)
    assert hall.sandbox.ledger()["trades"][0]["amount_fen"] == 40_000
    await hall.close()


async def test_a_member_paid_elsewhere_meanwhile_is_named_and_off_the_list(tmp_path: Path) -> None:
    # GIVEN a child for whom another pays while the list is on screen
    hall = Hall(tmp_path, "resident-medical-pay")

    def elsewhere(_: Any) -> Chosen:
        body = {"person": person("li-na"), "members": [person("hu-xinyi", "typed")]}
        bill = post(hall.sandbox, "/medical/v1/bills", body, "elsewhere-1").json()
        order = {
            "out_trade_no": "E-000001", "department": "medical", "bill_id": bill["bill_id"],
            "option": bill["option"], "amount_fen": bill["amount_fen"], "subject": "医保",
            "auth_code": "134567890123456780",
        }  # fmt: skip
        trade = post(hall.sandbox, "/payment/v1/code-payments", order, "elsewhere-2").json()
        booking = {
            "bill_id": bill["bill_id"], "option": bill["option"],
            "amount_fen": bill["amount_fen"], "out_trade_no": "E-000001",
            "transaction_id": trade["transaction_id"],
        }  # fmt: skip
        done = post(hall.sandbox, "/medical/v1/bookings", booking, "elsewhere-3")
        assert done.status_code == 201
        return Chosen("pay")

    hall.stage.expect({"medical.members.2": elsewhere, "medical.members.3": Chosen("pay")})
    # WHEN the citizen goes on
    assert await hall.one_visit() == "done"
    # THEN the list says who it was, and only the other one is paid for
    third = lists(hall)[2]
    assert third.notice is not None
    assert third.notice.key == "medical.paid"
    assert hall.sandbox.ledger()["trades"][-1]["amount_fen"] == 40_000
    await hall.close()


async def test_back_from_the_check_makes_a_bill_of_its_own_for_another_list(tmp_path: Path) -> None:
    # GIVEN a citizen who goes back from the check, takes the child off, and goes on
    hall = Hall(
        tmp_path,
        "resident-medical-pay",
        answers={
            "medical.review": [Back(), Continue()],
            "medical.members.2": [Chosen("pay"), Chosen("remove")],
            "medical.remove.2": Chosen("2"),
            "medical.members.3": Chosen("pay"),
        },
    )
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    (trade,) = hall.sandbox.ledger()["trades"]
    assert (trade["state"], trade["amount_fen"]) == ("SUCCESS", 40_000)
    assert len(hall.sandbox.ledger()["bookings"]) == 1
    await hall.close()


# --- months -------------------------------------------------------------------------------------------


async def test_months_are_offered_from_the_oldest_only(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "flexible-employment-pay")
    assert await hall.one_visit() == "done"
    asked = next(view for view in hall.stage.asked if view.key == "flexible.months")
    spans = [dict(option.subtitle.args) for option in asked.options]
    assert {span["first"] for span in spans} == {"2026-07"}
    assert [span["last"] for span in spans] == [f"2026-{m:02d}" for m in range(7, 12)]
    (trade,) = hall.sandbox.ledger()["trades"]
    assert trade["amount_fen"] == 3 * 90_000
    await hall.close()


async def test_back_to_the_same_choice_after_another_pays_the_bill_that_is_open(
    tmp_path: Path,
) -> None:
    # GIVEN a citizen who looks at one tier, then at another, then takes the first
    hall = Hall(
        tmp_path,
        "flexible-employment-pay",
        answers={
            "flexible.tier": [Chosen("B60"), Chosen("B100"), Chosen("B60")],
            "flexible.review": [Back(), Back(), Continue()],
        },
    )
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    # THEN the money was booked, and did not go back for a bill that was replaced
    (trade,) = hall.sandbox.ledger()["trades"]
    assert (trade["state"], trade["amount_fen"]) == ("SUCCESS", 3 * 90_000)
    assert len(hall.sandbox.ledger()["bookings"]) == 1
    await hall.close()


@pytest.mark.parametrize(
    ("card", "said"),
    [("zhang-jianguo", "flexible.not_enrolled"), ("li-na", "flexible.nothing_owed")],
)
async def test_who_owes_no_month_is_told_kindly(card: str, said: str, tmp_path: Path) -> None:
    hall = Hall(tmp_path, "flexible-employment-pay", card=card)
    assert await hall.one_visit() == "done"
    assert last(hall).headline.key == said
    assert hall.sandbox.ledger()["trades"] == []
    await hall.close()


# --- the receipt again --------------------------------------------------------------------------------


@pytest.mark.parametrize("item", PAYING)
async def test_the_receipt_comes_again_with_what_was_paid_and_no_charge(
    item: str, tmp_path: Path
) -> None:
    # GIVEN a citizen who paid
    first = Hall(tmp_path, item)
    assert await first.one_visit() == "done"
    await first.desk.settled()
    (receipt,) = first.printer.slips
    await first.close()
    # WHEN the same card wants the receipt again
    again = {"earlier.choose": lambda view: Chosen(view.options[0].id)}
    second = Hall(tmp_path, item, sandbox=first.sandbox, answers=again)
    assert await second.one_visit() == "done"
    # THEN it is a reprint of the same payment, in the words of this item
    (reprint,) = second.printer.slips
    assert "补打凭条" in paper(reprint)
    assert "补打凭条" not in paper(receipt)
    same = ("受理号", "订单号", "支付方式")
    assert [pairs(reprint)[label] for label in same] == [pairs(receipt)[label] for label in same]
    assert pairs(reprint)["实缴"] == pairs(receipt)["实缴"]
    assert "pay" not in second.keys
    assert len(second.sandbox.ledger()["trades"]) == 1
    await second.close()


async def test_a_familys_receipt_again_lists_the_members(tmp_path: Path) -> None:
    first = Hall(tmp_path, "resident-medical-pay")
    assert await first.one_visit() == "done"
    await first.close()
    again = {"earlier.choose": lambda view: Chosen(view.options[0].id)}
    second = Hall(tmp_path, "resident-medical-pay", sandbox=first.sandbox, answers=again)
    assert await second.one_visit() == "done"
    (slip,) = second.printer.slips
    assert pairs(slip)["参保人 2"] == pairs(first.printer.slips[0])["参保人 2"]
    await second.close()


async def test_each_item_offers_only_its_own_receipts(tmp_path: Path) -> None:
    first = Hall(tmp_path, "resident-medical-pay")
    assert await first.one_visit() == "done"
    await first.close()
    other = Hall(tmp_path, "flexible-employment-pay", sandbox=first.sandbox)
    assert await other.one_visit() == "done"
    assert "earlier.choose" not in other.keys
    await other.close()


# --- proof of life, cards -----------------------------------------------------------------------------


async def test_a_proof_of_life_given_already_is_said_with_its_day_and_asks_no_code(
    tmp_path: Path,
) -> None:
    hall = Hall(tmp_path, "pension-qualification", card="zhang-jianguo")
    assert await hall.one_visit() == "done"
    told = last(hall)
    assert told.headline.key == "qualification.before"
    assert "2026-01-02" in repr(told.detail)
    assert "second_proof.code" not in hall.keys
    await hall.close()


async def test_a_second_visit_finds_the_proof_of_life_of_the_first(tmp_path: Path) -> None:
    first = Hall(tmp_path / "first", "pension-qualification")
    assert await first.one_visit() == "done"
    assert last(first).headline.key == "qualification.done"
    second = Hall(tmp_path / "second", "pension-qualification", sandbox=first.sandbox)
    assert await second.one_visit() == "done"
    assert last(second).headline.key == "qualification.before"
    await first.close()
    await second.close()


async def test_who_draws_no_pension_is_told_kindly(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "pension-qualification", card="li-na")
    assert await hall.one_visit() == "done"
    assert last(hall).headline.key == "qualification.none"
    await hall.close()


async def test_a_loss_is_reported_after_a_check_and_shown_afterwards(tmp_path: Path) -> None:
    first = Hall(tmp_path / "first", "social-card")
    assert await first.one_visit() == "done"
    assert "2026-12-01" in paper(first.printer.slips[0])
    second = Hall(
        tmp_path / "second",
        "social-card",
        sandbox=first.sandbox,
        answers={"social_card.read": Chosen("take")},
    )
    assert await second.one_visit() == "done"
    read = next(view for view in second.stage.asked if view.key == "social_card.read")
    assert read.title.key == "social_card.state.lost"
    assert [action.id for action in read.actions] == ["take"]
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    ("card", "said"),
    [("li-na", "social_card.state.making"), ("liu-yang", "social_card.state.ready")],
)
async def test_a_card_not_in_use_is_told_with_its_progress_and_cannot_be_lost(
    card: str, said: str, tmp_path: Path
) -> None:
    answers = {"social_card.read": Chosen("take")}
    hall = Hall(tmp_path, "social-card", card=card, answers=answers)
    assert await hall.one_visit() == "done"
    read = next(view for view in hall.stage.asked if view.key == "social_card.read")
    assert read.title.key == said
    assert [action.id for action in read.actions] == ["take"]
    assert len(hall.printer.slips) == 1
    await hall.close()


async def test_who_has_no_card_is_told_where_to_apply(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "social-card", card="zhao-min")
    assert await hall.one_visit() == "done"
    assert last(hall).headline.key == "social_card.state.none"
    await hall.close()


# --- records ------------------------------------------------------------------------------------------


async def test_a_gap_stands_out_in_the_chart_and_no_full_year_does(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "contribution-records")
    assert await hall.one_visit() == "done"
    read = next(view for view in hall.stage.asked if view.key == "contribution-records.read")
    chart = next(section for section in read.sections if hasattr(section, "bars"))
    low = {bar.label.text: bar.text.text for bar in chart.bars if bar.tone == "warning"}
    assert low == {"2023": "9 个月，有中断"}
    assert len(chart.bars) == 6
    await hall.close()


@pytest.mark.parametrize(
    ("item", "card"),
    [
        ("contribution-records", "zhao-min"),
        ("participation-certificate", "zhao-min"),
        ("pension-payments", "li-na"),
        ("medical-voucher", "zhao-min"),
    ],
)
async def test_nothing_found_ends_kindly_and_prints_nothing(
    item: str, card: str, tmp_path: Path
) -> None:
    answers = {key: answer for key, answer in SCRIPTS[item].answers.items() if "read" not in key}
    hall = Hall(tmp_path, item, card=card, answers=answers)
    assert await hall.one_visit() == "done"
    assert not [view for view in hall.stage.asked if isinstance(view, Trouble)]
    assert hall.printer.slips == []
    assert hall.documents is not None
    assert hall.documents.documents == []
    await hall.close()
