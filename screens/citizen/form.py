"""A form: its fields above, the keyboard of the open one below, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kiosk.views import Field, FieldKind, Filled, Form, Tone
from screens.citizen.fields import FieldList
from screens.keyboard.browsing import Browsing
from screens.keyboard.keys import Keyboard, mode_of
from screens.keyboard.pads import Answers, DayPad, divisions_pad, options_pad
from screens.keyboard.pinyin import pinyin
from screens.keyboard.places import with_places
from screens.keyboard.typing import WRITTEN, Typing
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP
from screens.widgets.block import Block, Column
from screens.widgets.live import Live
from screens.widgets.touchable import Touchable, primary_button


class FormScreen(Screen[Form]):
    def begin(self) -> None:
        self._typings = [typing_of(field) for field in self.view.fields]
        self._browsing = [
            Browsing(field.value) if field.kind is FieldKind.DIVISION else None
            for field in self.view.fields
        ]
        self._active = 0
        self._pad_page = 0
        self._list: Live | None = None
        self._pad: Live | None = None

    def renew(self, view: Form) -> None:
        """What was typed stays where the same fields are asked again."""
        if view.fields == self.view.fields:
            self.view = view
            self.shown_at = self.now()
        else:
            super().renew(view)

    def body(self, look: Look) -> Block:
        self._list = Live(lambda: FieldList(look, self._typings, self._active, self._go), grow=1.0)
        self._pad = Live(lambda: self._build_pad(look))
        blocks: list[Block] = [look.heading(self.view.title, self.view.subtitle)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        elif self.view.notice is not None:
            blocks.append(look.notice(self.view.notice))
        return Column([*blocks, self._list, self._pad], gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return primary_button(
            look.theme, look.say(self.view.primary), "primary", self._give, enabled=self._right
        )

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
        was_right, keys = self._right, mode_of(self._now)
        if key != "confirm":
            self._now.press(key)
        elif not self._now.confirm():
            self._leave()
            return
        self._show(was_right, same_keys=keys == mode_of(self._now))

    def _take(self, answer: str) -> None:
        self._now.text = answer
        self._leave()

    def _take_day(self, day: str) -> None:
        was_right = self._right
        self._now.text = day
        self._show(was_right, same_keys=False)

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
        self.redraw()

    def _show(self, was_right: bool, *, same_keys: bool) -> None:
        """Draw what a key changed; the whole picture only where the primary action changed too."""
        pad = self._pad.child if self._pad else None
        if self._list is None or self._pad is None or was_right != self._right:
            self.redraw()
            return
        self._list.renew()
        if same_keys and isinstance(pad, Keyboard):
            pad.refresh()
        else:
            self._pad.renew()

    # --- the keyboard --------------------------------------------------------------------------

    def _build_pad(self, look: Look) -> Block:
        typing, browsing = self._now, self._browsing[self._active]
        if browsing is not None:
            return divisions_pad(
                look, browsing, typing.text, self._browse, self._level, self._turn_pad
            )
        if typing.field.kind is FieldKind.CHOICE:
            return self._options(look, typing)
        if typing.field.kind is FieldKind.DATE:
            return DayPad(look, typing, date.today(), self._take_day, self._leave)
        return Keyboard(look, typing, self._press)

    def _options(self, look: Look, typing: Typing) -> Answers:
        return options_pad(look, typing, self._take, self._pad_page, self._turn_pad)


def typing_of(field: Field) -> Typing:
    """A field to type into, with the pinyin engine where it is written and there is one."""
    engine = pinyin() if field.kind in WRITTEN else None
    return Typing(field, with_places(engine.candidates) if engine else None)
