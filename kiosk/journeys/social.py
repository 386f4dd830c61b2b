"""人社: flexible workers' contributions, the yearly proof of life, the social card and its loss."""

from __future__ import annotations

from kiosk.backends.contract import Person
from kiosk.backends.social_insurance import (
    CardLoss,
    CardStanding,
    CardState,
    FlexibleBill,
    FlexibleDue,
    FlexibleTier,
    Qualification,
)
from kiosk.catalogue import Item
from kiosk.journeys.contribution import (
    Contribution,
    Due,
    check,
    paid_earlier,
    request_key,
    settle,
)
from kiosk.masking import masked
from kiosk.receipts import social as slips
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.steps.second_proof import second_proof
from kiosk.texts import Msg, Plain, Yuan, msg
from kiosk.views import Choose, Option, Picture, Record, Review, Row, Section
from kiosk.visit import Visit

FLEXIBLE = Contribution("flexible", "slip.flexible", "slip.booked.social")

FLEXIBLE_STEPS = (
    "step.card",
    "flexible.step.months",
    "flexible.step.tier",
    "step.review",
    "step.pay",
    "step.take",
)
QUALIFICATION_STEPS = ("step.card", "step.review", "step.take")
CARD_STEPS = ("step.card", "step.read", "step.take")

WHEN = "%Y-%m-%d %H:%M"

LOSE = Option(
    id="lose",
    title=msg("social_card.lose"),
    subtitle=msg("social_card.lose.hint"),
    picture=Picture.LOCK,
)
TAKE = Option(id="take", title=msg("social_card.take"))


# --- 灵活就业人员缴费 ---------------------------------------------------------------------------------


async def pay_flexible_employment(visit: Visit, item: Item) -> None:
    """Identify, choose months from the oldest and a tier, check, pay; or take today's slip again."""
    visit.steps = tuple(msg(step) for step in FLEXIBLE_STEPS)
    client = visit.counter.departments.social_insurance
    person = await identify(visit)
    owed = await visit.call(client.flexible_due, person)
    if await paid_earlier(visit, person, FLEXIBLE, may_pay=bool(owed.months)):
        return
    if not owed.months:
        await finish(visit, _nothing_owed(visit, person, owed))
        return
    months = await _choose_months(visit, person, owed)
    tier = await _choose_tier(visit, owed, len(months))
    key = await request_key(visit, (months, tier.id))
    bill = await visit.call(client.flexible_bill, person, months, tier.id, key)
    rows = _flexible_rows(bill)
    await check(visit, person, FLEXIBLE, rows, Yuan(bill.amount_fen))
    due = Due(
        department="social-insurance",
        bill_id=bill.bill_id,
        option=bill.option,
        amount_fen=bill.amount_fen,
        subject=f"灵活就业养老保险 {bill.first} 至 {bill.last} 基数 {bill.percent}%",
        shown=msg("flexible.subject", first=bill.first, last=bill.last),
    )
    await settle(visit, item, person, FLEXIBLE, due, rows)


async def _choose_months(visit: Visit, person: Person, owed: FlexibleDue) -> tuple[str, ...]:
    """How many months: always from the oldest, so that no gap can be chosen."""
    first = owed.months[0]
    chosen = await visit.ask(
        Choose(
            key="flexible.months",
            steps=visit.at(1),
            title=msg("flexible.months", count=len(owed.months)),
            subtitle=msg("flexible.months.who", who=masked(person), month=owed.paid_until),
            options=tuple(
                Option(
                    id=str(count),
                    title=msg("flexible.months.count", count=count),
                    subtitle=msg("flexible.months.span", first=first, last=last),
                )
                for count, last in enumerate(owed.months, start=1)
            ),
            chosen=str(len(owed.months)),
            primary=msg("option.next"),
        )
    )
    return owed.months[: int(chosen.id)]


async def _choose_tier(visit: Visit, owed: FlexibleDue, months: int) -> FlexibleTier:
    chosen = await visit.ask(
        Choose(
            key="flexible.tier",
            steps=visit.at(2),
            title=msg("flexible.tier"),
            subtitle=msg("flexible.tier.hint"),
            options=tuple(
                Option(
                    id=tier.id,
                    title=msg("flexible.tier.percent", percent=tier.percent),
                    subtitle=msg("flexible.tier.monthly", amount=Yuan(tier.monthly_fen)),
                    badge=msg("flexible.tier.total", amount=Yuan(tier.monthly_fen * months)),
                )
                for tier in owed.tiers
            ),
            primary=msg("option.next"),
        )
    )
    return next(tier for tier in owed.tiers if tier.id == chosen.id)


def _flexible_rows(bill: FlexibleBill) -> tuple[Row, ...]:
    span = msg("flexible.months.span", first=bill.first, last=bill.last)
    return (
        Row(msg("row.months"), span),
        Row(msg("row.months_count"), msg("flexible.months.count", count=bill.months)),
        Row(msg("row.base"), msg("flexible.tier.percent", percent=bill.percent)),
    )


def _nothing_owed(visit: Visit, person: Person, owed: FlexibleDue) -> Ending:
    visit.at(len(FLEXIBLE_STEPS) - 1)
    rows = [Row(msg("row.insured"), masked(person))]
    if owed.enrolled:
        rows.append(Row(msg("row.paid_until"), Plain(owed.paid_until)))
    said = "flexible.nothing_owed" if owed.enrolled else "flexible.not_enrolled"
    return Ending(
        headline=msg(said),
        detail=msg(f"{said}.detail"),
        rows=tuple(rows),
        standing=Section(None, tuple(rows)),
    )


# --- 养老待遇资格认证 ---------------------------------------------------------------------------------


async def prove_life(visit: Visit, item: Item) -> None:
    """Identify, see whether this year's proof is given already, else prove a second time and give it."""
    visit.steps = tuple(msg(step) for step in QUALIFICATION_STEPS)
    client = visit.counter.departments.social_insurance
    person = await identify(visit)
    before = await visit.call(client.qualification, person)
    if not before.pensioner:
        await finish(visit, _no_pension(visit, person))
        return
    if before.certified_on is not None:
        await finish(visit, _proved(visit, person, before, "qualification.before"))
        return
    proved = await second_proof(visit, person)
    rows = (
        Row(msg("row.pensioner"), masked(person)),
        Row(msg("row.proof_year"), Plain(str(before.year))),
    )
    await visit.ask(
        Review(
            key="qualification.review",
            steps=visit.at(1),
            title=msg("qualification.review"),
            sections=(Section(None, rows),),
            notice=msg("qualification.notice"),
            primary=msg("qualification.confirm"),
        )
    )
    visit.commit()
    visit.at(2)
    given = await visit.call(client.qualify, proved, f"qualify-{visit.id}")
    await finish(visit, _proved(visit, person, given, "qualification.done"))


def _proved(visit: Visit, person: Person, given: Qualification, said: str) -> Ending:
    visit.at(2)
    rows = (
        Row(msg("row.pensioner"), masked(person)),
        Row(msg("row.proof_year"), Plain(str(given.year))),
        Row(msg("row.proved_on"), Plain(str(given.certified_on)), strong=True),
        Row(msg("row.valid_until"), Plain(str(given.valid_until))),
        Row(msg("row.proof_no"), Plain(given.number)),
    )
    return Ending(
        headline=msg(said),
        detail=msg(f"{said}.detail", day=str(given.certified_on), until=str(given.valid_until)),
        rows=rows[:4],
        standing=Section(msg("qualification.stands"), rows[2:]),
        slip=slips.record(visit, given.number, "slip.qualification", rows, "slip.qualification"),
    )


def _no_pension(visit: Visit, person: Person) -> Ending:
    visit.at(2)
    rows = (Row(msg("row.applicant"), masked(person)),)
    return Ending(
        headline=msg("qualification.none"),
        detail=msg("qualification.none.detail"),
        rows=rows,
        standing=Section(None, rows),
    )


# --- 社保卡 -------------------------------------------------------------------------------------------


async def look_after_social_card(visit: Visit, item: Item) -> None:
    """Identify, read how far the card is; take that along, or report the card lost after a check."""
    visit.steps = tuple(msg(step) for step in CARD_STEPS)
    client = visit.counter.departments.social_insurance
    person = await identify(visit)
    card = await visit.call(client.card, person)
    if card.state is CardState.NONE:
        await finish(visit, _no_card(visit, person))
        return
    rows = _card_rows(person, card)
    chosen = await visit.ask(
        Record(
            key="social_card.read",
            steps=visit.at(1),
            title=_headline(card),
            sections=(Section(None, rows), Section(msg("social_card.steps"), _steps(card))),
            notice=msg("social_card.lost.notice") if card.state is CardState.LOST else None,
            actions=(LOSE, TAKE) if card.state is CardState.ACTIVE else (TAKE,),
        )
    )
    if chosen.id == TAKE.id:
        await finish(visit, _progress(visit, card, rows))
        return
    await visit.ask(
        Review(
            key="social_card.review",
            steps=visit.here,
            title=msg("social_card.review"),
            sections=(Section(None, rows[:3]),),
            notice=msg("social_card.review.notice"),
            primary=msg("social_card.confirm"),
        )
    )
    visit.commit()
    loss = await visit.call(client.report_loss, person, f"loss-{visit.id}")
    await finish(visit, _stopped(visit, person, loss))


def _headline(card: CardStanding) -> Msg:
    return msg(f"social_card.state.{card.state.value}")


def _card_rows(person: Person, card: CardStanding) -> tuple[Row, ...]:
    rows = [
        Row(msg("row.card_holder"), masked(person)),
        Row(msg("row.card_no"), Plain(card.card_no)),
        Row(msg("row.bank"), Plain(card.bank)),
        Row(msg("row.card_state"), _headline(card), strong=True),
    ]
    if card.pick_up_at:
        rows.append(Row(msg("row.pick_up_at"), Plain(card.pick_up_at)))
    if card.lost_until is not None:
        rows.append(Row(msg("row.lapses"), Plain(card.lost_until.strftime(WHEN))))
    return tuple(rows)


def _steps(card: CardStanding) -> tuple[Row, ...]:
    return tuple(
        Row(
            msg(f"social_card.step.{step}"),
            Plain(str(day)) if day else msg("social_card.step.to_come"),
        )
        for step, day in card.steps
    )


def _progress(visit: Visit, card: CardStanding, rows: tuple[Row, ...]) -> Ending:
    visit.at(2)
    return Ending(
        headline=_headline(card),
        detail=msg("social_card.progress.detail"),
        rows=rows,
        standing=Section(None, rows[1:4]),
        link=card.link,
        slip=slips.record(
            visit,
            card.query_no,
            "slip.social_card",
            (*rows, *_steps(card)),
            "slip.social_card.progress",
            card.link,
        ),
    )


def _stopped(visit: Visit, person: Person, loss: CardLoss) -> Ending:
    visit.at(2)
    until = loss.lapses_at.strftime(WHEN)
    rows = (
        Row(msg("row.card_holder"), masked(person)),
        Row(msg("row.card_no"), Plain(loss.card_no)),
        Row(msg("row.loss_no"), Plain(loss.number)),
        Row(msg("row.lapses"), Plain(until), strong=True),
    )
    return Ending(
        headline=msg("social_card.stopped"),
        detail=msg("social_card.stopped.detail", until=until),
        rows=rows,
        standing=Section(msg("social_card.stands"), rows[2:]),
        link=loss.link,
        slip=slips.record(
            visit, loss.number, "slip.social_card", rows, "slip.social_card.loss", loss.link
        ),
    )


def _no_card(visit: Visit, person: Person) -> Ending:
    visit.at(2)
    rows = (Row(msg("row.applicant"), masked(person)),)
    return Ending(
        headline=msg("social_card.state.none"),
        detail=msg("social_card.none.detail"),
        rows=rows,
        standing=Section(None, rows),
    )
