"""Every screen in every variant: pictured into out/gallery, and without fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import views
from tests.gallery.samples import SAMPLES
from tests.screens.inspect_layout import faults
from tests.screens.terminal import Terminal

OUT = Path(__file__).resolve().parents[2] / "out" / "gallery"
VARIANTS = [
    pytest.param("zh_CN", False, id="zh"),
    pytest.param("zh_CN", True, id="zh-large"),
    pytest.param("en", False, id="en"),
    pytest.param("en", True, id="en-large"),
]
LEAST_SQUEEZE = 0.7


def view_classes() -> set[str]:
    return {
        name
        for name, thing in vars(views).items()
        if isinstance(thing, type) and issubclass(thing, views.View) and thing is not views.View
    }


def test_every_view_class_has_a_picture() -> None:
    # GIVEN the views that journeys may ask, and the gallery's samples
    pictured = {type(view).__name__ for view in SAMPLES.values()}

    # THEN none is missing, by name
    assert view_classes() - pictured == set()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("language", "large"), VARIANTS)
@pytest.mark.parametrize("name", SAMPLES)
async def test_picture(
    terminal: Terminal, request: pytest.FixtureRequest, name: str, language: str, large: bool
) -> None:
    # GIVEN a view in one language and type size
    asked = await terminal.show(SAMPLES[name], language, large)

    # WHEN it is drawn
    variant = request.node.callspec.id.removeprefix(f"{name}-")
    terminal.hands.shot(OUT / f"{name}-{variant}.png")
    pages = terminal.hands.surface.layers
    asked.cancel()

    # THEN nothing is cut, outside, over another, or too small
    assert {fault for page in pages for fault in faults(page)} == set()
