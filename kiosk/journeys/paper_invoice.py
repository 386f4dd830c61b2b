"""Tax: fetch invoices on paper from a compartment (纸质发票取件).

The department spends the code when it hears that the invoices were taken, not when the door opens. So a
power cut in between loses nothing: the code opens the same compartment again (kiosk/sandbox/tax_pickups.py
has the department's side). What becomes of them is told to the department behind the citizen's back, and
again until it hears.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from typing import TypeVar

from devices.board.compartments import Taken
from devices.scanner.codes import ScannedCode
from devices.status import Act, Failed, Fault, Ok
from kiosk.backends.contract import Answer, Cause, Reply
from kiosk.backends.tax_answers import HandedOver, LeftAs, ReleasedInvoice
from kiosk.calls import Calls
from kiosk.catalogue import Item
from kiosk.hardware import Lockers, works
from kiosk.log import log
from kiosk.receipts import tax as slips
from kiosk.steps.finish import Ending, finish
from kiosk.steps.scan import scan_or_type
from kiosk.steps.trouble import AGAIN, OTHER, backend_trouble, device_trouble, tell
from kiosk.texts import Plain, Text, msg
from kiosk.views import (
    Field,
    FieldKind,
    OpenCompartment,
    Option,
    Picture,
    Row,
    Section,
    Tone,
    Trouble,
)
from kiosk.visit import Rewind, Visit

T = TypeVar("T")

STEPS = ("tax.pickup.step.code", "tax.pickup.step.open", "step.take")

CODE = re.compile(r"[0-9]{8}", re.ASCII)
CODE_DIGITS = 8
"""docs/API.md, pickups."""

OPENS_WITHIN_S = 10.0
"""The lock's pulse and the door's spring need two; the rest is for a board that is asked again."""

TAKE_WITHIN_S = 60.0
REMINDERS = 2
"""How long a compartment is waited for, and how often, before the invoices count as left there."""

HEARD_WITHIN_S = 25.0
"""The tax interface is allowed 20 s (SERVICES.md); afterwards the slip says that it has not heard yet."""

TELL_AGAIN_AFTER_S = (5.0, 30.0, 120.0, 600.0)
"""Pauses between the tries to tell the department, the last one for as long as the terminal runs."""

TYPE_AGAIN = Option(id="again", title=msg("tax.pickup.again"), picture=Picture.SCAN)

REMIND = {
    "compartment.not_taken": "tax.pickup.still_there",
    "compartment.left_open": "tax.pickup.shut",
}
"""What a citizen is reminded of; other faults are the cabinet's own."""

NO_CABINET = Fault("compartment.none", Act.CONFIGURATION)

LEFT = {"compartment.not_taken": LeftAs.NOT_TAKEN, "compartment.jammed": LeftAs.LOCK_FAILED}
"""What a device's fault means for the invoices; of all others nobody knows."""


async def fetch_paper_invoice(visit: Visit, item: Item) -> None:
    """Scan or type the code, open the compartment, see the invoices taken, have that confirmed."""
    visit.steps = tuple(msg(step) for step in STEPS)
    code = await scan_or_type(
        visit,
        "pickup.code",
        msg("tax.pickup.title"),
        msg("tax.pickup.subtitle"),
        Field(
            "code",
            msg("tax.pickup.code"),
            FieldKind.DIGITS,
            longest=CODE_DIGITS,
            shortest=CODE_DIGITS,
        ),
        _code,
        visit.at(0),
    )
    lockers = await _cabinet(visit)
    released = await _release(visit, code)
    visit.commit()
    visit.at(1)
    taken = await _Fetching(visit, lockers, released).until_taken()
    handed = await _confirm(visit, released, taken)
    visit.at(2)
    await finish(visit, _ending(visit, released, handed))


def _code(code: ScannedCode) -> str | None:
    return code.text if CODE.fullmatch(code.text) else None


async def _cabinet(visit: Visit) -> Lockers:
    """The compartments, once they work: before the code is used."""
    while True:
        lockers = visit.counter.compartments
        if lockers is not None and works(lockers):
            return lockers
        fault = lockers.health().fault if lockers is not None else None
        await tell(visit, device_trouble(visit, "tax.pickup.no_cabinet", fault or NO_CABINET))


async def _release(visit: Visit, code: str) -> ReleasedInvoice:
    """The department's word on which compartment the code opens. A code that it does not know can be
    given again (raises Rewind)."""
    tax, place = visit.counter.departments.tax, visit.counter.place
    key = f"pickup-{visit.id}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
    while True:
        reply = await visit.patiently(
            visit.counter.calls.run(tax.release, code, place.terminal_id, key), "progress.fetching"
        )
        if isinstance(reply, Answer):
            return reply.value
        view = backend_trouble(visit, reply)
        if reply.code == "pickup.unknown":
            await tell(visit, replace(view, options=(TYPE_AGAIN, *view.options)))
            raise Rewind
        await tell(visit, view)


class _Fetching:
    def __init__(self, visit: Visit, lockers: Lockers, released: ReleasedInvoice) -> None:
        self._visit = visit
        self._lockers = lockers
        self._released = released
        self._left = 0

    async def until_taken(self) -> Taken:
        """Open the compartment and wait; again as often as the citizen wishes. Raises Leave."""
        while True:
            fault = await self._opened()
            if fault is None:
                result = await self._taken()
                if isinstance(result, Ok):
                    return result.value
                fault = result.fault
            reason = LEFT.get(fault.code, LeftAs.LEFT_OPEN)
            log("pickup.left", code=fault.code)
            self._tell_department(reason)
            await tell(self._visit, self._trouble(reason, fault))

    async def _opened(self) -> Fault | None:
        opening = self._lockers.open(self._released.compartment, OPENS_WITHIN_S)
        view = self._visit.progress("tax.pickup.opening", msg("tax.pickup.opening.at"), leave=False)
        result = await self._visit.race(view, opening)
        return result.fault if isinstance(result, Failed) else None

    async def _taken(self) -> Ok[Taken] | Failed:
        """Until they were taken and the door is shut; reminded of it as often as REMINDERS."""
        trouble, left = None, REMINDERS
        while True:
            waiting = self._lockers.taken(self._released.compartment, TAKE_WITHIN_S)
            result = await self._visit.race(self._view(trouble), waiting)
            if isinstance(result, Ok):
                return result
            if isinstance(result, Failed):
                left -= 1
                reminder = REMIND.get(result.fault.code)
                if reminder is None or left == 0:
                    return result
                trouble = msg(reminder)

    def _view(self, trouble: Text | None) -> OpenCompartment:
        released = self._released
        again = released.again and trouble is None
        return OpenCompartment(
            key="pickup.open",
            steps=self._visit.here,
            title=msg("tax.pickup.open", number=released.compartment),
            subtitle=msg("tax.pickup.open.hint", count=released.invoices),
            number=released.compartment,
            numbers=self._lockers.compartments,
            seconds=int(TAKE_WITHIN_S),
            trouble=msg("tax.pickup.released_before") if again else trouble,
        )

    def _tell_department(self, reason: LeftAs) -> None:
        counter, released = self._visit.counter, self._released
        self._left += 1
        key = f"left-{self._visit.id}-{self._left}"
        tell_it = partial(
            counter.departments.tax.left, released.pickup_id, counter.place.terminal_id, reason, key
        )
        counter.errands.start(_until_heard(counter.calls, tell_it))

    def _trouble(self, reason: LeftAs, fault: Fault) -> Trouble:
        again = replace(AGAIN, title=msg("tax.pickup.open_again"))
        return Trouble(
            key=f"pickup.{reason}",
            steps=self._visit.here,
            headline=msg(f"tax.pickup.{reason}"),
            cause=msg(f"tax.pickup.{reason}.cause", number=self._released.compartment),
            tone=Tone.WARNING,
            standing=Section(msg("tax.pickup.stands"), (self._row(),)),
            options=(again, OTHER),
            code=fault.code,
            primary=msg("option.end"),
        )

    def _row(self) -> Row:
        return Row(msg("tax.pickup.row.id"), Plain(self._released.pickup_id))


async def _confirm(visit: Visit, released: ReleasedInvoice, taken: Taken) -> HandedOver | None:
    """The department's word that its code is spent; None where it has not heard yet."""
    counter = visit.counter
    tell_it = partial(
        counter.departments.tax.taken,
        released.pickup_id,
        counter.place.terminal_id,
        taken.seen_empty,
        f"taken-{visit.id}",
    )
    telling = counter.errands.start(_until_heard(counter.calls, tell_it))
    await visit.patiently(_at_most(telling, HEARD_WITHIN_S), "tax.pickup.confirming")
    return telling.result() if telling.done() else None


async def _at_most(task: asyncio.Task[HandedOver | None], seconds: float) -> None:
    await asyncio.wait({task}, timeout=seconds)


async def _until_heard(calls: Calls, tell_it: Callable[[], Reply[T]]) -> T | None:
    """Tell the department until it answers; None where it refuses to hear it."""
    for pause in chain(TELL_AGAIN_AFTER_S, repeat(TELL_AGAIN_AFTER_S[-1])):
        reply = await calls.run(tell_it)
        if isinstance(reply, Answer):
            return reply.value
        if reply.cause is Cause.REFUSED:
            return None
        await asyncio.sleep(pause)
    raise AssertionError("there is always another try")


def _ending(visit: Visit, released: ReleasedInvoice, handed: HandedOver | None) -> Ending:
    number = handed.acceptance_no if handed else released.pickup_id
    rows = (
        Row(msg("tax.pickup.row.count"), msg("tax.pickup.count", count=released.invoices)),
        Row(msg("tax.pickup.row.compartment"), Plain(released.compartment)),
        Row(msg("row.acceptance" if handed else "tax.pickup.row.id"), Plain(number), strong=True),
    )
    return Ending(
        headline=msg("tax.pickup.done"),
        detail=msg("tax.pickup.done.detail" if handed else "tax.pickup.unconfirmed"),
        rows=rows,
        standing=Section(msg("tax.pickup.done"), (rows[2],)),
        link=handed.voucher_url if handed else "",
        slip=slips.fetched(visit, released, handed),
    )
