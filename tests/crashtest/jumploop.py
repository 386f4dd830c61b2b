"""An event loop for which no time is lost: where nobody is at work, its clock jumps to what comes next.

While a call is under way in a thread, time passes as it does on the wall, so that answers and their
deadlines stay true. A terminal's day of asking thus takes as long as its calls.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from kiosk.calls import CallPool

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST_JUMP_S = 0.05
"""Less is waited for: a jump costs a call to the departments, whose clock jumps along."""


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Waits only while somebody is at work; otherwise jumps."""

    def __init__(self, jump: Callable[[float], bool]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout < SHORTEST_JUMP_S:
            return super().select(timeout)
        ready = super().select(0)
        return ready if ready or self._jump(timeout) else super().select(timeout)


class JumpLoop(asyncio.SelectorEventLoop):
    """`jumped` is told of every jump, in seconds, before the loop's own clock makes it."""

    def __init__(self, jumped: Callable[[float], None]) -> None:
        super().__init__(_JumpingSelector(self._jump))
        self.at_work = 0
        self._ahead_s = 0.0
        self._jumped = jumped

    def time(self) -> float:
        return time.monotonic() + self._ahead_s

    def _jump(self, seconds: float) -> bool:
        """Whether it could jump: nobody is at work."""
        if self.at_work:
            return False
        self._jumped(seconds)
        self._ahead_s += seconds
        return True


class WatchedCalls:
    """A pool of threads whose calls hold the loop's clock to the wall's."""

    def __init__(self, loop: JumpLoop) -> None:
        self._loop = loop
        self._pool = CallPool()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._loop.at_work += 1

        def work() -> T:
            try:
                return function(*args, **kwargs)
            finally:
                self._loop.call_soon_threadsafe(self._done)

        return await self._pool.run(work)

    def _done(self) -> None:
        self._loop.at_work -= 1
