"""A simulated device that is a network service: several connections at once, on the one thread.

The base is the line of devices/simulators/line.py with its timers, its cable and its control socket;
only the connections differ. The device's own rules are in `opened`, whose answer takes the bytes.
"""

from __future__ import annotations

import selectors
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from devices.simulators.line import CHUNK_BYTES, Simulator

NO_BAUD = 1_000_000_000
"""A network has no baud rate worth simulating here."""


class Conversation(Protocol):
    """What one connection says and hears."""

    def received(self, data: bytes) -> None:
        """Bytes came in."""


class Link:
    """One connection: what is sent leaves as the other end takes it."""

    def __init__(self, connection: socket.socket, selector: selectors.BaseSelector) -> None:
        self._socket = connection
        self._selector = selector
        self._waiting = bytearray()
        self._hang_up = False
        self.open = True
        self.conversation: Conversation | None = None
        selector.register(connection, selectors.EVENT_READ, self._ready)
        self.ended: Callable[[], None] = lambda: None
        self.bytes_in = 0

    def send(self, data: bytes, *, hang_up: bool = False) -> None:
        """Send, and with `hang_up` close when all of it has left."""
        if self.open:
            self._waiting += data
            self._hang_up = self._hang_up or hang_up
            self._flush()

    @property
    def behind(self) -> bool:
        """Whether the other end has not taken yet what was sent."""
        return bool(self._waiting)

    def close(self) -> None:
        """Hang up now."""
        if self.open:
            self.open = False
            self._selector.unregister(self._socket)
            self._socket.close()
            self.ended()

    def _ready(self) -> None:
        if self._waiting or self._hang_up:
            self._flush()
        if self.open:
            self._read()

    def _read(self) -> None:
        try:
            data = self._socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.bytes_in += len(data)
        if self.conversation is not None:
            self.conversation.received(data)

    def _flush(self) -> None:
        try:
            while self._waiting:
                del self._waiting[: self._socket.send(self._waiting)]
        except BlockingIOError:
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
            return
        except OSError:
            self.close()
            return
        self._watch(selectors.EVENT_READ)
        if self._hang_up:
            self.close()

    def _watch(self, events: int) -> None:
        self._selector.modify(self._socket, events, self._ready)


class Service(Simulator, ABC):
    """A simulated network service. `port` is what its adapter is given."""

    def __init__(
        self,
        *,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        """`tcp` is the port to listen on (any free one by default). ValueError for a `link`: a
        network service has no device file."""
        if link is not None:
            raise ValueError("a network service has no device file to link")
        listen = True if tcp is None or tcp is False else tcp
        super().__init__(baud=NO_BAUD, tcp=listen, control=control, situation=situation)
        self._links: set[Link] = set()

    @abstractmethod
    def opened(self, link: Link) -> Conversation:
        """Somebody connected: what shall hear them."""

    @abstractmethod
    def address(self, host: str, port: int) -> str:
        """The adapter's port for this service at `host` and `port`."""

    def start(self) -> None:
        super().start()
        host, _, port = self.port.removeprefix("socket://").rpartition(":")
        self.port = self.address(host, int(port))

    @property
    def connections(self) -> int:
        """How many are connected."""
        return len(self._links)

    def hang_up(self) -> None:
        """Drop everybody who is connected, on the simulator's thread."""
        for link in tuple(self._links):
            link.close()

    def _accept(self) -> None:
        if self._listener is None:
            return
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(connection, self._selector)
        self._links.add(link)
        link.ended = lambda: self._links.discard(link)
        link.conversation = self.opened(link)

    def _drop_line(self) -> None:
        self.hang_up()
