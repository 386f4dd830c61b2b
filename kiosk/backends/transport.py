"""HTTP over sockets that keep one deadline for the whole call and know whether the request left.

requests and urllib3 bound each silence, not the sum of them: a server that drips one byte a second
holds a caller for hours. Here every read of an answer, of its headers too, is cut to what is left of
the call's deadline. And the connection itself notes when the first byte of a request is handed to
the socket, so that "provably not sent" is an observation and not a guess from exception names.
"""

from __future__ import annotations

import io
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

logging.getLogger("urllib3").setLevel(
    logging.CRITICAL
)  # it logs addresses, which hold order numbers

IDLE_CONNECTIONS = 8
"""Kept open per department for reads: one for each thread of kiosk.calls."""


class NotSent(requests.ConnectionError):
    """The call failed before a byte of the request was handed to the socket."""


@dataclass(slots=True)
class Crossing:
    """One attempt at a call. `deadline` is on `clock`, a monotonic one, in seconds.

    `fresh` asks for a new connection: one that idled may have been forgotten by a firewall on the
    way, which would turn a payment into one of unknown fate.
    """

    deadline: float
    read_timeout_s: float
    fresh: bool
    clock: Callable[[], float] = time.monotonic
    left: bool = False

    def patience_s(self) -> float:
        """How long the next byte may take; raises TimeoutError when the deadline has passed."""
        remaining = self.deadline - self.clock()
        if remaining <= 0:
            raise TimeoutError("deadline of the call")
        return min(self.read_timeout_s, remaining)


_crossing: ContextVar[Crossing] = ContextVar("crossing")


@contextmanager
def under_way(crossing: Crossing) -> Iterator[Crossing]:
    """Bind `crossing` to whatever this thread sends within the block."""
    token = _crossing.set(crossing)
    try:
        yield crossing
    finally:
        _crossing.reset(token)


class _ClockedSocketFile(io.RawIOBase):
    """The bytes of one answer, each read within the call's deadline."""

    def __init__(self, sock: socket.socket, crossing: Crossing) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._crossing = crossing

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._crossing.patience_s())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _ClockedSocket:
    """What http.client asks of a socket to read an answer."""

    def __init__(self, sock: socket.socket, crossing: Crossing) -> None:
        self._sock = sock
        self._crossing = crossing

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(_ClockedSocketFile(self._sock, self._crossing))


class _ClockedAnswer(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_ClockedSocket(sock, _crossing.get()), *args, **kwargs)  # type: ignore[arg-type]


class _Watched(HTTPConnection):
    """A connection that notes the moment of no return and is never reused for a fresh crossing."""

    response_class = _ClockedAnswer

    @property
    def is_connected(self) -> bool:
        return super().is_connected and not _crossing.get().fresh

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _crossing.get().left = True
        super().send(data)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS: the handshake and the certificate come before `send`."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class DeadlineAdapter(HTTPAdapter):
    """The door's own transport: no retries of urllib3, total deadlines, `NotSent` where provable."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=IDLE_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send within the crossing bound by `under_way`.

        Raises NotSent where the request has provably not left, otherwise what requests raises.
        """
        crossing = _crossing.get()
        try:
            return super().send(request, *args, **kwargs)
        except (requests.RequestException, HTTPError, OSError) as error:
            if crossing.left:
                raise
            raise NotSent("not sent", request=request) from error
