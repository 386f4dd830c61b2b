"""One whole visit, performed at the real screens by a scripted person, and what it came to."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kiosk.bench import World
from kiosk.catalogue import load_catalogue
from kiosk.first_frame import read_first_frame
from kiosk.front import load_screens, show
from kiosk.journal import JournalBroken
from kiosk.paths import Directories
from kiosk.rehearsal import Hands, Person, Script, Stuck, Unoffered
from kiosk.simulation import Simulation, StandInFailed
from kiosk.terminal import Terminal

WINDOW = (1080, 1920)
"""The reference hardware (SCREENS.md), in pixels."""


class Unperformable(Exception):
    """The request makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who performs what, with which answers, under which misbehaviours, into which directory.

    `state` is kept afterwards where it is given.
    """

    item: str
    card: str
    answers: Mapping[str, str]
    situations: tuple[tuple[str, str], ...]
    config: Path
    state: Path | None
    out: Path
    pictured: bool


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A document that the A4 printer took, and how many of its pages came out."""

    path: str
    pages: int


@dataclass(frozen=True, slots=True)
class Performance:
    """What a visit came to. `duration_s` is from the first touch to the item's end, in seconds;
    `screens` are the views met, `remarks` say what the person could not do, `order` is what was begun to be
    paid, if anything was."""

    item: str
    outcome: str
    duration_s: float
    order: str | None
    receipts: tuple[str, ...]
    documents: tuple[PrintedDocument, ...]
    screens: tuple[str, ...]
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For `kiosk visit --json`."""
        return asdict(self)


def perform(request: Request) -> Performance:
    """Bring up the terminal with everything simulated, and have a person perform the item.

    Raises Unperformable for an item, a card or a situation that does not exist.
    """
    from devices.simulators.cards import CARDS

    items = load_catalogue(request.config)
    if isinstance(items, list):
        raise Unperformable("; ".join(map(str, items)))
    if request.item not in (known := [item.id for item in items]):
        raise Unperformable(f"no item {request.item!r}; there are {', '.join(known)}")
    if request.card not in CARDS:
        raise Unperformable(f"no card {request.card!r}; there are {', '.join(CARDS)}")
    request.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kiosk-state-") as passing:
        stage = _Staged(request)
        where = Directories(request.config, request.state or Path(passing))
        problems = show(
            read_first_frame(request.config),
            where,
            window=WINDOW,
            beside=False,
            simulated=True,
            meanwhile=stage.perform,
        )
        if problems:
            raise Unperformable("; ".join(map(str, problems)))
        return stage.result()


class _Staged:
    """One performance on one terminal."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._person: Person | None = None
        self._begun = time.monotonic()
        self._seconds = 0.0
        self._outcome = ""
        self._order: str | None = None
        self._remarks: list[str] = []
        self._receipts: tuple[str, ...] = ()
        self._documents: tuple[PrintedDocument, ...] = ()

    async def perform(self, terminal: Terminal, stage: Any) -> None:
        """The person's visit, from the attract screen on."""
        simulation = terminal.simulation
        if simulation is None:
            raise AssertionError("a performance is always simulated")
        world = World(simulation)
        request = self._request
        earlier = await _orders(terminal)
        try:
            for who, situation in request.situations:
                await world.misbehave(who, situation)
        except StandInFailed as why:
            raise Unperformable(str(why)) from None
        hands: Hands = load_screens().hands(stage)
        shots = request.out if request.pictured else None
        script = Script(request.item, request.card, request.answers, shots)
        self._person = person = Person(hands, world, script)
        self._begun = time.monotonic()
        try:
            await person.perform(terminal.reception.ended)
            self._outcome = terminal.reception.outcome
        except Unoffered as why:
            self._outcome = "unavailable"
            self._remarks.append(str(why))
        except (Stuck, LookupError, StandInFailed) as why:
            self._outcome = "stuck"
            self._remarks.append(str(why))
        self._seconds = round(time.monotonic() - self._begun, 2)
        begun = [number for number in await _orders(terminal) if number not in earlier]
        self._order = begun[-1] if begun else None
        await self._collect(terminal)

    async def _collect(self, terminal: Terminal) -> None:
        """Let the last slip come out, then keep the slips and the documents."""
        simulation = terminal.simulation
        if simulation is None:
            return
        printed = await simulation.control("receipt_printer").do("paper")  # waits until drawn
        kept = []
        for number, slip in enumerate(printed["slips"], start=1):
            receipt = self._request.out / f"receipt-{number}.png"
            shutil.copyfile(slip, receipt)
            kept.append(str(receipt))
        self._receipts = tuple(kept)
        self._documents = tuple(await self._taken(simulation))

    async def _taken(self, simulation: Simulation) -> list[PrintedDocument]:
        told = await simulation.control("document_printer").do("state")
        documents = []
        for job in told["jobs"]:
            pdf = simulation.papers / f"job-{job['id']:04d}.pdf"
            if pdf.is_file():
                kept = self._request.out / f"document-{job['id']}.pdf"
                shutil.copyfile(pdf, kept)
                documents.append(PrintedDocument(str(kept), job["pages"]))
        return documents

    def result(self) -> Performance:
        """What it came to."""
        person = self._person
        return Performance(
            item=self._request.item,
            outcome=self._outcome,
            duration_s=self._seconds,
            order=self._order,
            receipts=self._receipts,
            documents=self._documents,
            screens=tuple(person.screens) if person else (),
            troubles=tuple(person.troubles) if person else (),
            remarks=tuple(self._remarks),
        )


async def _orders(terminal: Terminal) -> tuple[str, ...]:
    """The numbers of all orders so far; none where the journal cannot be read."""
    try:
        records = await asyncio.to_thread(terminal.counter.journal.orders)
    except JournalBroken:
        return ()
    return tuple(record.status.order_no for record in records)
