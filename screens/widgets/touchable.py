"""What can be touched: one touch down and up inside it acts once; pressed state at once."""

from __future__ import annotations

from collections.abc import Callable

from kivy.input.motionevent import MotionEvent

from screens.theme import (
    BUTTON_HEIGHT,
    BUTTON_RADIUS,
    DISABLED_GROUND,
    GAP,
    LINE,
    MUTED,
    PRIMARY,
    PRIMARY_PRESSED,
    TILE,
    TINT_PRESSED,
    WHITE,
    Colour,
    Theme,
)
from screens.widgets.block import Block, Card
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock

Act = Callable[[], None]


class Touchable(Card):
    """A card that acts when touched. `role` holds its names for tests and rehearsals, parted by
    spaces ("option:600").

    `repeats` is true for keys that one may press quickly one after the other.
    """

    def __init__(
        self,
        child: Block,
        role: str,
        act: Act,
        *,
        pressed_fill: Colour = TINT_PRESSED,
        enabled: bool = True,
        repeats: bool = False,
        padding: float | tuple[float, float] = 0.0,
        fill: Colour | None = WHITE,
        line: Colour | None = LINE,
        line_width: float = 3.0,
        radius: float = 0.0,
        grow: float = 0.0,
        least: float = 0.0,
    ) -> None:
        super().__init__(
            child,
            padding=padding,
            fill=fill,
            line=line,
            line_width=line_width,
            radius=radius,
            grow=grow,
            least=least,
        )
        self.role = role
        self.enabled = enabled
        self.repeats = repeats
        self._act = act
        self._resting_fill = fill
        self._pressed_fill = pressed_fill

    def is_called(self, name: str) -> bool:
        """Whether `name` is one of its names."""
        return name in self.role.split()

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.enabled or not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        self._press(True)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return False
        self._press(self.collide_point(*touch.pos))
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._press(False)
        if self.collide_point(*touch.pos):
            self._act()
        return True

    def turn(self, enabled: bool, fill: Colour | None, ink: Colour) -> None:
        """Bring it to life, or put it to rest, where it stands: its ground and its words take these
        colours."""
        if enabled == self.enabled:
            return
        self.enabled = enabled
        self._resting_fill = self._fill = fill
        self.draw()
        if isinstance(self.child, TextBlock):
            self.child.say(self.child.text, ink)
        elif isinstance(self.child, Icon):
            self.child.dye(ink)

    def _press(self, pressed: bool) -> None:
        fill = self._pressed_fill if pressed else self._resting_fill
        if fill != self._fill:
            self._fill = fill
            self.draw()


class Together(Block):
    """An icon and words side by side, as a pair in the middle; the words give way."""

    def __init__(self, blocks: list[Block], words: TextBlock, gap: float) -> None:
        super().__init__()
        self._blocks = blocks
        self._words = words
        self._gap = gap
        for block in blocks:
            self.add_widget(block)

    def width_wanted(self) -> float:
        return sum(block.width_wanted() for block in self._blocks) + self._gap

    def height_for(self, width: float) -> float:
        return max(block.height_for(self._share(block, width)) for block in self._blocks)

    def _share(self, block: Block, width: float) -> float:
        wanted = block.width_wanted()
        spare = width - self.width_wanted()
        return wanted + min(0.0, spare) if block is self._words else wanted

    def arrange(self) -> None:
        shares = [self._share(block, self.width) for block in self._blocks]
        x = self.center_x - (sum(shares) + self._gap) / 2
        for block, share in zip(self._blocks, shares, strict=True):
            block.place(x, self.y, share, self.height)
            x += share + self._gap


def primary_button(
    theme: Theme, text: str, role: str, act: Act, *, enabled: bool = True
) -> Touchable:
    """The one primary action: white on civic blue."""
    return Touchable(
        TextBlock(
            text,
            theme.type(TILE),
            bold=True,
            colour=WHITE if enabled else MUTED,
            align="center",
        ),
        role,
        act,
        enabled=enabled,
        pressed_fill=PRIMARY_PRESSED,
        padding=(theme.px(GAP * 1.5), theme.px(8)),
        fill=PRIMARY if enabled else DISABLED_GROUND,
        line=None,
        radius=theme.px(BUTTON_RADIUS),
        least=theme.px(BUTTON_HEIGHT),
    )


def enable_primary(button: Touchable, enabled: bool) -> None:
    """Let a `primary_button` be touched, or not, without building it again."""
    button.turn(enabled, PRIMARY if enabled else DISABLED_GROUND, WHITE if enabled else MUTED)


def plain_button(
    theme: Theme,
    text: str,
    role: str,
    act: Act,
    *,
    icon: str = "",
    icon_after: str = "",
    quiet: bool = False,
    enabled: bool = True,
    repeats: bool = False,
    size: float = TILE,
) -> Touchable:
    """A secondary action: an outlined button, `quiet` ones in grey."""
    ink = MUTED if quiet or not enabled else PRIMARY
    words = TextBlock(text, theme.type(size), bold=True, colour=ink, align="center")
    child: Block = words
    if icon or icon_after:
        mark = Icon(icon or icon_after, theme.px(38), ink)
        child = Together([mark, words] if icon else [words, mark], words, theme.px(14))
    return Touchable(
        child,
        role,
        act,
        enabled=enabled,
        repeats=repeats,
        padding=(theme.px(GAP + 10), theme.px(8)),
        fill=WHITE if enabled else DISABLED_GROUND,
        line=LINE if quiet or not enabled else PRIMARY,
        line_width=max(2, theme.px(3)),
        radius=theme.px(BUTTON_RADIUS),
        least=theme.px(BUTTON_HEIGHT),
    )
