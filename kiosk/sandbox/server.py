"""The sandbox on a socket: uvicorn, whose connections can be cut in the middle on command."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.sandbox.wire_faults import CUT, RESET

BACKLOG = 64
HOST = "127.0.0.1"


class _CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which tells each request how to cut its own connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def told(scope: Any, receive: Any, send: Any) -> None:
            extensions = scope.setdefault("extensions", {})
            extensions |= {CUT: self._cut, RESET: self._reset}
            await inner(scope, receive, send)

        self.app = told

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
