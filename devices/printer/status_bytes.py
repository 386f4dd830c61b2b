"""Reads what a receipt printer answers: bytes into replies, replies into named facts.

Pure: no port, no clock. Bits are tested one by one (PROTOCOLS.md A), never as whole masks, and a
bit that could not be read is UNKNOWN, neither fine nor at fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from itertools import takewhile

from devices.printer.profiles import Profile
from devices.status import Cover, Paper, Part

XON, XOFF = 0x11, 0x13
BLOCK, TEXT = 0x37, 0x5F
LONGEST_BLOCK = 16  # GS ( H answers in 7 bytes, its offline response in at most 13
PROCESS_ID_LENGTH = 7
LONGEST_TEXT = 80  # GS I 65..69: `_`, at most 80 characters, NUL


class Flow(Enum):
    """Software handshake: the printer's buffer is full, or has room again."""

    GO = XON
    STOP = XOFF


@dataclass(frozen=True, slots=True)
class RealTime:
    """The answer to DLE EOT n; which n is known only to who asked."""

    bits: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """Four bytes that the printer sends by itself (ASB, GS a)."""

    bits: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Queued:
    """The answer to GS r: everything before it was taken out of the buffer."""

    bits: int


@dataclass(frozen=True, slots=True)
class Block:
    """`37 id ... 00`: process id (`22`), offline cause (`23`), buffers cleared (`25`)."""

    identifier: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Info:
    """`5F text 00`: the answer to GS I 65..69."""

    text: str


@dataclass(frozen=True, slots=True)
class Junk:
    """A byte that no printer should send."""

    byte: int


Reply = Flow | RealTime | AutoStatus | Queued | Block | Info | Junk

PROCESS_ID, OFFLINE_CAUSE, CLEARED = 0x22, 0x23, 0x25
BLOCK_KINDS = (PROCESS_ID, OFFLINE_CAUSE, CLEARED)


class ReplyReader:
    """Takes bytes as they come, in any portions, and gives whole replies. Never raises."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes."""
        self._waiting += data
        return list(self._replies())

    def reset(self) -> None:
        """Forget a reply that was begun and not ended."""
        self._waiting.clear()

    def _replies(self) -> Iterator[Reply]:
        while self._waiting:
            first = self._waiting[0]
            if first in (XON, XOFF):
                del self._waiting[0]
                yield Flow(first)
            elif first in (BLOCK, TEXT):
                if (framed := self._framed(first)) is None:
                    return
                yield framed
            elif first & 0x93 == 0x10:
                if (status := self._auto_status()) is None:
                    return
                yield status
            else:
                del self._waiting[0]
                yield _single(first)

    def _framed(self, first: int) -> Reply | None:
        """A group from its header to NUL; handshake bytes may stand inside it (Epson GS ( H)."""
        longest = LONGEST_BLOCK if first == BLOCK else LONGEST_TEXT + 2
        body = bytes(b for b in self._waiting if b not in (XON, XOFF))
        if first == BLOCK and body[1:2] == bytes((PROCESS_ID,)):
            longest = PROCESS_ID_LENGTH
        end = body.find(0)
        wrong_kind = first == BLOCK and len(body) > 1 and body[1] not in BLOCK_KINDS
        broken = any(byte < 0x20 for byte in body[2 : end if end >= 0 else None])
        if wrong_kind or broken or (end < 0 and len(body) >= longest) or end >= longest:
            del self._waiting[0]
            return Junk(first)
        if end < 0:
            return None
        flows, rest = self._split(end + 1)
        self._waiting = bytearray(flows) + rest
        if first == BLOCK:
            return Block(body[1], body[2:end]) if end > 1 else Junk(first)
        return Info(body[1:end].decode("ascii", "replace"))

    def _split(self, wanted: int) -> tuple[bytes, bytearray]:
        """Handshake bytes among the first `wanted` others, and what follows these."""
        flows = bytearray()
        for index, byte in enumerate(self._waiting):
            if byte in (XON, XOFF):
                flows.append(byte)
            else:
                wanted -= 1
            if wanted == 0:
                return bytes(flows), self._waiting[index + 1 :]
        return bytes(flows), bytearray()

    def _auto_status(self) -> Reply | None:
        """Four bytes, the handshake not counted (Citizen CT-S310 p310).

        Bytes 2 to 4 are `0xx0xxxx`. Where one is not, the rest of the status was lost: what came of
        it is dropped, so that it answers no question, and what follows is read by itself.
        """
        others = [b for b in self._waiting if b not in (XON, XOFF)][:4]
        whole = sum(1 for _ in takewhile(lambda b: b & 0x90 == 0, others[1:]))
        if whole < len(others) - 1:
            flows, rest = self._split(1 + whole)
            self._waiting = bytearray(flows) + rest
            return Junk(others[0])
        if len(others) < 4:
            return None
        flows, rest = self._split(4)
        self._waiting = bytearray(flows) + rest
        return AutoStatus((others[0], others[1], others[2], others[3]))


def _single(byte: int) -> Reply:
    if byte & 0x93 == 0x12:
        return RealTime(byte)
    if byte & 0x90 == 0:
        return Queued(byte)
    return Junk(byte)


class Mouth(StrEnum):
    """The presenter, which holds a slip until it is taken."""

    EMPTY = "empty"
    HOLDS_SLIP = "holds_slip"
    UNKNOWN = "unknown"


class OfflineCause(StrEnum):
    """Why a printer does not print."""

    NONE = "none"  # it does
    COVER = "cover"
    PAPER = "paper"
    BUTTON = "button"  # paper is being fed by hand
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """What is known of a printer at one moment. `mouth` is None where it has no presenter."""

    online: bool | None = None
    paper: Paper = Paper.UNKNOWN
    cover: Cover = Cover.UNKNOWN
    cutter: Part = Part.UNKNOWN
    head: Part = Part.UNKNOWN
    mouth: Mouth | None = None
    cause: OfflineCause = OfflineCause.UNKNOWN
    unrecoverable: bool | None = None

    @property
    def named(self) -> dict[str, str]:
        """The facts as they travel up."""
        named = {
            "paper": self.paper.value,
            "cover": self.cover.value,
            "cutter": self.cutter.value,
            "head": self.head.value,
            "offline_cause": self.cause.value,
        }
        return named if self.mouth is None else {**named, "presenter": self.mouth.value}


def facts_of(answers: Mapping[int, int], profile: Profile) -> PrinterFacts:
    """Facts from the answers to DLE EOT n, `answers[n]`; what is missing or garbled is UNKNOWN."""
    valid = {n: bits for n, bits in answers.items() if bits & 0x93 == 0x12}
    facts = PrinterFacts(mouth=_mouth(valid, profile))
    if (printer := valid.get(1)) is not None:
        facts = replace(facts, online=not printer & 0x08)
    if (cause := valid.get(2)) is not None:
        facts = replace(facts, cover=Cover.OPEN if cause & 0x04 else Cover.CLOSED)
    if (error := valid.get(3)) is not None:
        facts = _with_errors(facts, cutter=error & 0x08, fatal=error & 0x20, hot=error & 0x40)
    if (sensor := valid.get(4)) is not None:
        facts = replace(facts, paper=_paper(sensor & profile.near_end, sensor & profile.end))
    if cause is not None and cause & 0x20:  # stopped by paper end
        facts = replace(facts, paper=Paper.OUT)
    return replace(facts, cause=_cause(facts, cause))


def facts_of_auto(status: AutoStatus) -> PrinterFacts:
    """Facts from an automatic status (bytes 1..3; byte 4 differs by model and is not read)."""
    first, second, third, _ = status.bits
    facts = PrinterFacts(
        online=not first & 0x08,
        cover=Cover.OPEN if first & 0x20 else Cover.CLOSED,
        paper=_paper(third & 0x03, third & 0x0C),
    )
    facts = _with_errors(facts, cutter=second & 0x08, fatal=second & 0x20, hot=second & 0x40)
    as_answer = 0x12 | 0x04 * bool(first & 0x20) | 0x08 * bool(first & 0x40)
    return replace(facts, cause=_cause(facts, as_answer))


def _mouth(valid: Mapping[int, int], profile: Profile) -> Mouth | None:
    if profile.presenter is None:
        return None
    n, bits = profile.presenter
    if n not in valid:
        return Mouth.UNKNOWN
    return Mouth.HOLDS_SLIP if valid[n] & bits else Mouth.EMPTY


def _cause(facts: PrinterFacts, answer: int | None) -> OfflineCause:
    """Why it is offline, from the answer to DLE EOT 2 and what else is known."""
    if facts.online is None:
        return OfflineCause.UNKNOWN
    if facts.online:
        return OfflineCause.NONE
    if facts.cover is Cover.OPEN:
        return OfflineCause.COVER
    if facts.paper is Paper.OUT:
        return OfflineCause.PAPER
    if facts.unrecoverable or facts.cutter is Part.FAULT or facts.head is Part.HOT:
        return OfflineCause.ERROR
    if answer is None:
        return OfflineCause.UNKNOWN
    if answer & 0x08:
        return OfflineCause.BUTTON
    return OfflineCause.ERROR if answer & 0x40 else OfflineCause.UNKNOWN


def _with_errors(facts: PrinterFacts, *, cutter: int, fatal: int, hot: int) -> PrinterFacts:
    # b6 is the head's temperature on Epson; other causes of it also end by themselves
    head = Part.HOT if hot else Part.FAULT if fatal else Part.OK
    return replace(
        facts,
        cutter=Part.FAULT if cutter else Part.OK,
        head=head,
        unrecoverable=bool(fatal),
    )


def _paper(near_end: int, end: int) -> Paper:
    if end:
        return Paper.OUT
    return Paper.LOW if near_end else Paper.FULL
