"""The payment gateway over HTTP."""

from __future__ import annotations

import secrets
from datetime import date
from urllib.parse import quote

from kiosk.backends.client import Client, about, of_amount
from kiosk.backends.contract import Reply
from kiosk.backends.decode import Fields
from kiosk.backends.gateway import Channel, RefundResult, RefundState, Trade, TradeState
from kiosk.backends.http import Again


class GatewayClient(Client):
    """`Gateway` over HTTP.

    What may move money is sent again by itself only if it provably never left: whether it was
    carried out is asked by `query`, where the journal sees it.
    """

    def show_code(
        self, out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int,
        subject: str, valid_s: int,
    ) -> Reply[TradeState]:  # fmt: skip
        """Open an order to be paid by scanning its `code_url`."""
        body = _order(out_trade_no, department, bill_id, option, amount_fen, subject)
        body |= {"valid_s": valid_s}
        key = f"show-{out_trade_no}"
        return self.door.post("/orders", "payment.show", body, _trade, key, Again.UNSENT)

    def submit_code(
        self, out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int,
        subject: str, auth_code: str,
    ) -> Reply[TradeState]:  # fmt: skip
        """Charge the citizen's payment code."""
        body = _order(out_trade_no, department, bill_id, option, amount_fen, subject)
        body |= {"auth_code": auth_code}
        key = f"pay-{out_trade_no}"
        return self.door.post("/code-payments", "payment.submit", body, _trade, key, Again.UNSENT)

    def query(self, out_trade_no: str) -> Reply[TradeState]:
        """The state now."""
        path = f"/orders/{quote(out_trade_no, safe='')}"
        return self.door.get(path, "payment.query", _trade)

    def close_order(self, out_trade_no: str) -> Reply[TradeState]:
        """Make the order unpayable: CLOSED, or SUCCESS when it was paid first."""
        path = f"/orders/{quote(out_trade_no, safe='')}/close"
        return self.door.post(path, "payment.close", {}, _trade, f"close-{out_trade_no}")

    def reverse(self, out_trade_no: str) -> Reply[TradeState]:
        """Undo the order: REVOKED, what was charged goes back; may be asked again."""
        path = f"/orders/{quote(out_trade_no, safe='')}/reverse"
        return self.door.post(path, "payment.reverse", {}, _trade, f"reverse-{out_trade_no}")

    def refund(self, out_trade_no: str, refund_no: str, amount_fen: int) -> Reply[RefundState]:
        """Give the whole amount back, once for each `refund_no`; asked again, it says how it is now.

        So each call has a key of its own: one key would replay the first answer for ever.
        """
        body = {"refund_no": refund_no, "out_trade_no": out_trade_no, "amount_fen": amount_fen}

        def begun(answer: Fields) -> RefundState:
            about(answer, out_trade_no=out_trade_no, refund_no=refund_no)
            of_amount(answer, amount_fen)
            return _refund(answer)

        key = f"refund-{refund_no}-{secrets.token_hex(4)}"
        return self.door.post("/refunds", "payment.refund", body, begun, key)

    def query_refund(self, refund_no: str) -> Reply[RefundState]:
        """The refund now."""

        def found(answer: Fields) -> RefundState:
            about(answer, refund_no=refund_no)
            return _refund(answer)

        path = f"/refunds/{quote(refund_no, safe='')}"
        return self.door.get(path, "payment.query_refund", found)

    def bill(self, day: date) -> Reply[bytes]:
        """The statement of one day, a CSV file."""
        return self.door.fetch(f"/bills/{day.isoformat()}", "payment.bill", "text/csv")


def _order(
    out_trade_no: str, department: str, bill_id: str, option: str, amount_fen: int, subject: str
) -> dict[str, object]:
    return {
        "out_trade_no": out_trade_no,
        "department": department,
        "bill_id": bill_id,
        "option": option,
        "amount_fen": amount_fen,
        "subject": subject,
    }


def _trade(answer: Fields) -> TradeState:
    return TradeState(
        out_trade_no=answer.text("out_trade_no", longest=32),
        state=answer.choice("state", Trade),
        amount_fen=answer.integer("amount_fen"),
        channel=None if answer.is_null("channel") else answer.choice("channel", Channel),
        transaction_id=answer.text("transaction_id", empty=True, longest=64),
        code_url=answer.link("code_url", empty=True),
        reason=answer.text("reason", empty=True, longest=64),
    )


def _refund(answer: Fields) -> RefundState:
    return RefundState(
        refund_no=answer.text("refund_no", longest=32),
        out_trade_no=answer.text("out_trade_no", longest=32),
        state=answer.choice("state", RefundResult),
        amount_fen=answer.integer("amount_fen"),
        reason=answer.text("reason", empty=True, longest=64),
    )
