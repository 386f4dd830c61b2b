"""The page about payments is what the code generates."""

from __future__ import annotations

from kiosk.payments.diagram import MEANING, PAGE, WHY, page
from kiosk.payments.machine import TRANSITIONS, PayState


def test_the_page_is_what_the_code_generates() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "python -m kiosk.payments.diagram"


def test_every_state_and_every_transition_is_explained_and_no_other() -> None:
    assert set(MEANING) == set(PayState)
    assert set(WHY) == {(a, b) for a, after in TRANSITIONS.items() for b in after}
