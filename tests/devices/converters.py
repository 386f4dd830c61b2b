"""Converters between a network and a serial line, as halls have them: whole bytes, in odd portions."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass

from tests.devices.listening import Listener

LOOK_EVERY_S = 0.05

PAUSE_S = 0.05
"""Longer than a byte takes, shorter than any adapter's patience within an answer."""

NEGOTIATION = bytes.fromhex("ff fb 00 ff fd 00 ff fb 03")
"""Telnet's first words (RFC 854, RFC 856), of a converter that is not set to raw."""


@dataclass(frozen=True)
class Manner:
    """How a converter hands on what the device says. `merged` waits until it is silent and sends all at
    once; `singly` sends byte by byte; `halved` pauses in the middle of each portion; `echoes` sends back
    what it is told, as a two-wire line does; `greets` says something of its own at first."""

    merged: bool = False
    singly: bool = False
    halved: bool = False
    echoes: bool = False
    greets: bool = False


MANNERS = {
    "merged": Manner(merged=True),
    "singly": Manner(singly=True),
    "halved": Manner(halved=True),
    "echoes": Manner(echoes=True),
    "greets": Manner(greets=True),
}


class Converter(Listener):
    """Listens at `port` and hands on to the simulator at `behind`, a connection at a time."""

    def __init__(self, behind: str, manner: Manner) -> None:
        super().__init__(LOOK_EVERY_S)
        host, _, number = behind.removeprefix("socket://").rpartition(":")
        self._behind = (host, int(number))
        self._manner = manner

    def serve_one(self, connection: socket.socket) -> None:
        with socket.create_connection(self._behind) as far:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hand_on(connection, far)

    def _hand_on(self, near: socket.socket, far: socket.socket) -> None:
        if self._manner.greets:
            near.sendall(NEGOTIATION)
        held, came_at = b"", 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ)
            selector.register(far, selectors.EVENT_READ)
            while not self._ending.is_set():
                for key, _ in selector.select(PAUSE_S if held else LOOK_EVERY_S):
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    data = end.recv(4096)
                    if not data:
                        return
                    if end is near:
                        far.sendall(data)
                        near.sendall(data if self._manner.echoes else b"")
                    elif self._manner.merged:
                        held, came_at = held + data, time.monotonic()
                    else:
                        self._say(near, data)
                if held and time.monotonic() - came_at >= PAUSE_S:
                    near.sendall(held)
                    held = b""

    def _say(self, near: socket.socket, data: bytes) -> None:
        if self._manner.singly:
            for at in range(len(data)):
                near.sendall(data[at : at + 1])
        elif self._manner.halved:
            near.sendall(data[: len(data) // 2])
            self._ending.wait(PAUSE_S)
            near.sendall(data[len(data) // 2 :])
        else:
            near.sendall(data)
