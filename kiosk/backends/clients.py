"""The departments' clients: docs/API.md as methods, one class a department."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Self
from urllib.parse import quote

from requests.adapters import BaseAdapter

from kiosk.backends.contract import (
    Booking,
    Channel,
    Invoice,
    PensionBill,
    PensionTier,
    Person,
    Pickup,
    PropertyRecord,
    PropertyUnit,
    RefundResult,
    RefundState,
    Reply,
    StaffCall,
    Trade,
    TradeState,
)
from kiosk.backends.decode import Fields, Garbled
from kiosk.backends.http import Again, ClosedDoor, Door, HttpDoor
from kiosk.backends.settings import Department

UNIT_CODE = re.compile(r"\d{28}", re.ASCII)
INVOICE_NUMBER = re.compile(r"\d{20}", re.ASCII)
"""SERVICES.md, validity: property unit codes and digital invoices."""

CALL_STATES = ("called", "on_the_way", "arrived")

YEARS = (1990, 2200)


def _person(person: Person) -> dict[str, str]:
    """Every person here was read from a card's chip (docs/API.md, `proof`)."""
    return {"name": person.name, "id_number": person.id_number, "proof": "card"}


class _Client:
    def __init__(self, door: Door) -> None:
        self._door = door

    def ping(self) -> Reply[None]:
        """Whether the interface answers."""
        return self._door.get("/health", "health", _alive)

    def close(self) -> None:
        """Give the connections back."""
        self._door.close()


class SocialInsuranceClient(_Client):
    """`kiosk.backends.contract.SocialInsurance` over HTTP."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]:
        """The open year of `person`, with its tiers."""
        body = {"person": _person(person)}
        return self._door.post("/pension/bill-queries", "pension.bill", body, _bill)

    def book_pension(
        self, bill_id: str, tier_id: str, amount_fen: int, out_trade_no: str, transaction_id: str
    ) -> Reply[Booking]:
        """Book a paid contribution; may be asked again and books once."""
        body = {
            "bill_id": bill_id,
            "tier_id": tier_id,
            "amount_fen": amount_fen,
            "out_trade_no": out_trade_no,
            "transaction_id": transaction_id,
        }

        def booked(answer: Fields) -> Booking:
            _about(answer, out_trade_no=out_trade_no)
            _amount(answer, amount_fen)
            return _booking(answer)

        key = f"book-{out_trade_no}"
        return self._door.post("/pension/bookings", "pension.book", body, booked, key)


class PropertyClient(_Client):
    """`kiosk.backends.contract.NaturalResources` over HTTP."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """Everything registered for `person`."""
        body = {"person": _person(person), "purpose": purpose}
        return self._door.post("/own/queries", "property.own", body, _record)


class TaxClient(_Client):
    """`kiosk.backends.contract.Tax` over HTTP."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]:
        """The invoices of a period, newest first."""
        body = {"person": _person(person), "since": since.isoformat(), "until": until.isoformat()}
        return self._door.post(
            "/invoices/queries", "invoice.list", body, lambda f: f.each("invoices", _invoice)
        )

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one invoice; `key` is the idempotency key."""
        path = f"/invoices/{quote(number, safe='')}/pickups"
        return self._door.post(path, "invoice.pick_up", {"person": _person(person)}, _pickup, key)


class GatewayClient(_Client):
    """`kiosk.backends.contract.Gateway` over HTTP.

    What may move money is sent again by itself only if it provably never left: whether it was
    carried out is asked by `query`, where the journal sees it.
    """

    def show_code(
        self, out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int,
        subject: str, valid_s: int,
    ) -> Reply[TradeState]:  # fmt: skip
        """Open an order to be paid by scanning its `code_url`."""
        body = _order(out_trade_no, department, bill_id, option, amount_fen, subject)
        body |= {"valid_s": valid_s}
        key = f"show-{out_trade_no}"
        return self._door.post("/orders", "payment.show", body, _trade, key, Again.UNSENT)

    def submit_code(
        self, out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int,
        subject: str, auth_code: str,
    ) -> Reply[TradeState]:  # fmt: skip
        """Charge the citizen's payment code."""
        body = _order(out_trade_no, department, bill_id, option, amount_fen, subject)
        body |= {"auth_code": auth_code}
        key = f"pay-{out_trade_no}"
        return self._door.post("/code-payments", "payment.submit", body, _trade, key, Again.UNSENT)

    def query(self, out_trade_no: str) -> Reply[TradeState]:
        """The state now."""
        path = f"/orders/{quote(out_trade_no, safe='')}"
        return self._door.get(path, "payment.query", _trade)

    def close_order(self, out_trade_no: str) -> Reply[TradeState]:
        """Make the order unpayable: CLOSED, or SUCCESS when it was paid first."""
        path = f"/orders/{quote(out_trade_no, safe='')}/close"
        return self._door.post(path, "payment.close", {}, _trade, f"close-{out_trade_no}")

    def reverse(self, out_trade_no: str) -> Reply[TradeState]:
        """Undo the order: REVOKED, what was charged goes back; may be asked again."""
        path = f"/orders/{quote(out_trade_no, safe='')}/reverse"
        return self._door.post(path, "payment.reverse", {}, _trade, f"reverse-{out_trade_no}")

    def refund(self, out_trade_no: str, refund_no: str, amount_fen: int) -> Reply[RefundState]:
        """Give the whole amount back, once for each `refund_no`; asked again, it says how it is now.

        So each call has a key of its own: one key would replay the first answer for ever.
        """
        body = {"refund_no": refund_no, "out_trade_no": out_trade_no, "amount_fen": amount_fen}

        def begun(answer: Fields) -> RefundState:
            _about(answer, out_trade_no=out_trade_no, refund_no=refund_no)
            _amount(answer, amount_fen)
            return _refund(answer)

        key = f"refund-{refund_no}-{secrets.token_hex(4)}"
        return self._door.post("/refunds", "payment.refund", body, begun, key)

    def query_refund(self, refund_no: str) -> Reply[RefundState]:
        """The refund now."""

        def found(answer: Fields) -> RefundState:
            _about(answer, refund_no=refund_no)
            return _refund(answer)

        path = f"/refunds/{quote(refund_no, safe='')}"
        return self._door.get(path, "payment.query_refund", found)

    def bill(self, day: date) -> Reply[bytes]:
        """The statement of one day, a CSV file."""
        return self._door.fetch(f"/bills/{day.isoformat()}", "payment.bill", "text/csv")


class HallClient(_Client):
    """`kiosk.backends.contract.Hall` over HTTP."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]:
        """Call somebody to `terminal`."""
        body = {"terminal": terminal, "item": item}
        return self._door.post("/staff-calls", "hall.call", body, _staff_call, key)

    def staff_call(self, call_id: str) -> Reply[StaffCall]:
        """Where a call stands."""
        return self._door.get(
            f"/staff-calls/{quote(call_id, safe='')}", "hall.call_state", _staff_call
        )

    def rate(self, terminal: str, item: str, level: str, key: str) -> Reply[None]:
        """Hand in a citizen's rating."""
        body = {"terminal": terminal, "item": item, "level": level}
        return self._door.post("/ratings", "hall.rate", body, lambda _: None, key)


@dataclass(frozen=True, slots=True)
class Departments:
    """All five. `where` names them for people."""

    social_insurance: SocialInsuranceClient
    property: PropertyClient
    tax: TaxClient
    payment: GatewayClient
    hall: HallClient
    where: str = ""

    @classmethod
    def open(
        cls,
        settings: Mapping[str, Department],
        adapter: BaseAdapter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Clients of the departments in `settings` (by id); one that is missing is unreachable. `adapter`
        and `clock` are the door's, for tests.

        Raises OSError and ValueError for a key or certificate file that cannot be used.
        """

        def door(department: str) -> Door:
            given = settings.get(department)
            return HttpDoor(given, adapter, clock) if given else ClosedDoor(department)

        addresses = sorted({given.base_url.partition("//")[2].partition("/")[0]
                            for given in settings.values()})  # fmt: skip
        return cls(
            SocialInsuranceClient(door("social-insurance")),
            PropertyClient(door("property")),
            TaxClient(door("tax")),
            GatewayClient(door("payment")),
            HallClient(door("hall")),
            ", ".join(addresses) or "-",
        )

    def pings(self) -> dict[str, Callable[[], Reply[None]]]:
        """One function a department that asks whether it answers."""
        return {
            "social-insurance": self.social_insurance.ping,
            "property": self.property.ping,
            "tax": self.tax.ping,
            "payment": self.payment.ping,
            "hall": self.hall.ping,
        }

    def close(self) -> None:
        """Give all connections back."""
        for field in fields(self):
            client = getattr(self, field.name)
            if isinstance(client, _Client):
                client.close()


# --- what answers hold, as docs/API.md writes it ------------------------------------------------------


def _alive(answer: Fields) -> None:
    answer.text("status")


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


def _booking(answer: Fields) -> Booking:
    return Booking(
        answer.text("acceptance_no", longest=64),
        answer.moment("booked_at"),
        answer.link("voucher_url"),
    )


def _record(answer: Fields) -> PropertyRecord:
    return PropertyRecord(
        query_no=answer.text("query_no", longest=64),
        queried_at=answer.moment("queried_at"),
        units=answer.each("units", _unit),
        take_away_url=answer.link("take_away_url"),
    )


def _unit(answer: Fields) -> PropertyUnit:
    return PropertyUnit(
        unit_code=answer.shaped("unit_code", UNIT_CODE),
        certificate_no=answer.text("certificate_no"),
        location=answer.text("location"),
        use=answer.text("use"),
        area=answer.text("area", longest=32),
        share=answer.text("share"),
        registered_on=answer.day("registered_on"),
        mortgaged=answer.flag("mortgaged"),
        seized=answer.flag("seized"),
    )


def _invoice(answer: Fields) -> Invoice:
    return Invoice(
        number=answer.shaped("number", INVOICE_NUMBER),
        issued_on=answer.day("issued_on"),
        seller=answer.text("seller"),
        goods=answer.text("goods"),
        amount_fen=answer.integer("amount_fen"),
        tax_fen=answer.integer("tax_fen"),
        total_fen=answer.integer("total_fen"),
        payload=answer.text("payload"),
    )


def _pickup(answer: Fields) -> Pickup:
    return Pickup(
        answer.text("pickup_no", longest=64),
        answer.link("take_away_url"),
        answer.moment("valid_until"),
    )


def _order(
    out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int, subject: str
) -> dict[str, object]:
    return {
        "out_trade_no": out_trade_no,
        "department": department,
        "bill_id": bill_id,
        "option": option,
        "amount_fen": amount_fen,
        "subject": subject,
    }


def _trade(answer: Fields) -> TradeState:
    return TradeState(
        out_trade_no=answer.text("out_trade_no", longest=32),
        state=answer.choice("state", Trade),
        amount_fen=answer.integer("amount_fen"),
        channel=None if answer.is_null("channel") else answer.choice("channel", Channel),
        transaction_id=answer.text("transaction_id", empty=True, longest=64),
        code_url=answer.link("code_url", empty=True),
        reason=answer.text("reason", empty=True, longest=64),
    )


def _refund(answer: Fields) -> RefundState:
    return RefundState(
        refund_no=answer.text("refund_no", longest=32),
        out_trade_no=answer.text("out_trade_no", longest=32),
        state=answer.choice("state", RefundResult),
        amount_fen=answer.integer("amount_fen"),
        reason=answer.text("reason", empty=True, longest=64),
    )


def _about(answer: Fields, **numbers: str) -> None:
    """Refuse an answer that speaks of another order or refund than it was asked about."""
    for name, number in numbers.items():
        if answer.text(name, longest=32) != number:
            raise Garbled(f"{name}: another one's")


def _amount(answer: Fields, amount_fen: int) -> None:
    if answer.integer("amount_fen") != amount_fen:
        raise Garbled("amount_fen: another amount")


def _staff_call(answer: Fields) -> StaffCall:
    state = answer.text("state", longest=16)
    return StaffCall(
        answer.text("call_id", longest=64), state if state in CALL_STATES else CALL_STATES[0]
    )
