"""One terminal made for a test: the real visit, journeys, desk, journal, clients and departments.

Only the screen, the three devices and the clock are the script's; time is virtual.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devices.simulators.cards import CARDS
from devices.status import Ok
from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from kiosk.calls import Errands
from kiosk.catalogue import Availability, Item, Offered, load_catalogue
from kiosk.counter import Counter, Place
from kiosk.journal import Journal
from kiosk.maintenance import Lock, Maintenance
from kiosk.payments.desk import PaymentDesk
from kiosk.payments.tags import PersonTags
from kiosk.reception import Reception
from kiosk.sandbox.approval_words import HOME_DIVISION
from kiosk.seal import Seals
from kiosk.texts import Plain
from kiosk.timing import Timing
from kiosk.views import Chosen, Continue, Typed, View
from kiosk.words import load_words
from tests.items import SCRIPTS
from tests.items.script import Script
from tests.journeys.scripted import (
    NEVER,
    ScriptedCamera,
    ScriptedLockers,
    ScriptedPrinter,
    ScriptedQueue,
    ScriptedReader,
    ScriptedScanner,
    ScriptedStage,
)
from tests.sandbox.in_process import Clock, Sandbox

CONFIG = Path(__file__).resolve().parents[2] / "config"
WORDS = load_words()

CALL_S = 0.05
"""How long a department seems to take, in virtual seconds."""

CARD_S = 3.0
"""How long the card takes: longer than the scripted citizen thinks, so that Back can come first."""

AN_HOUR = 3600.0


class InlineCalls:
    """`Calls` without threads, so that virtual time cannot run ahead of them."""

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(CALL_S)
        return function(*args, **kwargs)


class AtOnce(ThreadPoolExecutor):
    """Has what the program gives to a thread done before anything else happens: else virtual time goes on
    by what the machine takes for it, and a slow one shows the citizen one more wait."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        given = super().submit(fn, *args, **kwargs)
        wait([given])
        return given


def items() -> dict[str, Item]:
    """The catalogue by id."""
    loaded = load_catalogue(CONFIG)
    assert isinstance(loaded, tuple), loaded
    return {item.id: item for item in loaded}


ITEMS = items()


@dataclass
class Hall:
    """A terminal in a hall. Must be made within the running (virtual-time) loop."""

    state: Path
    item: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    interrupts: Mapping[int, Any] = field(default_factory=dict)
    card: str = ""
    sandbox: Sandbox = field(default_factory=lambda: Sandbox(Clock()))
    reader: ScriptedReader = field(default_factory=lambda: ScriptedReader(Ok(CARDS["wang-xiulan"])))
    scanner: ScriptedScanner | None = None
    printer: ScriptedPrinter = field(default_factory=ScriptedPrinter)
    documents: ScriptedQueue | None = field(default_factory=ScriptedQueue)
    camera: ScriptedCamera | None = None
    compartments: ScriptedLockers | None = field(default_factory=ScriptedLockers)
    availability: Availability = field(default_factory=Offered)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(AtOnce())
        self.typed_codes: list[str] = []
        self.sandbox.clock.follow(loop)
        self.stage = ScriptedStage(usual(self) | dict(self.answers), WORDS, self.interrupts)
        script = SCRIPTS.get(self.item, Script())
        card = self.card or script.card
        if card != "wang-xiulan":
            self.reader = ScriptedReader(Ok(CARDS[card]))
        if self.scanner is None:
            self.scanner = ScriptedScanner(*(script.scans or script.scans_of(self)))
            self.scanner.seconds = CARD_S
        self.reader.seconds = CARD_S
        self.departments = Departments.open(
            departments_at(self.sandbox.url), self.sandbox.adapter, loop.time
        )
        self.open_books()

    def open_books(self) -> None:
        """The journal and the desk, as at a start."""
        calls = InlineCalls()
        self.journal = Journal(self.state / "journal.sqlite", self.sandbox.clock)
        self.desk = PaymentDesk(
            self.journal,
            self.departments.payment,
            self.departments.cashiers(),
            calls,
            now=self.sandbox.clock,
        )
        self.counter = Counter(
            place=Place(
                "rushan-07",
                "07",
                Plain("大厅", "Hall"),
                Plain("终端", "Terminal"),
                "12345",
                HOME_DIVISION,
            ),
            stage=self.stage,
            calls=calls,
            errands=Errands(),
            reader=self.reader,
            scanner=self.scanner,
            printer=self.printer,
            departments=self.departments,
            desk=self.desk,
            journal=self.journal,
            tags=PersonTags(self.state),
            items=(ITEMS[self.item],),
            words=WORDS.__getitem__,
            now=self.sandbox.clock,
            timing=Timing(),
            documents=self.documents,
            camera=self.camera,
            seals=Seals(fetch=lambda: self.sandbox.app.state.sandbox.authority.root_pem),
            compartments=self.compartments,
        )

    async def one_visit(self) -> str:
        """Let one citizen perform the item; how it ended."""
        reception = Reception(self.counter, lambda *_: self.availability, self._maintenance())
        serving = asyncio.ensure_future(reception.serve())
        ended = asyncio.ensure_future(reception.ended.wait())
        try:
            await asyncio.wait(
                {serving, ended}, timeout=AN_HOUR, return_when=asyncio.FIRST_COMPLETED
            )
            if serving.done():
                serving.result()
            assert reception.ended.is_set(), f"still at {self.stage.keys[-3:]}"
            return reception.outcome
        finally:
            for task in (serving, ended):
                task.cancel()
            await asyncio.wait({serving, ended})
            await self.counter.errands.close()

    @property
    def keys(self) -> list[str]:
        """The keys of the views asked, until the attract screen came back."""
        keys = self.stage.keys
        return keys[:-1] if len(keys) > 1 and keys[-1] == "attract" else keys

    def _maintenance(self) -> Maintenance:
        lock = Lock(lambda pin: pin == "135790", 6, 5, 300.0)
        return Maintenance(self.stage, {}, lock, "07", "bench", self.sandbox.clock)

    def lose(self, device: str) -> None:
        """Take a device out of the terminal, as if it were not configured."""
        setattr(self, device, None)
        self.counter = replace(self.counter, **{device: None})

    async def pay_on_the_phone(self, view: View[Any]) -> Any:
        """The citizen scans the shown code and pays."""
        trades = self.sandbox.ledger()["trades"]
        number = trades[-1]["out_trade_no"]
        self.sandbox.control(f"/orders/{number}/pay", {"channel": "alipay"})
        return NEVER

    async def type_the_code(self, view: View[Any]) -> Any:
        """The citizen types the code on the phone; one that was typed before is not typed again."""
        code = self.sandbox.control("/messages")[-1]["code"]
        if code in self.typed_codes:
            await asyncio.sleep(view.again_after)
            return Chosen("again")
        self.typed_codes.append(code)
        return Typed(code)

    async def close(self) -> None:
        """End of the day."""
        await self.desk.close()
        self.journal.close()


def usual(hall: Hall) -> dict[str, Any]:
    """What a citizen in no trouble answers: everywhere alike, then as the item's script has it."""
    script = SCRIPTS.get(hall.item, Script())
    return {
        "attract": [Continue(), NEVER],
        "home": Chosen(hall.item),
        "guide": Continue(),
        "identify": NEVER,
        "document.pages": lambda view: Chosen(view.actions[-1].id),
        "second_proof.way": Chosen("code"),
        "second_proof.code": hall.type_the_code,
        "document.take_away": Continue(),
        "finished": [Chosen("rate:good"), Chosen("done")],
        "Printing": NEVER,
        "Progress": NEVER,
        "ScanOrType": NEVER,
        **script.answers,
        **script.of_hall(hall),
    }
