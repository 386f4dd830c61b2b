"""What the processor does for devices at which nothing happens."""

from __future__ import annotations

import os
import resource
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.figure import Figure

IDLE_FOR_S = 30.0
"""Long enough that a device which is asked every ten seconds counts with three questions."""

SETTLE_S = 3.0

ONLINE_WITHIN_S = 30.0


def devices() -> Iterator[Figure]:
    """The share of one processor that a process takes with devices open and idle: each part of a
    terminal once, and then every adapter there is, three scanners and two cameras among them.

    What the processes take that an adapter starts counts too; the simulators are processes of their
    own and do not, but for the chip card's, which counts.
    """
    from devices.registry import OWN
    from kiosk.config_devices import PARTS

    left_out = () if _service_can_start() else ("pcsc",)
    parts = [part.type for part in PARTS.values()]
    for what, wanted in (
        ("idle CPU with all devices of a terminal open", parts),
        ("idle CPU with every adapter open", list(OWN)),
    ):
        kinds = [kind for kind in wanted if kind not in left_out]
        percent = idle_percent(kinds)
        missing = f"; not {left_out[0]}, whose service wants root" if left_out else ""
        yield Figure(what, percent, "%", 2.0, f"{len(kinds)}: {', '.join(kinds)}{missing}")


def idle_percent(kinds: Sequence[str]) -> float:
    """What the processor does for one device of each of `kinds`, in percent of one core."""
    from devices import open_device

    with ExitStack() as stack:
        for kind in kinds:
            port = stack.enter_context(_at_hand(kind))
            device = open_device(kind, name=kind, port=port)
            online = threading.Event()
            device.listen(lambda health, online=online: online.set() if health.usable else None)  # type: ignore[misc]
            device.start()
            stack.callback(device.close)
            if not online.wait(ONLINE_WITHIN_S):
                raise RuntimeError(f"{kind} is not online: {device.health()}")
        pause = threading.Event()
        pause.wait(SETTLE_S)
        begun, used = time.perf_counter(), _processor_s()
        pause.wait(IDLE_FOR_S)
        return (_processor_s() - used) / (time.perf_counter() - begun) * 100


def _processor_s() -> float:
    """What this process has taken, and those of its children that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


@contextmanager
def _at_hand(kind: str) -> Iterator[str]:
    """The port of something that an adapter of that type takes for its device."""
    from kiosk.config_devices import Device as Configured
    from kiosk.trial import simulator_of

    if kind == "pcsc":
        with _chip_card_reader() as port:
            yield port
    elif kind == "speaker":
        with tempfile.TemporaryDirectory() as directory:
            yield f"alsa:file:{Path(directory)}/sound.raw,raw"
    else:
        with simulator_of(Configured(type=kind, port="simulated")) as port:
            yield port


def _service_can_start() -> bool:
    """Whether pcscd can run here: at its start it makes /run/pcscd, wherever it listens."""
    return os.path.isdir("/run/pcscd") or os.access("/run", os.W_OK)


@contextmanager
def _chip_card_reader() -> Iterator[str]:
    """A reader of a PC/SC service of its own."""
    from devices.simulators.chip_card import ChipCardSimulator
    from tests.devices.chipcard.stand import NAME, READER, Pcscd

    service = Pcscd()
    service.configure(NAME)
    service.start()
    try:
        with ChipCardSimulator(tcp=service.port, reader=READER) as simulator:
            yield simulator.port
    finally:
        service.stop()
