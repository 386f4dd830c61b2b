"""What the terminal asks of the departments: the data, the protocols, the failures.

A hall with another gateway writes another client of these protocols; tests/backends/conformance.py
tells whether it fits. Calls block; they run in the terminal's bounded thread pool, never on the
screen's thread. The wire format is docs/API.md. Money is an integer number of fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

T = TypeVar("T", covariant=True)


class Cause(StrEnum):
    """Why a call did not bring what was asked."""

    UNREACHABLE = "unreachable"  # never connected: the request has provably not left
    NO_ANSWER = "no_answer"  # it left, and no complete answer came: it may have been carried out
    GARBLED = "garbled"  # an answer that is not of the contract: it may have been carried out
    SERVER = "server"  # 5xx: it may have been carried out
    BUSY = "busy"  # 429: not carried out
    REFUSED = "refused"  # 4xx with problem+json: not carried out; `code` says why


@dataclass(frozen=True, slots=True)
class BackendFailure:
    """A call that failed, as a value.

    `department` is its id in the configuration ("social-insurance"), `code` the problem's code of
    docs/API.md ("bill.paid") or "<cause>", `retry_after_s` the server's wish, `detail` for the log
    only (holds no personal data). `maybe_done` tells whether it may have been carried out.
    """

    department: str
    cause: Cause
    code: str
    detail: str = ""
    retry_after_s: float | None = None

    @property
    def maybe_done(self) -> bool:
        return self.cause in (Cause.NO_ANSWER, Cause.GARBLED, Cause.SERVER)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A call that succeeded. `digest` is the SHA-256 (hex) of the answer's body, for the journal."""

    value: T
    digest: str = ""


Reply = Answer[T] | BackendFailure


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as read from the card's chip. Lives in the visit only; its repr is masked."""

    name: str
    id_number: str

    def __repr__(self) -> str:
        return "Person(***)"


# --- social insurance ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PensionTier:
    """One tier of the year's contribution."""

    id: str
    amount_fen: int
    subsidy_fen: int
    monthly_gain_fen: int


@dataclass(frozen=True, slots=True)
class PensionBill:
    """The open year of a person; `bill_id` is "" and `tiers` empty where nothing is due."""

    bill_id: str
    year: int
    paid_until: int
    tiers: tuple[PensionTier, ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """A department's word that a payment is in its books."""

    acceptance_no: str
    booked_at: datetime
    voucher_url: str


class SocialInsurance(Protocol):
    """人社: resident pension."""

    def pension_bill(self, person: Person) -> Reply[PensionBill]: ...

    def book_pension(
        self, bill_id: str, tier_id: str, amount_fen: int, out_trade_no: str, transaction_id: str
    ) -> Reply[Booking]:
        """Book a paid contribution. The idempotency key is derived from `out_trade_no`."""
        ...


# --- natural resources ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PropertyUnit:
    """One registered property of the asking person. `area` is square metres as the register has it."""

    unit_code: str
    certificate_no: str
    location: str
    use: str
    area: str
    share: str
    registered_on: date
    mortgaged: bool
    seized: bool


@dataclass(frozen=True, slots=True)
class PropertyRecord:
    """The answer to one query of one's own property."""

    query_no: str
    queried_at: datetime
    units: tuple[PropertyUnit, ...]
    take_away_url: str


class NaturalResources(Protocol):
    """自然资源: the property register."""

    def own_property(self, person: Person, purpose: str) -> Reply[PropertyRecord]:
        """`purpose` is one of kiosk.catalogue's declared purposes: loan, school, residence, other."""
        ...


# --- tax -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invoice:
    """One digital invoice. `number` has 20 digits; `total_fen` includes the tax."""

    number: str
    issued_on: date
    seller: str
    goods: str
    amount_fen: int
    tax_fen: int
    total_fen: int
    payload: str


@dataclass(frozen=True, slots=True)
class Pickup:
    """An invoice handed out: its number and the link by which it leaves."""

    pickup_no: str
    take_away_url: str
    valid_until: datetime


class Tax(Protocol):
    """税务: digital invoices."""

    def invoices(self, person: Person, since: date, until: date) -> Reply[tuple[Invoice, ...]]: ...

    def pick_up(self, person: Person, number: str, key: str) -> Reply[Pickup]:
        """Hand out one invoice; `key` is the idempotency key."""
        ...


# --- payment gateway -----------------------------------------------------------------------------


class Channel(StrEnum):
    """Where the money comes from."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"


class Trade(StrEnum):
    """The gateway's word on one out_trade_no."""

    NOT_PAID = "NOTPAY"  # a code that nobody has paid yet
    USER_PAYING = "USERPAYING"  # the citizen confirms on the phone
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"  # definite: no money moved
    CLOSED = "CLOSED"  # definite: can never be paid
    REVOKED = "REVOKED"  # definite: reversed; what was charged went back, nothing can be charged
    REFUNDED = "REFUND"  # definite: it was paid, and the whole amount was refunded


@dataclass(frozen=True, slots=True)
class TradeState:
    """The gateway's state of one order. `reason` is a code for FAILED (insufficient_funds, ...)."""

    out_trade_no: str
    state: Trade
    amount_fen: int
    channel: Channel | None = None
    transaction_id: str = ""
    code_url: str = ""
    reason: str = ""


class RefundResult(StrEnum):
    """The gateway's word on one refund_no."""

    PROCESSING = "PROCESSING"  # accepted, the money is on its way back
    SUCCESS = "SUCCESS"  # definite: the money went back
    FAILED = "FAILED"  # definite: it did not; `reason` says why


@dataclass(frozen=True, slots=True)
class RefundState:
    """The gateway's state of one refund. `reason` is a code for FAILED."""

    refund_no: str
    out_trade_no: str
    state: RefundResult
    amount_fen: int
    reason: str = ""


class Gateway(Protocol):
    """The payment gateway. Safe to call again with the same out_trade_no."""

    def show_code(
        self,
        out_trade_no: str,
        department: str,
        bill_id: str,
        option: str,
        amount_fen: int,
        subject: str,
        valid_s: int,
    ) -> Reply[TradeState]:
        """Open an order to be paid by scanning `code_url`, payable for `valid_s` seconds."""
        ...

    def submit_code(
        self,
        out_trade_no: str,
        department: str,
        bill_id: str,
        option: str,
        amount_fen: int,
        subject: str,
        auth_code: str,
    ) -> Reply[TradeState]:
        """Charge the citizen's payment code."""
        ...

    def query(self, out_trade_no: str) -> Reply[TradeState]:
        """The state now; a number the gateway has never seen is REFUSED with "order.not_found"."""
        ...

    def close_order(self, out_trade_no: str) -> Reply[TradeState]:
        """Make the order unpayable: CLOSED, or SUCCESS when it was paid first. A number never seen
        is closed too, so that a request still under way is refused when it arrives."""
        ...

    def reverse(self, out_trade_no: str) -> Reply[TradeState]:
        """Undo the order whatever became of it: REVOKED; what was charged goes back in the same act. A
        number never seen is revoked too. REFUSED with "reversal.too_late" where the gateway has settled
        the day: then it stays paid, and only a refund gives the money back."""
        ...

    def refund(self, out_trade_no: str, refund_no: str, amount_fen: int) -> Reply[RefundState]:
        """Give the whole amount of a paid order back, once for all calls with the same `refund_no`.
        REFUSED with "order.not_paid" where nothing was charged."""
        ...

    def query_refund(self, refund_no: str) -> Reply[RefundState]:
        """The refund now; a number never seen is REFUSED with "refund.not_found"."""
        ...

    def bill(self, day: date) -> Reply[bytes]:
        """The gateway's statement of one day, a CSV file of docs/API.md; REFUSED with "bill.not_ready"
        before the day is over there."""
        ...


# --- the hall ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffCall:
    """A call for staff: `state` is called, on_the_way or arrived."""

    call_id: str
    state: str


class Hall(Protocol):
    """大厅: staff and ratings."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]: ...

    def staff_call(self, call_id: str) -> Reply[StaffCall]: ...

    def rate(self, terminal: str, item: str, level: str, key: str) -> Reply[None]: ...
