"""What the simulated scanners of each profile understand: commands in, answers out, lit or dark.

One engine a profile, without a line: the simulator of devices/simulators/scanner.py carries the bytes.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from devices.scanner import gm65, newland

TRIGGER_TIME_UNIT_S = 0.1

FACTORY: Mapping[int, int] = MappingProxyType(
    {
        gm65.Zone.MODE: 0xD6,  # continuous reading
        gm65.Zone.LIGHT_TIME: 0x32,  # 5 s
        gm65.Zone.FORMAT: gm65.CR_ENDED,
    }
)
"""Settings of a GM65 out of its box, as far as they are not zero; not confirmed on hardware."""

ZONES = 256
COMMAND_OVERHEAD = 8
"""Bytes of a GM65 command besides its data."""

NEVER = float("inf")


class Engine(ABC):
    """A scan engine. `refusing` takes no setting."""

    def __init__(self) -> None:
        self.refusing = False
        self._waiting = bytearray()
        self._lit_until = NEVER

    @property
    def lit(self) -> bool:
        """Whether it reads at this moment."""
        return time.monotonic() < self._lit_until

    @property
    def ends_codes(self) -> bool:
        """Whether a carriage return follows each code."""
        return True

    def has_read(self) -> None:
        """A code was read: that ends the reading."""
        self._lit_until = 0.0

    def forget(self) -> None:
        """The power failed: it is in its factory's mode again."""
        self._lit_until = NEVER

    def connected(self) -> None:
        """Somebody else speaks from now on."""
        self._waiting.clear()

    @abstractmethod
    def hear(self, data: bytes) -> Iterator[bytes]:
        """The answers to the commands that `data` completes."""


class PlainEngine(Engine):
    """Always lit, deaf."""

    def has_read(self) -> None:
        return

    def hear(self, data: bytes) -> Iterator[bytes]:
        return iter(())


class Gm65Engine(Engine):
    """GM65: settings in zones, in which the last one written wins."""

    def __init__(self) -> None:
        super().__init__()
        self._saved = bytes(FACTORY.get(zone, 0) for zone in range(ZONES))
        self._zones = bytearray(self._saved)
        self._lit_until = 0.0

    @property
    def lit(self) -> bool:
        mode = self._zones[gm65.Zone.MODE] & gm65.MODE_MASK
        return mode != gm65.COMMAND_MODE or super().lit

    @property
    def ends_codes(self) -> bool:
        return bool(self._zones[gm65.Zone.FORMAT] & gm65.CR_ENDED)

    def forget(self) -> None:
        self._zones[:] = self._saved
        self._lit_until = 0.0

    def hear(self, data: bytes) -> Iterator[bytes]:
        self._waiting += data
        while (frame := self._take_frame()) is not None:
            yield self._reply_to(frame).encode()

    def _take_frame(self) -> bytes | None:
        before, head, _ = bytes(self._waiting).partition(gm65.COMMAND_HEAD)
        if head:
            del self._waiting[: len(before)]
        if not head or len(self._waiting) < COMMAND_OVERHEAD:
            return None
        length = COMMAND_OVERHEAD + self._waiting[3]
        if len(self._waiting) < length:
            return None
        frame = bytes(self._waiting[:length])
        del self._waiting[:length]
        return frame

    def _reply_to(self, frame: bytes) -> gm65.Answer:
        body, check = frame[2:-2], frame[-2:]
        if check not in (gm65.crc(body), gm65.ANY_CRC):
            return gm65.Answer(gm65.Status.BAD_CRC, b"\x00")
        kind, address, data = body[0], int.from_bytes(body[2:4], "big"), body[4:]
        if kind == gm65.CommandType.HEARTBEAT:
            return gm65.Answer(gm65.Status.OK, b"\x00", alive=True)
        if kind == gm65.CommandType.READ and len(data) == 1:
            count = data[0] or gm65.FULL_READ
            if address + count <= ZONES:
                return gm65.Answer(gm65.Status.OK, bytes(self._zones[address : address + count]))
        elif kind == gm65.CommandType.WRITE and data and address + len(data) <= ZONES:
            if not self.refusing:
                self._write(address, data)
                return gm65.ACK
        elif kind == gm65.CommandType.SAVE:
            self._saved = bytes(self._zones)
            return gm65.ACK
        return gm65.Answer(gm65.Status.INVALID, b"\x00")

    def _write(self, address: int, data: bytes) -> None:
        self._zones[address : address + len(data)] = data
        if address <= gm65.Zone.TRIGGER < address + len(data):
            begin = self._zones[gm65.Zone.TRIGGER] & 1
            self._zones[gm65.Zone.TRIGGER] = 0  # it reports an order, not a state
            limit = self._zones[gm65.Zone.LIGHT_TIME] * TRIGGER_TIME_UNIT_S or NEVER
            self._lit_until = time.monotonic() + limit if begin else 0.0


class NewlandEngine(Engine):
    """Newland: tags with values; it knows only those that reading by command needs."""

    def hear(self, data: bytes) -> Iterator[bytes]:
        self._waiting += data
        while True:
            begin = self._waiting.find(newland.COMMAND_HEAD)
            end = self._waiting.find(newland.END, max(begin, 0))
            if begin < 0 or end < 0:
                return
            body = bytes(self._waiting[begin + len(newland.COMMAND_HEAD) : end])
            del self._waiting[: end + len(newland.END)]
            yield self._obeyed(body[:1] == newland.KEPT, body[1:].decode("ascii", "replace"))

    def _obeyed(self, kept: bool, tag: str) -> bytes:
        verdict = newland.Verdict.OK
        if self.refusing:
            verdict = newland.Verdict.BAD_VALUE
        elif tag == newland.TRIGGER_ON:
            self._lit_until = NEVER
        elif tag in (newland.TRIGGER_OFF, newland.BY_COMMAND):
            self._lit_until = 0.0
        else:
            verdict = newland.Verdict.UNKNOWN
        return newland.answer(tag, verdict, kept=kept)


class HoneywellEngine(Engine):
    """Honeywell: triggers without an answer; menu commands, echoed with a verdict each."""

    SYN, MENU, ON, OFF = 0x16, ord("M"), ord("T"), ord("U")
    ACK, NAK = b"\x06", b"\x15"
    MENU_ENDS = (b"!", b".")

    def __init__(self) -> None:
        super().__init__()
        self._by_trigger = False

    @property
    def lit(self) -> bool:
        return not self._by_trigger or super().lit

    def forget(self) -> None:
        self._by_trigger = False

    def hear(self, data: bytes) -> Iterator[bytes]:
        self._waiting += data
        while (begin := self._waiting.find(self.SYN)) >= 0:
            del self._waiting[:begin]
            if len(self._waiting) < 3:
                return
            order = self._waiting[1]
            if order == self.MENU:
                ends = [self._waiting.find(end) for end in self.MENU_ENDS]
                end = min((place for place in ends if place >= 0), default=-1)
                if end < 0:
                    return
                yield self._menu(bytes(self._waiting[3 : end + 1]))
                del self._waiting[: end + 1]
            else:
                if order in (self.ON, self.OFF):
                    self._lit_until = NEVER if order == self.ON else 0.0
                del self._waiting[:3]

    def _menu(self, order: bytes) -> bytes:
        tags, end = order[:-1].split(b";"), order[-1:]
        if not self.refusing and b"TRGMOD0" in tags:
            self._by_trigger, self._lit_until = True, 0.0
        verdict = self.NAK if self.refusing else self.ACK
        return b";".join(tag + verdict for tag in tags) + end


ENGINES: Mapping[str, type[Engine]] = MappingProxyType(
    {
        "gm65": Gm65Engine,
        "newland": NewlandEngine,
        "honeywell": HoneywellEngine,
        "plain": PlainEngine,
    }
)
"""By the profiles of devices/scanner/dialects.py."""
