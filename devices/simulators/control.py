"""A simulator's control socket: one JSON object a line in, one out, over a Unix stream socket."""

from __future__ import annotations

import json
import os
import selectors
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CHUNK_BYTES = 4096

LONGEST_REQUEST_BYTES = 65536
"""A request that grows longer is refused and its connection closed."""


class ControlSocket:
    """Listens at `path` (0600) on the simulator's selector, whose keys hold what to call; each request
    goes to `carry_out`. Raises OSError where the path cannot be taken."""

    def __init__(
        self,
        path: Path,
        selector: selectors.BaseSelector,
        carry_out: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> None:
        self._path = path
        self._selector = selector
        self._carry_out = carry_out
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))
        os.chmod(path, 0o600)
        self._socket.listen()
        selector.register(self._socket, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        connection, _ = self._socket.accept()
        connection.setblocking(False)
        waiting = bytearray()
        self._selector.register(
            connection, selectors.EVENT_READ, lambda: self._readable(connection, waiting)
        )

    def _readable(self, connection: socket.socket, waiting: bytearray) -> None:
        try:
            data = connection.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        waiting += data
        try:
            while b"\n" in waiting:
                line, _, rest = bytes(waiting).partition(b"\n")
                waiting[:] = rest
                connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(waiting) > LONGEST_REQUEST_BYTES:
            self._selector.unregister(connection)
            connection.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            return {"ok": False, "error": "one JSON object a line is wanted"}
        return self._carry_out(request)
