"""Ratings that reach the hall whatever happens, what a bad one becomes, and calls for staff."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kiosk.assistance import StaffBell
from kiosk.backends.contract import Answer
from kiosk.cli import complaints
from kiosk.log import Record, attach
from kiosk.ratings import AGAIN_AFTER_S
from kiosk.texts import Plain, msg
from kiosk.views import Assistance, Chosen, Continue, Filled, Finished, Trouble, Typed
from tests.journeys.hall import Hall
from tests.journeys.scripted import NEVER
from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import person, post

pytestmark = pytest.mark.looptime

HALL = "/hall/v1"


def ratings(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    """Item, level and reason of every rating that the hall has."""
    return [(r["item"], r["level"], r["reason"]) for r in sandbox.ledger()["ratings"]]


def tasks(sandbox: Sandbox) -> list[dict[str, str]]:
    """The operator's open tasks."""
    found: list[dict[str, str]] = sandbox.request("GET", f"{HALL}/tasks?state=open").json()["tasks"]
    return found


def rated(level: str, **answers: Any) -> dict[str, Any]:
    """A citizen who rates so, and then goes."""

    def given(view: Finished) -> Chosen:
        return Chosen(f"rate:{level}" if view.rating is None else "done")

    return {"finished": given, **answers}


# --- after an item -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["very_good", "good", "fair"])
async def test_a_rating_that_is_not_bad_asks_nothing_further(level: str, tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers=rated(level))
    assert await hall.one_visit() == "done"
    assert "rating.why" not in hall.keys
    assert ratings(hall.sandbox) == [("own-property", level, "")]
    assert tasks(hall.sandbox) == []
    await hall.close()


@pytest.mark.parametrize("level", ["bad", "very_bad"])
async def test_a_bad_rating_asks_why_and_is_an_open_task(level: str, tmp_path: Path) -> None:
    # GIVEN an operator who reads the log
    heard: list[Record] = []
    detach = attach(heard.append)
    hall = Hall(tmp_path, "own-property", answers=rated(level) | {"rating.why": Chosen("slow")})
    # WHEN a citizen is not content
    assert await hall.one_visit() == "done"
    detach()
    # THEN the reason goes along, the hall has a task, and the log names it
    assert ratings(hall.sandbox) == [("own-property", level, "slow")]
    (task,) = tasks(hall.sandbox)
    assert [r["task"] for r in heard if r["event"] == "rating.task"] == [task["task_no"]]
    # AND the citizen's rating stays on screen until they leave
    finished = [view for view in hall.stage.asked if isinstance(view, Finished)]
    assert [view.rating for view in finished] == [None, None, level]
    await hall.close()


@pytest.mark.parametrize("why", [Chosen("none"), NEVER])
async def test_why_is_voluntary(why: Any, tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers=rated("bad") | {"rating.why": why})
    assert await hall.one_visit() == "done"
    assert ratings(hall.sandbox) == [("own-property", "bad", "")]
    assert len(tasks(hall.sandbox)) == 1
    await hall.close()


async def test_one_visit_gives_one_rating(tmp_path: Path) -> None:
    thrice = [NEVER, Chosen("rate:good"), Chosen("rate:bad"), Chosen("rate:fair"), Chosen("done")]
    hall = Hall(tmp_path, "own-property", answers={"finished": thrice})
    assert await hall.one_visit() == "done"
    assert ratings(hall.sandbox) == [("own-property", "good", "")]
    await hall.close()


async def test_a_rating_that_could_not_be_sent_is_handed_in_after_a_restart(
    tmp_path: Path,
) -> None:
    # GIVEN a hall that is down while a citizen rates
    hall = Hall(tmp_path, "own-property", answers=rated("bad") | {"rating.why": Chosen("device")})
    hall.sandbox.fault("hall", "cut", "ratings", times=None)
    assert await hall.one_visit() == "done"
    assert ratings(hall.sandbox) == []
    # WHEN the terminal is started again, and the hall is back
    await hall.close()
    hall.sandbox.behave()
    hall.open_books()
    assert await hall.counter.ratings.hand_in(hall.counter)
    # THEN the hall has the rating with its reason, once, also where it is handed in again
    assert await hall.counter.ratings.hand_in(hall.counter)
    assert ratings(hall.sandbox) == [("own-property", "bad", "device")]
    assert len(tasks(hall.sandbox)) == 1
    await hall.close()


async def test_while_ratings_wait_the_hall_is_tried_again(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers=rated("good"))
    hall.sandbox.fault("hall", "cut", "ratings", times=None)
    assert await hall.one_visit() == "done"
    trying = asyncio.ensure_future(hall.counter.ratings.keep_handing_in(hall.counter))
    await asyncio.sleep(AGAIN_AFTER_S / 2)
    assert ratings(hall.sandbox) == []
    hall.sandbox.behave()
    await asyncio.sleep(AGAIN_AFTER_S)
    assert ratings(hall.sandbox) == [("own-property", "good", "")]
    trying.cancel()
    await asyncio.wait({trying})
    await hall.close()


async def test_an_answer_that_was_lost_does_not_rate_twice(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers=rated("bad") | {"rating.why": Chosen("slow")})
    hall.sandbox.fault("hall", "lose_answer", "ratings", times=2)
    assert await hall.one_visit() == "done"
    assert await hall.counter.ratings.hand_in(hall.counter)
    assert ratings(hall.sandbox) == [("own-property", "bad", "slow")]
    assert len(tasks(hall.sandbox)) == 1
    await hall.close()


# --- the item ----------------------------------------------------------------------------------------


def of_task(hall: Hall) -> str:
    """The number of the only open task."""
    (task,) = tasks(hall.sandbox)
    return task["task_no"]


async def test_a_complaint_can_be_anonymous(tmp_path: Path) -> None:
    hall = Hall(
        tmp_path,
        "rating",
        answers={
            "rating.who.complaint": Chosen("anonymous"),
            "rating.form.complaint": Filled.of({"text": "排队时间太长", "phone": ""}),
        },
    )
    assert await hall.one_visit() == "done"
    assert "identify" not in hall.keys
    assert hall.reader.commands == 0
    assert tasks(hall.sandbox)[0]["text"] == "排队时间太长"
    await hall.close()


async def test_a_citizen_asks_later_what_became_of_the_complaint(tmp_path: Path) -> None:
    # GIVEN a complaint that the operator has answered
    hall = Hall(tmp_path, "rating")
    assert await hall.one_visit() == "done"
    number = of_task(hall)
    reply = hall.departments.hall.answer(number, "zhao", "已加派人手", "answer-0001")
    assert isinstance(reply, Answer)
    # WHEN somebody asks by the receipt's number
    hall.stage.expect(
        {
            "attract": [Continue(), NEVER],
            "finished": Chosen("done"),
            "rating.what": Chosen("ask"),
            "rating.task": Typed(number),
            "rating.status": Chosen("take"),
        }
    )
    assert await hall.one_visit() == "done"
    # THEN the answer is read on screen
    (view,) = [view for view in hall.stage.asked if view.key == "rating.status"]
    assert Plain("已加派人手") in [row.value for row in view.sections[0].rows]
    await hall.close()


async def test_an_earlier_item_is_rated_once_by_its_number(tmp_path: Path) -> None:
    # GIVEN the number of a case, and one that was rated already
    hall = Hall(tmp_path, "rating")
    own = post(hall.sandbox, "/approval/v1/cases/own", {"person": person()}).json()["cases"]
    first, second = own[0]["number"], own[1]["number"]
    body = {"terminal": "rushan-07", "item": "rating", "level": "good", "number": first}
    assert post(hall.sandbox, f"{HALL}/ratings", body, "rate-0001").status_code == 201
    hall.stage.expect(
        {
            "rating.what": Chosen("earlier"),
            "rating.number": Typed("BJ20200101000001"),
            "rating.level": Chosen("good"),
            "rating.number.1": Typed(first),
            "rating.level.1": Chosen("good"),
            "rating.number.2": Typed(second),
            "rating.level.2": Chosen("bad"),
            "rating.earlier.why.2": Chosen("unclear"),
            "finished": Chosen("done"),
        }
    )
    # WHEN the citizen tries unknown, rated, and new
    assert await hall.one_visit() == "done"
    # THEN each is told, and the last one counts
    hints = {v.key: v.subtitle for v in hall.stage.asked if v.key.startswith("rating.number")}
    assert hints["rating.number.1"] == msg("rating.earlier.unknown")
    assert hints["rating.number.2"] == msg("rating.earlier.known")
    assert ratings(hall.sandbox)[-1] == ("rating", "bad", "unclear")
    assert tasks(hall.sandbox)[0]["reason"] == "unclear"
    await hall.close()


# --- calling staff -----------------------------------------------------------------------------------


def states(hall: Hall) -> list[str]:
    """The states of the call that were on screen, each once, in order."""
    said = [view.title.key for view in hall.stage.shown if view.key == "assist.waiting"]
    return list(dict.fromkeys(said))


async def test_a_call_ends_when_staff_is_here(tmp_path: Path) -> None:
    # GIVEN a call that nobody closes
    hall = Hall(tmp_path, "call-assistance", answers={"assist.waiting": NEVER})
    visit = asyncio.ensure_future(hall.one_visit())
    await asyncio.sleep(30)
    (call,) = hall.sandbox.ledger()["staff_calls"]
    # WHEN staff sets out and arrives
    for state in ("on_the_way", "arrived"):
        hall.sandbox.control(f"/staff-calls/{call['call_id']}", {"state": state})
        await asyncio.sleep(10)
    # THEN each was on screen, and the item is done without a slip
    assert await visit == "done"
    assert states(hall) == ["assist.called", "assist.on_the_way", "assist.arrived"]
    assert hall.printer.slips == []
    assert call["item"] == "call-assistance"
    await hall.close()


async def test_a_hall_that_cannot_be_reached_is_said_with_what_to_do(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "call-assistance", answers={"Trouble": Chosen("primary")})
    hall.sandbox.fault("hall", "cut", "staff-calls", times=None)
    assert await hall.one_visit() != "done"
    trouble = next(view for view in hall.stage.asked if isinstance(view, Trouble))
    assert trouble.cause == msg("assist.unreached.hint", number="12345")
    assert [option.id for option in trouble.options] == ["again", "other"]
    await hall.close()


async def test_a_call_stands_while_the_hall_is_silent(tmp_path: Path) -> None:
    # GIVEN a call, and a hall that is silent for a minute
    hall = Hall(tmp_path, "call-assistance", answers={"assist.waiting": NEVER})
    visit = asyncio.ensure_future(hall.one_visit())
    await asyncio.sleep(30)
    hall.sandbox.fault("hall", "cut", "staff-calls", times=None)
    await asyncio.sleep(60)
    # WHEN it is back and staff is there
    hall.sandbox.behave()
    (call,) = hall.sandbox.ledger()["staff_calls"]
    hall.sandbox.control(f"/staff-calls/{call['call_id']}", {"state": "arrived"})
    # THEN nothing on screen ever said that the call was lost
    assert await visit == "done"
    assert states(hall) == ["assist.called", "assist.arrived"]
    assert not [view for view in hall.stage.asked if isinstance(view, Trouble)]
    await hall.close()


async def test_the_header_says_at_which_item_help_is_wanted(tmp_path: Path) -> None:
    # GIVEN a bell in the header, rung at an item
    hall = Hall(tmp_path, "own-property", answers={"assistance": NEVER})
    bell = StaffBell(hall.counter, lambda: "own-property")
    bell.ring()
    await asyncio.sleep(5)
    # THEN the call names the item and nobody
    (call,) = hall.sandbox.ledger()["staff_calls"]
    assert (call["terminal"], call["item"]) == ("rushan-07", "own-property")
    # AND its states are shown as they come
    hall.sandbox.control(f"/staff-calls/{call['call_id']}", {"state": "on_the_way"})
    await asyncio.sleep(5)
    assert [view.state for view in hall.stage.shown if view.key == "assistance"] == [
        Assistance.CALLING,
        Assistance.CALLED,
        Assistance.ON_THE_WAY,
    ]
    await hall.counter.errands.close()
    await hall.close()


async def test_a_bell_that_nobody_hears_says_so(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property", answers={"assistance": NEVER})
    hall.sandbox.fault("hall", "cut", "staff-calls", times=None)
    StaffBell(hall.counter).ring()
    await asyncio.sleep(5)
    assert hall.stage.shown[-1].state is Assistance.UNREACHED
    await hall.counter.errands.close()
    await hall.close()


# --- the operator ------------------------------------------------------------------------------------


async def test_the_operator_lists_and_answers_at_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a bad rating
    hall = Hall(tmp_path, "own-property", answers=rated("bad") | {"rating.why": Chosen("slow")})
    assert await hall.one_visit() == "done"
    monkeypatch.setattr(complaints, "_hall", lambda *_: hall.departments.hall)
    run = CliRunner()
    # WHEN the operator lists the tasks and answers the one that is there
    listed = json.loads(run.invoke(complaints.app, ["list", "--json"]).stdout)
    number = listed[0]["number"]
    assert (listed[0]["item"], listed[0]["reason"], listed[0]["state"]) == (
        "own-property", "slow", "open",
    )  # fmt: skip
    answered = run.invoke(complaints.app, ["answer", number, "已改进", "--operator", "zhao"])
    # THEN it is open no more, and cannot be answered otherwise
    assert answered.exit_code == 0
    assert json.loads(run.invoke(complaints.app, ["list", "--json"]).stdout) == []
    kept = json.loads(run.invoke(complaints.app, ["list", "--all", "--json"]).stdout)
    assert [(task["state"], task["answer"]) for task in kept] == [("answered", "已改进")]
    again = run.invoke(complaints.app, ["answer", number, "别的话"])
    assert again.exit_code == 1
    assert "task.answered" in again.output
    await hall.close()
