"""A form's fields as a list: the one that is typed is open, with what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kivy.graphics import Color, Rectangle

from kiosk.divisions import name as division_name
from kiosk.texts import Plain, Text
from kiosk.views import FieldKind
from screens.keyboard.keys import Key
from screens.keyboard.typing import Typing
from screens.look import Look
from screens.theme import (
    BAD,
    BODY,
    BUTTON_RADIUS,
    GAP,
    HEADING,
    INK,
    LABEL,
    LINE,
    MUTED,
    OK,
    PRIMARY,
    TINT,
    WHITE,
)
from screens.widgets.block import Block, Column, Row
from screens.widgets.icons import Icon
from screens.widgets.pages import pages_of
from screens.widgets.text import TextBlock
from screens.widgets.touchable import Touchable

SIDE = 104
"""Page buttons stand beside the list: below it is the keyboard."""

ROW_LEAST = 104
BETWEEN_FIELDS = 24
LABEL_LEAST, LABEL_MOST = 220, 400
"""Labels share one column; one that is longer takes a second line."""

Go = Callable[[int], Callable[[], None]]


class FieldList(Block):
    """The fields of a form, as many as fit, the page with the open one. `go` opens another."""

    def __init__(self, look: Look, typings: Sequence[Typing], active: int, go: Go) -> None:
        super().__init__(grow=1.0)
        self._look = look
        self._active = active
        self._go = go
        labels = (look.write(one.field.label, BODY).width_wanted() for one in typings)
        column = min(max(*labels, look.theme.px(LABEL_LEAST)), look.theme.px(LABEL_MOST))
        self._blocks = [
            OpenField(look, one) if index == active else closed_field(look, one, go(index), column)
            for index, one in enumerate(typings)
        ]
        self._gap = look.theme.px(BETWEEN_FIELDS)
        self._side = look.theme.px(SIDE)

    def refresh(self) -> bool:
        """Show what was typed into the open field; whether that was all that changed."""
        opened = self._blocks[self._active]
        return isinstance(opened, OpenField) and opened.refresh()

    def height_for(self, width: float) -> float:
        narrow = width - self._side - self._gap
        least = max(block.height_for(narrow) for block in self._blocks)
        return max(least, 2 * self._side + self._gap) if len(self._blocks) > 1 else least

    def arrange(self) -> None:
        self.clear_widgets()
        width = self.width
        heights = [block.height_for(width) for block in self._blocks]
        pages = pages_of(heights, self._gap, self.height)
        if len(pages) > 1:
            width -= self._side + self._gap
            heights = [block.height_for(width) for block in self._blocks]
            pages = pages_of(heights, self._gap, self.height)
        shown = next(page for page in pages if self._active in page)
        top = self.top
        for index in shown:
            self.add_widget(self._blocks[index])
            self._blocks[index].place(self.x, top - heights[index], width, heights[index])
            top -= heights[index] + self._gap
        if len(pages) > 1:
            self._place_turns(shown)

    def _place_turns(self, shown: range) -> None:
        theme = self._look.theme
        last = len(self._blocks) - 1
        for role, icon, to, y in (
            ("page:previous", "up", shown[0] - 1, self.top - self._side),
            ("page:next", "down", shown[-1] + 1, self.top - 2 * self._side - self._gap),
        ):
            live = 0 <= to <= last
            mark = Icon(icon, theme.px(52), INK if live else MUTED)
            turn = Key(theme, role, mark, self._go(min(max(to, 0), last)), live=live)
            self.add_widget(turn)
            turn.place(self.right - self._side, y, self._side, self._side)


class OpenField(Block):
    """The field that the keys write into: label, text with a cursor, and what is wrong or a hint."""

    def __init__(self, look: Look, typing: Typing) -> None:
        super().__init__()
        theme = look.theme
        label = look.write(typing.field.label, BODY, bold=True, colour=PRIMARY)
        self._typing = typing
        self._trouble = typing.trouble
        self._text = Written(look, typing)
        self._card = look.card(
            Column([label, self._text, _below(look, typing)], gap=theme.space(4)),
            line=BAD if typing.trouble is not None else PRIMARY,
            padding=28,
        )
        self.add_widget(self._card)

    def refresh(self) -> bool:
        """Show what was typed; whether that was all that changed: what is wrong has other words now."""
        self._text.refresh()
        return self._typing.trouble == self._trouble

    def height_for(self, width: float) -> float:
        return self._card.height_for(width)

    def arrange(self) -> None:
        self._card.place(self.x, self.y, self.width, self.height)


def _below(look: Look, typing: Typing) -> Block:
    """One line that is always there, so that nothing jumps: the trouble, the hint, or nothing."""
    trouble = typing.trouble
    if trouble is None:
        return look.write(typing.field.hint or Plain(" "), LABEL, colour=MUTED)
    mark = look.theme.type(LABEL)
    words = look.write(trouble, LABEL, bold=True, colour=BAD)
    return Row([(Icon("warning", mark, BAD), mark), (words, None)], gap=look.theme.px(12))


class Written(Block):
    """What stands in the field, its end in sight: the text, the pinyin that waits, the cursor."""

    def __init__(self, look: Look, typing: Typing) -> None:
        super().__init__()
        size = look.theme.type(HEADING)
        self._look = look
        self._typing = typing
        self._words = TextBlock("", size, bold=True, colour=INK, lines=1)
        self._pinyin = TextBlock("", size, bold=True, colour=PRIMARY, lines=1)
        self._drawn: tuple[str, str] = ("", "")
        for block in (self._words, self._pinyin):
            self.add_widget(block)

    def refresh(self) -> None:
        """Show what was typed since."""
        if self._drawn != (_said(self._look, self._typing), self._typing.letters):
            self.arrange()

    def height_for(self, width: float) -> float:
        return round(self._look.theme.type(HEADING) * 1.4)

    def arrange(self) -> None:
        theme = self._look.theme
        words, pinyin = self._words, self._pinyin
        room = self.width - theme.px(16)
        pinyin.text = self._typing.letters
        while pinyin.width_wanted() > room and pinyin.text:
            pinyin.text = pinyin.text[1:]
        taken = pinyin.width_wanted() if pinyin.text else 0
        text = words.text = _said(self._look, self._typing)
        self._drawn = (text, self._typing.letters)
        while words.width_wanted() > room - taken and len(words.text) > 1:
            text = text[1:]
            words.text = f"…{text}"
        x = self.x
        for block in (words, pinyin):
            wide = block.width_wanted() if block.text else 0
            block.place(x, self.y, wide + 2, self.height)
            x += wide
        self._draw_cursor(x, taken)

    def _draw_cursor(self, x: float, taken: float) -> None:
        """The cursor at `x`, and a line below the `taken` pixels before it: these are not hanzi yet."""
        theme = self._look.theme
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*PRIMARY)
            if taken:
                Rectangle(pos=(x - taken, self.y + theme.px(2)), size=(taken, theme.px(4)))
            Rectangle(
                pos=(x + theme.px(4), self.y + theme.px(6)),
                size=(max(3, theme.px(4)), self.height - theme.px(12)),
            )


def _said(look: Look, typing: Typing) -> str:
    """The text as people read it: the name of a choice or of a division instead of its code."""
    match typing.field.kind:
        case FieldKind.CHOICE:
            titles = {option.id: option.title for option in typing.field.options}
            return look.say(titles[typing.text]) if typing.text in titles else ""
        case FieldKind.DIVISION:
            return division_name(typing.text)
    return typing.shown


def closed_field(look: Look, typing: Typing, act: Callable[[], None], column: float) -> Touchable:
    """A field that is not open: label, text, and whether it is right; a touch opens it."""
    theme = look.theme
    said = _said(look, typing)
    trouble = typing.trouble if typing.left else None
    value: Text | str = Plain(_short(said)) if said else _empty(typing)
    lines: list[Block] = [look.write(value, BODY, bold=bool(said), colour=INK if said else MUTED)]
    if trouble is not None:
        lines.append(look.write(trouble, LABEL, bold=True, colour=BAD))
    side = theme.px(44)
    mark: Block = Block()
    if trouble is not None:
        mark = Icon("warning", side, BAD)
    elif said and typing.right:
        mark = Icon("check", side, OK)
    label = look.write(typing.field.label, BODY, colour=MUTED)
    row = Row(
        [(label, column), (Column(lines), None), (mark, side)],
        gap=theme.px(GAP),
    )
    return Touchable(
        row,
        f"field:{typing.field.name}",
        act,
        repeats=True,
        padding=(theme.px(28), theme.space(8)),
        fill=WHITE,
        pressed_fill=TINT,
        line=BAD if trouble is not None else LINE,
        line_width=max(2, theme.px(2)),
        radius=theme.px(BUTTON_RADIUS),
        least=theme.px(ROW_LEAST),
    )


LONGEST_CLOSED = 24


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CLOSED else f"{text[: LONGEST_CLOSED - 1]}…"


def _empty(typing: Typing) -> str:
    return "form.to_fill" if typing.field.required else "form.optional"
