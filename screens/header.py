"""The top of every screen: whose terminal this is, the time, language, type size, calling staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.texts import Plain, Text, msg
from screens.look import Look
from screens.nameplate import Nameplate
from screens.theme import (
    BUTTON_RADIUS,
    GAP,
    HEADER_HEIGHT,
    HEADER_LINE,
    INK,
    LABEL,
    PRIMARY,
    PRIMARY_PRESSED,
    TINT_PRESSED,
    WHITE,
    Colour,
    Theme,
)
from screens.widgets.block import Block, Card, Row
from screens.widgets.icons import Emblem, Icon
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Act, Touchable

SIDE = 32
BUTTON = 96
NAME_SIZES = (38, 37, 36, 35, 34, 31)


@dataclass(frozen=True, slots=True)
class HeaderActs:
    """What the header's buttons do."""

    language: Act
    size: Act
    help: Act
    logo: Act


class Header(Block):
    """Emblem, two lines of names, clock, buttons, on a coloured bar."""

    def __init__(
        self,
        look: Look,
        names: tuple[str, str],
        logo: Act,
        buttons: list[Touchable],
        ground: Colour = PRIMARY,
        wall_clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        theme = look.theme.standard()
        self._theme = theme
        self._wall_clock = wall_clock
        self._clock = TextBlock(
            self._time(), theme.type(46), bold=True, colour=WHITE, align="right"
        )
        emblem = Touchable(
            Emblem(theme.px(68), WHITE, ground),
            "logo",
            logo,
            repeats=True,
            fill=None,
            line=None,
            pressed_fill=ground,
            least=theme.px(BUTTON),
        )
        title = _Names(theme, *names)
        parts: list[tuple[Block, float | None]] = [
            (emblem, theme.px(68)),
            (title, None),
            (self._clock, self._clock.width_wanted() + theme.px(6)),
            *((button, max(theme.px(BUTTON), button.width_wanted())) for button in buttons),
        ]
        row = Row(parts, gap=theme.px(14))
        self._bar = Card(row, padding=(theme.px(SIDE), theme.px(4)), fill=ground)
        self.add_widget(self._bar)

    def height_for(self, width: float) -> float:
        return self._theme.px(HEADER_HEIGHT)

    def arrange(self) -> None:
        self._bar.place(self.x, self.y, self.width, self.height)

    def tick(self) -> None:
        """Let the clock go on."""
        self._clock.say(self._time())

    def _time(self) -> str:
        return f"{self._wall_clock():%H:%M}"


class _Names(Block):
    """Two lines, the first larger; a name too long for the smallest size takes two lines."""

    def __init__(self, theme: Theme, first: str, second: str) -> None:
        super().__init__()
        self._theme = theme
        self._first = TextBlock(first, theme.type(NAME_SIZES[0]), bold=True, colour=WHITE)
        self._second = TextBlock(second, theme.type(LABEL), colour=WHITE)
        self.add_widget(self._first)
        self.add_widget(self._second)

    def height_for(self, width: float) -> float:
        for size in NAME_SIZES:
            self._first.font_px = self._theme.type(size)
            if self._first.width_wanted() <= width:
                break
        return self._first.height_for(width) + self._second.height_for(width)

    def arrange(self) -> None:
        low = min(self.height / 2, self._second.height_for(self.width))
        self._second.place(self.x, self.y, self.width, low)
        self._first.place(self.x, self.y + low, self.width, self.height - low)


def citizen_header(
    look: Look, nameplate: Nameplate, acts: HeaderActs, wall_clock: Callable[[], datetime]
) -> Header:
    """The header that citizens see."""
    where = look.say(header_place(nameplate))
    buttons = [
        _outlined(
            look,
            TextBlock(
                look.say("header.language"),
                look.theme.standard().type(32),
                colour=WHITE,
                align="center",
            ),
            "language",
            acts.language,
        ),
        _outlined(
            look,
            Icon("reach", look.theme.px(44), INK if look.theme.large else WHITE),
            "size",
            acts.size,
            on=look.theme.large,
        ),
        _help(look, acts.help),
    ]
    return Header(
        look, (look.say(nameplate.city), where), acts.logo, buttons, wall_clock=wall_clock
    )


def technician_header(
    look: Look,
    title: Text,
    subtitle: Text,
    leave: Touchable,
    wall_clock: Callable[[], datetime],
) -> Header:
    """The dark header of the maintenance pages."""
    names = (look.say(title), look.say(subtitle))
    return Header(look, names, lambda: None, [leave], INK, wall_clock)


def header_place(nameplate: Nameplate) -> Text:
    """The second line: hall and number."""
    return msg("header.place", hall=nameplate.hall, number=Plain(nameplate.number))


def header_button(look: Look, text: str, role: str, act: Act) -> Touchable:
    """A white button in the header."""
    theme = look.theme.standard()
    return Touchable(
        TextBlock(text, theme.type(32), bold=True, colour=INK, align="center"),
        role,
        act,
        pressed_fill=TINT_PRESSED,
        line=None,
        padding=(theme.px(GAP), 0),
        radius=theme.px(BUTTON_RADIUS - 6),
        least=theme.px(BUTTON),
    )


def _outlined(look: Look, child: Block, role: str, act: Act, on: bool = False) -> Touchable:
    theme = look.theme.standard()
    return Touchable(
        child,
        role,
        act,
        pressed_fill=PRIMARY_PRESSED if not on else TINT_PRESSED,
        fill=WHITE if on else PRIMARY,
        line=HEADER_LINE,
        line_width=max(1, theme.px(2)),
        padding=(theme.px(12), 0),
        radius=theme.px(BUTTON_RADIUS - 6),
        least=theme.px(BUTTON),
    )


def _help(look: Look, act: Act) -> Touchable:
    theme = look.theme.standard()
    row = Row(
        [
            (Icon("bell", theme.px(36), PRIMARY), theme.px(36)),
            (TextBlock(look.say("header.help"), theme.type(32), bold=True, colour=PRIMARY), None),
        ],
        gap=theme.px(8),
    )
    return Touchable(
        row,
        "help",
        act,
        pressed_fill=TINT_PRESSED,
        line=None,
        padding=(theme.px(20), 0),
        radius=theme.px(BUTTON_RADIUS - 6),
        least=theme.px(BUTTON),
    )
