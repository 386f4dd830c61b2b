"""The citizen's rating (好差评): five fixed levels; a bad one asks why, from fixed reasons, voluntarily."""

from __future__ import annotations

import asyncio

from kiosk.ratings import BAD, Unsent
from kiosk.texts import msg
from kiosk.views import Choose, Option
from kiosk.visit import Visit

REASONS = ("slow", "hard_to_use", "device", "unclear", "not_done", "other")
"""What a bad rating can be about, as the hall's interface names them."""

NO_REASON = "none"


async def rate(visit: Visit, level: str) -> None:
    """Note `level` for the item just done, with a reason where it is bad, and have it handed in.

    A citizen who walks away from the reasons has rated all the same.
    """
    counter = visit.counter
    reason = ""
    try:
        if level in BAD:
            reason = await _why(visit)
    finally:
        counter.journal.rated(visit.id, visit.item_id, level, reason)
        fresh = Unsent(visit.id, visit.item_id, level, reason)
        counter.errands.start(counter.ratings.hand_in(counter, fresh))


async def _why(visit: Visit) -> str:
    view = reasons("rating.why", visit)
    answer = await visit.race(view, asyncio.sleep(visit.counter.timing.finished_s))
    return "" if answer is None or answer.id == NO_REASON else answer.id


def reasons(key: str, visit: Visit, *, back: bool = False, leave: bool = False) -> Choose:
    """The fixed reasons to choose from, and that one would rather not say."""
    return Choose(
        key=key,
        steps=visit.here,
        back=back,
        leave=leave,
        title=msg("rating.why"),
        subtitle=msg("rating.why.hint"),
        options=(
            *(Option(id=reason, title=msg(f"rating.reason.{reason}")) for reason in REASONS),
            Option(id=NO_REASON, title=msg("rating.reason.none")),
        ),
        primary=msg("rating.submit"),
    )
