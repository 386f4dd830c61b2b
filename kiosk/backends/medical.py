"""医保: resident medical insurance for a family, and vouchers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.backends.client import CashierClient, only, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.decode import YEARS, Fields, Garbled


class Standing(StrEnum):
    """How the year stands for one person."""

    DUE = "due"
    PAID = "paid"
    EMPLOYEE = "employee"  # insured by an employer: nothing to pay as a resident
    NOT_INSURED = "not_insured"  # not here, or the name does not go with the number


@dataclass(frozen=True, slots=True)
class Member:
    """One person's year; the amounts are 0 unless it is due."""

    year: int
    standing: Standing
    amount_fen: int
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class Covered:
    """One person whom a bill is for, masked by the department."""

    name: str
    id_number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FamilyBill:
    """One bill for everybody chosen, in their order."""

    bill_id: str
    option: str
    year: int
    amount_fen: int
    members: tuple[Covered, ...]


class MedicalInsurance(Cashier, Protocol):
    """医保: resident medical insurance."""

    def member(self, person: Person, member: Person) -> Reply[Member]:
        """How the year stands for `member`, asked by `person` with the card."""
        ...

    def family_bill(
        self, person: Person, members: tuple[Person, ...], key: str
    ) -> Reply[FamilyBill]:
        """One bill for all of `members`; `key` is the idempotency key."""
        ...

    def own_bill(self, person: Person, bill_id: str) -> Reply[FamilyBill]:
        """A bill again that `person` had made."""
        ...


class MedicalInsuranceClient(CashierClient):
    """`MedicalInsurance` over HTTP."""

    def member(self, person: Person, member: Person) -> Reply[Member]:
        """How the year stands for `member`, asked by `person` with the card."""
        body = {"person": person_body(person), "member": person_body(member)}
        return self.door.post("/members/queries", "medical.member", body, _member)

    def family_bill(
        self, person: Person, members: tuple[Person, ...], key: str
    ) -> Reply[FamilyBill]:
        """One bill for all of `members`; `key` is the idempotency key."""
        body = {
            "person": person_body(person),
            "members": [person_body(member) for member in members],
        }
        return self.door.post("/bills", "medical.family_bill", body, _bill, key)

    def own_bill(self, person: Person, bill_id: str) -> Reply[FamilyBill]:
        """A bill again that `person` had made."""
        body = {"person": person_body(person), "bill_id": bill_id}
        return self.door.post(
            "/bills/queries", "medical.own_bill", body, only(_bill, bill_id=bill_id)
        )


def _member(answer: Fields) -> Member:
    return Member(
        year=answer.integer("year", *YEARS),
        standing=answer.choice("standing", Standing),
        amount_fen=answer.integer("amount_fen"),
        subsidy_fen=answer.integer("subsidy_fen"),
    )


def _bill(answer: Fields) -> FamilyBill:
    bill = FamilyBill(
        bill_id=answer.text("bill_id", longest=64),
        option=answer.text("option", longest=64),
        year=answer.integer("year", *YEARS),
        amount_fen=answer.integer("amount_fen", 1),
        members=answer.each("members", _covered),
    )
    if sum(member.amount_fen for member in bill.members) != bill.amount_fen:
        raise Garbled("amount_fen: not the sum of its members")
    return bill


def _covered(answer: Fields) -> Covered:
    return Covered(
        name=answer.text("name", longest=64),
        id_number=answer.text("id_number", longest=32),
        amount_fen=answer.integer("amount_fen", 1),
    )
