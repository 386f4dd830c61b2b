"""What a press of a key makes of a field: characters, pinyin that waits to become hanzi. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, StrEnum, auto

from kiosk.fields import ALLOWED, hindrance, longest, tidy, wrong
from kiosk.texts import Msg
from kiosk.views import Field, FieldKind
from screens.keyboard.pinyin import Candidate, Engine

WRITTEN = (FieldKind.TEXT, FieldKind.NAME)
"""Kinds that take hanzi."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BETWEEN = "'"
MOST_LETTERS = 40
"""Pinyin that waits at most: a longer one does not fit beside the text."""

HIDDEN = "●"


class Mode(StrEnum):
    """Which characters the keys of a written field have."""

    PINYIN = "pinyin"
    LATIN = "latin"
    SYMBOLS = "symbols"


class _Then(Enum):
    """What is done once the candidates that were asked for are known."""

    NOTHING = auto()
    TAKE_FIRST = auto()
    TAKE_ALL = auto()


def _nothing() -> None:
    return None


class Typing:
    """One field while it is typed. `engine` makes hanzi of pinyin; without it there are only letters.

    Candidates may come after `press` returned: then `changed` is called. Its repr is the field's name
    alone.
    """

    def __init__(self, field: Field, engine: Engine | None = None) -> None:
        self.changed: Callable[[], None] = _nothing
        self.field = field
        self.text = field.value
        self.letters = ""
        self.capital = False
        self.first = 0
        self.left = False
        self.pinyin = engine is not None and field.kind in WRITTEN
        self.mode = Mode.PINYIN if self.pinyin else Mode.LATIN
        self._engine = engine
        self._earlier: list[int] = []
        self._candidates: tuple[Candidate, ...] = ()
        self._questions = 0
        self._at_once = False
        self._then = _Then.NOTHING
        self.asking = False
        """Whether candidates for the waiting pinyin are not known yet."""
        if self.pinyin:
            self._wait("")  # tells early whether there is an engine

    def __repr__(self) -> str:
        return f"Typing({self.field.name})"

    @property
    def value(self) -> str:
        """The text as it is given."""
        return tidy(self.field, self.text)

    @property
    def shown(self) -> str:
        """The text as it may be seen: of a secret one only the last character."""
        if not self.field.secret:
            return self.text
        return HIDDEN * (len(self.text) - 1) + self.text[-1:]

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What the waiting pinyin can be, from `first` on; nothing while that is not known."""
        return () if self.asking else self._candidates[self.first :]

    @property
    def right(self) -> bool:
        """Nothing waits, and the text can be right."""
        return not self.letters and wrong(self.field, self.value) is None

    @property
    def trouble(self) -> Msg | None:
        """What is wrong: at once what can be known at once, the rest once the field was left."""
        early = hindrance(self.field, self.value)
        if early is not None or not self.left:
            return early
        return wrong(self.field, self.value)

    def live(self, key: str) -> bool:
        """Whether a press of `key` would do anything."""
        if key in ("delete", "clear"):
            return bool(self.text or self.letters)
        if key == "space":
            return bool(self.letters) or (bool(self.text) and self._fits(" "))
        if key in ("pinyin", "latin", "symbols", "shift"):
            return True
        if self._spells(key):
            return len(self.letters) < MOST_LETTERS and (key != BETWEEN or bool(self.letters))
        return len(key) == 1 and self._fits(self._as_typed(key))

    def press(self, key: str) -> None:
        """Press `key` (screens/keyboard/__init__.py names them); a dead one does nothing.

        "candidate:<n>" takes one of those shown, "more:<n>" goes on after so many.
        """
        name, _, number = key.partition(":")
        if number and name in ("candidate", "more", "fewer"):
            self._among_candidates(name, int(number))
        elif self.live(key):
            self._strike(key)

    def _strike(self, key: str) -> None:
        self._then = _Then.NOTHING
        match key:
            case "delete":
                self._delete()
            case "clear":
                self.text = ""
                self._wait("")
            case "space":
                self._space()
            case "pinyin" | "latin" | "symbols":
                self._wait("")
                self.mode = Mode(key) if key != "pinyin" or self.pinyin else Mode.LATIN
            case "shift":
                self.capital = not self.capital
            case _ if self._spells(key):
                self._wait(self.letters + key)
            case _:
                self.text += self._as_typed(key)
                self.capital = False

    def choose(self, index: int) -> None:
        """Take the candidate at `index` from `first` on; the rest of the pinyin waits on."""
        shown = self.candidates
        if index < len(shown) and self._fits(shown[index].text):
            self.text += shown[index].text
            self._wait(self.letters[shown[index].letters :].lstrip(BETWEEN))

    def confirm(self) -> bool:
        """Make the likeliest hanzi of all that waits; whether something waited."""
        waited = bool(self.letters)
        self._take_all()
        return waited

    def _take_all(self) -> None:
        while self.letters and not self.asking:
            before = self.letters
            self.first = 0
            self.choose(0)
            if self.letters == before:
                self._wait("")
        self._then = _Then.TAKE_ALL if self.letters else _Then.NOTHING

    def more(self, shown: int) -> None:
        """Go on after the `shown` candidates that were seen."""
        if shown < len(self.candidates):
            self._earlier.append(self.first)
            self.first += shown

    def fewer(self) -> None:
        """Back to the candidates before."""
        if self._earlier:
            self.first = self._earlier.pop()

    def _among_candidates(self, name: str, number: int) -> None:
        match name:
            case "candidate":
                self.choose(number)
            case "more":
                self.more(number)
            case "fewer":
                self.fewer()

    def _spells(self, key: str) -> bool:
        return self.mode is Mode.PINYIN and len(key) == 1 and key in LETTERS + BETWEEN

    def _as_typed(self, key: str) -> str:
        return key.upper() if self.capital else key

    def _fits(self, more: str) -> bool:
        text = self.text + more
        allowed = ALLOWED.get(self.field.kind)
        return len(text) <= longest(self.field) and (
            allowed is None or allowed.fullmatch(text) is not None
        )

    def _delete(self) -> None:
        if self.letters:
            self._wait(self.letters[:-1])
        else:
            self.text = self.text[:-1]

    def _space(self) -> None:
        if self.asking:
            self._then = _Then.TAKE_FIRST
        elif self.letters:
            self.choose(0)
        else:
            self.text += " "

    def _wait(self, letters: str) -> None:
        self.letters = letters
        self.first = 0
        self._earlier = []
        if not letters:
            self._candidates = ()
        if self._engine is None:
            return
        self._questions += 1
        self.asking = bool(letters)
        question = self._questions
        self._at_once = True
        self._engine(letters, lambda found: self._learn(question, found))
        self._at_once = False

    def _learn(self, question: int, found: Sequence[Candidate] | None) -> None:
        """Take what the engine found for the last question; None where it is gone."""
        late = not self._at_once
        if found is None:
            self._lose_engine()
        elif question != self._questions or not self.asking:
            return
        else:
            self.asking = False
            self._candidates = tuple(found)
            then, self._then = self._then, _Then.NOTHING
            if then is _Then.TAKE_FIRST:
                self.choose(0)
            elif then is _Then.TAKE_ALL:
                self._take_all()
        if late:
            self.changed()

    def _lose_engine(self) -> None:
        """Go on with letters: those that wait are written as they are, where the field takes them."""
        self._engine = None
        self.asking = self.pinyin = False
        self._then = _Then.NOTHING
        if self.mode is Mode.PINYIN:
            self.mode = Mode.LATIN
        for letter in self.letters:
            if self._fits(letter):
                self.text += letter
        self._wait("")
