"""The terminal and its screens together: the first picture, then everything behind it.

`kiosk run` and `kiosk visit` begin here. The screens come through the entry-point group
`kiosk.screens`, so that nothing in this package names a toolkit.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import sdnotify

from kiosk.log import log
from kiosk.version import version
from kiosk.words import load_words

if TYPE_CHECKING:
    from kiosk.first_frame import FirstFrame
    from kiosk.terminal import Directories, Terminal

Meanwhile = Callable[["Terminal", Any], Awaitable[None]]

SCREENS = "kiosk.screens"
"""The entry-point group of whoever draws the views."""

ALIVE_S = 5.0
"""How often the drawing loop feeds the watchdog, unless systemd wants it sooner."""


def show(
    look: FirstFrame,
    where: Directories,
    *,
    window: tuple[int, int] | None = None,
    beside: bool = True,
    simulated: bool | None = None,
    meanwhile: Meanwhile | None = None,
) -> None:
    """Run the terminal until its window closes or, with `meanwhile`, until that ends.

    `simulated` True brings up every stand-in, False none, None what the configuration asks for.
    `beside` leaves room for the bench panel where something is simulated. `meanwhile` gets the open
    terminal and the stage while citizens are served. Raises Misconfigured.
    """
    faulthandler.enable()
    with suppress(asyncio.CancelledError):  # SIGTERM: everything was left at rest
        asyncio.run(_show(look, where, window, beside, simulated, meanwhile))


async def _show(
    look: FirstFrame,
    where: Directories,
    window: tuple[int, int] | None,
    beside: bool,
    simulated: bool | None,
    meanwhile: Meanwhile | None,
) -> None:
    here = asyncio.current_task()
    if here is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)
    screens = load_screens()
    words = load_words()
    begun = time.monotonic()
    systemd = sdnotify.SystemdNotifier()
    bench = screens.bench() if beside and simulated is not False and look.simulated else None

    def first_frame() -> None:
        systemd.notify("READY=1")
        log("terminal.first_frame", seconds=round(time.monotonic() - begun, 3))

    async def serve(stage: Any) -> None:
        from kiosk.terminal import Terminal

        terminal = await Terminal.open(stage, words.__getitem__, where, simulated=simulated)
        try:
            stage.on_technician = terminal.reception.technician.set
            stage.on_assistance = terminal.bell.ring
            if bench is not None and terminal.simulation is not None:
                from kiosk.bench import PanelHands

                bench.connect(PanelHands(terminal.simulation, terminal.counter.errands))
            systemd.notify("STATUS=serving")
            await _serve(terminal, stage, meanwhile)
        finally:
            await terminal.close()

    log("terminal.started", version=version(), mode="simulated" if look.simulated else "real")
    await screens.run(
        serve,
        words=words.__getitem__,
        nameplate=screens.Nameplate(look.city, look.hall, look.number),
        language=look.language,
        large_type=look.large_type,
        display=screens.Display(window=window, max_fps=look.max_fps),
        bench=bench,
        first_frame=first_frame,
        alive=lambda: systemd.notify("WATCHDOG=1"),
        alive_every_s=_alive_every_s(),
    )


def load_screens() -> Any:
    """The module of the entry-point group; see screens/app.py for what it offers."""
    (found,) = entry_points(group=SCREENS)
    return found.load()


def _alive_every_s() -> float:
    """Half of what systemd waits (sd_watchdog_enabled(3)), and at least every ALIVE_S."""
    given = os.environ.get("WATCHDOG_USEC", "")
    return min(ALIVE_S, int(given) / 2e6) if given.isdigit() and int(given) else ALIVE_S


async def _serve(terminal: Terminal, stage: Any, meanwhile: Meanwhile | None) -> None:
    serving = asyncio.ensure_future(terminal.serve())
    if meanwhile is None:
        await serving
        return
    beside = asyncio.ensure_future(meanwhile(terminal, stage))
    try:
        await asyncio.wait({serving, beside}, return_when=asyncio.FIRST_COMPLETED)
        (serving if serving.done() else beside).result()
    finally:
        for task in (serving, beside):
            task.cancel()
        await asyncio.wait({serving, beside})
