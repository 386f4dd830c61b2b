"""An item as a tile: tall with its picture above, or low with its picture beside; and tiles in a grid.

In both the picture and the name stand at the same place whatever else is on the tile.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.texts import Text
from kiosk.views import Tile, Tone
from screens.look import TONES, Look
from screens.theme import (
    CARD_RADIUS,
    DISABLED_GROUND,
    GAP,
    INK,
    LABEL,
    LINE,
    MUTED,
    OUTLINE,
    PRIMARY,
    TILE,
    TINT,
    WHITE,
    Theme,
)
from screens.widgets.block import Block, Card, Column, Row, Space
from screens.widgets.icons import Icon
from screens.widgets.pages import pages_of
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Act, Touchable

PICTURE = 84
DRAWING = 50
ACROSS = 28
TALL_ALONG, LOW_ALONG = 24, 14
TALL_LEAST, LOW_LEAST = 236, 96
BESIDE_PICTURE_LINES = 2
"""A notice of so many lines stands beside the picture; a longer one below the words."""


class TallTile(Block):
    """The picture, a short notice beside it, the words below, and there a notice that is long.

    `spread` is how much further the words stand from the picture.
    """

    spread = 0.0

    def __init__(
        self, theme: Theme, picture: Block, words: Sequence[Block], notice: TextBlock | None
    ) -> None:
        super().__init__()
        self._side = theme.px(PICTURE)
        self._gap = theme.px(GAP)
        self._below = theme.px(12)
        self._picture = picture
        self._words = Column(words)
        self._notice = notice
        for block in (picture, self._words, *((notice,) if notice else ())):
            self.add_widget(block)

    def height_for(self, width: float) -> float:
        height = self._side + self._below + self.spread + self._words.height_for(width)
        if self._notice is not None and not self._beside(width):
            height += self._notice.height_for(width)
        return height

    def arrange(self) -> None:
        side = self._side
        self._picture.place(self.x, self.top - side, side, side)
        height = self._words.height_for(self.width)
        low = self.top - side - self._below - self.spread - height
        self._words.place(self.x, low, self.width, height)
        notice = self._notice
        if notice is None:
            return
        if self._beside(self.width):
            notice.align = "right"
            x = self.x + side + self._gap
            notice.place(x, self.top - side, self.right - x, side)
        else:
            height = notice.height_for(self.width)
            notice.place(self.x, low - height, self.width, height)

    def _beside(self, width: float) -> bool:
        room = width - self._side - self._gap
        lines = self._notice.lines_at(room) if self._notice else []
        return len(lines) <= BESIDE_PICTURE_LINES


class TopDown(Touchable):
    """A touchable whose child hangs from its top, so that like parts of neighbours stand level."""

    shares = 2
    """Into so many parts room to spare is divided; the first is above the child."""

    stretched = 0.0

    def stretch(self, by: float) -> None:
        """Be so much higher (screen pixels) than it must be."""
        self.stretched = by

    def arrange(self) -> None:
        self.draw()
        across, along = self._padding
        width = self.inner(self.width)
        height = self.child.height_for(width)
        top = self.top - along - self.stretched / self.shares
        self.child.place(self.x + across, top - height, width, height)


class TallCard(TopDown):
    """The card of a tall tile: a part of the room to spare is below the picture."""

    shares = 3

    def stretch(self, by: float) -> None:
        super().stretch(by)
        if isinstance(self.child, TallTile):
            self.child.spread = by / self.shares


class Below(Block):
    """What is known below a name, at the right the notice where it fits; else the notice below it."""

    def __init__(self, words: TextBlock, notice: TextBlock, gap: float) -> None:
        super().__init__()
        self._words = words
        self._notice = notice
        self._gap = gap
        self.add_widget(words)
        self.add_widget(notice)

    def height_for(self, width: float) -> float:
        if self._fits(width):
            return max(self._words.height_for(width), self._notice.height_for(width))
        return self._words.height_for(width) + self._notice.height_for(width)

    def arrange(self) -> None:
        words, notice = self._words, self._notice
        if self._fits(self.width):
            wide = notice.width_wanted()
            notice.place(self.right - wide, self.y, wide, self.height)
            words.place(self.x, self.y, self.width - wide - self._gap, self.height)
            return
        height = words.height_for(self.width)
        words.place(self.x, self.top - height, self.width, height)
        notice.place(self.x, self.y, self.width, self.height - height)

    def _fits(self, width: float) -> bool:
        if "\n" in self._notice.text:
            return False
        return self._words.width_wanted() + self._gap + self._notice.width_wanted() <= width


def tall_tile(look: Look, tile: Tile, role: str, act: Act) -> Touchable:
    """A large tile, for a few."""
    notice = None if tile.notice is None else _notice(look, tile.notice)
    words = [_name(look, tile), _department(look, tile)]
    child = TallTile(look.theme, _picture(look, tile), words, notice)
    return _card(TallCard, look, tile, role, act, child, (TALL_ALONG, TALL_LEAST))


def low_tile(look: Look, tile: Tile, role: str, act: Act, along: int = LOW_ALONG) -> Touchable:
    """A low tile, for many; `along` is the air above and below (design pixels)."""
    theme = look.theme
    below: Block = _department(look, tile)
    if tile.notice is not None:
        below = Below(_department(look, tile), _notice(look, tile.notice), theme.px(GAP))
    side = theme.px(PICTURE)
    row = Row(
        [(_picture(look, tile), side), (Column([_name(look, tile), below]), None)],
        gap=theme.px(GAP),
        align=1.0,
    )
    return _card(TopDown, look, tile, role, act, row, (along, LOW_LEAST))


def _card(
    kind: type[TopDown],
    look: Look,
    tile: Tile,
    role: str,
    act: Act,
    child: Block,
    sizes: tuple[int, int],
) -> Touchable:
    theme = look.theme
    along, least = sizes
    return kind(
        child,
        role,
        act,
        enabled=tile.enabled,
        padding=(theme.px(ACROSS), theme.space(along)),
        fill=WHITE if tile.enabled else DISABLED_GROUND,
        line=LINE,
        line_width=max(2, theme.px(2)),
        radius=theme.px(CARD_RADIUS),
        least=theme.px(least),
    )


def _picture(look: Look, tile: Tile) -> Block:
    theme = look.theme
    icon = Icon(tile.picture.value, theme.px(DRAWING), PRIMARY if tile.enabled else OUTLINE)
    return Card(icon, fill=TINT, radius=theme.px(20), least=theme.px(PICTURE))


def _name(look: Look, tile: Tile) -> TextBlock:
    return look.write(tile.title, TILE, bold=True, colour=INK if tile.enabled else MUTED)


def _department(look: Look, tile: Tile) -> TextBlock:
    return look.write(tile.department, LABEL, colour=MUTED)


def _notice(look: Look, notice: Text) -> TextBlock:
    ink, _, _ = TONES[Tone.WARNING]
    return look.write(notice, LABEL, bold=True, colour=ink)


class Grid(Block):
    """Cells in rows of `columns`, by pages; what room a full page has to spare makes its rows higher,
    each by `stretch` at most (screen pixels)."""

    def __init__(self, cells: Sequence[Block], columns: int, gap: float, stretch: float) -> None:
        super().__init__(grow=1.0)
        self._cells = list(cells)
        self._columns = columns
        self._gap = gap
        self._stretch = stretch
        self._measured: dict[float, list[float]] = {}
        self._rows: list[Row] = []
        for start in range(0, len(self._cells), columns):
            line: list[tuple[Block, float | None]] = [
                (cell, None) for cell in self._cells[start : start + columns]
            ]
            line += [(Space(), None)] * (columns - len(line))
            self._rows.append(Row(line, gap=gap, fill=True))

    def pages(self, width: float, room: float) -> list[range]:
        """The rows of each page in `room`."""
        return pages_of(self._heights(width), self._gap, room)

    def cells_on(self, rows: range) -> int:
        """How many cells these rows hold."""
        return len(self._cells[rows.start * self._columns : rows.stop * self._columns])

    def height_of(self, rows: range, width: float, room: float) -> float:
        """How high these rows become in `room`, of a page that starts the list."""
        used = self._used(rows, width)
        return used + self._more(rows, rows, width, room) * len(rows)

    def height_for(self, width: float) -> float:
        return max(self._heights(width), default=0.0)

    def show(self, rows: range, first: range) -> None:
        """Place `rows` in this rectangle as high as those of the list's first page are."""
        self.clear_widgets()
        heights = self._heights(self.width)
        more = self._more(rows, first, self.width, self.height)
        top = self.top
        for index in rows:
            height = heights[index] + more
            row = self._rows[index]
            for cell in self._cells[index * self._columns : (index + 1) * self._columns]:
                if isinstance(cell, TopDown):
                    cell.stretch(more)
            self.add_widget(row)
            row.place(self.x, top - height, self.width, height)
            top -= height + self._gap

    def _heights(self, width: float) -> list[float]:
        if width not in self._measured:
            self._measured[width] = [row.height_for(width) for row in self._rows]
        return self._measured[width]

    def _used(self, rows: range, width: float) -> float:
        heights = self._heights(width)
        return sum(heights[index] for index in rows) + self._gap * max(0, len(rows) - 1)

    def _more(self, rows: range, first: range, width: float, room: float) -> float:
        shares = [
            (room - self._used(these, width)) / len(these) for these in (rows, first) if len(these)
        ]
        return max(0.0, min(self._stretch, *shares)) if shares else 0.0
