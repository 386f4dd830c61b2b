"""The journal of real payments against the sandbox gateway's own statement of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.backends.contract import Answer
from kiosk.journal import Overtaken
from kiosk.journal.statistics import Span, attempts_around, report
from kiosk.payments.machine import PayState
from kiosk.payments.reconciliation import Outcome, What, compare
from kiosk.payments.statement import Statement, read_statement
from tests.journal.made import opened, pay, status
from tests.journal.test_cli import lose
from tests.journeys.hall import Hall

ITEM = "resident-pension-pay"
DAY = date(2026, 11, 24)
A_DAY_S = 86400.0


def days_statement(hall: Hall) -> Statement:
    """What the gateway says of the day, on the next one."""
    hall.sandbox.clock.move(A_DAY_S)
    reply = hall.departments.payment.bill(DAY)
    assert isinstance(reply, Answer)
    return read_statement(reply.value, DAY)


def compared(hall: Hall, statement: Statement) -> Outcome:
    numbers = [movement.out_trade_no for movement in statement.movements]
    return compare(attempts_around(hall.journal, DAY, numbers), statement)


@pytest.mark.looptime
async def test_a_paid_day_agrees_with_the_gateways_statement_to_the_fen(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ITEM)
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    figures = report(hall.journal, Span(DAY, DAY), 900)
    statement = days_statement(hall)
    outcome = compared(hall, statement)
    assert (outcome.differences, outcome.matched) == ((), 1)
    assert figures.total.payments_fen == statement.payments_fen > 0
    assert figures.total.returns_fen == statement.returns_fen == 0
    assert [(item.item, item.started) for item in figures.items] == [(ITEM, 1)]
    await hall.close()


@pytest.mark.looptime
async def test_money_that_the_journal_does_not_know_is_found(tmp_path: Path) -> None:
    # GIVEN a day of whose payment the journal was lost
    hall = Hall(tmp_path, ITEM)
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    (record,) = hall.journal.orders()
    statement = days_statement(hall)
    await hall.close()
    with opened(tmp_path / "another.sqlite") as empty:
        numbers = [movement.out_trade_no for movement in statement.movements]
        (found,) = compare(attempts_around(empty, DAY, numbers), statement).differences
    # THEN the comparison names it
    assert (found.what, found.out_trade_no) == (What.THEIRS_NOT_OURS, record.status.out_trade_no)
    assert found.line == 2


def test_a_payment_of_long_ago_is_known_when_a_statement_names_it(path: Path) -> None:
    with opened(path) as journal:
        number = pay(journal, 1)
        found = list(attempts_around(journal, date(2027, 3, 1), [f"{number}-01"]))
        assert [attempt.order_no for attempt in found] == [number]
        assert list(attempts_around(journal, date(2027, 3, 1), [])) == []


def test_the_terminals_step_after_an_operators_is_refused(path: Path) -> None:
    # GIVEN an unresolved payment that the terminal has in hand
    with opened(path) as terminal, opened(path) as operator:
        lose(terminal, 1)
        held = terminal.order(status(1).order_no)
        assert held is not None
        # WHEN an operator resolves it first
        operator.resolve(status(1).order_no, PayState.REFUNDED, "li", "the bill")
        # THEN the terminal's own step is not written over it
        with pytest.raises(Overtaken):
            terminal.advance(
                PayState.UNRESOLVED, replace(held.status, state=PayState.PAID), "query.success"
            )
        assert [s.after for s in terminal.history(status(1).order_no)][-1] is PayState.REFUNDED
        assert terminal.refused == ""
