"""A code to hold in front of the scanner, or its number typed: the picture first, the keys one touch away."""

from __future__ import annotations

from kiosk.texts import Msg, msg
from kiosk.views import ScanOrType, Tone, Typed
from screens.citizen.fields import OpenField
from screens.citizen.form import typing_of
from screens.keyboard.keys import Keyboards, Pad
from screens.look import Look, seconds_left
from screens.screen import Screen
from screens.theme import GAP, TILE
from screens.widgets.block import Block, Column, Space
from screens.widgets.countdown import Countdown
from screens.widgets.live import Live
from screens.widgets.terminal import TerminalPicture
from screens.widgets.touchable import (
    Touchable,
    enable_primary,
    plain_button,
    primary_button,
)


class ScanOrTypeScreen(Screen[ScanOrType]):
    def begin(self) -> None:
        self._typing = typing_of(self.view.field)
        self._typing.changed = self._show
        self._typed = bool(self.view.field.value)
        self._countdown: Countdown | None = None
        self._field: Live | None = None
        self._keys: Pad | None = None
        self._button: Touchable | None = None

    def renew(self, view: ScanOrType) -> None:
        """What was typed stays where the same number is asked again."""
        if view.field == self.view.field:
            self.view = view
            self.shown_at = self.now()
        else:
            super().renew(view)

    @property
    def _typing_now(self) -> bool:
        return self._typed or not self.view.scanner

    def body(self, look: Look) -> Block:
        blocks: list[Block] = [self._heading(look)]
        if self.view.trouble is not None:
            blocks.append(look.notice(self.view.trouble, Tone.WARNING))
        self._countdown = Countdown(look, self._left, self._sentence)
        if self._typing_now:
            blocks += self._to_type(look)
        else:
            blocks += self._to_hold(look)
        return Column(blocks, gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable | None:
        if not self._typing_now:
            return None
        self._button = primary_button(
            look.theme,
            look.say(self.view.primary),
            "primary",
            self._give,
            enabled=self._typing.right,
        )
        return self._button

    def tick(self) -> None:
        if self._countdown:
            self._countdown.tick()

    def _heading(self, look: Look) -> Block:
        if self.view.scanner:
            return look.heading(self.view.title, self.view.subtitle)
        return look.heading(msg("entry.number_wanted", what=self.view.field.label))

    # --- the two ways --------------------------------------------------------------------------

    def _to_hold(self, look: Look) -> list[Block]:
        theme = look.theme
        picture = look.card(
            Column(
                [
                    Space(theme.space(8)),
                    TerminalPicture(theme, "code", theme.px(420), grow=1.0),
                    Space(theme.space(36)),
                    self._counting(),
                    Space(theme.space(8)),
                ],
                grow=1.0,
            ),
            grow=1.0,
        )
        return [picture, self._other_way(look, "entry.type", "type", typed=True)]

    def _to_type(self, look: Look) -> list[Block]:
        self._field = Live(lambda: OpenField(look, self._typing))
        keyboards = Keyboards(look, self._press)
        self._keys = Pad(look, lambda: keyboards.of(self._typing), keyboards)
        above: list[Block] = [self._field]
        if self.view.scanner:
            above.append(self._other_way(look, "entry.scan_instead", "scan", typed=False))
        counting = [self._counting()] if self.view.scanner else []
        return [*above, Space(grow=1.0), *counting, self._keys]

    def _counting(self) -> Block:
        return self._countdown or Space()

    def _other_way(self, look: Look, words: str, role: str, *, typed: bool) -> Touchable:
        def turn() -> None:
            self._typed = typed
            self.redraw()

        return plain_button(
            look.theme, look.say(words), role, turn, icon="touch" if typed else "scan", size=TILE
        )

    def _left(self) -> int:
        return self.seconds_left(self.view.seconds)

    def _sentence(self, seconds: int) -> Msg:
        return seconds_left(seconds, "entry.waiting" if self._typing_now else "entry.hold")

    # --- what is touched -----------------------------------------------------------------------

    def _give(self) -> None:
        if self._typing.right:
            self.reply(Typed(self._typing.value))

    def _press(self, key: str) -> None:
        if key == "confirm":
            self._confirm()
            return
        self._typing.press(key)
        self._show()

    def _confirm(self) -> None:
        if not self._typing.confirm() and self._typing.right:
            self._give()
            return
        self._typing.left = True
        self._show()

    def _show(self) -> None:
        """Draw what a key, or the engine's answer, changed."""
        if self._field is None or self._keys is None or self._button is None:
            return
        if not self._typing_now:
            return
        field = self._field.child
        if not (isinstance(field, OpenField) and field.refresh()):
            self.redraw()
            return
        self._keys.renew()
        enable_primary(self._button, self._typing.right)
