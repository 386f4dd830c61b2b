"""The one HTTP door to a department: what goes out, what may come back, and what a failure means.

Deadlines on everything, TLS always verified, no redirects, bounded bodies, a trace on every call, a
key on everything that changes the world, retries only where they are safe. What comes back is an
`Answer` or a `BackendFailure`; nothing that a server does raises an exception here.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, TypeVar

import requests
from requests.adapters import BaseAdapter

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.decode import Fields, Garbled, read_json
from kiosk.backends.settings import Department
from kiosk.backends.signing import RequestSigner
from kiosk.backends.transport import Crossing, DeadlineAdapter, NotSent, under_way
from kiosk.log import log

T = TypeVar("T")

LONGEST_BODY_BYTES = 2 * 2**20
"""The longest answer of docs/API.md, a year of invoices, has some 400 KiB."""

LONGEST_FILE_BYTES = 32 * 2**20
"""A day's bill of 200,000 movements at 160 bytes: a city's, not a hall's."""

CHUNK_BYTES = 65536

TRIES = 2
"""A call that was lost is sent once more at once, where that is safe; more is the caller's to decide."""

RETRY_AFTER_MOST_S = 3600.0
"""A server that wishes to be left alone for longer is asked again after this."""


class Again(Enum):
    """When a call may be sent once more by itself."""

    SAFE = "safe"  # it changes nothing, or its key makes the second a replay of the first
    UNSENT = "unsent"  # only if it provably never left


class Door(Protocol):
    """How a client reaches its department."""

    def get(self, path: str, operation: str, decode: Callable[[Fields], T]) -> Reply[T]: ...

    def fetch(self, path: str, operation: str, media_type: str) -> Reply[bytes]: ...

    def post(
        self,
        path: str,
        operation: str,
        body: Mapping[str, object],
        decode: Callable[[Fields], T],
        key: str | None = None,
        again: Again = Again.SAFE,
    ) -> Reply[T]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Came:
    """An answer of any status, whole."""

    status: int
    media_type: str
    body: bytes
    retry_after_s: float | None


@dataclass(frozen=True, slots=True)
class ClosedDoor:
    """The door of a department without an address in the configuration."""

    department: str

    def get(self, path: str, operation: str, decode: Callable[[Fields], T]) -> Reply[T]:
        return self._nobody()

    def fetch(self, path: str, operation: str, media_type: str) -> Reply[bytes]:
        return self._nobody()

    def post(
        self,
        path: str,
        operation: str,
        body: Mapping[str, object],
        decode: Callable[[Fields], T],
        key: str | None = None,
        again: Again = Again.SAFE,
    ) -> Reply[T]:
        return self._nobody()

    def close(self) -> None:
        return

    def _nobody(self) -> BackendFailure:
        return BackendFailure(self.department, Cause.UNREACHABLE, "unreachable", "no address")


class _Session(requests.Session):
    """A session for which no answer leads elsewhere: requests would take apart where it points to and
    read its body, however long, even of a redirect that nobody follows."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class HttpDoor:
    """One department over HTTP. Safe to use from several threads.

    `adapter` replaces the transport and `clock` the monotonic clock (seconds), in tests. Raises OSError
    and ValueError for a signing key that cannot be used.
    """

    def __init__(
        self,
        department: Department,
        adapter: BaseAdapter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at = department
        self._clock = clock
        self._session = _Session()
        self._session.trust_env = False  # no proxy, no .netrc: only what the configuration says
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # one citizen's
        self._session.verify = str(department.ca_file) if department.ca_file else True
        if department.client_cert:
            certificate = str(department.client_cert)
            key = str(department.client_key) if department.client_key else None
            self._session.cert = (certificate, key) if key else certificate
        own = adapter or DeadlineAdapter()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, own)
        self._signer = (
            RequestSigner(department.signing_key_id, department.signing_key_file)
            if department.signing_key_file
            else None
        )

    def get(self, path: str, operation: str, decode: Callable[[Fields], T]) -> Reply[T]:
        """Read `path`."""
        return self._read(path, operation, _document(decode), LONGEST_BODY_BYTES)

    def fetch(self, path: str, operation: str, media_type: str) -> Reply[bytes]:
        """Read the file at `path`, whose bytes are the caller's to understand."""
        return self._read(path, operation, _file(media_type), LONGEST_FILE_BYTES)

    def post(
        self,
        path: str,
        operation: str,
        body: Mapping[str, object],
        decode: Callable[[Fields], T],
        key: str | None = None,
        again: Again = Again.SAFE,
    ) -> Reply[T]:
        """Send `body` to `path`; what changes the world needs a `key`."""
        document = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key

        def request() -> requests.Request:
            return requests.Request(
                "POST", self._at.base_url + path, headers=headers, data=document
            )

        return self._call(request, operation, _document(decode), again, LONGEST_BODY_BYTES)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    # --- one call, with its tries ------------------------------------------------------------------

    def _read(
        self, path: str, operation: str, meaning: Callable[[_Came], T], longest: int
    ) -> Reply[T]:
        def request() -> requests.Request:
            return requests.Request("GET", self._at.base_url + path)

        return self._call(request, operation, meaning, Again.SAFE, longest)

    def _call(
        self,
        request: Callable[[], requests.Request],
        operation: str,
        meaning: Callable[[_Came], T],
        again: Again,
        longest: int,
    ) -> Reply[T]:
        begun = self._clock()
        trace = secrets.token_hex(16)
        tries = 0
        while True:
            tries += 1
            fresh = again is Again.UNSENT or tries > 1
            crossing = Crossing(
                begun + self._at.total_s, self._at.read_timeout_s, fresh, self._clock
            )
            came = self._cross(request(), crossing, trace, longest)
            reply = self._understand(came, meaning) if isinstance(came, _Came) else came
            in_time = self._clock() < begun + self._at.total_s
            if tries == TRIES or not in_time or not _may_retry(reply, again):
                break
        status = came.status if isinstance(came, _Came) else 0
        self._log(reply, operation, status, tries, self._clock() - begun, trace)
        return reply

    def _cross(
        self, request: requests.Request, crossing: Crossing, trace: str, longest: int
    ) -> _Came | BackendFailure:
        """Send one request and take its whole answer."""
        request.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
        request.headers["Accept"] = "application/json, application/problem+json"
        request.headers["Accept-Encoding"] = "identity"
        prepared = self._session.prepare_request(request)
        if self._signer is not None:
            self._signer.sign(prepared)
        timeouts = (self._at.connect_timeout_s, self._at.read_timeout_s)
        try:
            with under_way(crossing):
                response = self._session.send(
                    prepared, timeout=timeouts, allow_redirects=False, stream=True,
                    verify=self._session.verify, cert=self._session.cert,
                )  # fmt: skip
                with response:
                    return self._take(response, crossing, longest)
        except NotSent as error:
            return self._failed(Cause.UNREACHABLE, type(error.__cause__ or error).__name__)
        except (requests.RequestException, OSError) as error:
            return self._failed(Cause.NO_ANSWER, type(error).__name__)

    def _take(
        self, response: requests.Response, crossing: Crossing, longest: int
    ) -> _Came | BackendFailure:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return self._failed(Cause.GARBLED, "encoded")  # unasked; it may unfold without end
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > longest:
                return self._failed(Cause.GARBLED, "too long")
            crossing.patience_s()
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return _Came(response.status_code, kind, bytes(body), _retry_after(response))

    # --- what an answer means -------------------------------------------------------------------------

    def _understand(self, came: _Came, meaning: Callable[[_Came], T]) -> Reply[T]:
        if 200 <= came.status < 300:
            try:
                value = meaning(came)
            except Garbled as where:
                return self._failed(Cause.GARBLED, str(where))
            return Answer(value, hashlib.sha256(came.body).hexdigest())
        code = _problem_code(came.body)
        if came.status == 429:
            return self._failed(Cause.BUSY, "429", code, came.retry_after_s)
        if came.status >= 500:
            return self._failed(Cause.SERVER, str(came.status), code, came.retry_after_s)
        if came.status >= 400 and code:
            return self._failed(Cause.REFUSED, str(came.status), code)
        return self._failed(Cause.GARBLED, f"status {came.status}")

    def _failed(
        self, cause: Cause, detail: str, code: str = "", retry_after_s: float | None = None
    ) -> BackendFailure:
        return BackendFailure(self._at.id, cause, code or cause.value, detail, retry_after_s)

    def _log(
        self, reply: Reply[object], operation: str, status: int, tries: int, took: float, trace: str
    ) -> None:
        if isinstance(reply, Answer):
            log(
                "backend.called", department=self._at.id, operation=operation, status=status,
                tries=tries, seconds=round(took, 3), trace=trace,
            )  # fmt: skip
            return
        log(
            "backend.failed", department=self._at.id, operation=operation, status=status,
            tries=tries, seconds=round(took, 3), trace=trace,
            cause=reply.cause.value, code=reply.code,
        )  # fmt: skip


def _document(decode: Callable[[Fields], T]) -> Callable[[_Came], T]:
    return lambda came: decode(Fields(read_json(came.body)))


def _file(media_type: str) -> Callable[[_Came], bytes]:
    def whole(came: _Came) -> bytes:
        if came.media_type != media_type:
            raise Garbled(f"not {media_type}")
        return came.body

    return whole


def _may_retry(reply: Reply[object], again: Again) -> bool:
    if isinstance(reply, Answer) or reply.retry_after_s:
        return False
    if reply.cause is Cause.UNREACHABLE:
        return True
    lost = (Cause.NO_ANSWER, Cause.SERVER, Cause.GARBLED)
    return again is Again.SAFE and reply.cause in lost


def _problem_code(body: bytes) -> str:
    """The stable code of a problem document (RFC 9457), or ""."""
    try:
        code = Fields(read_json(body)).text("code", longest=64)
    except Garbled:
        return ""
    return code if code.isascii() and code.replace(".", "").replace("_", "").isalnum() else ""


def _retry_after(response: requests.Response) -> float | None:
    """The server's wish in seconds (RFC 9110, 10.2.3); a date is taken by the server's own clock."""
    given = response.headers.get("Retry-After", "")
    if given.isascii() and given.isdigit():
        return min(float(given), RETRY_AFTER_MOST_S)
    try:
        until = parsedate_to_datetime(given)
        now = parsedate_to_datetime(response.headers["Date"])
        return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_MOST_S)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
