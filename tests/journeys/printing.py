"""`python -m tests.journeys.printing STATE CUPS-SOCKET`: a terminal that prints a document, to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kiosk.backends.departments import Departments
from kiosk.backends.settings import departments_at
from tests.devices.printer.queues import WITHIN_S, connected
from tests.journeys.hall import Hall

ITEM = "personal-credit-report"


async def print_one(state: Path, server: str) -> None:
    """One citizen prints their report on the queue "a4" of that CUPS server."""
    async with connected("cups:a4", server=server, patience_s=WITHIN_S) as device:
        hall = Hall(state, ITEM, documents=device)  # type: ignore[arg-type]
        hall.journal.close()
        hall.departments = Departments.open(
            departments_at(hall.sandbox.url), hall.sandbox.adapter, lambda: 0.0
        )
        hall.open_books()
        await hall.one_visit()


if __name__ == "__main__":
    asyncio.run(print_one(Path(sys.argv[1]), sys.argv[2]))
