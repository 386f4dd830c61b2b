"""Chips: small round buttons that narrow what is shown, in one row or two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.texts import Text
from screens.look import Look
from screens.theme import GAP, INK, LABEL, LINE, PRIMARY, PRIMARY_PRESSED, TINT, WHITE
from screens.widgets.block import Block
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Act, Touchable

CHIP = 34
CHIP_LEAST = 96
CHIP_ACROSS, CHIP_ALONG = 18, 4
CHIP_LINES, CHIPS_ACROSS, CHIP_ROWS = 2, 5, 2
"""At most so many lines a chip, chips a row, rows."""


@dataclass(frozen=True, slots=True)
class Chip:
    """What it says and does, and whether it is the one that is shown now."""

    text: Text
    role: str
    act: Act
    chosen: bool


class Chips(Block):
    """Chips of one size, in one row or two."""

    def __init__(self, look: Look, chips: Sequence[Chip]) -> None:
        super().__init__()
        self._look = look
        self._chips = list(chips)
        self._gap = look.theme.px(GAP)
        self._settings: dict[float, tuple[int, float] | None] = {}

    def fit(self, width: float) -> bool:
        """Whether each has room for its words."""
        return self._setting(width) is not None

    def height_for(self, width: float) -> float:
        columns, size = self._best(width)
        rows = math.ceil(len(self._chips) / columns)
        return rows * self._high(width, columns, size) + (rows - 1) * self._gap

    def arrange(self) -> None:
        self.clear_widgets()
        columns, size = self._best(self.width)
        wide = self._cell(self.width, columns)
        high = self._high(self.width, columns, size)
        for place, one in enumerate(self._chips):
            row, column = divmod(place, columns)
            button = chip(self._look, one, size)
            self.add_widget(button)
            x = self.x + column * (wide + self._gap)
            button.place(x, self.top - (row + 1) * high - row * self._gap, wide, high)

    def _best(self, width: float) -> tuple[int, float]:
        return self._setting(width) or (min(len(self._chips), CHIPS_ACROSS), LABEL)

    def _setting(self, width: float) -> tuple[int, float] | None:
        if width not in self._settings:
            self._settings[width] = self._found(width)
        return self._settings[width]

    def _found(self, width: float) -> tuple[int, float] | None:
        """How many a row, and their type: in one row where that can be, of one line each."""
        for rows in range(1, CHIP_ROWS + 1):
            columns = math.ceil(len(self._chips) / rows)
            for lines in range(1, CHIP_LINES + 1):
                for size in (CHIP, LABEL):
                    if self._fits(width, columns, size, lines):
                        return columns, size
        return None

    def _fits(self, width: float, columns: int, size: float, lines: int) -> bool:
        if columns > CHIPS_ACROSS:
            return False
        rows = math.ceil(len(self._chips) / columns)
        most = self._look.theme.px(CHIP_ROWS * CHIP_LEAST + (CHIP_ROWS - 1) * GAP)
        if rows * self._high(width, columns, size) + (rows - 1) * self._gap > most:
            return False
        room = self._room(width, columns)
        words = [_words(self._look, one, size) for one in self._chips]
        return all(
            len(one.lines_at(room)) <= lines and one.drawn_width(room) <= room for one in words
        )

    def _high(self, width: float, columns: int, size: float) -> float:
        theme = self._look.theme
        room = self._room(width, columns)
        words = max(_words(self._look, one, size).height_for(room) for one in self._chips)
        return max(theme.px(CHIP_LEAST), words + 2 * theme.px(CHIP_ALONG))

    def _cell(self, width: float, columns: int) -> float:
        return (width - (columns - 1) * self._gap) / columns

    def _room(self, width: float, columns: int) -> float:
        return self._cell(width, columns) - 2 * self._look.theme.px(CHIP_ACROSS)


def chip(look: Look, one: Chip, size: float) -> Touchable:
    """A chip as it is touched, blue where it is chosen."""
    theme = look.theme
    return Touchable(
        _words(look, one, size),
        one.role,
        one.act,
        pressed_fill=PRIMARY_PRESSED if one.chosen else TINT,
        padding=(theme.px(CHIP_ACROSS), theme.px(CHIP_ALONG)),
        fill=PRIMARY if one.chosen else WHITE,
        line=PRIMARY if one.chosen else LINE,
        line_width=max(2, theme.px(2)),
        radius=theme.px(CHIP_LEAST / 2),
        least=theme.px(CHIP_LEAST),
    )


def _words(look: Look, one: Chip, size: float) -> TextBlock:
    return look.write(one.text, size, colour=WHITE if one.chosen else INK, align="center")
