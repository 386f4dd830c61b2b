"""人社: what social insurance tells and books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.backends.client import CashierClient, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import YEARS, Fields


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


class SocialInsurance(Cashier, Protocol):
    """人社: resident pension."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]: ...


class SocialInsuranceClient(CashierClient):
    """`SocialInsurance` over HTTP."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]:
        """The open year of `person`, with its tiers."""
        body = {"person": person_body(person)}
        return self.door.post("/pension/bill-queries", "pension.bill", body, _bill)


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
