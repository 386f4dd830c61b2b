"""Commitments (告知承诺): a notice is read and signed, and what it is about is granted on that word.

The signature is looked at and counted; the strokes themselves are not kept.
"""

from __future__ import annotations

from itertools import pairwise
from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from kiosk.sandbox.approval_notices import NOTICES, Notice
from kiosk.sandbox.approval_words import DEPARTMENT, ISSUER, Both, Id, IdPath, identified
from kiosk.sandbox.books import serial
from kiosk.sandbox.documents import Paper, SealedPaper, issue
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Person, Wire

SCHEMA = """
CREATE TABLE commitments (
    commitment_no TEXT PRIMARY KEY, kind TEXT NOT NULL,
    id_number TEXT NOT NULL REFERENCES citizens, version TEXT NOT NULL, strokes INTEGER NOT NULL,
    signed_at TEXT NOT NULL);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

SHORTEST_SIGNATURE = 0.2
"""The length of all strokes together, in heights of the field: less is a slip of the finger."""


class CommitmentLine(Wire):
    """One thing that is granted on a commitment."""

    kind: str
    name: Both
    hint: Both


class CommitmentList(Wire):
    """In the bureau's order."""

    commitments: list[CommitmentLine]


class CommitmentNotice(Wire):
    """What must be read, and what is signed. `version` goes back with the signature."""

    kind: str
    version: str
    name: Both
    paragraphs: list[Both]
    statement: Both


Stroke = Annotated[
    str,
    StringConstraints(
        max_length=5000,
        pattern=r"^[01]\.[0-9]{3},[01]\.[0-9]{3}( [01]\.[0-9]{3},[01]\.[0-9]{3})*$",
    ),
]
"""One touch of the pen: points x,y from 0 to 1, the origin at the field's lower left."""


class Signature(Wire):
    """Strokes on a field `ratio` times as wide as high. Its repr is masked."""

    ratio: Annotated[float, Field(ge=0.1, le=20)]
    strokes: Annotated[list[Stroke], Field(max_length=200)]

    def __repr__(self) -> str:
        return "Signature(***)"


class CommitmentOrder(Wire):
    """Who commits themselves to which version of the notice."""

    person: Person
    kind: Id
    version: Annotated[str, StringConstraints(pattern="^[0-9]{4}-[0-9]{2}$")]
    signature: Signature


class Commitment(Wire):
    """The commitment, sealed."""

    commitment_no: str
    document: SealedPaper


@router.get("/commitments")
def commitments() -> CommitmentList:
    """What is granted on a commitment."""
    lines = [CommitmentLine(kind=key, name=n.name, hint=n.hint) for key, n in NOTICES.items()]
    return CommitmentList(commitments=lines)


@router.get("/commitments/{kind}", responses=refuses("commitment.unknown", "request.invalid"))
def notice(kind: IdPath) -> CommitmentNotice:
    """What must be read and signed."""
    found = _notice(kind)
    return CommitmentNotice(
        kind=kind,
        version=found.version,
        name=found.name,
        paragraphs=list(found.paragraphs),
        statement=found.statement,
    )


@router.post(
    "/commitments",
    status_code=201,
    response_model=Commitment,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "commitment.unknown",
        "commitment.outdated", "signature.empty", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def commit(here: Here, key: Key, order: CommitmentOrder) -> Response:
    """Take a signed commitment."""
    return once(here, key, order, lambda db: _commit(db, here, order), 201)


def _notice(kind: str) -> Notice:
    if kind not in NOTICES:
        raise Problem("commitment.unknown")
    return NOTICES[kind]


def _commit(db: Connection, here: Window, order: CommitmentOrder) -> Commitment:
    number = identified(db, order.person)
    found = _notice(order.kind)
    if order.version != found.version:
        raise Problem("commitment.outdated")
    if _length(order.signature) < SHORTEST_SIGNATURE:
        raise Problem("signature.empty")
    now = here.now()
    commitment_no = serial(db, "CN", now)
    strokes = len(order.signature.strokes)
    db.execute(
        "INSERT INTO commitments VALUES (?, ?, ?, ?, ?, ?)",
        (commitment_no, order.kind, number, order.version, strokes, now.isoformat()),
    )
    name = db.execute("SELECT name FROM citizens WHERE id_number = ?", (number,)).fetchone()[0]
    rows = [
        ["承诺人", name],
        ["公民身份号码", number],
        ["承诺编号", commitment_no],
        ["告知书版本", order.version],
        ["签名", f"本人于自助终端手写签名，共 {strokes} 笔"],
        ["签署时间", f"{now:%Y-%m-%d %H:%M:%S}"],
    ]
    paragraphs = [*(text.zh for text in found.paragraphs), found.statement.zh]
    paper = Paper(f"{found.name.zh}承诺书", ISSUER, "CNS", paragraphs, [(["项目", "内容"], rows)])
    return Commitment(commitment_no=commitment_no, document=issue(db, here, paper))


def _length(signature: Signature) -> float:
    """The length of all strokes, in heights of the field."""
    total = 0.0
    for stroke in signature.strokes:
        points = [tuple(map(float, point.split(","))) for point in stroke.split(" ")]
        for (x, y), (to_x, to_y) in pairwise(points):
            total += (((to_x - x) * signature.ratio) ** 2 + (to_y - y) ** 2) ** 0.5
    return total
