"""What a plain item declares instead of code: its questions, its request, its view, its slip.

`kiosk.journeys.declared` performs it; `kiosk config check` holds it against the department's contract.
docs/ADDING-AN-ITEM.md explains every table by examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.bilingual import Bilingual, Table
from kiosk.views import FieldKind

WordName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["purpose"])]
"""A name of a question, a form's field, or a member of the contract."""

Source = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", examples=["period.since"])
]
"""A question's name, or question.part: a period's since and until, a form's field."""

Period = Literal["month", "quarter", "year", "three_years", "five_years"]

PERIOD_DAYS: dict[str, int] = {
    "month": 31,
    "quarter": 92,
    "year": 366,
    "three_years": 3 * 366,
    "five_years": 5 * 366,
}
"""Days of each period on offer, today included."""

ScanKind = Literal["case", "invoice", "licence", "unit", "url", "text"]
"""The kinds of codes a question takes, as devices/scanner/codes.py names them; never a payment code."""

As = Literal[
    "text", "fen", "integer", "decimal", "day", "month", "moment", "flag",
    "id_number", "name", "phone", "choice",
]  # fmt: skip
"""How a value is read from the answer and written for people; id_number, name and phone are masked."""

PLACE = re.compile(r"\{([a-z0-9_.]+)\}")


class FormField(Table):
    """A field of a form (kiosk/views/entry.py)."""

    name: WordName
    kind: FieldKind = Field(strict=False, examples=["text"])
    label: Bilingual
    hint: Bilingual | None = None
    required: bool = True
    longest: Annotated[int, Field(ge=0, le=500)] = 0
    list: WordName | None = None


class Choice(Table):
    """[[asks]] kind = "choose": one of the item's own [lists]. `chosen` is preselected."""

    kind: Literal["choose"]
    name: WordName
    title: Bilingual
    hint: Bilingual | None = None
    list: WordName
    chosen: WordName | None = None


class PeriodChoice(Table):
    """[[asks]] kind = "period": how far back; gives `<name>.since` and `<name>.until`."""

    kind: Literal["period"]
    name: WordName
    title: Bilingual
    hint: Bilingual | None = None
    periods: list[Period] = Field(min_length=1, examples=[["month", "quarter", "year"]])
    chosen: Period | None = None


class FormQuestion(Table):
    """[[asks]] kind = "form": fields to fill in; gives `<name>.<field>`."""

    kind: Literal["form"]
    name: WordName
    title: Bilingual
    hint: Bilingual | None = None
    fields: list[FormField] = Field(min_length=1, max_length=8)


class NumberQuestion(Table):
    """[[asks]] kind = "number": a code held in front of the scanner, or the number typed."""

    kind: Literal["number"]
    name: WordName
    title: Bilingual
    hint: Bilingual
    label: Bilingual
    takes: FieldKind = Field(default=FieldKind.NUMBER, strict=False, examples=["number"])
    longest: Annotated[int, Field(ge=0, le=200)] = 0
    scans: list[ScanKind] = Field(default=["case", "text"], min_length=1)
    typed: bool = True


class ConsentQuestion(Table):
    """[[asks]] kind = "consent": a text read to its end before it can be agreed to."""

    kind: Literal["consent"]
    name: WordName
    title: Bilingual
    paragraphs: list[Bilingual] = Field(min_length=1)


Question = Annotated[
    Choice | PeriodChoice | FormQuestion | NumberQuestion | ConsentQuestion,
    Field(discriminator="kind"),
]


class Request(Table):
    """[request]: what is asked of the department: always POST, as docs/api has it.

    `body` maps the contract's members to answers of [[asks]]; `given` are members that never change.
    With `person` the person of the card goes along. With `changes` it changes the world: a review is
    confirmed first, a key goes along, and Back is not offered afterwards.
    """

    department: Annotated[str, Field(pattern=r"^[a-z-]+$", examples=["fund"])]
    path: Annotated[str, Field(pattern=r"^(/[a-z0-9{}_-]+)+$", examples=["/accounts/queries"])]
    person: bool = True
    body: dict[str, Source] = Field(default={})
    given: dict[str, str] = Field(default={})
    changes: bool = False


class RowSpec(Table):
    """One row: `field` of the answer (or `asked.<question>`, or `person`), its label, its form.

    `words` are a choice's values in words; `unit` is a sentence with {value}. An `optional` row is left
    out where the value is null or "".
    """

    field: Annotated[str, Field(pattern=r"^(asked\.)?[a-z][a-z0-9_.]*$", examples=["query_no"])]
    label: Bilingual
    form: As = Field(default="text", alias="as")
    words: dict[str, Bilingual] = Field(default={})
    unit: Bilingual | None = None
    strong: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _words_of_a_choice(self) -> Self:
        if (self.form == "choice") != bool(self.words):
            raise ValueError('words go with a choice; Give as = "choice" and words, or neither')
        return self


class RowsPart(Table):
    """A part of a view: rows of the answer itself, or (`of` = "picked") of the entry picked."""

    kind: Literal["rows"]
    of: Literal["answer", "picked"] = "answer"
    heading: Bilingual | None = None
    rows: list[RowSpec] = Field(min_length=1)


class EachPart(Table):
    """A part of a view: the rows of each entry of the list `of`; {number} in the heading counts.

    With `named` an entry is one line, under one heading: what `named` says, and its one row's value.
    """

    kind: Literal["each"]
    of: WordName
    heading: Bilingual | None = None
    named: RowSpec | None = None
    rows: list[RowSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_row_beside_a_name(self) -> Self:
        if self.named and len(self.rows) > 1:
            raise ValueError("rows has one row where named is given; Give one, or leave named out")
        return self


class ChartPart(Table):
    """A part of a view: a bar for each entry of the list `of`. Bars shorter than `low`, or than what the
    entry's member `full` says, say `low_word`."""

    kind: Literal["chart"]
    of: WordName
    heading: Bilingual | None = None
    label: WordName
    value: WordName
    form: Literal["integer", "fen"] = Field(default="integer", alias="as")
    unit: Bilingual | None = None
    longest: Annotated[int, Field(ge=1)] | None = None
    low: int | None = None
    full: WordName | None = None
    low_word: Bilingual | None = None


Part = Annotated[RowsPart | EachPart | ChartPart, Field(discriminator="kind")]


class ViewTable(Table):
    """[view]: what is shown on screen before it is taken along."""

    title: Bilingual
    notice: Bilingual | None = None
    parts: list[Part] = Field(min_length=1)


class Pick(Table):
    """[pick]: one entry of the list `of` is chosen first; the view then shows it."""

    of: WordName
    title: Bilingual
    by: WordName = Field(examples=["case_no"])
    name: RowSpec
    remark: RowSpec | None = None
    badge: RowSpec | None = None


class Nothing(Table):
    """[nothing]: how the item ends where the list `of` is empty."""

    of: WordName
    headline: Bilingual
    detail: Bilingual


class DocumentTable(Table):
    """[document]: the member of the answer that names a sealed document to be taken along."""

    field: WordName = Field(examples=["document"])


class ResultTable(Table):
    """[result]: the last screen. `link` is the member that holds the address for the phone."""

    headline: Bilingual
    detail: Bilingual
    rows: list[RowSpec] = Field(min_length=1, max_length=6)
    link: WordName | None = None


class SlipTable(Table):
    """[slip]: the receipt. `number` is the member by which a slip is known, `parts` as in the view."""

    title: Bilingual
    subtitle: Bilingual
    number: WordName
    parts: list[Annotated[RowsPart | EachPart, Field(discriminator="kind")]] = Field(min_length=1)
    note: Bilingual
    caption: Bilingual | None = None


class Declaration(Table):
    """Everything that `journey = "declared"` needs."""

    asks: list[Question] = Field(default=[])
    request: Request
    pick: Pick | None = None
    nothing: Nothing | None = None
    view: ViewTable
    document: DocumentTable | None = None
    result: ResultTable
    slip: SlipTable | None = None

    def rows(self) -> Iterator[tuple[str, RowSpec]]:
        """Every row with where its field lies: "" for the answer itself, else the list it is of."""
        picked = self.pick.of if self.pick else ""
        for part in (*self.view.parts, *(self.slip.parts if self.slip else ())):
            if isinstance(part, RowsPart):
                for row in part.rows:
                    yield (picked if part.of == "picked" else ""), row
            elif isinstance(part, EachPart):
                for row in (*part.rows, *((part.named,) if part.named else ())):
                    yield part.of, row
        for row in self.result.rows:
            yield "", row
        if self.pick:
            for spec in (self.pick.name, self.pick.remark, self.pick.badge):
                if spec is not None:
                    yield self.pick.of, spec

    def charts(self) -> Iterator[ChartPart]:
        """The charts of the view."""
        yield from (part for part in self.view.parts if isinstance(part, ChartPart))
