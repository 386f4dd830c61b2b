"""What scanners at a device node of the kernel have in common: opened for us alone, read as they send.

A port that begins `stream:` is a simulated scanner's: a pty that carries the same bytes. It answers none
of a node's own questions, so that they are not put there, and nothing is proven about a real one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import time
from abc import abstractmethod
from collections import deque
from typing import Protocol

from devices.scanner.scanner import Scanner

CHUNK_BYTES = 4096

STREAM = "stream:"
"""How the port of a simulated node begins."""

PAUSE_S = 0.3
"""A code whose next part does not come for so long is not finished any more: the kernel hands parts over
within milliseconds."""


class Codec(Protocol):
    """Puts codes together from bytes (devices/scanner/hid_pos.py, keys.py)."""

    @property
    def dropped(self) -> int:
        """Bytes so far that were no code."""

    @property
    def unfinished(self) -> bool:
        """Whether a code has begun and not ended."""

    def feed(self, data: bytes) -> list[bytes]:
        """The codes that `data` completes."""

    def abandon(self) -> None:
        """Drop what is unfinished, and its rest when it comes."""

    def pause(self) -> None:
        """Drop what is unfinished."""


class NodeScanner(Scanner):
    """A scanner at a device node. It is always ready to read and cannot be asked anything."""

    def __init__(self, name: str, port: str) -> None:
        super().__init__(name, port)
        self._simulated = port.startswith(STREAM)
        self._node: int | None = None
        self._codec: Codec = self._new_codec()
        self._ready: deque[bytes] = deque()
        self._last_byte_at = 0.0

    @abstractmethod
    def _new_codec(self) -> Codec:
        """What puts its codes together."""

    # --- hooks of a device -------------------------------------------------------------------------

    def _open(self) -> None:
        path = self.port.removeprefix(STREAM)
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            fcntl.flock(node, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(node)
            raise
        self._node = node
        self._codec = self._new_codec()
        self._ready.clear()

    def _close(self) -> None:
        node, self._node = self._node, None
        if node is not None:
            os.close(node)

    def _poll(self) -> None:
        """Throw away what nobody asked for, and notice a node that is gone."""
        self._clear()

    # --- hooks of a scanner ------------------------------------------------------------------------

    @property
    def _dropped(self) -> int:
        return self._codec.dropped

    def _clear(self) -> None:
        while data := self._bytes(0.0):
            self._ready += self._codec.feed(data)
        if self._ready:
            self._count("stale", len(self._ready))
            self._ready.clear()
        self._codec.abandon()
        self._end_of_pause()

    def _next(self, seconds: float) -> bytes | None:
        if not self._ready:
            data = self._bytes(seconds)
            self._ready += self._codec.feed(data)
            self._end_of_pause()
        return self._ready.popleft() if self._ready else None

    # --- on the worker thread ----------------------------------------------------------------------

    @property
    def _opened(self) -> int:
        if self._node is None:
            raise OSError(errno.ENODEV, "the node is closed")
        return self._node

    def _bytes(self, seconds: float) -> bytes:
        """What has come, waiting at most `seconds`; b"" where nothing did. Raises OSError."""
        node = self._opened
        waiting = select.poll()
        waiting.register(node, select.POLLIN)
        if not waiting.poll(max(0.0, seconds) * 1000):
            return b""
        try:
            data = os.read(node, CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.ENODEV, "the node is gone")
        self._last_byte_at = time.monotonic()
        return data

    def _end_of_pause(self) -> None:
        if self._codec.unfinished and time.monotonic() - self._last_byte_at >= PAUSE_S:
            self._codec.pause()
