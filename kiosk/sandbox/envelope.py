"""What holds for every request before a department reads it: its size, its digest, its signature."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.sandbox.problems import Problem
from kiosk.sandbox.signatures import Keys, check_digest, check_signature

LONGEST_BODY_BYTES = 64 * 1024
"""The longest request of docs/API.md without a picture has some 600 bytes."""

LONGER_BODIES_BYTES = {
    "/data/v1/face-matches": 4 * 2**20,
    "/approval/v1/commitments": 2 * 2**20,
}
"""Four pictures of a face in base64, and a signature of 200 strokes: what the contract allows, and room."""

DRAINED_BYTES = 64 * 2**20
"""So much of a body that is too long is read and dropped: a sender who is answered while it still sends
is reset by TCP and never reads why (RFC 9112, 9.6)."""

OPEN = ("/_control", "/p/", "/openapi.json")
"""Not a department's: never signed."""


class Envelope:
    """ASGI middleware: takes the whole body, checks the envelope, hands both on."""

    def __init__(self, app: ASGIApp, keys: Keys | None) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            longest = LONGER_BODIES_BYTES.get(scope["path"], LONGEST_BODY_BYTES)
            body = await _whole(receive, longest)
            if body is None:
                return
            headers = Headers(scope=scope)
            check_digest(headers, body)
            if self._keys is not None and not scope["path"].startswith(OPEN):
                address = _address(scope, headers)
                terminal = check_signature(self._keys, scope["method"], address, headers)
                scope.setdefault("state", {})["terminal"] = terminal
            _check_text(headers, body)
        except Problem as refusal:
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, _Again(body, receive).receive, send)


class _Again:
    """Gives a body that was read already, once more."""

    def __init__(self, body: bytes, then: Receive) -> None:
        self._body: bytes | None = body
        self._then = then

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return await self._then()
        return {"type": "http.request", "body": body, "more_body": False}


async def _whole(receive: Receive, longest: int) -> bytes | None:
    """The body; None where its sender went before its end, who then asked for nothing."""
    body = bytearray()
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        length += len(part)
        if length <= longest:
            body += part
        if length > DRAINED_BYTES or (length > longest and not message.get("more_body", False)):
            raise Problem("request.too_large")
        if not message.get("more_body", False):
            return bytes(body)


def _check_text(headers: Headers, body: bytes) -> None:
    """A body is JSON in UTF-8; Python's reader alone would take UTF-16 and UTF-32, which hold NULs, too."""
    if not body:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("request.media_type")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("request.malformed") from None
    if b"\0" in body:
        raise Problem("request.malformed")


def _address(scope: Scope, headers: Headers) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return (
        f"{scope['scheme']}://{headers.get('host', '')}{scope['path']}{'?' if query else ''}{query}"
    )
