"""Hanzi from pinyin: asks the engine's process (engine.py) and never waits for it.

libgooglepinyin may end the process it runs in by an assertion, and what was typed into it stays in its
memory; so each visit has one of its own. It is started at the first question, started again where it
dies, and killed when the visit ends. Answers come in the order of the questions, by the event loop.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from kiosk.log import log
from screens.keyboard.engine import MISSING, READY

COMMAND = (sys.executable, "-I", "-S", str(Path(__file__).with_name("engine.py")))
"""A bare interpreter: 6.2 MiB (PSS), ready after 0.1 s (measured)."""

START_WITHIN_S = 20.0
"""A start takes 0.1 s; a machine that needs longer than this has other troubles than hanzi."""

ANSWER_WITHIN_S = 8.0
"""An answer takes 0.5 ms, on a busy machine more. Letters can be typed meanwhile; one that takes longer
than this hangs."""

IN_TIME_MS = 2
"""The picture waits so long for an answer; the next one is 16 ms later (60 a second)."""

MOST_TRIES = 2
"""A question that ended two processes has no answer; one may have ended by chance."""

MOST_FAILURES = 4
"""Processes that end one after the other without an answer: then this visit has no hanzi."""

LONGEST_ANSWER = 1 << 16
"""Bytes: twice what 1200 candidates take."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hanzi, and how many of the letters they stand for, from the beginning."""

    text: str
    letters: int


Answer = Callable[[Sequence[Candidate] | None], None]
"""Takes what was found; None where there is no engine any more."""

Engine = Callable[[str, Answer], None]
"""Hanzi for pinyin, the likeliest first; asked for "" once nothing waits any more, so that it forgets."""


@dataclass(slots=True)
class _Question:
    number: int
    letters: str
    answer: Answer
    tries: int = 0


class Pinyin:
    """The engine's process, as often as it must be started. Belongs to the running event loop."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.asked = 0
        self.gone = False
        self._command = command
        self._loop = asyncio.get_running_loop()
        self._questions: deque[_Question] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._ready = False
        self._said = bytearray()
        self._failures = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._idle: list[asyncio.Future[None]] = []

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._process is None else self._process.pid

    def is_of(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether its answers come by `loop`."""
        return self._loop is loop

    def ask(self, letters: str, answer: Answer) -> None:
        """Ask what `letters` can be; `answer` is called from here where the engine is as quick as it
        usually is, else later."""
        self.asked += 1
        self._questions.append(_Question(self.asked, letters, answer))
        if self.gone:
            self._loop.call_soon(self._give_up)
        elif self._process is None:
            self._start()
        else:
            self._send()
            self._look()

    async def answered(self) -> bool:
        """Wait until no question is open; whether one was."""
        waited = bool(self._questions)
        while self._questions:
            idle = self._loop.create_future()
            self._idle.append(idle)
            await idle
        return waited

    def close(self) -> None:
        """End the process; open questions have no answer any more."""
        self.gone = True
        self._questions.clear()
        self._end()
        self._wake()

    # --- the process -----------------------------------------------------------------------------

    def _start(self) -> None:
        ours, its = socket.socketpair()
        with its:
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=its.fileno(), stdout=its.fileno(), stderr=subprocess.DEVNULL,
                    cwd="/", env=_environment(), start_new_session=True,
                )  # fmt: skip
            except OSError:
                ours.close()
                self._loop.call_soon(self._give_up)
                return
        ours.setblocking(False)
        self._line = ours
        self._loop.add_reader(ours, self._read)
        self._deadline = self._loop.call_later(START_WITHIN_S, self._fail)

    def _send(self) -> None:
        """Put the first question, once it is ready for it and none is under way."""
        waits = self._ready and self._deadline is None
        if self._line is None or not self._questions or not waits:
            return
        question = self._questions[0]
        question.tries += 1
        self._deadline = self._loop.call_later(ANSWER_WITHIN_S, self._fail)
        try:
            self._line.send(f"{question.number} {question.letters}\n".encode("ascii", "replace"))
        except OSError:  # it ended: what was read up to now tells nothing more
            self._fail()

    def _look(self) -> None:
        """Take the answer with the picture that comes next, where it comes in time for it."""
        if self._line is not None and self._ready and len(self._questions) == 1:
            poll = select.poll()
            poll.register(self._line, select.POLLIN)
            if poll.poll(IN_TIME_MS):
                self._read()

    def _read(self) -> None:
        if self._line is None:
            return
        try:
            said = self._line.recv(LONGEST_ANSWER)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        self._said += said
        while b"\n" in self._said:
            end = self._said.index(b"\n") + 1
            line = bytes(self._said[:end])
            del self._said[:end]
            if not self._take(line):
                return
        if not said or len(self._said) > LONGEST_ANSWER:
            self._fail()

    def _take(self, line: bytes) -> bool:
        """Take a line that it said; whether to go on with this process."""
        if not self._ready and line == MISSING:
            self._give_up()
            return False
        if not self._ready and line == READY:
            self._ready = True
            self._rest()
            self._send()
            return True
        found = self._understood(line)
        if found is None:
            self._fail()
            return False
        self._failures = 0
        self._rest()
        self._answer(found)
        self._send()
        return self._ready

    def _understood(self, line: bytes) -> list[Candidate] | None:
        """The candidates of an answer to the first question; None where it is none."""
        if not self._ready or self._deadline is None or not self._questions:
            return None
        try:
            number, *words = line.decode().rstrip("\n").split("\t")
            pairs = [word.rsplit(" ", 1) for word in words]
            found = [Candidate(text, int(letters)) for text, letters in pairs]
        except ValueError:
            return None
        question = self._questions[0]
        sound = all(one.text and 0 < one.letters <= len(question.letters) for one in found)
        return found if sound and number == str(question.number) else None

    def _answer(self, found: Sequence[Candidate] | None) -> None:
        try:
            self._questions.popleft().answer(found)
        finally:
            self._wake()

    def _fail(self) -> None:
        """It ended, hangs, or talks nonsense: another one, while there is something to ask."""
        asked = self._ready and bool(self._questions)
        self._end()
        if not self._questions:
            return
        self._failures += 1
        log("pinyin.failed", failures=self._failures)
        if self._failures >= MOST_FAILURES:
            self._give_up()
            return
        if asked and self._questions[0].tries >= MOST_TRIES:
            self._answer(())
        if self._questions and self._process is None and not self.gone:
            self._start()

    def _give_up(self) -> None:
        if not self.gone:
            log("pinyin.gone", failures=self._failures)
        self.gone = True
        self._end()
        while self._questions:
            self._answer(None)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._rest()
        self._ready = False
        self._said.clear()
        if self._line is not None:
            self._loop.remove_reader(self._line)
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            Thread(target=self._process.wait, name="pinyin-ended").start()  # leaves no zombie
            self._process = None

    def _wake(self) -> None:
        if not self._questions:
            idle, self._idle = self._idle, []
            for one in idle:
                if not one.done():
                    one.set_result(None)


def _environment() -> dict[str, str]:
    """What the linker needs to find the library, and nothing else."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


_engine: Pinyin | None = None


def pinyin() -> Pinyin:
    """The engine of this visit, on the running event loop."""
    global _engine
    if _engine is None or not _engine.is_of(asyncio.get_running_loop()):
        let_go()
        _engine = Pinyin()
    return _engine


def questions() -> int:
    """How many questions this visit has asked."""
    return 0 if _engine is None else _engine.asked


async def answered() -> bool:
    """Wait until no question of this visit is open; whether one was."""
    return _engine is not None and await _engine.answered()


def let_go() -> None:
    """End this visit's engine and all that it remembers; the next question starts another."""
    global _engine
    engine, _engine = _engine, None
    if engine is not None:
        engine.close()
