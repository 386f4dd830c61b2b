"""自然资源: the property register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kiosk.backends.client import CashierClient, only
from kiosk.backends.contract import Cashier, Reply
from kiosk.backends.decode import Fields, Garbled


@dataclass(frozen=True, slots=True)
class FeePart:
    """One line of a payment notice."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FeeNotice:
    """What a registration costs. `option` is what is paid at the gateway for `bill_id`; `place` is
    masked."""

    notice_no: str
    bill_id: str
    option: str
    kind: str
    place: str
    amount_fen: int
    parts: tuple[FeePart, ...]
    due_on: date
    paid: bool


class NaturalResources(Cashier, Protocol):
    """自然资源: the property register."""

    def fee_notice(self, notice_no: str) -> Reply[FeeNotice]: ...


class PropertyClient(CashierClient):
    """`NaturalResources` over HTTP."""

    def fee_notice(self, notice_no: str) -> Reply[FeeNotice]:
        """What the payment notice of that number asks for."""
        body = {"notice_no": notice_no}
        return self.door.post(
            "/fees/queries", "property.fee", body, only(_notice, notice_no=notice_no)
        )


def _notice(answer: Fields) -> FeeNotice:
    notice = FeeNotice(
        notice_no=answer.text("notice_no", longest=64),
        bill_id=answer.text("bill_id", longest=64),
        option=answer.text("option", longest=64),
        kind=answer.text("kind"),
        place=answer.text("place"),
        amount_fen=answer.integer("amount_fen", 1),
        parts=answer.each("parts", _part),
        due_on=answer.day("due_on"),
        paid=answer.flag("paid"),
    )
    if sum(part.amount_fen for part in notice.parts) != notice.amount_fen:
        raise Garbled("amount_fen: not the sum of its parts")
    return notice


def _part(answer: Fields) -> FeePart:
    return FeePart(answer.text("name"), answer.integer("amount_fen", 1))
