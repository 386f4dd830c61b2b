"""Looks after the journal while the terminal runs: tries a failed disk again, and every night copies the
file, checks the whole of it and removes what is past its time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

from kiosk.journal.backup import CopyFlawed, back_up, copy_of
from kiosk.journal.records import Kind
from kiosk.journal.retention import retire
from kiosk.journal.store import Journal
from kiosk.journal.trouble import JournalBroken
from kiosk.journal.verification import flaws_of
from kiosk.log import log

if TYPE_CHECKING:
    from kiosk.config import Journal as Settings

P = ParamSpec("P")

LOOK_EVERY_S = 10.0
"""How soon payments are taken again after somebody has made room on the disk."""

TRY_AGAIN_S = 3600.0
"""After a copy that failed: whoever unmounted its disk may bring it back within the night."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where copies go and how many are kept; from which hour (local) on they are made; for how many
    days the log is kept."""

    directory: Path
    copies: int
    hour: int
    days: int

    @classmethod
    def of(cls, given: Settings, state: Path) -> Keeping:
        """The configuration's [journal], with `state` as the state directory."""
        return cls(
            directory=state / given.copies_directory,
            copies=given.copies_kept,
            hour=given.copy_hour,
            days=given.retention_days,
        )


class JournalKeeper:
    """Keeps `journal`. `resume` goes on with what is unfinished in it, once it can be read."""

    def __init__(
        self,
        journal: Journal,
        keeping: Keeping,
        now: Callable[[], datetime],
        resume: Callable[[], Awaitable[None]],
    ) -> None:
        self._journal = journal
        self._keeping = keeping
        self._now = now
        self._resume = resume
        self._resumed = False
        self._not_before = 0.0
        self._task: asyncio.Task[None] | None = None
        self._work: asyncio.Future[bool] | None = None

    async def start(self) -> None:
        """Resume payments, and look after the journal for as long as the terminal runs."""
        await self._go_on()
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Look after it no more; what is under way is finished."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._work is not None:
            await asyncio.wait({self._work})

    async def look(self) -> None:
        """Do what is due now."""
        if self._journal.refused:
            if await self._in_thread(self._journal.recover):
                await self._go_on()
        elif self._due():
            done = await self._in_thread(nightly, self._journal, self._keeping, self._now())
            if not done:
                self._not_before = asyncio.get_running_loop().time() + TRY_AGAIN_S

    async def _keep(self) -> None:
        while True:  # a start has other things to do first
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def _go_on(self) -> None:
        if self._resumed:
            return
        try:
            await self._resume()
            self._resumed = True
        except JournalBroken as error:
            log("journal.broken", code=error.code)

    async def _in_thread(
        self, function: Callable[P, bool], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        self._work = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
        return await asyncio.shield(self._work)

    def _due(self) -> bool:
        """Once a day: at night, or when a terminal that is switched off at night is started."""
        now = self._now()
        if now.hour < self._keeping.hour:
            return False
        if asyncio.get_running_loop().time() < self._not_before:
            return False
        return not copy_of(self._keeping.directory, now.date()).exists()


def nightly(journal: Journal, keeping: Keeping, now: datetime) -> bool:
    """Copy, check and clear the journal; whether there is a copy of today now.

    A journal found damaged is refused from then on.
    """
    try:
        copied = back_up(
            journal.path, keeping.directory, now.date(), keeping.copies, unhurried=True
        )
        facts = {"file": copied.path.name, "entries": copied.entries, "head": copied.head}
        journal.append(Kind.BACKUP, facts)
        log("journal.kept", entries=copied.entries)
        removed = retire(journal.path, keeping.days, now)
        if removed.entries:
            log(
                "journal.removed",
                entries=removed.entries, orders=removed.orders, days=keeping.days,
            )  # fmt: skip
    except (OSError, sqlite3.Error, UnicodeDecodeError, JournalBroken, CopyFlawed) as error:
        log("journal.not_kept", code=_code(error))
        _look_for_damage(journal)
        return False
    return True


def _look_for_damage(journal: Journal) -> None:
    """Whether the copy failed because of the journal itself."""
    try:
        flaws = flaws_of(journal.path, unhurried=True)
    except JournalBroken:
        return  # it could not be looked at: the next write finds out
    if flaws:
        journal.found_damaged(str(flaws[0]))


def _code(error: Exception) -> str:
    match error:
        case CopyFlawed():
            return "copy.flawed"
        case JournalBroken(code=code):
            return code
        case sqlite3.Error() | UnicodeDecodeError():
            return "copy.database"
        case _:
            return "copy.disk"
