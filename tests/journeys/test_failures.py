"""Each device and each department failing at each step, and what becomes of the citizen's money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devices.idcard.record import IdCard
from devices.simulators.cards import CARDS
from devices.status import Act, Ok, Outcome
from kiosk.payments.machine import PayState
from kiosk.views import Chosen, Continue, Trouble
from tests.items import SCRIPTS
from tests.journeys.hall import ITEMS, Hall
from tests.journeys.scripted import (
    NEVER,
    ScriptedPrinter,
    ScriptedReader,
    ScriptedScanner,
    failed,
)
from tests.journeys.test_visits import assert_nothing_pending, assert_taken

pytestmark = pytest.mark.looptime

KINDS = [
    ("cut", {}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("status", {"status": 429}),
    ("garbage", {}),
    ("lose_answer", {}),
    ("hang", {"delay_s": 60}),
    ("delay", {"delay_s": 60}),
]

FEWER_KINDS = [("cut", {}), ("status", {"status": 503}), ("garbage", {}), ("hang", {"delay_s": 60})]
"""One of each that the terminal can tell apart: enough where no money moves."""

PAID = [item for item in SCRIPTS if "payment" in ITEMS[item].needs.departments]

BY_CARD = [item for item in SCRIPTS if "id_card" in ITEMS[item].needs.devices]
WITH_A_SLIP = [item for item, script in SCRIPTS.items() if script.slips]

EACH_CALL = [(item, *call) for item, script in SCRIPTS.items() for call in script.calls]


def card_of(item: str) -> IdCard:
    """The card that the item's script lays."""
    return CARDS[SCRIPTS[item].card]


def troubles(hall: Hall) -> list[Trouble]:
    """The troubles that the citizen was told of."""
    return [view for view in hall.stage.asked if isinstance(view, Trouble)]


@pytest.mark.parametrize(("item", "department", "path"), EACH_CALL)
async def test_one_failed_call_is_told_or_mended_and_the_visit_ends_done(
    item: str, department: str, path: str, tmp_path: Path
) -> None:
    for kind, given in KINDS if item in PAID else FEWER_KINDS:
        # GIVEN a department that fails at this call, as often as the door tries by itself
        name = f"{kind}-{given.get('status', '')}"
        hall = Hall(tmp_path / name, item, answers={"Trouble": pick_again})
        hall.sandbox.fault(department, kind, path, times=2, **given)
        # WHEN the citizen performs the item, trying again where it is offered
        outcome = await hall.one_visit()
        # THEN it is done, once
        assert outcome == "done", (name, [t.code for t in troubles(hall)])
        await hall.desk.settled()
        assert_nothing_pending(hall)
        assert_taken(hall)
        await hall.close()


@pytest.mark.parametrize(("item", "department", "path"), EACH_CALL)
async def test_a_department_that_stays_down_leaves_no_order_open_and_no_voucher(
    item: str, department: str, path: str, tmp_path: Path
) -> None:
    # GIVEN a department that is down for an hour
    hall = Hall(tmp_path, item, answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault(department, "cut", path, times=None)
    # WHEN the citizen gives up
    outcome = await hall.one_visit()
    # THEN nothing says that it was done, and no slip says it either
    assert outcome != "done"
    assert troubles(hall)
    if department != "payment" and path != "bookings":
        assert hall.sandbox.ledger()["trades"] == []
    assert hall.sandbox.ledger()["bookings"] == []
    # AND once it is back, every order comes to an end
    hall.sandbox.behave()
    await hall.desk.settled()
    assert_nothing_pending(hall)
    await hall.close()


async def test_gateway_gone_while_paying_charges_nothing_and_ends_when_it_is_back(
    tmp_path: Path,
) -> None:
    # GIVEN a gateway that still says it is well, and answers nothing about orders
    hall = Hall(tmp_path, "resident-pension-pay", answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault("payment", "cut", "/orders", times=None)
    # WHEN the citizen pays
    outcome = await hall.one_visit()
    # THEN the terminal says that it does not know yet, and no slip came out
    assert outcome == "payment.open"
    assert hall.printer.slips == []
    # AND once it is back the order is closed there
    hall.sandbox.behave()
    await hall.desk.settled()
    assert hall.journal.orders()[0].status.state is PayState.CLOSED
    assert_nothing_pending(hall)
    await hall.close()


async def test_paper_out_during_receipt_keeps_the_payment_and_prints_once(tmp_path: Path) -> None:
    # GIVEN a printer that runs out of paper at the receipt
    printer = ScriptedPrinter(failed("printer.paper_out"), Ok(None))
    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        printer=printer,
        answers={"print.trouble": lambda _: refill(printer)},
    )
    # WHEN staff puts paper in while the fault is on screen
    assert await hall.one_visit() == "done"
    # THEN the payment stood all the time, and the same receipt was printed once
    trouble = troubles(hall)[0]
    assert trouble.code == "printer.paper_out"
    assert trouble.standing is not None
    assert len(printer.slips) == 1
    assert [t["state"] for t in hall.sandbox.ledger()["trades"]] == ["SUCCESS"]
    order = hall.journal.orders()[0].status
    assert printer.slips[0].job == order.order_no
    await hall.desk.settled()
    assert order.state is PayState.PRINTED
    await hall.close()


async def test_a_slip_that_may_have_come_out_is_left_to_the_citizen(tmp_path: Path) -> None:
    # GIVEN a printer that falls silent behind a slip, and cannot tell afterwards either
    printer = ScriptedPrinter(
        failed("printer.fate_unknown"), failed("printer.fate_unknown"), Ok(None)
    )
    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        printer=printer,
        answers={"print.trouble": [NEVER, Chosen("wait")]},
    )
    # WHEN the citizen sees that nothing came out
    assert await hall.one_visit() == "done"
    # THEN it is printed as another slip, and only because the citizen said so
    (slip,) = printer.slips
    assert slip.job != hall.journal.orders()[0].status.order_no
    assert [t.headline.key for t in troubles(hall)][-1] == "print.maybe_printed"
    await hall.desk.settled()
    await hall.close()


@pytest.mark.parametrize("item", WITH_A_SLIP)
async def test_a_printer_that_stays_broken_lets_the_result_leave_by_code(
    item: str, tmp_path: Path
) -> None:
    def by_code(view: Trouble) -> Chosen:
        offered = {option.id for option in view.options}
        by_phone = "take_away" in offered and "take_away" not in hall.keys
        return Chosen("take_away" if by_phone else "primary")

    def jam() -> Any:
        printer.facts["cover"] = "open"
        return failed("printer.cutter")

    printer = ScriptedPrinter(jam)
    hall = Hall(
        tmp_path,
        item,
        printer=printer,
        answers={
            "print.trouble": by_code,
            "TakeAway": Chosen("primary"),
        },
    )
    assert await hall.one_visit() == "done"
    told = next(view for view in troubles(hall) if view.key == "print.trouble")
    by_phone = "take_away" in {option.id for option in told.options}
    assert ("take_away" in hall.keys) == by_phone
    assert printer.slips == []
    await hall.close()


@pytest.mark.parametrize("item", BY_CARD)
@pytest.mark.parametrize(
    "fault", ["card.lift_and_retry", "card.removed", "card.read_failed", "card.unreadable"]
)
async def test_a_card_that_is_not_read_is_asked_for_again(
    item: str, fault: str, tmp_path: Path
) -> None:
    reader = ScriptedReader(failed(fault, Outcome.USER_ERROR, Act.SUSPEND), Ok(card_of(item)))
    hall = Hall(tmp_path, item, reader=reader)
    assert await hall.one_visit() == "done"
    asked = [view for view in hall.stage.asked if view.key == "identify"]
    assert asked[0].trouble is None
    assert asked[1].trouble is not None
    await hall.close()


@pytest.mark.parametrize("item", BY_CARD)
async def test_a_reader_that_was_unplugged_is_told_and_works_when_it_is_back(
    item: str, tmp_path: Path
) -> None:
    reader = ScriptedReader(
        failed("port.lost", Outcome.DEVICE_NOT_READY, Act.SUSPEND), Ok(card_of(item))
    )
    hall = Hall(tmp_path, item, reader=reader, answers={"Trouble": Chosen("again")})
    assert await hall.one_visit() == "done"
    assert troubles(hall)[0].code == "port.lost"
    await hall.close()


async def test_answer_of_the_payment_lost_is_found_paid_by_query(tmp_path: Path) -> None:
    # GIVEN a gateway whose answer to the citizen's code is lost after the money moved
    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        scanner=ScriptedScanner("134567890123456789"),
        answers={"pay": [Chosen("scan"), NEVER]},
    )
    hall.sandbox.fault("payment", "lose_answer", "code-payments", times=1)
    # WHEN the citizen pays
    assert await hall.one_visit() == "done"
    # THEN the payment went through UNKNOWN and was found by asking
    number = hall.journal.orders()[0].status.order_no
    states = [step.after for step in hall.journal.history(number)]
    assert PayState.UNKNOWN in states
    step = next(s for s in hall.journal.history(number) if s.after is PayState.PAID)
    assert step.cause == "query.success"
    assert len(hall.sandbox.ledger()["bookings"]) == 1
    await hall.close()


async def test_a_code_that_is_no_payment_code_is_refused_before_it_leaves(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        scanner=ScriptedScanner("https://example.cn/health", "284567890123456789"),
        answers={"pay": [Chosen("scan"), NEVER]},
    )
    assert await hall.one_visit() == "done"
    submitted = [path for _, path in hall.sandbox.adapter.calls if "code-payments" in path]
    assert len(submitted) == 1
    assert "pay.not_a_payment_code" in [
        view.trouble.key for view in hall.stage.asked if getattr(view, "trouble", None)
    ]
    await hall.close()


@pytest.mark.parametrize("behaviour", ["insufficient_funds", "code_expired"])
async def test_a_declined_code_is_told_with_its_reason_and_another_way_is_offered(
    behaviour: str, tmp_path: Path
) -> None:
    # GIVEN a citizen who holds the own code first, and pays the shown one after that
    held: list[bool] = []

    def first_own_code(view: Any) -> Any:
        if view.mode == "show" and not held:
            held.append(True)
            return Chosen("scan")
        return NEVER if view.mode == "scan" else hall.pay_on_the_phone(view)

    hall = Hall(
        tmp_path,
        "resident-pension-pay",
        answers={"pay": first_own_code, "pay.failed": Chosen("show")},
    )
    issued = hall.sandbox.control("/auth-codes", {"channel": "wechat", "behaviour": behaviour})
    hall.scanner.results = list(ScriptedScanner(issued["auth_code"]).results)
    # WHEN the own code is declined
    assert await hall.one_visit() == "done"
    # THEN its reason is told, and the second attempt has a number of its own
    told = next(view for view in hall.stage.asked if view.key == "pay.failed")
    assert told.code == f"payment.{behaviour}"
    record = hall.journal.orders()[0].status
    assert record.attempt >= 2
    await hall.desk.settled()
    assert_nothing_pending(hall)
    await hall.close()


async def test_leaving_while_the_booking_is_open_still_books(tmp_path: Path) -> None:
    # GIVEN a department that does not book for a while, and a citizen who leaves meanwhile
    hall = Hall(tmp_path, "resident-pension-pay", answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault("social-insurance", "status", "bookings", times=None)
    assert await hall.one_visit() == "payment.open"
    # WHEN the department is back
    hall.sandbox.behave()
    await hall.desk.settled()
    # THEN the paid contribution is booked without anybody standing there
    assert hall.journal.orders()[0].status.state is PayState.FULFILLED
    assert_nothing_pending(hall)
    await hall.close()


async def test_a_bill_with_a_live_attempt_is_not_offered_again_at_this_terminal(
    tmp_path: Path,
) -> None:
    # GIVEN a payment that was taken and is not booked yet
    hall = Hall(tmp_path, "resident-pension-pay", answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault("social-insurance", "status", "bookings", times=None)
    assert await hall.one_visit() == "payment.open"
    # WHEN the same card is laid again
    hall.stage.expect({"attract": [Continue(), NEVER]})
    begun = len(hall.stage.asked)
    outcome = await hall.one_visit()
    # THEN the citizen is told how the first payment stands, before anything leaves the terminal
    assert outcome == "payment.fulfilling"
    assert "pension.choose_tier" not in hall.keys[begun:]
    assert len(hall.sandbox.ledger()["trades"]) == 1
    await hall.close()


async def test_no_money_moves_when_the_journal_cannot_be_written(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "resident-pension-pay", answers={"Trouble": Chosen("primary")})
    # GIVEN a disk that takes nothing any more
    hall.journal._db.execute("PRAGMA query_only = ON")
    assert await hall.one_visit() == "journal.unusable"
    assert hall.sandbox.ledger()["trades"] == []
    await hall.close()


@pytest.mark.parametrize("item", [i for i, script in SCRIPTS.items() if script.calls])
async def test_another_item_after_a_trouble_leads_home(item: str, tmp_path: Path) -> None:
    department, path = SCRIPTS[item].calls[0]
    hall = Hall(tmp_path, item, answers={"Trouble": Chosen("other"), "home": [Chosen(item), NEVER]})
    hall.sandbox.fault(department, "cut", path, times=None)
    assert await hall.one_visit() == "no_answer"
    assert hall.keys[-1] == "home"
    await hall.close()


# --- what citizens and staff do ---------------------------------------------------------------------


def pick_again(view: Trouble) -> Chosen:
    """The recommended option."""
    return Chosen(view.options[0].id)


def refill(printer: ScriptedPrinter) -> Any:
    """Staff puts paper in; the screen is not touched."""
    printer.facts["paper"] = "full"
    return NEVER
