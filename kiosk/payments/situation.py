"""What the machine knows of one payment, what it is told, and what it wants done: plain data.

No clock is read in here: `now`, `due` and `until` are seconds of whichever monotonic clock the driver has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.backends.contract import Booking, Reply
from kiosk.backends.gateway import RefundState, TradeState
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus


@dataclass(frozen=True, slots=True)
class Wish:
    """What the citizen wants: a code shown (`auth_code` ""), or their own code charged."""

    number: int
    auth_code: str = ""

    def __repr__(self) -> str:
        return f"Wish({self.number}, {'***' if self.auth_code else 'show'})"


class Question(StrEnum):
    """A call that leaves the terminal."""

    SHOW = "show"
    SUBMIT = "submit"
    QUERY = "query"
    CLOSE = "close"
    REVERSE = "reverse"
    BOOK = "book"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"
    BILLS = "bills"


@dataclass(frozen=True, slots=True)
class Bills:
    """What the gateway's statements of the days in question say of one attempt.

    Each is the sum in fen; `transaction_id` is that of the payment.
    """

    paid_fen: int = 0
    reversed_fen: int = 0
    refunded_fen: int = 0
    transaction_id: str = ""


# --- what is wanted ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """Put the step on the disk, and say `Written` when it is there."""

    before: PayState
    after: PaymentStatus
    cause: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Make a call, and say `Answered` with the same `number`. `auth_code` is SUBMIT's."""

    question: Question
    number: int
    auth_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reread:
    """Read the order's record, and say `Found`: an operator may have resolved it meanwhile."""


Command = Write | Ask | Reread


# --- what is told --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resumed:
    """The terminal was started. `age_s` is how long the payment has been in its state, by the wall
    clock; it only decides how soon an unresolved payment is asked after, never what becomes of it."""

    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Wished:
    """The citizen chose a way to pay."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Left:
    """The citizen, or the conversation, is gone."""


@dataclass(frozen=True, slots=True)
class Written:
    """The step that was wanted is on the disk."""


@dataclass(frozen=True, slots=True)
class Found:
    """The record is like this in the journal."""

    status: PaymentStatus


@dataclass(frozen=True, slots=True)
class Answered:
    """A call came back, well or not."""

    number: int
    reply: Reply[TradeState] | Reply[Booking] | Reply[RefundState] | Reply[Bills]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """`due` has come."""


@dataclass(frozen=True, slots=True)
class SlipPrinted:
    """The slip came out."""


Event = Resumed | Wished | Left | Written | Found | Answered | Elapsed | SlipPrinted


# --- what is known -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Situation:
    """A payment at one moment, with what it waits for.

    At most one of these is under way: a write (`writing`), a call (`asking`, its `number`), a look into
    the journal (`rereading`). `due` is when the machine wants to hear `Elapsed`; `until` ends a shown
    code or the asking after an unknown payment; `since` is when it became UNRESOLVED. `tries` counts
    failures in a row, `polls` how often was asked without a failure. `last` marks the last query.
    `doubt`: a booking may have been made of which the answer was lost.
    """

    order: Order
    status: PaymentStatus
    wish: Wish | None = None
    serving: int = 0
    withdrawn: bool = False
    writing: PaymentStatus | None = None
    asking: Question | None = None
    number: int = 0
    rereading: bool = False
    due: float | None = None
    until: float = 0.0
    since: float = 0.0
    tries: int = 0
    polls: int = 0
    last: bool = False
    doubt: bool = False
    bills: Bills | None = None

    @property
    def state(self) -> PayState:
        return self.status.state

    @property
    def busy(self) -> bool:
        """Something is under way whose end will be told."""
        return self.writing is not None or self.asking is not None or self.rereading


Step = tuple[Situation, tuple[Command, ...]]

TIMED_OUT = "timeout"
