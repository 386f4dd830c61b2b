"""What a device left behind: threads and descriptors that were not there before."""

from __future__ import annotations

import gc
import os
import threading
import time

WITHIN_S = 60.0

LOOK_EVERY_S = 0.02


def now_open() -> tuple[set[threading.Thread], set[str]]:
    """The threads that run and the descriptors that are open; what they are open on, by their numbers."""
    gc.collect()
    return set(threading.enumerate()), _descriptors()


def assert_none_new(threads: set[threading.Thread], files: set[str]) -> None:
    """Wait until nothing but those is left. The other end of a connection, and what an earlier test left
    to end by itself, take a moment."""
    pause = threading.Event()
    deadline = time.monotonic() + WITHIN_S
    while True:
        now_running, now_files = now_open()
        new = ({thread.name for thread in now_running - threads}, now_files - files)
        if not any(new):
            return
        assert time.monotonic() < deadline, new
        pause.wait(LOOK_EVERY_S)


def _descriptors() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{number}: {os.readlink(f'/proc/self/fd/{number}')}")
        except FileNotFoundError:  # the one of this look
            continue
    return found
