"""The stage: views become screens, updates keep the question, a reset forgets everything."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kiosk import views
from kiosk.texts import Plain
from kiosk.views import Attract, Chosen, Continue, Guide, PlaceCard
from tests.gallery.samples import SAMPLES, TILES
from tests.screens.terminal import Terminal

pytestmark = pytest.mark.asyncio(loop_scope="session")


def texts(terminal: Terminal) -> list[str]:
    """Every sentence on the picture."""
    from screens.widgets.text import TextBlock

    def walk(widget: object) -> list[str]:
        found = [widget.text] if isinstance(widget, TextBlock) else []
        return found + [text for child in widget.children for text in walk(child)]

    return [text for layer in terminal.hands.surface.layers for text in walk(layer)]


async def test_every_view_class_has_a_screen(terminal: Terminal) -> None:
    # GIVEN the views that journeys may ask
    from screens.registry import SCREENS

    classes = {
        thing
        for thing in vars(views).values()
        if isinstance(thing, type) and issubclass(thing, views.View) and thing is not views.View
    }

    # THEN each is drawn by a screen
    assert {view.__name__ for view in classes - {Attract} - set(SCREENS)} == set()


async def test_serving_begins_after_the_first_frame(terminal: Terminal) -> None:
    assert terminal.frames == ["first_frame", "serve"]


async def test_switching_the_language_keeps_question_and_choice(terminal: Terminal) -> None:
    # GIVEN a question with an answer chosen but not given
    asked = await terminal.asking(SAMPLES["choose"])
    await terminal.hands.touch("option:300")

    # WHEN language and type size are switched
    await terminal.hands.touch("language")
    await terminal.hands.touch("size")

    # THEN the same question stands in English and large type, with the choice kept
    assert not asked.done()
    assert terminal.stage.language == "en"
    assert terminal.stage.large_type
    assert "Choose your tier for 2026" in texts(terminal)
    await terminal.hands.touch("primary")
    assert await terminal.answer(asked) == Chosen("300")


async def test_reset_brings_back_language_size_and_attract(terminal: Terminal) -> None:
    # GIVEN a citizen's screen in English and large type
    asked = await terminal.asking(SAMPLES["choose"])
    await terminal.hands.touch("language")
    await terminal.hands.touch("size")
    asked.cancel()

    # WHEN the visit ends
    terminal.stage.reset()
    await terminal.hands.frame()

    # THEN nothing of it is on the picture
    assert (terminal.stage.language, terminal.stage.large_type) == ("zh_CN", False)
    assert isinstance(terminal.stage.view, Attract)
    assert not any("371" in text for text in texts(terminal))


async def test_an_update_keeps_the_question(terminal: Terminal) -> None:
    # GIVEN a home screen
    asked = await terminal.asking(SAMPLES["home"])

    # WHEN an item becomes available
    now = tuple(replace(tile, enabled=True, notice=None) for tile in TILES)
    terminal.stage.update(replace(SAMPLES["home"], tiles=now))
    await terminal.hands.touch("tile:e-invoice-pickup")

    # THEN it can be chosen, and answers the question asked before
    assert await terminal.answer(asked) == Chosen("e-invoice-pickup")


async def test_an_update_restarts_the_countdown_and_says_the_trouble(terminal: Terminal) -> None:
    # GIVEN a card wanted, for a while already
    terminal.watch.hold()
    asked = await terminal.asking(SAMPLES["place-card"])
    terminal.watch.move(20.0)
    view = SAMPLES["place-card"]
    assert isinstance(view, PlaceCard)

    # WHEN the try failed
    terminal.stage.update(replace(view, seconds=60, trouble=Plain("再放一次")))
    await terminal.hands.frame()

    # THEN it is said, the countdown restarted, the question open
    assert "再放一次" in texts(terminal)
    assert any("剩余 60 秒" in text for text in texts(terminal)), texts(terminal)
    assert not asked.done()
    asked.cancel()


async def test_an_update_without_a_question_is_shown_unasked(terminal: Terminal) -> None:
    terminal.stage.update(SAMPLES["progress"])
    await terminal.hands.frame()
    assert terminal.stage.view is SAMPLES["progress"]
    assert not terminal.stage.asked


async def test_cancelling_takes_the_question_back_and_leaves_the_picture(
    terminal: Terminal,
) -> None:
    # GIVEN a question
    asked = await terminal.asking(SAMPLES["guide"])

    # WHEN it is taken back
    asked.cancel()
    await asyncio.wait({asked})

    # THEN its picture stays, without a question
    assert isinstance(terminal.stage.view, Guide)
    assert not terminal.stage.asked


async def test_a_cancelled_dialog_leaves_the_screen_below(terminal: Terminal) -> None:
    below = await terminal.asking(SAMPLES["guide"])
    above = await terminal.asking(SAMPLES["more-time"])
    above.cancel()
    await asyncio.wait({above})
    assert isinstance(terminal.stage.view, Guide)
    await terminal.hands.touch("primary")
    assert await terminal.answer(below) == Continue()


async def test_finished_answers_by_itself_when_its_time_is_over(terminal: Terminal) -> None:
    # GIVEN a finished screen with one second left
    asked = await terminal.asking(replace(SAMPLES["finished"], seconds=1))

    # WHEN nobody touches it
    # THEN it is done
    assert await terminal.answer(asked) == Chosen("done")


async def test_patience_is_said_from_eight_seconds_on(terminal: Terminal) -> None:
    # GIVEN a wait that has just begun
    asked = await terminal.asking(SAMPLES["progress"])
    sentence = "比平时慢一些。您可以继续等，也可以退出稍后再来。"
    assert sentence not in texts(terminal)

    # WHEN eight seconds have passed
    screen = terminal.stage.screen
    screen.shown_at -= 8.0
    screen.tick()

    # THEN it says what one can do
    assert sentence in texts(terminal)
    asked.cancel()


async def test_a_question_asked_again_keeps_its_page(terminal: Terminal) -> None:
    # GIVEN the second page of a technician's list in large type
    await terminal.hands.touch("size")
    first = await terminal.asking(SAMPLES["devices"])
    await terminal.hands.touch("page:next")
    first.cancel()
    await asyncio.wait({first})

    # WHEN it is asked again
    again = await terminal.asking(SAMPLES["devices"])

    # THEN the second page still shows
    assert "test:departments" in terminal.hands.roles()
    again.cancel()


async def test_no_digit_of_a_pin_is_on_the_picture(terminal: Terminal) -> None:
    # GIVEN a PIN half typed
    asked = await terminal.asking(SAMPLES["pin"])
    before = sorted(texts(terminal))
    for digit in "135":
        await terminal.hands.touch(f"key:{digit}")

    # THEN the picture's words are those from before
    assert sorted(texts(terminal)) == before
    asked.cancel()


async def test_a_picture_carries_no_metadata(terminal: Terminal, tmp_path) -> None:
    from PIL import Image

    terminal.hands.shot(tmp_path / "shot.png")
    with Image.open(tmp_path / "shot.png") as picture:
        assert picture.size == (1080, 1920)
        assert picture.info == {}
