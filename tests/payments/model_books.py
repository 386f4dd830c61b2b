"""The gateway and the department of the model, by docs/API.md: a request arrives, the books change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.gateway import RefundResult, RefundState, Trade, TradeState
from kiosk.payments.means import refund_no
from kiosk.payments.situation import (
    Bills,
    Question,
)
from tests.payments.model_world import BOOKING, ORDER, Violation, World


def carried_out(
    world: World, question: Question, number: str, transaction_id: str
) -> tuple[World, Reply[object]]:
    """A request arrives: the world after it, and the answer."""
    return _SERVED[question](world, number, transaction_id)


def answer(world: World, number: str) -> tuple[World, Reply[object]]:
    state = world.trade(number)
    if state is None:
        return world, refusal("order.not_found")
    transaction = f"T-{number}" if state in (Trade.SUCCESS, Trade.REFUNDED) else ""
    url = "https://pay.example.org/1" if state is Trade.NOT_PAID else ""
    amount = ORDER.amount_fen
    return world, Answer(TradeState(number, state, amount, None, transaction, url), "d")


def refusal(code: str) -> BackendFailure:
    return BackendFailure("x", Cause.REFUSED, code)


def _open(world: World, number: str, state: Trade) -> tuple[World, Reply[object]]:
    """A new trade, unless the bill has a live or paid one, or its number is closed."""
    mine = world.trade(number)
    if mine in (Trade.CLOSED, Trade.REVOKED):
        return world, refusal("order.closed")
    if mine is not None:
        return answer(world, number)
    alive = (Trade.NOT_PAID, Trade.USER_PAYING, Trade.SUCCESS)
    if any(other in alive for _, other in world.trades):
        return world, refusal("bill.locked")
    return answer(world.with_trade(number, state), number)


def _show(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return _open(world, number, Trade.NOT_PAID)


def _submit(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return _open(world, number, Trade.USER_PAYING)


def _query(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    return answer(world, number)


def _close(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.trade(number) in (None, Trade.NOT_PAID, Trade.USER_PAYING):
        world = world.with_trade(number, Trade.CLOSED)
    return answer(world, number)


def _reverse(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    state = world.trade(number)
    world = replace(world, returning=world.returning | {number})
    if state is Trade.SUCCESS and (world.settled or world.refund is RefundResult.PROCESSING):
        return world, refusal("reversal.too_late")
    if state is not Trade.REFUNDED:
        if world.booked == number:
            raise Violation("a booked trade was reversed")
        world = world.with_trade(number, Trade.REVOKED)
    return answer(world, number)


def _refund(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.refund is None:
        if world.trade(number) is not Trade.SUCCESS:
            return world, refusal("order.not_paid")
        if world.booked == number:
            raise Violation("a booked trade was refunded")
        world = replace(world, refund=RefundResult.PROCESSING)
    return _query_refund(world, number, "")


def _query_refund(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if world.refund is None:
        return world, refusal("refund.not_found")
    state = RefundState(refund_no(number), number, world.refund, ORDER.amount_fen)
    return world, Answer(state, "d")


def refund_ended(world: World) -> World:
    """The money is back."""
    (number,) = [n for n, state in world.trades if state is Trade.SUCCESS]
    return replace(world.with_trade(number, Trade.REFUNDED), refund=RefundResult.SUCCESS)


def _bills(world: World, number: str, _: str) -> tuple[World, Reply[object]]:
    if not world.settled:
        return world, refusal("bill.not_ready")
    amount, state = ORDER.amount_fen, world.trade(number)
    match state:
        case Trade.SUCCESS:
            return world, Answer(Bills(amount, 0, 0, f"T-{number}"), "d")
        case Trade.REFUNDED:
            return world, Answer(Bills(amount, 0, amount, f"T-{number}"), "d")
        case _:
            return world, Answer(Bills(), "d")


def _book(world: World, number: str, transaction_id: str) -> tuple[World, Reply[object]]:
    if world.booked:
        return world, Answer(BOOKING, "d") if world.booked == number else refusal("bill.paid")
    if world.closed:
        return world, refusal("bill.closed")
    held = world.trade(number) is Trade.SUCCESS and world.refund is not RefundResult.PROCESSING
    if not held or transaction_id != f"T-{number}":
        return world, refusal("trade.unpaid")
    return replace(world, booked=number), Answer(BOOKING, "d")


_Served = Callable[[World, str, str], tuple[World, Reply[object]]]
_SERVED: Mapping[Question, _Served] = {
    Question.SHOW: _show,
    Question.SUBMIT: _submit,
    Question.QUERY: _query,
    Question.CLOSE: _close,
    Question.REVERSE: _reverse,
    Question.BOOK: _book,
    Question.REFUND: _refund,
    Question.QUERY_REFUND: _query_refund,
    Question.BILLS: _bills,
}
