"""Ratings on their way to the hall: the journal keeps each until the hall has it, over any restart.

A rating is a level, an item and at most a reason: nothing of the citizen. A bad one is an open task of the
hall's operator from the moment that it arrives (`kiosk complaints`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from kiosk.backends.contract import Answer, Cause
from kiosk.journal.trouble import JournalBroken
from kiosk.log import log

if TYPE_CHECKING:
    from kiosk.counter import Counter
    from kiosk.journal import Journal

BAD = ("bad", "very_bad")
"""Levels that are asked for a reason and become a task."""

KEPT = timedelta(days=30)
"""A rating that could not be handed in for so long is not sent any more: nobody would act on it."""

AGAIN_AFTER_S = 300.0
"""How often the hall is tried again while ratings wait."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A rating that the hall does not have yet, as the journal has it."""

    visit: str
    item: str
    level: str
    reason: str


def unsent(journal: Journal, since: str) -> tuple[Unsent, ...]:
    """The ratings given since a time of the log that are not handed in, oldest first."""
    found: dict[tuple[str, str], Unsent] = {}
    reasons: dict[tuple[str, str], str] = {}
    for happening in journal.happenings(since):
        key = (happening.visit, happening.item)
        match happening.kind:
            case "rating_reason":
                reasons[key] = happening.outcome
            case "rated":
                level, reason = happening.outcome, reasons.get(key, "")
                found[key] = Unsent(happening.visit, happening.item, level, reason)
            case "rating_sent":
                found.pop(key, None)
    return tuple(found.values())


class RatingPost:
    """Hands ratings in, one after the other."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def hand_in(self, counter: Counter, fresh: Unsent | None = None) -> bool:
        """Send what the journal holds and the hall does not have; whether nothing waits any more. `fresh`
        is the one just given: a journal that cannot be read does not keep it from the hall."""
        async with self._lock:
            since = (counter.now() - KEPT).astimezone(UTC).isoformat(timespec="milliseconds")
            try:
                waiting = await counter.calls.run(unsent, counter.journal, since)
            except JournalBroken as error:
                log("rating.waits", code=error.code)
                return fresh is not None and await self._sent(counter, fresh)
            for rating in waiting:
                if not await self._sent(counter, rating):
                    return False
        return True

    async def keep_handing_in(self, counter: Counter) -> None:
        """Hand in what an earlier run left, and go on trying while something waits, for ever."""
        while True:
            await self.hand_in(counter)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _sent(self, counter: Counter, rating: Unsent) -> bool:
        place = counter.place.terminal_id
        reply = await counter.calls.run(
            counter.departments.hall.rate, place, rating.item, rating.level,
            f"rate-{rating.visit}", rating.reason,
        )  # fmt: skip
        if isinstance(reply, Answer):
            counter.journal.rating_sent(rating.visit, rating.item, "sent")
            if reply.value:
                log("rating.task", item=rating.item, task=reply.value, level=rating.level)
            return True
        if reply.cause is Cause.REFUSED:
            counter.journal.rating_sent(rating.visit, rating.item, reply.code)
            log("rating.lost", item=rating.item, code=reply.code)
            return True
        log("rating.waits", code=reply.code)
        return False
