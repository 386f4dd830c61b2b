"""Bars with their labels and values in words: a chart that can be read aloud, colour never alone."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.views import Bar, Chart, Tone
from screens.look import TONES, Look
from screens.theme import BODY, HEADING, INK, MUTED, PRIMARY, TINT
from screens.widgets.block import Block, Card, Column, box
from screens.widgets.icons import Icon

BAR_HIGH = 34
BAR_LEAST = 0.26
"""Where a bar would get less of the width than this, it stands below its words."""

BAR_RADIUS = 8


class Measures:
    """What the bars of one chart share: the widths of their labels and of their words."""

    def __init__(self) -> None:
        self.label = 0.0
        self.text = 0.0

    def take(self, label: float, text: float) -> None:
        """Make room for one more."""
        self.label, self.text = max(self.label, label), max(self.text, text)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Widths of the label, the bar and the words; whether the bar stands below."""

    label: float
    bar: float
    text: float
    below: bool


class BarRow(Block):
    """A label, its bar, and what is written at it, with an icon where the bar has a mood."""

    def __init__(self, look: Look, bar: Bar, longest: float, measures: Measures) -> None:
        super().__init__()
        theme = look.theme
        self._share = max(0.0, min(1.0, bar.value / longest)) if longest > 0 else 0.0
        plain = bar.tone is Tone.PLAIN
        ink, self._ground, icon = TONES[bar.tone]
        self._ink = PRIMARY if plain else ink
        self._ground = TINT if plain else self._ground
        self._gap = theme.px(20)
        self._padding = theme.space(14)
        self._high = theme.px(BAR_HIGH)
        self._radius = theme.px(BAR_RADIUS)
        self._measures = measures
        self._label = look.write(bar.label, BODY, colour=MUTED)
        self._text = look.write(
            bar.text, BODY, bold=True, colour=INK if plain else ink, align="right"
        )
        self._mark = None if plain else Icon(icon, theme.type(BODY), ink)
        self._mark_wide = 0.0 if plain else theme.type(BODY) + theme.px(10)
        self._edge = max(2, theme.px(2))
        for block in (self._label, self._text, self._mark):
            if block is not None:
                self.add_widget(block)
        measures.take(self._label.width_wanted(), self._text.width_wanted() + self._mark_wide)

    def _parts(self, width: float) -> _Parts:
        label, text = self._measures.label, self._measures.text
        bar = width - label - text - 2 * self._gap
        if bar >= width * BAR_LEAST:
            return _Parts(label, bar, text, False)
        text = min(text, width * 0.6)
        return _Parts(width - text - self._gap, width, text, True)

    def height_for(self, width: float) -> float:
        parts = self._parts(width)
        words = max(
            self._label.height_for(parts.label),
            self._text.height_for(parts.text - self._mark_wide),
        )
        content = words + self._gap / 2 + self._high if parts.below else max(words, self._high)
        return content + 2 * self._padding

    def arrange(self) -> None:
        parts = self._parts(self.width)
        low, top = self.y + self._padding, self.top - self._padding
        words_low = low + self._high + self._gap / 2 if parts.below else low
        words_high = top - words_low
        self._label.place(self.x, words_low, parts.label, words_high)
        text = parts.text - self._mark_wide
        self._text.place(self.right - text, words_low, text, words_high)
        if self._mark is not None:
            side = self._mark.height_for(0)
            x = self.right - self._text.drawn_width(text) - self._mark_wide
            self._mark.place(x, words_low + (words_high - side) / 2, side, side)
        x = self.x if parts.below else self.x + parts.label + self._gap
        y = low if parts.below else low + (top - low - self._high) / 2
        self._draw(x, y, parts.bar)

    def _draw(self, x: float, y: float, width: float) -> None:
        self.canvas.before.clear()
        with self.canvas.before:
            box((x, y), (width, self._high), self._radius, self._ground)
            if self._share > 0:
                long = max(self._edge, width * self._share)
                box((x, y), (long, self._high), min(self._radius, long / 2), self._ink)


def measured(look: Look, chart: Chart) -> Measures:
    """What all of a chart's bars share, so that its parts look alike."""
    measures = Measures()
    for bar in chart.bars:
        BarRow(look, bar, chart.longest, measures)
    return measures


def chart_card(look: Look, chart: Chart, measures: Measures) -> Card:
    """A chart, or a part of one, as a card."""
    rows: list[Block] = [BarRow(look, bar, chart.longest, measures) for bar in chart.bars]
    if chart.heading is not None:
        rows.insert(0, look.write(chart.heading, HEADING, bold=True))
    return look.card(Column(rows), padding=36)
