"""The way through an item: numbered circles, done, current and to come."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle

from screens.look import Look
from screens.theme import INK, LABEL, LINE, MUTED, PRIMARY, TINT, WHITE
from screens.widgets.block import Block, Card
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock

CIRCLE = 56


class StepsBar(Block):
    """`labels` in a row, `current` (from 0) filled, those before it ticked."""

    def __init__(self, look: Look, labels: list[str], current: int) -> None:
        super().__init__()
        self._theme = look.theme
        self._current = current
        self._circles: list[Card] = []
        self._labels: list[TextBlock] = []
        for index, label in enumerate(labels):
            self._circles.append(self._circle(index))
            self._labels.append(self._label(index, label))
        for block in (*self._circles, *self._labels):
            self.add_widget(block)

    def height_for(self, width: float) -> float:
        column = width / len(self._labels) - self._theme.px(8)
        labels = max(label.height_for(column) for label in self._labels)
        return self._theme.px(CIRCLE + 6) + labels

    def arrange(self) -> None:
        column = self.width / len(self._labels)
        side, inset = self._theme.px(CIRCLE), self._theme.px(4)
        self.canvas.before.clear()
        for index, (circle, label) in enumerate(zip(self._circles, self._labels, strict=True)):
            middle = self.x + column * (index + 0.5)
            circle.place(middle - side / 2, self.top - side, side, side)
            height = self.height - side - self._theme.px(6)
            label.place(middle - column / 2 + inset, self.y, column - 2 * inset, height)
            if index:
                self._line(middle - column, middle, index <= self._current)

    def _line(self, start: float, end: float, done: bool) -> None:
        theme = self._theme
        inset = theme.px(CIRCLE / 2 + 26)
        with self.canvas.before:
            Color(*(PRIMARY if done else LINE))
            Rectangle(
                pos=(start + inset, self.top - theme.px(CIRCLE / 2) - theme.px(2)),
                size=(end - start - 2 * inset, max(2, theme.px(4))),
            )

    def _circle(self, index: int) -> Card:
        theme = self._theme
        standard = theme.standard()
        child: Block
        if index < self._current:
            child, fill, line = Icon("check", theme.px(32), PRIMARY, weight=1.5), TINT, PRIMARY
        elif index == self._current:
            child = TextBlock(
                str(index + 1), standard.type(32), bold=True, colour=WHITE, align="center"
            )
            fill = line = PRIMARY
        else:
            child = TextBlock(
                str(index + 1), standard.type(32), bold=True, colour=MUTED, align="center"
            )
            fill, line = WHITE, LINE
        return Card(
            child, fill=fill, line=line, line_width=max(2, theme.px(3)), radius=theme.px(CIRCLE / 2)
        )

    def _label(self, index: int, label: str) -> TextBlock:
        here = index == self._current
        return TextBlock(
            label,
            self._theme.type(LABEL),
            bold=here,
            colour=INK if here else MUTED,
            align="center",
        )
