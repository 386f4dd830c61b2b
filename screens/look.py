"""What every screen draws with: the theme, the language's words, and the common pieces of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.texts import Msg, Text, Words, msg
from kiosk.views import Tone
from screens.theme import (
    BAD,
    BAD_GROUND,
    BODY,
    CARD_RADIUS,
    GAP,
    INK,
    LABEL,
    LINE,
    MUTED,
    OK,
    OK_GROUND,
    PRIMARY,
    TINT,
    TITLE,
    WARNING,
    WARNING_GROUND,
    WHITE,
    Colour,
    Theme,
)
from screens.widgets.block import Block, Card, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock

TONES: dict[Tone, tuple[Colour, Colour, str]] = {
    Tone.PLAIN: (PRIMARY, TINT, "document"),
    Tone.GOOD: (OK, OK_GROUND, "check"),
    Tone.WARNING: (WARNING, WARNING_GROUND, "warning"),
    Tone.BAD: (BAD, BAD_GROUND, "cross"),
}
"""Colour, ground and icon of each mood: never colour alone."""

STRAIGHT = str.maketrans("“”‘’", "\"\"''")
"""The Chinese face draws curly quotes as wide as a character, with a gap in English."""


@dataclass(frozen=True, slots=True)
class Look:
    """One language in one theme."""

    theme: Theme
    words: Words
    now: Callable[[], float]

    def squeezed(self, squeeze: float) -> Look:
        """The same look, drawn together."""
        return replace(self, theme=self.theme.squeezed(squeeze))

    def say(self, text: Text | str) -> str:
        """The sentence; a bare string is a key of the screens' own catalogue."""
        sentence = self.words.say(msg(text) if isinstance(text, str) else text)
        return sentence.translate(STRAIGHT) if self.words.language == "en" else sentence

    def write(
        self,
        text: Text | str,
        size: float = BODY,
        *,
        bold: bool = False,
        colour: Colour = INK,
        align: str = "left",
        grow: float = 0.0,
    ) -> TextBlock:
        """A sentence in the type scale's `size` (design pixels)."""
        return TextBlock(
            self.say(text), self.theme.type(size), bold=bold, colour=colour, align=align, grow=grow
        )

    def heading(self, title: Text | str, subtitle: Text | str | None = None) -> Block:
        """A screen's title with what stands below it."""
        lines: list[Block] = [self.write(title, TITLE, bold=True)]
        if subtitle is not None:
            lines.append(self.write(subtitle, BODY, colour=MUTED))
        return Column(lines, gap=self.theme.space(4))

    def card(
        self,
        child: Block,
        *,
        fill: Colour = WHITE,
        line: Colour | None = LINE,
        padding: float = 36,
        grow: float = 0.0,
    ) -> Card:
        """A white card with a thin line."""
        theme = self.theme
        return Card(
            child,
            padding=(theme.px(padding), theme.space(padding * 0.8)),
            fill=fill,
            line=line,
            line_width=max(2, theme.px(2)),
            radius=theme.px(CARD_RADIUS),
            grow=grow,
        )

    def notice(
        self, text: Text | str, tone: Tone = Tone.PLAIN, icon: str | None = None, size: float = 33
    ) -> Block:
        """A sentence on a coloured ground, with its icon."""
        ink, ground, usual = TONES[tone]
        theme = self.theme
        mark = theme.type(44)
        row = Row(
            [
                (Icon(icon or usual, mark, ink), mark),
                (self.write(text, size, colour=INK if tone is Tone.PLAIN else ink), None),
            ],
            gap=theme.px(GAP),
        )
        return self.card(row, fill=ground, line=None, padding=32)

    def banner(self, headline: Text, detail: Text, tone: Tone) -> Block:
        """The outcome of something: large, coloured, with its icon."""
        ink, ground, icon = TONES[tone]
        theme = self.theme
        mark = theme.px(112)
        words = Column(
            [
                self.write(headline, TITLE, bold=True),
                self.write(detail, BODY, colour=MUTED),
            ],
            gap=theme.space(4),
        )
        row = Row([(Icon(icon, mark, ink, weight=1.25), mark), (words, None)], gap=theme.px(44))
        return self.card(row, fill=ground, line=ink, padding=40)

    def badge(self, text: Text, tone: Tone) -> Card:
        """A short remark in a coloured pill."""
        ink, ground, _ = TONES[tone]
        theme = self.theme
        words = self.write(text, LABEL, bold=True, colour=ink, align="center")
        return Card(
            words,
            padding=(theme.px(20), theme.px(6)),
            fill=ground,
            radius=theme.px(14),
        )


def seconds_left(seconds: int, key: str) -> Msg:
    """A countdown's sentence: `key` with the time in it, in minutes and seconds above a minute."""
    minutes, rest = divmod(max(0, seconds), 60)
    if seconds > 60:
        return msg(key, time=msg("time.minutes_seconds", minutes=minutes, seconds=rest))
    return msg(key, time=msg("time.seconds", seconds=max(0, seconds)))
