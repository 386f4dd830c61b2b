"""What a plain item asks before anything is fetched: choices, periods, forms, numbers, consents."""

from __future__ import annotations

from datetime import timedelta

from devices.scanner.codes import ScannedCode
from kiosk.backends.contract import Person
from kiosk.catalogue import Item
from kiosk.declaration import (
    PERIOD_DAYS,
    Choice,
    ConsentQuestion,
    FormField,
    FormQuestion,
    NumberQuestion,
    PeriodChoice,
    Question,
)
from kiosk.masking import masked
from kiosk.steps.scan import scan_or_type
from kiosk.texts import Plain, Text, msg
from kiosk.views import Choose, Consent, Field, FieldKind, Form, Option, Review, Row, Section
from kiosk.visit import Visit


class Questions:
    """Asks, and keeps what was answered: `given` as the request wants it, `asked` in words. `person` is the
    one of the card, None where none was asked for."""

    def __init__(
        self, visit: Visit, item: Item, asks: list[Question], person: Person | None
    ) -> None:
        self.visit = visit
        self.item = item
        self.asks = asks
        self.person = person
        self.given: dict[str, str] = {}
        self.asked: dict[str, Text] = {}

    @property
    def who(self) -> Text | None:
        """The person, masked."""
        return masked(self.person) if self.person else None

    async def ask(self, question: Question) -> None:
        """Ask one question. Raises Rewind and Leave."""
        match question:
            case Choice():
                await self._choose(question)
            case PeriodChoice():
                await self._choose_period(question)
            case FormQuestion():
                await self._fill_in(question)
            case NumberQuestion():
                await self._number(question)
            case ConsentQuestion():
                await self.visit.ask(
                    Consent(
                        key=self.key(question.name),
                        steps=self.visit.here,
                        title=question.title.plain,
                        subtitle=self.who,
                        paragraphs=tuple(text.plain for text in question.paragraphs),
                        primary=msg("option.agree"),
                    )
                )

    def key(self, name: str) -> str:
        """A view's key, unlike any other item's."""
        return f"{self.item.id}.{name}"

    async def _choose(self, question: Choice) -> None:
        options = tuple(
            Option(id=key, title=text) for key, text in self.item.choices(question.list)
        )
        self._answered(question.name, await self._one_of(question, options, question.chosen))

    async def _choose_period(self, question: PeriodChoice) -> None:
        options = tuple(Option(id=p, title=msg(f"period.{p}")) for p in question.periods)
        chosen = await self._one_of(question, options, question.chosen)
        until = self.visit.counter.now().date()
        since = until - timedelta(days=PERIOD_DAYS[chosen.id] - 1)
        self.given[f"{question.name}.since"] = since.isoformat()
        self.given[f"{question.name}.until"] = until.isoformat()
        self._answered(question.name, chosen)

    async def _one_of(
        self, question: Choice | PeriodChoice, options: tuple[Option, ...], chosen: str | None
    ) -> Option:
        answer = await self.visit.ask(
            Choose(
                key=self.key(question.name),
                steps=self.visit.here,
                title=question.title.plain,
                subtitle=question.hint.plain if question.hint else self.who,
                options=options,
                chosen=chosen,
                primary=msg("option.next"),
            )
        )
        return next(option for option in options if option.id == answer.id)

    def _answered(self, name: str, chosen: Option) -> None:
        self.given[name] = chosen.id
        self.asked[name] = chosen.title

    async def _fill_in(self, question: FormQuestion) -> None:
        fields = tuple(self._field(field) for field in question.fields)
        filled_in = await self.visit.ask(
            Form(
                key=self.key(question.name),
                steps=self.visit.here,
                title=question.title.plain,
                subtitle=question.hint.plain if question.hint else self.who,
                fields=fields,
                primary=msg("option.next"),
            )
        )
        for field in fields:
            value = filled_in[field.name]
            self.given[f"{question.name}.{field.name}"] = value
            title = next((o.title for o in field.options if o.id == value), Plain(value))
            self.asked[f"{question.name}.{field.name}"] = title

    def _field(self, field: FormField) -> Field:
        choices = self.item.choices(field.list) if field.list else ()
        return Field(
            name=field.name,
            label=field.label.plain,
            kind=field.kind,
            hint=field.hint.plain if field.hint else None,
            required=field.required,
            longest=field.longest,
            options=tuple(Option(id=key, title=text) for key, text in choices),
            value=self.visit.counter.place.division if field.kind is FieldKind.DIVISION else "",
        )

    async def _number(self, question: NumberQuestion) -> None:
        def accept(code: ScannedCode) -> str | None:
            return code.text if code.kind.value in question.scans else None

        number = await scan_or_type(
            self.visit,
            self.key(question.name),
            question.title.plain,
            question.hint.plain,
            Field(
                name=question.name,
                label=question.label.plain,
                kind=question.takes,
                longest=question.longest,
            ),
            accept,
            self.visit.here,
        )
        self.given[question.name] = number
        self.asked[question.name] = Plain(number)

    async def confirm(self) -> None:
        """Have everything looked at before the world is changed. Raises Rewind and Leave."""
        rows = [Row(msg("row.item"), self.item.name)]
        if self.person:
            rows.append(Row(msg("row.applicant"), masked(self.person)))
        rows += [Row(self._label(name), text) for name, text in self.asked.items()]
        await self.visit.ask(
            Review(
                key=self.key("review"),
                steps=self.visit.here,
                title=msg("declared.review"),
                sections=(Section(None, tuple(rows)),),
                notice=msg("declared.review.notice"),
                primary=msg("option.submit"),
            )
        )

    def _label(self, name: str) -> Text:
        outer, _, inner = name.partition(".")
        question = next(q for q in self.asks if q.name == outer)
        if isinstance(question, FormQuestion):
            return next(field.label.plain for field in question.fields if field.name == inner)
        if isinstance(question, NumberQuestion):
            return question.label.plain
        return question.title.plain
