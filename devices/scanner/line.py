"""A scanner's open port as a sequence of answers and codes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from devices.serial_port import Port

ANSWER_WITHIN_S = 0.5
"""A command's answer takes some 20 ms at 9600 baud; a USB bridge adds as much again."""

ASK_TIMES = 2
"""A command is sent again once where its answer is missing or tells of a damaged command."""

PAUSE_S = 0.3
"""A line silent for so long will not finish what it began: at 9600 baud a byte takes 1 ms."""


class Answer(Protocol):
    """What a scanner answers to a command."""

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""

    @property
    def say_again(self) -> bool:
        """Whether the command arrived damaged."""


class Stream(Protocol):
    """Cuts bytes into answers and codes (devices/scanner/gm65.py, newland.py)."""

    @property
    def dropped(self) -> int:
        """Bytes so far that were neither."""

    def feed(self, data: bytes) -> Sequence[Answer | bytes]:
        """The answers and codes that `data` completes."""

    def abandon(self) -> None:
        """Drop what is unfinished, and its rest when it comes."""

    def pause(self) -> Sequence[bytes]:
        """The line fell silent: the code that ends so; anything else that is unfinished is dropped."""


class Line:
    """An open port; `stream` cuts what comes."""

    def __init__(self, port: Port, stream: Stream) -> None:
        self._port = port
        self._stream = stream
        self._ready: deque[Answer | bytes] = deque()
        self._quiet_since = time.monotonic()
        self.stale = 0
        """Codes thrown away so far because nobody had asked for one."""

    @property
    def dropped(self) -> int:
        """Bytes so far that were neither answer nor code."""
        return self._stream.dropped

    def clear(self) -> None:
        """Throw away all that came until now, and the rest of a code that is just coming."""
        self._take(self._port.drain())
        self._discard()
        self._stream.abandon()

    def settle(self) -> None:
        """Throw away all that comes until the line is silent."""
        self._take(self._port.drain(quiet_s=PAUSE_S, at_most_s=2 * PAUSE_S))
        self._ready.clear()
        self._stream.pause()

    def next(self, seconds: float) -> Answer | bytes | None:
        """The next answer or code; None where none was complete within `seconds`. Raises `LOST`."""
        if not self._ready:
            self._take(self._port.read(seconds))
        return self._ready.popleft() if self._ready else None

    def send(self, command: bytes) -> None:
        """Send a command without waiting for its answer. Raises `LOST`."""
        self._port.write(command)

    def ask(self, command: bytes) -> Answer | None:
        """Send a command and return its answer; None where the scanner stays silent.

        Codes that came before the answer are stale and thrown away; what came behind it is kept
        (PROTOCOLS.md C: the code may share a read with the answer). Raises `LOST`.
        """
        answer = None
        for _ in range(ASK_TIMES):
            self._take(self._port.drain())
            self._discard()
            self.send(command)
            answer = self._await_answer()
            if answer is not None and not answer.say_again:
                return answer
        return answer

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def _await_answer(self) -> Answer | None:
        until = time.monotonic() + ANSWER_WITHIN_S
        while (left := until - time.monotonic()) > 0:
            unit = self.next(left)
            if unit is not None and not isinstance(unit, bytes):
                return unit
            self.stale += unit is not None
        self.stale += len(self._stream.pause())
        return None

    def _take(self, data: bytes) -> None:
        now = time.monotonic()
        if data:
            self._quiet_since = now
            self._ready += self._stream.feed(data)
        elif now - self._quiet_since >= PAUSE_S:
            self._ready += self._stream.pause()

    def _discard(self) -> None:
        self.stale += sum(isinstance(unit, bytes) for unit in self._ready)
        self._ready.clear()
