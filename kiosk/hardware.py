"""What the terminal asks of its devices, as protocols; the adapters in `devices` fulfil them.

Journeys and steps know only these, so that their tests stand in virtual time without a port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from devices.idcard.record import IdCard
from devices.printer.layout import Slip
from devices.printer.receipt import PrintReport
from devices.scanner.codes import ScannedCode
from devices.status import Cover, Health, Paper, Result
from kiosk.timing import PRINTER_RECHECK_S

if TYPE_CHECKING:
    from devices.board.compartments import Opened, Taken
    from devices.camera.source import Consent, Photo
    from devices.printer.document import DocumentReport
    from devices.printer.document_pdf import Document
    from devices.printer.document_queue import PrintOptions
    from devices.printer.document_watch import Progress


def healthy(health: Health | None) -> bool:
    """Whether a device would do its work now, as far as its last facts tell; one that is not there would
    not."""
    if health is None or not health.usable:
        return False
    if health.facts.get("paper") in (Paper.OUT, Paper.JAMMED):
        return False
    return health.facts.get("cover") != Cover.OPEN


class Watched(Protocol):
    """Any device, as far as its health goes."""

    def health(self) -> Health: ...


def works(device: Watched | None) -> bool:
    """Whether `device` is there and would do its work now."""
    return device is not None and healthy(device.health())


async def until_works(device: Watched) -> None:
    """Return once `device` would do its work again."""
    while not works(device):  # noqa: ASYNC110 - it is asked, not told
        await asyncio.sleep(PRINTER_RECHECK_S)


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
    """The A4 printer, where documents wait to be printed."""

    def health(self) -> Health: ...

    async def print_document(
        self,
        document: Document,
        options: PrintOptions | None = None,
        timeout_s: float = 180.0,
        progress: Callable[[Progress], None] | None = None,
    ) -> Result[DocumentReport]:
        """Print one document, once however often it is tried."""
        ...

    async def purge(self) -> Result[int]:
        """Take back what is left of a visit, with its files; how many jobs were in the queue."""
        ...


class PictureSource(Protocol):
    """Takes pictures of a person who agreed to it (devices/camera/source.py)."""

    def health(self) -> Health: ...

    async def take(self, consent: Consent, timeout_s: float) -> Result[Photo]:
        """Take one picture, in memory only; it is wiped with `consent` at the latest."""
        ...


class Lockers(Protocol):
    """The compartments that things on paper are fetched from (devices/board/compartments.py)."""

    @property
    def compartments(self) -> tuple[str, ...]:
        """Their names."""
        ...

    def health(self) -> Health: ...

    async def open(self, name: str, timeout_s: float = 10.0) -> Result[Opened]:
        """Open one and see that it opened."""
        ...

    async def taken(self, name: str, timeout_s: float = 120.0) -> Result[Taken]:
        """Wait until what is inside was taken and the door closed."""
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
