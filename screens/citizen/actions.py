"""What can be done with what is shown: the last action in the footer, the others above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.views import Chosen, Option
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP
from screens.widgets.block import Block, Row
from screens.widgets.touchable import Touchable, plain_button, primary_button


def last_action(look: Look, actions: Sequence[Option], screen: Screen[Any]) -> Touchable:
    """The primary one."""
    last = actions[-1]
    return primary_button(
        look.theme,
        look.say(last.title),
        f"primary action:{last.id}",
        screen.answer(Chosen(last.id)),
    )


def other_actions(look: Look, actions: Sequence[Option], screen: Screen[Any]) -> list[Block]:
    """The others, side by side; nothing where there are none."""
    buttons = [
        plain_button(
            look.theme,
            look.say(action.title),
            f"action:{action.id}",
            screen.answer(Chosen(action.id)),
            icon=action.picture.value if action.picture else "",
        )
        for action in actions[:-1]
    ]
    if not buttons:
        return []
    return [Row([(button, None) for button in buttons], gap=look.theme.px(GAP), fill=True)]
