"""The one door to the screen: what journeys ask of whoever draws the views."""

from __future__ import annotations

from typing import Protocol, TypeVar

from kiosk.texts import Language
from kiosk.views import Back, Exit, View

A = TypeVar("A")


class Stage(Protocol):
    """Shows views and returns their answers. One view at a time, one dialog at most above it."""

    async def ask(self, view: View[A]) -> A | Back | Exit:
        """Show `view` and return its answer. Cancelling takes the question back (the picture stays
        until the next view). An overlay view (`kiosk.views.OVERLAYS`) leaves the view below asked."""
        ...

    def update(self, view: View[A]) -> None:
        """Show `view` in place of the one on screen of the same class, keeping its pending question
        (a countdown restarted, a trouble said); without one, show it unasked."""
        ...

    def reset(self) -> None:
        """Language, type size and every typed or shown datum back to their start: a visit ended."""
        ...

    @property
    def last_touch(self) -> float:
        """Loop time (seconds, `asyncio` clock) of the last touch anywhere."""
        ...

    @property
    def language(self) -> Language:
        """The language the citizen chose: slips are printed in it."""
        ...
