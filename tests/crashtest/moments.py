"""The moments at which a terminal may die: before and after every write and every call.

Each is reported through a pipe before anything else happens, so that the one who kills knows it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from kiosk.journal import Journal
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus

T = TypeVar("T")


class Moments:
    """Tells each moment to the pipe; at the first of the `fatal` ones this process is killed."""

    def __init__(self, pipe: int, fatal: Collection[str]) -> None:
        self._pipe = pipe
        self._fatal = fatal

    def say(self, kind: str, *words: str) -> None:
        """One line to the parent: less than PIPE_BUF, so whole or not at all (pipe(7))."""
        os.write(self._pipe, "\t".join((kind, *words)).encode() + b"\n")

    def at(self, name: str) -> None:
        """This moment is here."""
        self.say("moment", name)
        if name in self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, work: Callable[[], T]) -> T:
        """Do `work` between two moments."""
        self.at(f"before {name}")
        done = work()
        self.at(f"after {name}")
        return done


class MortalJournal(Journal):
    """A journal whose every write may be the last act; what it has acknowledged is told."""

    moments: Moments

    def begin(self, order: Order, status: PaymentStatus) -> bool:
        taken = self.moments.around(
            "begin", lambda: super(MortalJournal, self).begin(order, status)
        )
        if taken:
            self.moments.say("written", status.out_trade_no, status.state.value)
        return taken

    def advance(self, before: PayState, after: PaymentStatus, cause: str, digest: str = "") -> None:
        step = f"{before.value}>{after.state.value}"
        self.moments.around(
            step, lambda: super(MortalJournal, self).advance(before, after, cause, digest)
        )
        self.moments.say("written", after.out_trade_no, after.state.value)


class LateJournal(MortalJournal):
    """The mistake that the crash test must find: nothing is written until the next call is back."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._owed: list[Callable[[], Any]] = []
        self._owing = threading.Lock()

    def begin(self, order: Order, status: PaymentStatus) -> bool:
        self._owe(lambda: super(LateJournal, self).begin(order, status))
        return True

    def advance(self, before: PayState, after: PaymentStatus, cause: str, digest: str = "") -> None:
        self._owe(lambda: super(LateJournal, self).advance(before, after, cause, digest))

    def pay_up(self) -> None:
        """Write what is owed."""
        with self._owing:
            owed, self._owed = self._owed, []
            for write in owed:
                write()

    def _owe(self, write: Callable[[], Any]) -> None:
        with self._owing:
            self._owed.append(write)


class MortalClient:
    """A department's client whose every call may be the last act."""

    def __init__(
        self, client: Any, moments: Moments, after: Callable[[], None], whose: str = ""
    ) -> None:
        self._client = client
        self._whose = f"{whose} " if whose else ""
        self._moments = moments
        self._after = after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def mortal(*given: Any, **named: Any) -> Any:
            reply = self._moments.around(f"{self._whose}{name}", lambda: call(*given, **named))
            self._after()
            return reply

        return mortal
