"""A PC/SC service of the tests' own: a real pcscd with a virtual reader, away from the system's.

pcscd makes /run/pcscd at its start whatever it listens at: that takes root, or a machine where it is.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from devices.chipcard.reader import ChipCardReader
from devices.simulators.ports import reserved
from devices.status import DeviceState, Health

WITHIN_S = 60.0
"""Reached only by a failing test."""

NAME = "Hall Reader"
READER = f"{NAME} 00 00"
"""The name that pcscd makes of it, for its first slot."""

DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
PCSCD = shutil.which("pcscd", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "pcscd"

DIRECTORY = Path(tempfile.mkdtemp(prefix="pcscd-"))
SOCKET = DIRECTORY / "pcscd.comm"
os.environ["PCSCLITE_CSOCK_NAME"] = str(SOCKET)
"""libpcsclite looks for the service there; it reads this once, at its first use in a process."""


BECOME_PCSCD = """
import os, sys
fd, pcscd, config = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.dup2(fd, 3) if fd != 3 else os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(pcscd, [pcscd, "--foreground", "--config", config])
"""
"""Hands the socket over as file descriptor 3, with the process id that it is meant for (sd_listen_fds)."""


class Pcscd:
    """A pcscd that listens at SOCKET, which is handed to it as systemd would."""

    def __init__(self) -> None:
        self._held = _four_ports()
        self.port: int = self._held[0].getsockname()[1]
        self._config = DIRECTORY / "readers"
        self._config.mkdir(exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, *names: str) -> None:
        """Write which readers there are; a pcscd that runs takes it in at once."""
        for old in self._config.iterdir():
            old.unlink()
        for place, name in enumerate(names):
            port = self.port + 2 * place
            lines = (
                f'FRIENDLYNAME "{name}"', f"DEVICENAME /dev/null:{port}",
                f"LIBPATH {DRIVER}", f"CHANNELID {port}",
            )  # fmt: skip
            (self._config / f"reader{place}").write_text("\n".join(lines) + "\n", encoding="ascii")
        if self._process is not None:
            self._process.send_signal(signal.SIGUSR1)

    def start(self) -> None:
        """Start it; clients can connect as soon as this returns."""
        SOCKET.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(SOCKET))
            listener.listen(16)
            fd = listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", BECOME_PCSCD, str(fd), PCSCD, str(self._config)],
                pass_fds=[fd],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def stop(self) -> None:
        """End it, as when it crashes: its socket stays and nobody listens."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(WITHIN_S)


class Seen:
    """What a reader told its listeners."""

    def __init__(self, reader: ChipCardReader) -> None:
        self._changed = threading.Condition()
        self._last = reader.health()
        reader.listen(self._hear)

    def _hear(self, health: Health) -> None:
        with self._changed:
            self._last = health
            self._changed.notify_all()

    def until(self, state: DeviceState) -> None:
        """Wait until the reader is in that state."""
        with self._changed:
            there = self._changed.wait_for(lambda: self._last.state is state, WITHIN_S)
            assert there, self._last

    def until_code(self, code: str) -> None:
        """Wait until that is what is wrong."""
        with self._changed:
            there = self._changed.wait_for(
                lambda: self._last.fault is not None and self._last.fault.code == code, WITHIN_S
            )
            assert there, self._last

    def until_fact(self, name: str, value: str) -> None:
        """Wait until that fact has that value."""
        with self._changed:
            there = self._changed.wait_for(lambda: self._last.facts.get(name) == value, WITHIN_S)
            assert there, self._last


def _four_ports() -> list[socket.socket]:
    """Four ports in a row that are ours until the process ends; vpcd listens on them by their numbers."""
    while True:
        held = [reserved()]
        port = held[0].getsockname()[1]
        try:
            held += [reserved(port + place) for place in range(1, 4)]
        except (OSError, OverflowError):
            for listener in held:
                listener.close()
            continue
        return held
