"""What a fault does to a request and its answer, as ASGI messages.

The innermost truth of a fault is on the wire, so the server is asked to break the connection by scope
extensions, which kiosk/sandbox/server.py gives.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.sandbox.faults import Fault, Faults
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.replays import Replays

CUT = "sandbox.cut"
"""Scope extension: a callable that closes the connection at once, nothing more being sent."""
RESET = "sandbox.reset"
"""Scope extension: the same by a TCP reset, which also takes back what was not read yet."""
PAUSE = "sandbox.pause"
"""Scope extension: an awaitable that lets seconds pass; without it the departments' clock does."""
LATER = "sandbox.later"
"""Scope extension: runs a coroutine function after so many seconds, apart from the request."""

GARBAGE = b'\x00\xff\xfe{"state": <html>'

ANOTHER_FEN = 1
"""By so much a wrong amount is wrong: the least that must be noticed."""

ANOTHER_ORDER = "P-another-order-01"
ANOTHER_REFUND = "P-another-order-01-R"

Pause = Callable[[float], Awaitable[None]]


class FaultPoint:
    """ASGI middleware, outermost: the fault that is set for a request happens to it."""

    def __init__(self, app: ASGIApp, faults: Faults, pause: Pause = asyncio.sleep) -> None:
        self._app = app
        self._faults = faults
        self._pause = pause
        self._replays = Replays()
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_control"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        department = path.split("/")[1] if "/" in path else ""
        fault = self._faults.take(department, f"{scope['method']} {path}")
        if fault is None:
            await self._carry_out(scope, receive, send)
        else:
            await self._misbehave(fault, scope, receive, send)

    async def _carry_out(self, scope: Scope, receive: Receive, send: Send | None = None) -> Held:
        """The true answer, kept back or passed on to `send`; the replays remember it."""
        asked = _Heard(receive)
        answer = Held(send)
        await self._app(scope, asked.receive, answer.hold)
        self._replays.remember(scope["path"], asked.body, answer.status, answer.body)
        return answer

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "cut":
                await _break(CUT, scope, receive)
            case "delay":
                await self._seconds(scope, fault.delay_s)
                await self._carry_out(scope, receive, send)
            case "late":
                await self._deliver_late(fault, scope, receive)
            case "refuse":
                await Problem(fault.code).response()(scope, receive, send)
            case "status" | "garbage":
                if fault.carried_out:
                    await self._carry_out(scope, receive)
                await (_garbage if fault.kind == "garbage" else _status(fault))(
                    scope, receive, send
                )
            case _:
                await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """What is carried out, and then answered badly."""
        asked = _Heard(receive)
        answer = await self._carry_out(scope, asked.receive)
        match fault.kind:
            case "lose_answer":
                await _break(CUT, scope, receive)
            case "reset" | "half":
                await answer.give_half(send)
                await _break(RESET if fault.kind == "reset" else CUT, scope, receive)
            case "hang":
                await self._seconds(scope, fault.delay_s)
                await answer.give(send)
            case "wrong_amount":
                await answer.changed(_other_amount).give(send)
            case "wrong_order":
                await answer.changed(_other_order).give(send)
            case "replay":
                old = self._replays.older(scope["path"], asked.body, answer.body)
                await (answer if old is None else answer.with_body(old)).give(send)

    async def _deliver_late(self, fault: Fault, scope: Scope, receive: Receive) -> None:
        """The sender loses the connection; what it sent arrives all the same, in a while."""
        asked = _Heard(receive)
        await asked.whole()

        async def arrive() -> None:
            await self._carry_out(scope, asked.again)

        later: Callable[[float, Callable[[], Coroutine[Any, Any, None]]], None] | None
        later = scope.get("extensions", {}).get(LATER)
        if later is not None:
            later(fault.delay_s, arrive)
        else:
            self._spawn(fault.delay_s, arrive)
        await _break(CUT, scope, receive)

    def _spawn(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def after() -> None:
            await self._pause(seconds)
            await work()

        task = asyncio.get_running_loop().create_task(after())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _seconds(self, scope: Scope, seconds: float) -> None:
        pause: Pause = scope.get("extensions", {}).get(PAUSE, self._pause)
        await pause(seconds)


class _Heard:
    """A request's body, read once by whoever asks first and kept."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._given = False
        self.body = b""

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.body += message.get("body", b"")
        return message

    async def whole(self) -> None:
        """Read all of it."""
        more = True
        while more:
            message = await self.receive()
            more = message["type"] == "http.request" and message.get("more_body", False)

    async def again(self) -> Message:
        """Give what was read, once; then nobody is there."""
        if self._given:
            return {"type": "http.disconnect"}
        self._given = True
        return {"type": "http.request", "body": self.body, "more_body": False}


class Held:
    """An answer kept back, or only looked at on its way to `send`."""

    def __init__(self, send: Send | None = None) -> None:
        self._messages: list[Message] = []
        self._send = send

    async def hold(self, message: Message) -> None:
        """Keep one message."""
        self._messages.append(message)
        if self._send is not None:
            await self._send(message)

    @property
    def status(self) -> int:
        return int(self._messages[0]["status"]) if self._messages else 0

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self._messages[1:])

    async def give(self, send: Send) -> None:
        """Send it as it is."""
        for message in self._messages:
            await send(message)

    async def give_half(self, send: Send) -> None:
        """Send the head, and half of what it promises."""
        body = self.body
        await send(self._messages[0])
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )

    def changed(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Held:
        """The same with its JSON object changed; a refusal stays as it is."""
        if not 200 <= self.status < 300:
            return self
        return self.with_body(json.dumps(change(json.loads(self.body))).encode())

    def with_body(self, body: bytes) -> Held:
        """The same head with another body."""
        start = dict(self._messages[0])
        start["headers"] = [
            (name, b"%d" % len(body) if name.lower() == b"content-length" else value)
            for name, value in start["headers"]
        ]
        other = Held()
        other._messages = [start, {"type": "http.response.body", "body": body}]
        return other


def _other_amount(answer: dict[str, Any]) -> dict[str, Any]:
    fen = answer.get("amount_fen")
    return answer if fen is None else answer | {"amount_fen": fen + ANOTHER_FEN}


def _other_order(answer: dict[str, Any]) -> dict[str, Any]:
    others = {"out_trade_no": ANOTHER_ORDER, "refund_no": ANOTHER_REFUND}
    return answer | {name: other for name, other in others.items() if name in answer}


def _status(fault: Fault) -> ASGIApp:
    codes = {429: "service.busy", 503: "service.unavailable"}
    wait = {"Retry-After": str(fault.retry_after_s)} if fault.status in codes else {}
    code = codes.get(fault.status, "service.error")
    return Problem(code).response(status=fault.status, headers=wait)


async def _garbage(_scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(GARBAGE))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": GARBAGE})


async def _break(how: str, scope: Scope, receive: Receive) -> None:
    """Break the connection and see it closed, so that no server adds an answer of its own."""
    extensions = scope.get("extensions", {})
    cut: Callable[[], None] | None = extensions.get(how) or extensions.get(CUT)
    if cut is None:
        raise ConnectionAbortedError("this server offers no way to cut a connection")
    cut()
    while (await receive())["type"] != "http.disconnect":
        continue
