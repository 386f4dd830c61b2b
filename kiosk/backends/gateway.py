"""The payment gateway: what moves money, and what it says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from kiosk.backends.contract import Reply


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
