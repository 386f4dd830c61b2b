"""The face match: agreed to on a screen of its own, two pictures with the head turned between them.

Pictures stay in memory, are shown to nobody but the person, and are overwritten as soon as the department
has compared them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, cast

from devices.status import Failed, Ok, Outcome, Result
from kiosk.backends.contract import BackendFailure, Cause, Person
from kiosk.backends.data import MatchedFace
from kiosk.hardware import PictureSource, works
from kiosk.log import log
from kiosk.steps.trouble import AGAIN, OTHER, explain, tell
from kiosk.texts import Msg, Text, msg
from kiosk.views import Consent, FaceCamera, Option, Section, Snapshot, Tone, Trouble
from kiosk.visit import Visit

if TYPE_CHECKING:
    from devices.camera import source

PURPOSE = "second proof of identity"

FRONT_S, TURN_S = 3.0, 4.0
"""How long one is asked to look ahead, and to turn the head: a calm person's pace."""

FRAME_EVERY_S = 0.1
"""Between two pictures on the screen: a mirror that follows, at a tenth of the loop's time."""

TAKE_WITHIN_S = 8.0
"""In bad light the camera passes pictures over for as long as its exposure takes to settle."""

TRIES = 3
"""After so many the other way is offered: more would not help whoever is not recognised."""

CONSENT_PARAGRAPHS = 4

WAY = "face"


async def agree(visit: Visit) -> datetime:
    """When the citizen agreed to be photographed, asked once a visit. Raises Leave and Rewind."""

    async def ask() -> datetime:
        await visit.ask_now(
            Consent(
                key="second_proof.consent",
                steps=visit.here,
                title=msg("proof.consent"),
                subtitle=msg("proof.consent.subtitle"),
                paragraphs=tuple(
                    msg(f"proof.consent.{number}") for number in range(1, CONSENT_PARAGRAPHS + 1)
                ),
                primary=msg("option.agree"),
            )
        )
        return visit.counter.now()

    return await visit.recall("second_proof.consent", ask, answered=True)


async def match_face(visit: Visit, person: Person, agreed_at: datetime, code: Option) -> str:
    """The token of a face match; "" where the citizen takes the way of `code` instead. Raises Leave and
    Rewind."""
    return await _Match(visit, person, agreed_at, code).until_granted()


class _Match:
    def __init__(self, visit: Visit, person: Person, agreed_at: datetime, code: Option) -> None:
        self._visit = visit
        self._person = person
        self._agreed_at = agreed_at
        self._code = code
        self._trouble: Text | None = None
        self._pictures: list[bytearray] = []
        self._shown = bytearray()

    async def until_granted(self) -> str:
        tries = 0
        while True:
            camera = self._visit.counter.camera
            if camera is None or not works(camera):
                return ""
            try:
                token = await self._once(camera)
            finally:
                self._wipe()
            if token:
                log("proof.granted", way=WAY)
                return token
            tries += 1
            if tries % TRIES == 0 and await tell(self._visit, self._failed()) == self._code.id:
                return ""

    async def _once(self, camera: PictureSource) -> str:
        from devices.camera.source import Consent as Agreement

        with Agreement(PURPOSE) as agreement:
            photographed = await self._visit.race(
                self._view(msg("proof.face.look"), None), self._photograph(camera, agreement)
            )
        match photographed:
            case Ok():
                return await self._compare()
            case Failed(outcome=outcome, fault=fault):
                log("proof.refused", way=WAY, code=fault.code)
                dark = outcome is Outcome.TIMEOUT
                self._trouble = msg("proof.face.unclear" if dark else "proof.face.camera")
        return ""

    # --- the camera ------------------------------------------------------------------------------

    async def _photograph(self, camera: PictureSource, agreement: source.Consent) -> Result[None]:
        loop = asyncio.get_running_loop()
        for hint, seconds in (("proof.face.look", FRONT_S), ("proof.face.turn", TURN_S)):
            until = loop.time() + seconds
            while True:
                taken = await camera.take(agreement, TAKE_WITHIN_S)
                if isinstance(taken, Failed):
                    return taken
                with taken.value as photo:
                    self._show(photo, msg(hint))
                    if loop.time() >= until:
                        self._pictures.append(photo.jpeg())
                        break
                await asyncio.sleep(FRAME_EVERY_S)
        return Ok(None)

    def _show(self, photo: source.Photo, hint: Msg) -> None:
        before, self._shown = self._shown, photo.rgb()
        # the buffer is a bytearray so that it can be wiped; a screen only reads it
        picture = Snapshot(photo.width, photo.height, cast(bytes, self._shown))
        self._visit.counter.stage.update(self._view(hint, picture))
        _overwrite(before)

    def _wipe(self) -> None:
        for picture in self._pictures:
            _overwrite(picture)
        self._pictures.clear()
        _overwrite(self._shown)

    # --- the department --------------------------------------------------------------------------

    async def _compare(self) -> str:
        visit = self._visit
        tries = visit.aside.setdefault("second_proof.faces", [])
        tries.append(WAY)
        while True:
            reply = await visit.patiently(
                visit.counter.calls.run(
                    visit.counter.departments.data.match_face,
                    self._person,
                    tuple(self._pictures),
                    self._agreed_at,
                    f"face-{visit.id}-{len(tries)}",
                ),
                "proof.comparing",
            )
            if not isinstance(reply, BackendFailure):
                return self._compared(reply.value)
            if reply.cause is Cause.REFUSED and reply.code == "proof.picture":
                log("proof.refused", way=WAY, code=reply.code)
                self._trouble = msg("proof.face.unclear")
                return ""
            await explain(visit, reply)

    def _compared(self, result: MatchedFace) -> str:
        if not result.second_proof:
            code = "stranger" if not result.matched else "not_live"
            log("proof.refused", way=WAY, code=f"proof.{code}")
            self._trouble = msg(f"proof.face.{code}")
        return result.second_proof

    # --- the views -------------------------------------------------------------------------------

    def _view(self, hint: Msg, picture: Snapshot | None) -> FaceCamera:
        return FaceCamera(
            key="second_proof.face",
            steps=self._visit.here,
            title=msg("proof.face"),
            subtitle=msg("proof.face.subtitle"),
            hint=hint,
            picture=picture,
            seconds=int(FRONT_S + TURN_S),
            trouble=self._trouble,
        )

    def _failed(self) -> Trouble:
        return Trouble(
            key="second_proof.not_matched",
            steps=self._visit.here,
            headline=msg("proof.face.failed"),
            cause=self._trouble or msg("proof.face.unclear"),
            tone=Tone.WARNING,
            standing=Section(msg("trouble.nothing_charged"), ()),
            options=(self._code, AGAIN, OTHER),
            code="proof.face",
            primary=msg("option.end"),
        )


def _overwrite(data: bytearray) -> None:
    with suppress(BufferError):  # a screen that still reads it drops it with its next picture
        data[:] = bytes(len(data))
