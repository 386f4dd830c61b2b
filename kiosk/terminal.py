"""The composition root: from configuration to a terminal that serves citizens.

`Terminal.open` is what a start does once the first picture stands: everything heavy is imported and
read in a thread, simulated devices and the sandbox are brought up as children, devices begin to
connect, unfinished payments resume. `serve` receives citizens until it is cancelled; `close` leaves
every device at rest and every child ended.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kiosk.calls import CallPool, Errands
from kiosk.log import Record, attach, log
from kiosk.paths import Directories

if TYPE_CHECKING:
    from devices.device import Device
    from kiosk.assistance import StaffBell
    from kiosk.backends.departments import Departments
    from kiosk.catalogue import Availability, Item
    from kiosk.config import Config
    from kiosk.counter import Counter
    from kiosk.finding import Finder
    from kiosk.health import HealthHistory
    from kiosk.maintenance import Maintenance
    from kiosk.reach import DepartmentWatch
    from kiosk.reception import Reception
    from kiosk.seal import Seals
    from kiosk.simulation import Simulation
    from kiosk.stage import Stage
    from kiosk.switches import Switches
    from kiosk.texts import Words

GATEWAY = "payment"
"""The department that an item needs where it takes money."""


class Unopened(Exception):
    """The terminal cannot serve: `problems` says why, one sentence each, with the remedy."""

    def __init__(self, *problems: str) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Read:
    config: Config
    items: tuple[Item, ...]


class Terminal:
    """An open terminal. `simulation` is None where nothing is pretended."""

    def __init__(
        self,
        config: Config,
        counter: Counter,
        reception: Reception,
        bell: StaffBell,
        simulation: Simulation | None,
        resources: AsyncExitStack,
    ) -> None:
        self.config = config
        self.counter = counter
        self.reception = reception
        self.simulation = simulation
        self.bell = bell
        self._resources = resources

    @classmethod
    async def open(
        cls,
        stage: Stage,
        words: Callable[[str], Words],
        where: Directories,
        *,
        simulated: bool | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> Terminal:
        """Build the terminal on `stage`.

        `simulated` True brings up every stand-in, False none, None what the configuration asks for.

        Raises Unopened.
        """
        read = await asyncio.to_thread(_read, where.config, simulated)
        resources = AsyncExitStack()
        try:
            return await _build(cls, stage, words, where, read, now, resources)
        except BaseException:
            await resources.aclose()
            raise

    async def serve(self) -> None:
        """Receive citizens until cancelled."""
        log("terminal.ready", items=len(self.counter.items))
        await self.reception.serve()

    async def close(self) -> None:
        """Leave everything at rest."""
        log("terminal.stopped", reason="closed")
        await self._resources.aclose()


def _read(directory: Path, simulated: bool | None) -> _Read:
    from kiosk.catalogue import load_catalogue
    from kiosk.config import load

    config, items = load(directory), load_catalogue(directory)
    problems = [p for part in (config, items) if isinstance(part, list) for p in part]
    if problems or isinstance(config, list) or isinstance(items, list):
        log("config.wrong", problems=len(problems))
        raise Unopened(*map(str, problems))
    if simulated is not None:
        config = config.simulated() if simulated else config.alone()
    return _Read(config, items)


async def _build(
    kind: type[Terminal],
    stage: Stage,
    words: Callable[[str], Words],
    where: Directories,
    read: _Read,
    now: Callable[[], datetime],
    resources: AsyncExitStack,
) -> Terminal:
    from kiosk.assistance import StaffBell
    from kiosk.switches import FILE_NAME, Switches

    config = read.config
    try:
        where.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unopened(f"{where.state}: {error.strerror}; Give another --state DIR") from None
    _keep_logs(config, where.state, resources)
    calls = CallPool()
    resources.callback(calls.close)
    errands = Errands()
    simulation = await _simulation(config, where.state, resources)
    history = await _history(config, where.state, resources)
    devices = await _devices(config, simulation, history, resources)
    departments = await asyncio.to_thread(_departments, config, where.config, simulation)
    watch = await _watch(departments, calls, resources)
    counter = await _counter(
        stage, words, where.state, read, now, calls, errands, devices, departments, resources
    )
    counter = replace(counter, seals=_seals(config, where.config, simulation))
    finder = await _finder(counter, resources)
    switches = Switches(where.state / FILE_NAME)
    reception = _reception(counter, config, devices, watch, switches, finder)
    resources.push_async_callback(errands.close)  # before the journal, which they write to
    errands.start(counter.ratings.keep_handing_in(counter))
    bell = StaffBell(counter, lambda: reception.item)
    return kind(config, counter, reception, bell, simulation, resources)


def _keep_logs(config: Config, state: Path, resources: AsyncExitStack) -> None:
    from kiosk.events import Level
    from kiosk.logfile import DailyFile, Stream

    least = Level(config.logs.level)
    kept = DailyFile(
        state / config.logs.directory, least, config.logs.retention_days, config.logs.max_mib
    )
    shown = Stream(sys.stderr, least)

    def keep_and_show(record: Record) -> None:
        kept(record)
        shown(record)

    resources.callback(kept.close)
    resources.callback(attach(keep_and_show))


async def _simulation(config: Config, state: Path, resources: AsyncExitStack) -> Simulation | None:
    if not config.sandbox.own and not any(d.simulated for _, d in config.devices.named()):
        return None
    from kiosk.simulation import Simulation, StandInFailed

    try:
        simulation = await Simulation.start(config, state)
    except StandInFailed as error:
        raise Unopened(f"{error}; kiosk simulate and kiosk sandbox serve tell more") from None
    resources.push_async_callback(simulation.close)
    return simulation


async def _history(config: Config, state: Path, resources: AsyncExitStack) -> HealthHistory | None:
    from kiosk.health import HealthHistory

    try:
        history = await asyncio.to_thread(
            HealthHistory, state / config.health.path, config.health.retention_days
        )
    except sqlite3.Error:
        log("health.broken", code="history.unusable")
        return None
    resources.callback(history.close)
    return history


async def _devices(
    config: Config,
    simulation: Simulation | None,
    history: HealthHistory | None,
    resources: AsyncExitStack,
) -> Mapping[str, Device]:
    from devices import open_device
    from devices.hotplug import listening
    from kiosk.health import Watch

    devices: dict[str, Device] = {}
    for name, given in config.devices.named():
        port = simulation.ports[name] if simulation and given.simulated else given.port
        device = await asyncio.to_thread(
            partial(open_device, given.type, name=name, port=port, **given.settings())
        )
        watch = Watch(device, history)
        resources.callback(watch.close)
        resources.push_async_callback(asyncio.to_thread, device.close)
        device.start()
        devices[name] = device
    hotplug = await asyncio.to_thread(listening, lambda: tuple(devices.values()))
    if hotplug is not None:
        resources.push_async_callback(asyncio.to_thread, hotplug.close)
    return devices


def _departments(config: Config, directory: Path, simulation: Simulation | None) -> Departments:
    from kiosk.backends.departments import Departments
    from kiosk.backends.settings import departments_at

    if simulation is not None and simulation.sandbox_url:
        return Departments.open(departments_at(simulation.sandbox_url))
    return Departments.open(config.departments.at(directory))


def _seals(config: Config, directory: Path, simulation: Simulation | None) -> Seals:
    from kiosk.seal import Seals

    own = simulation.sandbox.root if simulation is not None and simulation.sandbox_url else None
    return Seals(config.documents.files(directory), own)


async def _watch(
    departments: Departments, calls: CallPool, resources: AsyncExitStack
) -> DepartmentWatch:
    from kiosk.reach import DepartmentWatch

    resources.callback(departments.close)
    watch = DepartmentWatch(departments.pings(), calls, departments.where)
    resources.push_async_callback(watch.close)
    watch.start()
    return watch


async def _counter(
    stage: Stage,
    words: Callable[[str], Words],
    state: Path,
    read: _Read,
    now: Callable[[], datetime],
    calls: CallPool,
    errands: Errands,
    devices: Mapping[str, Device],
    departments: Departments,
    resources: AsyncExitStack,
) -> Counter:
    from kiosk.counter import Counter, Place
    from kiosk.hardware import (
        CardReader,
        CodeScanner,
        DocumentQueue,
        Lockers,
        PictureSource,
        SlipPrinter,
    )
    from kiosk.journal import Journal
    from kiosk.journal.keeper import JournalKeeper, Keeping
    from kiosk.payments.desk import PaymentDesk
    from kiosk.payments.tags import PersonTags

    terminal = read.config.terminal
    journal = await asyncio.to_thread(Journal.at_start, state / read.config.journal.path)
    resources.callback(journal.close)
    desk = PaymentDesk(
        journal,
        departments.payment,
        departments.cashiers(),
        calls,
        shown_for_s=read.config.timing.show_code_s,
    )
    resources.push_async_callback(desk.close)
    keeper = JournalKeeper(journal, Keeping.of(read.config.journal, state), now, desk.start)
    resources.push_async_callback(keeper.close)
    await keeper.start()
    return Counter(
        place=Place(
            terminal_id=terminal.id,
            number=terminal.number,
            hall=terminal.hall.plain,
            city=terminal.city.plain,
            enquiries=terminal.enquiries,
            division=terminal.division,
        ),
        stage=stage,
        calls=calls,
        errands=errands,
        reader=cast(CardReader, devices["id_card"]),
        scanner=cast(CodeScanner, devices["scanner"]),
        printer=cast(SlipPrinter, devices["receipt_printer"]),
        departments=departments,
        desk=desk,
        journal=journal,
        tags=await asyncio.to_thread(PersonTags, state),
        items=read.items,
        words=words,
        now=now,
        timing=read.config.timing.waits(),
        documents=cast("DocumentQueue | None", devices.get("document_printer")),
        compartments=cast("Lockers | None", devices.get("compartments")),
        camera=cast("PictureSource | None", devices.get("camera")),
    )


async def _finder(counter: Counter, resources: AsyncExitStack) -> Finder:
    from kiosk.finding import Finder

    finder = Finder(counter.items, counter.words, counter.journal, counter.now)
    resources.push_async_callback(finder.close)
    finder.start()
    return finder


def _reception(
    counter: Counter,
    config: Config,
    devices: Mapping[str, Device],
    watch: DepartmentWatch,
    switches: Switches,
    finder: Finder,
) -> Reception:
    from kiosk.catalogue import Unavailable, availability
    from kiosk.reception import Reception
    from kiosk.texts import msg

    def available(item: Item, when: datetime) -> Availability:
        closed = switches.closed(item.id, when)
        if closed is not None:
            return availability(item, {}, {}, when, closed)
        if counter.journal.refused and GATEWAY in item.needs.departments:
            return Unavailable(msg("unavailable.payments"))
        healths = {name: device.health() for name, device in devices.items()}
        return availability(item, healths, watch.reaches, when)

    maintenance = _maintenance(counter, config, devices, watch)
    return Reception(counter, available, maintenance, finder)


def _maintenance(
    counter: Counter, config: Config, devices: Mapping[str, Device], watch: DepartmentWatch
) -> Maintenance:
    from kiosk.journal.condition import JournalCondition
    from kiosk.maintenance import Lock, Maintenance
    from kiosk.pin import PIN_DIGITS, pin_matches

    technician = config.technician
    lock = Lock(
        verify=lambda pin: pin_matches(pin, technician.pin_hash),
        digits=PIN_DIGITS,
        tries=technician.attempts,
        pause_s=technician.lockout_s,
    )
    return Maintenance(
        stage=counter.stage,
        devices={**devices, "journal": JournalCondition(counter.journal), "departments": watch},
        lock=lock,
        number=config.terminal.number,
        mode=config.mode,
        now=counter.now,
    )
