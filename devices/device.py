"""The one base class of every device: its worker thread, its lifecycle, its health.

One thread owns one device; callers await `command`. The thread opens the port, probes who is there,
polls while idle, and reconnects with backoff when the port is lost, at once when hot-plug says that it
is back (devices/hotplug.py). Each loss and each return is told to the listeners once; a device that
comes and goes is held until it stays (devices/flapping.py); a thread that hangs in a driver is given up
and the device opened again by another (devices/hanging.py).
"""

from __future__ import annotations

import os
import queue
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from devices.commands import CANCEL_SLICE_S, Cancel, Job, TestReport, perform
from devices.faults import fault
from devices.hanging import COMMAND_GRACE_S, HOOK_WITHIN_S, STUCK_MOST, WATCH, Abandoned, Fence
from devices.identity import identity_facts
from devices.losses import FLAPPING, HUNG, STUCK, bug, loss, state_for
from devices.reporting import Reporting
from devices.serial_port import LOST, claim, let_go_of
from devices.status import DeviceState, Failed, Fault, Outcome, Result

__all__ = ["CANCEL_SLICE_S", "LOST", "Cancel", "Device", "TestReport"]

T = TypeVar("T")

POLL_INTERVAL_S = 1.0
"""How often an idle device is asked how it is: a person sees the screen follow within a second."""

RECONNECT_FIRST_S = 0.5
"""The first try after a loss: a cable that was only touched is back by then."""

RECONNECT_MOST_S = 10.0
"""The longest pause between two tries."""

NODE_LOOK_S = 0.5
"""How often it is looked whether a device file that was not there has come, where no udev tells."""

CLOSE_WITHIN_S = 3.0
"""How long `close` waits for the worker to leave the device at rest."""

EXCLUSIVE = ("socket://", "rfc2217://", "usb:")
"""Addresses that one device has to itself although nothing in the kernel says so."""

PORT_FORM = r"^(/\S+|[a-z][a-z0-9+]*://?\S+|[a-z]+:\S+|[\w.-]+@[\w.:-]+)$"
"""A device file, a URL, `usb:0416:5011` and the like, or `ups@host`."""


@dataclass(slots=True, eq=False)
class _Session:
    """One worker thread's time with the device. `overdue_at` is when it counts as hanging."""

    thread: threading.Thread
    overdue_at: float | None = None
    job: Job | None = None


class _Came:
    """Hot-plug tells that the port's device was plugged in."""


class _Went:
    """Hot-plug tells that the port's device was pulled."""


class Device(Reporting, ABC):
    """A device at a port. Subclasses fill the hooks, which only the worker thread calls.

    `port_form` is a regular expression that its ports match. `clock` is the one that it lives by.
    """

    poll_interval_s: ClassVar[float] = POLL_INTERVAL_S
    port_form: ClassVar[str] = PORT_FORM
    hook_within_s: float = HOOK_WITHIN_S
    command_grace_s: float = COMMAND_GRACE_S

    def __init__(self, name: str, port: str) -> None:
        super().__init__(name, port)
        self.fence = Fence()
        self._jobs: queue.Queue[Job | type[_Came] | type[_Went] | None] = queue.Queue()
        self._stopping = threading.Event()
        self._session: _Session | None = None
        self._claim: socket.socket | None = None

    # --- for callers -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker thread. Starting twice is the same as once."""
        with self._guard:
            if self._session is not None or self._stopping.is_set():
                return
            self._begin_session()
        WATCH.add(self)

    def close(self, timeout_s: float = CLOSE_WITHIN_S) -> None:
        """End the worker: a command under way is given up, the device left at rest, its port closed.

        Returns after `timeout_s` at the latest; a worker that hangs is abandoned.
        """
        self._stopping.set()
        WATCH.remove(self)
        with self._guard:
            session = self._session
        if session is None:
            return
        if session.job is not None:
            session.job.cancel.ask()
        self._jobs.put(None)
        session.thread.join(timeout_s)
        if session.thread.is_alive():
            with self._guard:
                job = self._abandon(session)
            self._give_up(job)
            self._answer_waiting()

    def plugged(self, there: bool) -> None:
        """Hot-plug saw the port's device come or go: connect, or count it as lost, at once."""
        self._jobs.put(_Came if there else _Went)

    async def command(self, work: Callable[[Cancel], Result[T]], timeout_s: float) -> Result[T]:
        """Run `work` on the worker thread, within `timeout_s`.

        A device that is not there fails at once. Cancelling the await gives `work` up and waits
        until it has left the device at rest.
        """
        health = self.health()
        if not health.usable or self._stopping.is_set():
            return Failed(Outcome.DEVICE_NOT_READY, health.fault or fault("device.starting"))
        return await perform(self._jobs.put, work, Cancel(timeout_s, self.clock))

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

    # --- the worker ------------------------------------------------------------------------------

    def _begin_session(self) -> None:
        thread = threading.Thread(
            target=_live, args=(self, self.fence), name=self.name, daemon=True
        )
        self._session = _Session(thread)
        thread.start()

    def _run(self) -> None:
        pause = RECONNECT_FIRST_S
        while not self._stopping.is_set():
            problem = STUCK if len(self.fence) >= STUCK_MOST else self._connect()
            if problem is None:
                pause = RECONNECT_FIRST_S
                self._flaps.back(self.clock.monotonic())
                self._set_as_found()
                self._serve()
            else:
                self._set(state=state_for(problem), fault=problem)
            if not self._stopping.is_set():
                self._refuse_until(self.clock.monotonic() + pause)
                pause = min(pause * 2, RECONNECT_MOST_S)
        self._disconnect()
        self._answer_waiting()

    def _set_as_found(self) -> None:
        """Say what the adapter said while it did not count yet."""
        state, found = self._found or (DeviceState.ONLINE, None)
        self._set(state=state, fault=found)

    def _answer_waiting(self) -> None:
        """Nobody waits for a device that was closed."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if isinstance(job, Job):
                job.deliver(Failed(Outcome.CANCELED, fault("device.cancelled")))

    def _connect(self) -> Fault | None:
        self._connecting, self._found = True, None
        problem = self._reach()
        self._connecting = False
        return problem

    def _reach(self) -> Fault | None:
        try:
            if self.port.startswith(EXCLUSIVE):
                self._claim = claim(f"device/{self.port}")
            self._timed(self._open)
            failed = self._timed(self._probe)
        except LOST as error:
            problem: Fault | None = loss(error)
        except Exception as error:  # noqa: BLE001 - a bug of an adapter is a fault of its device
            problem = bug(error)
        else:
            problem = failed.fault if failed is not None else None
        if problem is not None:
            self._disconnect()
            return problem
        self._set(facts=identity_facts(self.port))
        return None

    def _disconnect(self) -> None:
        try:
            self._timed(self._close)
        except Exception:  # noqa: BLE001 - whatever closing met, the port is given up
            self._count("close_failed")
        self._unclaim()

    def _unclaim(self) -> None:
        held, self._claim = self._claim, None
        if held is not None:
            held.close()

    def _serve(self) -> None:
        """Work until the port is lost or the device closed."""
        due = self.clock.monotonic() + self.poll_interval_s
        while not self._stopping.is_set():
            try:
                job = self.clock.take(self._jobs, max(0.0, due - self.clock.monotonic()))
            except queue.Empty:
                job = None
                if not self._guarded(self._poll):
                    return
                due = self.clock.monotonic() + self.poll_interval_s
                if self._flaps.answers(self.clock.monotonic()):
                    self._set_as_found()
            if job is _Went:
                self._lose(fault("port.lost", "pulled"))
                return
            if isinstance(job, Job) and not self._perform(job):
                return

    def _perform(self, job: Job) -> bool:
        if job.cancel.over:
            job.deliver(job.cancel.failed())
            return True
        if self._flaps.held:
            job.deliver(Failed(Outcome.DEVICE_NOT_READY, FLAPPING))
            return True
        self._now_doing(job)
        if self._stopping.is_set():
            job.cancel.ask()
        try:
            result = self._timed(
                lambda: job.work(job.cancel), job.cancel.remaining() + self.command_grace_s
            )
        except LOST as error:
            self._lose(loss(error))
            job.deliver(Failed(Outcome.DEVICE_NOT_READY, loss(error)))
            return False
        except Abandoned:
            raise
        except BaseException as error:  # noqa: BLE001 - a bug of the command is its caller's to see
            job.deliver(error)
            return True
        finally:
            self._now_doing(None)
        job.deliver(result)
        return True

    def _guarded(self, hook: Callable[[], None]) -> bool:
        try:
            self._timed(hook)
        except LOST as error:
            self._lose(loss(error))
            return False
        except Exception as error:  # noqa: BLE001 - a bug of an adapter is a fault of its device
            self._lose(bug(error))
            return False
        return True

    def _lose(self, problem: Fault) -> None:
        self._disconnect()
        self._count("lost")
        self._flaps.lost(self.clock.monotonic())
        self._set(state=DeviceState.OFFLINE, fault=problem)

    def _refuse_until(self, until: float) -> None:
        """While there is no device, tell each command so at once. Ends early when its port comes."""
        problem = self.health().fault
        missing = problem is not None and problem.code == "port.missing"
        awaited = missing and self.port.startswith("/")
        while not self._stopping.is_set() and (left := until - self.clock.monotonic()) > 0:
            try:
                job = self.clock.take(self._jobs, min(left, NODE_LOOK_S) if awaited else left)
            except queue.Empty:
                if awaited and os.path.exists(self.port):
                    return
                continue
            if job is _Came:
                return
            if isinstance(job, Job):
                why = self.health().fault or fault("device.starting")
                job.deliver(Failed(Outcome.DEVICE_NOT_READY, why))

    # --- hanging ---------------------------------------------------------------------------------

    def _timed(self, hook: Callable[[], T], within_s: float | None = None) -> T:
        """Call what may hang: the watching thread gives this thread up after `within_s`."""
        self._due(self.clock.monotonic() + (self.hook_within_s if within_s is None else within_s))
        try:
            return hook()
        finally:
            self._due(None)

    def _due(self, at: float | None) -> None:
        with self._guard:
            if self._session is not None:
                self._session.overdue_at = at

    def _now_doing(self, job: Job | None) -> None:
        with self._guard:
            if self._session is not None:
                self._session.job = job

    def give_up_if_hanging(self) -> None:
        """Abandon a worker that is overdue, and open the device anew with another."""
        with self._guard:
            session = self._session
            due = session.overdue_at if session is not None else None
            if session is None or due is None or self.clock.monotonic() < due:
                return
            job = self._abandon(session)
        self._give_up(job)
        self._set(
            state=DeviceState.OFFLINE, fault=HUNG, facts={"stuck_threads": str(len(self.fence))}
        )
        with self._guard:
            if not self._stopping.is_set():
                self._begin_session()

    def _abandon(self, session: _Session) -> Job | None:
        """Fence off a worker that hangs; the command that it was at. Under the guard."""
        self.fence.shut_out(self, session.thread)
        self._session = None
        self._connecting = False
        self._unclaim()
        if session.thread.ident is not None:
            let_go_of(session.thread.ident)
        return session.job

    def _give_up(self, job: Job | None) -> None:
        self._count("hung")
        if job is not None:
            job.deliver(Failed(Outcome.DEVICE_NOT_READY, HUNG))

    def returned(self) -> None:
        """A thread that was given up came back from its driver and ended."""
        self._set(facts={"stuck_threads": str(len(self.fence))})


def _live(device: Device, fence: Fence) -> None:
    """A worker thread's life."""
    me = threading.get_ident()
    try:
        device._run()
    except Exception:
        if not fence.keeps_out(me):
            raise
    except Abandoned:
        return
    finally:
        if fence.returned(me):
            device.returned()
