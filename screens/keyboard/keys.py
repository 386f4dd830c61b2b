"""The keyboard on the screen: keys in a grid, the candidates for hanzi above them."""

from __future__ import annotations

from collections.abc import Callable

from screens.keyboard.layouts import Layout, Place, layout
from screens.keyboard.typing import Typing
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
        self.turn(live, self._grounds[not live], self._inks[not live])


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
    """The keys of typed fields. `press` takes a key's name, `choose` a candidate's number."""

    def __init__(self, look: Look, plan: Layout, typing: Typing, press: Press) -> None:
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
            self._bar.refresh()

    def serve(self, typing: Typing) -> None:
        """Write into another field that has the same keys."""
        if self._bar and self._bar.typing is not typing:
            self._bar.serve(typing)
        self._typing = typing
        self.refresh()


class Keyboards:
    """The keyboards of a page, each kind of keys made once, at the first field that needs it."""

    def __init__(self, look: Look, press: Press) -> None:
        self._look = look
        self._press = press
        self._made: dict[tuple[Layout, bool], Keyboard] = {}

    def of(self, typing: Typing) -> Keyboard:
        """The keyboard that writes into `typing`, in its present mode."""
        plan = layout(typing.field, typing.mode, pinyin=typing.pinyin)
        made = self._made.get((plan, typing.capital))
        if made is not None:
            made.serve(typing)
            return made
        made = Keyboard(self._look, plan, typing, self._press)
        self._made[plan, typing.capital] = made
        return made

    def discard(self) -> None:
        """Give up all drawings."""
        for one in self._made.values():
            one.discard()
        self._made.clear()


class Pad(Block):
    """The place of the keys: `build` gives what belongs there now; `keyboards` are kept meanwhile.

    Its height is that of all keys, so that nothing is built before it is placed.
    """

    def __init__(self, look: Look, build: Callable[[], Block], keyboards: Keyboards) -> None:
        super().__init__()
        self.child: Block | None = None
        self._height = look.theme.px(PAD_HEIGHT)
        self._build = build
        self._keyboards = keyboards

    def height_for(self, width: float) -> float:
        return self._height

    def arrange(self) -> None:
        if self.child is None:
            self.renew()
        else:
            self.child.place(self.x, self.y, self.width, self.height)

    def renew(self) -> None:
        """Show what belongs there now; a keyboard that stays changes only what changed."""
        child = self._build()
        if child is self.child:
            return
        if self.child is not None:
            self.remove_widget(self.child)
            if not isinstance(self.child, Keyboard):
                self.child.discard()
        self.child = child
        self.add_widget(child)
        if (*child.pos, *child.size) != (*self.pos, *self.size):
            child.place(self.x, self.y, self.width, self.height)

    def discard(self) -> None:
        super().discard()
        self._keyboards.discard()


def key_of(look: Look, name: str, press: Press, typing: Typing | None = None) -> Key:
    """The key `name`, with its sign or its word."""
    theme = look.theme
    strong = name == "confirm"
    live = strong or typing is None or typing.live(name)
    ink = WHITE if strong else INK if live else MUTED
    face: Block
    if name in ICONS:
        face = Icon(ICONS[name], theme.px(60), ink)
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
        self.typing = typing
        self._look = look
        self._press = press
        self._hint = TextBlock("", look.theme.type(LABEL), colour=MUTED, align="center")
        self._letters_only = look.write(
            "keyboard.no_pinyin", LABEL, bold=True, colour=WARNING, align="center"
        )
        self._buttons: list[CandidateKey] = []
        self._shown = 0
        self._stands: tuple[object, ...] = ()
        self._fewer, self._more = (
            Key(
                look.theme,
                f"key:{name}",
                Icon(icon, look.theme.px(52), INK),
                lambda name=name: press(f"{name}:{self._shown}"),
            )
            for name, icon in (("fewer", "back"), ("more", "forth"))
        )

    def arrange(self) -> None:
        self.clear_widgets()
        self._show()

    def refresh(self) -> None:
        """Show the candidates of now; while they are not known yet, what stands there stays."""
        if not self.typing.asking and self._stands != self._standing():
            self._show()

    def serve(self, typing: Typing) -> None:
        """Show the candidates of another field."""
        self.typing = typing
        self._show()

    def discard(self) -> None:
        fixed = (self._hint, self._letters_only, self._fewer, self._more)
        for block in (*fixed, *self._buttons):
            block.discard()
        super().discard()

    def _standing(self) -> tuple[object, ...]:
        """All that decides what stands here."""
        typing = self.typing
        return typing.candidates, bool(typing.letters), typing.first, typing.mode, typing.pinyin

    def _show(self) -> None:
        self._stands = self._standing()
        if self.typing.letters and self.typing.candidates:
            wanted = self._candidates()
        else:
            hint = self._hinted()
            hint.place(self.x, self.y, self.width, self.height)
            wanted = [hint]
        for child in [child for child in self.children if child not in wanted]:
            self.remove_widget(child)
        for block in wanted:
            if block.parent is None:
                self.add_widget(block)

    def _hinted(self) -> Block:
        typing = self.typing
        if not typing.pinyin:
            return self._letters_only
        none = typing.letters and not typing.asking
        self._hint.text = self._look.say(
            "keyboard.no_such_pinyin" if none else f"keyboard.hint.{typing.mode}"
        )
        return self._hint

    def _candidates(self) -> list[Block]:
        """The buttons of as many candidates as fit, in their places."""
        gap, side = self._look.theme.px(GAP), self.height
        room = self.width - 2 * (side + gap)
        x, end = self.x, self.x + room
        found = self.typing.candidates
        shown: list[Block] = []
        for index, candidate in enumerate(found):
            button = self._button(index)
            button.offer(candidate.text)
            width = max(side, button.width_wanted())
            if shown and x + width > end:
                break
            button.place(x, self.y, min(width, room), self.height)
            x += width + gap
            shown.append(button)
        self._shown = len(shown)
        ways = (
            (self._fewer, self.typing.first > 0, self.right - 2 * side - gap),
            (self._more, len(found) > self._shown, self.right - side),
        )
        for key, live, at in ways:
            key.enable(live)
            key.place(at, self.y, side, side)
        return [*shown, self._fewer, self._more]

    def _button(self, index: int) -> CandidateKey:
        while len(self._buttons) <= index:
            self._buttons.append(CandidateKey(self._look.theme, len(self._buttons), self._press))
        return self._buttons[index]


class CandidateKey(Touchable):
    """The key of the `index`-th candidate shown, whatever its hanzi are."""

    def __init__(self, theme: Theme, index: int, press: Press) -> None:
        self._words = TextBlock("", theme.type(HEADING), bold=True, align="center", lines=1)
        self._name = f"candidate:{index}"
        super().__init__(
            self._words,
            self._name,
            lambda: press(self._name),
            repeats=True,
            padding=(theme.px(24), theme.px(4)),
            fill=TINT,
            line=None,
            radius=theme.px(KEY_RADIUS),
        )

    def offer(self, hanzi: str) -> None:
        """Stand for these hanzi; it is drawn when it is placed."""
        self._words.text = hanzi
        self.role = f"{self._name} hanzi:{hanzi}"
