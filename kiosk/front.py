"""The terminal and its screens together: the first picture, then everything behind it.

`kiosk run` and `kiosk visit` begin here. The screens are found by name, so that nothing in this
package imports a toolkit.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import os
import signal
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sdnotify

from kiosk.log import log
from kiosk.words import load_words

if TYPE_CHECKING:
    from kiosk.first_frame import FirstFrame
    from kiosk.paths import Directories
    from kiosk.terminal import Terminal

Meanwhile = Callable[["Terminal", Any], Awaitable[None]]

SCREENS = "screens.app"
"""The module that draws the views; `$KIOSK_SCREENS` names another one. An entry point would do too,
but looking for it costs a twentieth of the time to the first picture."""

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
) -> tuple[str, ...]:
    """Run the terminal until its window closes or, with `meanwhile`, until that ends.

    `simulated` True brings up every stand-in, False none, None what the configuration asks for.
    `beside` leaves room for the bench panel where something is simulated. `meanwhile` gets the open
    terminal and the stage while citizens are served. Returns what kept the terminal from serving,
    one sentence each; nothing where it served.
    """
    faulthandler.enable()
    try:
        return asyncio.run(_show(look, where, window, beside, simulated, meanwhile))
    except asyncio.CancelledError:  # SIGTERM: everything was left at rest
        return ()


async def _show(
    look: FirstFrame,
    where: Directories,
    window: tuple[int, int] | None,
    beside: bool,
    simulated: bool | None,
    meanwhile: Meanwhile | None,
) -> tuple[str, ...]:
    problems: list[str] = []
    here = asyncio.current_task()
    if here is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)
    screens = load_screens()
    words = load_words()
    begun = time.monotonic()
    systemd = sdnotify.SystemdNotifier()
    bench = screens.bench() if beside and simulated is not False and look.simulated else None

    gc.disable()  # what is loaded now stays: collecting among it only delays the first picture

    def first_frame() -> None:
        gc.enable()
        systemd.notify("READY=1")
        log("terminal.first_frame", seconds=round(time.monotonic() - begun, 3))

    async def serve(stage: Any) -> None:
        from kiosk.terminal import Terminal, Unopened
        from kiosk.version import version

        mode = "simulated" if look.simulated and simulated is not False else "real"
        log("terminal.started", version=version(), mode=mode)
        try:
            terminal = await Terminal.open(stage, words.__getitem__, where, simulated=simulated)
        except Unopened as why:
            problems.extend(why.problems)
            return
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

    await screens.run(
        serve,
        words=words.__getitem__,
        nameplate=screens.Nameplate(look.city, look.hall, look.number),
        language=look.language,
        large_type=look.large_type,
        display=screens.Display(window=window, max_fps=look.max_fps, rotation=look.rotation),
        bench=bench,
        first_frame=first_frame,
        alive=lambda: systemd.notify("WATCHDOG=1"),
        alive_every_s=_alive_every_s(),
    )
    return tuple(problems)


def load_screens() -> Any:
    """The module that draws; screens/app.py says what it offers."""
    return import_module(os.environ.get("KIOSK_SCREENS", SCREENS))


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
