"""The one base class of every device: its worker thread, its lifecycle, its health.

One thread owns one device; callers await `command`. The thread opens the port, probes who is there,
polls while idle, and reconnects with backoff when the port is lost. Each loss and each return is
told to the listeners once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

from devices.faults import fault
from devices.serial_port import LOST
from devices.status import DeviceState, Failed, Fault, Health, Outcome, Result

T = TypeVar("T")

POLL_INTERVAL_S = 1.0
"""How often an idle device is asked how it is: a person sees the screen follow within a second."""

RECONNECT_FIRST_S = 0.5
"""The first try after a loss: a cable that was only touched is back by then."""

RECONNECT_MOST_S = 10.0
"""The longest pause between two tries."""

CANCEL_SLICE_S = 0.02
"""The longest wait on a port before looking whether the command was cancelled."""

CLOSE_WITHIN_S = 3.0
"""How long `close` waits for the worker to leave the device at rest."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a device's own test found: named facts, and lines for a technician to read."""

    __test__ = False

    facts: Mapping[str, str]
    lines: tuple[str, ...]


class Cancel:
    """A command's deadline and whether its caller still wants it. Safe from any thread."""

    def __init__(self, timeout_s: float) -> None:
        self._deadline = time.monotonic() + timeout_s
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
        return max(0.0, self._deadline - time.monotonic())

    def wait(self, seconds: float) -> bool:
        """Wait; True as soon as the command must end."""
        self._asked.wait(min(seconds, self.remaining()))
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
class _Job:
    work: Callable[[Cancel], Result[Any]]
    cancel: Cancel
    deliver: Callable[[Result[Any] | BaseException], None]


@dataclass(slots=True)
class _Status:
    state: DeviceState = DeviceState.STARTING
    fault: Fault | None = None
    facts: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    since: float = field(default_factory=time.time)


class Device(ABC):
    """A device at a port. Subclasses fill the hooks, which only the worker thread calls."""

    kind: ClassVar[str]
    type_name: ClassVar[str]
    poll_interval_s: ClassVar[float] = POLL_INTERVAL_S

    def __init__(self, name: str, port: str) -> None:
        self.name = name
        self.port = port
        self._status = _Status()
        self._guard = threading.Lock()
        self._listeners: list[Callable[[Health], None]] = []
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._stopping = threading.Event()
        self._under_way: Cancel | None = None
        self._thread: threading.Thread | None = None

    # --- for callers -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker thread. Starting twice is the same as once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"{self.name}", daemon=True)
            self._thread.start()

    def close(self, timeout_s: float = CLOSE_WITHIN_S) -> None:
        """End the worker: a command under way is given up, the device left at rest, its port closed."""
        self._stopping.set()
        under_way = self._under_way
        if under_way is not None:
            under_way.ask()
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def health(self) -> Health:
        """The device at this moment."""
        with self._guard:
            return self._snapshot()

    def listen(self, listener: Callable[[Health], None]) -> Callable[[], None]:
        """Call `listener` on the worker thread whenever state, fault or facts change; returns what
        ends it."""
        with self._guard:
            self._listeners.append(listener)

        def unlisten() -> None:
            with self._guard:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unlisten

    async def command(self, work: Callable[[Cancel], Result[T]], timeout_s: float) -> Result[T]:
        """Run `work` on the worker thread, within `timeout_s`.

        A device that is not there fails at once. Cancelling the await gives `work` up and waits
        until it has left the device at rest.
        """
        health = self.health()
        if not health.usable or self._stopping.is_set():
            return Failed(Outcome.DEVICE_NOT_READY, health.fault or fault("device.starting"))
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Result[T]] = loop.create_future()
        cancel = Cancel(timeout_s)

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

        self._jobs.put(_Job(work, cancel, deliver))
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            cancel.ask()
            await asyncio.wait({ended})
            raise

    @abstractmethod
    async def test(self) -> Result[TestReport]:
        """A real command to the device, and what it found."""

    # --- hooks, on the worker thread -------------------------------------------------------------

    @abstractmethod
    def _open(self) -> None:
        """Open the port. Raises one of `LOST`."""

    @abstractmethod
    def _close(self) -> None:
        """Leave the device at rest where it still answers, and close the port."""

    @abstractmethod
    def _probe(self) -> Failed | None:
        """Make sure that the right device answers; what is wrong otherwise."""

    def _poll(self) -> None:
        """Ask an idle device how it is."""
        return

    def _set(
        self,
        *,
        state: DeviceState | None = None,
        fault: Fault | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Say how the device is; with `state`, `fault` replaces what was wrong. Facts are merged."""
        with self._guard:
            now = self._status
            before = (now.state, now.fault, dict(now.facts))
            if facts:
                now.facts.update(facts)
            if state is not None:
                if state is not now.state:
                    now.since = time.time()
                now.state, now.fault = state, fault
            if (now.state, now.fault, now.facts) == before:
                return
            health, listeners = self._snapshot(), tuple(self._listeners)
        for listener in listeners:
            listener(health)

    def _count(self, name: str, by: int = 1) -> None:
        with self._guard:
            self._status.counters[name] = self._status.counters.get(name, 0) + by

    # --- the worker ------------------------------------------------------------------------------

    def _snapshot(self) -> Health:
        now = self._status
        return Health(
            self.name, self.kind, self.type_name, self.port, now.state, now.fault,
            dict(now.facts), dict(now.counters), now.since,
        )  # fmt: skip

    def _run(self) -> None:
        pause = RECONNECT_FIRST_S
        while not self._stopping.is_set():
            problem = self._connect()
            if problem is None:
                pause = RECONNECT_FIRST_S
                self._set(state=DeviceState.ONLINE)
                self._serve()
            else:
                self._set(state=_state_for(problem), fault=problem)
            if not self._stopping.is_set():
                self._refuse_until(time.monotonic() + pause)
                pause = min(pause * 2, RECONNECT_MOST_S)
        self._disconnect()
        self._answer_waiting()

    def _answer_waiting(self) -> None:
        """Nobody waits for a device that was closed."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.deliver(Failed(Outcome.CANCELED, fault("device.cancelled")))

    def _connect(self) -> Fault | None:
        try:
            self._open()
            failed = self._probe()
        except LOST as error:
            self._disconnect()
            return _lost(error)
        if failed is not None:
            self._disconnect()
            return failed.fault
        return None

    def _disconnect(self) -> None:
        try:
            self._close()
        except LOST:
            return

    def _serve(self) -> None:
        """Work until the port is lost or the device closed."""
        due = time.monotonic() + self.poll_interval_s
        while not self._stopping.is_set():
            try:
                job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                job = None
                if not self._guarded(self._poll):
                    return
                due = time.monotonic() + self.poll_interval_s
            if job is not None and not self._perform(job):
                return

    def _perform(self, job: _Job) -> bool:
        if job.cancel.over:
            job.deliver(job.cancel.failed())
            return True
        self._under_way = job.cancel
        if self._stopping.is_set():
            job.cancel.ask()
        try:
            result = job.work(job.cancel)
        except LOST as error:
            self._lose(error)
            job.deliver(Failed(Outcome.DEVICE_NOT_READY, _lost(error)))
            return False
        except BaseException as error:  # noqa: BLE001 - a bug of the command is its caller's to see
            job.deliver(error)
            return True
        finally:
            self._under_way = None
        job.deliver(result)
        return True

    def _guarded(self, hook: Callable[[], None]) -> bool:
        try:
            hook()
        except LOST as error:
            self._lose(error)
            return False
        return True

    def _lose(self, error: BaseException) -> None:
        self._disconnect()
        self._count("lost")
        self._set(state=DeviceState.OFFLINE, fault=_lost(error))

    def _refuse_until(self, until: float) -> None:
        """While there is no device, tell each command so at once."""
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            try:
                job = self._jobs.get(timeout=left)
            except queue.Empty:
                return
            if job is not None:
                problem = self.health().fault or fault("device.starting")
                job.deliver(Failed(Outcome.DEVICE_NOT_READY, problem))


def _lost(error: BaseException) -> Fault:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    number = getattr(error, "errno", None) or number
    code = {2: "port.missing", 13: "port.forbidden", 11: "port.busy", 16: "port.busy"}.get(
        number or 0, "port.lost"
    )
    return replace(fault(code), detail=f"errno {number}" if number else "")


def _state_for(problem: Fault) -> DeviceState:
    if problem.code == "port.missing":
        return DeviceState.NO_DEVICE
    if problem.code.startswith(("port.", "device.silent")):
        return DeviceState.OFFLINE
    return DeviceState.HARDWARE_ERROR
