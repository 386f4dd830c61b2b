"""The sandbox without a socket: a `requests` adapter that calls the application in this process.

Real clients then run real departments in virtual time. Faults happen as on a wire: a cut connection
is a ConnectionError, an answer that comes too late a ReadTimeout, and no clock is waited for.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from kiosk.backends.transport import NotSent
from kiosk.sandbox.books import Books
from kiosk.sandbox.window import CHINA
from kiosk.sandbox.wire_faults import CUT, LATER, PAUSE

WITHIN_S = 100.0
"""No answer takes longer; the limit of a test comes after it."""


class Cut(Exception):
    """The application cut the connection."""


class LoopThread:
    """An event loop in a thread of its own, for applications called from another loop's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, work: Any) -> Any:
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)


LOOP = LoopThread()


class Clock:
    """A clock that stands still until it is moved, or follows a loop's virtual time."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, 9, 30, tzinfo=CHINA)) -> None:
        self._base = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._zero = 0.0

    def follow(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go with `loop.time()` from now on."""
        self._loop, self._zero = loop, loop.time()

    def move(self, seconds: float) -> None:
        """Let seconds pass."""
        self._base += timedelta(seconds=seconds)

    def later(self, seconds: float, work: Callable[[], Any]) -> None:
        """Run a coroutine function once so many seconds have passed on the loop that is followed."""
        assert self._loop is not None, "nothing happens later on a clock that stands still"
        self._loop.call_later(seconds, lambda: LOOP.run(work()))

    def __call__(self) -> datetime:
        passed = self._loop.time() - self._zero if self._loop else 0.0
        return self._base + timedelta(seconds=passed)


class InProcess(BaseAdapter):
    """Calls `app`; with `unplugged` no request leaves. `calls` are method and path, in order, and
    `waited_s` is what the caller would have waited for answers that were slow in coming."""

    def __init__(self, app: Any, clock: Clock | None = None) -> None:
        super().__init__()
        self.app = app
        self.unplugged = False
        self.waited_s = 0.0
        self._clock = clock or Clock()
        self.calls: list[tuple[str, str]] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        address = urlsplit(request.url or "")
        if self.unplugged:
            raise NotSent("not sent", request=request)
        self.calls.append((request.method or "", address.path))
        patience = timeout[1] if isinstance(timeout, tuple) else timeout or 30.0
        exchange = _Exchange(request, self._clock)
        try:
            LOOP.run(self.app(exchange.scope, exchange.receive, exchange.send))
        except Cut:
            raise requests.ConnectionError("cut", request=request) from None
        self.waited_s += min(exchange.paused, patience)
        if exchange.paused > patience:
            raise requests.ReadTimeout("late", request=request)
        return exchange.response()

    def close(self) -> None:
        return


class _Exchange:
    """One request and its answer as ASGI messages."""

    def __init__(self, request: requests.PreparedRequest, clock: Clock) -> None:
        address = urlsplit(request.url or "")
        body = request.body or b""
        self._request = request
        self._body = body.encode() if isinstance(body, str) else bytes(body)
        self._given = False
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._answer = bytearray()
        self._cut = False
        self.paused = 0.0
        headers = [(k.lower().encode(), str(v).encode()) for k, v in request.headers.items()]
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": address.scheme,
            "path": unquote(address.path),
            "raw_path": address.path.encode(),
            "query_string": address.query.encode(),
            "root_path": "",
            "headers": [(b"host", address.netloc.encode()), *headers],
            "server": (address.hostname or "", address.port or 80),
            "client": ("127.0.0.1", 40000),
            "extensions": {CUT: self._do_cut, PAUSE: self._pause, LATER: clock.later},
        }

    def _do_cut(self) -> None:
        self._cut = True
        raise Cut

    async def _pause(self, seconds: float) -> None:
        self.paused += seconds

    async def receive(self) -> dict[str, Any]:
        if self._given:
            return {"type": "http.disconnect"}
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = list(message.get("headers", []))
        else:
            self._answer += message.get("body", b"")

    def response(self) -> requests.Response:
        """The answer as requests has it."""
        headers = {k.decode(): v.decode() for k, v in self._headers}
        raw = HTTPResponse(
            io.BytesIO(bytes(self._answer)), headers, self._status, preload_content=False
        )
        return HTTPAdapter().build_response(self._request, raw)


class FirstBooks(Books):
    """The books as they are on the morning of a day. Filling them takes longer than most tests, and they
    are the same every time: each sandbox of that day begins with a copy."""

    def __init__(self, day: date) -> None:
        super().__init__(":memory:")
        self._db.deserialize(_first_books(day))
        self.fresh = False


@cache
def _first_books(day: date) -> bytes:
    """The database file of books that were filled on that day."""
    from kiosk.sandbox.app import SCHEMA
    from kiosk.sandbox.seed import seed

    books = Books(":memory:", SCHEMA)
    with books.transaction() as db:
        seed(db, day)
    return books._db.serialize()


class Sandbox:
    """The departments in this process, with their control API."""

    url = "http://127.0.0.1:1"

    def __init__(self, clock: Clock | None = None) -> None:
        from kiosk.sandbox.app import create_app

        self.clock = clock or Clock()
        books = FirstBooks(self.clock().astimezone(CHINA).date())
        self.app = create_app(clock=self.clock, books=books)
        self.adapter = InProcess(self.app, self.clock)
        self._session = requests.Session()
        self._session.mount("http://", InProcess(self.app))

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """One request to the control API; its answer."""
        verb = method or ("GET" if body is None else "POST")
        answer = self._session.request(verb, f"{self.url}/_control{path}", json=body)
        assert answer.ok, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def request(self, method: str, path: str, **given: Any) -> requests.Response:
        """Any request."""
        return self._session.request(method, self.url + path, **given)

    def fault(self, department: str, kind: str, path: str = "", **given: Any) -> None:
        """Have a department misbehave."""
        body = {"department": department, "kind": kind, "path": path, **given}
        self.control("/faults", body)

    def behave(self) -> None:
        """End all misbehaviour."""
        self.control("/faults", method="DELETE")

    def ledger(self) -> Any:
        """Everything that moved."""
        return self.control("/ledger")
