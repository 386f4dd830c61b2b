"""Misbehaviour on command: delays, errors, cut connections, garbage, answers lost after the deed.

The innermost truth of a fault is on the wire, so the middleware works on ASGI messages and asks the
server to cut the connection by the scope extension "sandbox.cut" (kiosk/sandbox/server.py gives it).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.sandbox.problems import Problem

FaultKind = Literal["delay", "status", "cut", "garbage", "lose_answer", "hang"]

CUT = "sandbox.cut"
"""Scope extension: a callable that closes the connection at once, nothing more being sent."""
PAUSE = "sandbox.pause"
"""Scope extension: an awaitable that lets seconds pass; without it the real clock does."""

GARBAGE = b'\x00\xff\xfe{"state": <html>'
RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. `times` is what is left of it; None: until removed."""

    fault_id: str
    department: str
    path: str
    kind: FaultKind
    delay_s: float
    status: int
    times: int | None


class Faults:
    """The faults that are set, oldest first. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._last = 0

    def add(self, fault: Fault) -> Fault:
        """Set a fault; the answer carries its id."""
        with self._lock:
            self._last += 1
            known = replace(fault, fault_id=f"F{self._last}")
            self._faults.append(known)
        return known

    def all(self) -> tuple[Fault, ...]:
        """Those still set."""
        with self._lock:
            return tuple(self._faults)

    def remove(self, fault_id: str) -> bool:
        """Whether there was such a fault."""
        with self._lock:
            kept = [fault for fault in self._faults if fault.fault_id != fault_id]
            found = len(kept) < len(self._faults)
            self._faults = kept
        return found

    def clear(self) -> None:
        """Behave."""
        with self._lock:
            self._faults = []

    def take(self, department: str, path: str) -> Fault | None:
        """The oldest fault that concerns this request, one time of it used up."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.department == department and fault.path in path:
                    self._use(place, fault)
                    return fault
        return None

    def _use(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._faults[place] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[place]


class FaultPoint:
    """ASGI middleware, outermost: the fault that is set for a request happens to it."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http":
            path: str = scope["path"]
            fault = self._faults.take(path.split("/")[1] if "/" in path else "", path)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._misbehave(fault, scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "delay":
                await _pause(scope, fault.delay_s)
                await self._app(scope, receive, send)
            case "status":
                await _status(fault.status)(scope, receive, send)
            case "cut":
                await _cut(scope, receive)
            case "garbage":
                await _garbage(send)
            case "lose_answer":
                await self._app(scope, receive, _Held().hold)
                await _cut(scope, receive)
            case "hang":
                held = _Held()
                await self._app(scope, receive, held.hold)
                await _pause(scope, fault.delay_s)
                for message in held.messages:
                    await send(message)


class _Held:
    """An answer kept back."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def hold(self, message: Message) -> None:
        self.messages.append(message)


def _status(status: int) -> ASGIApp:
    if status == 429:
        code = "service.busy"
    elif status == 503:
        code = "service.unavailable"
    else:
        return Problem("service.error").response(status=status)
    return Problem(code).response(headers={"Retry-After": str(RETRY_AFTER_S)})


async def _garbage(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(GARBAGE))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": GARBAGE})


async def _pause(scope: Scope, seconds: float) -> None:
    pause: Callable[[float], Awaitable[None]] = scope.get("extensions", {}).get(
        PAUSE, asyncio.sleep
    )
    await pause(seconds)


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the connection and see it closed, so that no server adds an answer of its own."""
    cut: Callable[[], None] | None = scope.get("extensions", {}).get(CUT)
    if cut is None:
        raise ConnectionAbortedError("this server offers no way to cut a connection")
    cut()
    while (await receive())["type"] != "http.disconnect":
        continue
