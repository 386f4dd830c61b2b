"""The items as large tiles, by category; what cannot be had now says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Text, msg
from kiosk.views import SEARCH, Chosen, Home, Tile, Tone
from screens.look import TONES, Look
from screens.screen import Footer, Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    CARD_RADIUS,
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
    TINT,
    WHITE,
)
from screens.widgets.block import Block, Card, Column, Row, Space
from screens.widgets.icons import Icon
from screens.widgets.paging import Paged
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Touchable, pill

FREQUENT = "frequent"
DEPARTMENTS, EVENTS = "departments", "events"
GROUPS = {DEPARTMENTS: "home.by_department", EVENTS: "home.by_event"}
FEW_PILLS = 6
"""So many fit below the tiles; more are shown by group."""

COLUMNS = 2
TILE_LEAST = 236
ROOMY_TILE = 330
WIDE_TILE_LEAST = 180
SEARCH_LEAST = 104
BESIDE_ICON = 290
HOW = (("card", "home.how.card"), ("check", "home.how.check"), ("printer", "home.how.take"))


class HomeScreen(Screen[Home]):
    def begin(self) -> None:
        pills = (*self.view.categories, *self.view.events)
        if getattr(self, "category", "") not in {one.id for one in pills}:
            self.category = FREQUENT
        if not hasattr(self, "group"):
            self.group = ""

    def body(self, look: Look) -> Block:
        tiles = self._tiles()
        theme = look.theme
        blocks: list[Block] = [
            look.heading(self.view.greeting, self.view.hint),
            self._search(look),
            Paged(look, self._rows(look, tiles), self.page, self.turn_to),
        ]
        blocks.append(self._pills(look))
        return HomePage(blocks, self._how(look), theme.space(GAP))

    def footer(self, look: Look) -> Footer:
        notes = (
            look.write(self.view.footnote, LABEL, colour=MUTED),
            look.write(self.view.enquiries, LABEL, colour=MUTED, align="right"),
        )
        return Footer(words=notes)

    def _tiles(self) -> Sequence[Tile]:
        if self.category == FREQUENT:
            return self.view.tiles
        return [tile for tile in self.view.tiles if self.category in (*tile.events, tile.category)]

    def _rows(self, look: Look, tiles: Sequence[Tile]) -> list[Block]:
        """Tiles two by two; in large type one below the other."""
        if look.theme.large:
            return [self._wide_tile(look, tile) for tile in tiles]
        rows: list[Block] = []
        least = look.theme.px(ROOMY_TILE if len(tiles) <= COLUMNS * 2 else TILE_LEAST)
        for start in range(0, len(tiles), COLUMNS):
            pair: list[tuple[Block, float | None]] = [
                (self._tile(look, tile, least), None) for tile in tiles[start : start + COLUMNS]
            ]
            if len(pair) < COLUMNS:
                pair.append((Space(), None))
            rows.append(Row(pair, gap=look.theme.px(GAP), fill=True))
        return rows

    def _tile(self, look: Look, tile: Tile, least: float) -> Touchable:
        theme = look.theme
        picture, side = self._picture(look, tile)
        top: list[tuple[Block, float | None]] = [(picture, side)]
        words = self._words(look, tile)
        if tile.notice is not None:
            notice = self._notice(look, tile.notice)
            if notice.width_wanted() <= theme.px(BESIDE_ICON):
                notice.align = "right"
                top.append((notice, None))
            else:
                words.append(notice)
        column = Column(
            [Row(top, gap=theme.px(20)), Space(theme.space(20), grow=1.0), *words],
            gap=theme.space(2),
            grow=1.0,
        )
        return self._touchable(look, tile, column, least)

    def _wide_tile(self, look: Look, tile: Tile) -> Touchable:
        picture, side = self._picture(look, tile)
        words = self._words(look, tile)
        if tile.notice is not None:
            words.append(self._notice(look, tile.notice))
        row = Row([(picture, side), (Column(words), None)], gap=look.theme.px(32))
        return self._touchable(look, tile, row, look.theme.px(WIDE_TILE_LEAST))

    def _touchable(self, look: Look, tile: Tile, child: Block, least: float) -> Touchable:
        theme = look.theme
        return Touchable(
            child,
            f"tile:{tile.item}",
            self.answer(Chosen(tile.item)),
            enabled=tile.enabled,
            padding=(theme.px(34), theme.space(32)),
            fill=WHITE if tile.enabled else DISABLED_GROUND,
            line=LINE,
            line_width=max(2, theme.px(2)),
            radius=theme.px(CARD_RADIUS),
            least=least,
        )

    def _picture(self, look: Look, tile: Tile) -> tuple[Block, float]:
        theme = look.theme
        side = theme.px(96)
        icon = Icon(tile.picture.value, theme.px(56), PRIMARY if tile.enabled else OUTLINE)
        return Card(icon, fill=TINT, radius=theme.px(22), least=side), side

    def _words(self, look: Look, tile: Tile) -> list[Block]:
        return [
            look.write(tile.title, TILE, bold=True, colour=INK if tile.enabled else MUTED),
            look.write(tile.department, LABEL, colour=MUTED),
        ]

    def _notice(self, look: Look, notice: Text) -> TextBlock:
        ink, _, _ = TONES[Tone.WARNING]
        return look.write(notice, LABEL, bold=True, colour=ink)

    def _how(self, look: Look) -> Block:
        theme = look.theme
        rows: list[Block] = [
            Row(
                [
                    (Icon(icon, theme.px(48), PRIMARY), theme.px(48)),
                    (look.write(text, 34), None),
                ],
                gap=theme.px(GAP),
            )
            for icon, text in HOW
        ]
        title = look.write("home.how", HEADING - 6, bold=True)
        return look.card(Column([title, *rows], gap=theme.space(20)))

    def _search(self, look: Look) -> Touchable:
        """What looks like a field, and leads to the one where letters are typed."""
        theme = look.theme
        mark = theme.px(48)
        words = look.write("home.search", BODY, colour=MUTED)
        return Touchable(
            Row([(Icon("search", mark, PRIMARY), mark), (words, None)], gap=theme.px(GAP)),
            "search",
            self.answer(Chosen(SEARCH)),
            padding=(theme.px(34), theme.px(8)),
            fill=WHITE,
            line=PRIMARY,
            line_width=max(2, theme.px(3)),
            radius=theme.px(BUTTON_RADIUS),
            least=theme.px(SEARCH_LEAST),
        )

    def _pills(self, look: Look) -> Block:
        """The frequent ones, the departments and the life events; by group where they are many."""
        theme = look.theme
        groups = {DEPARTMENTS: self.view.categories, EVENTS: self.view.events}
        first = [self._pill(look, FREQUENT, msg("home.frequent"))]
        if sum(map(len, groups.values())) <= FEW_PILLS:
            every = [*self.view.categories, *self.view.events]
            return Pills([*first, *(self._pill(look, c.id, c.title) for c in every)], theme.px(20))
        first += [self._group(look, group) for group, pills in groups.items() if pills]
        lines: list[Block] = [Pills(first, theme.px(20))]
        if shown := groups.get(self.group):
            lines.append(Pills([self._pill(look, c.id, c.title) for c in shown], theme.px(20)))
        return Column(lines, gap=theme.px(20))

    def _pill(self, look: Look, key: str, title: Text) -> Touchable:
        chosen = key == self.category and not (key == FREQUENT and self.group)
        return pill(
            look.theme, look.say(title), f"category:{key}", self._choose(key), chosen=chosen
        )

    def _group(self, look: Look, group: str) -> Touchable:
        return pill(
            look.theme,
            look.say(GROUPS[group]),
            f"group:{group}",
            self._open(group),
            chosen=group == self.group,
        )

    def _choose(self, category: str) -> Callable[[], None]:
        def choose() -> None:
            self.category = category
            if category == FREQUENT:
                self.group = ""
            self.page = 0
            self.redraw()

        return choose

    def _open(self, group: str) -> Callable[[], None]:
        def open_() -> None:
            pills = self.view.categories if group == DEPARTMENTS else self.view.events
            self.group = group
            self.category = pills[0].id
            self.page = 0
            self.redraw()

        return open_


class HomePage(Column):
    """Heading, tiles and pills; above the pills what a visit consists of, where there is room."""

    def __init__(self, blocks: list[Block], how: Block, gap: float) -> None:
        super().__init__(blocks, gap, grow=1.0)
        self._how = how

    def arrange(self) -> None:
        tiles = self.blocks[-2]
        shown = isinstance(tiles, Paged) and tiles.whole_height(self.width)
        spare = self.height - self.height_for(self.width) + tiles.height_for(self.width) - shown
        if self._how.parent is None and spare > self._how.height_for(self.width) + self._gap:
            self.blocks.insert(-1, self._how)
            self.add_widget(self._how)
        super().arrange()


class Pills(Block):
    """Pills beside one another, in as many lines as they need."""

    def __init__(self, pills: list[Touchable], gap: float) -> None:
        super().__init__()
        self._pills = pills
        self._gap = gap
        for one in pills:
            self.add_widget(one)

    def _lines(self, width: float) -> list[list[tuple[Touchable, float]]]:
        lines: list[list[tuple[Touchable, float]]] = [[]]
        used = 0.0
        for one in self._pills:
            wide = min(width, one.width_wanted())
            if lines[-1] and used + wide > width:
                lines.append([])
                used = 0.0
            lines[-1].append((one, wide))
            used += wide + self._gap
        return lines

    def _line_height(self, width: float) -> float:
        return max(one.height_for(min(width, one.width_wanted())) for one in self._pills)

    def height_for(self, width: float) -> float:
        count = len(self._lines(width))
        return count * self._line_height(width) + (count - 1) * self._gap

    def arrange(self) -> None:
        height = self._line_height(self.width)
        top = self.top
        for line in self._lines(self.width):
            x = self.x
            for one, wide in line:
                one.place(x, top - height, wide, height)
                x += wide + self._gap
            top -= height + self._gap
