"""The screens with a person in front of them: `KIOSK_SCREENS=tests.crashtest.handed kiosk run` pays by touch.

Everything is the program's own; the person sees, touches and pays as `kiosk visit` has it. What they came
for stands in $KIOSK_PERSON: item, card, way to pay, and what goes wrong, with spaces between.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from kiosk.bench import World
from kiosk.rehearsal import Person, Script, Stuck, Unoffered
from kiosk.simulation import StandInFailed
from kiosk.views import Pay
from screens import app
from screens.app import Bench, Display, Nameplate, hands

__all__ = ["Bench", "Display", "Nameplate", "bench", "hands", "run"]

PERSON = "KIOSK_PERSON"
"""`resident-pension-pay wang-xiulan show:wechat payment=answer_lost`, without the last where all is well."""


class _Bench(Bench):
    """A bench that tells when its hands have something to take hold of."""

    def __init__(self) -> None:
        super().__init__()
        self.connected = asyncio.Event()
        self.world: World | None = None

    def connect(self, hands: Any) -> None:
        super().connect(hands)
        self.world = hands._world
        self.connected.set()


def bench() -> Bench:
    """The bench through which the person reaches the simulated devices."""
    return _Bench()


async def run(
    serve: Callable[[Any], Awaitable[None]], *, bench: Bench | None = None, **given: Any
) -> None:
    """`screens.app.run`, with the person beside `serve`."""

    async def attended(stage: Any) -> None:
        person = asyncio.ensure_future(_perform(stage, bench))
        try:
            await serve(stage)
        finally:
            person.cancel()
            await asyncio.wait({person})

    await app.run(attended, bench=bench, **given)


async def _perform(stage: Any, bench: Bench | None) -> None:
    """What the person came for, again and again; one who does not know how to go on walks away."""
    if not isinstance(bench, _Bench):
        raise AssertionError("a person needs simulated devices")
    await bench.connected.wait()
    world = bench.world
    if world is None:
        raise AssertionError("a connected bench has its world")
    item, card, paying, *wrong = os.environ[PERSON].split()
    going_wrong = asyncio.ensure_future(_go_wrong(stage, world, wrong))
    person = Person(hands(stage), world, Script(item, card, {"pay": paying}))
    with suppress(Stuck, Unoffered, LookupError, StandInFailed):
        await person.perform(asyncio.Event())
    going_wrong.cancel()


async def _go_wrong(stage: Any, world: World, wrong: Sequence[str]) -> None:
    """What goes wrong does once somebody is about to pay: before, the item would only be greyed."""
    while not isinstance(stage.view, Pay):
        await stage.changed(stage.version)
    for each in wrong:
        await world.misbehave(*each.split("=", 1))
