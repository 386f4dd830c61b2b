"""What carries out the machine's commands: the journal's disk, the gateway, the departments.

One for each payment. Everything in here may take long and may fail; what comes of it is an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kiosk.backends.contract import BackendFailure, Cause, Reply
from kiosk.backends.gateway import Gateway
from kiosk.calls import Calls
from kiosk.journal import Journal, JournalBroken, Overtaken
from kiosk.log import log
from kiosk.payments.bills import days_between, read_bills
from kiosk.payments.means import Fulfil, refund_no
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.schedule import JOURNAL_RETRY_S, Schedule
from kiosk.payments.situation import (
    Answered,
    Ask,
    Bills,
    Command,
    Event,
    Found,
    Question,
    Reread,
    Write,
    Written,
)


@dataclass(frozen=True, slots=True)
class Means:
    """What every payment works with. `fulfil` books by department id."""

    journal: Journal
    gateway: Gateway
    fulfil: Mapping[str, Fulfil]
    calls: Calls
    schedule: Schedule


async def carry_out(means: Means, order: Order, status: PaymentStatus, command: Command) -> Event:
    """Do what `command` says for a payment that is `status` now, however long that takes."""
    match command:
        case Write():
            return await _write(means, command)
        case Reread():
            return Found(await _record(means, status))
        case Ask(number=number):
            return Answered(number, await _reply(means, order, status, command))


async def _write(means: Means, command: Write) -> Event:
    """The step on the disk, however long the disk takes."""
    told = False
    while True:
        try:
            await means.calls.run(
                means.journal.advance, command.before, command.after, command.cause, command.digest
            )
        except Overtaken:
            return Found(await _record(means, command.after))
        except JournalBroken:
            if not told:
                log("journal.broken", code="journal.step_waits")
            told = True
            await asyncio.sleep(JOURNAL_RETRY_S)
        else:
            return Written()


async def _record(means: Means, status: PaymentStatus) -> PaymentStatus:
    """The payment as the journal has it, however long the disk takes."""
    while True:
        try:
            record = await means.calls.run(means.journal.order, status.order_no)
        except JournalBroken:
            record = None
        if record is not None:
            return record.status
        await asyncio.sleep(JOURNAL_RETRY_S)


async def _reply(means: Means, order: Order, status: PaymentStatus, asked: Ask) -> Reply[Any]:
    """The call's reply. An exception is a bug of its client, and for the payment no answer: the call may
    have been carried out."""
    try:
        function, *given = _call(means, order, status, asked)
        return await means.calls.run(function, *given)
    except Exception as bug:  # noqa: BLE001
        log("terminal.bug", error=type(bug).__name__, during="payment")
        return BackendFailure(order.department, Cause.GARBLED, "bug")


def _call(means: Means, order: Order, status: PaymentStatus, asked: Ask) -> tuple[Any, ...]:
    """The function and what it is given."""
    gateway, number = means.gateway, status.out_trade_no
    terms = (
        number, order.department, order.bill_id, order.option, order.amount_fen, order.subject,
    )  # fmt: skip
    match asked.question:
        case Question.SHOW:
            return (gateway.show_code, *terms, int(means.schedule.shown_for_s))
        case Question.SUBMIT:
            return (gateway.submit_code, *terms, asked.auth_code)
        case Question.QUERY:
            return (gateway.query, number)
        case Question.CLOSE:
            return (gateway.close_order, number)
        case Question.REVERSE:
            return (gateway.reverse, number)
        case Question.BOOK:
            bill = (order.bill_id, order.option, order.amount_fen)
            return (means.fulfil[order.department], *bill, number, status.transaction_id)
        case Question.REFUND:
            return (gateway.refund, number, refund_no(number), order.amount_fen)
        case Question.QUERY_REFUND:
            return (gateway.query_refund, refund_no(number))
        case Question.BILLS:
            return (_bills, means, status)


def _bills(means: Means, status: PaymentStatus) -> Reply[Bills]:
    """The statements from the day on which the order was opened to the last on which its reversal or
    refund was asked for: the resolver asks for a day, then they decide."""
    history = means.journal.history(status.order_no)
    first = datetime.fromisoformat(history[0].at)
    since = datetime.fromisoformat(history[-1].at)
    last = since + timedelta(seconds=means.schedule.resolve_for_s)
    return read_bills(means.gateway, days_between(first, last), status.out_trade_no)
