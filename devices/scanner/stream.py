"""Cuts what a scanner sends into its answers and codes, however the bytes arrive; each dialect says how
an answer begins and ends.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

CODE_END = b"\r"

LINE_FEED = b"\n"
"""Behind the carriage return it belongs to that end."""

A = TypeVar("A")


class CodeStream(ABC, Generic[A]):
    """`end` is what a scanner sends behind each code; with b"" a code ends where the line falls silent."""

    def __init__(self, *, end: bytes = CODE_END) -> None:
        self.dropped = 0
        """Bytes dropped so far."""
        self._end = end
        self._waiting = bytearray()
        self._unwanted = False

    def feed(self, data: bytes) -> list[A | bytes]:
        """Take `data`; the answers and codes (without their end) that it completed, in order."""
        self._waiting += data
        found: list[A | bytes] = []
        while (unit := self._take()) is not None:
            if self._unwanted:
                self._unwanted = False
                if isinstance(unit, bytes):
                    self.dropped += len(unit) + len(self._end)
                    continue
            found.append(unit)
        return found

    def abandon(self) -> None:
        """What is unfinished is not wanted: drop it, and its rest when that comes."""
        self._unwanted |= bool(self._waiting)
        self._drop(len(self._waiting))

    def pause(self) -> list[bytes]:
        """The line fell silent: what is unfinished will not be finished, or is a code that has no end
        of its own."""
        whole = bytes(self._waiting)
        if self._end or self._unwanted or not whole or self._is_answer(whole):
            self._drop(len(whole))
            self._unwanted = False
            return []
        self._waiting.clear()
        return [whole]

    def _skip_line_feed(self) -> None:
        if self._waiting.startswith(LINE_FEED) and self._end == CODE_END:
            self._drop(len(LINE_FEED))

    @abstractmethod
    def _take(self) -> A | bytes | None:
        """The next unit; None where more bytes are needed."""

    def _is_answer(self, unfinished: bytes) -> bool:
        """Whether what the line left unfinished holds an answer, and so no code without an end."""
        return False

    def _drop(self, count: int) -> None:
        del self._waiting[:count]
        self.dropped += count
