"""Where blocking work runs: a bounded pool of threads, so that the screen never waits on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

POOL_THREADS = 8
"""More than the calls one visit and the payment desk make at once; a hung department cannot eat all."""


class Calls(Protocol):
    """Runs a blocking function and awaits its value."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...


class CallPool:
    """`Calls` on threads. Cancelling the await leaves the call to its own deadline."""

    def __init__(self, threads: int = POOL_THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="call")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Take no more calls; those under way end at their own deadlines."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Errands:
    """Work that goes on while the citizen does something else: a rating sent, a call asked after."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` until it ends by itself or the terminal closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Cancel what is still under way and wait for it."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
