"""What views are made of: the answers, rows, options and tones that several share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from kiosk.texts import Text

A = TypeVar("A", covariant=True)


@dataclass(frozen=True, slots=True)
class Back:
    """The citizen wants the previous question."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The citizen wants to end the visit."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The primary action: touched, read, confirmed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One option was chosen, by its id."""

    id: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Digits were typed on the keypad. Masked: it may be a PIN."""

    value: str

    def __repr__(self) -> str:
        return "Typed(***)"


class Tone(StrEnum):
    """The mood of a notice, shown by colour, an icon and a word together."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Picture(StrEnum):
    """Drawings that screens know: on tiles, notices, options, and for where things happen."""

    PERSON = "person"
    HEALTH = "health"
    HOUSE = "house"
    INVOICE = "invoice"
    SHIELD = "shield"
    CLOCK = "clock"
    CARD = "card"
    SCAN = "scan"
    PRINTER = "printer"
    DOCUMENT = "document"
    CAMERA = "camera"
    NETWORK = "network"
    BELL = "bell"
    CHECK = "check"
    WARNING = "warning"
    LOCK = "lock"
    WAIT = "wait"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value. `strong` rows stand out (the amount)."""

    label: Text
    value: Text
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen. `badge` is a short remark in a coloured pill."""

    id: str
    title: Text
    subtitle: Text | None = None
    badge: Text | None = None
    badge_tone: Tone = Tone.PLAIN
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """The way through the item: labels, and the index (from 0) of where we are."""

    labels: tuple[Text, ...]
    current: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One item on the home screen. `notice` says what differs today; `enabled` False greys it out.

    `category` is its department, `events` the life events that it belongs to.
    """

    item: str
    title: Text
    department: Text
    picture: Picture
    category: str
    events: tuple[str, ...] = ()
    enabled: bool = True
    notice: Text | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A department or a life event, by which items are found on the home screen."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading."""

    heading: Text | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its label, its length, and what is written at it. GOOD, WARNING and BAD bars
    carry `text` as their word (a gap in the years, a sum that is low)."""

    label: Text
    value: float
    text: Text
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a heading, in the order of time or of size; `longest` is the length of a full bar."""

    heading: Text | None
    bars: tuple[Bar, ...]
    longest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class View(Generic[A]):
    """What every view has. `key` is unique within its journey ("pension.choose_tier")."""

    key: str
    steps: Steps | None = None
    back: bool = True
    leave: bool = True
