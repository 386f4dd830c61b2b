"""The Kivy app: one window, one thread, the first picture before anything heavy is loaded.

Entry-point group "kiosk.screens" names this module; `run` is what it offers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from screens.configure import Display, configure_kivy

if TYPE_CHECKING:
    from kiosk.texts import Language, Words
    from screens.bench import BenchHands
    from screens.look import Nameplate
    from screens.stage import KivyStage

TICK_S = 0.25
"""How often countdowns look at the time: a second never seems to last two."""


def _nothing() -> None:
    return None


async def run(
    serve: Callable[[KivyStage], Awaitable[None]],
    *,
    words: Callable[[Language], Words],
    nameplate: Nameplate,
    language: Language = "zh_CN",
    large_type: bool = False,
    display: Display | None = None,
    bench: BenchHands | None = None,
    first_frame: Callable[[], None] = _nothing,
    alive: Callable[[], None] = _nothing,
    alive_every_s: float = 5.0,
    wall_clock: Callable[[], datetime] = datetime.now,
) -> None:
    """Show the attract screen, then run `serve` on the stage until it ends or the window closes.

    `first_frame` is called once the first picture is on the glass, before `serve` begins; `alive`
    every `alive_every_s` seconds from the loop that draws (the watchdog). `bench` adds the panel
    of hands beside the picture. What `serve` raises is raised here.
    """
    configure_kivy(display or Display())
    from kivy.base import EventLoop, async_runTouchApp, stopTouchApp
    from kivy.clock import Clock

    from screens.window import Pane

    loop = asyncio.get_running_loop()
    pane = Pane(loop.time)
    stage = pane.stage(words, nameplate, language, large_type, wall_clock)
    if bench is not None:
        pane.add_bench(bench)
    drawn = loop.create_future()
    EventLoop.ensure_window()
    window = EventLoop.window
    window.bind(on_flip=lambda *_: drawn.done() or drawn.set_result(None), size=pane.fit)
    pane.fit(window, window.size)
    Clock.schedule_interval(stage.tick, TICK_S)
    Clock.schedule_interval(lambda _: alive(), alive_every_s)
    drawing = asyncio.ensure_future(async_runTouchApp(pane, async_lib="asyncio"))
    serving: asyncio.Future[None] | None = None
    try:
        await asyncio.wait({drawing, drawn}, return_when=asyncio.FIRST_COMPLETED)
        if not drawing.done():
            first_frame()
            serving = asyncio.ensure_future(serve(stage))
            await asyncio.wait({drawing, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if serving is not None and not serving.done():
            serving.cancel()
            await asyncio.wait({serving})
        stopTouchApp()
        await asyncio.wait({drawing})
    if serving is not None and not serving.cancelled():
        serving.result()
    drawing.result()
