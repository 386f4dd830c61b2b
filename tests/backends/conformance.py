"""What every payment gateway's client must hold, told by the terminal's side of the contract.

A hall with another gateway derives a test class from `GatewayConformance`, gives it `world`, and runs
it against that gateway's own sandbox: every test that passes is a sentence of docs/API.md that holds.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Protocol, TypeVar

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.gateway import Channel, Gateway, RefundResult, RefundState, Trade, TradeState

T = TypeVar("T")

VALID_S = 120
NUMBERS = count(1)

COLUMNS = (
    "time", "kind", "out_trade_no", "refund_no", "transaction_id", "channel", "amount_fen",
    "department", "bill_id", "terminal",
)  # fmt: skip


@dataclass(frozen=True)
class Bill:
    """Something that can be paid."""

    department: str
    bill_id: str
    option: str
    amount_fen: int


class World(Protocol):
    """The gateway under test, and the hands of everybody who is not the terminal."""

    gateway: Gateway

    def fresh_bill(self) -> Bill:
        """A bill that nobody has touched."""

    def code(self, channel: Channel, behaviour: str) -> str:
        """A payment code that behaves so: ok, confirm, insufficient_funds, code_expired."""

    def pay_shown(self, out_trade_no: str, channel: Channel) -> None:
        """The citizen pays the shown code."""

    def confirm(self, out_trade_no: str) -> None:
        """The citizen confirms on the phone."""

    def end_refund(self, refund_no: str, succeed: bool) -> None:
        """The refund ends."""

    def next_day(self) -> date:
        """Let the day pass; which day it was."""


def value(reply: Reply[T]) -> T:
    """What the gateway said."""
    assert isinstance(reply, Answer), reply
    return reply.value


def refusal(reply: Reply[T]) -> str:
    """The code it refused with."""
    assert isinstance(reply, BackendFailure), reply
    assert reply.cause is Cause.REFUSED, reply
    assert not reply.maybe_done
    return reply.code


def number() -> str:
    """An out_trade_no never used before."""
    return f"C-{next(NUMBERS):08d}"


class GatewayConformance:
    """The sentences of the contract, one test each."""

    @staticmethod
    def submit(world: World, bill: Bill, order: str, code: str) -> Reply[TradeState]:
        return world.gateway.submit_code(
            order, bill.department, bill.bill_id, bill.option, bill.amount_fen, "x", code
        )

    @staticmethod
    def show(world: World, bill: Bill, order: str, valid_s: int = VALID_S) -> Reply[TradeState]:
        return world.gateway.show_code(
            order, bill.department, bill.bill_id, bill.option, bill.amount_fen, "x", valid_s
        )

    def paid(self, world: World, bill: Bill) -> str:
        """A number under which `bill` was paid."""
        order = number()
        code = world.code(Channel.WECHAT, "ok")
        assert value(self.submit(world, bill, order, code)).state is Trade.SUCCESS
        return order

    def test_a_code_is_charged_and_the_query_says_the_same(self, world: World) -> None:
        bill = world.fresh_bill()
        for channel in Channel:
            bill, order = world.fresh_bill(), number()
            trade = value(self.submit(world, bill, order, world.code(channel, "ok")))
            assert (trade.state, trade.channel) == (Trade.SUCCESS, channel)
            assert (trade.out_trade_no, trade.amount_fen) == (order, bill.amount_fen)
            assert trade.transaction_id
            assert value(world.gateway.query(order)) == trade

    def test_a_charge_that_cannot_be_says_why_and_frees_the_bill(self, world: World) -> None:
        bill = world.fresh_bill()
        for reason in ("insufficient_funds", "code_expired"):
            trade = value(self.submit(world, bill, number(), world.code(Channel.ALIPAY, reason)))
            assert (trade.state, trade.reason) == (Trade.FAILED, reason)
        self.paid(world, bill)

    def test_a_payment_is_confirmed_on_the_phone(self, world: World) -> None:
        bill, order = world.fresh_bill(), number()
        code = world.code(Channel.UNIONPAY, "confirm")
        assert value(self.submit(world, bill, order, code)).state is Trade.USER_PAYING
        assert value(world.gateway.query(order)).state is Trade.USER_PAYING
        world.confirm(order)
        assert value(world.gateway.query(order)).state is Trade.SUCCESS

    def test_a_shown_code_is_paid(self, world: World) -> None:
        bill, order = world.fresh_bill(), number()
        shown = value(self.show(world, bill, order))
        assert shown.state is Trade.NOT_PAID
        assert shown.code_url
        world.pay_shown(order, Channel.ALIPAY)
        trade = value(world.gateway.query(order))
        assert (trade.state, trade.channel) == (Trade.SUCCESS, Channel.ALIPAY)

    def test_one_live_attempt_a_bill_and_one_payment(self, world: World) -> None:
        bill, first = world.fresh_bill(), number()
        value(self.show(world, bill, first))
        code = world.code(Channel.WECHAT, "ok")
        assert refusal(self.submit(world, bill, number(), code)) == "bill.locked"
        assert refusal(self.show(world, bill, number())) == "bill.locked"
        assert value(world.gateway.close_order(first)).state is Trade.CLOSED
        self.paid(world, bill)
        assert refusal(self.submit(world, bill, number(), code)) == "bill.paid"

    def test_nothing_is_paid_after_the_close(self, world: World) -> None:
        bill, order = world.fresh_bill(), number()
        assert value(world.gateway.close_order(order)).state is Trade.CLOSED
        code = world.code(Channel.WECHAT, "ok")
        assert refusal(self.submit(world, bill, order, code)) == "order.closed"

    def test_a_close_says_that_it_was_paid_first(self, world: World) -> None:
        order = self.paid(world, world.fresh_bill())
        assert value(world.gateway.close_order(order)).state is Trade.SUCCESS

    def test_a_reversal_gives_the_money_back_and_frees_the_bill(self, world: World) -> None:
        bill = world.fresh_bill()
        order = self.paid(world, bill)
        assert value(world.gateway.reverse(order)).state is Trade.REVOKED
        assert value(world.gateway.reverse(order)).state is Trade.REVOKED
        assert value(world.gateway.query(order)).state is Trade.REVOKED
        self.paid(world, bill)

    def test_what_was_never_seen_is_reversed_so_that_it_is_refused_later(
        self, world: World
    ) -> None:
        bill, order = world.fresh_bill(), number()
        assert value(world.gateway.reverse(order)).state is Trade.REVOKED
        assert refusal(self.show(world, bill, order)) == "order.closed"

    def test_a_payment_that_is_being_confirmed_can_be_reversed(self, world: World) -> None:
        bill, order = world.fresh_bill(), number()
        value(self.submit(world, bill, order, world.code(Channel.WECHAT, "confirm")))
        assert value(world.gateway.reverse(order)).state is Trade.REVOKED
        self.paid(world, bill)

    def test_a_settled_day_is_not_reversed_but_refunded(self, world: World) -> None:
        bill = world.fresh_bill()
        order = self.paid(world, bill)
        world.next_day()
        assert refusal(world.gateway.reverse(order)) == "reversal.too_late"
        assert value(world.gateway.query(order)).state is Trade.SUCCESS
        refund = self.refunded(world, order, bill)
        assert refund.state is RefundResult.SUCCESS
        assert value(world.gateway.query(order)).state is Trade.REFUNDED

    def refunded(self, world: World, order: str, bill: Bill) -> RefundState:
        """`order`'s refund, ended well."""
        refund_no = f"{order}-R"
        begun = value(world.gateway.refund(order, refund_no, bill.amount_fen))
        assert begun.state in (RefundResult.PROCESSING, RefundResult.SUCCESS)
        world.end_refund(refund_no, succeed=True)
        return value(world.gateway.query_refund(refund_no))

    def test_a_refund_is_given_once_however_often_it_is_asked(self, world: World) -> None:
        bill = world.fresh_bill()
        order = self.paid(world, bill)
        refund = self.refunded(world, order, bill)
        assert refund == RefundState(f"{order}-R", order, RefundResult.SUCCESS, bill.amount_fen, "")
        value(world.gateway.refund(order, f"{order}-R", bill.amount_fen))
        assert (
            refusal(world.gateway.refund(order, f"{order}-Q", bill.amount_fen)) == "refund.exists"
        )
        rows = self.rows(value(world.gateway.bill(world.next_day())))
        assert [r["kind"] for r in rows if r["out_trade_no"] == order] == ["payment", "refund"]

    def test_a_refund_that_fails_says_why_and_may_still_be_paid_out(self, world: World) -> None:
        bill = world.fresh_bill()
        order = self.paid(world, bill)
        refund_no = f"{order}-R"
        value(world.gateway.refund(order, refund_no, bill.amount_fen))
        world.end_refund(refund_no, succeed=False)
        failed = value(world.gateway.query_refund(refund_no))
        assert failed.state is RefundResult.FAILED
        assert failed.reason
        assert value(world.gateway.query(order)).state is Trade.SUCCESS
        world.end_refund(refund_no, succeed=True)
        assert value(world.gateway.query_refund(refund_no)).state is RefundResult.SUCCESS

    def test_a_bill_stays_locked_until_its_refund_is_through(self, world: World) -> None:
        bill = world.fresh_bill()
        order = self.paid(world, bill)
        value(world.gateway.refund(order, f"{order}-R", bill.amount_fen))
        code = world.code(Channel.WECHAT, "ok")
        assert refusal(self.submit(world, bill, number(), code)) == "bill.locked"
        world.end_refund(f"{order}-R", succeed=True)
        self.paid(world, bill)

    def test_only_what_was_charged_is_refunded_and_all_of_it(self, world: World) -> None:
        bill, closed = world.fresh_bill(), number()
        value(world.gateway.close_order(closed))
        for order in (closed, number()):
            assert refusal(world.gateway.refund(order, f"{order}-R", 1)) == "order.not_paid"
        order = self.paid(world, bill)
        wrong = world.gateway.refund(order, f"{order}-R", bill.amount_fen - 1)
        assert refusal(wrong) == "amount.mismatch"

    def test_what_the_gateway_has_never_seen_it_says_so(self, world: World) -> None:
        assert refusal(world.gateway.query(number())) == "order.not_found"
        assert refusal(world.gateway.query_refund(number())) == "refund.not_found"

    def test_the_days_bill_has_every_movement_and_nothing_else(self, world: World) -> None:
        # GIVEN a day with one payment kept, one reversed, one closed unpaid
        kept, taken_back, idle = world.fresh_bill(), world.fresh_bill(), world.fresh_bill()
        first, second, third = self.paid(world, kept), self.paid(world, taken_back), number()
        value(world.gateway.reverse(second))
        value(self.show(world, idle, third))
        value(world.gateway.close_order(third))
        day = world.next_day()
        # WHEN the bill of the day is fetched
        rows = self.rows(value(world.gateway.bill(day)))
        # THEN it has a row each time money moved
        kinds = [(r["out_trade_no"], r["kind"]) for r in rows]
        assert [kind for kind in kinds if kind[0] in (first, second, third)] == [
            (first, "payment"),
            (second, "payment"),
            (second, "reversal"),
        ]
        row = next(r for r in rows if r["out_trade_no"] == first)
        assert int(row["amount_fen"]) == kept.amount_fen
        assert (row["department"], row["bill_id"]) == (kept.department, kept.bill_id)
        assert row["time"].startswith(day.isoformat())

    def test_a_day_that_is_not_over_has_no_bill(self, world: World) -> None:
        following = date.fromordinal(world.next_day().toordinal() + 1)
        assert refusal(world.gateway.bill(following)) == "bill.not_ready"

    @staticmethod
    def rows(statement: bytes) -> list[dict[str, str]]:
        """A bill's rows, its sums checked."""
        lines = list(csv.reader(io.StringIO(statement.decode(), newline="")))
        header, *rows, total = lines
        assert tuple(header) == COLUMNS
        found = [dict(zip(header, row, strict=True)) for row in rows]
        sums = {True: 0, False: 0}
        for row in found:
            sums[row["kind"] == "payment"] += int(row["amount_fen"])
        assert total == ["total", str(len(found)), str(sums[True]), str(sums[False])]
        return found
