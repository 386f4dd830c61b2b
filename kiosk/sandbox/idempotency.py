"""Idempotency-Key: a request that changes the world is carried out once, its answer replayed exactly.

After draft-ietf-httpapi-idempotency-key-header. A key belongs to one request (method, path, body) of
one department. The effect and the answer are stored in the same transaction; refusals are answers too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from sqlite3 import Connection
from typing import Annotated

from fastapi import Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import Window

REPLAYED = "Idempotency-Replayed"

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern="^[0-9A-Za-z_-]{8,64}$",
        description="The same key with the same request replays the first answer.",
    ),
]


def _fingerprint(operation: str, body: BaseModel | None) -> str:
    """Of the request as understood: the order of JSON members and white space do not matter."""
    understood = body.model_dump_json() if body is not None else ""
    return hashlib.sha256(f"{operation}\n{understood}".encode()).hexdigest()


def _carry_out(
    db: Connection,
    status: int,
    work: Callable[[Connection], BaseModel],
    refused: Callable[[Connection, Problem], object],
) -> JSONResponse:
    db.execute("SAVEPOINT work")
    try:
        answer = JSONResponse(work(db).model_dump(mode="json"), status_code=status)
    except Problem as refusal:
        db.execute("ROLLBACK TO work")
        refused(db, refusal)
        answer = refusal.response()
    db.execute("RELEASE work")
    return answer


def once(
    window: Window,
    key: str,
    body: BaseModel | None,
    work: Callable[[Connection], BaseModel],
    status: int = 200,
    refused: Callable[[Connection, Problem], object] = lambda _db, _refusal: None,
) -> Response:
    """Do `work` in one transaction and answer `status`, or replay the answer of the first time.

    `refused` writes down what is to be known of a refusal, in the same transaction: what is counted
    afterwards can be overtaken by the next try.

    Raises:
        Problem: idempotency.mismatch, the key was used for another request.
    """
    request = _fingerprint(window.operation, body)
    with window.books.transaction() as db:
        stored = db.execute(
            "SELECT * FROM answers WHERE department = ? AND key = ?", (window.department, key)
        ).fetchone()
        if stored is None:
            answer = _carry_out(db, status, work, refused)
            db.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    window.department,
                    key,
                    request,
                    answer.status_code,
                    answer.media_type,
                    bytes(answer.body),
                ),
            )
            return answer
    if stored["request"] != request:
        raise Problem("idempotency.mismatch")
    return Response(
        stored["body"], stored["status"], {REPLAYED: "true"}, media_type=stored["media_type"]
    )
