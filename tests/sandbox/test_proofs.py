"""The second proof: codes that are sent rarely and work once, faces that are alive, tokens of one person."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image

from kiosk.sandbox import proofs
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import Window
from kiosk.sandbox.wire import Person
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post, refused

CODES = "/data/v1/one-time-codes"
FACES = "/data/v1/face-matches"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def send(sandbox: Sandbox, key: str = "code-0001", slug: str = "wang-xiulan") -> Any:
    return post(sandbox, CODES, {"person": person(slug), "purpose": "tax-record"}, key)


def check(sandbox: Sandbox, challenge: str, code: str, key: str = "check-0001") -> Any:
    return post(sandbox, f"{CODES}/{challenge}/checks", {"code": code}, key)


def on_the_phone(sandbox: Sandbox) -> str:
    return str(sandbox.control("/messages")[-1]["code"])


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def allowed(sandbox: Sandbox, token: str, slug: str = "wang-xiulan") -> bool:
    """Whether a department takes `token` as the second proof of `slug`."""
    here = Window(sandbox.app.state.sandbox, sandbox.url, "POST /", "data")
    who = Person.model_validate(person(slug) | {"second_proof": token})
    with here.books.transaction() as db:
        try:
            proofs.require_second_proof(db, here, who)
        except Problem as problem:
            return problem.code != "proof.second_required"
    return True


def picture(*levels: int, quality: int = 92) -> str:
    """A picture of so many bars, as it travels."""
    image = Image.new("L", (640, 480))
    for place, level in enumerate(levels):
        width = 640 // len(levels)
        image.paste(level, (place * width, 0, (place + 1) * width, 480))
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=quality)
    return base64.b64encode(packed.getvalue()).decode()


def match(sandbox: Sandbox, *pictures: str, key: str = "face-0001", **changed: Any) -> Any:
    body = {
        "person": person(),
        "pictures": list(pictures),
        "consent_at": sandbox.clock().isoformat(),
    }
    return post(sandbox, FACES, body | changed, key)


# --- codes ------------------------------------------------------------------------------------------


def test_the_right_code_grants_a_token_of_this_person_for_ten_minutes(sandbox: Sandbox) -> None:
    # GIVEN a code that was sent to the registered phone
    sent = send(sandbox).json()
    assert re.fullmatch(r"\d{3}\*{4}\d{4}", sent["phone"])
    assert (sent["valid_s"], sent["again_after_s"], sent["digits"]) == (300, 60, 6)
    # WHEN it is typed
    checked = check(sandbox, sent["challenge_id"], on_the_phone(sandbox)).json()
    # THEN the token speaks for this person, for nobody else, and not for long
    assert checked["granted"]
    token = checked["second_proof"]
    assert allowed(sandbox, token)
    assert not allowed(sandbox, token, "li-na")
    assert not allowed(sandbox, "")
    sandbox.clock.move(599)
    assert allowed(sandbox, token)
    sandbox.clock.move(1)
    assert not allowed(sandbox, token)


def test_the_code_stands_on_the_phone_and_in_no_answer(sandbox: Sandbox) -> None:
    answer = send(sandbox)
    (message,) = sandbox.control("/messages")
    assert message["code"] in message["text"]
    assert re.fullmatch(r"1\d{10}", message["to"])
    assert message["code"] not in answer.text
    assert message["to"] not in answer.text


def test_three_wrong_tries_end_a_code(sandbox: Sandbox) -> None:
    challenge = send(sandbox).json()["challenge_id"]
    right = on_the_phone(sandbox)
    for number, left in enumerate((2, 1, 0)):
        told = check(sandbox, challenge, another(right), f"check-000{number}").json()
        assert told == {"granted": False, "tries_left": left, "second_proof": ""}
    refused(check(sandbox, challenge, right, "check-0009"), "proof.spent")


def test_a_code_works_once(sandbox: Sandbox) -> None:
    challenge = send(sandbox).json()["challenge_id"]
    first = check(sandbox, challenge, on_the_phone(sandbox))
    again = check(sandbox, challenge, on_the_phone(sandbox))
    assert again.content == first.content  # the same request: a replay of its answer
    refused(check(sandbox, challenge, on_the_phone(sandbox), "check-0002"), "proof.spent")


def test_a_code_is_over_after_five_minutes(sandbox: Sandbox) -> None:
    challenge = send(sandbox).json()["challenge_id"]
    sandbox.clock.move(300)
    refused(check(sandbox, challenge, on_the_phone(sandbox)), "proof.spent")


def test_codes_are_sent_once_a_minute_and_five_times_a_day(sandbox: Sandbox) -> None:
    assert send(sandbox).status_code == 201
    sandbox.clock.move(59)
    refused(send(sandbox, "code-0002"), "proof.too_soon")
    assert send(sandbox, "code-other", "li-na").status_code == 201
    for number in range(4):
        sandbox.clock.move(61)
        assert send(sandbox, f"code-001{number}").status_code == 201
    sandbox.clock.move(61)
    refused(send(sandbox, "code-0003"), "proof.too_many")
    sandbox.clock.move(24 * 3600)
    assert send(sandbox, "code-0004").status_code == 201


def test_without_a_registered_phone_there_is_no_code(sandbox: Sandbox) -> None:
    refused(send(sandbox, slug="ma-yusuf"), "proof.no_phone")
    assert sandbox.control("/messages") == []


def test_a_typed_identity_gets_no_code(sandbox: Sandbox) -> None:
    body = {"person": person(proof="typed"), "purpose": "tax-record"}
    refused(post(sandbox, CODES, body, "code-0001"), "proof.card_required")


def test_a_code_that_was_never_sent_is_unknown(sandbox: Sandbox) -> None:
    refused(check(sandbox, "nobody-sent-this-one", "123456"), "proof.unknown")


# --- faces ------------------------------------------------------------------------------------------


def test_a_head_that_turned_in_good_light_is_alive_and_matched(sandbox: Sandbox) -> None:
    told = match(sandbox, picture(90, 140), picture(140, 90)).json()
    assert (told["matched"], told["live"]) == (True, True)
    assert allowed(sandbox, told["second_proof"])


def test_two_pictures_of_the_same_are_a_photograph(sandbox: Sandbox) -> None:
    told = match(sandbox, picture(90, 140), picture(90, 140, quality=70)).json()
    assert told == {"matched": True, "live": False, "second_proof": ""}


def test_nobody_is_told_in_the_dark(sandbox: Sandbox) -> None:
    told = match(sandbox, picture(5, 20), picture(20, 5)).json()
    assert (told["matched"], told["second_proof"]) == (False, "")


@pytest.mark.parametrize(
    ("ending", "matched", "live"),
    [("live", True, True), ("stranger", False, True), ("photo", True, False)],
)
def test_a_match_can_be_arranged_once(
    sandbox: Sandbox, ending: str, matched: bool, live: bool
) -> None:
    sandbox.control("/faces", {"ending": ending})
    dark = picture(5), picture(5)
    told = match(sandbox, *dark).json()
    assert (told["matched"], told["live"], bool(told["second_proof"])) == (
        matched,
        live,
        matched and live,
    )
    told = match(sandbox, *dark, key="face-0002").json()
    assert (told["matched"], told["live"]) == (False, False)


def test_without_fresh_consent_no_face_is_compared(sandbox: Sandbox) -> None:
    pictures = picture(90, 140), picture(140, 90)
    old = sandbox.clock().isoformat()
    sandbox.clock.move(601)
    refused(match(sandbox, *pictures, consent_at=old), "proof.consent")
    never = "2026-02-30T09:00:00+08:00"
    refused(match(sandbox, *pictures, key="face-0002", consent_at=never), "proof.consent")


def test_what_is_no_picture_is_refused(sandbox: Sandbox) -> None:
    words = base64.b64encode(b"no picture").decode()
    refused(match(sandbox, words, picture(90)), "proof.picture")


def test_pictures_are_kept_nowhere(sandbox: Sandbox) -> None:
    # GIVEN a match of two pictures
    pictures = picture(90, 140), picture(140, 90)
    assert match(sandbox, *pictures).json()["live"]
    # WHEN every book of the department is read
    with sandbox.app.state.sandbox.books.transaction() as db:
        kept = "\n".join(db.iterdump())
    # THEN the answer is there, and no part of a picture
    assert "face-0001" in kept
    for part in (pictures[0][200:260], base64.b64decode(pictures[0])[150:190].hex()):
        assert part.lower() not in kept.lower()
