"""Whatever terminals, phones and clocks do: at the gateway no fen appears, vanishes or moves twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.sandbox.in_process import Sandbox

BILLS = 4
STEPS = 120
DAY = "2026-11-24"
CHANNELS = ("wechat", "alipay", "unionpay")
ENDINGS = ("SUCCESS", "FAILED")


class Hall:
    """Any number of terminals and citizens at one gateway and one department, who act at random."""

    def __init__(self, seed: int) -> None:
        self.sandbox = Sandbox()
        self.chance = Random(seed)
        self.bills = self.sandbox.control("/bills", {"count": BILLS})
        self.orders: list[str] = []
        self.keys = 0
        self.answers: Counter[str] = Counter()

    def act(self) -> None:
        """Somebody does something."""
        deeds: tuple[tuple[int, Callable[[], None]], ...] = (
            (3, self.show),
            (5, self.charge),
            (3, self.pay),
            (2, self.confirm),
            (4, self.undo),
            (1, self.undo_what_comes_later),
            (4, self.refund),
            (2, self.end_refund),
            (1, self.plan),
            (2, self.query),
            (4, self.book),
            (3, self.wait),
        )
        weights, choices = zip(*deeds, strict=True)
        (deed,) = self.chance.choices(choices, weights)
        deed()

    # --- the terminals -------------------------------------------------------------------------------

    def show(self) -> None:
        self.post("/payment/v1/orders", self.terms() | {"valid_s": self.chance.randint(1, 200)})

    def charge(self) -> None:
        behaviour = self.chance.choice(("ok", "ok", "ok", "confirm", "insufficient_funds"))
        wanted = {
            "channel": self.chance.choice(CHANNELS),
            "behaviour": behaviour,
            "confirm_s": self.chance.choice((None, 0, 20, 80)),
        }
        code = self.sandbox.control("/auth-codes", wanted)["auth_code"]
        self.post("/payment/v1/code-payments", self.terms() | {"auth_code": code})

    def query(self) -> None:
        self.sandbox.request("GET", f"/payment/v1/orders/{self.order()}")

    def undo(self) -> None:
        way = self.chance.choice(("close", "reverse"))
        self.post(f"/payment/v1/orders/{self.order()}/{way}")

    def undo_what_comes_later(self) -> None:
        way = self.chance.choice(("close", "reverse"))
        terms = self.terms() | {"valid_s": 60}
        self.post(f"/payment/v1/orders/{terms['out_trade_no']}/{way}")
        self.post("/payment/v1/orders", terms)

    def refund(self) -> None:
        order = self.order()
        body = {"refund_no": self.refund_no(order), "out_trade_no": order}
        self.post("/payment/v1/refunds", body | {"amount_fen": self.bills[0]["amount_fen"]})

    def book(self) -> None:
        trade = self.chance.choice(self.sandbox.ledger()["trades"] or [{}])
        given = self.chance.choice(self.bills)
        body = {
            "bill_id": trade.get("bill_id") or given["bill_id"],
            "option": given["tier_id"],
            "amount_fen": given["amount_fen"],
            "out_trade_no": trade.get("out_trade_no", "P-nothing"),
            "transaction_id": trade.get("transaction_id") or "none",
        }
        self.post("/social-insurance/v1/bookings", body)

    # --- everybody else --------------------------------------------------------------------------------

    def pay(self) -> None:
        body = {
            "channel": self.chance.choice(CHANNELS),
            "after_s": self.chance.choice((0, 10, 150)),
        }
        self.control(f"/orders/{self.order()}/pay", body)

    def confirm(self) -> None:
        self.control(f"/orders/{self.order()}/confirm", {"accept": self.chance.random() < 0.7})

    def end_refund(self) -> None:
        ending = {"ending": self.chance.choice(ENDINGS)}
        self.control(f"/refunds/{self.refund_no(self.order())}", ending)

    def plan(self) -> None:
        wait_s = self.chance.choice((0, 5, 100))
        self.control("/refunds", {"ending": self.chance.choice(ENDINGS), "after_s": wait_s})
        self.control("/races", {"at": self.chance.choice(("query", "close", "reverse"))})

    def wait(self) -> None:
        self.sandbox.clock.move(self.chance.choice((1, 5, 30, 60, 200, 40000)))

    # --- how ---------------------------------------------------------------------------------------------

    def post(self, path: str, body: Any = None) -> None:
        self.keys += 1
        headers = {"Idempotency-Key": f"key-{self.keys:08d}"}
        answer = self.sandbox.request("POST", path, json=body, headers=headers).json()
        kind = path.rpartition("/")[2]
        self.answers[f"{kind} {answer.get('code') or answer.get('state', 'BOOKED')}"] += 1

    def control(self, path: str, body: Any) -> None:
        self.sandbox.request("POST", f"/_control{path}", json=body)

    def order(self) -> str:
        """An order of lately, or none."""
        return self.chance.choice(self.orders[-5:] or ["P-nothing"])

    def refund_no(self, order: str) -> str:
        return f"{order}-{self.chance.choice('RRRQ')}"

    def terms(self) -> dict[str, Any]:
        """Any bill under a number of nobody's."""
        given = self.chance.choice(self.bills)
        self.orders.append(f"P-{len(self.orders):06d}")
        return {
            "out_trade_no": self.orders[-1],
            "department": "social-insurance",
            "bill_id": given["bill_id"],
            "option": given["tier_id"],
            "amount_fen": given["amount_fen"],
            "subject": "x",
        }


ANSWERS = (
    "orders NOTPAY", "orders bill.locked", "orders bill.paid", "orders order.closed",
    "code-payments SUCCESS", "code-payments USERPAYING", "code-payments FAILED",
    "close CLOSED", "close SUCCESS", "reverse REVOKED", "reverse reversal.too_late",
    "refunds PROCESSING", "refunds SUCCESS", "refunds order.not_paid", "refunds refund.exists",
    "bookings BOOKED", "bookings trade.unpaid",
)  # fmt: skip
"""What half of the halls see at least once."""

MOVED: dict[str, tuple[list[str], ...]] = {
    "SUCCESS": (["payment"],),
    "REFUND": (["payment", "refund"],),
    "REVOKED": ([], ["payment", "reversal"]),
}
"""What may have moved under a trade by its state; nothing under any other."""


def conserved(ledger: Any) -> None:
    """The sums agree, every trade moved what its state says, a bill is paid once."""
    balance = ledger["balance"]
    assert balance["paid_fen"] - balance["returned_fen"] == balance["held_fen"]
    kinds: dict[str, list[str]] = defaultdict(list)
    for movement in ledger["movements"]:
        kinds[movement["out_trade_no"]].append(movement["kind"])
    for trade in ledger["trades"]:
        assert kinds[trade["out_trade_no"]] in MOVED.get(trade["state"], ([],)), trade
    held = {t["out_trade_no"]: t for t in ledger["trades"] if t["state"] == "SUCCESS"}
    assert all(times == 1 for times in Counter(t["bill_id"] for t in held.values()).values())
    for booking in ledger["bookings"]:
        if not booking["withdrawn_at"]:
            trade = held[booking["out_trade_no"]]
            assert trade["bill_id"] == booking["bill_id"]
            assert trade["amount_fen"] == booking["amount_fen"]


def played(seed: int) -> Hall:
    """A hall after all its steps, each of which conserved the money."""
    hall = Hall(seed)
    for _ in range(STEPS):
        hall.act()
        conserved(hall.sandbox.ledger())
    return hall


@pytest.mark.parametrize("seeds", [range(0, 6), range(6, 12)], ids=["first", "second"])
def test_money_is_conserved_and_everything_that_can_happen_is_seen(seeds: range) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        hall = played(seed)
        assert_bill_of_the_first_day(hall)
        seen += hall.answers
    for answer in ANSWERS:
        assert seen[answer] > 0, (answer, seen)


def assert_bill_of_the_first_day(hall: Hall) -> None:
    """It says what moved on it."""
    hall.sandbox.clock.move(3 * 86400)
    moved = [m for m in hall.sandbox.ledger()["movements"] if m["time"].startswith(DAY)]
    statement = hall.sandbox.request("GET", f"/payment/v1/bills/{DAY}").text.splitlines()
    paid = sum(m["amount_fen"] for m in moved if m["kind"] == "payment")
    returned = sum(m["amount_fen"] for m in moved if m["kind"] != "payment")
    assert statement[-1] == f"total,{len(moved)},{paid},{returned}"
    assert len(statement) == len(moved) + 2
