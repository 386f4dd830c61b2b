"""The technician's PIN on a keypad."""

from __future__ import annotations

from collections.abc import Callable

from kivy.graphics import Color, SmoothEllipse

from kiosk.views import EnterPin, Tone, Typed
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP, INK, LINE, PRIMARY, TITLE, Theme
from screens.widgets.block import Block, Column, Row, Space
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Touchable

KEYS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("", "0", "erase"))
KEY = 176


class EnterPinScreen(Screen[EnterPin]):
    def begin(self) -> None:
        self._typed = ""

    def body(self, look: Look) -> Block:
        theme = look.theme
        blocks: list[Block] = [
            Space(theme.space(24), grow=1.0),
            look.write("pin.title", TITLE, bold=True, align="center"),
            Dots(theme, len(self._typed), self.view.digits),
        ]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.BAD))
        blocks.append(Space(theme.space(12)))
        blocks += [self._row(theme, keys) for keys in KEYS]
        blocks.append(Space(grow=1.4))
        return Column(blocks, gap=theme.space(GAP), grow=1.0)

    def _row(self, theme: Theme, keys: tuple[str, ...]) -> Block:
        cells: list[tuple[Block, float | None]] = [(Space(), None)]
        cells += [(self._key(theme, key), theme.px(KEY * 1.5)) for key in keys]
        cells.append((Space(), None))
        return Row(cells, gap=theme.px(GAP))

    def _key(self, theme: Theme, key: str) -> Block:
        if not key:
            return Space(theme.space(KEY))
        child: Block
        if key == "erase":
            child = Icon("erase", theme.px(72), INK)
        else:
            child = TextBlock(key, theme.type(TITLE), bold=True, align="center")
        return Touchable(
            child,
            f"key:{key}",
            self._press(key),
            repeats=True,
            line_width=max(2, theme.px(2)),
            radius=theme.px(28),
            least=theme.space(KEY),
        )

    def _press(self, key: str) -> Callable[[], None]:
        def press() -> None:
            if key == "erase":
                self._typed = self._typed[:-1]
            elif len(self._typed) < self.view.digits:
                self._typed += key
            self.redraw()
            if len(self._typed) == self.view.digits and key != "erase":
                self.reply(Typed(self._typed))

        return press


class Dots(Block):
    """How many digits are typed, without their values."""

    def __init__(self, theme: Theme, typed: int, digits: int) -> None:
        super().__init__()
        self._theme = theme
        self._typed = typed
        self._digits = digits

    def height_for(self, width: float) -> float:
        return self._theme.px(96)

    def arrange(self) -> None:
        side, gap = self._theme.px(36), self._theme.px(36)
        x = self.center_x - (self._digits * (side + gap) - gap) / 2
        self.canvas.clear()
        with self.canvas:
            for index in range(self._digits):
                Color(*(PRIMARY if index < self._typed else LINE))
                SmoothEllipse(pos=(x, self.center_y - side / 2), size=(side, side), segments=40)
                x += side + gap
