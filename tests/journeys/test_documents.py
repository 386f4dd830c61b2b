"""Nothing of a visit stays in the document printer's queue, and no citizen waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.status import Ok, Outcome, Result
from kiosk.log import Record, attach
from kiosk.reception import Reception
from kiosk.views import Continue, Exit
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER, ScriptedQueue, failed

pytestmark = pytest.mark.looptime

PURGE_S = 40.0
"""A queue that is slow to let go, in virtual seconds: the next citizen stands at the item by then."""


@pytest.fixture
def heard() -> Iterator[list[Record]]:
    """The records logged during the test."""
    records: list[Record] = []
    detach = attach(records.append)
    records.clear()
    yield records
    detach()


async def serve(hall: Hall, for_s: float) -> None:
    """Receive citizens for so many virtual seconds."""
    reception = Reception(hall.counter, lambda *_: hall.availability, hall._maintenance())
    serving = asyncio.ensure_future(reception.serve())
    await asyncio.sleep(for_s)
    serving.cancel()
    await asyncio.wait({serving})
    await hall.counter.errands.close()
    await hall.close()


async def test_the_queue_is_emptied_after_each_visit_and_the_next_citizen_does_not_wait(
    tmp_path: Path,
) -> None:
    # GIVEN a queue that takes its time, a citizen who leaves, and one who comes at once
    queue = ScriptedQueue(purged=Ok(0), purge_s=PURGE_S)
    at_the_item: list[tuple[int, int]] = []

    def leave(_: object) -> Any:
        at_the_item.append((queue.begun, queue.ended))
        return Exit()

    answers = {"attract": [Continue(), Continue(), NEVER], "guide": leave}
    hall = Hall(tmp_path, "own-property", answers=answers, documents=queue)
    # WHEN both are received
    await serve(hall, PURGE_S * 3)
    # THEN the second stood at the item while the first one's documents were still being taken back
    assert at_the_item == [(0, 0), (1, 0)]
    assert (queue.begun, queue.ended) == (2, 2)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (Ok(0), []),
        (Ok(2), [("documents.taken_back", 2)]),
        (
            failed("document.server_absent", Outcome.DEVICE_NOT_READY),
            [("documents.left", "document.server_absent")],
        ),
    ],
    ids=["nothing-left", "two-left", "not-known"],
)
async def test_what_was_left_or_could_not_be_taken_back_is_logged(
    result: Result[int], told: list[tuple[str, object]], tmp_path: Path, heard: list[Record]
) -> None:
    answers = {"attract": [Continue(), NEVER], "guide": Exit()}
    queue = ScriptedQueue(purged=result, purge_s=1.0)
    hall = Hall(tmp_path, "own-property", answers=answers, documents=queue)

    await serve(hall, PURGE_S)

    assert queue.ended == 1
    logged = [r for r in heard if str(r["event"]).startswith("documents.")]
    assert [(r["event"], r.get("jobs", r.get("code"))) for r in logged] == told


async def test_a_terminal_without_a_document_printer_ends_visits_all_the_same(
    tmp_path: Path,
) -> None:
    hall = Hall(tmp_path, "own-property")

    assert await hall.one_visit() == "done"
    await hall.close()
