"""Texts for people as data: a message key with its arguments, put into words by a catalogue.

A view carries `Msg` values, never finished sentences, so that the language can change while it shows.
Keys live in gettext catalogues (config/locale/<language>/LC_MESSAGES/{kiosk,screens}.po).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Language = str  # "zh_CN" or "en"


@dataclass(frozen=True, slots=True)
class Yuan:
    """An amount in fen (integer, 1/100 yuan), written as ¥1,000.00."""

    fen: int

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        return f"{sign}¥{abs(self.fen) // 100:,}.{abs(self.fen) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that is the same in every language: a number, a name, a department's own words.

    Where the department gives an English wording too, `en` holds it.
    """

    text: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class Msg:
    """A sentence of the catalogue: `key` and the arguments that its `{name}` placeholders take."""

    key: str
    args: tuple[tuple[str, Arg], ...] = ()


Arg = str | int | Yuan | Plain | Msg
Text = Msg | Plain


def msg(key: str, **args: Arg) -> Msg:
    """Name a sentence: `msg("pay.title", amount=Yuan(30000))`."""
    return Msg(key, tuple(args.items()))


class Words:
    """One language's catalogue: turns a `Text` into a sentence."""

    def __init__(self, language: Language, sentences: Mapping[str, str]) -> None:
        self.language = language
        self._sentences = sentences

    def say(self, text: Text) -> str:
        """Put `text` into words. A key without a translation raises KeyError: a test finds it first."""
        if isinstance(text, Plain):
            return text.en if self.language == "en" and text.en else text.text
        return self._sentences[text.key].format(
            **{name: self._argument(value) for name, value in text.args}
        )

    def _argument(self, value: Arg) -> str | int:
        if isinstance(value, Msg | Plain):
            return self.say(value)
        return value if isinstance(value, int) else str(value)
