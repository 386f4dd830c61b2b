"""Talks with one printer over its wire: questions answered at once, data sent as it has room.

Several kinds of answers share the line; each is kept where the one who waits for it looks. The
answers to DLE EOT n do not say which n they answer: they come in the order of the questions, so that
a late one is taken for the question it belongs to and never for the next.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.device import CANCEL_SLICE_S
from devices.printer.profiles import Profile, Speaks
from devices.printer.status_bytes import (
    BLOCK,
    CLEARED,
    PROCESS_ID,
    TEXT,
    AutoStatus,
    Block,
    Flow,
    Info,
    Junk,
    Mouth,
    PrinterFacts,
    Queued,
    RealTime,
    Reply,
    ReplyReader,
    facts_of,
    facts_of_auto,
)
from devices.printer.wire import Wire
from devices.status import Paper

ANSWER_WITHIN_S = 0.5
"""A real-time question is answered at once, also by a printer at work or offline; at 9600 baud
through a network adapter that is 0.1 s."""

ANSWER_MOST_S = 3.0
"""How long a printer that was seen to answer late is waited for."""

CLEAR_WITHIN_S = 2.0
"""A printer ends the line it is printing before it clears its buffers."""

INFO_WITHIN_S = 0.5
"""GS I, GS ( H wait in the buffer, which is empty when they are asked at the start."""

BLOCKED_FOR_S = 10.0
"""A printer that takes not one byte for so long, and cannot be asked why, is gone."""

ASK_MODEL = bytes.fromhex("1d 49 43")  # GS I 67
ASK_QUEUED = bytes.fromhex("1d 72 01")  # GS r 1
AUTO_STATUS = {True: bytes.fromhex("1d 61 ff"), False: bytes.fromhex("1d 61 00")}  # GS a n
RECOVER_AND_CLEAR = bytes.fromhex("10 05 02")  # DLE ENQ 2
ESC, DLE = 0x1B, 0x10
OPENS_A_DRAWER = (bytes.fromhex("1b 70"), bytes.fromhex("10 14 01"), bytes.fromhex("10 14 02"))
"""ESC p and DLE DC4 fn 1 (pulse), fn 2 (power off): never sent, whatever a slip holds."""

NO_ERROR, PAPER_END = 0x08, 0x20  # LPGETSTATUS, PROTOCOLS.md A
MARKS = bytes(
    byte for byte in range(0x21, 0x7F) if byte & 0x11 == 0x11 and byte not in (BLOCK, TEXT)
)
"""What a process id is made of: characters that are no status by themselves, so that the rest of a proof
that lost its beginning on a bad line is never read as an open cover."""


def ask_process_id(mark: bytes) -> bytes:
    """GS ( H fn 48: the printer sends `mark` (4 bytes of 20..7E) back once all before is printed."""
    return bytes.fromhex("1d 28 48 06 00 30 30") + mark


def mark_of(number: int) -> bytes:
    """Four printable bytes, different for 194,481 successive numbers."""
    digits = []
    for _ in range(4):
        number, digit = divmod(number, len(MARKS))
        digits.append(MARKS[digit])
    return bytes(digits)


class Blocked(TimeoutError):
    """The printer takes no bytes."""


@dataclass(slots=True, eq=False)
class _Question:
    n: int
    asked_at: float
    answer: int | None = None


class Conversation:
    """One open wire. Raises one of `devices.serial_port.LOST` when it is gone."""

    def __init__(
        self, wire: Wire, profile: Profile, answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        """`answer_within_s` is how long an answer is waited for: longer for a printer that was seen to
        answer late."""
        self.wire = wire
        self._profile = profile
        self._reader = ReplyReader()
        self._stopped = False
        self._tail = b""
        self._open: deque[_Question] = deque()
        self.answer_within_s = answer_within_s
        self._info: str | None = None
        self._told: PrinterFacts | None = None
        self.marks: set[bytes] = set()
        self.queued = 0
        self.cleared = 0
        self.junk = 0

    def facts(self) -> PrinterFacts:
        """Ask everything that the profile's printer answers; nothing after the first silence."""
        self.hear(0)
        auto = self._profile.speaks is Speaks.AUTO
        answers: dict[int, int] = {}
        for n in self._profile.questions[:1] if auto else self._profile.questions:
            answer = self._ask(n)
            if answer is None:
                break
            answers[n] = answer
        facts = facts_of(answers, self._profile)
        if auto and self._told is not None and facts.online is not None:
            facts = replace(self._told, online=facts.online)
        return self._with_port(facts)

    def glance(self) -> bool:
        """Whether the printer says that it is online, and its mouth empty: a look that found nothing
        wrong a moment ago is still true then."""
        questions = {1}
        if self._profile.presenter is not None:
            questions.add(self._profile.presenter[0])
        if self._profile.speaks is Speaks.AUTO or not questions <= set(self._profile.questions):
            return False
        self.hear(0)
        answers = {n: bits for n in sorted(questions) if (bits := self._ask(n)) is not None}
        facts = facts_of(answers, self._profile)
        return bool(facts.online) and facts.mouth in (None, Mouth.EMPTY)

    def is_there(self) -> bool:
        """Whether the printer answers at all, with all the patience that there is."""
        self.hear(0)
        question = _Question(self._profile.questions[0], time.monotonic())
        self._open.append(question)
        self.write(bytes((0x10, 0x04, question.n)))
        return self._until(lambda: question.answer is not None, ANSWER_MOST_S)

    def model(self) -> str:
        """The model's name, or "" where it does not say."""
        self._info = None
        self.write(ASK_MODEL)
        self._until(lambda: self._info is not None, INFO_WITHIN_S)
        return self._info or ""

    def tell_by_itself(self, on: bool) -> None:
        """Switch the automatic status on or off (GS a); with it on, a status comes at once."""
        self.write(AUTO_STATUS[on])
        if on:
            self._until(lambda: self._told is not None, INFO_WITHIN_S)

    def proves(self, number: int) -> bool:
        """Whether the printer, with nothing to print, answers GS ( H."""
        mark = mark_of(number)
        self.write(ask_process_id(mark))
        return self._until(lambda: mark in self.marks, INFO_WITHIN_S)

    def answers_queued(self) -> bool:
        """Whether the printer, with nothing to print, answers GS r."""
        before = self.queued
        self.write(ASK_QUEUED)
        return self._until(lambda: self.queued > before, INFO_WITHIN_S)

    @property
    def room(self) -> bool:
        """Whether the printer takes data now; waits a moment where it does not."""
        self.hear(CANCEL_SLICE_S if self._stopped else 0)
        return not self._stopped

    def write(self, command: bytes) -> None:
        """Send whole commands. Raises Blocked where the printer does not take them."""
        rest = self.push(command)
        since = time.monotonic()
        while rest:
            if time.monotonic() - since > BLOCKED_FOR_S:
                raise Blocked("the printer takes no data")
            before, rest = rest, self.push(rest, waiting=True)
            if len(rest) < len(before):
                since = time.monotonic()

    def push(self, data: bytes, *, waiting: bool = False) -> bytes:
        """Send as much of `data` as the printer takes in a moment; the rest. `waiting` data were looked
        through when they were pushed first."""
        if not waiting:
            self._guard(data)
        return data[self.wire.send(data, CANCEL_SLICE_S) :]

    def clear(self) -> bool:
        """Drop what waits to be printed; whether the printer said that it did."""
        if not self._profile.clear:
            return False
        before = self.cleared
        self.write(self._profile.clear)
        done = self._until(lambda: self.cleared > before, CLEAR_WITHIN_S)
        self._stopped = False
        return done

    def hear(self, seconds: float) -> None:
        """Take what the printer says within `seconds`, returning after the first of it."""
        for reply in self._reader.feed(self.wire.read(seconds)):
            self._take(reply)

    def close(self) -> None:
        """Give the wire back."""
        self.wire.close()

    def _guard(self, data: bytes) -> None:
        """No drawer opens here. Raises AssertionError: encode.py lets nothing of the kind through."""
        seen = self._tail + data
        if any(pulse in seen for pulse in OPENS_A_DRAWER):
            raise AssertionError("a pulse for a drawer among the bytes of a slip")
        self._tail = seen[-2:]

    def _ask(self, n: int) -> int | None:
        if not self._caught_up():
            return None
        question = _Question(n, time.monotonic())
        self._open.append(question)
        self.write(bytes((0x10, 0x04, n)))
        self._until(lambda: question.answer is not None, self.answer_within_s)
        if question.answer is None:
            self._reader.reset()
        return question.answer

    def _caught_up(self) -> bool:
        """Whether no answer is still on its way; one that does not come in time was lost."""
        if self._open:
            left = ANSWER_MOST_S - (time.monotonic() - self._open[-1].asked_at)
            if not self._until(lambda: not self._open, min(max(left, 0), ANSWER_WITHIN_S)):
                if left > ANSWER_WITHIN_S:
                    return False
                self._open.clear()
        return True

    def _with_port(self, facts: PrinterFacts) -> PrinterFacts:
        """What USB itself knows of the paper, where the printer did not say."""
        if facts.paper is not Paper.UNKNOWN or (status := self.wire.port_status()) is None:
            return facts
        out = status & PAPER_END and not status & NO_ERROR
        return replace(facts, paper=Paper.OUT) if out else facts

    def _until(self, happened: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not happened() and (left := deadline - time.monotonic()) > 0:
            self.hear(left)
        return happened()

    def _take(self, reply: Reply) -> None:
        match reply:
            case Flow():
                self._stopped = reply is Flow.STOP
            case RealTime(bits):
                self._answered(bits)
            case AutoStatus():
                self._told = facts_of_auto(reply)
            case Block(identifier, data) if identifier == PROCESS_ID:
                self.marks.add(data)
            case Block(identifier, _) if identifier == CLEARED:
                self.cleared += 1
            case Queued():
                self.queued += 1
            case Info(text):
                self._info = text
            case Junk():
                self.junk += 1
            case Block():
                return

    def _answered(self, bits: int) -> None:
        if not self._open:
            self.junk += 1
            return
        question = self._open.popleft()
        question.answer = bits
        took = time.monotonic() - question.asked_at
        if took > self.answer_within_s:
            self.answer_within_s = min(ANSWER_MOST_S, 2 * took)
