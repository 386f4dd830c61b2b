"""What becomes of a thread that hangs in a driver: it is fenced off, and the device goes on without it.

No thread can be ended from outside, and one that hangs in the kernel may return in an hour. From the
moment it is abandoned it can neither read nor change its device: each attribute raises `Abandoned`
there, so that it unwinds as soon as it returns. One watching thread serves all devices of a process,
and runs only while there are some.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, cast

HOOK_WITHIN_S = 45.0
"""Opening, probing, polling and closing take less, even a reader that is sought at every baud rate;
what takes longer hangs."""

COMMAND_GRACE_S = 15.0
"""A command that is so long past its deadline hangs: leaving the device at rest takes a few seconds."""

LOOK_EVERY_S = 0.5

STUCK_MOST = 3
"""So many threads may hang in one device's driver at a time; until one of them returns the device is
not opened again, so that a driver that always hangs does not fill the process with threads."""


class Abandoned(BaseException):
    """This thread was given up, and its device belongs to another."""


class Watched(Protocol):
    """What the watching thread looks after."""

    def give_up_if_hanging(self) -> None:
        """Abandon a worker that is overdue."""
        ...


class HangWatch:
    """The one thread that looks whether workers hang."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._watched: set[Watched] = set()
        self._thread: threading.Thread | None = None
        self._changed = threading.Event()

    def add(self, device: Watched) -> None:
        """Look after `device`."""
        with self._guard:
            self._watched.add(device)
            if self._thread is None:
                self._changed.clear()
                self._thread = threading.Thread(
                    target=self._run, args=(self._changed,), name="device-watch", daemon=True
                )
                self._thread.start()

    def remove(self, device: Watched) -> None:
        """Look after `device` no more; with the last one the thread ends."""
        with self._guard:
            self._watched.discard(device)
            if self._watched or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._changed.set()
            self._changed = threading.Event()
        if thread is not threading.current_thread():
            thread.join()

    def _run(self, ended: threading.Event) -> None:
        while not ended.wait(LOOK_EVERY_S):
            with self._guard:
                watched = tuple(self._watched)
            for device in watched:
                device.give_up_if_hanging()


WATCH = HangWatch()


class Fence:
    """The threads that a device gave up and that have not returned yet."""

    def __init__(self) -> None:
        self._outside: set[int] = set()

    def shut_out(self, device: object, thread: threading.Thread) -> None:
        """From now on `thread` cannot touch `device`."""
        if thread.ident is not None:
            self._outside.add(thread.ident)
        kind: Any = type(device)
        if not getattr(kind, "fenced", False):
            device.__class__ = _fenced(kind)

    def returned(self, thread: int) -> bool:
        """That thread unwinds, and its number may belong to another soon; whether it was given up."""
        outside = thread in self._outside
        self._outside.discard(thread)
        return outside

    def __len__(self) -> int:
        return len(self._outside)

    def keeps_out(self, thread: int) -> bool:
        """Whether that thread was given up."""
        return thread in self._outside


@cache
def _fenced(kind: type[Any]) -> type[Any]:
    """The same class with a fence around its attributes: only devices that ever hung pay for it."""

    def guarded(access: Callable[..., Any]) -> Callable[..., Any]:
        def touch(self: Any, *given: Any) -> Any:
            fence = cast(Fence, object.__getattribute__(self, "fence"))
            if fence.keeps_out(threading.get_ident()):
                raise Abandoned
            return access(self, *given)

        return touch

    attributes = {
        "fenced": True,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__getattribute__": guarded(kind.__getattribute__),
        "__setattr__": guarded(kind.__setattr__),
    }
    return type(kind.__name__, (kind,), attributes)
