"""The citizen calls the hall's staff: one touch, and where the call stands, on screen."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from kiosk.backends.contract import Answer
from kiosk.backends.hall import StaffCall
from kiosk.counter import Counter
from kiosk.log import log
from kiosk.timing import ASSISTANCE_RECHECK_S
from kiosk.views import Assistance, AssistanceCall

FOLLOWED_S = 600.0
"""A call is followed for ten minutes; then somebody has come, or the citizen calls again."""

STATES = {
    "called": Assistance.CALLED,
    "on_the_way": Assistance.ON_THE_WAY,
    "arrived": Assistance.ARRIVED,
}


class StaffBell:
    """Calls staff to this terminal; a second touch while a call is open shows the same call.

    `item` tells what is being done there, "" at the home screen: staff comes prepared. Who is doing it
    they are not told.
    """

    def __init__(self, counter: Counter, item: Callable[[], str] = lambda: "") -> None:
        self._counter = counter
        self._item = item
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Call, and show the call above whatever is on screen."""
        if self._task is None or self._task.done():
            self._task = self._counter.errands.start(self._converse())

    async def _converse(self) -> None:
        asked = asyncio.ensure_future(self._counter.stage.ask(_view(Assistance.CALLING)))
        following = asyncio.ensure_future(self._call())
        try:
            await asyncio.wait({asked}, timeout=FOLLOWED_S)
        finally:
            for task in (asked, following):
                task.cancel()
            await asyncio.wait({asked, following})

    async def _call(self) -> None:
        calls, hall = self._counter.calls, self._counter.departments.hall
        key = f"call-{secrets.token_hex(8)}"
        reply = await calls.run(hall.call_staff, self._counter.place.terminal_id, self._item(), key)
        if isinstance(reply, Answer):
            await follow(self._counter, reply.value, self._show)
        else:
            log("assistance.unreached", code=reply.code)
            self._show(Assistance.UNREACHED)

    def _show(self, state: Assistance) -> None:
        self._counter.stage.update(_view(state))


async def follow(counter: Counter, call: StaffCall, told: Callable[[Assistance], None]) -> None:
    """Tell where `call` stands, now and whenever that changes, until staff is here. A hall that cannot be
    asked for a while changes nothing: the call stands."""
    shown: Assistance | None = None
    while True:
        state = STATES[call.state]
        if state is not shown:
            shown = state
            told(state)
            log("assistance.state", state=state.value)
        if state is Assistance.ARRIVED:
            return
        await asyncio.sleep(ASSISTANCE_RECHECK_S)
        reply = await counter.calls.run(counter.departments.hall.staff_call, call.call_id)
        if isinstance(reply, Answer):
            call = reply.value


def _view(state: Assistance) -> AssistanceCall:
    return AssistanceCall(key="assistance", state=state)
