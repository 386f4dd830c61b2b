"""The citizen calls the hall's staff: one touch, and where the call stands, on screen."""

from __future__ import annotations

import asyncio
import secrets

from kiosk.backends.contract import Answer
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
    """Calls staff to this terminal; a second touch while a call is open shows the same call."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Call, and show the call above whatever is on screen."""
        if self._task is None or self._task.done():
            self._task = self._counter.errands.start(self._converse())

    async def _converse(self) -> None:
        asked = asyncio.ensure_future(self._counter.stage.ask(_view(Assistance.CALLING)))
        following = asyncio.ensure_future(self._follow())
        try:
            await asyncio.wait({asked}, timeout=FOLLOWED_S)
        finally:
            for task in (asked, following):
                task.cancel()
            await asyncio.wait({asked, following})

    async def _follow(self) -> None:
        calls, hall = self._counter.calls, self._counter.departments.hall
        key = f"call-{secrets.token_hex(8)}"
        reply = await calls.run(hall.call_staff, self._counter.place.terminal_id, "", key)
        while True:
            if not isinstance(reply, Answer):
                log("assistance.unreached", code=reply.code)
                self._counter.stage.update(_view(Assistance.UNREACHED))
                return
            self._counter.stage.update(_view(STATES[reply.value.state]))
            log("assistance.state", state=reply.value.state)
            await asyncio.sleep(ASSISTANCE_RECHECK_S)
            reply = await calls.run(hall.staff_call, reply.value.call_id)


def _view(state: Assistance) -> AssistanceCall:
    return AssistanceCall(key="assistance", state=state)
