"""The gateway's statements, as far as one attempt is concerned: what went in, what went back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.gateway import Gateway
from kiosk.payments.situation import Bills
from kiosk.payments.statement import CHINA, Movement, StatementWrong, read_statement


def days_between(first: datetime, last: datetime) -> Iterator[date]:
    """Every day from `first` to `last`, both included, as the gateway counts days."""
    day, end = first.astimezone(CHINA).date(), last.astimezone(CHINA).date()
    while day <= end:
        yield day
        day += timedelta(days=1)


def read_bills(gateway: Gateway, days: Iterable[date], out_trade_no: str) -> Reply[Bills]:
    """What the statements of `days` say of one attempt; a failure where any of them cannot be had."""
    bills = Bills()
    for day in days:
        reply = gateway.bill(day)
        if isinstance(reply, BackendFailure):
            return reply
        try:
            statement = read_statement(reply.value, day)
        except StatementWrong as error:
            return BackendFailure("payment", Cause.GARBLED, "garbled", error.what)
        for movement in statement.movements:
            if movement.out_trade_no == out_trade_no:
                bills = _with(bills, movement)
    return Answer(bills)


def _with(bills: Bills, movement: Movement) -> Bills:
    match movement.kind:
        case "payment":
            paid = bills.paid_fen + movement.amount_fen
            return replace(bills, paid_fen=paid, transaction_id=movement.transaction_id)
        case "reversal":
            return replace(bills, reversed_fen=bills.reversed_fen + movement.amount_fen)
        case _:
            return replace(bills, refunded_fen=bills.refunded_fen + movement.amount_fen)
