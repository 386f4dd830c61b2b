"""人民银行征信: credit reports of persons and companies, and objections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import CashierClient, only, person_body, sealed_document
from kiosk.backends.contract import Cashier, Person, Reply, SealedDocument
from kiosk.backends.decode import Fields, Garbled


@dataclass(frozen=True, slots=True)
class ReportQuota:
    """What the next report costs: free where `free_left`, or where one of today is `waiting`; else the bill
    `bill_id` of `fee_fen`, which may be `paid` already."""

    year: int
    free_a_year: int
    free_left: int
    fee_fen: int
    bill_id: str
    option: str
    paid: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class CreditReport:
    """A report that was made."""

    report_no: str
    made_at: datetime
    document: SealedDocument
    free: bool = True
    free_left: int = 0


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A company whose legal representative asks."""

    credit_code: str
    name: str


@dataclass(frozen=True, slots=True)
class ObjectionSlot:
    """A free time at the bureau's counter, as "09:00"."""

    id: str
    day: date
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection that has its time."""

    number: str
    day: date
    since: str
    until: str
    where: str
    take_away_url: str


class CreditCentre(Cashier, Protocol):
    """人民银行征信: reports and objections; keys are idempotency keys."""

    def quota(self, person: Person) -> Reply[ReportQuota]: ...

    def personal_report(self, person: Person, key: str) -> Reply[CreditReport]: ...

    def report_taken(self, person: Person, report_no: str, key: str) -> Reply[str]: ...

    def enterprise(self, person: Person, credit_code: str) -> Reply[Enterprise]: ...

    def enterprise_report(
        self, person: Person, credit_code: str, key: str
    ) -> Reply[CreditReport]: ...

    def objection_slots(self) -> Reply[tuple[ObjectionSlot, ...]]: ...

    def object_to(self, person: Person, kind: str, slot: str, key: str) -> Reply[Objection]: ...


class CreditCentreClient(CashierClient):
    """`CreditCentre` over HTTP."""

    def quota(self, person: Person) -> Reply[ReportQuota]:
        """What the next report of `person` costs."""
        body = {"person": person_body(person)}
        return self.door.post("/personal-reports/quotas", "credit.quota", body, _quota)

    def personal_report(self, person: Person, key: str) -> Reply[CreditReport]:
        """Make a report, or get the one of today that is still to be taken."""
        body = {"person": person_body(person)}
        return self.door.post("/personal-reports", "credit.report", body, _personal, key)

    def report_taken(self, person: Person, report_no: str, key: str) -> Reply[str]:
        """Say that a report came out on paper."""
        path = f"/personal-reports/{quote(report_no, safe='')}/takings"
        body = {"person": person_body(person)}
        return self.door.post(
            path,
            "credit.taken",
            body,
            only(lambda f: f.text("report_no"), report_no=report_no),
            key,
        )

    def enterprise(self, person: Person, credit_code: str) -> Reply[Enterprise]:
        """The company, where `person` represents it."""
        path = f"/enterprises/{quote(credit_code, safe='')}/queries"
        body = {"person": person_body(person)}
        return self.door.post(
            path, "credit.enterprise", body, only(_enterprise, credit_code=credit_code)
        )

    def enterprise_report(self, person: Person, credit_code: str, key: str) -> Reply[CreditReport]:
        """Make a company's report."""
        path = f"/enterprises/{quote(credit_code, safe='')}/reports"
        body = {"person": person_body(person)}
        return self.door.post(
            path, "credit.enterprise_report", body, only(_report, credit_code=credit_code), key
        )

    def objection_slots(self) -> Reply[tuple[ObjectionSlot, ...]]:
        """The free times, soonest first."""
        return self.door.get("/objection-slots", "credit.slots", lambda f: f.each("slots", _slot))

    def object_to(self, person: Person, kind: str, slot: str, key: str) -> Reply[Objection]:
        """Take a time for an objection."""
        body = {"person": person_body(person), "kind": kind, "slot": slot}
        return self.door.post("/objections", "credit.objection", body, _objection, key)


def _quota(answer: Fields) -> ReportQuota:
    quota = ReportQuota(
        year=answer.integer("year", 2000, 2200),
        free_a_year=answer.integer("free_a_year", 0, 100),
        free_left=answer.integer("free_left", 0, 100),
        fee_fen=answer.integer("fee_fen"),
        bill_id=answer.text("bill_id", empty=True, longest=64),
        option=answer.text("option", empty=True, longest=64),
        paid=answer.flag("paid"),
        waiting=answer.flag("waiting"),
    )
    costs = not quota.free_left and not quota.waiting
    if not costs == bool(quota.bill_id) == bool(quota.option) == bool(quota.fee_fen):
        raise Garbled("bill_id: a bill goes with a fee")
    return quota


def _report(answer: Fields) -> CreditReport:
    return CreditReport(
        report_no=answer.text("report_no", longest=64),
        made_at=answer.moment("made_at"),
        document=sealed_document(answer.inside("document")),
    )


def _personal(answer: Fields) -> CreditReport:
    report = _report(answer)
    return CreditReport(
        report_no=report.report_no,
        made_at=report.made_at,
        document=report.document,
        free=answer.flag("free"),
        free_left=answer.integer("free_left", 0, 100),
    )


def _enterprise(answer: Fields) -> Enterprise:
    return Enterprise(answer.text("credit_code", longest=18), answer.text("name"))


def _slot(answer: Fields) -> ObjectionSlot:
    return ObjectionSlot(
        id=answer.text("slot", longest=32),
        day=answer.day("day"),
        since=answer.text("since", longest=5),
        until=answer.text("until", longest=5),
    )


def _objection(answer: Fields) -> Objection:
    return Objection(
        number=answer.text("objection_no", longest=64),
        day=answer.day("day"),
        since=answer.text("since", longest=5),
        until=answer.text("until", longest=5),
        where=answer.text("where"),
        take_away_url=answer.link("take_away_url"),
    )
