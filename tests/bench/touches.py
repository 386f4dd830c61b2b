"""From a touch to the next screen on the glass: prints each time in milliseconds, one a line."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from kiosk.texts import Plain
from kiosk.views import Choose, Guide, Record, Review, View
from kiosk.words import load_words
from screens.app import Display, Nameplate, hands, run
from screens.surface import DOUBLE_TOUCH_S
from tests.gallery.samples import SAMPLES

TOUCHES = 60
KINDS = (Guide, Review, Choose, Record)
WORDS = load_words()


async def measure(stage: Any) -> None:
    """Touch the primary action of one screen after the other."""
    citizen = hands(stage)
    views: list[View[Any]] = [view for view in SAMPLES.values() if isinstance(view, KINDS)]
    asked = asyncio.ensure_future(stage.ask(views[0]))
    for n in range(1, TOUCHES + len(views)):
        await citizen.frame()
        await asyncio.sleep(DOUBLE_TOUCH_S + 0.05)
        if isinstance(stage.view, Choose):
            await citizen.touch(f"option:{stage.view.options[0].id}")
            await asyncio.sleep(DOUBLE_TOUCH_S + 0.05)
        target = citizen.find("primary")
        x, y = target.to_window(*target.center)
        begun = time.perf_counter()
        citizen.press(x, y)
        citizen.release(x, y)
        await asked
        asked = asyncio.ensure_future(stage.ask(views[n % len(views)]))
        await citizen.frame()
        if n >= len(views):  # each screen was built once: fonts are loaded
            sys.stdout.write(f"{(time.perf_counter() - begun) * 1000:.2f}\n")
    asked.cancel()


def main() -> None:
    """Run under the display of the environment."""
    size = (int(os.environ["BENCH_WIDTH"]), int(os.environ["BENCH_HEIGHT"]))
    hall = Plain("乳山市政务服务大厅", "Rushan Service Hall")
    asyncio.run(
        run(
            measure,
            words=WORDS.__getitem__,
            nameplate=Nameplate(hall, hall, "07"),
            display=Display(window=size),
        )
    )


if __name__ == "__main__":
    main()
