"""Documents paged, texts read to their end, signatures drawn, the camera's picture renewed, by touch."""

from __future__ import annotations

import gc
import math
from dataclasses import replace
from typing import Any

import pytest

from kiosk.texts import Plain
from kiosk.views import Chosen, Consent, Continue, FaceCamera, Signed, Snapshot
from tests.gallery.papers import CONSENT, DOCUMENT, FACE, PAPERS, PERIODS, SIGN
from tests.screens.inspect_layout import faults
from tests.screens.terminal import Terminal

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = (((0.2, 0.3), (0.3, 0.8), (0.4, 0.3)), ((0.5, 0.5), (0.8, 0.5)))
CLOSE = 0.01
"""Shares of the field: a pixel of the window is 0.001."""

LONG = Plain("本告知书逐条说明处理的目的、方式和保存期限。" * 40)
GREY, RED = (90, 90, 90), (200, 20, 20)
MOST_TEXTURES = 4
"""A texture or two of the page and the frame before it; twelve documents would leave twelve."""


def plain(colour: tuple[int, int, int], width: int = 640, height: int = 480) -> Snapshot:
    return Snapshot(width, height, bytes(colour) * (width * height))


def pixel(terminal: Terminal, x: float, y: float) -> tuple[int, ...]:
    """The colour of the window at a point, counted from its lower left."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    Window.dispatch("on_draw")
    return tuple(glReadPixels(int(x), int(y), 1, 1, GL_RGB, GL_UNSIGNED_BYTE))


def block(terminal: Terminal, kind: type[Any]) -> Any:
    """The one block of that kind on the page."""
    found = [
        one
        for one in terminal.hands.surface.layers[-1].walk(restrict=True)
        if isinstance(one, kind)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("sample", "touches", "answer"),
    [
        ("document-pages", ["page:next", "page:next", "primary"], Chosen("print")),
        ("document-pages-fee", ["action:take_away"], Chosen("take_away")),
        ("document-pages-one", ["action:take"], Chosen("take")),
        ("record-chart", ["page:next", "action:certificate"], Chosen("certificate")),
        ("record-chart", ["primary"], Chosen("take")),
        ("guide-take", ["take"], Chosen("take")),
        ("consent-short", ["primary"], Continue()),
    ],
)
async def test_touches_give_the_answer(
    terminal: Terminal, sample: str, touches: list[str], answer: object
) -> None:
    asked = await terminal.asking(PAPERS[sample])
    for role in touches:
        await terminal.hands.touch(role)
    assert await terminal.answer(asked) == answer


async def test_a_document_shows_one_page_after_the_other(terminal: Terminal) -> None:
    # GIVEN a document of a grey page and a red one, of a width that fills no whole words of bytes
    from screens.widgets.picture import PagePicture

    pages = (plain(GREY, 333, 471), plain(RED, 333, 471))
    asked = await terminal.asking(replace(DOCUMENT, pages=pages))
    x, y, width, height = block(terminal, PagePicture).sheet()
    seen = [pixel(terminal, x + width / 2, y + height / 2)]

    # WHEN its page is turned and turned back
    for role in ("page:next", "page:previous"):
        await terminal.hands.touch(role)
        seen.append(pixel(terminal, x + width / 2, y + height / 2))
    asked.cancel()

    # THEN each page was on screen
    assert seen == [GREY, RED, GREY]


async def test_a_documents_page_stands_upright(terminal: Terminal) -> None:
    # GIVEN a page whose upper half is red
    from screens.widgets.picture import PagePicture

    rows = bytes(RED) * 200 * 100 + bytes(GREY) * 200 * 100
    asked = await terminal.asking(replace(DOCUMENT, pages=(Snapshot(200, 200, rows),)))

    # THEN the upper half of the sheet is red
    x, y, width, height = block(terminal, PagePicture).sheet()
    assert pixel(terminal, x + width / 2, y + height * 0.9) == RED
    assert pixel(terminal, x + width / 2, y + height * 0.1) == GREY
    asked.cancel()


async def test_no_page_is_left_in_memory_when_its_screen_goes(terminal: Terminal) -> None:
    # GIVEN the textures that the screens hold at rest
    from kivy.graphics.texture import Texture

    terminal.stage.reset()
    await terminal.hands.frame()
    gc.collect()
    before = sum(type(thing) is Texture for thing in gc.get_objects())

    # WHEN twelve documents come and go without any garbage collection
    gc.disable()
    try:
        for _ in range(12):
            asked = await terminal.asking(DOCUMENT)
            asked.cancel()
            terminal.stage.reset()
            await terminal.hands.frame()
    finally:
        gc.enable()

    # THEN none of their pages is left
    after = sum(type(thing) is Texture for thing in gc.get_objects())
    assert after - before <= MOST_TEXTURES


async def test_a_text_can_be_agreed_to_once_its_last_page_was_shown(terminal: Terminal) -> None:
    # GIVEN a text of several pages
    hands = terminal.hands
    long: Consent = replace(CONSENT, paragraphs=(LONG, *CONSENT.paragraphs, LONG))
    asked = await terminal.asking(long)

    # WHEN agreeing is tried at once, and on every page but the last
    tried = 0
    while "page:next" in hands.roles():
        assert "primary" not in hands.roles()
        await hands.touch("primary")
        assert not asked.done()
        await hands.touch("page:next")
        tried += 1

    # THEN it is taken on the last page, and also after leafing back from there
    assert tried >= 2
    assert "primary" in hands.roles()
    await hands.touch("page:previous")
    await hands.touch("primary")
    assert await terminal.answer(asked) == Continue()


async def test_another_text_must_be_read_anew(terminal: Terminal) -> None:
    # GIVEN a text that was read to its end
    hands = terminal.hands
    short = replace(CONSENT, paragraphs=CONSENT.paragraphs[:1])
    first = await terminal.asking(short)
    assert "primary" in hands.roles()
    first.cancel()

    # WHEN the same question comes with another, longer text
    asked = await terminal.asking(replace(short, paragraphs=(LONG, LONG)))

    # THEN it cannot be agreed to yet
    assert "primary" not in hands.roles()
    asked.cancel()


@pytest.mark.parametrize("large", [False, True])
async def test_a_paragraph_higher_than_a_page_goes_on_whole(
    terminal: Terminal, large: bool
) -> None:
    # GIVEN one paragraph of several pages
    from screens.citizen.consent import ReadText
    from screens.widgets.text import TextBlock

    asked = await terminal.show(replace(CONSENT, paragraphs=(LONG,)), "zh_CN", large)
    hands, read = terminal.hands, ""

    # WHEN it is read page by page
    while True:
        card = block(terminal, ReadText)
        shown = [one for one in card.walk(restrict=True) if isinstance(one, TextBlock)]
        read += "".join(one.text.replace("\n", "") for one in shown if "告知书" in one.text)
        assert [fault for layer in hands.surface.layers for fault in faults(layer)] == []
        if "page:next" not in hands.roles():
            break
        await hands.touch("page:next")
    asked.cancel()

    # THEN every character of it was on screen, in order
    assert read == LONG.text


async def test_a_signature_comes_as_the_strokes_that_were_drawn(terminal: Terminal) -> None:
    # GIVEN a field to sign on, whose primary action sleeps
    hands = terminal.hands
    asked = await terminal.asking(SIGN)
    field = hands.find("sign")
    ratio = field.width / field.height
    assert "primary" not in hands.roles()

    # WHEN a finger draws on it
    await hands.draw(NAME)
    await hands.touch("primary")
    signed = await terminal.answer(asked)

    # THEN the answer has those strokes, in shares of the field from its lower left
    assert isinstance(signed, Signed)
    assert signed.ratio == pytest.approx(ratio, rel=0.01)
    assert len(signed.strokes) == len(NAME)
    for drawn, stroke in zip(NAME, signed.strokes, strict=True):
        ends = zip((drawn[0], drawn[-1]), (stroke[0], stroke[-1]), strict=True)
        assert all(math.dist(a, b) < CLOSE for a, b in ends)
    assert "***" in repr(signed)


async def test_a_wiped_signature_is_gone(terminal: Terminal) -> None:
    # GIVEN a signature that was wiped
    hands = terminal.hands
    asked = await terminal.asking(SIGN)
    await hands.draw(NAME)
    await hands.touch("wipe")
    assert "primary" not in hands.roles()
    assert "wipe" not in hands.roles()

    # WHEN another one is drawn
    await hands.draw(NAME[:1])
    await hands.touch("primary")

    # THEN it alone is given
    signed = await terminal.answer(asked)
    assert len(signed.strokes) == 1


@pytest.mark.parametrize(
    "scrawl",
    [
        (((0.5, 0.5),),),
        (((0.5, 0.5), (0.51, 0.5)),),
        (((0.2, 0.2),), ((0.8, 0.8),)),
    ],
)
async def test_a_dot_is_no_signature(
    terminal: Terminal, scrawl: tuple[tuple[tuple[float, float], ...], ...]
) -> None:
    asked = await terminal.asking(SIGN)
    await terminal.hands.draw(scrawl)
    assert "primary" not in terminal.hands.roles()
    await terminal.hands.touch("primary")
    assert not asked.done()
    asked.cancel()


async def test_a_finger_that_leaves_the_field_draws_to_its_edge(terminal: Terminal) -> None:
    # GIVEN a stroke that begins on the field and ends far outside
    hands = terminal.hands
    asked = await terminal.asking(SIGN)
    await hands.draw((((0.5, 0.5), (0.9, 0.9), (1.4, 1.6)),))

    # THEN every point is within the field
    await hands.touch("primary")
    signed = await terminal.answer(asked)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for stroke in signed.strokes for x, y in stroke)


async def test_a_stroke_without_end_keeps_its_shape_in_few_points(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a finger that goes round and round, longer than a department takes
    from screens.citizen import sign

    most = 24
    monkeypatch.setattr(sign, "POINTS_MOST", most)
    angles = [2 * math.pi * n / 20 for n in range(3 * most)]
    round_and_round = tuple((0.5 + 0.4 * math.cos(a), 0.5 + 0.4 * math.sin(a)) for a in angles)
    asked = await terminal.asking(SIGN)
    await terminal.hands.draw((round_and_round,))
    await terminal.hands.touch("primary")

    # THEN no more points are given, from the first to the last
    (stroke,) = (await terminal.answer(asked)).strokes
    assert len(stroke) <= most
    assert math.dist(stroke[0], round_and_round[0]) < CLOSE
    assert math.dist(stroke[-1], round_and_round[-1]) < CLOSE


async def test_the_cameras_picture_moves_without_a_new_page(terminal: Terminal) -> None:
    # GIVEN the face match with a grey picture
    from screens.citizen.face import CameraPicture

    view: FaceCamera = replace(FACE, picture=plain(GREY))
    asked = await terminal.asking(view)
    shown = block(terminal, CameraPicture)
    middle = shown.center

    # WHEN the camera sees red
    terminal.stage.update(replace(view, picture=plain(RED)))
    await terminal.hands.frame()

    # THEN the oval shows it, and the page is still the same one
    assert pixel(terminal, *middle) == RED
    assert block(terminal, CameraPicture) is shown

    # WHEN the hint changes with the picture, and then a picture of another size comes
    terminal.stage.update(replace(view, picture=plain(GREY), hint=Plain("请看镜头")))
    assert pixel(terminal, *middle) == GREY
    terminal.stage.update(replace(view, picture=plain(RED, 320, 240), hint=Plain("请看镜头")))
    await terminal.hands.frame()

    # THEN they are shown as well
    assert pixel(terminal, *middle) == RED
    asked.cancel()


async def test_the_camera_is_a_looking_glass(terminal: Terminal) -> None:
    # GIVEN somebody whose left hand, at the picture's right, is red
    from screens.citizen.face import CameraPicture

    rows = (bytes(GREY) * 320 + bytes(RED) * 320) * 480
    asked = await terminal.asking(replace(FACE, picture=Snapshot(640, 480, rows)))

    # THEN they see it on their left
    shown = block(terminal, CameraPicture)
    assert pixel(terminal, shown.center_x - 40, shown.center_y) == RED
    assert pixel(terminal, shown.center_x + 40, shown.center_y) == GREY
    asked.cancel()


async def test_the_countdown_goes_on_while_the_camera_shows_pictures(terminal: Terminal) -> None:
    # GIVEN the face match, ten seconds after it began
    asked = await terminal.asking(FACE)
    terminal.stage.screen.shown_at -= 10.0

    # WHEN another picture and another hint come, with the same time allowed
    terminal.stage.update(replace(FACE, picture=plain(GREY)))
    terminal.stage.update(replace(FACE, hint=Plain("请看镜头")))

    # THEN so much less is left; a new try begins anew
    screen = terminal.stage.screen
    assert screen.seconds_left(FACE.seconds) <= FACE.seconds - 10
    terminal.stage.update(replace(FACE, trouble=Plain("没有看清")))
    assert terminal.stage.screen.seconds_left(FACE.seconds) == FACE.seconds
    asked.cancel()


async def test_a_chart_says_every_bar_in_words(terminal: Terminal) -> None:
    # GIVEN a chart of more bars than fit on a page
    from screens.widgets.chart import BarRow
    from screens.widgets.text import TextBlock

    asked = await terminal.asking(PAPERS["record-chart"])
    hands, said = terminal.hands, []

    # WHEN all pages are looked through
    while True:
        for row in hands.surface.layers[-1].walk(restrict=True):
            if isinstance(row, BarRow):
                said.append(
                    [one.text for one in row.walk(restrict=True) if isinstance(one, TextBlock)][
                        ::-1
                    ]
                )
        if "page:next" not in hands.roles():
            break
        await hands.touch("page:next")
    asked.cancel()

    # THEN each bar was there once, with its label and its value
    assert sorted(map(sorted, said)) == sorted(
        sorted([bar.label.text, bar.text.text]) for bar in PERIODS.bars
    )
