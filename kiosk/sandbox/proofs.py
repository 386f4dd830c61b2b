"""The second proof of identity: a code sent to the registered phone, or a face match by pictures.

Either grants a token of one person for ten minutes; departments ask for it by `require_second_proof`.
Codes are sent once a minute and five times a day; three wrong tries end one. Pictures are looked at in
memory and kept nowhere.
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints
from pydantic.json_schema import WithJsonSchema

from kiosk.masking import mask_phone
from kiosk.sandbox.arranged import arrange, arranged
from kiosk.sandbox.books import new_token
from kiosk.sandbox.citizens import Citizen, known
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Token, Wire

CODE_DIGITS = 6
CODE_VALID = timedelta(minutes=5)
CODE_EVERY = timedelta(minutes=1)
CODES_A_DAY = 5
TRIES = 3

TOKEN_VALID = timedelta(minutes=10)

CONSENT_VALID = timedelta(minutes=10)
"""A consent older than a visit is somebody else's."""

CLOCKS_APART = timedelta(minutes=1)
"""A terminal's clock may be ahead of ours by so much."""

PICTURE_CHARACTERS = 900_000
"""Base64 of some 660 KiB: a JPEG of 1280 by 720 at quality 92 has about 300."""

PICTURE_SIDE_MOST = 4096
LOOKED_AT = (32, 24)
"""A picture is judged by so many fields, in which a sensor's noise is averaged away."""

LIGHT = (40.0, 230.0)
"""Mean levels of a picture in which a face can be told, of 255."""

TURNED_LEAST = 4.0
"""Mean difference of two pictures between which a head was turned; a photograph held still has under 2."""

FaceEnding = Literal["live", "stranger", "photo"]
"""How a face match can be arranged to end: granted, another person's face, a photograph held up."""

SCHEMA = """
CREATE TABLE phones (id_number TEXT PRIMARY KEY REFERENCES citizens, phone TEXT NOT NULL);
CREATE TABLE challenges (
    challenge_id TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, purpose TEXT NOT NULL,
    code TEXT NOT NULL, sent_at TEXT NOT NULL, tries_left INTEGER NOT NULL);
CREATE INDEX challenges_of_person ON challenges (id_number, sent_at);
CREATE TABLE second_proofs (
    token TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, valid_until TEXT NOT NULL);
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY, phone TEXT NOT NULL, text TEXT NOT NULL, code TEXT NOT NULL,
    sent_at TEXT NOT NULL);
"""

router = APIRouter()

ChallengePath = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{16,64}$")]
Picture = Annotated[
    str,
    StringConstraints(min_length=4, max_length=PICTURE_CHARACTERS),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 4,
            "maxLength": PICTURE_CHARACTERS,
            "contentEncoding": "base64",
            "contentMediaType": "image/jpeg",
        }
    ),
]
"""What is no base64 is no picture; a pattern over so long a text costs whoever reads the contract."""

Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})$"
    ),
]


class CodeOrder(Wire):
    """Whose phone a code is to be sent to, and for what: an item's id."""

    person: Person
    purpose: Token


class Challenge(Wire):
    """A code that was sent. `phone` is masked; another may be asked for after `again_after_s`."""

    challenge_id: str
    phone: str
    digits: int
    valid_s: int
    again_after_s: int


class CodeTry(Wire):
    """The code as it was typed."""

    code: Annotated[str, StringConstraints(pattern="^[0-9]{6}$")]


class CodeChecked(Wire):
    """Whether it was the code; `second_proof` is the token then, "" otherwise."""

    granted: bool
    tries_left: int
    second_proof: str


class FaceMatch(Wire):
    """Two or more pictures between which the head was turned, as JPEG in base64, and when the person
    agreed to be photographed."""

    person: Person
    pictures: list[Picture] = Field(min_length=2, max_length=4)
    consent_at: Moment


class FaceMatched(Wire):
    """Whether it is the person of the card, alive in front of the camera; the token where both."""

    matched: bool
    live: bool
    second_proof: str


def require_second_proof(db: Connection, here: Window, person: Person) -> None:
    """Refuse whoever has no second proof, another person's, or one that is over.

    Raises:
        Problem: proof.second_required.
    """
    row = db.execute(
        "SELECT valid_until FROM second_proofs WHERE token = ? AND id_number = ?",
        (person.second_proof, person.id_number),
    ).fetchone()
    if row is None or datetime.fromisoformat(row["valid_until"]) <= here.now():
        raise Problem("proof.second_required")


def send_message(db: Connection, here: Window, id_number: str, text: str, code: str = "") -> bool:
    """Send a text message to the registered phone of a citizen; False where they have none. `code` is
    what of it is to be typed somewhere."""
    phone = _phone(db, id_number)
    if phone is None:
        return False
    db.execute(
        "INSERT INTO messages (phone, text, code, sent_at) VALUES (?, ?, ?, ?)",
        (phone, text, code, here.now().isoformat()),
    )
    return True


@router.post(
    "/one-time-codes",
    status_code=201,
    response_model=Challenge,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "proof.no_phone",
        "proof.too_soon", "proof.too_many", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def send_code(here: Here, key: Key, order: CodeOrder) -> Response:
    """Send a one-time code to the person's registered phone."""
    return once(here, key, order, lambda db: _send(db, here, order), 201)


def _send(db: Connection, here: Window, order: CodeOrder) -> Challenge:
    _by_card(db, order.person)
    number, now = order.person.id_number, here.now()
    phone = _phone(db, number)
    if phone is None:
        raise Problem("proof.no_phone")
    _not_too_often(db, number, now)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    challenge_id = new_token()
    db.execute(
        "INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?)",
        (challenge_id, number, order.purpose, code, now.isoformat(), TRIES),
    )
    minutes = int(CODE_VALID.total_seconds() // 60)
    text = f"【政务自助终端】验证码 {code}，{minutes} 分钟内有效。请勿告诉他人，工作人员不会索要。"
    send_message(db, here, number, text, code)
    return Challenge(
        challenge_id=challenge_id,
        phone=mask_phone(phone),
        digits=CODE_DIGITS,
        valid_s=int(CODE_VALID.total_seconds()),
        again_after_s=int(CODE_EVERY.total_seconds()),
    )


def _by_card(db: Connection, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def _phone(db: Connection, id_number: str) -> str | None:
    row = db.execute("SELECT phone FROM phones WHERE id_number = ?", (id_number,)).fetchone()
    return row["phone"] if row else None


def _not_too_often(db: Connection, id_number: str, now: datetime) -> None:
    sent = [
        datetime.fromisoformat(row["sent_at"])
        for row in db.execute("SELECT sent_at FROM challenges WHERE id_number = ?", (id_number,))
    ]
    if any(now - at < CODE_EVERY for at in sent):
        raise Problem("proof.too_soon")
    if sum(at.date() == now.date() for at in sent) >= CODES_A_DAY:
        raise Problem("proof.too_many")


@router.post(
    "/one-time-codes/{challenge_id}/checks",
    response_model=CodeChecked,
    responses=refuses(
        "idempotency.missing", "proof.unknown", "proof.spent", "idempotency.mismatch",
        "request.invalid",
    ),
)  # fmt: skip
def check_code(here: Here, key: Key, challenge_id: ChallengePath, typed: CodeTry) -> Response:
    """Compare what was typed; the third wrong try ends the code."""
    return once(here, key, typed, lambda db: _check(db, here, challenge_id, typed.code))


def _check(db: Connection, here: Window, challenge_id: str, code: str) -> CodeChecked:
    row: Row | None = db.execute(
        "SELECT * FROM challenges WHERE challenge_id = ?", (challenge_id,)
    ).fetchone()
    if row is None:
        raise Problem("proof.unknown")
    over = datetime.fromisoformat(row["sent_at"]) + CODE_VALID <= here.now()
    if over or row["tries_left"] == 0:
        raise Problem("proof.spent")
    right = secrets.compare_digest(code, row["code"])
    tries_left = 0 if right else row["tries_left"] - 1
    db.execute(
        "UPDATE challenges SET tries_left = ? WHERE challenge_id = ?", (tries_left, challenge_id)
    )
    token = _grant(db, here, row["id_number"]) if right else ""
    return CodeChecked(granted=right, tries_left=tries_left, second_proof=token)


def _grant(db: Connection, here: Window, id_number: str) -> str:
    token = new_token()
    until = (here.now() + TOKEN_VALID).isoformat()
    db.execute("INSERT INTO second_proofs VALUES (?, ?, ?)", (token, id_number, until))
    return token


@router.post(
    "/face-matches",
    response_model=FaceMatched,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "proof.consent",
        "proof.picture", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def match_face(here: Here, key: Key, match: FaceMatch) -> Response:
    """Compare the pictures with the person of the card, and tell a living face from a photograph."""
    return once(here, key, match, lambda db: _match(db, here, match))


def _match(db: Connection, here: Window, match: FaceMatch) -> FaceMatched:
    _by_card(db, match.person)
    if not _agreed(match.consent_at, here.now()):
        raise Problem("proof.consent")
    fields = [_fields(picture) for picture in match.pictures]
    plan = arranged(db, "face")
    if plan is not None:
        matched, live = plan.how != "stranger", plan.how != "photo"
    else:
        matched = all(LIGHT[0] <= sum(levels) / len(levels) <= LIGHT[1] for levels in fields)
        live = all(_turned(one, other) for one, other in pairwise(fields))
    token = _grant(db, here, match.person.id_number) if matched and live else ""
    return FaceMatched(matched=matched, live=live, second_proof=token)


def _agreed(consent_at: str, now: datetime) -> bool:
    try:
        return -CLOCKS_APART <= now - datetime.fromisoformat(consent_at) <= CONSENT_VALID
    except (ValueError, OverflowError):
        return False


def _fields(picture: str) -> Sequence[int]:
    """The levels of a picture's fields, left to right, top to bottom."""
    from PIL import Image

    try:
        data = base64.b64decode(picture, validate=True)
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if max(image.size) > PICTURE_SIDE_MOST:
                raise Problem("proof.picture")
            small = image.convert("L").resize(LOOKED_AT, Image.Resampling.BOX)
            return small.tobytes()
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise Problem("proof.picture") from None


def _turned(one: Sequence[int], other: Sequence[int]) -> bool:
    difference = sum(abs(a - b) for a, b in zip(one, other, strict=True))
    return difference / len(one) >= TURNED_LEAST


def plan_faces(db: Connection, ending: FaceEnding, times: int | None) -> None:
    """Let the next face matches end so, whatever the pictures show."""
    arrange(db, "face", ending, times)


def seed(db: Connection, citizens: Sequence[Citizen]) -> None:
    """Enter the registered phones; every twelfth citizen and every guest has none."""
    for citizen in citizens:
        if citizen.at_home and citizen.place % 12 != 11:
            phone = f"138{(citizen.place + 1) * 2718281 % 10**8:08d}"
            db.execute("INSERT INTO phones VALUES (?, ?)", (citizen.number, phone))
