"""人社: what social insurance tells and books."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from kiosk.backends.client import CashierClient, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import YEARS, Fields, Garbled


@dataclass(frozen=True, slots=True)
class PensionTier:
    """One tier of the year's contribution."""

    id: str
    amount_fen: int
    subsidy_fen: int
    monthly_gain_fen: int


@dataclass(frozen=True, slots=True)
class PensionBill:
    """The open year of a person; `bill_id` is "" and `tiers` empty where nothing is due."""

    bill_id: str
    year: int
    paid_until: int
    tiers: tuple[PensionTier, ...]


@dataclass(frozen=True, slots=True)
class FlexibleTier:
    """One tier of the base, in percent of the average wage, and what a month costs in it."""

    id: str
    percent: int
    monthly_fen: int


@dataclass(frozen=True, slots=True)
class FlexibleDue:
    """The months that a flexible worker owes (YYYY-MM, the oldest first), with the tiers of the base."""

    enrolled: bool
    paid_until: str
    months: tuple[str, ...]
    tiers: tuple[FlexibleTier, ...]


@dataclass(frozen=True, slots=True)
class FlexibleBill:
    """One bill for months from `first` to `last`."""

    bill_id: str
    option: str
    first: str
    last: str
    months: int
    percent: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Qualification:
    """This year's proof of life; `certified_on` and `valid_until` are None while it is not given."""

    pensioner: bool
    year: int
    number: str
    certified_on: date | None
    valid_until: date | None


class CardState(StrEnum):
    """Where a social card is."""

    NONE = "none"
    MAKING = "making"
    READY = "ready"
    ACTIVE = "active"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CardStanding:
    """A person's card. `steps` are the days of its steps, None for one to come; texts are "" where there
    is nothing to say."""

    state: CardState
    query_no: str
    card_no: str
    bank: str
    steps: tuple[tuple[str, date | None], ...]
    pick_up_at: str
    lost_until: datetime | None
    link: str


@dataclass(frozen=True, slots=True)
class CardLoss:
    """A loss that was taken: the card is stopped until it lapses."""

    number: str
    card_no: str
    lapses_at: datetime
    link: str


CARD_STEPS = ("applied_on", "made_on", "ready_on", "handed_on")
"""The steps of a card's making, in their order, as the contract names them."""

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)


class SocialInsurance(Cashier, Protocol):
    """人社: resident pension, flexible workers, proof of life, social cards."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]: ...

    def flexible_due(self, person: Person) -> Reply[FlexibleDue]: ...

    def flexible_bill(
        self, person: Person, months: tuple[str, ...], tier: str, key: str
    ) -> Reply[FlexibleBill]:
        """The bill of `months` in `tier`; `key` is the idempotency key."""
        ...

    def qualification(self, person: Person) -> Reply[Qualification]: ...

    def qualify(self, person: Person, key: str) -> Reply[Qualification]:
        """Enter this year's proof of life; `key` is the idempotency key."""
        ...

    def card(self, person: Person) -> Reply[CardStanding]: ...

    def report_loss(self, person: Person, key: str) -> Reply[CardLoss]:
        """Stop the card for seven days; `key` is the idempotency key."""
        ...


class SocialInsuranceClient(CashierClient):
    """`SocialInsurance` over HTTP."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]:
        """The open year of `person`, with its tiers."""
        body = {"person": person_body(person)}
        return self.door.post("/pension/bill-queries", "pension.bill", body, _bill)

    def flexible_due(self, person: Person) -> Reply[FlexibleDue]:
        """The months that `person` owes as a flexible worker."""
        body = {"person": person_body(person)}
        return self.door.post("/flexible/queries", "flexible.due", body, _due)

    def flexible_bill(
        self, person: Person, months: tuple[str, ...], tier: str, key: str
    ) -> Reply[FlexibleBill]:
        """The bill of `months` in `tier`; `key` is the idempotency key."""
        body = {"person": person_body(person), "months": list(months), "tier": tier}

        def asked(answer: Fields) -> FlexibleBill:
            bill = _flexible_bill(answer)
            if (bill.first, bill.last, bill.months) != (months[0], months[-1], len(months)):
                raise Garbled("months: others than were asked")
            return bill

        return self.door.post("/flexible/bills", "flexible.bill", body, asked, key)

    def qualification(self, person: Person) -> Reply[Qualification]:
        """How this year's proof of life of `person` stands."""
        body = {"person": person_body(person)}
        return self.door.post(
            "/qualifications/queries", "qualification.query", body, _qualification
        )

    def qualify(self, person: Person, key: str) -> Reply[Qualification]:
        """Enter this year's proof of life; `key` is the idempotency key."""
        body = {"person": person_body(person)}
        return self.door.post("/qualifications", "qualification.give", body, _qualification, key)

    def card(self, person: Person) -> Reply[CardStanding]:
        """The card of `person` and how far it is."""
        body = {"person": person_body(person)}
        return self.door.post("/cards/queries", "card.query", body, _card)

    def report_loss(self, person: Person, key: str) -> Reply[CardLoss]:
        """Stop the card for seven days; `key` is the idempotency key."""
        body = {"person": person_body(person)}
        return self.door.post("/cards/losses", "card.loss", body, _loss, key)


def _bill(answer: Fields) -> PensionBill:
    return PensionBill(
        bill_id=answer.text("bill_id", empty=True, longest=64),
        year=answer.integer("year", *YEARS),
        paid_until=answer.integer("paid_until", 0, YEARS[1]),
        tiers=answer.each("tiers", _tier),
    )


def _tier(answer: Fields) -> PensionTier:
    return PensionTier(
        id=answer.text("id", longest=64),
        amount_fen=answer.integer("amount_fen", 1),
        subsidy_fen=answer.integer("subsidy_fen"),
        monthly_gain_fen=answer.integer("monthly_gain_fen"),
    )


def _due(answer: Fields) -> FlexibleDue:
    return FlexibleDue(
        enrolled=answer.flag("enrolled"),
        paid_until=answer.text("paid_until", empty=True, longest=7),
        months=_months(answer),
        tiers=answer.each("tiers", _flexible_tier),
    )


def _months(answer: Fields) -> tuple[str, ...]:
    months = answer.each("months", lambda entry: entry.shaped("month", MONTH))
    if list(months) != sorted(set(months)):
        raise Garbled("months: not in order")
    return months


def _flexible_tier(answer: Fields) -> FlexibleTier:
    return FlexibleTier(
        id=answer.text("id", longest=64),
        percent=answer.integer("percent", 1, 1000),
        monthly_fen=answer.integer("monthly_fen", 1),
    )


def _flexible_bill(answer: Fields) -> FlexibleBill:
    return FlexibleBill(
        bill_id=answer.text("bill_id", longest=64),
        option=answer.text("option", longest=64),
        first=answer.shaped("first", MONTH),
        last=answer.shaped("last", MONTH),
        months=answer.integer("months", 1, 120),
        percent=answer.integer("percent", 1, 1000),
        amount_fen=answer.integer("amount_fen", 1),
    )


def _qualification(answer: Fields) -> Qualification:
    return Qualification(
        pensioner=answer.flag("pensioner"),
        year=answer.integer("year", *YEARS),
        number=answer.text("qualification_no", empty=True, longest=64),
        certified_on=_day(answer, "certified_on"),
        valid_until=_day(answer, "valid_until"),
    )


def _card(answer: Fields) -> CardStanding:
    lost = answer.text("lost_until", empty=True, longest=40)
    return CardStanding(
        state=answer.choice("state", CardState),
        query_no=answer.text("query_no", longest=64),
        card_no=answer.text("card_no", empty=True, longest=32),
        bank=answer.text("bank", empty=True, longest=64),
        steps=tuple((step, _day(answer, step)) for step in CARD_STEPS),
        pick_up_at=answer.text("pick_up_at", empty=True),
        lost_until=answer.moment("lost_until") if lost else None,
        link=answer.link("take_away_url", empty=True),
    )


def _loss(answer: Fields) -> CardLoss:
    return CardLoss(
        number=answer.text("loss_no", longest=64),
        card_no=answer.text("card_no", longest=32),
        lapses_at=answer.moment("lapses_at"),
        link=answer.link("take_away_url"),
    )


def _day(answer: Fields, name: str) -> date | None:
    """A date, None where the department leaves it empty."""
    return answer.day(name) if answer.text(name, empty=True, longest=10) else None
