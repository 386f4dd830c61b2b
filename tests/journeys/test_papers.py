"""A sealed document's way through a visit: refused when not genuine, printed page by page, taken along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devices.status import Ok, Outcome
from kiosk.steps.document import PAGES_DRAWN, DrawnPages
from kiosk.texts import msg
from kiosk.views import Chosen, Printing, TakeAway, Tone, Trouble
from tests.devices.printer.papers import pdf
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER, ScriptedQueue, Stopped, failed

pytestmark = pytest.mark.looptime

ITEM = "personal-credit-report"
"""An item whose document has five pages."""

JAM = "document.paper_jam"


def asked(hall: Hall, key: str) -> list[Any]:
    """The views of `key`, as they were asked."""
    return [view for view in hall.stage.asked if view.key == key]


def orders(queue: ScriptedQueue) -> list[tuple[int, int] | None]:
    """Which pages each job was told to print; None for all."""
    return [options.pages for options in queue.orders]


@pytest.mark.parametrize(
    "how",
    ["digest", "tampered", "appended", "unsigned", "foreign_ca", "expired", "short", "not_pdf"],
)
async def test_what_is_not_genuine_is_neither_shown_nor_printed(how: str, tmp_path: Path) -> None:
    codes = {"appended": "tampered", "foreign_ca": "untrusted", "short": "pages"}
    code = f"document.{codes.get(how, how)}"
    # GIVEN a department whose document is wrong on its way here
    hall = Hall(tmp_path, ITEM, answers={f"trouble.{code}": Chosen("primary")})
    hall.sandbox.control("/papers", {"how": how, "times": 10})
    # WHEN
    outcome = await hall.one_visit()
    # THEN it is told by its code, with a sentence, and nothing of it is shown or printed
    assert outcome == code
    (trouble,) = asked(hall, f"trouble.{code}")
    assert isinstance(trouble, Trouble)
    assert trouble.code == code
    assert "document.pages" not in hall.keys
    assert hall.documents is not None
    assert hall.documents.orders == []
    await hall.close()


async def test_a_document_damaged_on_its_way_is_fetched_again(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, answers={"trouble.document.digest": Chosen("again")})
    hall.sandbox.control("/papers", {"how": "digest", "times": 1})
    assert await hall.one_visit() == "done"
    assert hall.documents is not None
    assert len(hall.documents.documents) == 1
    await hall.close()


async def test_a_jam_on_page_3_of_5_prints_what_is_missing_once_staff_cleared_it(
    tmp_path: Path,
) -> None:
    # GIVEN a printer that counts its pages and jams at the third
    queue = ScriptedQueue(Stopped(2, failed(JAM)), Ok(None))
    hall = Hall(tmp_path, ITEM, documents=queue, answers={"document.trouble": Chosen("go_on")})
    # WHEN
    assert await hall.one_visit() == "done"
    # THEN the citizen was told how far it came, and pages 3 to 5 came out under a job of their own
    (view,) = asked(hall, "document.pages")
    assert len(view.pages) == 5
    (trouble,) = asked(hall, "document.trouble")
    assert trouble.headline == msg("document.part_printed", done=2, pages=5)
    assert orders(queue) == [None, (3, 5)]
    # AND the last screen reminds of all five
    takes = [take.text for take in asked(hall, "finished")[0].take]
    assert msg("take.pages", count=5) in takes
    held = [v for v in hall.stage.shown if isinstance(v, Printing) and v.tone is Tone.WARNING]
    assert [v.done for v in held] == [2]
    await hall.close()


@pytest.mark.parametrize(("jams", "ends"), [(1, "done"), (2, "idle")])
async def test_a_printer_that_tells_of_no_trouble_is_believed_once(
    jams: int, ends: str, tmp_path: Path
) -> None:
    # GIVEN jobs that end by a jam at a printer that says itself, then and later, that it is well
    queue = ScriptedQueue(*[Stopped(1, failed(JAM))] * jams, Ok(None))

    async def nobody(_: object) -> Any:
        return NEVER

    hall = Hall(tmp_path, ITEM, documents=queue, answers={"document.trouble": nobody})

    # THEN printing goes on by itself, but not again and again
    assert await hall.one_visit() == ends
    await hall.close()


async def test_the_printer_goes_on_by_itself_when_it_is_well_again(tmp_path: Path) -> None:
    queue = ScriptedQueue(Stopped(2, failed(JAM)), Ok(None))

    async def cleared(_: object) -> Any:
        queue.facts["paper"] = "full"
        return NEVER

    def jammed(view: Any) -> Any:
        if view.tone is Tone.PLAIN:
            queue.facts["paper"] = "jammed"
        return NEVER

    hall = Hall(
        tmp_path,
        ITEM,
        documents=queue,
        answers={"document.trouble": cleared, "document.printing": jammed},
    )
    assert await hall.one_visit() == "done"
    assert orders(queue) == [None, (3, 5)]
    await hall.close()


async def test_where_nobody_counts_a_person_is_asked(tmp_path: Path) -> None:
    # GIVEN a queue that does not count
    queue = ScriptedQueue(Stopped(None, failed(JAM)), Ok(None))
    answers = {"document.came_out": Chosen("3"), "document.trouble": Chosen("go_on")}
    hall = Hall(tmp_path, ITEM, documents=queue, answers=answers)
    # WHEN the citizen looks and says that page 3 was the last
    assert await hall.one_visit() == "done"
    # THEN the rest is printed, though it may have come out
    assert orders(queue) == [None, (4, 5)]
    assert queue.orders[1].again
    await hall.close()


async def test_a_document_whose_fate_is_open_is_not_printed_over_the_citizens_head(
    tmp_path: Path,
) -> None:
    lost = failed("document.fate_unknown", Outcome.DEVICE_NOT_READY)
    queue = ScriptedQueue(lost)
    hall = Hall(tmp_path, ITEM, documents=queue, answers={"document.came_out": Chosen("5")})
    assert await hall.one_visit() == "done"
    assert orders(queue) == [None]
    assert "document.trouble" not in hall.keys
    await hall.close()


@pytest.mark.parametrize("answer", ["take_away", "primary"])
async def test_the_citizen_can_do_without_the_rest(answer: str, tmp_path: Path) -> None:
    queue = ScriptedQueue(Stopped(2, failed(JAM)))
    hall = Hall(tmp_path, ITEM, documents=queue, answers={"document.trouble": Chosen(answer)})
    assert await hall.one_visit() == "done"
    assert orders(queue) == [None]
    away = [view for view in hall.stage.asked if isinstance(view, TakeAway)]
    assert [view.code.endswith("/document.pdf") for view in away] == [True] * (
        answer == "take_away"
    )
    takes = [take.text for take in asked(hall, "finished")[0].take]
    assert msg("take.pages", count=2) in takes
    await hall.close()


async def test_a_document_leaves_by_phone_even_where_it_could_be_printed(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM, answers={"document.pages": Chosen("take_away")})
    assert await hall.one_visit() == "done"
    (view,) = asked(hall, "document.take_away")
    answer = hall.sandbox.request("GET", view.code.removeprefix(hall.sandbox.url))
    assert answer.headers["content-type"] == "application/pdf"
    assert hall.documents is not None
    assert hall.documents.orders == []
    await hall.close()


def test_a_long_document_is_drawn_page_by_page_and_few_are_kept() -> None:
    pages = DrawnPages(pdf(60), 60, 96)
    assert len(pages) == 60
    pictures = [pages[n] for n in range(60)]
    assert all(picture.width == 96 for picture in pictures)
    assert pages[59] is pictures[59]
    assert len(pages._drawn) == PAGES_DRAWN
    assert pages[-1] is pages[59]
    assert len(pages[1:3]) == 2
    with pytest.raises(IndexError):
        pages[60]
