"""What a citizen is asked and told: from the attract screen to the last one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.texts import Text
from kiosk.views.parts import (
    Category,
    Chart,
    Chosen,
    Continue,
    Option,
    Picture,
    Row,
    Section,
    Tile,
    Tone,
    View,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attract(View[Continue]):
    """Nobody is here: invites to touch anywhere."""

    back: bool = False
    leave: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Home(View[Chosen]):
    """The items, the most used ones first. `greeting` and `hint` head them.

    `categories` are the departments and `events` the life events by which they are found. Answers:
    `Chosen(item id)` of an enabled tile, or `Chosen(SEARCH)` where the search field was touched.
    """

    greeting: Text
    hint: Text
    tiles: tuple[Tile, ...]
    categories: tuple[Category, ...]
    events: tuple[Category, ...] = ()
    footnote: Text
    enquiries: Text
    back: bool = False
    leave: bool = False


SEARCH = "home:search"
"""The answer of the home screen's search field; no item's id holds a colon."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guide(View[Continue | Chosen]):
    """An item's guide (办事指南): its ten elements, read before one starts. `take` is the button by which
    it can be taken along: `Chosen("take")`."""

    title: Text
    subtitle: Text
    rows: tuple[Row, ...]
    notice: Text | None
    take: Text | None = None
    primary: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceCard(View[Continue]):
    """Asks for the ID card on the reader; the journey races it against the reader, so it has no
    primary button. `seconds` is the visible countdown. `trouble` says in words what went wrong with
    the last try ("lift the card and lay it again")."""

    title: Text
    subtitle: Text
    seconds: int
    privacy: Text
    reading: bool = False
    trouble: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choose(View[Chosen]):
    """One question with several answers, paged by large buttons. `chosen` is preselected."""

    title: Text
    subtitle: Text | None = None
    options: tuple[Option, ...]
    chosen: str | None = None
    primary: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Review(View[Continue]):
    """What will happen, to be checked before it does."""

    title: Text
    subtitle: Text | None = None
    sections: tuple[Section, ...]
    notice: Text | None = None
    primary: Text


class PayMode(StrEnum):
    """Which of the two ways to pay is on screen."""

    SHOW = "show"  # the terminal shows a code
    SCAN = "scan"  # the terminal scans the citizen's code


@dataclass(frozen=True, kw_only=True, slots=True)
class Pay(View[Chosen]):
    """The amount, a code to scan with the phone, or the window to hold the phone at.

    Answers: `Chosen("scan")` to pay with one's own code, `Chosen("show")` to go back to the code.
    `code` is the QR payload in SHOW mode, `seconds` the visible countdown, `trouble` what was wrong
    with the last try.
    """

    subject: Text
    amount: Text
    mode: PayMode
    code: str = ""
    hint: Text
    other_way: Option | None
    seconds: int
    trouble: Text | None = None
    back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress(View[Continue]):
    """Work that takes longer than a second: what is happening, and at whom we wait.

    `patience` is shown from 8 s on: what the citizen can do meanwhile.
    """

    doing: Text
    waiting_for: Text
    patience: Text
    amount: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Record(View[Chosen]):
    """A record from a department to read on screen, paged by large buttons; `actions` are buttons
    in the footer, the last one primary."""

    title: Text
    subtitle: Text | None = None
    sections: tuple[Section | Chart, ...]
    notice: Text | None = None
    actions: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeAway(View[Continue]):
    """A QR code by which the result leaves on the citizen's phone."""

    title: Text
    subtitle: Text
    code: str
    primary: Text


@dataclass(frozen=True, slots=True)
class Take:
    """One thing that the citizen must not leave behind."""

    picture: Picture
    text: Text


RATINGS = ("very_good", "good", "fair", "bad", "very_bad")
"""The five fixed levels of the national rating rules (好差评), best first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished(View[Chosen]):
    """The result, what to take, five fixed ratings, the countdown back to the attract screen.

    Answers: `Chosen("rate:<level>")` (the screen stays and shows it as given),
    `Chosen("again")` to print once more where `again` is set, `Chosen("done")`; also
    `Chosen("done")` when `seconds` have run down. Neither Back nor Exit: the item is finished.
    """

    headline: Text
    detail: Text
    tone: Tone = Tone.GOOD
    rows: tuple[Row, ...]
    take: tuple[Take, ...]
    code: str = ""
    rating: str | None = None
    again: Text | None = None
    seconds: int = 30
    back: bool = False
    leave: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble(View[Chosen]):
    """A failure as a conversation: what happened, what became of money and papers, what to do now.

    `code` is the failure's stable code, shown small for staff. Answers: an option's id, or `Exit`.
    The first option is the recommended one; `primary` is the footer's one action (answer
    `Chosen("primary")`).
    """

    headline: Text
    cause: Text
    tone: Tone = Tone.WARNING
    standing: Section | None
    options: tuple[Option, ...]
    code: str
    qr: str = ""
    primary: Text
    back: bool = False
    leave: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MoreTime(View[Chosen]):
    """A dialog above the current screen: `Chosen("more")` or `Chosen("end")`; no touch is "end"."""

    seconds: int
    back: bool = False
    leave: bool = False


class Assistance(StrEnum):
    """Where a call for the hall's staff stands."""

    CALLING = "calling"
    CALLED = "called"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    UNREACHED = "unreached"


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistanceCall(View[Continue]):
    """A dialog above the current screen: staff was called, and where the call stands."""

    state: Assistance
    back: bool = False
    leave: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfService(View[Continue]):
    """No item can be performed: where to go instead. Ends by itself.

    `Continue` leads to the home screen, where each item says why.
    """

    headline: Text
    advice: Text
    code: str
    primary: Text
    back: bool = False
    leave: bool = False
