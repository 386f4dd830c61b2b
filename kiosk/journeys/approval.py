"""The approval bureau: how far a case is, instant approval, and commitments signed on screen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from kiosk.backends.approval_cases import CaseLine, CaseProgress, CaseState
from kiosk.backends.approval_decisions import (
    Commitment,
    CommitmentNotice,
    Decision,
    FormField,
    Offer,
    Rule,
)
from kiosk.backends.contract import BackendFailure, Person
from kiosk.catalogue import Item
from kiosk.masking import mask_phone, masked
from kiosk.receipts.approval import slip
from kiosk.steps.attempt import attempt, key_for, look_up
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Text, msg
from kiosk.views import (
    Choose,
    Consent,
    Field,
    FieldKind,
    Filled,
    Form,
    Option,
    Picture,
    Record,
    Review,
    Row,
    Section,
    Sign,
    Signed,
    Tone,
)
from kiosk.visit import Visit

CASE_STEPS = ("case.step.how", "case.step.number", "step.read", "step.take")
INSTANT_STEPS = ("step.card", "instant.step.kind", "step.fill_in", "step.review", "step.take")
COMMITMENT_STEPS = ("step.card", "commitment.step.kind", "commitment.step.read", "commitment.step.sign",
                    "step.take")  # fmt: skip

STROKES_MOST, POINTS_MOST = 200, 400
"""What the bureau takes of one signature; points beyond are thinned out evenly."""

TONES = {CaseState.FINISHED: Tone.GOOD, CaseState.CORRECTING: Tone.WARNING}


# --- 25: how far a case is ---------------------------------------------------------------------------


async def follow_case(visit: Visit, item: Item) -> None:
    """By a number scanned or typed: state and dates; by the card: one's own cases, with all about them."""
    visit.steps = tuple(msg(step) for step in CASE_STEPS)
    approval = visit.counter.departments.approval
    how = await visit.ask(
        Choose(
            key="case.how",
            steps=visit.at(0),
            title=msg("case.how"),
            options=(
                Option("number", msg("case.how.number"), msg("case.how.number.hint")),
                Option("own", msg("case.how.own"), msg("case.how.own.hint"), picture=Picture.CARD),
            ),
            primary=msg("option.next"),
        )
    )
    if how.id == "own":
        person = await identify(visit)
        cases = await visit.call(approval.own_cases, person)
        if not cases:
            await finish(visit, _no_case(visit, person))
            return
        number = await _choose_case(visit, cases)
        case = await visit.call(approval.case_details, person, number)
        await _read_case(visit, case, "case.details")
    else:
        case = await look_up(
            visit,
            "case.number",
            msg("case.number"),
            msg("case.number.hint"),
            msg("case.number.unknown"),
            Field("number", msg("row.case"), FieldKind.NUMBER, longest=24),
            "case.unknown",
            approval.case_progress,
            visit.at(1),
        )
        if await _read_case(visit, case, "case.read", more=True) == "own":
            person = await identify(visit)
            case = await visit.call(approval.case_details, person, case.number)
            await _read_case(visit, case, "case.details")
    visit.commit()
    visit.at(3)
    await finish(visit, _case_ending(visit, case))


async def _choose_case(visit: Visit, cases: Sequence[CaseLine]) -> str:
    chosen = await visit.ask(
        Choose(
            key="case.choose",
            steps=visit.at(1),
            title=msg("case.choose"),
            options=tuple(
                Option(
                    id=case.number,
                    title=case.item,
                    subtitle=Plain(f"{case.number} · {case.accepted_on.isoformat()}"),
                    badge=msg(f"case.state.{case.state.value}"),
                    badge_tone=TONES.get(case.state, Tone.PLAIN),
                )
                for case in cases
            ),
            primary=msg("option.next"),
        )
    )
    return chosen.id


def _case_rows(case: CaseProgress) -> tuple[Row, ...]:
    rows = (
        Row(msg("row.case"), Plain(case.number)),
        Row(msg("row.item"), case.item),
        Row(msg("row.state"), msg(f"case.state.{case.state.value}"), strong=True),
        Row(msg("case.accepted"), Plain(case.accepted_on.isoformat())),
        Row(msg("case.due"), Plain(case.due_on.isoformat())),
    )
    return (*rows, Row(msg("case.note"), Plain(case.note))) if case.note else rows


def _case_stages(case: CaseProgress) -> Section:
    rows = (
        Row(stage.name, Plain(stage.on.isoformat()) if stage.on else msg("case.not_yet"))
        for stage in case.stages
    )
    return Section(msg("case.stages"), tuple(rows))


async def _read_case(visit: Visit, case: CaseProgress, key: str, more: bool = False) -> str:
    take = Option(id="take", title=msg("case.take"))
    own = Option(id="own", title=msg("case.details"))
    answer = await visit.ask(
        Record(
            key=key,
            steps=visit.at(2),
            title=msg("case.read"),
            sections=(Section(None, _case_rows(case)), _case_stages(case)),
            notice=msg("case.read.notice") if more else None,
            actions=(own, take) if more else (take,),
        )
    )
    return answer.id


def _case_ending(visit: Visit, case: CaseProgress) -> Ending:
    rows = _case_rows(case)
    return Ending(
        headline=msg("case.done"),
        detail=msg(f"case.done.{case.state.value}"),
        rows=rows[:4],
        standing=Section(msg("declared.stands"), rows[:3]),
        link=case.take_away_url,
        slip=slip(visit, "case", case.item, (rows, _case_stages(case)), case.take_away_url),
    )


def _no_case(visit: Visit, person: Person) -> Ending:
    visit.at(3)
    rows = (Row(msg("row.person"), masked(person)), Row(msg("row.count"), Plain("0")))
    return Ending(msg("case.none"), msg("case.none.detail"), rows, Section(None, rows))


# --- 28: instant approval ----------------------------------------------------------------------------


async def decide_at_once(visit: Visit, item: Item) -> None:
    """Choose what to apply for, read the rules, fill in the form, be told the decision and its reason."""
    visit.steps = tuple(msg(step) for step in INSTANT_STEPS)
    approval = visit.counter.departments.approval
    person = await identify(visit)
    kinds = await visit.call(approval.instant_kinds)
    kind = await _choose_offer(visit, "instant.kind", kinds)
    rules = await visit.call(approval.instant_rules, kind.id)
    await _read_rules(visit, kind, rules)
    form = await visit.call(approval.instant_form, kind.id)
    filled = await visit.ask(
        Form(
            key=f"instant.form.{kind.id}",
            steps=visit.at(2),
            title=kind.name,
            subtitle=msg("instant.form.hint"),
            fields=tuple(_field(visit, field) for field in form),
            primary=msg("option.next"),
        )
    )
    rows = (Row(msg("row.person"), masked(person)), Row(msg("row.item"), kind.name))
    await visit.ask(
        Review(
            key="instant.review",
            steps=visit.at(3),
            title=msg("instant.review"),
            sections=(Section(None, rows), Section(None, _filled_rows(form, filled))),
            notice=msg("instant.review.notice"),
            primary=msg("option.submit"),
        )
    )
    visit.commit()
    decision = await visit.call(
        approval.instant_decision, person, kind.id, filled.values, f"instant-{visit.id}"
    )
    visit.at(4)
    ending = _decided(visit, rows, kind, decision)
    if decision.document is not None:
        await take_document(visit, approval, decision.document, ending.standing)
    await finish(visit, ending)


async def _choose_offer(visit: Visit, key: str, offers: Sequence[Offer]) -> Offer:
    chosen = await visit.ask(
        Choose(
            key=key,
            steps=visit.at(1),
            title=msg(key),
            options=tuple(Option(id=o.id, title=o.name, subtitle=o.hint) for o in offers),
            primary=msg("option.next"),
        )
    )
    return next(offer for offer in offers if offer.id == chosen.id)


async def _read_rules(visit: Visit, kind: Offer, rules: Sequence[Rule]) -> None:
    numbered = (
        Row(msg("instant.rule", number=number), rule.text) for number, rule in enumerate(rules, 1)
    )
    await visit.ask(
        Record(
            key=f"instant.rules.{kind.id}",
            steps=visit.at(1),
            title=kind.name,
            subtitle=msg("instant.rules"),
            sections=(Section(None, tuple(numbered)),),
            notice=msg("instant.rules.notice"),
            actions=(Option(id="apply", title=msg("instant.apply")),),
        )
    )


def _field(visit: Visit, field: FormField) -> Field:
    home = visit.counter.place.division if field.kind is field.kind.DIVISION else ""
    return Field(
        name=field.name,
        label=field.label,
        kind=FieldKind(field.kind.value),
        longest=field.longest,
        options=tuple(Option(id=value, title=name) for value, name in field.options),
        value=home,
    )


def _filled_rows(form: Sequence[FormField], filled: Filled) -> tuple[Row, ...]:
    return tuple(Row(field.label, _said(field, filled[field.name])) for field in form)


def _said(field: FormField, value: str) -> Text:
    if field.kind is field.kind.PHONE:
        return Plain(mask_phone(value))
    return dict(field.options).get(value, Plain(value))


def _decided(visit: Visit, rows: tuple[Row, ...], kind: Offer, decision: Decision) -> Ending:
    how = "granted" if decision.granted else "refused"
    numbers = (
        Row(msg("instant.number"), Plain(decision.number)),
        Row(msg("instant.decided"), Plain(decision.decided_at.strftime("%Y-%m-%d %H:%M"))),
    )
    reasons = tuple(Row(rule.text, rule.remedy) for rule in decision.unmet)
    parts: list[Sequence[Row] | Section] = [rows, numbers]
    if reasons:
        parts.append(Section(msg("instant.unmet"), reasons))
    return Ending(
        headline=msg(f"instant.{how}", item=kind.name),
        detail=decision.unmet[0].remedy if decision.unmet else msg("instant.granted.detail"),
        rows=(*rows[1:], *numbers[:1], *reasons),
        standing=Section(msg(f"instant.{how}.stands"), numbers),
        link=decision.take_away_url,
        slip=slip(visit, f"instant.{how}", kind.name, parts, decision.take_away_url),
        tone=Tone.GOOD if decision.granted else Tone.WARNING,
    )


# --- 29: commitment ----------------------------------------------------------------------------------


async def commit_oneself(visit: Visit, item: Item) -> None:
    """Read the notice to its end, sign, take the sealed commitment; where no page came out, a slip with the
    number by which a window prints it."""
    visit.steps = tuple(msg(step) for step in COMMITMENT_STEPS)
    approval = visit.counter.departments.approval
    person = await identify(visit)
    offers = await visit.call(approval.commitments)
    offer = await _choose_offer(visit, "commitment.kind", offers)
    notice = await visit.call(approval.commitment_notice, offer.id)
    await visit.ask(
        Consent(
            key=f"commitment.notice.{offer.id}",
            steps=visit.at(2),
            title=notice.name,
            subtitle=msg("commitment.version", version=notice.version),
            paragraphs=notice.paragraphs,
            primary=msg("option.agree"),
        )
    )
    commitment = await _signed(visit, person, offer, notice)
    visit.at(4)
    rows = (
        Row(msg("commitment.by"), masked(person)),
        Row(msg("row.item"), notice.name),
        Row(msg("commitment.number"), Plain(commitment.number)),
    )
    standing = Section(msg("commitment.stands"), rows[1:])
    printed = await take_document(visit, approval, commitment.document, standing)
    await finish(
        visit,
        Ending(
            headline=msg("commitment.done"),
            detail=msg("commitment.done.detail"),
            rows=rows,
            standing=standing,
            link=commitment.document.link,
            slip=None
            if printed
            else slip(visit, "commitment", notice.name, (rows,), commitment.number),
        ),
    )


async def _signed(
    visit: Visit, person: Person, offer: Offer, notice: CommitmentNotice
) -> Commitment:
    """The commitment, once it is signed so that the bureau takes it."""
    approval = visit.counter.departments.approval
    for nth in count():
        signed = await visit.ask(
            Sign(
                key=f"commitment.sign.{offer.id}.{nth}" if nth else f"commitment.sign.{offer.id}",
                steps=visit.at(3),
                title=msg("commitment.sign"),
                subtitle=msg("commitment.sign.again" if nth else "commitment.sign.hint"),
                statement=notice.statement,
                primary=msg("commitment.submit"),
            )
        )
        strokes = written(signed)
        key = key_for(visit, "commitment", nth, offer.id, strokes)
        visit.commit()
        taken = await attempt(
            visit, ("signature.empty",), nth, approval.commit, person, offer.id, notice.version,
            strokes, signed.ratio, key,
        )  # fmt: skip
        if not isinstance(taken, BackendFailure):
            return taken
        visit.committed = False  # nothing was taken
    raise AssertionError("counting ends")


def written(signed: Signed) -> tuple[str, ...]:
    """A signature as it travels: each stroke `x,y x,y`, to a thousandth of the field."""
    return tuple(
        " ".join(f"{x:.3f},{y:.3f}" for x, y in stroke[:: len(stroke) // POINTS_MOST + 1])
        for stroke in signed.strokes[:STROKES_MOST]
        if stroke
    )
