"""What a visit has at hand: the screen, the devices, the departments, the books."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.calls import Calls, Errands
from kiosk.hardware import (
    CardReader,
    CodeScanner,
    DocumentQueue,
    Lockers,
    PictureSource,
    SlipPrinter,
)
from kiosk.ratings import RatingPost
from kiosk.seal import Seals
from kiosk.stage import Stage
from kiosk.texts import Plain
from kiosk.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.backends.departments import Departments
    from kiosk.catalogue import Item
    from kiosk.journal import Journal
    from kiosk.payments.desk import PaymentDesk
    from kiosk.payments.tags import PersonTags
    from kiosk.texts import Words


@dataclass(frozen=True, slots=True)
class Place:
    """Which terminal this is, as slips and the hall's staff know it. `division` (GB/T 2260) is where most
    people who stand here live: addresses begin with it."""

    terminal_id: str
    number: str
    hall: Plain
    city: Plain
    enquiries: str
    division: str


@dataclass(frozen=True, slots=True)
class Counter:
    """One terminal's equipment, as journeys use it. `now` is wall time with its zone.

    `documents` is None where no A4 printer is configured, `camera` and `compartments` where
    there are none.
    """

    place: Place
    stage: Stage
    calls: Calls
    errands: Errands
    reader: CardReader
    scanner: CodeScanner
    printer: SlipPrinter
    departments: Departments
    desk: PaymentDesk
    journal: Journal
    tags: PersonTags
    items: tuple[Item, ...]
    words: Callable[[str], Words]
    now: Callable[[], datetime]
    timing: Timing = field(default_factory=Timing)
    seals: Seals = field(default_factory=Seals)
    ratings: RatingPost = field(default_factory=RatingPost)
    documents: DocumentQueue | None = None
    camera: PictureSource | None = None
    compartments: Lockers | None = None
