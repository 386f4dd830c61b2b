"""A bill of any department, paid at the gateway and booked."""

from __future__ import annotations

from typing import Any

from tests.sandbox.in_process import Sandbox
from tests.sandbox.test_rules import post


def charge(sandbox: Sandbox, department: str, bill: Any, number: str) -> Any:
    """The bill paid with a fresh code under order `number`, whose last four characters are digits."""
    body = {
        "out_trade_no": number,
        "department": department,
        "bill_id": bill["bill_id"],
        "option": bill["option"],
        "amount_fen": bill["amount_fen"],
        "subject": "缴费",
        "auth_code": f"13456789012345{number[-4:]}",
    }
    return post(sandbox, "/payment/v1/code-payments", body, f"pay-{number}")


def book(sandbox: Sandbox, department: str, bill: Any, trade: Any) -> Any:
    """What was paid, booked by its department."""
    body = {
        "bill_id": bill["bill_id"],
        "option": bill["option"],
        "amount_fen": bill["amount_fen"],
        "out_trade_no": trade["out_trade_no"],
        "transaction_id": trade["transaction_id"],
    }
    return post(sandbox, f"/{department}/v1/bookings", body, f"book-{trade['out_trade_no']}")
