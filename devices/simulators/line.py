"""The line of a simulated device: a pty or a TCP port that carries bytes at the baud rate.

`Simulator` is the base of the three devices. It owns one thread with one selector: bytes come in,
answers go out one at a time as the wire would carry them, the cable can be pulled and put back, and
a control socket takes one JSON object a line. The device's own rules are in the subclasses, in hooks
that only this thread calls.
"""

from __future__ import annotations

import errno
import fcntl
import heapq
import itertools
import os
import pty
import selectors
import socket
import tempfile
import termios
import threading
import time
import tty
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from devices.simulators.control import ControlSocket
from devices.simulators.ports import reserved

BITS_PER_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""

CHUNK_BYTES = 4096

ANSWER_WITHIN_S = 60.0
"""How long a control request may take: next to nothing, but on a machine that has no time for us."""


class Simulator:
    """A simulated device on a line. Use it as a context manager, or `start` and `close`.

    `port` is what an adapter opens: the pty's path (or `link`, a lasting name for it), or
    `socket://127.0.0.1:<port>` with `tcp`.
    """

    situations: ClassVar[type[StrEnum]]

    def __init__(
        self,
        *,
        baud: int,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        self.baud = baud
        self.situation: StrEnum = self._named(situation)
        self.bytes_in = 0
        self.bytes_out = 0
        self._tcp = (0 if tcp is True else tcp) if tcp is not None and tcp is not False else None
        self._own_dir = tempfile.TemporaryDirectory(prefix="simulator-")
        directory = Path(self._own_dir.name)
        self._link = link or directory / "port"
        self.control_path = control or directory / "control"
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._calls: list[Callable[[], None]] = []
        self._calls_lock = threading.Lock()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._outgoing = bytearray()
        self._next_byte_at = 0.0
        self._line: int | socket.socket | None = None
        self._slave: int | None = None
        self._listener: socket.socket | None = None
        self._reserved: socket.socket | None = None
        self._plugged = False
        self._running = False
        self._thread: threading.Thread | None = None
        self.port = ""

    # --- lifecycle -------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the line up and answer on it. Raises OSError where a port or name cannot be taken."""
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._woken)
        self._control = ControlSocket(self.control_path, self._selector, self._carry_out)
        if self._tcp is not None:
            self._reserved = reserved(self._tcp or 0)
            self._tcp = self._reserved.getsockname()[1]
            self.port = f"socket://127.0.0.1:{self._tcp}"
            self._listen()
        else:
            self.port = str(self._link)
            self._plug_pty()
        self._running = True
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Pull the cable for good."""
        if self._thread is None:
            return
        self.call(self._stop)
        self._thread.join()
        self._thread = None
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._own_dir.cleanup()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- for subclasses, on the simulator's thread ------------------------------------------------

    def received(self, data: bytes) -> None:
        """Bytes came from the adapter."""
        raise AssertionError(f"{type(self).__name__} takes no bytes")

    def connected(self) -> None:
        """An adapter opened the line."""

    def situation_changed(self) -> None:
        """`situation` was set to another one."""

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The device's own control requests. Raises ValueError for what it does not know."""
        raise ValueError(f"nothing called {do!r} can be done here")

    def state(self) -> dict[str, Any]:
        """What `{"do": "state"}` tells besides the situation and the cable."""
        return {}

    def send(self, data: bytes) -> None:
        """Put `data` on the wire, behind what is still to leave it, byte by byte at the baud rate."""
        if not self._plugged:
            return
        if not self._outgoing:
            self._next_byte_at = time.monotonic() + self.byte_s
        self._outgoing += data

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` in `seconds`."""
        self.at(time.monotonic() + seconds, act)

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Call `act` when time.monotonic() is `when`; what is due at the same time, in this order."""
        heapq.heappush(self._timers, (when, next(self._order), act))

    @property
    def byte_s(self) -> float:
        """Seconds that a byte takes on the wire."""
        return BITS_PER_BYTE / self.baud

    # --- from any thread ---------------------------------------------------------------------------

    def call(self, act: Callable[[], None]) -> None:
        """Have the simulator's thread call `act` soon."""
        with self._calls_lock:
            self._calls.append(act)
        try:
            os.write(self._wake_write, b"!")
        except BlockingIOError:
            return

    def control(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a control request, as the control socket does; its answer."""
        answered = threading.Event()
        answers: list[dict[str, Any]] = []

        def carry_out() -> None:
            answers.append(self._carry_out(request))
            answered.set()

        self.call(carry_out)
        if not answered.wait(ANSWER_WITHIN_S):
            raise TimeoutError("the simulator does not run")
        return answers[0]

    def set_situation(self, name: str) -> None:
        """Be in another situation from now on. Raises ValueError for an unknown name."""
        answer = self.control({"do": "situation", "name": name})
        if not answer["ok"]:
            raise ValueError(answer["error"])

    def unplug(self) -> None:
        """Pull the cable: the adapter's port hangs up."""
        self.control({"do": "unplug"})

    def replug(self) -> None:
        """Put the cable back."""
        self.control({"do": "replug"})

    # --- the cable ---------------------------------------------------------------------------------

    def pull(self) -> None:
        """Hang up, on the simulator's thread."""
        if not self._plugged:
            return
        self._plugged = False
        self._outgoing.clear()
        self._drop_line()
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        else:
            self._link.unlink(missing_ok=True)

    def plug(self) -> None:
        """Connect again, on the simulator's thread."""
        if self._plugged:
            return
        if self._tcp is None:
            self._plug_pty()
        else:
            self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._tcp or 0))
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._plugged = True

    def _plug_pty(self) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        _set_speed(slave)
        os.set_blocking(master, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(slave))
        # our own end of the slave stays open, so that a port nobody has opened yet does not hang up
        self._line, self._slave, self._plugged = master, slave, True
        self._selector.register(master, selectors.EVENT_READ, self._readable)
        self.connected()

    def _accept(self) -> None:
        if self._listener is None:
            return
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._drop_line()
        self._outgoing.clear()
        self._line = connection
        self._selector.register(connection, selectors.EVENT_READ, self._readable)
        self.connected()

    def _drop_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._selector.unregister(line)
            os.close(line) if isinstance(line, int) else line.close()
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    def _readable(self) -> None:
        line = self._line
        if line is None:
            return
        try:
            data = os.read(line, CHUNK_BYTES) if isinstance(line, int) else line.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.EIO:  # the adapter closed a pty; it may open it again
                return
            data = b""
        if not data:
            self._drop_line()
            return
        self.bytes_in += len(data)
        self.received(data)

    # --- the loop ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._running:
            for key, _ in self._selector.select(self._pause()):
                key.data()
            self._run_timers()
            self._run_calls()
            self._emit()
        self._drop_line()
        self._selector.close()

    def _stop(self) -> None:
        self.pull()
        if self._reserved is not None:
            self._reserved.close()
        self._control.close()
        self._running = False

    def _pause(self) -> float | None:
        if self._outgoing:
            return max(0.0, self._next_byte_at - time.monotonic())
        if self._timers:
            return max(0.0, self._timers[0][0] - time.monotonic())
        return None

    def _emit(self) -> None:
        """Let those bytes go whose time on the wire is over."""
        now = time.monotonic()
        if not self._outgoing or now < self._next_byte_at:
            return
        due = min(len(self._outgoing), 1 + int((now - self._next_byte_at) / self.byte_s))
        part = bytes(self._outgoing[:due])
        line = self._line
        if line is not None:
            try:
                sent = os.write(line, part) if isinstance(line, int) else line.send(part)
            except BlockingIOError:
                sent = 0
            except OSError:
                sent = len(part)
            part = part[:sent]
        del self._outgoing[: len(part)]
        self.bytes_out += len(part)
        self._next_byte_at += self.byte_s * max(len(part), 1)

    def _run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()

    def _woken(self) -> None:
        os.read(self._wake_read, CHUNK_BYTES)

    def _run_calls(self) -> None:
        with self._calls_lock:
            calls, self._calls = self._calls, []
        for act in calls:
            act()

    # --- control -----------------------------------------------------------------------------------

    def _carry_out(self, request: Mapping[str, Any]) -> dict[str, Any]:
        do = request.get("do")
        try:
            if do == "state":
                known: dict[str, Any] = {
                    "situation": self.situation.value,
                    "situations": [situation.value for situation in self.situations],
                    "plugged": self._plugged,
                }
                return {"ok": True, "port": self.port, **known, **self.state()}
            if do == "situation":
                self._enter(str(request.get("name")))
            elif do == "unplug":
                self.pull()
            elif do == "replug":
                self.plug()
            else:
                return {"ok": True, **self.request(str(do), request)}
        except (ValueError, OSError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True}

    def _enter(self, name: str) -> None:
        self.situation = self._named(name)
        self.situation_changed()

    def _named(self, name: str) -> StrEnum:
        """The situation of that name; hyphens and capitals are as good."""
        try:
            return self.situations(name.lower().replace("-", "_"))
        except ValueError:
            known = ", ".join(self.situations)
            raise ValueError(f"no situation {name!r}; there are {known}") from None


def _set_speed(descriptor: int) -> None:
    """No flow control of the pty's own, and non-exclusive again after an adapter's hangup."""
    attributes = termios.tcgetattr(descriptor)
    attributes[2] |= termios.CLOCAL | termios.CREAD
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFD)
    fcntl.fcntl(descriptor, fcntl.F_SETFD, flags | fcntl.FD_CLOEXEC)
