"""Touches come in as the window reports them, and become answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kiosk.views import Attract, Back, Chosen, Continue, Exit, MoreTime, Typed
from tests.gallery.samples import SAMPLES
from tests.screens.terminal import Terminal

pytestmark = pytest.mark.asyncio(loop_scope="session")

F1, ESCAPE = 282, 27


@pytest.mark.parametrize(
    ("sample", "touches", "answer"),
    [
        ("attract", ["anywhere"], Continue()),
        ("home", ["tile:own-property"], Chosen("own-property")),
        ("home-many", ["tile:certificate"], Chosen("certificate")),
        ("home", ["category:property", "tile:own-property"], Chosen("own-property")),
        ("guide", ["primary"], Continue()),
        ("guide", ["back"], Back()),
        ("place-card", ["exit"], Exit()),
        ("choose", ["option:300", "primary"], Chosen("300")),
        ("choose", ["primary"], Chosen("1000")),
        ("choose", ["option:8000", "primary"], Chosen("8000")),
        ("review", ["primary"], Continue()),
        ("pay-show", ["other_way"], Chosen("scan")),
        ("pay-scan", ["option:show"], Chosen("show")),
        ("progress", ["exit"], Exit()),
        ("record", ["page:next", "action:take"], Chosen("take")),
        ("take-away", ["primary"], Continue()),
        ("finished", ["rate:bad"], Chosen("rate:bad")),
        ("finished-again", ["again"], Chosen("again")),
        ("finished", ["primary"], Chosen("done")),
        ("trouble-print", ["option:take_away"], Chosen("take_away")),
        ("trouble-print", ["primary"], Chosen("primary")),
        ("more-time", ["option:more"], Chosen("more")),
        ("more-time", ["option:end"], Chosen("end")),
        ("assistance-called", ["primary"], Continue()),
        ("pin", ["key:1", "key:1", "key:erase", *["key:2"] * 5], Typed("122222")),
        ("devices", ["test:id_card"], Chosen("id_card")),
        ("devices", ["primary"], Chosen("all")),
        ("devices", ["leave"], Chosen("leave")),
    ],
)
async def test_touches_give_the_answer(
    terminal: Terminal, sample: str, touches: list[str], answer: object
) -> None:
    # GIVEN a question on the screen
    asked = await terminal.asking(SAMPLES[sample])

    # WHEN its targets are touched
    for role in touches:
        await terminal.hands.touch(role)

    # THEN it has that answer
    assert await terminal.answer(asked) == answer


async def test_a_double_touch_answers_one_question_only(terminal: Terminal) -> None:
    # GIVEN a guide whose primary action lies where the next question has its own
    hands = terminal.hands
    first = await terminal.asking(SAMPLES["guide"])
    place = hands.find("primary").center

    # WHEN a trembling finger touches twice at once, the next question coming in between
    terminal.watch.hold()
    await hands.touch_at(*place)
    assert await terminal.answer(first) == Continue()
    second = await terminal.asking(SAMPLES["review"])
    await hands.touch_at(*place)

    # THEN the second question is still open, until it is touched on purpose
    assert not second.done()
    terminal.watch.move(1.0)
    await hands.touch("primary")
    assert await terminal.answer(second) == Continue()


async def test_one_touch_is_one_touch_event(terminal: Terminal) -> None:
    # GIVEN the app's input providers
    from kivy.base import EventLoop
    from kivy.config import Config

    # THEN the window's pointer is the only one; no raw device doubles it
    kinds = {type(provider).__name__ for provider in EventLoop.input_providers}
    assert kinds == {"MouseMotionEventProvider", "SDL2MotionEventProvider"}
    assert Config.items("input") == [("mouse", "mouse,disable_multitouch,disable_hover")]


@pytest.mark.parametrize("key", [F1, ESCAPE])
async def test_f1_and_escape_do_nothing(terminal: Terminal, key: int) -> None:
    # GIVEN a question on the screen
    from kivy.core.window import Window

    asked = await terminal.asking(SAMPLES["guide"])
    children = list(Window.children)

    # WHEN the key is pressed
    Window.dispatch("on_key_down", key, 0, None, [])
    Window.dispatch("on_keyboard", key, 0, None, [])
    await terminal.hands.frame()

    # THEN the question still stands, with nothing above it
    assert not asked.done()
    assert Window.children == children
    asked.cancel()


async def test_a_finger_that_slides_off_does_not_act(terminal: Terminal) -> None:
    # GIVEN a finger on the primary action
    hands = terminal.hands
    asked = await terminal.asking(SAMPLES["guide"])
    x, y = hands.find("primary").center
    hands.press(x, y)
    await hands.frame()

    # WHEN it is lifted somewhere else
    from kivy.core.window import Window

    Window.dispatch("on_mouse_move", x, 900, [])
    hands.release(x, 1020)
    await hands.frame()

    # THEN nothing is answered
    assert not asked.done()
    asked.cancel()


async def test_a_disabled_tile_is_not_chosen(terminal: Terminal) -> None:
    # GIVEN a home screen with an item that cannot be had now
    asked = await terminal.asking(SAMPLES["home"])

    # WHEN it is touched
    await terminal.hands.touch("tile:e-invoice-pickup")

    # THEN nothing is answered
    assert not asked.done()
    asked.cancel()


async def test_next_without_a_choice_is_not_answered(terminal: Terminal) -> None:
    # GIVEN a question without a preselected answer
    asked = await terminal.asking(SAMPLES["choose-invoice"])

    # WHEN Next is touched
    await terminal.hands.touch("primary")

    # THEN it still stands
    assert not asked.done()
    asked.cancel()


async def test_help_calls_staff_from_header_and_trouble(terminal: Terminal) -> None:
    # GIVEN a trouble on the screen
    calls: list[str] = []
    terminal.stage.on_assistance = lambda: calls.append("called")
    asked = await terminal.asking(SAMPLES["trouble-print"])

    # WHEN staff is called by both buttons
    targets = [one for one in terminal.hands.targets() if one.is_called("help")]
    for target in targets:
        await terminal.hands.touch_at(*target.center)

    # THEN both called, and the question still stands
    assert calls == ["called", "called"]
    assert not asked.done()
    asked.cancel()


async def test_five_touches_on_the_emblem_call_the_technician(terminal: Terminal) -> None:
    # GIVEN the attract screen
    calls: list[str] = []
    terminal.stage.on_technician = lambda: calls.append("technician")
    asked = await terminal.asking(Attract(key="attract"))
    emblem = terminal.hands.find("logo").center

    # WHEN the emblem is touched four times, and once more
    terminal.watch.hold()
    for _ in range(4):
        await terminal.hands.touch_at(*emblem)
    assert calls == []
    await terminal.hands.touch_at(*emblem)

    # THEN the technician is called, and the attract screen was not answered
    assert calls == ["technician"]
    assert not asked.done()
    asked.cancel()


async def test_touches_below_a_dialog_go_nowhere(terminal: Terminal) -> None:
    # GIVEN a dialog above a guide
    hands = terminal.hands
    below = await terminal.asking(SAMPLES["guide"])
    primary = hands.find("primary").center
    above = await terminal.asking(MoreTime(key="more_time", seconds=20))

    # WHEN the guide's primary action is touched
    await hands.touch_at(*primary)

    # THEN neither is answered; once the dialog is closed the guide can be
    assert not below.done()
    assert not above.done()
    await hands.touch("option:more")
    assert await terminal.answer(above) == Chosen("more")
    await hands.touch("primary")
    assert await terminal.answer(below) == Continue()


async def test_every_touch_is_remembered_as_the_last(terminal: Terminal) -> None:
    # GIVEN a moment
    asked: asyncio.Task[Any] = await terminal.asking(SAMPLES["guide"])
    before = asyncio.get_running_loop().time()

    # WHEN the ground beside all targets is touched
    await terminal.hands.touch_at(540, 200)

    # THEN the stage knows that somebody is there
    assert terminal.stage.last_touch >= before
    asked.cancel()
