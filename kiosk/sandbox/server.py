"""The sandbox on a socket: uvicorn, whose connections can be cut in the middle on command."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire_faults import CUT, RESET

BACKLOG = 512
"""Every terminal of a hall that reconnects in the same moment, several times over."""

REQUEST_WITHIN_S = 60.0
"""A request that is not whole by then is given up: who drips bytes would keep a connection for ever."""

HOST = "127.0.0.1"

LAST = ((b"connection", b"close"),)


class _CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which tells each request how to cut its own connection, waits for none without
    end, and answers what is no HTTP as the contract has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def told(scope: Any, receive: Any, send: Any) -> None:
            extensions = scope.setdefault("extensions", {})
            extensions |= {CUT: self._cut, RESET: self._reset}
            await inner(scope, receive, send)

        self.app = told
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_the_rest()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait_for_the_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait_no_more()

    def send_400_response(self, msg: str) -> None:
        """What h11 cannot read: a problem like every other, where no answer has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = Problem("request.malformed", msg).response()
            answer = h11.Response(status_code=400, headers=[*refusal.raw_headers, *LAST])
            for event in (answer, h11.Data(data=bytes(refusal.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_the_rest(self) -> None:
        """Give the sender until `REQUEST_WITHIN_S` after its request began."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._wait_no_more()
        elif self._patience is None:
            self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._cut)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _cut(self) -> None:
        self.transport.abort()

    def _reset(self) -> None:
        """With SO_LINGER of no seconds a close sends RST (socket(7)), also after half an answer."""
        if self.transport.is_closing():
            return
        wire = self.transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket; port 0 takes any. Raises OSError."""
    return socket.create_server((host, port), backlog=BACKLOG)


def serve(app: ASGIApp, listener: socket.socket, ended: threading.Event | None = None) -> None:
    """Serve on `listener` until interrupted, or until `ended` is set."""
    config = uvicorn.Config(
        app, http=_CuttableProtocol, log_level="error", access_log=False, lifespan="off",
        server_header=False, ws="none",
    )  # fmt: skip
    server = uvicorn.Server(config)
    if ended is not None:
        threading.Thread(target=_end, args=(server, ended), daemon=True).start()
    server.run(sockets=[listener])


def _end(server: uvicorn.Server, ended: threading.Event) -> None:
    ended.wait()
    server.should_exit = True
