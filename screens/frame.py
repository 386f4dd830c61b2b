"""Puts a screen into its frame: header, steps, body, footer; squeezed where room is short."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.input.motionevent import MotionEvent

from screens.header import Header
from screens.look import Look
from screens.screen import Footer, Screen
from screens.theme import (
    BUTTON_HEIGHT,
    FOOTER_HEIGHT,
    GAP,
    GROUND,
    GUTTER,
    LINE,
    MARGIN,
    SHADE,
    SQUEEZES,
    WHITE,
)
from screens.widgets.block import Block
from screens.widgets.steps import StepsBar
from screens.widgets.touchable import Touchable

DIALOG_WIDTH = 920
PRIMARY_LEAST = 0.4
"""The primary button's least share of the footer."""


class FooterBar(Block):
    """Buttons on the left, the primary action on the right, always in the same place."""

    def __init__(self, look: Look, footer: Footer) -> None:
        super().__init__()
        self._theme = look.theme
        self._footer = footer
        for block in (*footer.left, *footer.words):
            self.add_widget(block)
        if footer.primary:
            self.add_widget(footer.primary)

    def height_for(self, width: float) -> float:
        return self._theme.px(FOOTER_HEIGHT)

    def arrange(self) -> None:
        theme = self._theme
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*WHITE)
            Rectangle(pos=self.pos, size=self.size)
            Color(*LINE)
            Rectangle(pos=(self.x, self.top - theme.px(2)), size=(self.width, theme.px(2)))
        self._place_buttons(theme.px(MARGIN), theme.px(GAP))
        self._place_words(theme.px(MARGIN))

    def _place_buttons(self, margin: int, gap: int) -> None:
        height = self._theme.px(BUTTON_HEIGHT)
        y = self.y + (self.height - height) / 2
        room = self.width - 2 * margin
        primary = self._footer.primary
        left = self._footer.left
        widths = [button.width_wanted() for button in left]
        if primary:
            wanted = max(primary.width_wanted(), room * PRIMARY_LEAST)
            spare = room - wanted - len(left) * gap
            if sum(widths) > spare:
                spare = max(spare, room * 0.54)
                factor = min(1.0, spare / sum(widths))
                widths = [width * factor for width in widths]
                wanted = room - sum(widths) - len(left) * gap
            primary.place(self.right - margin - wanted, y, wanted, height)
        x = self.x + margin
        for button, width in zip(left, widths, strict=True):
            button.place(x, y, width, height)
            x += width + gap

    def _place_words(self, margin: int) -> None:
        words = self._footer.words
        if not words:
            return
        last = words[-1]
        wanted = last.width_wanted()
        last.place(self.right - margin - wanted, self.y, wanted, self.height)
        if len(words) > 1:
            words[0].place(self.x + margin, self.y, self.width - 3 * margin - wanted, self.height)


class Frame(Block):
    """A whole page."""

    def __init__(self, look: Look, screen: Screen[Any], header: Header) -> None:
        super().__init__()
        self._look = look
        self._screen = screen
        self.header = header
        self.squeeze = 1.0
        self._steps = self._steps_bar()
        self._footer = None if screen.bare else FooterBar(look, screen.footer(look))
        for block in (self._steps, self._footer, header):
            if block:
                self.add_widget(block)

    def _steps_bar(self) -> StepsBar | None:
        steps = self._screen.view.steps
        if steps is None or self._screen.bare:
            return None
        labels = [self._look.say(label) for label in steps.labels]
        return StepsBar(self._look, labels, steps.current)

    def arrange(self) -> None:
        theme = self._look.theme
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*GROUND)
            Rectangle(pos=self.pos, size=self.size)
        margin = theme.px(MARGIN)
        top = self.top - self.header.height_for(self.width)
        self.header.place(self.x, top, self.width, self.top - top)
        low = self.y
        if self._footer:
            height = self._footer.height_for(self.width)
            self._footer.place(self.x, self.y, self.width, height)
            low += height
        if self._screen.bare:
            self._place_body(self.x, low, self.width, top - low)
            return
        top -= margin
        if self._steps:
            height = self._steps.height_for(self.width - margin)
            self._steps.place(self.x + margin / 2, top - height, self.width - margin, height)
            top -= height + theme.px(GUTTER)
        low += theme.px(GUTTER)
        self._place_body(self.x + margin, low, self.width - 2 * margin, top - low)

    def _place_body(self, x: float, y: float, width: float, height: float) -> None:
        for squeeze in SQUEEZES:
            self.squeeze = squeeze
            body = self._screen.body(self._look.squeezed(squeeze))
            needed = body.height_for(width)
            if needed <= height:
                break
        self.add_widget(body)
        given = height if body.grow or needed > height else needed
        body.place(x, y + height - given, width, given)


class DialogFrame(Block):
    """A card in the middle of a shaded page; touches beside it go nowhere."""

    def __init__(self, look: Look, screen: Screen[Any]) -> None:
        super().__init__()
        self._look = look
        self._screen = screen

    def arrange(self) -> None:
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*SHADE)
            Rectangle(pos=self.pos, size=self.size)
        theme = self._look.theme
        width = min(self.width - theme.px(2 * MARGIN), theme.px(DIALOG_WIDTH))
        body = self._screen.body(self._look)
        height = body.height_for(width)
        self.add_widget(body)
        body.place(
            self.x + (self.width - width) / 2, self.y + (self.height - height) / 2, width, height
        )

    def on_touch_down(self, touch: MotionEvent) -> bool:
        super().on_touch_down(touch)
        return True


def touchables(block: Block) -> list[Touchable]:
    """Everything on the picture that can be touched, in drawing order."""
    found = [block] if isinstance(block, Touchable) else []
    for child in reversed(block.children):
        found.extend(touchables(child))
    return found
