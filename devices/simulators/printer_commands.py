"""ESC/POS as a printer takes it in: bytes into commands, in whatever portions they come.

Pure. Lengths are those of Epson's ESC/POS command reference. What is not listed there is passed
over byte by byte, as a printer does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
CLEAR = bytes((DLE, 0x14, 8, 1, 3, 20, 1, 6, 2, 8))
"""DLE DC4 fn 8: clear the buffers."""
LONGEST_REAL_TIME = len(CLEAR)

REAL_TIME_LENGTHS: Mapping[int, int] = MappingProxyType({0x04: 1, 0x05: 1})


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes to be printed, in the character set of the moment."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `name` as Epson writes it ("ESC a", "GS ( k", "LF"), and the bytes after it."""

    name: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class RealTime:
    """DLE EOT n, DLE ENQ n, DLE DC4 fn: obeyed the moment it arrives."""

    name: str
    n: int


SINGLES = {0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}

FIXED: Mapping[int, Mapping[str, int]] = MappingProxyType(
    {
        ESC: {
            "@": 0, "2": 0, "L": 0, "S": 0, "i": 0, "m": 0, "\x0c": 0, "!": 1, " ": 1, "%": 1,
            "-": 1, "3": 1, "+": 1, "A": 1, "=": 1, "?": 1, "E": 1, "G": 1, "J": 1, "K": 1, "M": 1,
            "R": 1, "T": 1, "U": 1, "V": 1, "a": 1, "d": 1, "e": 1, "r": 1, "t": 1, "u": 1, "v": 0,
            "{": 1, "$": 2, "\\": 2, "B": 2, "c": 2, "p": 3, "W": 8,
        },
        FS: {"&": 0, ".": 0, "!": 1, "-": 1, "C": 1, "W": 1, "S": 2, "p": 2, "2": 74, "?": 2},
        GS: {
            "!": 1, "B": 1, "E": 1, "H": 1, "I": 1, "T": 1, "a": 1, "b": 1, "f": 1, "h": 1, "j": 1,
            "r": 1, "w": 1, "|": 1, "/": 1, ":": 0, "\x0c": 0, "$": 2, "L": 2, "P": 2, "W": 2,
            "\\": 2, "^": 3,
        },
    }
)  # fmt: skip
PREFIXES = {ESC: "ESC", FS: "FS", GS: "GS"}


def _two(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8


def _bit_image(data: bytes) -> int | None:
    """ESC * m nL nH: three bytes a column in the 24-dot modes."""
    if len(data) < 5:
        return None
    return 5 + _two(data, 3) * (3 if data[2] in (32, 33) else 1)


def _tabs(data: bytes) -> int | None:
    end = data.find(0, 2)
    return end + 1 if end >= 0 else None


def _raster(data: bytes) -> int | None:
    """GS v 0 m xL xH yL yH."""
    return 8 + _two(data, 4) * _two(data, 6) if len(data) >= 8 else None


def _cut(data: bytes) -> int | None:
    if len(data) < 3:
        return None
    return 3 if data[2] in (0, 1, 48, 49) else 4


def _barcode(data: bytes) -> int | None:
    """GS k m: function A ends in NUL, function B counts."""
    if len(data) < 4:
        return None
    if data[2] >= 65:
        return 4 + data[3]
    end = data.find(0, 3)
    return end + 1 if end >= 0 else None


def _counted(data: bytes) -> int | None:
    """GS ( X pL pH."""
    return 5 + _two(data, 3) if len(data) >= 5 else None


def _long_counted(data: bytes) -> int | None:
    """GS 8 L p1 p2 p3 p4."""
    return 7 + int.from_bytes(data[3:7], "little") if len(data) >= 7 else None


VARIABLE: Mapping[tuple[int, str], Callable[[bytes], int | None]] = MappingProxyType(
    {
        (ESC, "*"): _bit_image,
        (ESC, "D"): _tabs,
        (ESC, "("): _counted,
        (FS, "("): _counted,
        (GS, "("): _counted,
        (GS, "8"): _long_counted,
        (GS, "v"): _raster,
        (GS, "V"): _cut,
        (GS, "k"): _barcode,
    }
)


class CommandReader:
    """The print queue: what has arrived and was not yet taken out."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def __len__(self) -> int:
        return len(self._waiting)

    def feed(self, data: bytes) -> None:
        """Bytes arrive."""
        self._waiting += data

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()

    def next(self) -> Text | Command | None:
        """Take the next whole command out, or a run of text; None where more must come first."""
        while self._waiting:
            first = self._waiting[0]
            if first >= 0x20:
                text = self._text()
                return text if text.data else None
            if first in PREFIXES:
                return self._escape(first)
            if first == DLE:
                length = _real_time_length(self._waiting)
                if length is None:
                    return None
                del self._waiting[:length]
                continue
            del self._waiting[0]
            if first in SINGLES:
                return Command(SINGLES[first])
        return None

    def _text(self) -> Text:
        """A run of text as far as it came; half a Chinese character waits for its other half."""
        end = next((i for i, b in enumerate(self._waiting) if b < 0x20), None)
        if end is None:
            end = at = 0
            while at < len(self._waiting):
                end, at = at, at + (2 if self._waiting[at] >= 0x81 else 1)
            end = at if at == len(self._waiting) else end
        return Text(self._take(end))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken

    def _escape(self, prefix: int) -> Text | Command | None:
        if len(self._waiting) < 2:
            return None
        letter = chr(self._waiting[1])
        fixed = 2 + FIXED[prefix].get(letter, 0)
        measure = VARIABLE.get((prefix, letter))
        length = measure(bytes(self._waiting)) if measure is not None else fixed
        if length is None or len(self._waiting) < length:
            return None
        taken = self._take(length)
        name = f"{PREFIXES[prefix]} {letter}"
        if letter == "(":
            return Command(f"{name} {chr(taken[2])}", taken[5:])
        return Command(name, taken[2:])


def _real_time_length(waiting: bytearray) -> int | None:
    """How many bytes a real-time command in the queue takes; it was obeyed when it arrived."""
    if len(waiting) < 2:
        return None
    if waiting[1] in REAL_TIME_LENGTHS:
        return 3 if len(waiting) >= 3 else None
    if waiting[1] != 0x14:
        return 1
    if len(waiting) < 3:
        return None
    length = 10 if waiting[2] == 8 else 5
    return length if len(waiting) >= length else None


class RealTimeReader:
    """Watches the arriving bytes, data or not, for what must be obeyed at once."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> Iterator[tuple[RealTime, int]]:
        """The real-time commands that `data` completes, each with where in `data` it ends."""
        before = len(self._tail)
        seen = self._tail + data
        at = 0
        while (at := seen.find(DLE, at)) >= 0:
            window = seen[at : at + LONGEST_REAL_TIME]
            if _begins_real_time(window):
                break
            if (command := _real_time(window)) is not None:
                length = LONGEST_REAL_TIME if command.name == "DLE DC4" else 3
                yield command, at + length - before
            at += 1
        self._tail = seen[at:] if at >= 0 else b""


def _begins_real_time(window: bytes) -> bool:
    """Whether more bytes must come before one can tell."""
    if len(window) < 3:
        return len(window) < 2 or window[1] in (0x04, 0x05, 0x14)
    return len(window) < LONGEST_REAL_TIME and CLEAR.startswith(window)


def _real_time(window: bytes) -> RealTime | None:
    second, n = window[1], window[2] if len(window) > 2 else 0
    if second == 0x04 and 1 <= n <= 5:
        return RealTime("DLE EOT", n)
    if second == 0x05 and n <= 2:
        return RealTime("DLE ENQ", n)
    return RealTime("DLE DC4", n) if window == CLEAR else None
