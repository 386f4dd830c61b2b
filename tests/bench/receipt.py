"""The receipt printer: bytes of a slip against its picture, a print against its bytes on the wire."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.bench.figure import Figure

PRINTS = 20
BAUD = 115200
FAST = 100_000.0
"""The simulated mechanism takes no time: what is measured is the adapter, not the paper."""

WITHIN_S = 20.0


def receipt_bytes() -> Iterator[Figure]:
    """The bytes of a receipt, against the picture of the same slip."""
    from devices.printer.encode import encode
    from devices.printer.profiles import PROFILES
    from devices.simulators.printer import PrinterSimulator
    from tests.bench.slip import RECEIPT

    for name in ("epson-80", "epson-58"):
        encoded = encode(RECEIPT, PROFILES[name])
        with PrinterSimulator(width=int(name.partition("-")[2])) as simulator:
            raster = _raster_bytes(simulator, b"".join(encoded.pieces))
        yield Figure(
            f"receipt bytes, against its raster ({name[-2:]} mm)", encoded.size / raster, "x", 0.1,
            f"{encoded.size} / {raster} bytes",
        )  # fmt: skip


def receipt_print() -> Iterator[Figure]:
    """From the call to the proven end, against the time that all bytes of it take at 115200 baud."""
    from devices.printer.receipt import ReceiptPrinter
    from devices.simulators.line import BITS_PER_BYTE
    from devices.status import DeviceState, Ok
    from tests.bench.slip import RECEIPT

    async def ratios(printer: ReceiptPrinter) -> list[float]:
        found = []
        for n in range(PRINTS + 1):
            slip = replace(RECEIPT, job=f"bench-{n}")
            before = simulated.bytes_moved()
            begun = time.perf_counter()
            result = await printer.print_slip(slip, WITHIN_S)
            took = time.perf_counter() - begun
            if not isinstance(result, Ok) or not result.value.proven:
                raise RuntimeError(f"the slip was not printed: {result}")
            moved = simulated.bytes_moved() - before
            simulated.ask("take")  # it draws the slip's picture in the meantime
            found.append(took / (moved * BITS_PER_BYTE / BAUD))
        return found[1:]  # the first one loads the font and the library

    with _simulated_printer() as simulated:
        printer = ReceiptPrinter("receipt_printer", simulated.port)
        online = threading.Event()
        printer.listen(lambda h: online.set() if h.state is DeviceState.ONLINE else None)
        printer.start()
        if not online.wait(WITHIN_S):
            raise RuntimeError("the simulated printer was not found")
        found = asyncio.run(ratios(printer))
        printer.close()
    yield Figure(
        "receipt print, against its bytes on the wire", statistics.median(found), "x", 1.05,
        f"worst of {PRINTS}: {max(found):.3f}",
    )  # fmt: skip


class _Simulated:
    """A printer in a process of its own, as a real one has a processor of its own."""

    def __init__(self, port: str, control: str) -> None:
        self.port = port
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(control)
        self._lines = self._socket.makefile("rw")

    def bytes_moved(self) -> int:
        """Bytes on its wire so far, both ways."""
        return int(self.ask("state")["bytes"])

    def ask(self, do: str) -> dict[str, Any]:
        """A request to its control socket, and the answer."""
        self._lines.write(json.dumps({"do": do}) + "\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def close(self) -> None:
        """Let its control socket go."""
        self._lines.close()
        self._socket.close()


@contextmanager
def _simulated_printer() -> Iterator[_Simulated]:
    words = ["printer", "--while-stdin", "--baud", str(BAUD), "--speed", str(FAST)]
    command = [sys.executable, "-m", "devices.simulators", *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdout is None or process.stdin is None:
        raise AssertionError("the child's ends were asked for")
    try:
        _, port, control = process.stdout.readline().split()
        simulated = _Simulated(port, control.removeprefix("control="))
        yield simulated
        simulated.close()
    finally:
        process.stdin.close()
        process.wait(WITHIN_S)


def _raster_bytes(simulator: object, data: bytes) -> int:
    """The size of the slip as one bit a dot, by printing it on the simulator."""
    from devices.simulators.printer import PrinterSimulator

    if not isinstance(simulator, PrinterSimulator):
        raise TypeError("a printer is wanted")
    simulator.call(lambda: simulator.received(data))
    (sheet,) = simulator.await_sheets(1, WITHIN_S)
    return sheet.dots * sheet.height // 8
