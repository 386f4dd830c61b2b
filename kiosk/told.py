"""A department's answer as an item's declaration reads it: only what is declared, each of its declared form.

What is not as declared makes the whole answer Garbled (kiosk/backends/decode.py): nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from kiosk.backends.client import sealed_document
from kiosk.backends.contract import SealedDocument
from kiosk.backends.decode import Fields, Garbled
from kiosk.bilingual import Bilingual
from kiosk.declaration import ChartPart, Declaration, EachPart, RowSpec
from kiosk.masking import mask_id, mask_name, mask_phone
from kiosk.texts import Plain, Text, Yuan, msg

_Wanted = tuple[str, str, bool, frozenset[str]]
"""A member's name, its form, whether it may be absent, and the values of a choice."""

Value = str | int | bool | date | datetime | None

DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)

NO_WORDS: frozenset[str] = frozenset()

ASKED = "asked."
"""A row's field that is not of the answer but of what the citizen was asked."""

PERSON = "person"
"""A row's field that is the person of the card, masked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The declared values of the answer, or of one entry of a list. Masked: it is personal."""

    values: Mapping[tuple[str, str], Value]

    def value(self, field: str, form: str = "text") -> Value:
        """One value as it was read."""
        return self.values[field, form]

    def __repr__(self) -> str:
        return "Entry(***)"


@dataclass(frozen=True, slots=True)
class Told:
    """The whole answer. `link` is "" and `document` None where none is declared."""

    answer: Entry
    lists: Mapping[str, tuple[Entry, ...]]
    link: str = ""
    document: SealedDocument | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the answer that `declaration` speaks of. Equal to another of the same declaration."""

    declaration: Declaration

    def __call__(self, answer: Fields) -> Told:
        """What is declared of `answer`. Raises Garbled."""
        wanted = _all_wanted(self.declaration)
        result, document = self.declaration.result, self.declaration.document
        return Told(
            answer=_entry(answer, wanted.pop("")),
            lists={
                of: answer.each(of, partial(_entry, wanted=entries))
                for of, entries in wanted.items()
            },
            link=answer.link(result.link, empty=True) if result.link else "",
            document=_document(answer, document.field) if document else None,
        )


def _all_wanted(declaration: Declaration) -> dict[str, set[_Wanted]]:
    """The declared members: "" of the answer itself, the others of each entry of a list."""
    wanted: dict[str, set[_Wanted]] = {"": set()}
    for of, row in declaration.rows():
        if not row.field.startswith(ASKED) and row.field != PERSON:
            wanted.setdefault(of, set()).add(
                (row.field, row.form, row.optional, frozenset(row.words))
            )
    for chart in declaration.charts():
        wanted.setdefault(chart.of, set()).update(
            {_plain(chart.label), (chart.value, chart.form, False, NO_WORDS)}
        )
        if chart.full:
            wanted[chart.of].add((chart.full, chart.form, False, NO_WORDS))
    for part in declaration.view.parts:
        if isinstance(part, EachPart):
            wanted.setdefault(part.of, set())
    if declaration.nothing:
        wanted.setdefault(declaration.nothing.of, set())
    if declaration.pick:
        wanted.setdefault(declaration.pick.of, set()).add(_plain(declaration.pick.by))
    if declaration.slip:
        wanted[""].add(_plain(declaration.slip.number))
    return wanted


def _plain(name: str) -> _Wanted:
    return name, "text", False, NO_WORDS


def _document(answer: Fields, name: str) -> SealedDocument | None:
    return None if answer.is_null(name) else sealed_document(answer.inside(name))


def _entry(fields: Fields, wanted: Iterable[_Wanted]) -> Entry:
    values: dict[tuple[str, str], Value] = {}
    for name, form, optional, words in wanted:
        value = _value(fields, name, form, optional)
        if form == "choice" and value not in words and not (optional and not value):
            raise Garbled(f"{name}: none of its values")
        values[name, form] = value
    return Entry(values)


def _value(fields: Fields, name: str, form: str, optional: bool) -> Value:
    *outer, last = name.split(".")
    for part in outer:
        fields = fields.inside(part)
    if optional and fields.is_null(last):
        return None
    match form:
        case "fen" | "integer":
            return fields.integer(last)
        case "flag":
            return fields.flag(last)
        case "day":
            return fields.day(last)
        case "moment":
            return fields.moment(last)
        case "decimal":
            return fields.shaped(last, DECIMAL)
        case "month":
            return fields.shaped(last, MONTH)
    return fields.text(last, empty=optional)


def said(row: RowSpec, value: Value) -> Text:
    """A value of `row` in words."""
    text: Text
    match row.form, value:
        case "fen", int():
            text = Plain(str(Yuan(value)))
        case "flag", bool():
            text = msg("yes" if value else "no")
        case "moment", datetime():
            text = Plain(value.strftime("%Y-%m-%d %H:%M"))
        case "id_number", str():
            text = Plain(mask_id(value))
        case "name", str():
            text = Plain(mask_name(value))
        case "phone", str():
            text = Plain(mask_phone(value))
        case "choice", str():
            text = row.words[value].plain
        case _:
            text = Plain(str(value))
    return filled(row.unit, value=text) if row.unit and isinstance(text, Plain) else text


def filled(sentence: Bilingual, **given: Plain) -> Plain:
    """A declared sentence with its {places} filled in, each language with its own words."""
    return Plain(
        sentence.zh_CN.format(**{name: text.text for name, text in given.items()}),
        sentence.en.format(**{name: text.en or text.text for name, text in given.items()}),
    )


def bar_text(chart: ChartPart, value: int) -> Text:
    """What is written at a bar."""
    plain = Plain(str(Yuan(value)) if chart.form == "fen" else str(value))
    return filled(chart.unit, value=plain) if chart.unit else plain
