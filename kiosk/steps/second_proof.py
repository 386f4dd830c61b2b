"""The second proof of identity (SERVICES.md, proof 3): a code by text message, or the face.

Neither the code nor a picture is kept anywhere; what stays in the visit is the token that was granted.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from kiosk.backends.contract import BackendFailure, Cause, Person
from kiosk.backends.data import CheckedCode, SentCode
from kiosk.hardware import works
from kiosk.log import log
from kiosk.masking import masked
from kiosk.steps.face_match import agree, match_face
from kiosk.steps.trouble import AGAIN, OTHER, explain, tell
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, EnterCode, Option, Picture, Section, Tone, Trouble, Typed
from kiosk.visit import Visit


class Way(StrEnum):
    """How the second proof is given."""

    CODE = "code"
    FACE = "face"


OPTIONS = {
    Way.CODE: Option(
        id=Way.CODE,
        title=msg("proof.way.code"),
        subtitle=msg("proof.way.code.hint"),
        picture=Picture.PHONE,
    ),
    Way.FACE: Option(
        id=Way.FACE,
        title=msg("proof.way.face"),
        subtitle=msg("proof.way.face.hint"),
        picture=Picture.CAMERA,
    ),
}

NOT_SENT = {
    "proof.no_phone": "proof.no_phone",
    "proof.too_soon": "proof.too_soon",
    "proof.too_many": "proof.too_many",
}
"""Refusals of a code, and the sentence for each."""

OVER = ("proof.spent", "proof.unknown")
"""Refusals of a check: the code is used, over, or was typed wrongly too often."""


async def second_proof(visit: Visit, person: Person) -> Person:
    """`person` with the token of a second proof, asked once a visit. Raises Leave and Rewind."""
    way = await _way(visit, person)
    while True:
        if way is Way.CODE:
            by_code = _ByCode(visit, person)
            token = await visit.recall("second_proof.code", by_code.until_granted, answered=True)
            other = Way.FACE
        else:
            agreed_at = await agree(visit)
            by_face = partial(match_face, visit, person, agreed_at, OPTIONS[Way.CODE])
            token = await visit.recall("second_proof.face", by_face, answered=True)
            other = Way.CODE
        if token:
            return replace(person, second_proof=token)
        way = other


async def _way(visit: Visit, person: Person) -> Way:
    if not works(visit.counter.camera):
        return Way.CODE
    chosen = await visit.ask(
        Choose(
            key="second_proof.way",
            steps=visit.here,
            title=msg("proof.way"),
            subtitle=masked(person),
            options=tuple(OPTIONS.values()),
            chosen=Way.CODE,
            primary=msg("option.next"),
        )
    )
    return Way(chosen.id)


@dataclass(slots=True)
class _Sendings:
    """What was sent to one person in this visit: outlives Back, since the code is on the phone.

    `sent` is the last code, `at` the loop's time of it, `over` whether it can be used no more; `keys`
    and `checks` count the requests.
    """

    sent: SentCode | None = None
    at: float = 0.0
    over: bool = False
    keys: int = 0
    checks: int = 0

    def __repr__(self) -> str:
        return "_Sendings(***)"


class _ByCode:
    def __init__(self, visit: Visit, person: Person) -> None:
        self._visit = visit
        self._person = person
        self._data = visit.counter.departments.data
        self._trouble: Text | None = None
        self._kept: _Sendings = visit.aside.setdefault(
            ("second_proof", person.id_number), _Sendings()
        )

    async def until_granted(self) -> str:
        """The token; "" where the citizen wants the other way."""
        kept = self._kept
        if kept.over:
            self._trouble = msg("proof.code.used")
        while True:
            sent = kept.sent or await self._send()
            if sent is None:
                return ""
            answer = await self._visit.ask_now(self._view(sent), self._patience(sent))
            if isinstance(answer, Typed):
                if token := await self._check(sent, answer.value):
                    return token
            elif answer.id == "other":
                return ""
            elif self._again_in(sent) == 0:
                kept.sent, self._trouble = None, None

    # --- the two requests ------------------------------------------------------------------------

    async def _send(self) -> SentCode | None:
        kept, visit = self._kept, self._visit
        while True:
            reply = await visit.patiently(
                visit.counter.calls.run(
                    self._data.send_code,
                    self._person,
                    visit.item_id,
                    f"code-{visit.id}-{kept.keys}",
                ),
                "proof.sending",
            )
            if not isinstance(reply, BackendFailure):
                kept.keys += 1
                kept.sent, kept.over = reply.value, False
                kept.at = asyncio.get_running_loop().time()
                return reply.value
            if reply.cause is not Cause.REFUSED or reply.code not in NOT_SENT:
                await explain(visit, reply)
                continue
            kept.keys += 1
            log("proof.refused", way=Way.CODE, code=reply.code)
            if await tell(visit, self._not_sent(reply.code)) == Way.FACE:
                return None

    async def _check(self, sent: SentCode, code: str) -> str:
        """The token, or "" with what is wrong in `_trouble`."""
        kept, visit = self._kept, self._visit
        while not kept.over:
            reply = await visit.patiently(
                visit.counter.calls.run(
                    self._data.check_code,
                    sent.challenge_id,
                    code,
                    f"check-{visit.id}-{kept.checks}",
                ),
                "proof.checking",
            )
            if not isinstance(reply, BackendFailure):
                kept.checks += 1
                return self._checked(reply.value)
            if reply.cause is not Cause.REFUSED or reply.code not in OVER:
                await explain(visit, reply)
                continue
            kept.checks += 1
            kept.over = True
            log("proof.refused", way=Way.CODE, code=reply.code)
        self._trouble = msg("proof.code.over")
        return ""

    def _checked(self, checked: CheckedCode) -> str:
        self._kept.over = checked.granted or checked.tries_left == 0
        if checked.granted:
            log("proof.granted", way=Way.CODE)
            return checked.second_proof
        log("proof.refused", way=Way.CODE, code="proof.wrong")
        self._trouble = (
            msg("proof.code.wrong", count=checked.tries_left)
            if checked.tries_left
            else msg("proof.code.spent")
        )
        return ""

    # --- the two views ---------------------------------------------------------------------------

    def _again_in(self, sent: SentCode) -> int:
        return self._left(sent.again_after_s)

    def _left(self, seconds: int) -> int:
        passed = asyncio.get_running_loop().time() - self._kept.at
        return max(0, math.ceil(seconds - passed))

    def _patience(self, sent: SentCode) -> float:
        """A text message takes its time, and so does finding the telephone."""
        return self._visit.counter.timing.idle_s + self._again_in(sent)

    def _view(self, sent: SentCode) -> EnterCode:
        return EnterCode(
            key="second_proof.code",
            steps=self._visit.here,
            title=msg("proof.code"),
            subtitle=msg("proof.code.subtitle"),
            digits=sent.digits,
            sent_to=Plain(sent.phone),
            again_after=self._again_in(sent),
            seconds=0 if self._kept.over else self._left(sent.valid_s),
            other=msg("proof.way.face") if works(self._visit.counter.camera) else None,
            trouble=self._trouble,
        )

    def _not_sent(self, code: str) -> Trouble:
        face = (OPTIONS[Way.FACE],) if works(self._visit.counter.camera) else ()
        again = (AGAIN,) if code == "proof.too_soon" else ()
        return Trouble(
            key="second_proof.not_sent",
            steps=self._visit.here,
            headline=msg("proof.not_sent"),
            cause=msg(NOT_SENT[code]),
            tone=Tone.WARNING,
            standing=Section(msg("trouble.nothing_charged"), ()),
            options=(*face, *again, OTHER),
            code=code,
            primary=msg("option.end"),
        )
