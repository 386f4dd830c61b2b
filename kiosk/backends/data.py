"""大数据: electronic licences, and the second proof of identity."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import Client, person_body
from kiosk.backends.contract import Person, Reply
from kiosk.backends.decode import Fields

CHALLENGE = re.compile(r"[0-9A-Za-z_-]{16,64}", re.ASCII)
TOKEN = re.compile(r"[0-9A-Za-z_-]{16,64}", re.ASCII)

DIGITS_MOST = 8
"""Digits of a one-time code; RFC 4226 has 6 to 8."""

VALID_MOST_S = 3600


@dataclass(frozen=True, slots=True)
class SentCode:
    """A one-time code that was sent. `phone` is masked; another may be asked for after `again_after_s`."""

    challenge_id: str
    phone: str
    digits: int
    valid_s: int
    again_after_s: int


@dataclass(frozen=True, slots=True)
class CheckedCode:
    """Whether a code was right, and how many tries are left; `second_proof` is the token. Masked."""

    granted: bool
    tries_left: int
    second_proof: str

    def __repr__(self) -> str:
        return f"CheckedCode(granted={self.granted}, tries_left={self.tries_left})"


@dataclass(frozen=True, slots=True)
class MatchedFace:
    """Whether the pictures show the person of the card, and a living one; the token where both. Masked."""

    matched: bool
    live: bool
    second_proof: str

    def __repr__(self) -> str:
        return f"MatchedFace(matched={self.matched}, live={self.live})"


@dataclass(frozen=True, slots=True)
class PersonLicence:
    """One electronic licence that is valid today; `number` is masked, `valid_until` None is for good."""

    kind: str
    number: str
    issuer: str
    issued_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a person shows with the code on the phone. `holder` is masked; `withheld` counts licences that
    were chosen and are not valid any more."""

    presentation_no: str
    checked_at: datetime
    holder: str
    licences: tuple[PersonLicence, ...]
    withheld: int


class Licences(Protocol):
    """大数据: licences that a person shows."""

    def present(self, code: str, key: str) -> Reply[Presentation]:
        """Take the code of a phone, which is used up by it."""
        ...


class SecondProofs(Protocol):
    """大数据: the second proof of identity."""

    def send_code(self, person: Person, purpose: str, key: str) -> Reply[SentCode]:
        """Have a code sent to the registered phone; `purpose` is the item's id."""
        ...

    def check_code(self, challenge_id: str, code: str, key: str) -> Reply[CheckedCode]: ...

    def match_face(
        self, person: Person, pictures: Sequence[bytes | bytearray], consent_at: datetime, key: str
    ) -> Reply[MatchedFace]:
        """`pictures` are JPEG, between them the head was turned; `consent_at` is aware."""
        ...


class DataBureauClient(Client):
    """`SecondProofs` and `Licences` over HTTP."""

    def present(self, code: str, key: str) -> Reply[Presentation]:
        """Take the code of a phone, which is used up by it."""
        return self.door.post("/presentations", "licence.present", {"code": code}, _shown, key)

    def send_code(self, person: Person, purpose: str, key: str) -> Reply[SentCode]:
        """Have a code sent to the registered phone; `purpose` is the item's id."""
        body = {"person": person_body(person), "purpose": purpose}
        return self.door.post("/one-time-codes", "proof.send", body, _sent, key)

    def check_code(self, challenge_id: str, code: str, key: str) -> Reply[CheckedCode]:
        """Whether `code` is the one that was sent."""
        path = f"/one-time-codes/{quote(challenge_id, safe='')}/checks"
        return self.door.post(path, "proof.check", {"code": code}, _checked, key)

    def match_face(
        self, person: Person, pictures: Sequence[bytes | bytearray], consent_at: datetime, key: str
    ) -> Reply[MatchedFace]:
        """Whether the pictures show the person, alive."""
        body = {
            "person": person_body(person),
            "pictures": [base64.b64encode(picture).decode() for picture in pictures],
            "consent_at": consent_at.isoformat(timespec="seconds"),
        }
        return self.door.post("/face-matches", "proof.face", body, _matched, key)


def _sent(answer: Fields) -> SentCode:
    return SentCode(
        challenge_id=answer.shaped("challenge_id", CHALLENGE),
        phone=answer.text("phone", longest=32),
        digits=answer.integer("digits", 4, DIGITS_MOST),
        valid_s=answer.integer("valid_s", 1, VALID_MOST_S),
        again_after_s=answer.integer("again_after_s", 0, VALID_MOST_S),
    )


def _checked(answer: Fields) -> CheckedCode:
    granted = answer.flag("granted")
    tries_left = answer.integer("tries_left", 0, 100)
    return CheckedCode(granted, tries_left, _token(answer) if granted else "")


def _matched(answer: Fields) -> MatchedFace:
    matched, live = answer.flag("matched"), answer.flag("live")
    return MatchedFace(matched, live, _token(answer) if matched and live else "")


def _shown(answer: Fields) -> Presentation:
    return Presentation(
        presentation_no=answer.text("presentation_no", longest=64),
        checked_at=answer.moment("checked_at"),
        holder=answer.text("holder", longest=64),
        licences=answer.each("licences", _licence),
        withheld=answer.integer("withheld", 0, 1000),
    )


def _licence(answer: Fields) -> PersonLicence:
    for_good = answer.text("valid_until", empty=True, longest=10) == ""
    return PersonLicence(
        kind=answer.text("kind"),
        number=answer.text("number", longest=64),
        issuer=answer.text("issuer"),
        issued_on=answer.day("issued_on"),
        valid_until=None if for_good else answer.day("valid_until"),
    )


def _token(answer: Fields) -> str:
    return answer.shaped("second_proof", TOKEN)
