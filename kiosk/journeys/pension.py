"""Resident pension: pay this year's contribution (城乡居民养老保险缴费)."""

from __future__ import annotations

from kiosk.backends.contract import Person
from kiosk.backends.social_insurance import PensionBill, PensionTier
from kiosk.catalogue import Item
from kiosk.journeys.contribution import Contribution, Due, check, paid_earlier, settle
from kiosk.masking import masked, masked_id, masked_name
from kiosk.steps.finish import Ending, finish
from kiosk.steps.identify import identify
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Choose, Option, Row, Section, Tone
from kiosk.visit import Visit

STEPS = ("step.card", "pension.step.tier", "step.review", "step.pay", "step.take")

PENSION = Contribution("pension", "slip.pension", "slip.booked.social")


async def pay_resident_pension(visit: Visit, item: Item) -> None:
    """Identify, choose a tier, check, pay, take the slip; or take the slip of today again."""
    visit.steps = tuple(msg(step) for step in STEPS)
    person = await identify(visit)
    bill = await visit.call(visit.counter.departments.social_insurance.pension_bill, person)
    if await paid_earlier(visit, person, PENSION, may_pay=bool(bill.tiers)):
        return
    if not bill.tiers:
        await finish(visit, _nothing_due(visit, person, bill))
        return
    tier = await _choose_tier(visit, person, bill)
    rows = _rows(bill, tier)
    await check(visit, person, PENSION, rows, Yuan(tier.amount_fen))
    due = Due(
        department="social-insurance",
        bill_id=bill.bill_id,
        option=tier.id,
        amount_fen=tier.amount_fen,
        subject=f"城乡居民基本养老保险 {bill.year}",
        shown=msg("pension.subject", year=str(bill.year)),
    )
    await settle(visit, item, person, PENSION, due, rows)


async def _choose_tier(visit: Visit, person: Person, bill: PensionBill) -> PensionTier:
    view = Choose(
        key="pension.choose_tier",
        steps=visit.at(1),
        title=msg("pension.choose_tier", year=str(bill.year)),
        subtitle=msg(
            "pension.choose_tier.who",
            name=masked_name(person),
            id=masked_id(person),
            year=str(bill.paid_until),
        ),
        options=tuple(_option(tier) for tier in bill.tiers),
        primary=msg("option.next"),
    )
    chosen = await visit.ask(view)
    return next(tier for tier in bill.tiers if tier.id == chosen.id)


def _option(tier: PensionTier) -> Option:
    return Option(
        id=tier.id,
        title=msg("pension.tier", amount=f"{tier.amount_fen // 100:,}"),
        subtitle=msg("pension.tier.gain", amount=f"{tier.monthly_gain_fen / 100:.1f}"),
        badge=msg("pension.tier.subsidy", amount=f"{tier.subsidy_fen // 100:,}"),
        badge_tone=Tone.GOOD,
    )


def _rows(bill: PensionBill, tier: PensionTier) -> tuple[Row, ...]:
    return (
        Row(msg("row.year"), Plain(str(bill.year))),
        Row(msg("row.tier"), msg("pension.tier", amount=f"{tier.amount_fen // 100:,}")),
        Row(msg("row.subsidy"), Plain(str(Yuan(tier.subsidy_fen)))),
    )


def _nothing_due(visit: Visit, person: Person, bill: PensionBill) -> Ending:
    visit.at(4)
    rows = (
        Row(msg("row.insured"), masked(person)),
        Row(msg("row.paid_until"), msg("pension.year", year=str(bill.paid_until))),
    )
    return Ending(
        headline=msg("pension.nothing_due"),
        detail=msg("pension.nothing_due.detail", year=str(bill.paid_until)),
        rows=rows,
        standing=Section(None, rows),
    )
