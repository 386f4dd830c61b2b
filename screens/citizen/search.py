"""Finding an item: letters and digits below, what they find above, at every touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.texts import Plain
from kiosk.views import Chosen, Option, Search, Sought, Tile, Tone
from screens.look import TONES, Look
from screens.screen import Screen
from screens.theme import (
    BODY,
    BUTTON_RADIUS,
    DISABLED_GROUND,
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
from screens.widgets.paging import Paged
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Touchable, pill

KEYS = ("abcdefghi", "jklmnopqr", "stuvwxyz1", "234567890")
"""Nine a row in the order of the alphabet: ten would be narrower than a finger (SCREENS.md, touch)."""

KEY_HEIGHT = 96
KEY_GAP = 14
FIELD_LEAST = 108
DELETE_WIDTH = 150
RESULT_LEAST = 124
LONGEST_TEXT = 30
"""Signs that can be typed: no name is looked for by more."""


class SearchScreen(Screen[Search]):
    """Keeps what was typed until the answer has come back, so that no quick touch is lost."""

    def begin(self) -> None:
        if not hasattr(self, "text"):
            self.text = self.view.text
            self.filters_from = 0

    def renew(self, view: Search) -> None:
        if view.results != self.view.results or view.filter != self.view.filter:
            self.page = 0
        super().renew(view)

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
        pills = [self._filter(look, option) for option in self.view.filters]
        more = pill(theme, look.say("search.more"), "filters:more", self._more, chosen=False)
        return FilterLine(pills, more, self.filters_from, self._count_shown, theme.px(16))

    def _filter(self, look: Look, option: Option) -> Touchable:
        chosen = option.id == self.view.filter
        act = self.answer(Chosen(f"filter:{option.id}"))
        return pill(look.theme, look.say(option.title), f"filter:{option.id}", act, chosen=chosen)

    def _count_shown(self, count: int) -> None:
        self.filters_shown = count

    def _more(self) -> None:
        following = self.filters_from + self.filters_shown
        self.filters_from = following if following < len(self.view.filters) else 0
        self.redraw()

    def _results(self, look: Look) -> Block:
        if not self.view.results:
            return Column([look.notice(self.view.nothing, icon="search", size=BODY)], grow=1.0)
        rows = [self._result(look, tile) for tile in self.view.results]
        return Paged(look, rows, self.page, self.turn_to, gap=16)

    def _result(self, look: Look, tile: Tile) -> Touchable:
        theme = look.theme
        side = theme.px(60)
        icon = Icon(tile.picture.value, side, PRIMARY if tile.enabled else OUTLINE)
        words: list[Block] = [
            look.write(tile.title, TILE, bold=True, colour=INK if tile.enabled else MUTED),
            look.write(tile.department, LABEL, colour=MUTED),
        ]
        if tile.notice is not None:
            ink, _, _ = TONES[Tone.WARNING]
            words.append(look.write(tile.notice, LABEL, bold=True, colour=ink))
        return Touchable(
            Row([(icon, side), (Column(words), None)], gap=theme.px(32)),
            f"result:{tile.item}",
            self.answer(Chosen(tile.item)),
            enabled=tile.enabled,
            padding=(theme.px(32), theme.space(12)),
            fill=WHITE if tile.enabled else DISABLED_GROUND,
            line=LINE,
            line_width=max(2, theme.px(2)),
            radius=theme.px(BUTTON_RADIUS),
            least=theme.px(RESULT_LEAST),
        )

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


class FilterLine(Block):
    """As many pills as fit on one line, and at its end one that brings the next."""

    def __init__(
        self,
        pills: Sequence[Touchable],
        more: Touchable,
        since: int,
        shown: Callable[[int], None],
        gap: float,
    ) -> None:
        super().__init__()
        self._pills = pills
        self._more = more
        self._since = since
        self._shown = shown
        self._gap = gap

    def height_for(self, width: float) -> float:
        every = (*self._pills, self._more)
        return max(one.height_for(min(width, one.width_wanted())) for one in every)

    def arrange(self) -> None:
        self.clear_widgets()
        whole = sum(one.width_wanted() + self._gap for one in self._pills) <= self.width
        room = self.width - (0 if whole else self._more.width_wanted() + self._gap)
        line: list[Touchable] = []
        for one in self._pills[self._since :]:
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
