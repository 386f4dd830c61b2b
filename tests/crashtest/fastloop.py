"""An event loop whose clock runs faster than the wall's, so that an hour of a payment takes seconds."""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import Any


class _FastSelector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Waits for so much less, as the loop's seconds are shorter."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(None if timeout is None else timeout / self._speed)


class FastLoop(asyncio.SelectorEventLoop):
    """`speed` seconds of this loop pass in one of the wall's."""

    def __init__(self, speed: float) -> None:
        super().__init__(_FastSelector(speed))
        self._speed = speed
        self._begun = time.monotonic()

    def time(self) -> float:
        return (time.monotonic() - self._begun) * self._speed
