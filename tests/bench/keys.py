"""Keys pressed on every keyboard, fields opened: prints `<what> <ms> <ms of a bare frame>`, one a line.

Times are the process's (all threads, drawing in software too), from the touch to the picture that shows
what it did: other programs of the machine do not count.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from kivy.core.window import Window

from kiosk.texts import Plain
from kiosk.views import Form
from kiosk.words import load_words
from screens.app import SETTLED_AFTER_S, Display, Nameplate, hands, run
from screens.keyboard.pinyin import answered
from tests.gallery.entries import CREDIT_CODE, ID_NUMBER, NAME, PHONE

ROUNDS = 2
FRAMES = 10
SETTLED_S = SETTLED_AFTER_S + 1.0
"""By then the terminal has tidied up after its start, as one has that citizens touch."""

PAUSE_S = 0.05

FORM = Form(
    key="bench.keys",
    title=Plain("填写"),
    fields=tuple(replace(one, value="") for one in (PHONE, NAME, CREDIT_CODE, ID_NUMBER)),
    primary=Plain("下一步"),
)
"""As many fields as one page holds: none has to be looked for."""

KEYS: Sequence[tuple[str, Sequence[str]]] = (
    (PHONE.name, "13800"),
    (NAME.name, (*"zhangs", "candidate:0")),
    (NAME.name, ("latin", "shift", "l", "symbols", "1", "pinyin")),
    (CREDIT_CODE.name, "91371"),
    (ID_NUMBER.name, "1101"),
)
"""Which keys are pressed in which field."""

Work = Callable[[], Awaitable[None]]


class Clocked:
    """Times what the hands do on the one form."""

    def __init__(self, stage: Any) -> None:
        self._stage = stage
        self._hands = hands(stage)

    async def frames(self) -> float:
        """What a frame that shows nothing new takes, in ms: the median of some."""
        times = sorted([await self._timed(self._flip) for _ in range(FRAMES)])
        return times[FRAMES // 2]

    async def open(self, name: str) -> float:
        """Open the field of that name; ms."""
        return await self._touch(f"field:{name}")

    async def press(self, key: str) -> float:
        """Press a key; ms."""
        return await self._touch(key if ":" in key else f"key:{key}")

    def can(self, role: str) -> bool:
        """Whether that can be touched now."""
        return role in self._hands.roles()

    async def _touch(self, role: str) -> float:
        target = self._hands.find(role)
        x, y = target.to_window(*target.center)

        async def touched() -> None:
            self._hands.press(x, y)
            self._hands.release(x, y)
            await self._flip()
            if await answered():
                await self._flip()

        await asyncio.sleep(PAUSE_S)
        return await self._timed(touched)

    async def _timed(self, work: Work) -> float:
        begun = time.process_time()
        await work()
        return (time.process_time() - begun) * 1000

    async def _flip(self) -> None:
        drawn = asyncio.get_running_loop().create_future()
        Window.canvas.ask_update()

        def flipped(*_: object) -> None:
            if not drawn.done():
                drawn.set_result(None)

        Window.bind(on_flip=flipped)
        await drawn
        Window.unbind(on_flip=flipped)


async def measure(stage: Any) -> None:
    """Press all keys of all keyboards, some rounds."""
    await asyncio.sleep(SETTLED_S)
    asked = asyncio.ensure_future(stage.ask(FORM))
    await hands(stage).frame()
    await asyncio.sleep(1.0)
    clocked = Clocked(stage)
    opened = PHONE.name
    for n in range(ROUNDS):
        for name, keys in KEYS:
            frame = await clocked.frames()
            if name != opened:
                _say("field", await clocked.open(name), frame)
                opened = name
            pressed = [await clocked.press(key) for key in keys]
            while clocked.can("key:delete"):
                pressed.append(await clocked.press("delete"))
            if n:  # in the first round fonts and keyboards are loaded
                for took in pressed:
                    _say("key", took, frame)
    asked.cancel()


def _say(what: str, took_ms: float, frame_ms: float) -> None:
    sys.stdout.write(f"{what} {took_ms:.2f} {frame_ms:.2f}\n")
    sys.stdout.flush()


def main() -> None:
    """Run under the display of the environment."""
    size = (int(os.environ["BENCH_WIDTH"]), int(os.environ["BENCH_HEIGHT"]))
    hall = Plain("乳山市政务服务大厅", "Rushan Service Hall")
    asyncio.run(
        run(
            measure,
            words=load_words().__getitem__,
            nameplate=Nameplate(hall, hall, "07"),
            display=Display(window=size),
        )
    )


if __name__ == "__main__":
    main()
