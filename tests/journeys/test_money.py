"""What the citizen sees of money: one figure everywhere, nothing paid that cannot be delivered, every
end in words, and the receipt again without a charge."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.printer.layout import Slip
from devices.simulators.cards import CARDS
from kiosk.payments.machine import PayState
from kiosk.texts import Yuan, msg
from kiosk.views import Chosen, Continue, Exit, Pay, Trouble, View
from tests.journeys.hall import WORDS, Hall
from tests.journeys.scripted import (
    NEVER,
    ScriptedPrinter,
    ScriptedReader,
    ScriptedScanner,
    failed,
    texts_of,
)

pytestmark = pytest.mark.looptime

ITEM = "resident-pension-pay"
TIERS = ("T300", "T500", "T1000", "T3000", "T5000")
WECHAT = "134567890123456789"
QUERY = "GET /payment/v1/orders"


def scanning(**answers: Any) -> dict[str, Any]:
    """A citizen who pays with the own code."""
    return {"pay": [Chosen("scan"), NEVER], **answers}


def amounts(value: object) -> Iterator[str]:
    """Every sum of money in the words of a view."""
    for text in texts_of(value):
        for words in WORDS.values():
            yield from re.findall(r"¥([\d,]+\.\d\d)", words.say(text))


def paper_amounts(slip: Slip) -> Iterator[str]:
    """Every sum of money on a slip."""
    for block in slip.blocks:
        for text in (getattr(block, "text", ""), getattr(block, "value", "")):
            yield from re.findall(r"[¥￥]([\d,]+\.\d\d)", text)


def seen(hall: Hall, key: str) -> list[View[Any]]:
    return [view for view in hall.stage.shown if view.key == key]


# --- one figure -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", TIERS)
async def test_bill_screen_order_receipt_and_books_show_one_figure(
    tier: str, tmp_path: Path
) -> None:
    # GIVEN a citizen who chooses a tier
    hall = Hall(tmp_path, ITEM, answers={"pension.choose_tier": Chosen(tier)})
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    # WHEN one looks at what the department booked
    (booking,) = hall.sandbox.ledger()["bookings"]
    fen = booking["amount_fen"]
    figure = str(Yuan(fen)).removeprefix("¥")
    # THEN the order, the gateway and the journal have the same
    (trade,) = [t for t in hall.sandbox.ledger()["trades"] if t["state"] == "SUCCESS"]
    (record,) = hall.journal.orders()
    assert (trade["amount_fen"], record.order.amount_fen, booking["tier_id"]) == (fen, fen, tier)
    # AND so has every screen from the payment on, and the receipt's large figure
    paying = [v for v in hall.stage.shown if v.key.startswith("pay") or v.key == "finished"]
    assert {type(v) for v in paying} > {Pay}
    assert {a for view in paying for a in amounts(view)} == {figure}
    (slip,) = hall.printer.slips
    large = [b for b in slip.blocks if getattr(b, "size", 1) == 2 and hasattr(b, "value")]
    assert [a for block in large for a in paper_amounts(Slip("", (block,)))] == [figure]
    assert figure in set(amounts(seen(hall, "pension.review")[-1]))
    await hall.close()


# --- before a payment starts --------------------------------------------------------------------------


async def test_paper_that_ended_meanwhile_is_told_before_any_money_moves(tmp_path: Path) -> None:
    # GIVEN a roll that ends while the citizen reads the review
    def run_out(_: Any) -> Continue:
        hall.printer.facts["paper"] = "out"
        return Continue()

    hall = Hall(
        tmp_path,
        ITEM,
        answers={"pension.review": run_out, "preflight.printer": Chosen("without")},
    )
    # WHEN the citizen does without a slip
    assert await hall.one_visit() == "done"
    # THEN it was asked before the code was shown, and the voucher leaves as a code
    assert hall.keys.index("preflight.printer") < hall.keys.index("pay")
    assert hall.printer.slips == []
    assert seen(hall, "finished")[-1].code
    await hall.close()


async def test_without_paper_the_citizen_may_leave_and_nothing_was_opened(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, answers={"preflight.printer": Chosen("primary")})
    hall.printer.facts["cover"] = "open"

    assert await hall.one_visit() == "printer.blocked"

    assert hall.sandbox.ledger()["trades"] == []
    assert hall.journal.orders() == ()
    await hall.close()


@pytest.mark.parametrize("department", ["payment", "social-insurance"])
async def test_a_department_that_went_down_is_told_before_any_money_moves(
    department: str, tmp_path: Path
) -> None:
    # GIVEN a department that answers no more from the review on
    def cut(_: Any) -> Continue:
        hall.sandbox.fault(department, "cut", "health", times=None)
        return Continue()

    answers = {"pension.review": cut, "Trouble": Chosen("primary")}
    hall = Hall(tmp_path, ITEM, answers=answers)
    # WHEN the citizen wants to pay
    outcome = await hall.one_visit()
    # THEN nothing was opened, and the screen says that nothing was charged
    assert outcome not in ("done", "exit", "idle")
    assert hall.sandbox.ledger()["trades"] == []
    assert hall.journal.orders() == ()
    (told,) = [view for view in hall.stage.asked if isinstance(view, Trouble)]
    assert told.standing is not None
    await hall.close()


# --- one bill, one live attempt --------------------------------------------------------------------------


async def test_two_terminals_never_charge_one_bill_twice_and_the_second_says_why(
    tmp_path: Path,
) -> None:
    # GIVEN a citizen who pays at one terminal
    shown = asyncio.Event()

    def look(_: Any) -> object:
        shown.set()
        return NEVER

    first = Hall(tmp_path / "first", ITEM, answers={"pay": look})
    one = asyncio.ensure_future(first.one_visit())
    await shown.wait()
    # WHEN a second terminal tries to have the same bill paid
    second = Hall(
        tmp_path / "second", ITEM, sandbox=first.sandbox, answers={"Trouble": Chosen("primary")}
    )
    outcome = await second.one_visit()
    # THEN the gateway refuses it, and the citizen sees the reason
    assert outcome == "payment.bill.locked"
    (told,) = [view for view in second.stage.asked if isinstance(view, Trouble)]
    assert told.cause == msg("trouble.bill_locked")
    one.cancel()
    await asyncio.wait({one})
    await first.desk.settled()
    assert [t for t in first.sandbox.ledger()["trades"] if t["state"] == "SUCCESS"] == []
    await first.close()
    await second.close()


# --- ends in words --------------------------------------------------------------------------------------


async def test_a_reversed_payment_is_told_and_another_way_offered(tmp_path: Path) -> None:
    # GIVEN a payment of which the gateway says nothing clear until it is reversed
    hall = Hall(
        tmp_path,
        ITEM,
        scanner=ScriptedScanner(WECHAT),
        answers=scanning(**{"pay.failed": Chosen("primary")}),
    )
    hall.sandbox.fault("payment", "lose_answer", "code-payments", times=2)
    hall.sandbox.fault("payment", "status", QUERY, times=None, status=500)
    # WHEN the citizen waits for it
    await hall.one_visit()
    await hall.desk.settled()
    # THEN it was undone there, the money is back, and the screen said so
    (record,) = hall.journal.orders()
    assert record.status.state is PayState.REVERSED
    assert "pay.reversing" in {view.key for view in hall.stage.shown} | set(hall.keys)
    (told,) = seen(hall, "pay.failed")
    assert told.cause.key == "pay.failed.reversed"
    assert hall.sandbox.ledger()["bookings"] == []
    await hall.close()


async def test_an_unresolved_payment_gives_a_note_by_itself(tmp_path: Path) -> None:
    # GIVEN a gateway that is gone after the citizen's code was sent
    hall = Hall(
        tmp_path,
        ITEM,
        scanner=ScriptedScanner(WECHAT),
        answers=scanning(**{"pay.unresolved": Chosen("primary")}),
    )
    hall.sandbox.fault("payment", "lose_answer", "code-payments", times=2)
    hall.sandbox.fault("payment", "cut", QUERY, times=None)
    hall.sandbox.fault("payment", "cut", "/reverse", times=None)
    # WHEN nothing can be found out
    outcome = await hall.one_visit()
    # THEN the citizen has a note with the order's number and what happens next
    assert outcome == "payment.open"
    (record,) = hall.journal.unfinished()
    assert record.status.state is PayState.UNRESOLVED
    (note,) = hall.printer.slips
    assert record.status.order_no in repr(note.blocks)
    (told,) = seen(hall, "pay.unresolved")
    assert told.qr == record.status.order_no
    # AND the bill is locked here: the same card is told so instead of asked to pay
    hall.sandbox.behave()
    await hall.desk.settled()
    assert hall.journal.unfinished() == ()
    await hall.close()


async def test_the_same_card_is_told_of_its_open_payment(tmp_path: Path) -> None:
    # GIVEN a payment that is unresolved
    first = Hall(
        tmp_path,
        ITEM,
        scanner=ScriptedScanner(WECHAT),
        answers=scanning(**{"pay.unresolved": Chosen("primary")}),
    )
    first.sandbox.fault("payment", "lose_answer", "code-payments", times=2)
    first.sandbox.fault("payment", "cut", QUERY, times=None)
    first.sandbox.fault("payment", "cut", "/reverse", times=None)
    await first.one_visit()
    await first.close()
    # WHEN its citizen comes back
    second = Hall(
        tmp_path,
        ITEM,
        sandbox=first.sandbox,
        answers={"pay.unresolved": [Chosen("slip"), Chosen("primary")]},
    )
    outcome = await second.one_visit()
    # THEN the bill is not offered again, and the note can be had once more
    assert outcome == "payment.unresolved"
    assert "pension.choose_tier" not in second.keys
    assert len(second.printer.slips) == 1
    await second.close()


async def test_a_refund_is_told_with_its_note(tmp_path: Path) -> None:
    # GIVEN a department that closes the bill after it was paid
    hall = Hall(tmp_path, ITEM, answers={"pay.refunded": Chosen("primary")})
    hall.sandbox.fault("social-insurance", "refuse", "bookings", code="bill.closed", times=None)
    # WHEN the citizen pays
    outcome = await hall.one_visit()
    await hall.desk.settled()
    # THEN the money is back, the citizen was told and has a note, and no voucher came out
    (record,) = hall.journal.orders()
    assert record.status.state is PayState.REFUNDED
    assert outcome == "payment.refunded"
    assert [slip.job.endswith("-refunded-0") for slip in hall.printer.slips] == [True]
    assert hall.sandbox.ledger()["bookings"] == []
    await hall.close()


async def test_leaving_while_a_payment_is_undone_abandons_nothing(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        ITEM,
        scanner=ScriptedScanner(WECHAT),
        answers=scanning(**{"pay.reversing": Exit(), "pay.confirming": NEVER}),
    )
    hall.sandbox.fault("payment", "lose_answer", "code-payments", times=2)
    hall.sandbox.fault("payment", "status", QUERY, times=None, status=500)
    hall.sandbox.fault("payment", "status", "/reverse", times=2, status=500)

    assert await hall.one_visit() == "exit"
    await hall.desk.settled()

    (record,) = hall.journal.orders()
    assert record.status.state is PayState.REVERSED
    await hall.close()


# --- the receipt again ------------------------------------------------------------------------------------


async def test_the_same_card_gets_its_receipt_again_without_a_charge(tmp_path: Path) -> None:
    # GIVEN a citizen who paid, whose slip did not come out
    first = Hall(
        tmp_path,
        ITEM,
        printer=ScriptedPrinter(failed("printer.paper_out")),
        answers={"print.trouble": Chosen("primary")},
    )
    assert await first.one_visit() == "done"
    await first.close()
    # WHEN the same card comes back after the terminal was started again
    second = Hall(
        tmp_path,
        ITEM,
        sandbox=first.sandbox,
        answers={"earlier.choose": lambda view: Chosen(view.options[0].id)},
    )
    assert await second.one_visit() == "done"
    await second.desk.settled()
    # THEN it has its receipt, and nothing more was paid
    (slip,) = second.printer.slips
    assert first.journal is not second.journal
    assert len([t for t in first.sandbox.ledger()["trades"] if t["state"] == "SUCCESS"]) == 1
    (record,) = second.journal.orders()
    assert record.status.order_no in repr(slip.blocks)
    assert "pay" not in second.keys
    await second.close()


async def test_another_card_sees_nothing_of_it(tmp_path: Path) -> None:
    first = Hall(tmp_path, ITEM)
    assert await first.one_visit() == "done"
    await first.close()
    other = next(slug for slug in CARDS if slug != "wang-xiulan")

    second = Hall(tmp_path, ITEM, sandbox=first.sandbox, answers={"Trouble": Chosen("primary")})
    second.reader.results = ScriptedReader(_ok(other)).results
    await second.one_visit()

    assert "earlier.choose" not in second.keys
    await second.close()


def _ok(slug: str) -> Any:
    from devices.status import Ok

    return Ok(CARDS[slug])
