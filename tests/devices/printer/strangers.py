"""Printers of other people's making, on TCP: what emulators and clones do that ours does not.

Each serves one connection at a time and keeps what was printed: the bytes of each job.
"""

from __future__ import annotations

import socket
import struct
import threading
from abc import abstractmethod
from collections.abc import Callable

from devices.simulators.printer_commands import RealTimeReader
from tests.devices.listening import Listener

FINE = {1: 0x16, 2: 0x12, 3: 0x12, 4: 0x12}
CUT = bytes.fromhex("1d5642")
PROCESS_ID = bytes.fromhex("1d284806003030")
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection."""
PATIENT_S = 30.0
TICK_S = 0.02


class Stranger(Listener):
    """A TCP printer."""

    def __init__(self) -> None:
        super().__init__(TICK_S)
        self.jobs: list[bytes] = []
        self.connections = 0
        self._came = threading.Condition()

    def await_jobs(self, holds: Callable[[list[bytes]], bool]) -> list[bytes]:
        """The jobs, as soon as they `hold`. Raises TimeoutError."""
        with self._came:
            if not self._came.wait_for(lambda: holds(self.jobs), PATIENT_S):
                raise TimeoutError(f"{len(self.jobs)} jobs")
            return list(self.jobs)

    def wait(self, seconds: float) -> None:
        """Let time pass; over at once when the test is."""
        self._ending.wait(seconds)

    def printed(self, data: bytes) -> None:
        """A job is there."""
        with self._came:
            self.jobs.append(data)
            self._came.notify_all()

    def receive(self, connection: socket.socket, most: int = 4096) -> bytes | None:
        """What comes next; b"" at the end of the connection, None where the test is over."""
        while not self._ending.is_set():
            try:
                return connection.recv(most)
            except TimeoutError:
                continue
        return None

    def serve_one(self, connection: socket.socket) -> None:
        self.connections += 1
        connection.settimeout(TICK_S)
        self.converse(connection)

    @abstractmethod
    def converse(self, connection: socket.socket) -> None:
        """One connection, until it ends."""


class Sink(Stranger):
    """Answers nothing, and takes all that comes as one job however long the connection lives."""

    def converse(self, connection: socket.socket) -> None:
        self.jobs.append(b"")
        at = len(self.jobs) - 1
        while data := self.receive(connection):
            with self._came:
                self.jobs[at] += data
                self._came.notify_all()


class AtTheEnd(Stranger):
    """Prints when the connection ends, says so in words, and closes."""

    def converse(self, connection: socket.socket) -> None:
        job = b""
        while data := self.receive(connection):
            job += data
        if job:
            self.printed(job)
        connection.sendall(b"virtual printer: All done!")


class Answering(Stranger):
    """Answers DLE EOT n and nothing else; each job ends with its cut. What it says can be bent."""

    def __init__(self, bits: dict[int, int] | None = None) -> None:
        super().__init__()
        self.bits = bits or dict(FINE)

    def say(self, connection: socket.socket, n: int) -> None:
        """Answer the question."""
        connection.sendall(bytes((self.bits[n],)))

    def job_ended(self, connection: socket.socket) -> bool:
        """Whether the connection lives on."""
        return True

    def converse(self, connection: socket.socket) -> None:
        reader, job = RealTimeReader(), b""
        while data := self.receive(connection):
            for command, _ in reader.feed(data):
                if command.name == "DLE EOT" and command.n in self.bits:
                    self.say(connection, command.n)
            job += data
            if CUT in job:
                self.printed(job)
                job = b""
                if not self.job_ended(connection):
                    return


class HangsUp(Answering):
    """Closes after each job."""

    def job_ended(self, connection: socket.socket) -> bool:
        return False


class Late(Answering):
    """Thinks for a second before each answer."""

    seconds = 0.7

    def say(self, connection: socket.socket, n: int) -> None:
        self.wait(self.seconds)
        super().say(connection, n)


class Talkative(Answering):
    """Sends its automatic status before and after each answer, in pieces, and a handshake byte."""

    def say(self, connection: socket.socket, n: int) -> None:
        for part in (
            b"\x14",
            b"\x00\x11\x00",
            b"\x0f",
            bytes((self.bits[n],)),
            b"\x14\x00\x00\x0f",
        ):
            connection.sendall(part)


class OnlyOnline(Answering):
    """Answers DLE EOT 1 and no other."""

    def __init__(self) -> None:
        super().__init__({1: FINE[1]})


class Holding(Answering):
    """A serial printer behind a converter: it holds its sender by XOFF in the middle of each slip."""

    hold_every = 300

    def converse(self, connection: socket.socket) -> None:
        reader, job, came = RealTimeReader(), b"", 0
        while data := self.receive(connection, self.hold_every):
            came += len(data)
            if came >= self.hold_every:
                came = 0
                connection.sendall(b"\x13")
                self.wait(0.1)
                connection.sendall(b"\x11")
            for command, _ in reader.feed(data):
                if command.name == "DLE EOT" and command.n in self.bits:
                    connection.sendall(b"\x13\x11" + bytes((self.bits[command.n],)))
            job += data
            if CUT in job:
                self.printed(job)
                job = b""


class Unasked(Answering):
    """Tells its automatic status at the connection's beginning and with each portion that comes."""

    def converse(self, connection: socket.socket) -> None:
        connection.sendall(b"\x14\x00\x00\x0f")
        super().converse(connection)

    def receive(self, connection: socket.socket, most: int = 64) -> bytes | None:
        data = super().receive(connection, 64)
        if data:
            connection.sendall(b"\x14\x00")
            connection.sendall(b"\x00\x0f")
        return data


class Strict(Answering):
    """Ends the connection at each question that it does not know."""

    unknown = (bytes.fromhex("1d2848"), bytes.fromhex("1d49"), bytes.fromhex("1d7201"))

    def receive(self, connection: socket.socket, most: int = 4096) -> bytes | None:
        data = super().receive(connection, most)
        return b"" if data and any(question in data for question in self.unknown) else data


class Echo(Stranger):
    """No printer at all: what is sent comes back."""

    def converse(self, connection: socket.socket) -> None:
        while data := self.receive(connection):
            self.printed(data)
            connection.sendall(data)


class Stuck(Answering):
    """Takes some of a slip and then nothing more, nor does it answer."""

    takes = 500

    def __init__(self) -> None:
        super().__init__()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)

    def converse(self, connection: socket.socket) -> None:
        reader, came = RealTimeReader(), 0
        while came < self.takes and (data := self.receive(connection)):
            came += len(data)
            for command, _ in reader.feed(data):
                self.say(connection, command.n)
        self._ending.wait(PATIENT_S)


class ProvesAndHangsUp(HangsUp):
    """Proves the end of what it printed, and closes at each cut: in order, or with a reset because the
    question behind the cut was not read."""

    def __init__(self, *, in_order: bool) -> None:
        super().__init__()
        self._in_order = in_order

    def converse(self, connection: socket.socket) -> None:
        reader, job = RealTimeReader(), b""
        while data := self.receive(connection, 1):
            for command, _ in reader.feed(data):
                if command.name == "DLE EOT" and command.n in self.bits:
                    self.say(connection, command.n)
            job += data
            if job[-11:-4] == PROCESS_ID:
                connection.sendall(b"\x37\x22" + job[-4:] + b"\0")
            if job[-4:-1] == CUT:
                self.printed(job)
                if self._in_order:
                    connection.shutdown(socket.SHUT_WR)
                    while self.receive(connection):
                        continue
                else:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                return
