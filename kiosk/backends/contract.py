"""What the terminal asks of the departments: the data, the protocols, the failures.

A hall with another gateway writes another client of these protocols; tests/backends/conformance.py
tells whether it fits. Calls block; they run in the terminal's bounded thread pool, never on the
screen's thread. The wire format is docs/API.md. Money is an integer number of fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    """Who asks, as read from the card's chip, or as typed by hand where `typed` is true.

    `second_proof` is the token by which a second proof was granted (kiosk/steps/second_proof.py), "" where
    there was none. Lives in the visit only; its repr is masked.
    """

    name: str
    id_number: str
    typed: bool = False
    second_proof: str = ""

    def __repr__(self) -> str:
        return "Person(***)"


@dataclass(frozen=True, slots=True)
class Booking:
    """A department's word that a payment is in its books."""

    acceptance_no: str
    booked_at: datetime
    voucher_url: str


class Cashier(Protocol):
    """A department that books what was paid at the gateway: `POST /bookings` of docs/API.md."""

    def book(
        self, bill_id: str, option: str, amount_fen: int, out_trade_no: str, transaction_id: str
    ) -> Reply[Booking]:
        """Book a paid bill, once. The idempotency key is derived from `out_trade_no`."""
        ...


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A department's sealed PDF, not fetched yet: `path` is where it lies at that department, `sha256` the
    digest (hex) of its bytes, `check_code` is printed on it, `fee_fen` what printing it costs, `link` where
    a phone can get it ("" where the department gives none)."""

    document_no: str
    title: str
    pages: int
    sha256: str
    path: str
    check_code: str
    fee_fen: int = 0
    link: str = ""
