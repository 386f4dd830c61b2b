"""A form: its fields above, the keyboard of the open one below, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kiosk.views import Field, FieldKind, Filled, Form, Tone
from screens.citizen.fields import FieldList
from screens.keyboard.browsing import Browsing
from screens.keyboard.keys import Keyboards, Pad
from screens.keyboard.pads import Answers, DayPad, divisions_pad, options_pad
from screens.keyboard.pinyin import pinyin
from screens.keyboard.places import with_places
from screens.keyboard.typing import WRITTEN, Typing
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP
from screens.widgets.block import Block, Column
from screens.widgets.live import Live
from screens.widgets.touchable import Touchable, enable_primary, primary_button


class FormScreen(Screen[Form]):
    def begin(self) -> None:
        self._typings = [typing_of(field) for field in self.view.fields]
        self._browsing = [
            Browsing(field.value) if field.kind is FieldKind.DIVISION else None
            for field in self.view.fields
        ]
        for typing in self._typings:
            typing.changed = self._answered(typing)
        self._active = 0
        self._pad_page = 0
        self._list: Live | None = None
        self._pad: Pad | None = None
        self._button: Touchable | None = None

    def renew(self, view: Form) -> None:
        """What was typed stays where the same fields are asked again."""
        if view.fields == self.view.fields:
            self.view = view
            self.shown_at = self.now()
        else:
            super().renew(view)

    def body(self, look: Look) -> Block:
        self._list = Live(lambda: FieldList(look, self._typings, self._active, self._go), grow=1.0)
        keyboards = Keyboards(look, self._press)
        self._pad = Pad(look, lambda: self._build_pad(look, keyboards), keyboards)
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        elif self.view.notice is not None:
            blocks.append(look.notice(self.view.notice))
        return Column([*blocks, self._list, self._pad], gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        self._button = primary_button(
            look.theme, look.say(self.view.primary), "primary", self._give, enabled=self._right
        )
        return self._button

    # --- what is touched -----------------------------------------------------------------------

    @property
    def _now(self) -> Typing:
        return self._typings[self._active]

    @property
    def _right(self) -> bool:
        return all(one.right for one in self._typings)

    def _give(self) -> None:
        if self._right:
            self.reply(Filled(tuple((one.field.name, one.value) for one in self._typings)))

    def _press(self, key: str) -> None:
        if key != "confirm":
            self._now.press(key)
        elif not self._now.confirm():
            self._leave()
            return
        self._show()

    def _take(self, answer: str) -> None:
        self._now.text = answer
        self._leave()

    def _take_day(self, day: str) -> None:
        self._now.text = day
        self._show()

    def _browse(self, code: str) -> None:
        browsing = self._browsing[self._active]
        if browsing is not None and browsing.take(code):
            self._take(code)
        elif self._pad:
            self._pad.renew()

    def _level(self, code: str) -> None:
        browsing = self._browsing[self._active]
        if browsing is not None and self._pad:
            browsing.go(code)
            self._pad.renew()

    def _turn_pad(self, page: int) -> None:
        browsing = self._browsing[self._active]
        if browsing is not None:
            browsing.page = page
        self._pad_page = page
        if self._pad:
            self._pad.renew()

    def _leave(self) -> None:
        """This field is done: on to the next, after the last to the first that is not right."""
        self._now.left = True
        after = self._active + 1
        if after == len(self._typings):
            wrong = (i for i, one in enumerate(self._typings) if not one.right)
            after = next(wrong, self._active)
        self._open(after)

    def _go(self, index: int) -> Callable[[], None]:
        def go() -> None:
            if index != self._active:
                self._now.confirm()
                self._now.left = True
            self._open(index)

        return go

    def _open(self, index: int) -> None:
        self._active = index
        self._pad_page = 0
        self._show(other_fields=True)

    def _answered(self, typing: Typing) -> Callable[[], None]:
        """What is done once the engine found hanzi for a field, perhaps after another was opened."""
        return lambda: self._show(other_fields=typing is not self._now)

    def _show(self, *, other_fields: bool = False) -> None:
        """Draw what changed; the page again only where its fields need more room than they have."""
        if self._list is None or self._pad is None or self._button is None:
            return
        fields = self._list.child
        if other_fields or not (isinstance(fields, FieldList) and fields.refresh()):
            self._list.renew()
            if self._list.height_for(self._list.width) > self._list.height:
                self.redraw()
                return
        self._pad.renew()
        enable_primary(self._button, self._right)

    # --- the keyboard --------------------------------------------------------------------------

    def _build_pad(self, look: Look, keyboards: Keyboards) -> Block:
        typing, browsing = self._now, self._browsing[self._active]
        if browsing is not None:
            return divisions_pad(
                look, browsing, typing.text, self._browse, self._level, self._turn_pad
            )
        if typing.field.kind is FieldKind.CHOICE:
            return self._options(look, typing)
        if typing.field.kind is FieldKind.DATE:
            return DayPad(look, typing, date.today(), self._take_day, self._leave)
        return keyboards.of(typing)

    def _options(self, look: Look, typing: Typing) -> Answers:
        return options_pad(look, typing, self._take, self._pad_page, self._turn_pad)


def typing_of(field: Field) -> Typing:
    """A field to type into, with the pinyin engine where it is written."""
    return Typing(field, with_places(pinyin().ask) if field.kind in WRITTEN else None)
