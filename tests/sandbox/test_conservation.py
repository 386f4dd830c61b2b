"""Whatever terminals, phones and clocks do: at the gateway no fen appears, vanishes or moves twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.sandbox.in_process import Sandbox

ORDERS = st.integers(0, 5).map(lambda n: f"P-00000{n}")
BILLS = st.integers(0, 2)
CHANNELS = st.sampled_from(["wechat", "alipay", "unionpay"])
ENDINGS = st.sampled_from(["SUCCESS", "FAILED"])
DAY = "2026-11-24"


class Hall(RuleBasedStateMachine):
    """Any number of terminals and citizens at one gateway and one department."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox()
        self.bills = self.sandbox.control("/bills", {"count": 3})
        self.keys = 0

    def post(self, path: str, body: Any = None) -> Any:
        self.keys += 1
        headers = {"Idempotency-Key": f"key-{self.keys:08d}"}
        return self.sandbox.request("POST", path, json=body, headers=headers)

    def control(self, path: str, body: Any) -> None:
        self.sandbox.request("POST", f"/_control{path}", json=body)

    def terms(self, order: str, bill: int) -> dict[str, Any]:
        given = self.bills[bill]
        return {
            "out_trade_no": order,
            "department": "social-insurance",
            "bill_id": given["bill_id"],
            "option": given["tier_id"],
            "amount_fen": given["amount_fen"],
            "subject": "x",
        }

    @rule(order=ORDERS, bill=BILLS, valid_s=st.integers(1, 200))
    def show(self, order: str, bill: int, valid_s: int) -> None:
        self.post("/payment/v1/orders", self.terms(order, bill) | {"valid_s": valid_s})

    @rule(
        order=ORDERS,
        bill=BILLS,
        channel=CHANNELS,
        behaviour=st.sampled_from(["ok", "ok", "confirm", "insufficient_funds"]),
        confirm_s=st.none() | st.integers(0, 120),
    )
    def charge(
        self, order: str, bill: int, channel: str, behaviour: str, confirm_s: int | None
    ) -> None:
        wanted = {"channel": channel, "behaviour": behaviour, "confirm_s": confirm_s}
        code = self.sandbox.control("/auth-codes", wanted)["auth_code"]
        self.post("/payment/v1/code-payments", self.terms(order, bill) | {"auth_code": code})

    @rule(order=ORDERS, channel=CHANNELS, after_s=st.sampled_from([0, 0, 10, 150]))
    def pay(self, order: str, channel: str, after_s: int) -> None:
        self.control(f"/orders/{order}/pay", {"channel": channel, "after_s": after_s})

    @rule(order=ORDERS, accept=st.booleans())
    def confirm(self, order: str, accept: bool) -> None:
        self.control(f"/orders/{order}/confirm", {"accept": accept})

    @rule(order=ORDERS, way=st.sampled_from(["close", "reverse", "reverse"]))
    def undo(self, order: str, way: str) -> None:
        self.post(f"/payment/v1/orders/{order}/{way}")

    @rule(order=ORDERS, second=st.booleans())
    def refund(self, order: str, second: bool) -> None:
        number = f"{order}-{'Q' if second else 'R'}"
        body = {"refund_no": number, "out_trade_no": order}
        self.post("/payment/v1/refunds", body | {"amount_fen": self.bills[0]["amount_fen"]})

    @rule(ending=ENDINGS, after_s=st.sampled_from([0, 5, 100]))
    def plan_refund(self, ending: str, after_s: int) -> None:
        self.control("/refunds", {"ending": ending, "after_s": after_s})

    @rule(order=ORDERS, second=st.booleans(), ending=ENDINGS)
    def end_refund(self, order: str, second: bool, ending: str) -> None:
        self.control(f"/refunds/{order}-{'Q' if second else 'R'}", {"ending": ending})

    @rule(at=st.sampled_from(["query", "close", "reverse"]))
    def race(self, at: str) -> None:
        self.control("/races", {"at": at})

    @rule(order=ORDERS)
    def query(self, order: str) -> None:
        self.sandbox.request("GET", f"/payment/v1/orders/{order}")

    @rule(order=ORDERS, bill=BILLS)
    def book(self, order: str, bill: int) -> None:
        trades = {t["out_trade_no"]: t for t in self.sandbox.ledger()["trades"]}
        given = self.bills[bill]
        body = {
            "bill_id": given["bill_id"],
            "tier_id": given["tier_id"],
            "amount_fen": given["amount_fen"],
            "out_trade_no": order,
            "transaction_id": trades.get(order, {}).get("transaction_id") or "none",
        }
        self.post("/social-insurance/v1/pension/bookings", body)

    @rule(seconds=st.sampled_from([1, 30, 60, 200, 40000]))
    def wait(self, seconds: int) -> None:
        self.sandbox.clock.move(seconds)

    @invariant()
    def money_is_conserved(self) -> None:
        ledger = self.sandbox.ledger()
        balance = ledger["balance"]
        assert balance["paid_fen"] - balance["returned_fen"] == balance["held_fen"]
        kinds: dict[str, list[str]] = defaultdict(list)
        for movement in ledger["movements"]:
            kinds[movement["out_trade_no"]].append(movement["kind"])
        for trade in ledger["trades"]:
            moved = kinds[trade["out_trade_no"]]
            expected: dict[str, tuple[list[str], ...]] = {
                "SUCCESS": (["payment"],),
                "REFUND": (["payment", "refund"],),
                "REVOKED": ([], ["payment", "reversal"]),
            }
            assert moved in expected.get(trade["state"], ([],)), (trade, moved)

    @invariant()
    def a_bill_is_paid_once_and_booked_only_with_its_money(self) -> None:
        ledger = self.sandbox.ledger()
        held = {t["out_trade_no"]: t for t in ledger["trades"] if t["state"] == "SUCCESS"}
        assert all(n == 1 for n in Counter(t["bill_id"] for t in held.values()).values())
        for booking in ledger["bookings"]:
            if not booking["withdrawn_at"]:
                trade = held[booking["out_trade_no"]]
                assert trade["bill_id"] == booking["bill_id"]
                assert trade["amount_fen"] == booking["amount_fen"]

    def teardown(self) -> None:
        """The day's bill says what the ledger of that day says."""
        self.sandbox.clock.move(3 * 86400)
        moved = [m for m in self.sandbox.ledger()["movements"] if m["time"].startswith(DAY)]
        statement = self.sandbox.request("GET", f"/payment/v1/bills/{DAY}").text.splitlines()
        paid = sum(m["amount_fen"] for m in moved if m["kind"] == "payment")
        returned = sum(m["amount_fen"] for m in moved if m["kind"] != "payment")
        assert statement[-1] == f"total,{len(moved)},{paid},{returned}"
        assert len(statement) == len(moved) + 2


Hall.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestHall = Hall.TestCase
