"""A simulated scanner that types: the input events of a real one, on a pty instead of an evdev node.

Its port says so (`stream:...`, devices/scanner/node.py). Control requests are those of the serial one.
"""

from __future__ import annotations

from pathlib import Path

from devices.scanner.keys import EVENT, LAYOUTS, typed
from devices.scanner.node import STREAM
from devices.simulators.line import BITS_PER_BYTE
from devices.simulators.scanner import ScannerSimulator, Shown

EVENTS_PER_S = 1000
"""A key goes down or up with each of a keyboard's reports, one a millisecond at the fastest."""

BAUD = EVENTS_PER_S * EVENT.size * BITS_PER_BYTE


class KeyboardScannerSimulator(ScannerSimulator):
    """A scanner that reads all the time and types for the country of `layout`."""

    def __init__(
        self,
        *,
        baud: int = BAUD,
        layout: str = "us",
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        """ValueError for `tcp` (a node is no network service) and for an unknown layout."""
        if tcp is not None and tcp is not False:
            raise ValueError("a device node is not reached over TCP")
        if layout not in LAYOUTS:
            raise ValueError(f"no layout {layout!r}; there are {', '.join(LAYOUTS)}")
        super().__init__(
            baud=baud, profile="plain", link=link, control=control, situation=situation
        )
        self._layout = LAYOUTS[layout]

    def start(self) -> None:
        super().start()
        self.port = STREAM + self.port

    def _unit(self, shown: Shown) -> bytes:
        return typed(shown.code, self._layout)
