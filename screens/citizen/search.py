"""Finding an item: letters and digits below, what they find above, at every touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Plain, msg
from kiosk.views import Chosen, Option, Search, Sought
from screens.citizen.chips import Chip, chip
from screens.citizen.tiles import Grid, low_tile
from screens.look import Look
from screens.screen import Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    DISABLED_GROUND,
    GAP,
    HEADING,
    INK,
    LABEL,
    LINE,
    MUTED,
    OUTLINE,
    PRIMARY,
    TILE,
    WHITE,
)
from screens.widgets.block import Block, Card, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Touchable

KEYS = ("abcdefghi", "jklmnopqr", "stuvwxyz1", "234567890")
"""Nine a row in the order of the alphabet: ten would be narrower than a finger (SCREENS.md, touch)."""

KEY_HEIGHT = 96
KEY_GAP = 14
FIELD_LEAST = 108
DELETE_WIDTH = 150
RESULT_ALONG, RESULT_GAP, RESULT_STRETCH = 8, 24, 24
TURN_WIDTH = 112
TURN_HIGHEST = 240
LONGEST_TEXT = 30
"""Signs that can be typed: no name is looked for by more."""


class SearchScreen(Screen[Search]):
    """Keeps what was typed until the answer has come back, so that no quick touch is lost."""

    kept = True

    def begin(self) -> None:
        self.picked = False
        if not hasattr(self, "text"):
            self.text = self.view.text
            self.filters_from = 0

    def renew(self, view: Search) -> None:
        if _items(view) != _items(self.view) or view.filter != self.view.filter:
            self.page = 0
        super().renew(view)

    def again(self, view: Search) -> None:
        """As it was left for one of its results; else from its start."""
        if not self.picked:
            self.page = self.filters_from = 0
        self.text = view.text
        self.renew(view)

    def tick(self) -> None:
        if self.text != self.view.text:  # typed while the last answer was under way
            self.reply(Sought(self.text))

    def body(self, look: Look) -> Block:
        blocks: list[Block] = [look.write(self.view.title, HEADING, bold=True), self._field(look)]
        if self.view.filters:
            blocks.append(self._filters(look))
        blocks += [self._results(look), self._keyboard(look)]
        return Column(blocks, gap=look.theme.space(20), grow=1.0)

    def _field(self, look: Look) -> Block:
        theme = look.theme
        typed = self.text
        words = look.write(
            Plain(typed) if typed else self.view.hint,
            HEADING if typed else LABEL,
            bold=bool(typed),
            colour=INK if typed else MUTED,
        )
        mark = theme.px(52)
        inside = Row([(Icon("search", mark, PRIMARY), mark), (words, None)], gap=theme.px(24))
        field = Card(
            inside,
            padding=(theme.px(32), theme.px(8)),
            fill=WHITE,
            line=PRIMARY,
            line_width=max(2, theme.px(4)),
            radius=theme.px(BUTTON_RADIUS),
            least=theme.px(FIELD_LEAST),
        )
        wide = theme.px(DELETE_WIDTH)
        erase = Touchable(
            Icon("erase", theme.px(52), PRIMARY if typed else OUTLINE),
            "key:delete",
            self._typed(self.text[:-1]),
            enabled=bool(typed),
            repeats=True,
            padding=(theme.px(48), theme.px(8)),
            fill=WHITE if typed else DISABLED_GROUND,
            line=LINE,
            radius=theme.px(BUTTON_RADIUS),
            least=theme.px(FIELD_LEAST),
        )
        return Row([(field, None), (erase, wide)], gap=theme.px(20), fill=True)

    def _filters(self, look: Look) -> Block:
        theme = look.theme
        chips = [self._filter(look, option) for option in self.view.filters]
        more = chip(look, Chip(msg("search.more"), "filters:more", self._more, chosen=False), LABEL)
        return FilterLine(chips, more, self.filters_from, self._count_shown, theme.px(GAP))

    def _filter(self, look: Look, option: Option) -> Touchable:
        chosen = option.id == self.view.filter
        act = self.answer(Chosen(f"filter:{option.id}"))
        return chip(look, Chip(option.title, f"filter:{option.id}", act, chosen), LABEL)

    def _count_shown(self, count: int) -> None:
        self.filters_shown = count

    def _more(self) -> None:
        following = self.filters_from + self.filters_shown
        self.filters_from = following if following < len(self.view.filters) else 0
        self.redraw()

    def _results(self, look: Look) -> Block:
        if not self.view.results:
            return Column([look.notice(self.view.nothing, icon="search", size=BODY)], grow=1.0)
        rows = [
            low_tile(look, tile, f"result:{tile.item}", self._pick(tile.item), RESULT_ALONG)
            for tile in self.view.results
        ]
        theme = look.theme
        grid = Grid(rows, 1, theme.px(RESULT_GAP), theme.px(RESULT_STRETCH))
        return PagedBeside(look, grid, self.page, self.turn_to)

    def _pick(self, item: str) -> Callable[[], None]:
        def pick() -> None:
            self.picked = True
            self.reply(Chosen(item))

        return pick

    def _keyboard(self, look: Look) -> Block:
        theme = look.theme
        gap = theme.px(KEY_GAP)
        rows: list[Block] = [
            Row([(self._key(look, sign), None) for sign in line], gap=gap) for line in KEYS
        ]
        return Column(rows, gap=gap)

    def _key(self, look: Look, sign: str) -> Touchable:
        theme = look.theme.standard()
        return Touchable(
            TextBlock(sign, theme.type(TILE), bold=True, align="center"),
            f"key:{sign}",
            self._typed((self.text + sign)[:LONGEST_TEXT]),
            repeats=True,
            fill=WHITE,
            line=LINE,
            line_width=max(2, theme.px(2)),
            radius=theme.px(16),
            least=theme.px(KEY_HEIGHT),
        )

    def _typed(self, text: str) -> Callable[[], None]:
        def type_() -> None:
            self.text = text
            self.reply(Sought(text))
            self.redraw()

        return type_


def _items(view: Search) -> list[str]:
    return [tile.item for tile in view.results]


class PagedBeside(Block):
    """A list in one column; where it has pages, the page buttons stand at its right."""

    def __init__(
        self, look: Look, grid: Grid, page: int, turn_to: Callable[[int], Callable[[], None]]
    ) -> None:
        super().__init__(grow=1.0)
        self._look = look
        self._grid = grid
        self._page = page
        self._turn_to = turn_to
        self._gap = look.theme.px(GAP)

    def height_for(self, width: float) -> float:
        return self._grid.height_for(width)

    def arrange(self) -> None:
        self.clear_widgets()
        width = self.width
        pages = self._grid.pages(width, self.height)
        if len(pages) > 1:
            width -= self._look.theme.px(TURN_WIDTH) + self._gap
            pages = self._grid.pages(width, self.height)
        page = min(self._page, len(pages) - 1)
        self.add_widget(self._grid)
        self._grid.place(self.x, self.y, width, self.height)
        self._grid.show(pages[page], pages[0])
        if len(pages) > 1:
            self._place_turner(page, len(pages))

    def _place_turner(self, page: int, count: int) -> None:
        theme = self._look.theme
        wide = theme.px(TURN_WIDTH)
        number = self._look.write(
            Plain(f"{page + 1} / {count}"), LABEL, colour=MUTED, align="center"
        )
        between = number.height_for(wide) + 2 * self._gap
        high = min(theme.px(TURN_HIGHEST), (self.height - between) / 2)
        x, top = self.right - wide, self.top
        for block, height in (
            (self._turn("up", "page:previous", page - 1, count), high),
            (number, between),
            (self._turn("down", "page:next", page + 1, count), high),
        ):
            self.add_widget(block)
            block.place(x, top - height, wide, height)
            top -= height

    def _turn(self, icon: str, role: str, to: int, count: int) -> Touchable:
        theme = self._look.theme
        enabled = 0 <= to < count
        return Touchable(
            Icon(icon, theme.px(52), PRIMARY if enabled else OUTLINE),
            role,
            self._turn_to(to),
            enabled=enabled,
            repeats=True,
            padding=(theme.px(30), theme.px(8)),
            fill=WHITE if enabled else DISABLED_GROUND,
            line=LINE,
            line_width=max(2, theme.px(3)),
            radius=theme.px(BUTTON_RADIUS),
        )


class FilterLine(Block):
    """As many chips as fit on one line, and at its end one that brings the next."""

    def __init__(
        self,
        chips: Sequence[Touchable],
        more: Touchable,
        since: int,
        shown: Callable[[int], None],
        gap: float,
    ) -> None:
        super().__init__()
        self._chips = chips
        self._more = more
        self._since = since
        self._shown = shown
        self._gap = gap

    def height_for(self, width: float) -> float:
        every = (*self._chips, self._more)
        return max(one.height_for(min(width, one.width_wanted())) for one in every)

    def arrange(self) -> None:
        self.clear_widgets()
        whole = sum(one.width_wanted() + self._gap for one in self._chips) <= self.width
        room = self.width - (0 if whole else self._more.width_wanted() + self._gap)
        line: list[Touchable] = []
        for one in self._chips[self._since :]:
            wide = one.width_wanted()
            if line and wide > room:
                break
            line.append(one)
            room -= wide + self._gap
        self._shown(len(line))
        if not whole:
            line.append(self._more)
        x = self.x
        for one in line:
            wide = one.width_wanted()
            self.add_widget(one)
            one.place(x, self.y, wide, self.height)
            x += wide + self._gap
