"""The states of a payment: what follows what, and that nothing is a dead end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.payments.machine import (
    BOOKED,
    LIVE,
    RESUME,
    TRANSITIONS,
    UNCHARGED,
    ForbiddenTransition,
    PayState,
    check,
)

S = PayState

DRAWN = {
    (S.CREATED, S.SUBMITTED),
    (S.CREATED, S.QR_SHOWN),
    (S.SUBMITTED, S.PAID),
    (S.SUBMITTED, S.FAILED),
    (S.SUBMITTED, S.UNKNOWN),
    (S.QR_SHOWN, S.PAID),
    (S.QR_SHOWN, S.CLOSING),
    (S.CLOSING, S.CLOSED),
    (S.CLOSING, S.PAID),
    (S.UNKNOWN, S.PAID),
    (S.UNKNOWN, S.FAILED),
    (S.UNKNOWN, S.REVERSING),
    (S.REVERSING, S.REVERSED),
    (S.REVERSING, S.UNRESOLVED),
    (S.FULFILLING, S.REFUNDING),
    (S.REFUNDING, S.REFUNDED),
    (S.REFUNDING, S.UNRESOLVED),
    (S.PAID, S.FULFILLING),
    (S.FULFILLING, S.FULFILLED),
    (S.FULFILLED, S.PRINTED),
}
"""PAYMENTS.md, the diagram."""

OURS = {
    (S.CREATED, S.FAILED),  # refused when the code was wanted
    (S.CREATED, S.CLOSING),  # no answer to the wish for a code; the citizen left
    (S.REVERSING, S.PAID),  # the gateway proves that it can no longer be reversed
    (S.UNRESOLVED, S.REVERSED),  # the resolver, the day's bill, an operator
    (S.UNRESOLVED, S.REFUNDED),
    (S.UNRESOLVED, S.PAID),
    (S.CLOSED, S.CREATED),  # the next attempt
    (S.FAILED, S.CREATED),
    (S.REVERSED, S.CREATED),
}


def test_the_transitions_are_those_of_the_rules() -> None:
    allowed = {(before, after) for before, all_ in TRANSITIONS.items() for after in all_}
    assert allowed == DRAWN | OURS


@given(st.sampled_from(PayState), st.sampled_from(PayState))
def test_everything_else_is_refused(before: PayState, after: PayState) -> None:
    if (before, after) in DRAWN | OURS:
        check(before, after)
    else:
        with pytest.raises(ForbiddenTransition):
            check(before, after)


def test_money_that_was_taken_ends_in_the_books_or_with_the_citizen() -> None:
    # WHEN a payment is PAID, no way on ends at "nothing was charged" without going through a return
    reached, edge = {S.PAID}, [S.PAID]
    while edge:
        for after in TRANSITIONS[edge.pop()] - {S.UNRESOLVED}:
            if after not in reached:
                reached.add(after)
                edge.append(after)
    assert reached.isdisjoint(UNCHARGED)
    assert reached >= BOOKED | {S.REFUNDED}


def test_every_live_state_has_a_way_on() -> None:
    assert all(TRANSITIONS[state] for state in LIVE)


@given(st.sampled_from(sorted(RESUME)))
def test_a_start_resumes_by_an_allowed_step_and_never_at_failed(state: PayState) -> None:
    assert RESUME[state] in LIVE
    if state is not S.SUBMITTED:
        check(state, RESUME[state])
    assert RESUME[S.SUBMITTED] is S.UNKNOWN
