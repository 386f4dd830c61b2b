"""A command to a device: its deadline, whether it is still wanted, and where its result goes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from devices.clock import SYSTEM, Clock
from devices.faults import fault
from devices.status import Failed, Outcome, Result

T = TypeVar("T")

CANCEL_SLICE_S = 0.02
"""The longest wait on a port before looking whether the command was cancelled."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a device's own test found: named facts, and lines for a technician to read."""

    __test__ = False

    facts: Mapping[str, str]
    lines: tuple[str, ...]


class Cancel:
    """A command's deadline and whether its caller still wants it. Safe from any thread."""

    def __init__(self, timeout_s: float, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._deadline = clock.monotonic() + timeout_s
        self._asked = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the caller gave the command up."""
        return self._asked.is_set()

    @property
    def over(self) -> bool:
        """Whether the command must end: given up, or out of time."""
        return self.cancelled or self.remaining() <= 0

    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self._deadline - self._clock.monotonic())

    def wait(self, seconds: float) -> bool:
        """Wait; True as soon as the command must end."""
        self._clock.wait(self._asked, max(0.0, min(seconds, self.remaining())))
        return self.over

    def ask(self) -> None:
        """Give the command up."""
        self._asked.set()

    def failed(self) -> Failed:
        """How a command ends that is `over`."""
        if self.cancelled:
            return Failed(Outcome.CANCELED, fault("device.cancelled"))
        return Failed(Outcome.TIMEOUT, fault("device.timeout"))


@dataclass(slots=True, eq=False)
class Job:
    """A command on its way to the worker. `deliver` takes its result, or the bug that it met; what
    comes after the first is dropped."""

    work: Callable[[Cancel], Result[Any]]
    cancel: Cancel
    deliver: Callable[[Result[Any] | BaseException], None]


async def perform(
    put: Callable[[Job], None], work: Callable[[Cancel], Result[T]], cancel: Cancel
) -> Result[T]:
    """Have a worker that takes jobs by `put` do `work`; its result. A bug that it met is raised.

    Cancelling the await gives `work` up and waits until it has left the device at rest.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result[T]] = loop.create_future()

    def deliver(result: Result[Any] | BaseException) -> None:
        def settle() -> None:
            if ended.done():
                return
            if isinstance(result, BaseException):
                ended.set_exception(result)
            else:
                ended.set_result(result)

        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the caller's loop is closed: nobody waits any more
            return

    put(Job(work, cancel, deliver))
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        cancel.ask()
        await asyncio.wait({ended})
        raise
