"""How the scripted person (kiosk/rehearsal.py) types: key by key, hanzi by pinyin, as at the real screen.

The names of the keys are those of screens/keyboard/__init__.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from devices.simulators.cards import CARDS
from kiosk.divisions import parent
from kiosk.fields import longest, wrong
from kiosk.views import Field, FieldKind, Form, View

Answer = Callable[[str], str | None]

RIGHT: Mapping[FieldKind, str] = {
    FieldKind.TEXT: "胜利街88号",
    FieldKind.CREDIT_CODE: "91371083MA3N5Q7A10",
    FieldKind.UNIT_CODE: "3710830010010000100010001234",
    FieldKind.PHONE: "13800138000",
    FieldKind.DIGITS: "12345678901234567890",
    FieldKind.NUMBER: "RS20261123000417",
    FieldKind.DIVISION: "371083",
}
"""What the person writes where `--answer` says nothing, by kind."""

CHOSEN = (FieldKind.CHOICE, FieldKind.DIVISION, FieldKind.DATE)
"""Kinds that are chosen instead of typed."""

USUAL_AMOUNT_FEN = 10000

RUN = re.compile(r"[\u4e00-\u9fff]{1,4}|.", re.DOTALL)
"""Pieces that are typed together: up to four hanzi, or one other character."""


class TypistHands(Protocol):
    """What the typist needs of the person's hands."""

    async def touch(self, target: str, on: View[Any] | None = None) -> bool: ...

    def roles(self) -> list[str]: ...


class CannotType(Exception):
    """A text cannot be typed on the keys that are there; the message says which."""


def right_value(field: Field, card: str) -> str:
    """A value that `field` takes: the person's own name and number where these are asked for."""
    match field.kind:
        case FieldKind.NAME:
            return CARDS[card].name or CARDS[card].english_name
        case FieldKind.ID_NUMBER:
            return CARDS[card].id_number
        case FieldKind.AMOUNT:
            fen = max(field.minimum, USUAL_AMOUNT_FEN)
            fen = min(fen, field.maximum) if field.maximum else fen
            return f"{fen // 100}.{fen % 100:02d}"
        case FieldKind.DATE:
            return date.today().isoformat()
        case FieldKind.CHOICE:
            return field.options[0].id
    return RIGHT[field.kind][: longest(field)]


class Typist:
    """Types with `hands`. Every method is false where the view it types on is gone."""

    def __init__(self, hands: TypistHands, card: str) -> None:
        self._hands = hands
        self._card = card

    async def fill_in(self, view: Form, answer: Answer) -> bool:
        """Fill in every field: the answer, else what stands there, else a right value; then go on.

        Raises CannotType."""
        for number, field in enumerate(view.fields):
            given = answer(f"{view.key}.{field.name}")
            value = given if given is not None else self._usual(field)
            if not await self._fill(view, field, value):
                return False
            if number + 1 < len(view.fields):
                after = view.fields[number + 1]
                if not await self._leave(view, field, value, after):
                    return False
        if "primary" not in self._hands.roles():
            raise CannotType(f"{view.key} is not right yet as it was filled in")
        return await self._hands.touch("primary", view)

    async def type(self, view: View[Any], field: Field, value: str, already: str = "") -> bool:
        """Type `value` into the open field, in place of what is `already` there. Raises CannotType."""
        if value == already:
            return True
        if already and not await self._wipe(view, len(already)):
            return False
        written = field.kind in (FieldKind.TEXT, FieldKind.NAME)
        for piece in RUN.findall(value) if written else value:
            typed = await (self._write if written else self._strike)(view, piece)
            if not typed:
                return False
        return True

    def _usual(self, field: Field) -> str:
        if field.value and wrong(field, field.value) is None:
            return field.value
        return right_value(field, self._card) if field.required else ""

    async def _leave(self, view: Form, field: Field, value: str, after: Field) -> bool:
        """Open the next field: a choice opens it by itself, one that is left empty is passed by."""
        if field.kind not in CHOSEN:
            return await self._hands.touch("key:confirm", view)
        if not value:
            return await self._hands.touch(f"field:{after.name}", view)
        return field.kind is not FieldKind.DATE or await self._hands.touch("key:confirm", view)

    async def _fill(self, view: Form, field: Field, value: str) -> bool:
        match field.kind:
            case FieldKind.CHOICE if value:
                return await self._find(view, f"option:{value}")
            case FieldKind.DIVISION if value:
                return await self._choose_division(view, value)
            case FieldKind.DATE:
                return await self._set_day(view, field, value)
        return await self.type(view, field, value, field.value)

    async def _strike(self, view: View[Any], key: str) -> bool:
        name = "space" if key == " " else key
        if f"key:{name}" not in self._hands.roles():
            raise CannotType(f"no key {name!r} on {view.key}")
        return await self._hands.touch(f"key:{name}", view)

    async def _wipe(self, view: View[Any], characters: int) -> bool:
        if "key:clear" in self._hands.roles():
            return await self._hands.touch("key:clear", view)
        for _ in range(characters):
            if not await self._hands.touch("key:delete", view):
                return False
        return True

    # --- hanzi, letters, marks -----------------------------------------------------------------

    async def _write(self, view: View[Any], piece: str) -> bool:
        if "\u4e00" <= piece[0] <= "\u9fff":
            return await self._switch(view, "pinyin") and await self._spell(view, piece)
        if piece == " ":
            return await self._strike(view, piece)
        if not (piece.isascii() and piece.isalpha()):
            latin = piece == "·"
            switched = await self._switch(view, "latin" if latin else "symbols")
            return switched and await self._strike(view, piece)
        if not await self._switch(view, "latin"):
            return False
        if piece.isupper() and not await self._hands.touch("key:shift", view):
            return False
        return await self._strike(view, piece.lower())

    async def _switch(self, view: View[Any], mode: str) -> bool:
        """The switch to a mode is on the keyboard unless it is on already."""
        if f"key:{mode}" in self._hands.roles():
            return await self._hands.touch(f"key:{mode}", view)
        return True

    async def _spell(self, view: View[Any], hanzi: str) -> bool:
        from pypinyin import lazy_pinyin

        for letter in "'".join(lazy_pinyin(hanzi, v_to_u=False)):
            if not await self._strike(view, letter):
                return False
        left = hanzi
        while left:
            roles = self._hands.roles()
            heads = (left[:end] for end in range(len(left), 0, -1))
            head = next((one for one in heads if f"hanzi:{one}" in roles), "")
            if not head and "key:more" not in roles:
                raise CannotType(f"no candidate for {left!r} on {view.key}")
            if not await self._hands.touch(f"hanzi:{head}" if head else "key:more", view):
                return False
            left = left[len(head) :]
        return True

    # --- lists and days ------------------------------------------------------------------------

    async def _find(self, view: View[Any], role: str) -> bool:
        """Touch an answer of a list, turning its pages."""
        while role not in self._hands.roles():
            if "pad:next" not in self._hands.roles():
                raise CannotType(f"no {role} on {view.key}")
            if not await self._hands.touch("pad:next", view):
                return False
        return await self._hands.touch(role, view)

    async def _choose_division(self, view: View[Any], code: str) -> bool:
        line = [code]
        while above := parent(line[0]):
            line.insert(0, above)
        if not await self._hands.touch("level:top", view):
            return False
        for one in line:
            passed = one != code and f"level:{one}" in self._hands.roles()
            if not passed and not await self._find(view, f"division:{one}"):
                return False
        return True

    async def _set_day(self, view: View[Any], field: Field, value: str) -> bool:
        if not value:
            return True
        try:
            day = date.fromisoformat(value)
            now = date.fromisoformat(field.value) if field.value else date.today()
        except ValueError:
            raise CannotType(f"{value!r} is no day") from None
        steps = [
            *_steps("year", 10, int((day.year - now.year) / 10)),
            *_steps("year", 1, day.year - now.year - 10 * int((day.year - now.year) / 10)),
            *_steps("month", 1, day.month - now.month),
        ]
        # a short month on the way takes the last of its days: the day is set from the first
        steps += _steps("day", 1, day.day - _kept(now, day))
        if not steps and not field.value:
            steps = ["today"]
        for step in steps:
            if not await self._hands.touch(f"key:{step}", view):
                return False
        return True


def _steps(part: str, by: int, count: int) -> list[str]:
    sign = "+" if count > 0 else "-"
    return [f"{part}{sign}{by}"] * abs(count)


def _kept(now: date, day: date) -> int:
    """The day of the month that is left once year and month were stepped from `now` to those of `day`."""
    from calendar import monthrange

    left, year, month = now.day, now.year, now.month
    while (year, month) != (day.year, day.month):
        if year != day.year:
            by = 10 if abs(day.year - year) >= 10 else 1
            year += by if day.year > year else -by
        else:
            month += 1 if day.month > month else -1
        left = min(left, monthrange(year, month)[1])
    return left
