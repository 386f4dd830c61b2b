"""Starts a program as systemd would, tells when it was ready, and what memory it holds."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 60.0
"""A start that takes longer is a failure, not a figure."""


@contextmanager
def display(width: int, height: int) -> Iterator[str]:
    """A virtual display of its own; yields its name (":7")."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24",
            "-nolisten", "tcp", "-noreset",
        ],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@dataclass(frozen=True, slots=True)
class Started:
    """One start: seconds from exec to READY=1, and what was measured while it stood."""

    ready_s: float
    pss_mib: float


def start(
    command: Sequence[str], environment: Mapping[str, str], settle: Sequence[str] = ()
) -> Started:
    """Run `command` until READY=1 (and until each `STATUS=` of `settle` came), measure, end it.

    Raises TimeoutError where it is not ready in time, RuntimeError where it ends before.
    """
    with tempfile.TemporaryDirectory() as directory:
        address = str(Path(directory) / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(address)
            begun = time.perf_counter()
            process = subprocess.Popen(
                command,
                env={**environment, "NOTIFY_SOCKET": address},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                _await(notify, process, "READY=1", begun)
                ready_s = time.perf_counter() - begun
                for status in settle:
                    _await(notify, process, f"STATUS={status}", begun)
                return Started(ready_s, pss_mib(process.pid))
            finally:
                process.terminate()
                process.wait()


def _await(
    notify: socket.socket, process: subprocess.Popen[bytes], word: str, begun: float
) -> None:
    notify.settimeout(1.0)
    while time.perf_counter() - begun < READY_WITHIN_S:
        try:
            if word in notify.recv(4096).decode().splitlines():
                return
        except TimeoutError:
            if process.poll() is not None:
                raise RuntimeError(f"ended with {process.returncode} before {word}") from None
    raise TimeoutError(f"no {word} within {READY_WITHIN_S} s")


def pss_mib(pid: int) -> float:
    """Proportional set size of a process and of all its children, in MiB (proc(5), smaps_rollup)."""
    total = 0.0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total + sum(pss_mib(int(child)) for child in children)
