"""The window that one request stands at: the books, the clock, and the addresses it can hand out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from kiosk.sandbox.books import Books
from kiosk.sandbox.documents_seal import Authority
from kiosk.sandbox.faults import Faults

CHINA = timezone(timedelta(hours=8), "CST")
"""The departments' own time; China has kept one zone without summer time since 1992."""

Clock = Callable[[], datetime]


def china_now() -> datetime:
    """The wall clock, in China."""
    return datetime.now(CHINA)


class SandboxClock:
    """The departments' clock: another one, `speed` times as fast from now on, and put forward at will."""

    def __init__(self, source: Clock = china_now, speed: float = 1.0) -> None:
        self.speed = speed
        self._source = source
        self._begun = source()
        self._ahead = timedelta()
        self._pausing: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def __call__(self) -> datetime:
        return self._begun + (self._source() - self._begun) * self.speed + self._ahead

    def advance(self, seconds: float) -> None:
        """Put it forward by so many of its own seconds; pauses that are over by it end. From any thread."""
        self._ahead += timedelta(seconds=seconds)
        for loop, moved in tuple(self._pausing):
            loop.call_soon_threadsafe(moved.set)

    async def pause(self, seconds: float) -> None:
        """Let so many of its own seconds pass."""
        until = self() + timedelta(seconds=seconds)
        moved = asyncio.Event()
        pausing = (asyncio.get_running_loop(), moved)
        self._pausing.add(pausing)
        try:
            while (left := (until - self()).total_seconds()) > 0:
                moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), left / self.speed)
        finally:
            self._pausing.discard(pausing)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What all requests share. `public_url` "" means the socket's own; `authority` seals papers."""

    books: Books
    clock: SandboxClock
    faults: Faults
    public_url: str = ""
    authority: Authority = field(default_factory=Authority)


@dataclass(frozen=True, slots=True)
class Window:
    """What one request needs of the sandbox. `terminal` is who signed it, "" where nobody did."""

    sandbox: Sandbox
    base_url: str
    operation: str
    department: str
    terminal: str = ""

    @property
    def books(self) -> Books:
        return self.sandbox.books

    def now(self) -> datetime:
        """The departments' time, to the second."""
        return self.sandbox.clock().astimezone(CHINA).replace(microsecond=0)

    def link(self, *parts: str) -> str:
        """An address of the sandbox that a phone can open."""
        return "/".join((self.base_url, *parts))


def _own_address(scope: Scope) -> str:
    """Where the request arrived, by the socket: a Host header could name any machine."""
    host, port = scope["server"]
    return f"{scope['scheme']}://{f'[{host}]' if ':' in host else host}:{port}"


async def _window(request: Request) -> Window:
    sandbox: Sandbox = request.app.state.sandbox
    path = request.url.path
    return Window(
        sandbox=sandbox,
        base_url=sandbox.public_url.rstrip("/") or _own_address(request.scope),
        operation=f"{request.method} {path}",
        department=path.split("/")[1],
        terminal=request.scope.get("state", {}).get("terminal", ""),
    )


Here = Annotated[Window, Depends(_window)]
