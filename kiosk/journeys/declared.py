"""Plain items: everything that their file declares, performed (kiosk/declaration.py).

Identify, answer what is asked, have it fetched, read it, take it along: the same conversation for every
query, so that a further one needs no code.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from devices.printer.layout import Slip
from kiosk.backends.client import person_body
from kiosk.catalogue import Item
from kiosk.declaration import (
    ChartPart,
    Declaration,
    EachPart,
    Pick,
    RowsPart,
    RowSpec,
)
from kiosk.journeys.declared_chart import chart
from kiosk.journeys.declared_questions import Questions
from kiosk.masking import masked
from kiosk.receipts.sheet import Sheet
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, msg
from kiosk.told import ASKED, PERSON, Entry, Reading, Told, Value, filled, said
from kiosk.views import (
    Chart,
    Choose,
    Option,
    Record,
    Row,
    Section,
    Tone,
)
from kiosk.visit import Visit

CARD_PROOF = 2
"""From this proof on the card is asked for (SERVICES.md)."""

PART_IN_PATH = re.compile(r"\{([a-z0-9_]+)\}")


async def perform_declared(visit: Visit, item: Item) -> None:
    """Perform an item that its file declares."""
    if item.declaration is None:
        raise AssertionError(f"{item.id} declares nothing")
    await _Declared(visit, item, item.declaration).until_taken()


class _Declared:
    def __init__(self, visit: Visit, item: Item, declaration: Declaration) -> None:
        self.visit = visit
        self.item = item
        self.declaration = declaration
        self.questions = Questions(visit, item, declaration.asks, None)

    async def until_taken(self) -> None:
        visit, declaration = self.visit, self.declaration
        self._lay_out_steps()
        if self.item.proof >= CARD_PROOF:
            self.questions.person = await identify(visit, self.item.proof)
        for question in declaration.asks:
            self._at("step.fill_in")
            await self.questions.ask(question)
        if declaration.request.changes:
            await self.questions.confirm()
            visit.commit()
        told = await self._fetch()
        nothing = declaration.nothing
        if nothing and not told.lists[nothing.of]:
            await finish(visit, self._ending(told, nothing.headline.plain, nothing.detail.plain))
            return
        picked = await self._pick(told, declaration.pick) if declaration.pick else None
        await self._show(told, picked)
        if told.document is not None:
            client = visit.counter.departments.of(declaration.request.department)
            await take_document(visit, client, told.document)
        visit.commit()
        await finish(visit, self._done(told, picked))

    # --- the way ---------------------------------------------------------------------------------

    def _lay_out_steps(self) -> None:
        asks = ("step.fill_in",) if self.declaration.asks else ()
        card = ("step.card",) if self.item.proof >= CARD_PROOF else ()
        labels = (*card, *asks, "step.read", "step.take")
        self.visit.steps = tuple(msg(label) for label in labels)

    def _at(self, label: str) -> None:
        self.visit.at(self.visit.steps.index(msg(label)))

    # --- the department --------------------------------------------------------------------------

    async def _fetch(self) -> Told:
        request = self.declaration.request
        client = self.visit.counter.departments.of(request.department)
        path = PART_IN_PATH.sub(
            lambda part: quote(self.questions.given[part[1]], safe=""), request.path
        )
        body: dict[str, object] = {
            member: self.questions.given[source]
            for member, source in request.body.items()
            if f"{{{source}}}" not in request.path
        }
        body |= request.given
        if self.questions.person and request.person:
            body["person"] = person_body(self.questions.person)
        key = f"{self.item.id}-{self.visit.id}"[:64] if request.changes else None
        return await self.visit.call(client.ask, path, body, Reading(self.declaration), key)

    async def _pick(self, told: Told, pick: Pick) -> Entry:
        entries = told.lists[pick.of]
        options = tuple(
            Option(
                id=str(entry.value(pick.by)),
                title=self._text(pick.name, told, entry),
                subtitle=self._text(pick.remark, told, entry) if pick.remark else None,
                badge=self._text(pick.badge, told, entry) if pick.badge else None,
                badge_tone=Tone.PLAIN,
            )
            for entry in entries
        )
        self._at("step.read")
        chosen = await self.visit.ask(
            Choose(
                key=self.questions.key("pick"),
                steps=self.visit.here,
                title=pick.title.plain,
                subtitle=self.questions.who,
                options=options,
                primary=msg("option.next"),
            )
        )
        return next(entry for entry in entries if str(entry.value(pick.by)) == chosen.id)

    # --- what is shown and taken -----------------------------------------------------------------

    async def _show(self, told: Told, picked: Entry | None) -> None:
        view = self.declaration.view
        take = "declared.document" if told.document else "declared.take"
        self._at("step.read")
        await self.visit.ask(
            Record(
                key=self.questions.key("read"),
                steps=self.visit.here,
                title=filled(view.title, **self._counts(told)),
                subtitle=self.questions.who,
                sections=tuple(
                    section for part in view.parts for section in self._sections(part, told, picked)
                ),
                notice=view.notice.plain if view.notice else None,
                actions=(Option(id="take", title=msg(take)),),
            )
        )

    def _counts(self, told: Told) -> dict[str, Plain]:
        return {of: Plain(str(len(entries))) for of, entries in told.lists.items()}

    def _sections(
        self, part: RowsPart | EachPart | ChartPart, told: Told, picked: Entry | None
    ) -> list[Section | Chart]:
        match part:
            case RowsPart():
                entry = picked if part.of == "picked" and picked else told.answer
                heading = part.heading.plain if part.heading else None
                return [Section(heading, self._rows(part.rows, told, entry))]
            case ChartPart():
                return [chart(part, told.lists[part.of])]
            case EachPart(named=RowSpec() as named):
                heading = part.heading.plain if part.heading else None
                return [Section(heading, self._lines(named, part.rows[0], told, part.of))]
        return [
            Section(
                filled(part.heading, number=Plain(str(number))) if part.heading else None,
                self._rows(part.rows, told, entry),
            )
            for number, entry in enumerate(told.lists[part.of], start=1)
        ]

    def _rows(self, specs: list[RowSpec], told: Told, entry: Entry) -> tuple[Row, ...]:
        return tuple(
            Row(spec.label.plain, self._text(spec, told, entry), strong=spec.strong)
            for spec in specs
            if not (spec.optional and self._value(spec, entry) in (None, ""))
        )

    def _lines(self, named: RowSpec, row: RowSpec, told: Told, of: str) -> tuple[Row, ...]:
        return tuple(
            Row(self._text(named, told, entry), self._text(row, told, entry), strong=row.strong)
            for entry in told.lists[of]
        )

    def _value(self, spec: RowSpec, entry: Entry) -> Value:
        if spec.field == PERSON or spec.field.startswith(ASKED):
            return spec.field
        return entry.value(spec.field, spec.form)

    def _text(self, spec: RowSpec, told: Told, entry: Entry) -> Text:
        if spec.field == PERSON:
            return self.questions.who or Plain("")
        if spec.field.startswith(ASKED):
            return self.questions.asked[spec.field.removeprefix(ASKED)]
        return said(spec, entry.value(spec.field, spec.form))

    def _done(self, told: Told, picked: Entry | None) -> Ending:
        result = self.declaration.result
        ending = self._ending(told, result.headline.plain, result.detail.plain)
        rows = self._rows(result.rows, told, told.answer)
        return Ending(
            headline=ending.headline,
            detail=ending.detail,
            rows=rows,
            standing=Section(msg("declared.stands"), rows[-2:]),
            link=told.link,
            slip=self._slip(told, picked),
        )

    def _ending(self, told: Told, headline: Text, detail: Text) -> Ending:
        self._at("step.take")
        rows = [Row(msg("row.item"), self.item.short_name)]
        if self.questions.person:
            rows.append(Row(msg("row.applicant"), masked(self.questions.person)))
        return Ending(headline, detail, tuple(rows), Section(None, tuple(rows)))

    def _slip(self, told: Told, picked: Entry | None) -> Slip | None:
        slip = self.declaration.slip
        if slip is None:
            return None
        sheet = Sheet(self.visit, str(told.answer.value(slip.number)))
        sheet.head(slip.title.plain, slip.subtitle.plain)
        for number, part in enumerate(slip.parts):
            if number:
                sheet.rule()
            for section in self._sections(part, told, picked):
                if isinstance(section, Section):
                    if section.heading is not None:
                        sheet.line(section.heading)
                    sheet.rows(section.rows)
        sheet.rule()
        sheet.origin()
        if told.link:
            caption = slip.caption.plain if slip.caption else msg("slip.scan_record")
            sheet.code(told.link, caption)
        return sheet.end(slip.note.plain)
