"""A simulated scanner over HID-POS: the reports of a real one, on a pty instead of a hidraw node.

Its port says so (`stream:...`, devices/scanner/node.py). Control requests are those of the serial one.
"""

from __future__ import annotations

from pathlib import Path

from devices.scanner.hid_pos import reports
from devices.scanner.node import STREAM
from devices.simulators.scanner import ScannerSimulator, Shown

BAUD = 640_000
"""A report of 64 bytes every millisecond, as USB at full speed carries them."""


class HidScannerSimulator(ScannerSimulator):
    """A scanner that reads all the time."""

    def __init__(
        self,
        *,
        baud: int = BAUD,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        """ValueError for `tcp`: a node is no network service."""
        if tcp is not None and tcp is not False:
            raise ValueError("a device node is not reached over TCP")
        super().__init__(
            baud=baud, profile="plain", link=link, control=control, situation=situation
        )

    def start(self) -> None:
        super().start()
        self.port = STREAM + self.port

    def _unit(self, shown: Shown) -> bytes:
        return b"".join(reports(shown.code))
