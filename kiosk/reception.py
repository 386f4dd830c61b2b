"""From the attract screen to the wipe: receives one citizen after the other.

Each turn: wait for a touch, offer the items, read the guide, perform the item, forget the citizen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from devices.status import Failed
from kiosk.catalogue import (
    Availability,
    Item,
    OfferedWithout,
    Unavailable,
    in_few_words,
    joined,
)
from kiosk.counter import Counter
from kiosk.finding import Finder
from kiosk.hardware import DocumentQueue
from kiosk.journeys import JOURNEYS
from kiosk.log import log
from kiosk.maintenance import Maintenance
from kiosk.pinyin import readings
from kiosk.seeking import Seeking
from kiosk.steps.take_guide import GUIDE_ROWS, take_guide
from kiosk.steps.trouble import explain
from kiosk.texts import Msg, msg
from kiosk.views import (
    SEARCH,
    Attract,
    Back,
    Category,
    Chosen,
    Continue,
    Guide,
    Home,
    OutOfService,
    Picture,
    Row,
    Tile,
    View,
)
from kiosk.visit import Leave, Rewind, Visit

A = TypeVar("A")

AVAILABILITY_RECHECK_S = 1.0
"""How often the home screen follows the devices: a person sees the tile change while looking."""

BACK = "back"
"""How an item ends that was left from its guide: the citizen is again where it was found."""

STARTING = msg("unavailable.starting")
"""The reason of an item whose devices are still connecting: the home screen shows it, and waits."""


class Reception:
    """Serves citizens until it is cancelled.

    `ended` is set when an item ends, `outcome` says how: done, exit, idle, back, or a trouble's code.
    `item` is the one being performed, "" between them.
    """

    def __init__(
        self,
        counter: Counter,
        available: Callable[[Item, datetime], Availability],
        maintenance: Maintenance,
        finder: Finder | None = None,
    ) -> None:
        self._counter = counter
        self._available = available
        self._maintenance = maintenance
        self._finder = finder or Finder(
            counter.items, counter.words, counter.journal, counter.now, readings
        )
        self.technician = asyncio.Event()
        self.ended = asyncio.Event()
        self.outcome = ""
        self.item = ""

    async def serve(self) -> None:
        """One citizen after the other, for ever."""
        while True:
            await self._out_of_service()
            if await self._or_technician(Attract(key="attract")) is not None:
                await self._receive()

    async def _receive(self) -> None:
        """One citizen, from the home screen until nobody is there any more."""
        self._counter.journal.visit_started()
        how = "idle"
        seeking: Seeking | None = None
        try:
            while (chosen := await self._choose_item(seeking)) is not None:
                item, availability, seeking = chosen
                how, home = await self._perform(item, availability)
                if not home:
                    break
                if how != BACK:
                    seeking = None
        finally:
            self._counter.journal.visit_ended(how)
            self._counter.stage.reset()
            if (documents := self._counter.documents) is not None:
                self._counter.errands.start(_take_back(documents))

    async def _perform(self, item: Item, availability: Availability) -> tuple[str, bool]:
        """Perform one item; how it ended, and whether the citizen goes on to another."""
        visit = Visit(self._counter, item.id, explain)
        if isinstance(availability, OfferedWithout):
            visit.without_slip = "receipt_printer" in availability.missing
            visit.without_document = "document_printer" in availability.missing
        begun = asyncio.get_running_loop().time()
        self._counter.journal.item_started(visit.id, item.id)
        log("item.started", item=item.id, visit=visit.id)
        self.item = item.id
        how, home = "fault.internal", False
        try:
            how, home = await self._until_ended(visit, item, availability)
        except asyncio.CancelledError:
            how = "terminal.stopped"
            raise
        finally:
            self.outcome, self.item = how, ""
            visit.close()
            seconds = asyncio.get_running_loop().time() - begun
            self._counter.journal.item_ended(visit.id, item.id, how, seconds)
            log("item.ended", item=item.id, visit=visit.id, outcome=how, seconds=round(seconds, 1))
            self.ended.set()
        return how, home

    async def _until_ended(
        self, visit: Visit, item: Item, availability: Availability
    ) -> tuple[str, bool]:
        journey = JOURNEYS[item.journey]
        while True:
            visit.start_over()
            try:
                await visit.recall(
                    "guide", partial(_read_guide, visit, item, availability), answered=True
                )
                await journey(visit, item)
                return "done", False
            except Rewind:
                if not visit.go_back():
                    return BACK, True
            except Leave as leave:
                return leave.how, leave.home

    # --- home ----------------------------------------------------------------------------------

    async def _choose_item(
        self, seeking: Seeking | None
    ) -> tuple[Item, Availability, Seeking | None] | None:
        """The item chosen at the home screen, or found, and the search that found it; None where nobody
        is there or a technician came. It begins with `seeking`, where that goes on."""
        while True:
            answer = await (
                self._attended(self._home) if seeking is None else self._search(seeking)
            )
            if answer == Chosen(SEARCH):
                seeking = Seeking(self._finder, self._counter.items, self._tile)
            elif isinstance(answer, Back):
                seeking = None
            elif isinstance(answer, Chosen):
                item = next(item for item in self._counter.items if item.id == answer.id)
                availability = self._available(item, self._counter.now())
                if not isinstance(availability, Unavailable):
                    return item, availability, seeking
            else:
                return None

    async def _search(self, seeking: Seeking) -> object:
        """What was chosen among what was found."""
        while True:
            await seeking.find()
            answer = await self._attended(seeking.view)
            if not seeking.narrowed_by(answer):
                return answer

    async def _attended(self, view: Callable[[], View[A]]) -> A | None:
        """The answer to a view that follows the devices; None where nobody is there any more."""
        return await self._or_technician(view(), idle_s=self._counter.timing.idle_s, follow=view)

    async def _or_technician(
        self,
        view: View[A],
        idle_s: float | None = None,
        follow: Callable[[], View[Any]] | None = None,
    ) -> A | None:
        """The answer to `view`; None when idle time ran out or maintenance took place instead."""
        loop = asyncio.get_running_loop()
        stage = self._counter.stage
        begun = loop.time()
        asked = asyncio.ensure_future(stage.ask(view))
        called = asyncio.ensure_future(self.technician.wait())
        shown: View[Any] = view
        try:
            while True:
                await asyncio.wait(
                    {asked, called},
                    timeout=AVAILABILITY_RECHECK_S if idle_s or follow else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if called.done():
                    break
                if asked.done():
                    answer: A = asked.result()  # type: ignore[assignment]
                    return answer
                if idle_s and loop.time() - max(begun, stage.last_touch) >= idle_s:
                    return None
                if follow and (now := follow()) != shown:
                    shown = now
                    stage.update(now)
        finally:
            for task in (asked, called):
                task.cancel()
            await asyncio.wait({asked, called})
        self.technician.clear()
        await self._maintenance.hold()
        return None

    def _home(self) -> Home:
        items = self._counter.items
        categories = dict.fromkeys(item.category for item in items)
        events = dict.fromkeys(event for item in items for event in item.events)
        return Home(
            key="home",
            greeting=msg("home.greeting"),
            hint=msg("home.hint"),
            tiles=tuple(self._tile(item) for item in self._finder.by_use(items)),
            categories=tuple(Category(c, msg(f"category.{c}")) for c in categories),
            events=tuple(Category(e, msg(f"event.{e}")) for e in events),
            footnote=msg("home.privacy"),
            enquiries=msg("home.enquiries", number=self._counter.place.enquiries),
        )

    def _tile(self, item: Item) -> Tile:
        availability = self._available(item, self._counter.now())
        notice: Msg | None = None
        match availability:
            case Unavailable(reason=reason):
                notice = reason
            case OfferedWithout(missing=missing):
                notice = in_few_words(missing)
        return Tile(
            item=item.id,
            title=item.short_name,
            department=item.department_name,
            picture=Picture(item.picture),
            category=item.category,
            events=item.events,
            enabled=not isinstance(availability, Unavailable),
            notice=notice,
        )

    # --- out of service ------------------------------------------------------------------------

    async def _out_of_service(self) -> None:
        """Hold the out-of-service screen for as long as no item can be offered, and until somebody
        wants to see why."""
        while self._nothing_offered():
            view = OutOfService(
                key="out_of_service",
                headline=msg("out_of_service"),
                advice=msg("out_of_service.advice"),
                code="terminal.no_item",
                primary=msg("out_of_service.items"),
            )
            asked = asyncio.ensure_future(self._or_technician(view))
            try:
                while not asked.done() and self._nothing_offered():
                    await asyncio.wait({asked}, timeout=AVAILABILITY_RECHECK_S)
                if asked.done() and asked.result() is not None:
                    await self._receive()
            finally:
                asked.cancel()
                await asyncio.wait({asked})

    def _nothing_offered(self) -> bool:
        """Whether no item can be offered, for a reason that will not pass in a moment."""
        now = self._counter.now()
        found = [self._available(item, now) for item in self._counter.items]
        return all(isinstance(a, Unavailable) and a.reason != STARTING for a in found)


async def _take_back(documents: DocumentQueue) -> None:
    """Leave nothing of a visit in the printer's queue. The printer does it before it prints for the
    next citizen, and by itself once it is back where it is not there now."""
    left = await documents.purge()
    if isinstance(left, Failed):
        log("documents.left", code=left.fault.code)
    elif left.value:
        log("documents.taken_back", jobs=left.value)


async def _read_guide(visit: Visit, item: Item, availability: Availability) -> Continue:
    """Read until the citizen starts; the guide can be taken along as often as wanted."""
    guide = _guide(item, availability)
    while (answer := await visit.ask_now(guide)) == Chosen("take"):
        await take_guide(visit, item.code.text, item.name, item.department_name, guide.rows)
    if not isinstance(answer, Continue):
        raise AssertionError("a guide is started or taken along")
    return answer


def _guide(item: Item, availability: Availability) -> Guide:
    rows = [Row(msg(f"guide.{name}"), getattr(item, name)) for name in GUIDE_ROWS]
    if item.channels:
        places = joined("guide.channel.and", [msg(f"guide.channel.{one}") for one in item.channels])
        rows.append(Row(msg("guide.channels"), places))
    return Guide(
        key="guide",
        back=True,
        title=item.name,
        subtitle=item.department_name,
        rows=tuple(rows),
        notice=availability.notice if isinstance(availability, OfferedWithout) else None,
        take=msg("guide.take"),
        primary=msg("guide.start"),
    )
