"""税务: digital invoices, invoices on paper, their checking and issuing."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from urllib.parse import quote

from kiosk.backends import tax_answers as answers
from kiosk.backends.client import CashierClient, only, person_body
from kiosk.backends.contract import Cashier, Person, Reply
from kiosk.backends.tax_answers import (
    Application,
    Check,
    Claim,
    Goods,
    HandedOver,
    Invoice,
    LeftAs,
    Pickup,
    ReleasedInvoice,
    Wanted,
)


class Tax(Cashier, Protocol):
    """税务. Each `key` is an idempotency key."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]: ...

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one digital invoice."""
        ...

    def check(self, claim: Claim, key: str) -> Reply[Check]:
        """Hold an invoice against the register; counted, five times a day for one invoice."""
        ...

    def release(self, code: str, terminal: str, key: str) -> Reply[ReleasedInvoice]:
        """Which compartment of `terminal` a pickup code opens."""
        ...

    def taken(
        self, pickup_id: str, terminal: str, seen_empty: bool | None, key: str
    ) -> Reply[HandedOver]:
        """Invoices on paper were taken, as far as the sensors tell."""
        ...

    def left(self, pickup_id: str, terminal: str, reason: LeftAs, key: str) -> Reply[None]:
        """Invoices on paper were not taken; their code works on."""
        ...

    def goods(self) -> Reply[tuple[Goods, ...]]:
        """What invoices are issued for."""
        ...

    def apply(self, person: Person, wanted: Wanted, key: str) -> Reply[Application]:
        """Apply for an invoice; the same one that is open still is answered rather than another."""
        ...

    def application(self, person: Person, application_no: str) -> Reply[Application]:
        """How an application is now."""
        ...

    def issue(self, person: Person, application_no: str, key: str) -> Reply[Application]:
        """Issue what no tax is due for; where tax is due its booking issues it."""
        ...


class TaxClient(CashierClient):
    """`Tax` over HTTP."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]:
        """The invoices of a period, newest first."""
        body = {
            "person": person_body(person),
            "since": since.isoformat(),
            "until": until.isoformat(),
        }
        return self.door.post(
            "/invoices/queries", "invoice.list", body, lambda f: f.each("invoices", answers.invoice)
        )

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one invoice; `key` is the idempotency key."""
        path = f"/invoices/{quote(number, safe='')}/pickups"
        return self.door.post(
            path, "invoice.pick_up", {"person": person_body(person)}, answers.pickup, key
        )

    def check(self, claim: Claim, key: str) -> Reply[Check]:
        """Hold an invoice against the register."""
        body = {
            "code": claim.code,
            "number": claim.number,
            "issued_on": claim.issued_on.isoformat(),
            "amount_fen": claim.amount_fen,
            "check": claim.check,
        }
        return self.door.post("/invoice-checks", "invoice.check", body, answers.check, key)

    def release(self, code: str, terminal: str, key: str) -> Reply[ReleasedInvoice]:
        """Which compartment a pickup code opens."""
        body = {"code": code, "terminal": terminal}
        return self.door.post("/pickups", "pickup.release", body, answers.released, key)

    def taken(
        self, pickup_id: str, terminal: str, seen_empty: bool | None, key: str
    ) -> Reply[HandedOver]:
        """Invoices on paper were taken."""
        body = {"terminal": terminal, "seen_empty": seen_empty}
        path = f"/pickups/{quote(pickup_id, safe='')}/taken"
        return self.door.post(path, "pickup.taken", body, answers.handed_over, key)

    def left(self, pickup_id: str, terminal: str, reason: LeftAs, key: str) -> Reply[None]:
        """Invoices on paper were not taken."""
        body = {"terminal": terminal, "reason": reason.value}
        path = f"/pickups/{quote(pickup_id, safe='')}/left"
        return self.door.post(path, "pickup.left", body, answers.noted, key)

    def goods(self) -> Reply[tuple[Goods, ...]]:
        """What invoices are issued for."""
        return self.door.get(
            "/issue-goods", "issue.goods", lambda f: f.each("goods", answers.goods)
        )

    def apply(self, person: Person, wanted: Wanted, key: str) -> Reply[Application]:
        """Apply for an invoice."""
        body = {
            "person": person_body(person),
            "buyer_name": wanted.buyer_name,
            "buyer_code": wanted.buyer_code,
            "goods": wanted.goods,
            "amount_fen": wanted.amount_fen,
        }
        return self.door.post("/issue-applications", "issue.apply", body, answers.application, key)

    def application(self, person: Person, application_no: str) -> Reply[Application]:
        """How an application is now."""
        path = f"/issue-applications/{quote(application_no, safe='')}/queries"
        body = {"person": person_body(person)}
        return self.door.post(
            path, "issue.query", body, only(answers.application, application_no=application_no)
        )

    def issue(self, person: Person, application_no: str, key: str) -> Reply[Application]:
        """Issue what no tax is due for."""
        path = f"/issue-applications/{quote(application_no, safe='')}/invoices"
        body = {"person": person_body(person)}
        return self.door.post(
            path, "issue.issue", body, only(answers.application, application_no=application_no), key
        )
