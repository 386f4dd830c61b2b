"""A result leaves on the citizen's phone: the code of its address on screen."""

from __future__ import annotations

from kiosk.texts import Msg, msg
from kiosk.views import TakeAway
from kiosk.visit import Visit


async def take_away(visit: Visit, link: str, key: str, subtitle: Msg) -> None:
    """Show the code of `link` until the citizen has it. Raises Leave where nobody is there any more."""
    await visit.ask_now(
        TakeAway(
            key=key,
            steps=visit.here,
            back=False,
            leave=False,
            title=msg("take_away.title"),
            subtitle=subtitle,
            code=link,
            primary=msg("option.done"),
        )
    )
