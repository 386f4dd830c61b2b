"""What the terminal asks of its devices, as protocols; the adapters in `devices` fulfil them.

Journeys and steps know only these, so that their tests stand in virtual time without a port.
"""

from __future__ import annotations

from typing import Protocol

from devices.idcard.record import IdCard
from devices.printer.layout import Slip
from devices.printer.receipt import PrintReport
from devices.scanner.codes import ScannedCode
from devices.status import Health, Result


class CardReader(Protocol):
    """Reads the citizen's ID card."""

    def health(self) -> Health: ...

    async def read_card(self, timeout_s: float) -> Result[IdCard]:
        """Wait until a card lies on the reader and read it. Cancelling leaves the reader at rest."""
        ...


class CodeScanner(Protocol):
    """Reads one code that a citizen holds in front of the window."""

    def health(self) -> Health: ...

    async def scan(self, timeout_s: float) -> Result[ScannedCode]:
        """Light the scanner until one code was read. Cancelling switches it off."""
        ...


class DocumentQueue(Protocol):
    """Where documents wait for the A4 printer."""

    async def purge(self) -> Result[int]:
        """Take back what is left of a visit, with its files; how many jobs were in the queue."""
        ...


class SlipPrinter(Protocol):
    """Prints slips and knows whether it can."""

    def health(self) -> Health: ...

    async def print_slip(self, slip: Slip, timeout_s: float) -> Result[PrintReport]:
        """Print and cut one slip; the report says whether its end was proven."""
        ...

    async def status(self, timeout_s: float) -> Result[Health]:
        """Ask the printer for its state now, rather than at its next poll."""
        ...
