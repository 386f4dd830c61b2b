"""The gateway's client over HTTP fits the contract, as the sandbox serves it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kiosk.backends.contract import Answer, BackendFailure, Cause
from kiosk.backends.departments import Departments
from kiosk.backends.gateway import Channel
from kiosk.backends.settings import Department, departments_at
from kiosk.sandbox.app import create_app
from kiosk.sandbox.signatures import Keys
from kiosk.sandbox.window import CHINA
from tests.backends.conformance import Bill, GatewayConformance, value
from tests.sandbox.in_process import InProcess, Sandbox

DAY_S = 86400


class SandboxWorld:
    """The sandbox's gateway behind the terminal's client."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        departments = Departments.open(departments_at(self.sandbox.url), self.sandbox.adapter)
        self.gateway = departments.payment
        self.social_insurance = departments.social_insurance
        self._bills = self.sandbox.control("/bills", {"count": 8})

    def fresh_bill(self) -> Bill:
        given = self._bills.pop()
        return Bill("social-insurance", given["bill_id"], given["tier_id"], given["amount_fen"])

    def code(self, channel: Channel, behaviour: str) -> str:
        wanted = {"channel": channel.value, "behaviour": behaviour}
        return str(self.sandbox.control("/auth-codes", wanted)["auth_code"])

    def pay_shown(self, out_trade_no: str, channel: Channel) -> None:
        self.sandbox.control(f"/orders/{out_trade_no}/pay", {"channel": channel.value})

    def confirm(self, out_trade_no: str) -> None:
        self.sandbox.control(f"/orders/{out_trade_no}/confirm", {"accept": True})

    def end_refund(self, refund_no: str, succeed: bool) -> None:
        ending = "SUCCESS" if succeed else "FAILED"
        self.sandbox.control(f"/refunds/{refund_no}", {"ending": ending})

    def next_day(self) -> date:
        today = self.sandbox.clock().astimezone(CHINA).date()
        self.sandbox.clock.move(DAY_S)
        return today


@pytest.fixture
def world() -> SandboxWorld:
    return SandboxWorld()


class TestSandboxGateway(GatewayConformance):
    """`GatewayClient` against the sandbox."""


def book(world: SandboxWorld, bill: Bill, order: str) -> object:
    paid = value(world.gateway.query(order)).transaction_id
    return world.social_insurance.book(bill.bill_id, bill.option, bill.amount_fen, order, paid)


def test_a_booking_whose_money_goes_back_is_withdrawn_and_not_made_again(
    world: SandboxWorld,
) -> None:
    # GIVEN a bill paid and booked, though the terminal does not know
    bill = world.fresh_bill()
    order = TestSandboxGateway().paid(world, bill)
    assert isinstance(book(world, bill, order), Answer)
    # WHEN its money is refunded
    value(world.gateway.refund(order, f"{order}-R", bill.amount_fen))
    world.end_refund(f"{order}-R", succeed=True)
    # THEN the department has it in its books no more, nor takes it again
    ledger = world.sandbox.ledger()
    assert [bool(booking["withdrawn_at"]) for booking in ledger["bookings"]] == [True]
    assert ledger["balance"] == {
        "paid_fen": bill.amount_fen,
        "returned_fen": bill.amount_fen,
        "held_fen": 0,
        "booked_fen": 0,
    }
    body = {
        "bill_id": bill.bill_id,
        "option": bill.option,
        "amount_fen": bill.amount_fen,
        "out_trade_no": order,
        "transaction_id": ledger["trades"][0]["transaction_id"],
    }
    again = world.sandbox.request(
        "POST",
        "/social-insurance/v1/bookings",
        json=body,
        headers={"Idempotency-Key": "book-by-another-key"},
    )
    assert again.json()["code"] == "trade.unpaid"


def test_a_refund_under_way_is_not_booked(world: SandboxWorld) -> None:
    bill = world.fresh_bill()
    order = TestSandboxGateway().paid(world, bill)
    value(world.gateway.refund(order, f"{order}-R", bill.amount_fen))
    refused = book(world, bill, order)
    assert isinstance(refused, BackendFailure)
    assert refused.code == "trade.unpaid"


def test_a_closed_bill_is_booked_no_more(world: SandboxWorld) -> None:
    bill = world.fresh_bill()
    order = TestSandboxGateway().paid(world, bill)
    world.sandbox.control(f"/bills/{bill.bill_id}", {"closed": True})
    refused = book(world, bill, order)
    assert isinstance(refused, BackendFailure)
    assert (refused.cause, refused.code) == (Cause.REFUSED, "bill.closed")


@pytest.mark.parametrize("kind", ["wrong_amount", "wrong_order", "replay"])
@pytest.mark.parametrize("call", ["book", "refund", "query_refund"])
def test_an_answer_about_something_else_is_no_answer(
    world: SandboxWorld, call: str, kind: str
) -> None:
    # GIVEN a payment of yesterday and one of today
    conformance = TestSandboxGateway()
    before, bill = world.fresh_bill(), world.fresh_bill()
    earlier, order = conformance.paid(world, before), conformance.paid(world, bill)
    if call == "book":
        book(world, before, earlier)
        world.sandbox.fault("social-insurance", kind, "bookings", times=2)
        reply = book(world, bill, order)
    else:
        conformance.refunded(world, earlier, before)
        path = {"refund": "POST /payment/v1/refunds", "query_refund": "GET /payment/v1/refunds"}
        if call == "query_refund":
            value(world.gateway.refund(order, f"{order}-R", bill.amount_fen))
        world.sandbox.fault("payment", kind, path[call], times=2)
        if call == "refund":
            reply = world.gateway.refund(order, f"{order}-R", bill.amount_fen)
        else:
            reply = world.gateway.query_refund(f"{order}-R")
    if call == "query_refund" and kind == "wrong_amount":
        # the amount is the desk's to compare: a query does not say what it expects
        assert isinstance(reply, Answer)
        return
    # WHEN the answer speaks of the other one, or of another amount, THEN it is none
    assert isinstance(reply, BackendFailure)
    assert reply.cause is Cause.GARBLED
    assert reply.maybe_done


def test_a_terminals_key_names_it_in_the_bill(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_bytes(b"s" * 40)
    clock = Sandbox().clock
    adapter = InProcess(create_app(clock=clock, keys=Keys({"rushan-07": b"s" * 40})), clock)
    at = Department(
        id="payment",
        base_url="http://127.0.0.1:1/payment/v1",
        signing_key_id="rushan-07",
        signing_key_file=secret,
    )
    gateway = Departments.open({"payment": at}, adapter).payment
    today = clock().astimezone(CHINA).date()
    bill = ("social-insurance", f"SI{today.year}000001", "T300", 30000, "x")
    value(gateway.submit_code("P-000001", *bill, "134567890123456789"))
    clock.move(DAY_S)
    (row,) = GatewayConformance.rows(value(gateway.bill(today)))
    assert row["terminal"] == "rushan-07"


def test_two_terminals_and_one_bill(world: SandboxWorld) -> None:
    # GIVEN two terminals before which one family stands with the same bill
    other = Departments.open(departments_at(world.sandbox.url), world.sandbox.adapter).payment
    bill = world.fresh_bill()
    terms = (bill.department, bill.bill_id, bill.option, bill.amount_fen, "x")
    value(world.gateway.show_code("P-here-0001", *terms, 120))
    # WHEN the second one tries while the first shows its code
    refused = other.submit_code("P-there-001", *terms, world.code(Channel.WECHAT, "ok"))
    assert isinstance(refused, BackendFailure)
    assert (refused.cause, refused.code) == (Cause.REFUSED, "bill.locked")
    # THEN it says so, and once it is paid there, that it is paid
    world.pay_shown("P-here-0001", Channel.WECHAT)
    paid = other.show_code("P-there-002", *terms, 120)
    assert isinstance(paid, BackendFailure)
    assert paid.code == "bill.paid"
    assert world.sandbox.ledger()["balance"]["held_fen"] == bill.amount_fen
