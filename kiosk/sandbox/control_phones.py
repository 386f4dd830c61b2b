"""The control API for the citizen's phone and face: messages that came, codes to hold, faces to come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from kiosk.sandbox import proofs
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import AsWhole, Wire

router = APIRouter()


class Message(Wire):
    """A text message on a citizen's phone; `code` is what of it is to be typed, "" where nothing is."""

    to: str
    text: str
    code: str
    sent_at: str


class FacePlan(Wire):
    """How the next face matches end, whatever the pictures show."""

    ending: proofs.FaceEnding
    times: Annotated[int | None, Field(strict=True, ge=1, le=1000), AsWhole] = 1


@router.get("/samples")
def samples(here: Here) -> dict[str, list[str]]:
    """Codes and numbers to be held in front of the scanner, by what they are of; those of phones are
    fresh ones each time."""
    from kiosk.sandbox.departments import DEPARTMENTS

    told: dict[str, list[str]] = {}
    with here.books.transaction() as db:
        for department in DEPARTMENTS:
            if (tell := getattr(department, "samples", None)) is not None:
                told |= tell(db, here)
    return told


@router.get("/messages")
def messages(here: Here) -> list[Message]:
    """What the citizens' phones received, oldest first."""
    with here.books.transaction() as db:
        rows = db.execute("SELECT phone, text, code, sent_at FROM messages ORDER BY seq").fetchall()
    return [
        Message(to=r["phone"], text=r["text"], code=r["code"], sent_at=r["sent_at"]) for r in rows
    ]


@router.post("/faces", status_code=204, responses=refuses("request.invalid"))
def plan_faces(here: Here, plan: FacePlan) -> Response:
    """Let the next face matches end so."""
    with here.books.transaction() as db:
        proofs.plan_faces(db, plan.ending, plan.times)
    return Response(status_code=204)
