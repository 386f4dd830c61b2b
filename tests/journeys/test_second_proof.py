"""The second proof as a conversation: codes, faces, and every way around what does not work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.status import Ok, Outcome
from kiosk.log import Record, attach
from kiosk.views import Back, Chosen, Continue, Exit, FaceCamera, Trouble, Typed
from tests.journeys.hall import ITEMS, Hall
from tests.journeys.scripted import NEVER, ScriptedCamera, failed

pytestmark = pytest.mark.looptime

ITEM = "own-property"
"""A declared item: here it asks for a second proof as well."""

SENT = "/data/v1/one-time-codes"

AHEAD, ASIDE = (90, 130), (130, 90)
"""Somebody who looks ahead, and with the head turned."""


@pytest.fixture(autouse=True)
def with_a_second_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ITEMS, ITEM, replace(ITEMS[ITEM], proof=3))


@pytest.fixture
def heard() -> Iterator[list[Record]]:
    """The records logged during the test, of every level."""
    records: list[Record] = []
    detach = attach(records.append)
    records.clear()  # what waited from before
    yield records
    detach()


def codes_sent(hall: Hall) -> int:
    """How often a code was asked for."""
    return sum(path == SENT for _, path in hall.sandbox.adapter.calls)


def views(hall: Hall, key: str) -> list[Any]:
    """The views of `key` in their order."""
    return [view for view in hall.stage.asked if view.key == key]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def standing(hall_of: list[Hall], turns: bool = True) -> ScriptedCamera:
    """A camera in front of which somebody does as the hint says, or holds up a photograph."""

    def seen() -> Any:
        shown = [v for v in hall_of[0].stage.shown if isinstance(v, FaceCamera)]
        asked_to_turn = shown[-1].hint.key == "proof.face.turn"
        return Ok(ASIDE if turns and asked_to_turn else AHEAD)

    camera = ScriptedCamera()
    camera.results = [seen]
    return camera


def hall_with_camera(state: Path, turns: bool = True, **given: Any) -> Hall:
    made: list[Hall] = []
    hall = Hall(state, ITEM, camera=standing(made, turns), **given)
    made.append(hall)
    return hall


BY_FACE = {"second_proof.way": Chosen("face"), "second_proof.consent": Continue(),
           "second_proof.face": NEVER}  # fmt: skip


# --- by code ----------------------------------------------------------------------------------------


async def test_without_a_camera_a_code_is_asked_for_at_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM)
    assert await hall.one_visit() == "done"
    assert hall.keys[3:6] == ["identify", "second_proof.code", "own-property.purpose"]
    (view,) = views(hall, "second_proof.code")
    assert view.sent_to.text.count("*") == 4
    assert (view.digits, view.again_after, view.other) == (6, 60, None)
    await hall.close()


async def test_the_person_goes_on_with_the_token(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM)
    seen: list[str] = []
    client = hall.departments.property
    ask = type(client).ask

    def listening(self: Any, path: str, body: Any, *rest: Any) -> Any:
        seen.append(body["person"].get("second_proof", ""))
        return ask(self, path, body, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(client), "ask", listening)
        assert await hall.one_visit() == "done"
    assert len(seen) == 1
    assert len(seen[0]) >= 16
    await hall.close()


async def test_a_wrong_code_is_told_with_the_tries_that_are_left(tmp_path: Path) -> None:
    # GIVEN a citizen who mistypes the code once
    hall = Hall(tmp_path, ITEM)
    right = hall.type_the_code
    mistyped: list[bool] = []

    async def mistype(view: Any) -> Any:
        if mistyped:
            return await right(view)
        mistyped.append(True)
        return Typed(wrong(hall.sandbox.control("/messages")[-1]["code"]))

    hall.stage.expect({"second_proof.code": mistype})
    # WHEN it is typed again
    assert await hall.one_visit() == "done"
    # THEN the view said how many tries were left, and one code was enough
    troubles = [view.trouble for view in views(hall, "second_proof.code")]
    assert troubles[0] is None
    assert (troubles[1].key, dict(troubles[1].args)) == ("proof.code.wrong", {"count": 2})
    assert codes_sent(hall) == 1
    await hall.close()


async def test_three_wrong_codes_end_it_and_another_one_is_sent_after_its_minute(
    tmp_path: Path,
) -> None:
    # GIVEN a citizen who mistypes three times
    hall = Hall(tmp_path, ITEM)
    right = hall.type_the_code
    asked: list[Any] = []

    async def mistype(view: Any) -> Any:
        asked.append(view)
        if len(asked) <= 3:
            return Typed(wrong(hall.sandbox.control("/messages")[-1]["code"]))
        if len(asked) == 4:
            return Typed(hall.sandbox.control("/messages")[-1]["code"])
        if len(asked) == 5:
            hall.typed_codes.append(hall.sandbox.control("/messages")[-1]["code"])
        return await right(view)

    hall.stage.expect({"second_proof.code": mistype})
    # WHEN the right one is typed after that, and then another is asked for
    assert await hall.one_visit() == "done"
    # THEN the first did not work any more, and the second did
    troubles = [view.trouble.key if view.trouble else "" for view in asked]
    assert troubles == [
        "", "proof.code.wrong", "proof.code.wrong", "proof.code.spent", "proof.code.over", "",
    ]  # fmt: skip
    assert asked[3].seconds == 0
    assert codes_sent(hall) == 2
    await hall.close()


async def test_another_code_is_not_sent_before_its_time(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM)
    answers = [Chosen("again"), hall.type_the_code]

    async def impatient(view: Any) -> Any:
        answer = answers.pop(0)
        return await answer(view) if callable(answer) else answer

    hall.stage.expect({"second_proof.code": impatient})
    assert await hall.one_visit() == "done"
    assert codes_sent(hall) == 1
    await hall.close()


async def test_a_code_that_is_over_is_said_to_be_and_another_one_works(tmp_path: Path) -> None:
    # GIVEN a citizen who finds the telephone after six minutes
    hall = Hall(tmp_path, ITEM)
    right = hall.type_the_code
    late: list[bool] = []

    async def slow(view: Any) -> Any:
        code = hall.sandbox.control("/messages")[-1]["code"]
        if not late:
            late.append(True)
            hall.typed_codes.append(code)
            hall.sandbox.clock.move(360)
            return Typed(code)
        return await right(view)

    hall.stage.expect({"second_proof.code": slow})
    # WHEN the old code is typed
    assert await hall.one_visit() == "done"
    # THEN it is said to be over
    troubles = [v.trouble.key for v in views(hall, "second_proof.code") if v.trouble]
    assert troubles == ["proof.code.over"]
    await hall.close()


async def test_back_to_the_card_and_forth_needs_no_second_message(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, interrupts={4: Back()})
    assert await hall.one_visit() == "done"
    assert hall.keys[3:7] == [
        "identify", "second_proof.code", "identify", "second_proof.code",
    ]  # fmt: skip
    assert codes_sent(hall) == 1
    await hall.close()


async def test_back_from_the_next_question_asks_for_another_code(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, interrupts={5: Back()})
    assert await hall.one_visit() == "done"
    again = views(hall, "second_proof.code")[1]
    assert again.trouble.key == "proof.code.used"
    assert again.again_after > 0
    assert codes_sent(hall) == 2
    await hall.close()


async def test_whoever_walks_away_from_the_code_is_forgotten(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, answers={"second_proof.code": NEVER})
    assert await hall.one_visit() == "idle"
    await hall.close()


async def test_exit_at_the_code_ends_the_visit(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, answers={"second_proof.code": Exit()})
    assert await hall.one_visit() == "exit"
    await hall.close()


async def test_without_a_phone_and_a_camera_the_citizen_is_told_where_to_go(
    tmp_path: Path,
) -> None:
    hall = Hall(tmp_path, ITEM, card="ma-yusuf", answers={"Trouble": Chosen("primary")})
    assert await hall.one_visit() == "proof.no_phone"
    (view,) = views(hall, "second_proof.not_sent")
    assert [option.id for option in view.options] == ["other"]
    await hall.close()


async def test_a_second_visit_within_the_minute_is_told_to_wait(tmp_path: Path) -> None:
    # GIVEN a citizen who left right after a code was sent
    hall = Hall(tmp_path, ITEM)
    hall.stage.expect({"second_proof.code": [Exit(), hall.type_the_code]})
    assert await hall.one_visit() == "exit"
    # WHEN they come back at once and wait the minute out at the trouble
    hall.stage.expect({"attract": [Continue(), NEVER], "second_proof.not_sent": wait_a_minute})
    assert await hall.one_visit() == "done"
    # THEN they were told why, and the second code was sent after it
    (view,) = views(hall, "second_proof.not_sent")
    assert view.code == "proof.too_soon"
    await hall.close()


async def wait_a_minute(_: Any) -> Any:
    await asyncio.sleep(61)
    return Chosen("again")


@pytest.mark.parametrize("path", [SENT, "checks", "face-matches"])
@pytest.mark.parametrize("kind", ["cut", "status", "garbage", "lose_answer"])
async def test_a_call_that_fails_is_told_or_mended_and_sends_no_second_code(
    path: str, kind: str, tmp_path: Path
) -> None:
    # GIVEN a data bureau that fails at this call, as often as the door tries by itself
    answers = {"Trouble": lambda view: Chosen(view.options[0].id)}
    way = BY_FACE if path == "face-matches" else {}
    hall = hall_with_camera(tmp_path, answers=answers | way)
    hall.sandbox.fault("data", kind, path.rpartition("/")[2], times=2)
    # WHEN the citizen tries again
    assert await hall.one_visit() == "done"
    # THEN one message was sent at most
    assert len(hall.sandbox.control("/messages")) == (0 if path == "face-matches" else 1)
    await hall.close()


# --- by face ----------------------------------------------------------------------------------------


async def test_a_face_is_matched_after_consent_on_its_own_screen(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE)
    assert await hall.one_visit() == "done"
    keys = [key for key in hall.keys if key.startswith("second_proof")]
    assert keys == ["second_proof.way", "second_proof.consent", "second_proof.face"]
    assert codes_sent(hall) == 0
    await hall.close()


async def test_the_person_sees_themselves_and_what_to_do(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE)
    await hall.one_visit()
    shown = [view for view in hall.stage.shown if isinstance(view, FaceCamera)]
    hints = [view.hint.key for view in shown]
    assert hints == sorted(hints, key=["proof.face.look", "proof.face.turn"].index)
    assert set(hints) == {"proof.face.look", "proof.face.turn"}
    assert all(view.picture is not None for view in shown[1:])
    await hall.close()


async def test_no_picture_is_taken_before_consent(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE | {"second_proof.consent": Exit()})
    assert await hall.one_visit() == "exit"
    assert hall.camera is not None
    assert hall.camera.photos == []
    await hall.close()


@pytest.mark.parametrize("answer", [NEVER, Back(), Exit()])
async def test_every_picture_is_overwritten(answer: Any, tmp_path: Path) -> None:
    # GIVEN a citizen who is photographed to the end, goes back, or leaves
    hall = hall_with_camera(tmp_path, answers=BY_FACE | {"second_proof.face": [answer, NEVER]})
    await hall.one_visit()
    # THEN neither the camera's pictures nor those on the screen hold anything any more
    assert hall.camera is not None
    assert hall.camera.photos
    assert all(photo.wiped for photo in hall.camera.photos)
    pictures = [v.picture for v in hall.stage.shown if isinstance(v, FaceCamera) and v.picture]
    assert pictures
    assert not any(any(picture.rgb) for picture in pictures)
    assert hall.camera.at_rest
    await hall.close()


async def test_back_from_the_camera_returns_to_the_consent(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE | {"second_proof.face": [Back(), NEVER]})
    assert await hall.one_visit() == "done"
    place = hall.keys.index("second_proof.face")
    assert hall.keys[place + 1] == "second_proof.consent"
    await hall.close()


async def test_a_photograph_held_up_is_refused_and_a_code_still_works(tmp_path: Path) -> None:
    # GIVEN somebody who does not turn, three times
    answers = BY_FACE | {"second_proof.not_matched": Chosen("code")}
    hall = hall_with_camera(tmp_path, turns=False, answers=answers)
    # WHEN they take a code instead
    assert await hall.one_visit() == "done"
    # THEN it was told each time, and the code was the proof
    troubles = [view.trouble.key for view in views(hall, "second_proof.face") if view.trouble]
    assert troubles == ["proof.face.not_live"] * 2
    assert len(views(hall, "second_proof.not_matched")) == 1
    assert codes_sent(hall) == 1
    await hall.close()


async def test_a_stranger_is_not_recognised(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE | {"Trouble": Chosen("primary")})
    hall.sandbox.control("/faces", {"ending": "stranger", "times": 3})
    assert await hall.one_visit() == "proof.face"
    (view,) = [v for v in hall.stage.asked if isinstance(v, Trouble)]
    assert view.cause.key == "proof.face.stranger"
    await hall.close()


async def test_a_camera_in_the_dark_is_told_and_tried_again(tmp_path: Path) -> None:
    hall = hall_with_camera(tmp_path, answers=BY_FACE)
    assert hall.camera is not None
    hall.camera.results.insert(0, failed("device.timeout", Outcome.TIMEOUT))
    assert await hall.one_visit() == "done"
    troubles = [view.trouble.key for view in views(hall, "second_proof.face") if view.trouble]
    assert troubles == ["proof.face.unclear"]
    await hall.close()


async def test_whoever_has_no_phone_can_show_the_face_instead(tmp_path: Path) -> None:
    answers = BY_FACE | {"second_proof.way": Chosen("code"),
                         "second_proof.not_sent": Chosen("face")}  # fmt: skip
    hall = hall_with_camera(tmp_path, card="ma-yusuf", answers=answers)
    outcome = await hall.one_visit()
    assert outcome == "done"
    assert "second_proof.consent" in hall.keys
    await hall.close()


async def test_the_code_screen_offers_the_face_where_a_camera_works(tmp_path: Path) -> None:
    answers = BY_FACE | {"second_proof.way": Chosen("code"), "second_proof.code": Chosen("other")}
    hall = hall_with_camera(tmp_path, answers=answers)
    assert await hall.one_visit() == "done"
    assert views(hall, "second_proof.code")[0].other is not None
    await hall.close()


async def test_the_log_tells_ways_and_codes_only(tmp_path: Path, heard: list[Record]) -> None:
    hall = Hall(tmp_path, ITEM)
    await hall.one_visit()
    await hall.close()
    typed = hall.typed_codes[0]
    phone = hall.sandbox.control("/messages")[0]["to"]
    told = [record for record in heard if record["event"].startswith("proof.")]
    assert [record["way"] for record in told] == ["code"]
    assert not [r for r in heard if typed in repr(r) or phone in repr(r)]
