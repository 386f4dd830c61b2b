"""What a citizen types, writes or holds in front of the terminal: forms, numbers, codes, signatures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.texts import Text
from kiosk.views.parts import Chosen, Continue, Option, Tile, Typed, View


class FieldKind(StrEnum):
    """What a field takes; it decides the keyboard and the check (kiosk/fields.py)."""

    TEXT = "text"  # hanzi by pinyin, letters, digits
    NAME = "name"  # a person's name
    ID_NUMBER = "id_number"  # 18 places, MOD 11-2
    CREDIT_CODE = "credit_code"  # unified social credit code, GB 32100
    UNIT_CODE = "unit_code"  # property unit, 28 digits
    PHONE = "phone"  # a mobile phone of the mainland
    AMOUNT = "amount"  # yuan with at most two decimals, as "123.45"
    DIGITS = "digits"  # `longest` digits at most
    NUMBER = "number"  # letters, digits and hyphens: a case's, a notice's, a pickup code
    DATE = "date"  # YYYY-MM-DD
    CHOICE = "choice"  # the id of one of `options`
    DIVISION = "division"  # a GB/T 2260 code of a county, six digits


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `value` is what stands in it at first; masked in the repr.

    `longest` bounds the characters, 0 is the kind's own bound; fewer than `shortest` are not enough;
    `minimum` and `maximum` bound an AMOUNT, in fen. `secret` shows only the last character typed.
    """

    name: str
    label: Text
    kind: FieldKind
    hint: Text | None = None
    required: bool = True
    longest: int = 0
    shortest: int = 0
    minimum: int = 0
    maximum: int = 0
    options: tuple[Option, ...] = ()
    value: str = ""
    secret: bool = False

    def __repr__(self) -> str:
        return f"Field({self.name})"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: field name and value. Masked: it is personal."""

    values: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.values)[name]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.values)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Filled:
        """The same from a mapping."""
        return cls(tuple(values.items()))

    def __repr__(self) -> str:
        return "Filled(***)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Form(View[Filled]):
    """Fields to fill in, each checked while it is typed; the primary action waits until all are right.

    `trouble` is what the department refused in the last try.
    """

    title: Text
    subtitle: Text | None = None
    fields: tuple[Field, ...]
    notice: Text | None = None
    trouble: Text | None = None
    primary: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanOrType(View[Typed]):
    """A code to hold in front of the scanner, or the same number typed; the journey races it against
    the scanner. `seconds` is the visible countdown, `scanner` False where only typing works, `trouble`
    what was wrong with the last try. Answer: `Typed` of a number that passed `field`'s check.
    """

    title: Text
    subtitle: Text
    field: Field
    seconds: int
    scanner: bool = True
    trouble: Text | None = None
    primary: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterCode(View[Typed | Chosen]):
    """A one-time code that was sent to `sent_to` (masked). Answers: `Typed`, or `Chosen("again")` to
    have another one sent, offered `again_after` seconds after the view was shown; `Chosen("other")`
    for another way, where `other` is set."""

    title: Text
    subtitle: Text
    digits: int
    sent_to: Text
    again_after: int
    seconds: int
    other: Text | None = None
    trouble: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent(View[Continue]):
    """A text that must be read before it can be agreed to: the primary action waits until the last of
    its pages has been on screen."""

    title: Text
    subtitle: Text | None = None
    paragraphs: tuple[Text, ...]
    primary: Text


Stroke = tuple[tuple[float, float], ...]
"""Points of one touch of the pen: (x, y), both 0 to 1, the origin at the field's lower left."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as vector strokes on a field `ratio` times as wide as high. Masked: it is personal."""

    strokes: tuple[Stroke, ...]
    ratio: float

    def __repr__(self) -> str:
        return "Signed(***)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign(View[Signed]):
    """A field to sign on with the finger; it can be wiped and signed again."""

    title: Text
    subtitle: Text
    statement: Text
    primary: Text


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a person or a page, in memory only: `rgb` has three bytes a pixel, rows from the top."""

    width: int
    height: int
    rgb: bytes

    def __repr__(self) -> str:
        return f"Snapshot({self.width}x{self.height})"


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceCamera(View[Continue]):
    """Where to look for the face match; the journey races it against the camera and shows what the
    camera sees by `update`. `hint` says what to do ("turn your head slowly")."""

    title: Text
    subtitle: Text
    hint: Text
    picture: Snapshot | None
    seconds: int
    trouble: Text | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """What stands in the search field now."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Search(View[Sought | Chosen]):
    """A search field with its keyboard and what was found. Every change is answered by `Sought`; whoever
    asks finds, and asks again with the `results`. `Chosen` is a result's item.

    `filters` narrow by department or life event: `Chosen("filter:<id>")`; `filter` is the chosen one.
    """

    title: Text
    text: str = ""
    hint: Text
    results: tuple[Tile, ...]
    nothing: Text
    filters: tuple[Option, ...] = ()
    filter: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCompartment(View[Continue]):
    """A compartment stands open: take what is in it and close the door. The journey races it against
    the door. `number` of `count`; `seconds` is the visible countdown."""

    title: Text
    subtitle: Text
    number: str
    numbers: tuple[str, ...]
    seconds: int
    trouble: Text | None = None
    back: bool = False
    leave: bool = False
