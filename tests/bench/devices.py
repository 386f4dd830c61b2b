"""What the processor does for devices at which nothing happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.bench.figure import Figure

IDLE_FOR_S = 20.0

SETTLE_S = 3.0

ONLINE_WITHIN_S = 30.0

OWN_SERVICE = ("pcsc",)
"""Types whose simulator stands behind a system service that a bench does not bring up."""


def devices() -> Iterator[Figure]:
    """The share of one processor that a process takes with devices open and idle: each part of a
    terminal once, and then every adapter there is, three scanners and two cameras among them.

    The simulators are processes of their own and do not count.
    """
    from devices.registry import types
    from devices.simulators.kinds import kind_for
    from kiosk.config_devices import PARTS

    at_hand = [kind for kind in types() if kind_for(kind) is not None and kind not in OWN_SERVICE]
    parts = [part.type for part in PARTS.values() if part.type in at_hand]
    yield Figure(
        "idle CPU with all devices of a terminal open", idle_percent(parts), "%", 2.0,
        f"{len(parts)} devices: {', '.join(parts)}",
    )  # fmt: skip
    yield Figure(
        "idle CPU with every adapter open", idle_percent(at_hand), "%", None,
        f"{len(at_hand)} devices",
    )  # fmt: skip


def idle_percent(kinds: Sequence[str]) -> float:
    """What the processor does for one device of each of `kinds`, in percent of one core."""
    from devices import open_device
    from kiosk.config_devices import Device as Configured
    from kiosk.trial import simulator_of

    with ExitStack() as stack:
        for kind in kinds:
            port = stack.enter_context(simulator_of(Configured(type=kind, port="simulated")))
            device = open_device(kind, name=kind, port=port)
            online = threading.Event()
            device.listen(lambda health, online=online: online.set() if health.usable else None)  # type: ignore[misc]
            device.start()
            stack.callback(device.close)
            if not online.wait(ONLINE_WITHIN_S):
                raise RuntimeError(f"{kind} is not online: {device.health()}")
        pause = threading.Event()
        pause.wait(SETTLE_S)
        begun, used = time.perf_counter(), time.process_time()
        pause.wait(IDLE_FOR_S)
        return (time.process_time() - used) / (time.perf_counter() - begun) * 100
