"""The search: which places are looked at, all at once, and what came of each within its time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

WITHIN_S = 20.0
"""A silent serial port is asked everything in some 6 s; a service that does not answer is left then."""


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered, or that the system names: what part it can play (a name of
    kiosk/config_devices.py), with which adapter, at which lasting port, with which settings."""

    part: str
    type: str
    port: str
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A place that was looked at: `found` there, or why nothing was (`busy`, `silent`, `missing`,
    `forbidden`, `unreadable`, `late`, `absent` for a service that does not run)."""

    place: str
    found: tuple[Found, ...] = ()
    why: str = ""


Look = Callable[[], Looked]


def find(ports: Iterable[str] = (), within_s: float = WITHIN_S) -> list[Looked]:
    """Look everywhere, and at the pyserial URLs or device files `ports` besides, within `within_s` s.

    Nothing is ever written to a port that anything has open. A look that hangs is left behind: it is
    `late`.
    """
    from devices.discovery import serial_line, services

    looks: dict[str, Look] = {}
    for port in (*serial_line.ports(), *ports):
        looks.setdefault(port, serial_line.look_at(port))
    looks.update(services.looks())
    return together(looks, within_s)


def together(looks: Mapping[str, Look], within_s: float) -> list[Looked]:
    """What came of each look, in their order; all at once, each on a thread that can be left behind."""
    answers: queue.Queue[tuple[str, Looked]] = queue.Queue()

    def work(place: str, look: Look) -> None:
        try:
            answers.put((place, look()))
        except Exception as error:  # noqa: BLE001 - a driver that breaks has found nothing
            answers.put((place, Looked(place, why=f"broken: {type(error).__name__}")))

    for place, look in looks.items():
        threading.Thread(target=work, args=(place, look), name=f"find {place}", daemon=True).start()
    looked: dict[str, Looked] = {}
    end = threading.Event()
    timer = threading.Timer(within_s, end.set)
    timer.daemon = True
    timer.start()
    while len(looked) < len(looks) and not end.is_set():
        try:
            place, answer = answers.get(timeout=0.1)
        except queue.Empty:
            continue
        looked[place] = answer
    timer.cancel()
    return [looked.get(place, Looked(place, why="late")) for place in looks]
