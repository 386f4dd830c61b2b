"""One running Kivy app for all tests of a process: a stage, and hands to touch it with."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.texts import Plain
from kiosk.views import Back, Exit, View
from kiosk.words import load_words
from screens.app import Display, Nameplate, run
from tests.screens.display import ensure_display

WINDOW = (1080, 1920)
NAMEPLATE = Nameplate(
    Plain("乳山市政务服务自助终端", "Rushan Public Services"),
    Plain("市政务服务大厅", "City Government Service Hall"),
    "07",
)
ANSWERED_WITHIN_S = 60.0
WORDS = load_words()


class Watch:
    """The time that touches and countdowns go by: the loop's, or held, however slow the machine is."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ahead = 0.0
        self._held: float | None = None

    def __call__(self) -> float:
        return (self._loop.time() if self._held is None else self._held) + self._ahead

    def hold(self) -> None:
        """Let no time pass from now on."""
        self._held = self._loop.time()

    def move(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._ahead += seconds

    def release(self) -> None:
        """Let time pass again."""
        self._held = None


@dataclass
class Terminal:
    """The app under test. `asking` shows a view, lets the moment pass in which a new picture takes no
    touch, and gives the task that waits for its answer."""

    stage: Any
    hands: Any
    frames: list[str]
    watch: Watch

    async def asking(self, view: View[Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(self.stage.ask(view))
        await self.hands.frame()
        while (deaf_for := self.stage.surface.deaf_until - self.watch()) > 0:
            self.watch.move(deaf_for)
        return task

    async def answer(self, task: asyncio.Task[Any]) -> Any | Back | Exit:
        return await asyncio.wait_for(task, ANSWERED_WITHIN_S)

    async def show(self, view: View[Any], language: str, large: bool) -> asyncio.Task[Any]:
        """Ask `view` in this language and type size, as if a citizen had switched them."""
        self.stage.reset()
        self.stage._language, self.stage.large_type = language, large
        return await self.asking(view)


async def start_terminal() -> tuple[Terminal, asyncio.Task[None], subprocess.Popen[bytes] | None]:
    """Open the window and wait until the stage is there."""
    server = ensure_display()
    opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    frames: list[str] = []

    watch = Watch()

    async def serve(stage: Any) -> None:
        frames.append("serve")
        opened.set_result(stage)
        await asyncio.Event().wait()

    app = asyncio.ensure_future(
        run(
            serve,
            words=WORDS.__getitem__,
            nameplate=NAMEPLATE,
            display=Display(window=WINDOW, max_fps=60),
            first_frame=lambda: frames.append("first_frame"),
            wall_clock=lambda: datetime(2026, 11, 23, 9, 41),
            now=watch,
        )
    )
    await asyncio.wait({app, opened}, return_when=asyncio.FIRST_COMPLETED)
    if app.done():
        app.result()
    return Terminal(opened.result(), _hands(opened.result(), watch), frames, watch), app, server


def _hands(stage: Any, watch: Watch) -> Any:
    """A citizen's hands that put the watch forward where a citizen's would wait."""
    from screens.hands import Hands
    from screens.surface import DOUBLE_TOUCH_S

    class QuickHands(Hands):
        async def _settle(self, role: str = "") -> None:
            ready = self.surface.deaf_until
            if not any(one.repeats and one.is_called(role) for one in self.targets()):
                ready = max(ready, self.surface.last_touch + DOUBLE_TOUCH_S)
            while (left := ready - watch()) > 0:
                watch.move(left)

    return QuickHands(stage)


async def end_terminal(app: asyncio.Task[None], server: subprocess.Popen[bytes] | None) -> None:
    """Close the window, and the display where it is ours."""
    app.cancel()
    await asyncio.wait({app})
    if server is not None:
        server.terminate()
        server.wait(10)
