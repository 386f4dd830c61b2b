"""As much of an HTTP/1.1 server as IPP needs: whole requests out of bytes, answers into bytes.

RFC 9112: bodies by Content-Length or chunked, `Expect: 100-continue`, connections kept alive. CUPS
sends documents chunked, and asks with Expect before it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LARGEST_HEAD_BYTES = 16384
LARGEST_BODY_BYTES = 64 * 1024 * 1024

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

REASONS: Mapping[int, str] = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    413: "Content Too Large", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One whole request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def last(self) -> bool:
        """Whether the client wants the connection closed behind the answer."""
        return self.headers.get("connection", "").lower() == "close"


class BadHttp(ValueError):
    """Bytes that are no HTTP request."""


class HttpReader:
    """Gathers requests out of what a connection brings."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._waiting = bytearray()
        self._head: tuple[str, str, dict[str, str]] | None = None

    def feed(self, data: bytes) -> list[HttpRequest]:
        """The requests that are whole now. Raises BadHttp."""
        self._waiting += data
        found = []
        while (request := self._take()) is not None:
            found.append(request)
        return found

    def _take(self) -> HttpRequest | None:
        if self._head is None:
            self._head = self._take_head()
        if self._head is None:
            return None
        method, path, headers = self._head
        if headers.get("transfer-encoding", "").lower() == "chunked":
            taken = _unchunked(self._waiting)
        else:
            taken = _sized(self._waiting, headers.get("content-length", "0"))
        if taken is None:
            return None
        body, length = taken
        del self._waiting[:length]
        self._head = None
        return HttpRequest(method, path, headers, body)

    def _take_head(self) -> tuple[str, str, dict[str, str]] | None:
        end = self._waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(self._waiting) > LARGEST_HEAD_BYTES:
                raise BadHttp("a head without an end")
            return None
        lines = bytes(self._waiting[:end]).decode("latin-1").split("\r\n")
        del self._waiting[: end + 4]
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadHttp("no request line")
        pairs = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if headers.get("expect", "").lower() == "100-continue":
            self._send(CONTINUE)
        return words[0], words[1], headers


def _sized(waiting: bytearray, length: str) -> tuple[bytes, int] | None:
    if not length.isdigit() or int(length) > LARGEST_BODY_BYTES:
        raise BadHttp("no length that can be taken")
    size = int(length)
    return (bytes(waiting[:size]), size) if len(waiting) >= size else None


def _unchunked(waiting: bytearray) -> tuple[bytes, int] | None:
    """A chunked body and how many bytes it took; None while it is not whole."""
    body = bytearray()
    at = 0
    while (end := waiting.find(b"\r\n", at)) >= 0:
        try:
            size = int(bytes(waiting[at:end]).partition(b";")[0], 16)
        except ValueError as error:
            raise BadHttp("no chunk size") from error
        if size < 0 or len(body) + size > LARGEST_BODY_BYTES:
            raise BadHttp("a body too large")
        at = end + 2
        if len(waiting) < at + size + 2:
            return None
        body += waiting[at : at + size]
        at += size + 2
        if size == 0:
            return bytes(body), at
    return None


def answer(status: int, body: bytes = b"", *, last: bool = False) -> bytes:
    """An answer; with `last` it says that the connection is closed behind it."""
    connection = "close" if last else "keep-alive"
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n"
        f"Content-Type: application/ipp\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {connection}\r\n\r\n"
    )
    return head.encode() + body
