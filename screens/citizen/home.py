"""The items as tiles: the most used ones, those of a topic, or all; what cannot be had now says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Text, msg
from kiosk.views import SEARCH, Category, Chosen, Home, Tile
from screens.citizen.chips import Chip, Chips
from screens.citizen.homepage import HomePage, Offers, Parts, whole_button
from screens.citizen.tiles import Grid, low_tile, tall_tile
from screens.look import Look
from screens.screen import Footer, Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    CARD_RADIUS,
    DESIGN_WIDTH,
    GAP,
    HEADING,
    LABEL,
    LINE,
    MARGIN,
    MUTED,
    PRIMARY,
    TILE,
    TITLE,
    WHITE,
)
from screens.widgets.block import Block, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.touchable import Touchable

FREQUENT, ALL = "frequent", "all"
DEPARTMENTS, EVENTS = "departments", "events"
GROUP = "group:"
"""Before the name of the group whose topics are offered."""

COLUMNS = 2
FEW = 6
"""So many of a topic are tall tiles; more are low ones. The most used are tall, so many at least."""

MOST_SHOWN = 10
"""More of the most used never fit a page."""

TALL_STRETCH, LOW_STRETCH = 70, 44
TOPIC_LEAST = 132
SEARCH_LEAST = 104
HOW = (("card", "home.how.card"), ("check", "home.how.check"), ("printer", "home.how.take"))


class HomeScreen(Screen[Home]):
    """`place` is what its tiles show: FREQUENT, ALL, a group of topics, or a topic's id."""

    kept = True

    def begin(self) -> None:
        topics = {one.id for one in (*self.view.categories, *self.view.events)}
        places = {FREQUENT, ALL, GROUP + DEPARTMENTS, GROUP + EVENTS, *topics}
        if getattr(self, "place", "") not in places:
            self.place = FREQUENT

    def body(self, look: Look) -> Block:
        tiles = self.view.tiles
        parts = Parts(
            heading=self._heading(look),
            search=self._search(look),
            offers=self._offers(look),
            first_only=self.place == FREQUENT,
            enough=min(FEW, len(tiles)),
            many=len(tiles) > MOST_SHOWN,
            chips=self._chips(look),
            whole=self._whole(look),
            how=self._how(look) if self.place == FREQUENT else None,
        )
        return HomePage(look, parts, self.page, self.turn_to)

    def footer(self, look: Look) -> Footer:
        notes = (
            look.write(self.view.footnote, LABEL, colour=MUTED),
            look.write(self.view.enquiries, LABEL, colour=MUTED, align="right"),
        )
        return Footer(words=notes)

    # --- what is offered -------------------------------------------------------------------------

    def _offers(self, look: Look) -> Offers:
        """The grids that may show what was chosen, the roomiest first."""
        if self.place.startswith(GROUP):
            return (lambda: self._topics(look, self._group(self.place)),)
        tiles = self._tiles()
        low = self._low
        if self.place == FREQUENT:
            some = tiles[:MOST_SHOWN]
            return (lambda: self._tall(look, some), lambda: low(look, some))
        if len(tiles) <= FEW:
            return (lambda: self._tall(look, tiles), lambda: low(look, tiles))
        return (lambda: low(look, tiles),)

    def _tiles(self) -> Sequence[Tile]:
        """The tiles of the present place; all of them department by department."""
        tiles = self.view.tiles
        if self.place == FREQUENT:
            return tiles
        if self.place == ALL:
            order = {one.id: place for place, one in enumerate(self.view.categories)}
            return sorted(tiles, key=lambda tile: order.get(tile.category, len(order)))
        return self._of(self.place)

    def _of(self, topic: str) -> list[Tile]:
        return [tile for tile in self.view.tiles if topic in (*tile.events, tile.category)]

    def _group(self, group: str) -> Sequence[Category]:
        return self.view.events if group == GROUP + EVENTS else self.view.categories

    def _tall(self, look: Look, tiles: Sequence[Tile]) -> Grid:
        """Two by two; in large type low ones, one below the other."""
        if look.theme.large:
            return self._low(look, tiles)
        cells = [tall_tile(look, tile, *self._acts(tile)) for tile in tiles]
        return Grid(cells, COLUMNS, look.theme.px(GAP), look.theme.px(TALL_STRETCH))

    def _low(self, look: Look, tiles: Sequence[Tile]) -> Grid:
        cells = [low_tile(look, tile, *self._acts(tile)) for tile in tiles]
        columns = 1 if look.theme.large else COLUMNS
        return Grid(cells, columns, look.theme.px(GAP), look.theme.px(LOW_STRETCH))

    def _acts(self, tile: Tile) -> tuple[str, Callable[[], None]]:
        return f"tile:{tile.item}", self.answer(Chosen(tile.item))

    def _topics(self, look: Look, topics: Sequence[Category]) -> Grid:
        cells = [self._topic(look, topic) for topic in topics]
        return Grid(cells, COLUMNS, look.theme.px(GAP), look.theme.px(TALL_STRETCH))

    def _topic(self, look: Look, topic: Category) -> Touchable:
        theme = look.theme
        words = Column(
            [
                look.write(topic.title, TILE, bold=True),
                look.write(self._count(len(self._of(topic.id))), LABEL, colour=MUTED),
            ]
        )
        mark = theme.px(40)
        return Touchable(
            Row([(words, None), (Icon("forth", mark, PRIMARY), mark)], gap=theme.px(16)),
            f"category:{topic.id}",
            self._go(topic.id),
            padding=(theme.px(36), theme.space(16)),
            fill=WHITE,
            line=LINE,
            line_width=max(2, theme.px(2)),
            radius=theme.px(CARD_RADIUS),
            least=theme.px(TOPIC_LEAST),
        )

    # --- around it -------------------------------------------------------------------------------

    def _heading(self, look: Look) -> Block:
        """The greeting, or what is shown; its type does not grow, for the tiles' sake."""
        title, subtitle = self._titles()
        return Column(
            [
                look.write(title, HEADING if look.theme.large else TITLE, bold=True),
                look.write(subtitle, LABEL if look.theme.large else BODY, colour=MUTED),
            ]
        )

    def _titles(self) -> tuple[Text, Text]:
        if self.place == FREQUENT:
            return self.view.greeting, self.view.hint
        if self.place == ALL:
            return msg("home.all"), self._count(len(self.view.tiles))
        if self.place.startswith(GROUP):
            which = "event" if self.place == GROUP + EVENTS else "department"
            return msg(f"home.by_{which}"), msg(f"home.by_{which}.hint")
        titles = {one.id: one.title for one in (*self.view.categories, *self.view.events)}
        return titles[self.place], self._count(len(self._of(self.place)))

    def _count(self, items: int) -> Text:
        return msg("home.count", count=items)

    def _chips(self, look: Look) -> Chips:
        """The most used ones, the departments and the life events; by group what has no room."""
        width = look.theme.px(DESIGN_WIDTH) - 2 * look.theme.px(MARGIN)
        frequent = Chip(
            msg("home.frequent"),
            f"category:{FREQUENT}",
            self._go(FREQUENT),
            self.place == FREQUENT,
        )
        departments = [self._chip(one) for one in self.view.categories]
        events = [self._chip(one) for one in self.view.events]
        by_department, by_event = self._group_chip(DEPARTMENTS), self._group_chip(EVENTS)
        grouped = by_event if events else []
        for some in (departments + events, departments + grouped):
            chips = Chips(look, [frequent, *some])
            if chips.fit(width):
                return chips
        return Chips(look, [frequent, *by_department, *grouped])

    def _chip(self, topic: Category) -> Chip:
        role = f"category:{topic.id}"
        return Chip(topic.title, role, self._go(topic.id), self.place == topic.id)

    def _group_chip(self, group: str) -> list[Chip]:
        place = GROUP + group
        within = {place, *(one.id for one in self._group(place))}
        return [Chip(msg(f"home.{group}"), place, self._go(place), self.place in within)]

    def _go(self, place: str) -> Callable[[], None]:
        def go() -> None:
            self.place = place
            self.page = 0
            self.redraw()

        return go

    def _whole(self, look: Look) -> Touchable:
        count = msg("home.all.count", count=len(self.view.tiles))
        return whole_button(look, msg("home.all"), count, self._go(ALL), chosen=self.place == ALL)

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

    def _how(self, look: Look) -> Block:
        """What a visit consists of."""
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
