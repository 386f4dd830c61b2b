"""The tax items' own ways: how an invoice leaves, what becomes of one on paper, what a check says."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from devices.printer.layout import Line, Pair, Slip
from devices.status import DeviceState, Ok, Outcome
from kiosk.sandbox import tax_pickups, tax_register
from kiosk.views import Back, Chosen, Continue, Filled, OpenCompartment, Tone, Trouble, Typed
from tests.items.tax import OWN_PICKUP
from tests.journeys.hall import Hall
from tests.journeys.scripted import (
    NEVER,
    ScriptedLockers,
    ScriptedScanner,
    failed,
)

pytestmark = pytest.mark.looptime

TODAY = date(2026, 11, 24)
NOT_TAKEN = failed("compartment.not_taken", Outcome.TIMEOUT)
LEFT_OPEN = failed("compartment.left_open", Outcome.TIMEOUT)
JAMMED = failed("compartment.jammed")


def words_of(slip: Slip) -> str:
    """Everything that stands on a slip."""
    lines = [block.text for block in slip.blocks if isinstance(block, Line)]
    pairs = [f"{b.label} {b.value}" for b in slip.blocks if isinstance(b, Pair)]
    return "\n".join(lines + pairs)


def view_of(hall: Hall, key: str) -> Any:
    """The first view of that key."""
    return next(view for view in hall.stage.asked if view.key == key)


def opened(hall: Hall) -> list[OpenCompartment]:
    """The compartments that the citizen was shown, in order."""
    return [view for view in hall.stage.asked if isinstance(view, OpenCompartment)]


def troubles(hall: Hall) -> list[Trouble]:
    return [view for view in hall.stage.asked if isinstance(view, Trouble)]


# --- e-invoice-pickup -----------------------------------------------------------------------------


async def test_an_invoice_printed_on_a4_prints_no_slip_and_its_ofd_leaves_by_code(
    tmp_path: Path,
) -> None:
    hall = Hall(tmp_path, "e-invoice-pickup", answers={"invoice.way": Chosen("a4")})

    assert await hall.one_visit() == "done"

    assert hall.documents is not None
    assert len(hall.documents.documents) == 1
    assert hall.printer.slips == []
    ending = view_of(hall, "finished")
    assert ending.code
    assert ending.detail.key == "tax.invoice.printed"
    await hall.close()


async def test_an_invoice_taken_on_the_phone_uses_no_paper(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "e-invoice-pickup", answers={"invoice.way": Chosen("phone")})

    assert await hall.one_visit() == "done"

    assert hall.documents is not None
    assert (hall.documents.documents, hall.printer.slips) == ([], [])
    assert view_of(hall, "finished").code
    await hall.close()


async def test_without_any_printer_nobody_is_asked_how(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "e-invoice-pickup")
    hall.lose("documents")
    hall.printer.state = DeviceState.OFFLINE

    assert await hall.one_visit() == "done"

    assert "invoice.way" not in hall.keys
    assert view_of(hall, "finished").code
    await hall.close()


# --- paper-invoice-pickup -------------------------------------------------------------------------


def code_is(hall: Hall, code: str = OWN_PICKUP) -> str:
    """What the department says of a pickup code now: the compartment, or why there is none."""
    body = {"code": code, "terminal": "rushan-07"}
    key = {"Idempotency-Key": f"asked-{len(hall.stage.asked):08d}"}
    answer = hall.sandbox.request("POST", "/tax/v1/pickups", json=body, headers=key).json()
    return str(answer.get("code") or answer["compartment"])


async def test_the_compartment_opens_and_its_code_is_spent_when_it_is_empty(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "paper-invoice-pickup")

    assert await hall.one_visit() == "done"

    assert hall.compartments is not None
    assert hall.compartments.opened == ["1"]
    (shown,) = opened(hall)
    assert (shown.number, shown.numbers, shown.trouble) == ("1", ("1", "2"), None)
    assert code_is(hall) == "pickup.used"
    assert "ZP20261124" in words_of(hall.printer.slips[0])
    await hall.close()


async def test_a_power_cut_before_the_confirmation_lets_the_same_code_open_it_again(
    tmp_path: Path,
) -> None:
    # GIVEN a terminal that loses its power while the compartment stands open
    lockers = ScriptedLockers(NOT_TAKEN)
    hall = Hall(tmp_path / "before", "paper-invoice-pickup", compartments=lockers)
    visit = asyncio.ensure_future(hall.one_visit())
    await asyncio.sleep(40.0)
    assert len(opened(hall)) == 1
    visit.cancel()
    await asyncio.wait({visit})
    await hall.close()
    # WHEN the citizen holds the code again after the start
    again = Hall(tmp_path / "after", "paper-invoice-pickup", sandbox=hall.sandbox)
    assert await again.one_visit() == "done"
    # THEN the same compartment opens, it is said that it was open before, and only now the code is spent
    (shown,) = opened(again)
    assert shown.number == "1"
    assert shown.trouble is not None
    assert shown.trouble.key == "tax.pickup.released_before"
    assert code_is(again) == "pickup.used"
    await again.close()


@pytest.mark.parametrize(
    ("result", "reminder", "told", "noted"),
    [
        (NOT_TAKEN, "tax.pickup.still_there", "tax.pickup.not_taken", "waiting"),
        (LEFT_OPEN, "tax.pickup.shut", "tax.pickup.left_open", "released"),
    ],
    ids=["not-taken", "left-open"],
)
async def test_what_is_left_is_reminded_of_then_told_to_the_department(
    result: Any, reminder: str, told: str, noted: str, tmp_path: Path
) -> None:
    # GIVEN a citizen who does nothing at the open compartment
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        compartments=ScriptedLockers(result),
        answers={"Trouble": Chosen("primary")},
    )
    # WHEN the time is over twice
    outcome = await hall.one_visit()
    # THEN they were reminded, told what became of the invoices, and the code works on
    assert outcome == result.fault.code
    assert [view.trouble and view.trouble.key for view in opened(hall)] == [None, reminder]
    assert [view.headline.key for view in troubles(hall)] == [told]
    assert state_of(hall, "ZQ000001") == noted
    assert hall.printer.slips == []
    assert code_is(hall) == "1"
    await hall.close()


def state_of(hall: Hall, pickup_id: str) -> str:
    """The department's own book."""
    with hall.sandbox.app.state.sandbox.books.transaction() as db:
        row = db.execute("SELECT state FROM pickups WHERE pickup_id = ?", (pickup_id,)).fetchone()
    return str(row["state"])


async def test_who_comes_back_to_the_compartment_takes_the_invoices(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        compartments=ScriptedLockers(NOT_TAKEN, NOT_TAKEN, Ok(True)),
        answers={"Trouble": Chosen("again")},
    )

    assert await hall.one_visit() == "done"

    assert hall.compartments is not None
    assert hall.compartments.opened == ["1", "1"]
    assert code_is(hall) == "pickup.used"
    await hall.close()


async def test_a_lock_that_fails_is_for_the_staff_and_may_open_at_the_next_try(
    tmp_path: Path,
) -> None:
    lockers = ScriptedLockers(opens=(JAMMED, Ok(None)))
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        compartments=lockers,
        answers={"Trouble": Chosen("again")},
    )

    assert await hall.one_visit() == "done"

    (told,) = troubles(hall)
    assert (told.headline.key, told.code) == ("tax.pickup.lock_failed", "compartment.jammed")
    assert lockers.opened == ["1"]
    await hall.close()


async def test_a_cabinet_that_is_away_is_told_before_the_code_is_used(tmp_path: Path) -> None:
    lockers = ScriptedLockers()
    lockers.state = DeviceState.OFFLINE
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        compartments=lockers,
        answers={"Trouble": Chosen("primary")},
    )

    assert await hall.one_visit() != "done"

    assert not [path for _, path in hall.sandbox.adapter.calls if path.endswith("/pickups")]
    await hall.close()


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (sample[0], refusal)
        for sample, refusal in zip(
            tax_pickups.SAMPLES[2:],
            ("pickup.elsewhere", "pickup.expired", "pickup.used"),
            strict=True,
        )
    ],
)
async def test_a_code_that_opens_nothing_here_says_why_and_opens_nothing(
    code: str, refusal: str, tmp_path: Path
) -> None:
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        scanner=ScriptedScanner(code),
        answers={"Trouble": Chosen("primary")},
    )

    assert await hall.one_visit() == refusal

    assert hall.compartments is not None
    assert hall.compartments.opened == []
    await hall.close()


async def test_a_code_mistyped_is_given_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "paper-invoice-pickup",
        scanner=ScriptedScanner("00000000", OWN_PICKUP),
        answers={"Trouble": Chosen("again")},
    )

    assert await hall.one_visit() == "done"

    assert [view.code for view in troubles(hall)] == ["pickup.unknown"]
    assert hall.keys.count("pickup.code") == 2
    await hall.close()


async def test_a_confirmation_that_nobody_hears_is_repeated_until_it_is_heard(
    tmp_path: Path,
) -> None:
    # GIVEN a department that is away when the invoices were taken
    async def slowly(_: Any) -> Any:
        hall.sandbox.behave()
        await asyncio.sleep(45.0)
        return Chosen("done")

    hall = Hall(tmp_path, "paper-invoice-pickup", answers={"finished": slowly})
    hall.sandbox.fault("tax", "cut", "/taken", times=None)
    # WHEN the citizen has the slip and it comes back
    assert await hall.one_visit() == "done"
    # THEN the slip did not say that it was confirmed, and it is by now
    assert "ZP2026" not in words_of(hall.printer.slips[0])
    assert "ZQ000001" in words_of(hall.printer.slips[0])
    assert state_of(hall, "ZQ000001") == "taken"
    await hall.close()


# --- invoice-check --------------------------------------------------------------------------------

SAMPLES = tax_register.samples(TODAY)


@pytest.mark.parametrize(
    ("sample", "said", "tone"),
    [
        (0, "genuine", Tone.GOOD),
        (1, "genuine", Tone.GOOD),
        (2, "genuine", Tone.GOOD),
        (3, "voided", Tone.WARNING),
        (4, "genuine", Tone.GOOD),
        (5, "reversed", Tone.WARNING),
        (6, "genuine", Tone.GOOD),
    ],
)
async def test_a_scanned_invoice_of_either_generation_is_told_plainly(
    sample: int, said: str, tone: Tone, tmp_path: Path
) -> None:
    hall = Hall(tmp_path, "invoice-check", scanner=ScriptedScanner(SAMPLES[sample].payload))

    assert await hall.one_visit() == "done"

    assert view_of(hall, "check.read").title.key == f"tax.check.{said}"
    assert view_of(hall, "finished").tone is tone
    assert "check.form" not in hall.keys
    await hall.close()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("1000.00", "1000.01", "differs"), ("0000000001", "0000000009", "not_found")],
)
async def test_a_forged_invoice_is_said_to_be_none_or_another(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    forged = SAMPLES[4].payload.replace(old, new)
    hall = Hall(tmp_path, "invoice-check", scanner=ScriptedScanner(forged))

    assert await hall.one_visit() == "done"

    assert view_of(hall, "check.read").title.key == f"tax.check.{said}"
    assert view_of(hall, "finished").tone is Tone.BAD
    await hall.close()


async def test_an_old_invoice_is_typed_with_its_code_and_check_digits(tmp_path: Path) -> None:
    # GIVEN a citizen who types the number, and forgets the code at first
    right = {
        "number": "20260801",
        "code": "037002100611",
        "issued_on": "2026-11-04",
        "amount": "1280.00",
        "check": "618093",
    }
    forms = [Filled.of(right | {"code": "0370"}), Filled.of(right)]
    answers = {"check.code": Typed("20260801"), "check.form": forms}
    hall = Hall(tmp_path, "invoice-check", answers=answers)
    # WHEN it is checked
    assert await hall.one_visit() == "done"
    # THEN the form named what was missing, kept the rest, and the invoice is genuine
    first, second = (view for view in hall.stage.asked if view.key == "check.form")
    assert [field.name for field in first.fields] == [
        "number",
        "code",
        "issued_on",
        "amount",
        "check",
    ]
    assert second.trouble.key == "tax.check.wrong.code"
    assert second.fields[3].value == "1280.00"
    assert view_of(hall, "check.read").title.key == "tax.check.genuine"
    await hall.close()


async def test_a_digital_invoice_is_typed_without_a_code(tmp_path: Path) -> None:
    typed = {"number": SAMPLES[4].number, "issued_on": "2026-11-04", "amount": "1000"}
    answers = {"check.code": Typed(SAMPLES[4].number), "check.form": Filled.of(typed)}
    hall = Hall(tmp_path, "invoice-check", answers=answers)

    assert await hall.one_visit() == "done"

    asked = [field.name for field in view_of(hall, "check.form").fields]
    assert asked == ["number", "issued_on", "amount"]
    assert view_of(hall, "check.read").title.key == "tax.check.genuine"
    await hall.close()


async def test_going_back_from_the_result_to_the_same_invoice_counts_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "invoice-check", answers={"check.read": [Back(), Back(), Chosen("done")]})

    assert await hall.one_visit() == "done"

    notices = [view.notice.args for view in hall.stage.asked if view.key == "check.read"]
    assert notices == [(("count", 4),)] * 3
    await hall.close()


async def test_a_sixth_check_of_a_day_is_refused_in_words(tmp_path: Path) -> None:
    sandbox = None
    for nth in range(6):
        given = {"sandbox": sandbox} if sandbox else {}
        hall = Hall(
            tmp_path / str(nth), "invoice-check", answers={"Trouble": Chosen("primary")}, **given
        )
        sandbox = hall.sandbox
        assert await hall.one_visit() == ("done" if nth < 5 else "check.too_many")
        await hall.close()


# --- invoice-issue --------------------------------------------------------------------------------


async def test_the_tax_on_screen_is_what_is_paid_and_the_slip_has_the_number(
    tmp_path: Path,
) -> None:
    hall = Hall(tmp_path, "invoice-issue")

    assert await hall.one_visit() == "done"
    await hall.desk.settled()

    due = [str(row.value) for row in view_of(hall, "issue.review").sections[1].rows]
    assert any("212.00" in text for text in due)
    (trade,) = hall.sandbox.ledger()["trades"]
    assert trade["amount_fen"] == 21_200
    slip = words_of(hall.printer.slips[0])
    assert "26372000261124000001" in slip
    assert "¥212.00" in slip
    await hall.close()


async def test_the_slip_is_printed_again_without_another_payment(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "invoice-issue",
        answers={"attract": [Continue(), NEVER]},
    )
    assert await hall.one_visit() == "done"
    hall.stage.expect(
        {
            "attract": [Continue(), NEVER],
            "finished": Chosen("done"),
            "earlier.choose": lambda view: Chosen(view.options[0].id),
        }
    )
    await asyncio.sleep(61.0)  # another code is sent after a minute
    assert await hall.one_visit() == "done"

    first, second = (words_of(slip) for slip in hall.printer.slips)
    assert "26372000261124000001" in first
    assert "26372000261124000001" in second
    assert len(hall.sandbox.ledger()["trades"]) == 1
    await hall.close()


async def test_what_is_free_of_tax_is_issued_without_a_payment(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "invoice-issue", answers={"issue.goods": Chosen("own_produce")})

    assert await hall.one_visit() == "done"

    assert "pay" not in hall.keys
    assert hall.sandbox.ledger()["trades"] == []
    assert "26372000261124000001" in words_of(hall.printer.slips[0])
    await hall.close()


async def test_an_invoice_whose_number_is_not_told_yet_is_known_by_its_application(
    tmp_path: Path,
) -> None:
    # GIVEN a department that books, and then does not answer any more
    hall = Hall(tmp_path, "invoice-issue")
    hall.sandbox.fault("tax", "cut", "/queries", times=None)
    # WHEN the tax is paid
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    # THEN the slip has the application's number, and nothing was charged twice
    assert view_of(hall, "finished").detail.key == "tax.issue.done.later"
    assert "DK20261124000001" in words_of(hall.printer.slips[0])
    assert len(hall.sandbox.ledger()["bookings"]) == 1
    await hall.close()


async def test_going_back_and_changing_the_amount_makes_another_application(
    tmp_path: Path,
) -> None:
    amounts = [Filled.of({"amount": "20200.00"}), Filled.of({"amount": "1010.00"})]
    answers = {"issue.review": [Back(), Continue()], "issue.amount": amounts}
    hall = Hall(tmp_path, "invoice-issue", answers=answers)

    assert await hall.one_visit() == "done"

    (trade,) = hall.sandbox.ledger()["trades"]
    assert trade["amount_fen"] == 1000 + 35 + 15 + 10
    await hall.close()


# --- tax-record, premium-certificate --------------------------------------------------------------


@pytest.mark.parametrize("item", ["tax-record", "premium-certificate"])
async def test_who_paid_nothing_is_told_so_kindly(item: str, tmp_path: Path) -> None:
    hall = Hall(tmp_path, item)
    with hall.sandbox.app.state.sandbox.books.transaction() as db:
        db.execute("DELETE FROM incomes")
        db.execute("DELETE FROM premiums")

    assert await hall.one_visit() == "done"

    assert hall.documents is not None
    assert hall.documents.documents == []
    assert view_of(hall, "finished").code == ""
    await hall.close()
