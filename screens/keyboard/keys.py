"""The keyboard on the screen: keys in a grid, the candidates for hanzi above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from screens.keyboard.layouts import Place, layout
from screens.keyboard.typing import WRITTEN, Mode, Typing
from screens.look import Look
from screens.theme import (
    BODY,
    DISABLED_GROUND,
    GAP,
    HEADING,
    INK,
    LABEL,
    LINE,
    MUTED,
    PRIMARY,
    PRIMARY_PRESSED,
    TINT,
    TINT_PRESSED,
    WARNING,
    WHITE,
    Theme,
)
from screens.widgets.block import Block
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Act, Touchable

PAD_HEIGHT = 744
"""Six rows of 104 with gaps between: all keys in the lower half of the picture (reach)."""

KEY_RADIUS = 20
ICONS = {"delete": "erase", "shift": "up"}
WORDS = ("space", "pinyin", "latin", "symbols", "clear", "confirm")

Press = Callable[[str], None]


class Key(Touchable):
    """One key; a dead one is grey and does nothing."""

    def __init__(
        self,
        theme: Theme,
        role: str,
        face: Block,
        act: Act,
        *,
        live: bool = True,
        strong: bool = False,
        marked: bool = False,
    ) -> None:
        self._grounds = (PRIMARY if strong else TINT if marked else WHITE, DISABLED_GROUND)
        self._inks = (WHITE if strong else INK, MUTED)
        super().__init__(
            face,
            role,
            act,
            repeats=True,
            enabled=live,
            padding=(theme.px(8), theme.px(4)),
            fill=self._grounds[not live],
            line=PRIMARY if marked else LINE,
            line_width=max(2, theme.px(2)),
            radius=theme.px(KEY_RADIUS),
            pressed_fill=PRIMARY_PRESSED if strong else TINT_PRESSED,
        )

    def enable(self, live: bool) -> None:
        """Bring it to life, or put it to rest."""
        if live == self.enabled:
            return
        self.enabled = live
        self._resting_fill = self._fill = self._grounds[not live]
        self.draw()
        if isinstance(self.child, TextBlock):
            self.child.say(self.child.text, self._inks[not live])


class Cells(Block):
    """Blocks in a grid of equal columns and rows, `PAD_HEIGHT` high."""

    def __init__(
        self, theme: Theme, columns: int, rows: int, cells: list[tuple[Place, Block]]
    ) -> None:
        super().__init__()
        self._height = theme.px(PAD_HEIGHT)
        self._gap = theme.px(GAP)
        self._columns, self._rows = columns, rows
        self._cells = cells
        for _, block in cells:
            self.add_widget(block)

    def height_for(self, width: float) -> float:
        return self._height

    def arrange(self) -> None:
        wide = (self.width - (self._columns - 1) * self._gap) / self._columns
        high = (self.height - (self._rows - 1) * self._gap) / self._rows
        for place, block in self._cells:
            block.place(
                self.x + place.column * (wide + self._gap),
                self.top - place.row * (high + self._gap) - self._span(high, place.rows),
                self._span(wide, place.columns),
                self._span(high, place.rows),
            )

    def _span(self, one: float, count: int) -> float:
        return count * one + (count - 1) * self._gap


class Keyboard(Cells):
    """The keys of a typed field. `press` takes a key's name, `choose` a candidate's number."""

    def __init__(self, look: Look, typing: Typing, press: Press) -> None:
        plan = layout(typing.field, typing.mode, pinyin=typing.pinyin)
        self._typing = typing
        self._keys = {place.key: key_of(look, place.key, press, typing) for place in plan.keys}
        self._bar = Candidates(look, typing, press) if plan.bar else None
        cells: list[tuple[Place, Block]] = [(one, self._keys[one.key]) for one in plan.keys]
        if self._bar:
            cells.append((Place("", 0, 0, plan.columns), self._bar))
        super().__init__(look.theme, plan.columns, plan.rows, cells)

    def refresh(self) -> None:
        """Show what the keys can do now."""
        for name, key in self._keys.items():
            key.enable(name == "confirm" or self._typing.live(name))
        if self._bar:
            self._bar.arrange()


def key_of(look: Look, name: str, press: Press, typing: Typing | None = None) -> Key:
    """The key `name`, with its sign or its word."""
    theme = look.theme
    strong = name == "confirm"
    live = strong or typing is None or typing.live(name)
    ink = WHITE if strong else INK if live else MUTED
    face: Block
    if name in ICONS:
        face = Icon(ICONS[name], theme.px(60), INK)
    elif name in WORDS:
        size = LABEL if name == "symbols" else BODY
        face = look.write(f"keyboard.{name}", size, bold=True, colour=ink, align="center")
    else:
        sign = name.upper() if typing and typing.capital else name
        face = TextBlock(sign, theme.type(HEADING), bold=True, colour=ink, align="center")
    return Key(
        theme,
        f"key:{name}",
        face,
        lambda: press(name),
        live=live,
        strong=strong,
        marked=name == "shift" and typing is not None and typing.capital,
    )


class Candidates(Block):
    """Hanzi for the waiting pinyin, as many as fit, and buttons for further ones; else a hint."""

    def __init__(self, look: Look, typing: Typing, press: Press) -> None:
        super().__init__()
        self._look = look
        self._typing = typing
        self._press = press

    def arrange(self) -> None:
        for child in list(self.children):
            self.remove_widget(child)
            child.discard()
        if self._typing.letters and self._typing.candidates:
            self._place_candidates()
        else:
            hint = self._hint()
            self.add_widget(hint)
            hint.place(self.x, self.y, self.width, self.height)

    def _hint(self) -> TextBlock:
        typing = self._typing
        if not typing.pinyin:
            written = typing.field.kind in WRITTEN
            key = "keyboard.no_pinyin" if written else "keyboard.nothing"
            return self._look.write(key, LABEL, bold=True, colour=WARNING, align="center")
        key = "keyboard.no_such_pinyin" if typing.letters else f"keyboard.hint.{typing.mode}"
        return self._look.write(key, LABEL, colour=MUTED, align="center")

    def _place_candidates(self) -> None:
        theme = self._look.theme
        gap, side = theme.px(GAP), self.height
        room = self.width - 2 * (side + gap)
        x, shown = self.x, 0
        for block in self._buttons():
            width = max(side, block.width_wanted())
            if shown and x + width > self.x + room:
                break
            width = min(width, room)
            self.add_widget(block)
            block.place(x, self.y, width, self.height)
            x += width + gap
            shown += 1
        left = len(self._typing.candidates)
        self._turn("fewer", "back", self._typing.first > 0, self.right - 2 * side - gap, shown)
        self._turn("more", "forth", left > shown, self.right - side, shown)

    def _buttons(self) -> Iterator[Touchable]:
        theme = self._look.theme
        for index, candidate in enumerate(self._typing.candidates):
            yield Touchable(
                TextBlock(candidate.text, theme.type(HEADING), bold=True, align="center", lines=1),
                f"candidate:{index} hanzi:{candidate.text}",
                lambda index=index: self._press(f"candidate:{index}"),
                repeats=True,
                padding=(theme.px(24), theme.px(4)),
                fill=TINT,
                line=None,
                radius=theme.px(KEY_RADIUS),
            )

    def _turn(self, name: str, icon: str, live: bool, x: float, shown: int) -> None:
        theme = self._look.theme
        button = Key(
            theme,
            f"key:{name}",
            Icon(icon, theme.px(52), INK if live else MUTED),
            lambda: self._press(f"{name}:{shown}"),
            live=live,
        )
        self.add_widget(button)
        button.place(x, self.y, self.height, self.height)


def mode_of(typing: Typing) -> tuple[Mode, bool]:
    """What decides which keys there are: while it stays, they need not be built again."""
    return typing.mode, typing.capital
