"""Answers that are chosen instead of typed: one of a list, a division, a day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date

from kiosk.texts import Plain, msg
from screens.keyboard.browsing import TOP, Browsing, line_of
from screens.keyboard.keys import KEY_RADIUS, Cells, Key, key_of
from screens.keyboard.layouts import Place
from screens.keyboard.typing import Typing
from screens.look import Look
from screens.theme import BODY, GAP, HEADING, INK, LINE, MUTED, PRIMARY, TINT, TITLE, WHITE
from screens.widgets.block import Block, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Act, Touchable

Take = Callable[[str], None]

OPTION_ROWS = {False: 4, True: 3}
"""Options a page, by large type: each has room for a second line."""

DIVISION_COLUMNS, DIVISION_ROWS = 3, 4

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Days are offered between these: everybody's birthday, every deadline."""


class Answers(Cells):
    """A list's page in a grid, with page buttons in its last row where one page does not hold it.

    `head` are the rows already taken above the list, `turn` shows another page.
    """

    def __init__(
        self,
        look: Look,
        head: list[tuple[Place, Block]],
        answers: Sequence[Touchable],
        columns: int,
        rows: int,
        page: int,
        turn: Callable[[int], None],
    ) -> None:
        first = 1 if head else 0
        pages = max(1, -(-len(answers) // (columns * rows)))
        page = min(page, pages - 1)
        shown = answers[page * columns * rows : (page + 1) * columns * rows]
        cells = [
            (Place("", index % columns, first + index // columns), answer)
            for index, answer in enumerate(shown)
        ]
        if pages > 1:
            pager = _pager(look, page, pages, turn)
            cells.append((Place("", 0, first + rows, columns), pager))
        super().__init__(look.theme, columns, first + rows + 1, [*head, *cells])

    def refresh(self) -> None:
        """Nothing here changes by itself."""


def _pager(look: Look, page: int, pages: int, turn: Callable[[int], None]) -> Block:
    theme = look.theme
    previous, following = (
        Key(
            theme,
            role,
            Icon(icon, theme.px(52), INK if live else MUTED),
            lambda to=to: turn(to),
            live=live,
        )
        for role, icon, to, live in (
            ("pad:previous", "up", page - 1, page > 0),
            ("pad:next", "down", page + 1, page < pages - 1),
        )
    )
    number = look.write(Plain(f"{page + 1} / {pages}"), BODY, colour=MUTED, align="center")
    wide = number.width_wanted() + theme.px(16)
    return Row([(previous, None), (number, wide), (following, None)], gap=theme.px(GAP), fill=True)


def _answer(look: Look, words: Block, role: str, act: Act, *, chosen: bool) -> Touchable:
    theme = look.theme
    return Touchable(
        words,
        role,
        act,
        repeats=True,
        padding=(theme.px(32), theme.px(4)),
        fill=TINT if chosen else WHITE,
        line=PRIMARY if chosen else LINE,
        line_width=max(2, theme.px(3 if chosen else 2)),
        radius=theme.px(KEY_RADIUS),
    )


def options_pad(
    look: Look, typing: Typing, take: Take, page: int, turn: Callable[[int], None]
) -> Answers:
    """One of the field's options."""
    answers = []
    for option in typing.field.options:
        words: list[Block] = [look.write(option.title, HEADING, bold=True)]
        if option.subtitle is not None:
            words.append(look.write(option.subtitle, BODY, colour=MUTED))
        answers.append(
            _answer(
                look,
                Column(words),
                f"option:{option.id}",
                lambda option=option: take(option.id),
                chosen=option.id == typing.text,
            )
        )
    return Answers(look, [], answers, 1, OPTION_ROWS[look.theme.large], page, turn)


def divisions_pad(
    look: Look,
    browsing: Browsing,
    value: str,
    take: Take,
    go: Callable[[str], None],
    turn: Callable[[int], None],
) -> Answers:
    """Province, prefecture, county: the list of one level, and the levels above to go back to."""
    theme = look.theme
    chosen = set(line_of(value))
    levels = browsing.levels
    head: list[tuple[Place, Block]] = []
    for column, (code, name) in enumerate(levels):
        here = column == len(levels) - 1
        words: str | Plain = Plain(name) if code != TOP else "division.top"
        text = look.write(words, BODY, bold=True, colour=PRIMARY, align="center")
        button = _answer(look, text, f"level:{code}", lambda code=code: go(code), chosen=here)
        head.append((Place("", column, 0), button))
    answers = [
        _answer(
            look,
            TextBlock(one.name, theme.type(BODY), bold=True, align="center"),
            f"division:{one.code}",
            lambda code=one.code: take(code),
            chosen=one.code in chosen,
        )
        for one in browsing.shown
    ]
    return Answers(look, head, answers, DIVISION_COLUMNS, DIVISION_ROWS, browsing.page, turn)


STEPS = (
    ("year+10", 0, 0),
    ("year+1", 0, 1),
    ("year-1", 0, 3),
    ("year-10", 0, 4),
    ("month+1", 1, 1),
    ("month-1", 1, 3),
    ("day+1", 2, 1),
    ("day-1", 2, 3),
)
"""The steps that a day can be changed by, with their column and row."""


class DayPad(Cells):
    """Year, month and day, each with large buttons up and down. `take` gets the day as YYYY-MM-DD."""

    def __init__(self, look: Look, typing: Typing, today: date, take: Take, confirm: Act) -> None:
        theme = look.theme
        day = day_of(typing.text) or today
        cells: list[tuple[Place, Block]] = []
        for name, column, row in STEPS:
            to = stepped(day, name)
            live = FIRST_YEAR <= to.year <= LAST_YEAR and to != day
            ink = INK if live else MUTED
            face: Block = Icon("up" if "+" in name else "down", theme.px(60), ink)
            if name.endswith("10"):
                sign = Plain(name.removeprefix("year").replace("-", "−"))
                face = look.write(sign, HEADING, bold=True, colour=ink, align="center")
            key = Key(theme, f"key:{name}", face, lambda to=to: take(to.isoformat()), live=live)
            cells.append((Place(name, column, row), key))
        said = typing.text != ""
        for column, part in enumerate(("year", "month", "day")):
            number = getattr(day, part)
            words = look.write(
                msg(f"keyboard.number.{part}", number=str(number)),
                TITLE,
                bold=True,
                colour=INK if said else MUTED,
                align="center",
            )
            cells.append((Place("", column, 2), words))
        today_key = Key(
            theme,
            "key:today",
            look.write("keyboard.today", BODY, bold=True, align="center"),
            lambda: take(today.isoformat()),
        )

        def confirmed(_name: str) -> None:
            if not said:
                take(day.isoformat())
            confirm()

        cells += [
            (Place("today", 0, 5), today_key),
            (Place("confirm", 1, 5, 2), key_of(look, "confirm", confirmed)),
        ]
        super().__init__(theme, 3, 6, cells)

    def refresh(self) -> None:
        """It is built anew for every day."""


def day_of(text: str) -> date | None:
    """The day that YYYY-MM-DD names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def stepped(day: date, step: str) -> date:
    """The day after a step such as "month+1": months and days go round, a short month has its last day."""
    part = step.rstrip("+-0123456789")
    by = int(step.removeprefix(part))
    if part == "day":
        return day.replace(day=(day.day - 1 + by) % monthrange(day.year, day.month)[1] + 1)
    year, month = day.year, day.month
    if part == "year":
        year = min(max(year + by, FIRST_YEAR - 1), LAST_YEAR + 1)
    else:
        month = (month - 1 + by) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
