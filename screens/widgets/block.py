"""Rectangles that know how high they must be, and boxes that place them in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kivy.graphics import Color, Rectangle, SmoothRoundedRectangle
from kivy.uix.widget import Widget

from screens.theme import Colour


class Block(Widget):
    """A rectangle in screen pixels. `grow` is its share of room to spare in a column."""

    def __init__(self, grow: float = 0.0) -> None:
        super().__init__(size_hint=(None, None))
        self.grow = grow

    def apply_class_lang_rules(self, *_: object, **__: object) -> None:
        """No rule of Kivy's style language is for blocks: to look for one takes half of a block's making."""

    def width_wanted(self) -> float:
        """How wide it would be if there were room."""
        return 0.0

    def height_for(self, width: float) -> float:
        """How high it must be at `width`."""
        return 0.0

    def place(self, x: float, y: float, width: float, height: float) -> None:
        """Take this rectangle (origin at the lower left) and draw."""
        self.pos = round(x), round(y)
        self.size = round(width), round(height)
        self.arrange()

    def arrange(self) -> None:
        """Draw, and place what is inside."""

    def discard(self) -> None:
        """Give up drawings and children: their textures go now, not at some garbage collection."""
        for child in list(self.children):
            if isinstance(child, Block):
                child.discard()
        self.clear_widgets()
        self.canvas.before.clear()
        self.canvas.clear()


class Space(Block):
    """Empty room: `height` at least, more where it grows."""

    def __init__(self, height: float = 0.0, grow: float = 0.0) -> None:
        super().__init__(grow)
        self._height = height

    def height_for(self, width: float) -> float:
        return self._height


class Column(Block):
    """Blocks below one another; room to spare goes to those that grow, else stays below."""

    def __init__(self, children: Iterable[Block], gap: float = 0.0, grow: float = 0.0) -> None:
        super().__init__(grow)
        self.blocks = list(children)
        self._gap = gap
        for block in self.blocks:
            self.add_widget(block)

    def width_wanted(self) -> float:
        return max((block.width_wanted() for block in self.blocks), default=0.0)

    def height_for(self, width: float) -> float:
        heights = sum(block.height_for(width) for block in self.blocks)
        return heights + self._gap * max(0, len(self.blocks) - 1)

    def arrange(self) -> None:
        spare = self.height - self.height_for(self.width)
        shares = sum(block.grow for block in self.blocks)
        top = self.top
        for block in self.blocks:
            height = block.height_for(self.width)
            if shares:
                height += spare * block.grow / shares
            block.place(self.x, top - height, self.width, height)
            top -= height + self._gap


class Row(Block):
    """Blocks beside one another: fixed widths first, the rest is shared by those given None.

    `align` is where lower blocks stand: 0 below, 0.5 in the middle, 1 above; `fill` gives all the
    row's height to each.
    """

    def __init__(
        self,
        children: Sequence[tuple[Block, float | None]],
        gap: float = 0.0,
        align: float = 0.5,
        fill: bool = False,
    ) -> None:
        super().__init__()
        self._blocks = list(children)
        self._gap = gap
        self._align = align
        self._fill = fill
        for block, _ in self._blocks:
            self.add_widget(block)

    def width_wanted(self) -> float:
        widths = (block.width_wanted() if width is None else width for block, width in self._blocks)
        return sum(widths) + self._gap * max(0, len(self._blocks) - 1)

    def _widths(self, width: float) -> list[float]:
        fixed = sum(given for _, given in self._blocks if given is not None)
        fixed += self._gap * max(0, len(self._blocks) - 1)
        sharing = sum(1 for _, given in self._blocks if given is None)
        share = max(0.0, width - fixed) / sharing if sharing else 0.0
        return [share if given is None else given for _, given in self._blocks]

    def height_for(self, width: float) -> float:
        pairs = zip(self._blocks, self._widths(width), strict=True)
        return max((block.height_for(share) for (block, _), share in pairs), default=0.0)

    def arrange(self) -> None:
        x = self.x
        for (block, _), width in zip(self._blocks, self._widths(self.width), strict=True):
            height = self.height if self._fill else min(self.height, block.height_for(width))
            y = self.y + (self.height - height) * self._align
            block.place(x, y, width, height)
            x += width + self._gap


class Card(Block):
    """A rounded box around a block, with a ground and a line."""

    def __init__(
        self,
        child: Block,
        *,
        padding: float | tuple[float, float] = 0.0,
        fill: Colour | None = None,
        line: Colour | None = None,
        line_width: float = 2.0,
        radius: float = 0.0,
        grow: float = 0.0,
        least: float = 0.0,
    ) -> None:
        super().__init__(grow)
        self.child = child
        self._padding = padding if isinstance(padding, tuple) else (padding, padding)
        self._fill = fill
        self._line = line
        self._line_width = line_width
        self._radius = radius
        self._least = least
        self.add_widget(child)

    def width_wanted(self) -> float:
        return self.child.width_wanted() + 2 * self._padding[0]

    def height_for(self, width: float) -> float:
        across, along = self._padding
        return max(self._least, self.child.height_for(width - 2 * across) + 2 * along)

    def inner(self, width: float) -> float:
        """How wide its child is at `width`."""
        return width - 2 * self._padding[0]

    def arrange(self) -> None:
        self.draw()
        across, along = self._padding
        width, room = self.width - 2 * across, self.height - 2 * along
        height = room if self.child.grow else min(room, self.child.height_for(width))
        self.child.place(self.x + across, self.y + (self.height - height) / 2, width, height)

    def draw(self) -> None:
        """Draw the ground and the line in their present colours."""
        self.canvas.before.clear()
        with self.canvas.before:
            box(self.pos, self.size, self._radius, self._fill, self._line, self._line_width)


def box(
    pos: Sequence[float],
    size: Sequence[float],
    radius: float,
    fill: Colour | None,
    line: Colour | None = None,
    line_width: float = 2.0,
) -> None:
    """Draw a rounded rectangle into the current canvas: the line is an outer box below the fill."""
    width = round(line_width) if line else 0
    if line:
        _rounded(pos, size, radius, line)
    if fill:
        inner = (size[0] - 2 * width, size[1] - 2 * width)
        _rounded((pos[0] + width, pos[1] + width), inner, max(0.0, radius - width), fill)


def _rounded(pos: Sequence[float], size: Sequence[float], radius: float, colour: Colour) -> None:
    Color(*colour)
    radius = min(radius, size[0] / 2, size[1] / 2)
    if radius < 1:
        Rectangle(pos=pos, size=size)
    else:
        SmoothRoundedRectangle(pos=pos, size=size, radius=[radius], segments=16)
