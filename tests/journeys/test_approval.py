"""The approval bureau's conversations where they leave the straight way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devices.printer.layout import Line, Pair
from devices.simulators.cards import CARDS
from kiosk.catalogue import OfferedWithout
from kiosk.journeys.approval import POINTS_MOST, STROKES_MOST, written
from kiosk.texts import Plain, msg
from kiosk.views import Back, Chosen, Continue, Filled, Signed, Trouble, Typed
from tests.items.approval import ADDRESS, OWN_CASE, SIGNATURE
from tests.journeys.hall import Hall
from tests.journeys.test_privacy import files_in
from tests.sandbox.test_rules import person, post

pytestmark = pytest.mark.looptime

BUREAU = "/approval/v1"


def text_of(hall: Hall) -> str:
    """Everything on the slips."""
    parts: list[str] = []
    for slip in hall.printer.slips:
        for block in slip.blocks:
            if isinstance(block, Line):
                parts.append(block.text)
            elif isinstance(block, Pair):
                parts += [block.label, block.value]
    return "\n".join(parts)


def shown(hall: Hall, key: str) -> Any:
    """The first view of that key."""
    return next(view for view in hall.stage.asked if view.key == key)


# --- cases -------------------------------------------------------------------------------------------


async def test_a_mistyped_number_is_said_to_be_unknown_and_asked_for_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "case-progress",
        answers={
            "case.number": Typed("BJ20200101000001"),
            "case.number.1": Typed("X-1"),
            "case.number.2": Typed(OWN_CASE),
            "case.read": Chosen("take"),
        },
    )
    assert await hall.one_visit() == "done"
    assert shown(hall, "case.number.1").subtitle == msg("case.number.unknown")
    assert not [view for view in hall.stage.asked if isinstance(view, Trouble)]
    await hall.close()


async def test_a_slips_code_is_scanned_instead_of_typed(tmp_path: Path) -> None:
    from tests.journeys.scripted import NEVER, ScriptedScanner

    scanner = ScriptedScanner(OWN_CASE)
    hall = Hall(
        tmp_path,
        "case-progress",
        scanner=scanner,
        answers={"case.number": NEVER, "case.read": Chosen("take")},
    )
    assert await hall.one_visit() == "done"
    assert scanner.commands == 1
    assert OWN_CASE in text_of(hall)
    await hall.close()


async def test_anothers_case_is_refused_with_a_card(tmp_path: Path) -> None:
    # GIVEN somebody who types another's number and then lays their own card
    hall = Hall(tmp_path, "case-progress", card="li-na", answers={"Trouble": Chosen("primary")})
    # WHEN they want the details
    outcome = await hall.one_visit()
    # THEN the number told state and dates, and the details are refused
    assert outcome == "case.not_own"
    assert "case.read" in hall.keys
    assert "case.details" not in hall.keys
    assert hall.printer.slips == []
    await hall.close()


async def test_my_cases_are_listed_by_card(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "case-progress",
        answers={
            "case.how": Chosen("own"),
            "case.choose": lambda view: Chosen(view.options[0].id),
        },
    )
    assert await hall.one_visit() == "done"
    assert "case.number" not in hall.keys
    assert len(shown(hall, "case.choose").options) == 4
    await hall.close()


async def test_no_case_at_all_is_said_kindly(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "case-progress", card="chen-jing", answers={"case.how": Chosen("own")})
    assert await hall.one_visit() == "done"
    assert shown(hall, "finished").headline == msg("case.none")
    assert hall.printer.slips == []
    await hall.close()


# --- appointments ------------------------------------------------------------------------------------


async def test_a_slot_just_taken_is_chosen_again_and_the_rest_is_kept(tmp_path: Path) -> None:
    # GIVEN a citizen whose slot somebody else takes while they look at the review
    hall = Hall(tmp_path, "appointment")
    taken: list[str] = []

    def chosen(view: Any) -> Chosen:
        taken.append(view.options[1].id)
        return Chosen(view.options[1].id)

    def somebody_is_faster(_: Any) -> Continue:
        body = {
            "person": person("li-na"),
            "slot": taken[0],
            "address": {"division": "371083", "detail": "海景路9号"},
            "phone": "13900139000",
        }
        assert post(hall.sandbox, f"{BUREAU}/appointments", body, "book-li-na").status_code == 201
        return Continue()

    hall.stage.expect(
        {
            "appointment.slot": chosen,
            "appointment.review": somebody_is_faster,
            "appointment.day.1": lambda view: Chosen(view.options[0].id),
            "appointment.slot.1": lambda view: Chosen(view.options[0].id),
            "appointment.review.1": Continue(),
        }
    )
    # WHEN they confirm
    assert await hall.one_visit() == "done"
    # THEN they are told, and choose from the fresh list; address and purpose are not asked again
    assert shown(hall, "appointment.day.1").subtitle == msg("appointment.taken")
    assert taken[0] not in {option.id for option in shown(hall, "appointment.slot.1").options}
    assert hall.stage.keys.count("appointment.home") == 1
    assert hall.stage.keys.count("appointment.what.home") == 1
    own = post(hall.sandbox, f"{BUREAU}/appointments/queries", {"person": person()}).json()
    assert len(own["appointments"]) == 1
    await hall.close()


async def test_back_from_the_fresh_list_books_once(tmp_path: Path) -> None:
    # GIVEN a citizen whose slot was taken, and who goes back from the fresh list
    hall = Hall(tmp_path, "appointment")
    taken: list[str] = []

    def chosen(view: Any) -> Chosen:
        wanted = view.options[1] if not taken else view.options[2]
        taken.append(wanted.id)
        return Chosen(wanted.id)

    def faster(_: Any) -> Continue:
        if len(taken) == 1:
            body = {
                "person": person("li-na"),
                "slot": taken[0],
                "address": {"division": "371083", "detail": "海景路9号"},
                "phone": "13900139000",
            }
            post(hall.sandbox, f"{BUREAU}/appointments", body, "book-li-na")
        return Continue()

    hall.stage.expect(
        {
            "appointment.slot": chosen,
            "appointment.review": [faster, Back(), Continue()],
            "appointment.day.1": [Back(), lambda view: Chosen(view.options[0].id)],
            "appointment.slot.1": lambda view: Chosen(view.options[0].id),
            "appointment.review.1": Continue(),
        }
    )
    # WHEN they take another slot of the first list
    assert await hall.one_visit() == "done"
    # THEN it is booked, once
    own = post(hall.sandbox, f"{BUREAU}/appointments/queries", {"person": person()}).json()
    assert len(own["appointments"]) == 1
    await hall.close()


async def test_ones_own_appointment_is_cancelled(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "appointment",
        answers={
            "appointment.how": lambda view: Chosen(view.options[-1].id),
            "appointment.cancel": Continue(),
        },
    )
    free = post(hall.sandbox, f"{BUREAU}/slots/queries", {"service": "social", "mode": "window"})
    body = {"person": person(), "slot": free.json()["slots"][0]["slot"]}
    post(hall.sandbox, f"{BUREAU}/appointments", body, "book-0001")
    assert await hall.one_visit() == "done"
    own = post(hall.sandbox, f"{BUREAU}/appointments/queries", {"person": person()}).json()
    assert own["appointments"] == []
    await hall.close()


async def test_neither_address_nor_phone_is_on_the_slip(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "appointment")
    assert await hall.one_visit() == "done"
    for secret in (ADDRESS["detail"], ADDRESS["phone"], CARDS["wang-xiulan"].name):
        assert secret not in text_of(hall)
    await hall.close()


# --- one thing ---------------------------------------------------------------------------------------


async def test_the_list_on_the_slip_names_every_material_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "one-thing", answers={"theme.birth.card": Chosen("yes")})
    assert await hall.one_visit() == "done"
    told = text_of(hall)
    assert told.count("\n户口簿\n") == 1
    assert "近期免冠照片" in told
    assert told.index("出生医学证明签发") < told.index("出生登记（落户）")
    await hall.close()


# --- instant approval and commitments ----------------------------------------------------------------


async def test_a_refusal_is_explained_by_the_rule_with_what_to_do(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "instant-approval", card="li-na")
    assert await hall.one_visit() == "done"
    assert shown(hall, "finished").headline.key == "instant.refused"
    told = text_of(hall)
    assert "年满 60 周岁" in told
    assert "请在年满 60 周岁后申请" in told
    assert "document.pages" not in hall.keys
    assert hall.documents is not None
    assert hall.documents.documents == []
    await hall.close()


async def test_a_signature_that_is_no_signature_is_signed_again(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "commitment",
        answers={
            "commitment.sign.public-hygiene": Signed(strokes=(((0.5, 0.5),),), ratio=2.5),
            "commitment.sign.public-hygiene.1": SIGNATURE,
        },
    )
    assert await hall.one_visit() == "done"
    again = shown(hall, "commitment.sign.public-hygiene.1")
    assert again.subtitle == msg("commitment.sign.again")
    assert hall.documents is not None
    assert len(hall.documents.documents) == 1
    await hall.close()


async def test_no_stroke_of_a_signature_is_left_behind(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "commitment")
    assert await hall.one_visit() == "done"
    await hall.close()
    left = files_in(tmp_path)
    assert "journal.sqlite" in left
    for stroke in written(SIGNATURE):
        assert [name for name, data in left.items() if stroke.encode() in data] == []
    assert repr(SIGNATURE) == "Signed(***)"


async def test_without_an_a4_printer_the_commitments_number_is_on_a_slip(tmp_path: Path) -> None:
    missing = OfferedWithout(msg("notice.without.document_printer"), ("document_printer",))
    hall = Hall(
        tmp_path,
        "commitment",
        documents=None,
        availability=missing,
        answers={"document.take_away": Continue()},
    )
    assert await hall.one_visit() == "done"
    assert len(hall.printer.slips) == 1
    await hall.close()


@pytest.mark.parametrize("item", ["instant-approval", "commitment"])
async def test_a_document_that_cannot_be_fetched_leaves_what_was_decided_standing(
    item: str, tmp_path: Path
) -> None:
    # GIVEN a bureau that decides, and then does not hand its papers out
    hall = Hall(tmp_path, item, answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault("approval", "status", "documents", status=503, times=None)
    # WHEN the citizen goes on without the paper
    assert await hall.one_visit() == "done"
    # THEN the trouble said what stands, and a slip has its number
    trouble = next(view for view in hall.stage.asked if isinstance(view, Trouble))
    assert trouble.standing is not None
    number = trouble.standing.rows[-1 if item == "commitment" else 0].value
    assert isinstance(number, Plain)
    assert number.text in text_of(hall)
    await hall.close()


def test_a_long_signature_is_thinned_to_what_the_bureau_takes() -> None:
    stroke = tuple((n / 5000, 0.5) for n in range(5000))
    strokes = written(Signed(strokes=(stroke,) * (STROKES_MOST + 50), ratio=2.5))
    assert len(strokes) == STROKES_MOST
    for one in strokes:
        assert len(one.split(" ")) <= POINTS_MOST
        assert one.startswith("0.000,0.500")


# --- courier -----------------------------------------------------------------------------------------


async def test_a_delivery_is_followed_by_its_number(tmp_path: Path) -> None:
    # GIVEN a delivery of somebody else, whose number is known
    hall = Hall(tmp_path, "courier", card="zhang-jianguo")
    case = next(
        c
        for c in post(hall.sandbox, f"{BUREAU}/cases/own", {"person": person()}).json()["cases"]
        if c["state"] == "finished"
    )
    body = {
        "person": person(),
        "case_no": case["number"],
        "recipient": "李雷",
        "phone": "13900139000",
        "address": {"division": "371083", "detail": "海景路9号"},
    }
    sent = post(hall.sandbox, f"{BUREAU}/deliveries", body, "send-0001").json()
    hall.stage.expect(
        {
            "courier.choose": Chosen("number"),
            "courier.number": Typed(sent["delivery_no"]),
            "courier.read": Chosen("take"),
        }
    )
    # WHEN it is followed
    assert await hall.one_visit() == "done"
    # THEN its state is told, and not where it goes
    told = text_of(hall)
    assert sent["delivery_no"] in told
    assert "海景路9号" not in told
    assert "李雷" not in told
    await hall.close()


async def test_the_address_is_not_on_the_slip(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "courier")
    assert await hall.one_visit() == "done"
    for secret in (ADDRESS["detail"], ADDRESS["phone"], "李雷"):
        assert secret not in text_of(hall)
    await hall.close()


async def test_a_recipient_left_empty_is_oneself_and_the_form_shows_no_name(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "courier", answers={"courier.form": Filled.of({"name": "", **ADDRESS})})
    assert await hall.one_visit() == "done"
    assert shown(hall, "courier.form").fields[0].value == ""
    name = CARDS["wang-xiulan"].name
    assert f"**{name[-1]}" in text_of(hall)
    assert name not in text_of(hall)
    await hall.close()
