"""The states of a payment and which may follow which (PAYMENTS.md), as pure data.

    CREATED ──scan──> SUBMITTED ──> PAID | FAILED | UNKNOWN
    CREATED ──show──> QR_SHOWN ──> PAID | CLOSING ──> CLOSED | PAID
    UNKNOWN ──> PAID | FAILED | REVERSING ──> REVERSED | UNRESOLVED | PAID
    PAID ──> FULFILLING ──> FULFILLED ──> PRINTED
                       └──> REFUNDING ──> REFUNDED | UNRESOLVED
    UNRESOLVED ──> REVERSED | REFUNDED | PAID

An attempt that came to nothing may be followed by another one of the same order, with a number of
its own: FAILED, CLOSED or REVERSED, then CREATED. docs/PAYMENTS.md draws it with every cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class PayState(StrEnum):
    """Where a payment is."""

    CREATED = "created"  # written down, nothing has left the terminal
    QR_SHOWN = "qr_shown"  # a code is on the screen, payable
    SUBMITTED = "submitted"  # the citizen's code was sent
    PAID = "paid"
    FULFILLING = "fulfilling"  # the department is asked to book it
    FULFILLED = "fulfilled"  # booked
    PRINTED = "printed"  # and the slip came out
    CLOSING = "closing"  # being made unpayable
    CLOSED = "closed"  # unpayable, nothing was charged
    FAILED = "failed"  # refused, nothing was charged
    UNKNOWN = "unknown"  # no clear answer: it may have been charged
    REVERSING = "reversing"  # being undone, whatever became of it
    REVERSED = "reversed"  # undone: what was charged went back, nothing can be charged
    UNRESOLVED = "unresolved"  # whether the money went back is not known yet
    REFUNDING = "refunding"  # paid, cannot be booked: being given back
    REFUNDED = "refunded"  # given back


TRANSITIONS: Mapping[PayState, frozenset[PayState]] = MappingProxyType(
    {
        PayState.CREATED: frozenset(
            {PayState.QR_SHOWN, PayState.SUBMITTED, PayState.FAILED, PayState.CLOSING}
        ),
        PayState.QR_SHOWN: frozenset({PayState.PAID, PayState.CLOSING}),
        PayState.SUBMITTED: frozenset({PayState.PAID, PayState.FAILED, PayState.UNKNOWN}),
        PayState.UNKNOWN: frozenset({PayState.PAID, PayState.FAILED, PayState.REVERSING}),
        PayState.REVERSING: frozenset({PayState.REVERSED, PayState.UNRESOLVED, PayState.PAID}),
        PayState.UNRESOLVED: frozenset({PayState.REVERSED, PayState.REFUNDED, PayState.PAID}),
        PayState.CLOSING: frozenset({PayState.CLOSED, PayState.PAID}),
        PayState.PAID: frozenset({PayState.FULFILLING}),
        PayState.FULFILLING: frozenset({PayState.FULFILLED, PayState.REFUNDING}),
        PayState.REFUNDING: frozenset({PayState.REFUNDED, PayState.UNRESOLVED}),
        PayState.FULFILLED: frozenset({PayState.PRINTED}),
        PayState.PRINTED: frozenset(),
        PayState.REFUNDED: frozenset(),
        PayState.CLOSED: frozenset({PayState.CREATED}),
        PayState.FAILED: frozenset({PayState.CREATED}),
        PayState.REVERSED: frozenset({PayState.CREATED}),
    }
)

UNCHARGED = frozenset({PayState.FAILED, PayState.CLOSED, PayState.REVERSED})
"""The attempt is over, and the citizen has the money."""

BOOKED = frozenset({PayState.FULFILLED, PayState.PRINTED})
"""The money was taken and the department has it in its books."""

LIVE = frozenset(PayState) - UNCHARGED - BOOKED - {PayState.REFUNDED}
"""The end is not reached: nobody may pay the same bill meanwhile, and a start resumes it."""

RESUME: Mapping[PayState, PayState] = MappingProxyType(
    {
        PayState.CREATED: PayState.CLOSING,  # a request may have left
        PayState.QR_SHOWN: PayState.CLOSING,  # nobody sees the code any more
        PayState.SUBMITTED: PayState.UNKNOWN,
    }
)
"""Where a payment goes on after the terminal stopped in a state; the others go on as they are."""


class ForbiddenTransition(Exception):
    """A bug: the states of a payment do not follow each other so."""


def check(before: PayState, after: PayState) -> None:
    """Raise ForbiddenTransition unless `after` may follow `before`."""
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"{before.value} -> {after.value}")
