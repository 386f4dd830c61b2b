"""The journal as a row of the technician's page: whether payments may be taken, and what is in it."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from functools import partial

from devices.device import TestReport
from devices.faults import fault
from devices.status import DeviceState, Failed, Health, Ok, Outcome, Result
from kiosk.journal.store import Journal
from kiosk.journal.trouble import DAMAGED, UNUSABLE, JournalBroken
from kiosk.journal.verification import flaws_of


class JournalCondition:
    """`journal`, with the health and the test of a device."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._since = time.time()

    def health(self) -> Health:
        """Online while payments may be taken; else a fault whose code the citizens' screens have too."""
        refused = self._journal.refused
        since = self._since
        if refused and self._journal.refused_since:
            since = datetime.fromisoformat(self._journal.refused_since).timestamp()
        return Health(
            name="journal",
            kind="journal",
            type="sqlite",
            port=self._journal.path.name,
            state=_state(refused),
            fault=fault(refused) if refused else None,
            facts={"payments": "refused" if refused else "taken"},
            counters={},
            since=since,
        )

    async def test(self) -> Result[TestReport]:
        """Check the whole file, and try a failed disk again."""
        try:
            flaws = await asyncio.to_thread(partial(flaws_of, self._journal.path, unhurried=True))
        except JournalBroken as error:
            return Failed(Outcome.DEVICE_NOT_READY, fault(error.code, error.detail))
        if flaws:
            self._journal.found_damaged(str(flaws[0]))
            return Failed(Outcome.HARDWARE_ERROR, fault(DAMAGED, str(flaws[0])))
        if not await asyncio.to_thread(self._journal.recover):
            return Failed(Outcome.DEVICE_NOT_READY, fault(self._journal.refused or UNUSABLE))
        health = self.health()
        return Ok(TestReport(health.facts, ("the chain holds", "the orders agree with the log")))


def _state(refused: str) -> DeviceState:
    if not refused:
        return DeviceState.ONLINE
    return DeviceState.HARDWARE_ERROR if refused == DAMAGED else DeviceState.OFFLINE
