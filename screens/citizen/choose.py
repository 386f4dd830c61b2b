"""One question with several answers: radio cards, as many a page as fit."""

from __future__ import annotations

from collections.abc import Callable

from kivy.graphics import Color, SmoothEllipse

from kiosk.views import Choose, Chosen, Option
from screens.look import Look
from screens.screen import Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    HEADING,
    LINE,
    MUTED,
    OUTLINE,
    PRIMARY,
    TINT,
    WHITE,
    Theme,
)
from screens.widgets.block import Block, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.paging import Paged
from screens.widgets.touchable import Touchable, primary_button

OPTION_LEAST = 168
BADGE_SHARE = 0.42
"""A badge wider than this share of its card stands below the words instead of beside them."""


class ChooseScreen(Screen[Choose]):
    def begin(self) -> None:
        self.chosen = self.view.chosen

    def body(self, look: Look) -> Block:
        options = Paged(
            look,
            [self._option(look, option) for option in self.view.options],
            self.page,
            self.turn_to,
            gap=32,
        )
        heading = look.heading(self.view.title, self.view.subtitle)
        return Column([heading, options], gap=look.theme.space(36), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return primary_button(
            look.theme,
            look.say(self.view.primary),
            "primary",
            self._give,
            enabled=self.chosen is not None,
        )

    def _give(self) -> None:
        if self.chosen is not None:
            self.reply(Chosen(self.chosen))

    def _choose(self, option: str) -> Callable[[], None]:
        def choose() -> None:
            self.chosen = option
            self.redraw()

        return choose

    def _option(self, look: Look, option: Option) -> Touchable:
        theme = look.theme
        chosen = option.id == self.chosen
        parts: list[tuple[Block, float | None]] = [(Radio(theme, chosen), theme.px(52))]
        if option.picture:
            side = theme.px(60)
            parts.append((Icon(option.picture.value, side, PRIMARY), side))
        words: list[Block] = [look.write(option.title, HEADING, bold=True)]
        if option.subtitle is not None:
            words.append(look.write(option.subtitle, BODY, colour=MUTED))
        column = Column(words, gap=theme.space(2))
        parts.append((column, None))
        if option.badge is not None:
            badge = look.badge(option.badge, option.badge_tone)
            wide = badge.width_wanted() + 2
            if wide <= theme.px(1000 * BADGE_SHARE):
                parts.append((badge, wide))
            else:
                line = Row([(badge, wide)])
                parts[-1] = (Column([*words, line], gap=theme.space(8)), None)
        return Touchable(
            Row(parts, gap=theme.px(32)),
            f"option:{option.id}",
            self._choose(option.id),
            repeats=True,
            padding=(theme.px(36), theme.space(24)),
            fill=TINT if chosen else WHITE,
            line=PRIMARY if chosen else LINE,
            line_width=max(2, theme.px(3)),
            radius=theme.px(BUTTON_RADIUS + 4),
            least=theme.space(OPTION_LEAST),
        )


class Radio(Block):
    """A ring, with a disc in it where chosen."""

    def __init__(self, theme: Theme, chosen: bool) -> None:
        super().__init__()
        self._theme = theme
        self._chosen = chosen

    def height_for(self, width: float) -> float:
        return self._theme.px(52)

    def arrange(self) -> None:
        side = self._theme.px(52)
        rings = [(side, PRIMARY if self._chosen else OUTLINE), (side - self._theme.px(8), WHITE)]
        if self._chosen:
            rings.append((side - self._theme.px(24), PRIMARY))
        self.canvas.clear()
        with self.canvas:
            for size, colour in rings:
                Color(*colour)
                SmoothEllipse(
                    pos=(self.center_x - size / 2, self.center_y - size / 2),
                    size=(size, size),
                    segments=60,
                )
