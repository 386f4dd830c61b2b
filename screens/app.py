"""The Kivy app: one window, one thread, the first picture before anything heavy is loaded.

`kiosk/front.py` loads this module by name; `run` is what it offers.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from screens.bench_hands import Bench
from screens.configure import Display, configure_kivy
from screens.nameplate import Nameplate

__all__ = ["Bench", "Display", "Nameplate", "bench", "hands", "run"]

if TYPE_CHECKING:
    from kiosk.texts import Language, Words
    from screens.hands import Hands
    from screens.stage import KivyStage

SETTLED_AFTER_S = 15.0
"""By then all is loaded, and nobody can be half way through a visit yet."""

QUIET_S = 0.3
"""So long after a touch its screen is drawn and being looked at: nobody notices that garbage is collected
(40 ms for one screen's)."""

LOOK_AGAIN_S = 0.1
"""How often a quiet moment is looked for."""

COLLECTIONS = (700, 10, 30)
"""When Python collects by itself (gc.set_threshold): all generations three times as rarely as usual, since
that is done in quiet moments; never is no choice, for somebody may touch on and on."""

WORTH_COLLECTING = 5
"""Collections of the younger generations, from which on all are collected in a quiet moment."""

TICK_S = 0.25
"""How often countdowns look at the time: a second never seems to last two."""


def _nothing() -> None:
    return None


def hands(stage: KivyStage) -> Hands:
    """A citizen's hands on `stage`: real touches, for rehearsals and tests."""
    from screens.hands import Hands

    return Hands(stage)


def bench() -> Bench:
    """A bench to give to `run`; the terminal connects its hands once its simulators run."""
    return Bench()


async def run(
    serve: Callable[[KivyStage], Awaitable[None]],
    *,
    words: Callable[[Language], Words],
    nameplate: Nameplate,
    language: Language = "zh_CN",
    large_type: bool = False,
    display: Display | None = None,
    bench: Bench | None = None,
    first_frame: Callable[[], None] = _nothing,
    alive: Callable[[], None] = _nothing,
    alive_every_s: float = 5.0,
    wall_clock: Callable[[], datetime] = datetime.now,
    now: Callable[[], float] | None = None,
) -> None:
    """Show the attract screen, then run `serve` on the stage until it ends or the window closes.

    `first_frame` is called once the first picture is on the glass, before `serve` begins; `alive`
    every `alive_every_s` seconds from the loop that draws (the watchdog). `bench` adds the panel
    of hands beside the picture. `now` is what touches and countdowns are timed by, in seconds (the
    loop's time). What `serve` raises is raised here.
    """
    configure_kivy(display or Display())
    from kivy.base import EventLoop, async_runTouchApp, stopTouchApp
    from kivy.clock import Clock

    from screens.keyboard.pinyin import let_go
    from screens.window import Pane

    loop = asyncio.get_running_loop()
    now = now or loop.time
    pane = Pane(now)
    stage = pane.stage(words, nameplate, language, large_type, wall_clock)
    if bench is not None:
        pane.add_bench(bench, words(language))
    drawn = loop.create_future()
    EventLoop.ensure_window()
    window = EventLoop.window

    def flipped(*_: object) -> None:
        # returns None: a true value would keep the picture from the glass (kivy.event, dispatch)
        window.unbind(on_flip=flipped)
        drawn.set_result(None)

    window.bind(on_flip=flipped, size=pane.fit)
    pane.fit(window, window.size)
    Clock.schedule_interval(stage.tick, TICK_S)
    Clock.schedule_once(_settle, SETTLED_AFTER_S)
    Clock.schedule_interval(lambda _: _tidy(now() - stage.last_touch), LOOK_AGAIN_S)
    drawing = asyncio.ensure_future(async_runTouchApp(pane, async_lib="asyncio"))
    serving: asyncio.Future[None] | None = None
    try:
        await asyncio.wait({drawing, drawn}, return_when=asyncio.FIRST_COMPLETED)
        if not drawing.done():
            first_frame()
            import_module("screens.registry")  # the other screens, which nobody waits for now
            Clock.schedule_interval(lambda _: alive(), alive_every_s)
            serving = asyncio.ensure_future(serve(stage))
            await asyncio.wait({drawing, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if serving is not None and not serving.done():
            serving.cancel()
            await asyncio.wait({serving})
        let_go()
        stopTouchApp()
        await asyncio.wait({drawing})
    if serving is not None and not serving.cancelled():
        serving.result()
    drawing.result()


def _settle(_seconds: float) -> None:
    """Leave what start-up made out of later garbage collections: each stops the picture for less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


def _tidy(quiet_s: float) -> None:
    """Collect garbage where it is worth it and nobody touches the picture."""
    if quiet_s >= QUIET_S and gc.get_count()[2] >= WORTH_COLLECTING:
        gc.collect()
