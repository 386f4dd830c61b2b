"""`make bench`: speed and memory, each against a peer or a physical limit of the same run.

Prints a table and writes out/bench.json. Machines differ, ratios less so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests.bench.decoding import decoding
from tests.bench.devices import devices
from tests.bench.figure import Figure
from tests.bench.journal import journal
from tests.bench.processes import Started, display, start
from tests.bench.receipt import receipt_bytes, receipt_print
from tests.bench.search import search

WIDTH, HEIGHT = 1080, 1920
ROUNDS = 7
READS = 20

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
KIOSK = str(Path(PYTHON).with_name("kiosk"))


def cold_start() -> Iterator[Figure]:
    """The first picture of `kiosk run --no-simulation` against a bare Kivy window's, alternating."""
    with display(WIDTH, HEIGHT) as name, tempfile.TemporaryDirectory() as state:
        environment = {
            **os.environ, "DISPLAY": name, "BENCH_WIDTH": str(WIDTH), "BENCH_HEIGHT": str(HEIGHT),
        }  # fmt: skip
        bare_command = [PYTHON, str(ROOT / "tests/bench/bare_window.py")]
        own_command = [KIOSK, "run", "--no-simulation", "--state", state]
        bare: list[Started] = []
        own: list[Started] = []
        for _ in range(ROUNDS):
            bare.append(start(bare_command, environment))
            own.append(start(own_command, environment, settle=["serving"]))
    bare_s = statistics.median(s.ready_s for s in bare)
    own_s = statistics.median(s.ready_s for s in own)
    yield Figure(
        "cold start, against a bare Kivy window", own_s / bare_s, "x", 1.6,
        f"{own_s * 1000:.0f} ms / {bare_s * 1000:.0f} ms, median of {ROUNDS}",
    )  # fmt: skip
    yield Figure(
        "memory (PSS) of a terminal that serves", statistics.median(s.pss_mib for s in own), "MiB",
        195, f"bare window {statistics.median(s.pss_mib for s in bare):.0f} MiB",
    )  # fmt: skip


def card_read() -> Iterator[Figure]:
    """Reading a card that lies there, against the time its bytes take at 115200 baud."""
    from devices.idcard.reader import BAUD, IdCardReader
    from devices.simulators.card_reader import CardReaderSimulator
    from devices.simulators.cards import CARDS
    from devices.simulators.line import BITS_PER_BYTE
    from devices.status import DeviceState, Ok

    async def read(reader: IdCardReader, simulator: CardReaderSimulator) -> float:
        simulator.control({"do": "lay", "card": next(iter(CARDS))})
        before = simulator.bytes_in + simulator.bytes_out
        begun = time.perf_counter()
        result = await reader.read_card(5.0)
        took = time.perf_counter() - begun
        if not isinstance(result, Ok):
            raise RuntimeError(f"the card was not read: {result}")
        moved = simulator.bytes_in + simulator.bytes_out - before
        return took / (moved * BITS_PER_BYTE / BAUD)

    with CardReaderSimulator() as simulator:
        reader = IdCardReader("id_card", simulator.port)
        online = threading.Event()
        reader.listen(lambda h: online.set() if h.state is DeviceState.ONLINE else None)
        reader.start()
        online.wait(5.0)

        async def all_reads() -> list[float]:
            return [await read(reader, simulator) for _ in range(READS)]

        ratios = asyncio.run(all_reads())
        reader.close()
    yield Figure(
        "card read, against its bytes on the wire", statistics.median(ratios), "x", 1.15,
        f"worst of {READS}: {max(ratios):.3f}",
    )  # fmt: skip


def touch_to_screen() -> Iterator[Figure]:
    """From a touch on the primary action to the next screen's frame."""
    with display(WIDTH, HEIGHT) as name:
        environment = {
            **os.environ, "DISPLAY": name, "BENCH_WIDTH": str(WIDTH), "BENCH_HEIGHT": str(HEIGHT),
        }  # fmt: skip
        said = subprocess.run(
            [PYTHON, "-m", "tests.bench.touches"], env=environment, cwd=ROOT, check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip
    times = sorted(float(line) for line in said.split())
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    yield Figure("touch to next screen, p50", cuts[49], "ms", None, f"of {len(times)} touches")
    yield Figure("touch to next screen, p99", cuts[98], "ms", None, f"worst {times[-1]:.0f} ms")


def key_to_picture() -> Iterator[Figure]:
    """From a key, or a touch on another field, to the picture of it, against a picture of nothing new."""
    with display(WIDTH, HEIGHT) as name:
        environment = {
            **os.environ, "DISPLAY": name, "BENCH_WIDTH": str(WIDTH), "BENCH_HEIGHT": str(HEIGHT),
        }  # fmt: skip
        said = subprocess.run(
            [PYTHON, "-m", "tests.bench.keys"], env=environment, cwd=ROOT, check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip
    lines = [line.split() for line in said.splitlines()]
    for what, sign, goal in (
        ("key press to its picture", "key", 2.0), ("other field to its picture", "field", 3.0)
    ):  # fmt: skip
        took = [(float(ms), float(frame_ms)) for kind, ms, frame_ms in lines if kind == sign]
        ratios = sorted(ms / frame_ms for ms, frame_ms in took)
        p95 = ratios[math.ceil(0.95 * len(ratios)) - 1]
        yield Figure(
            f"{what}, p95 against a frame", p95, "x", goal,
            f"median {statistics.median(ratios):.2f} of {len(took)}; of the processor "
            f"{statistics.median(ms for ms, _ in took):.0f} ms / "
            f"{statistics.median(frame for _, frame in took):.0f} ms",
        )  # fmt: skip


MEASURES = (
    cold_start,
    card_read,
    touch_to_screen,
    key_to_picture,
    receipt_bytes,
    receipt_print,
    journal,
    decoding,
    devices,
    search,
)


def main() -> int:
    """Measure what the arguments name, without any everything; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    names = [measure.__name__ for measure in MEASURES]
    parser.add_argument("measure", nargs="*", metavar="MEASURE", help=f"one of {', '.join(names)}")
    wanted = parser.parse_args().measure
    if unknown := sorted(set(wanted) - set(names)):
        parser.error(f"no measure {', '.join(unknown)}: {', '.join(names)}")
    figures: list[Figure] = []
    for measure in (one for one in MEASURES if not wanted or one.__name__ in wanted):
        for figure in measure():
            figures.append(figure)
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    document = [asdict(figure) for figure in figures]
    (out / "bench.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    return int(any(f.goal is not None and f.value > f.goal for f in figures))


if __name__ == "__main__":
    sys.exit(main())
