"""What the control API can have the citizen's phone, the gateway and the departments do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.in_process import Sandbox

TERMS = {"department": "social-insurance", "subject": "养老保险"}


class Counter:
    """A terminal's requests, as raw as they travel."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.bills = self.sandbox.control("/bills", {"count": 6})

    def post(self, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key or f"key-{path.replace('/', '-')}"[-60:]}
        return self.sandbox.request("POST", f"/payment/v1{path}", json=body, headers=headers).json()

    def get(self, path: str) -> Any:
        return self.sandbox.request("GET", f"/payment/v1{path}").json()

    def terms(self, order: str, bill: int = 0) -> dict[str, Any]:
        given = self.bills[bill]
        return TERMS | {
            "out_trade_no": order,
            "bill_id": given["bill_id"],
            "option": given["tier_id"],
            "amount_fen": given["amount_fen"],
        }

    def show(self, order: str, valid_s: int = 120, bill: int = 0) -> Any:
        return self.post("/orders", self.terms(order, bill) | {"valid_s": valid_s}, f"show-{order}")

    def charge(self, order: str, bill: int = 0, **code: Any) -> Any:
        issued = self.sandbox.control("/auth-codes", {"channel": "wechat"} | code)["auth_code"]
        body = self.terms(order, bill) | {"auth_code": issued}
        return self.post("/code-payments", body, f"pay-{order}")

    def close(self, order: str) -> Any:
        return self.post(f"/orders/{order}/close")

    def reverse(self, order: str, key: str = "") -> Any:
        return self.post(f"/orders/{order}/reverse", key=key)

    def refund(self, order: str) -> Any:
        amount = self.get(f"/orders/{order}")["amount_fen"]
        body = {"refund_no": f"{order}-R", "out_trade_no": order, "amount_fen": amount}
        return self.post("/refunds", body, f"refund-{order}")

    def balance(self) -> Any:
        return self.sandbox.ledger()["balance"]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.mark.parametrize(("channel", "limit_s"), [("wechat", 45), ("alipay", 90), ("unionpay", 45)])
def test_the_phone_has_its_channels_time_to_confirm(
    counter: Counter, channel: str, limit_s: int
) -> None:
    counter.charge("P-000001", channel=channel, behaviour="confirm")
    counter.sandbox.clock.move(limit_s - 1)
    assert counter.get("/orders/P-000001")["state"] == "USERPAYING"
    counter.sandbox.clock.move(1)
    late = counter.get("/orders/P-000001")
    assert (late["state"], late["reason"]) == ("FAILED", "not_confirmed")


def test_the_citizen_confirms_after_a_while_by_himself(counter: Counter) -> None:
    counter.charge("P-000001", behaviour="confirm", confirm_s=20)
    counter.sandbox.clock.move(19)
    assert counter.get("/orders/P-000001")["state"] == "USERPAYING"
    # WHEN nobody looks until long after, THEN it was paid all the same, at its own time
    counter.sandbox.clock.move(3600)
    trade = counter.sandbox.ledger()["trades"][0]
    assert trade["state"] == "SUCCESS"
    assert trade["paid_at"].startswith("2026-11-24T09:30:20")


def test_a_confirmation_after_the_limit_comes_too_late(counter: Counter) -> None:
    counter.charge("P-000001", behaviour="confirm", confirm_s=50)
    counter.sandbox.clock.move(3600)
    assert counter.get("/orders/P-000001")["state"] == "FAILED"
    assert counter.balance()["paid_fen"] == 0


@pytest.mark.parametrize("reason", ["insufficient_funds", "code_expired", "code_used"])
def test_a_code_that_cannot_be_charged_says_why(counter: Counter, reason: str) -> None:
    trade = counter.charge("P-000001", behaviour=reason)
    assert (trade["state"], trade["reason"]) == ("FAILED", reason)


def test_a_shown_code_is_paid_in_a_while_if_it_lives_then(counter: Counter) -> None:
    counter.show("P-000001")
    counter.show("P-000002", bill=1)
    for order, after_s in (("P-000001", 119), ("P-000002", 121)):
        counter.sandbox.control(f"/orders/{order}/pay", {"channel": "alipay", "after_s": after_s})
    counter.sandbox.clock.move(200)
    assert counter.get("/orders/P-000001")["state"] == "SUCCESS"
    assert counter.get("/orders/P-000002")["state"] == "CLOSED"


@pytest.mark.parametrize(
    ("at", "state", "held"),
    [("query", "SUCCESS", 1), ("close", "SUCCESS", 1), ("reverse", "REVOKED", 0)],
)
def test_the_citizen_pays_in_the_very_moment_of_a_call(
    counter: Counter, at: str, state: str, held: int
) -> None:
    counter.show("P-000001")
    counter.sandbox.control("/races", {"at": at, "channel": "unionpay"})
    calls = {
        "query": lambda: counter.get("/orders/P-000001"),
        "close": lambda: counter.close("P-000001"),
    }
    answer = calls.get(at, lambda: counter.reverse("P-000001"))()
    assert (answer["state"], answer["channel"]) == (state, "unionpay")
    balance = counter.balance()
    assert balance["paid_fen"] == counter.bills[0]["amount_fen"]
    assert balance["held_fen"] == held * balance["paid_fen"]


def test_a_race_is_run_as_often_as_arranged(counter: Counter) -> None:
    counter.sandbox.control("/races", {"at": "close", "times": 2})
    states = []
    for n in range(3):
        counter.show(f"P-00000{n}", bill=n)
        states.append(counter.close(f"P-00000{n}")["state"])
    assert states == ["SUCCESS", "SUCCESS", "CLOSED"]


def test_behaving_ends_what_was_arranged(counter: Counter) -> None:
    counter.sandbox.control("/races", {"at": "close"})
    counter.sandbox.control("/refunds", {"ending": "FAILED", "after_s": 0})
    counter.sandbox.behave()
    counter.show("P-000001")
    assert counter.close("P-000001")["state"] == "CLOSED"
    counter.charge("P-000002", bill=1)
    assert counter.refund("P-000002")["state"] == "PROCESSING"


def test_a_refund_takes_a_while_then_ends_as_arranged(counter: Counter) -> None:
    for n, ending in enumerate(("SUCCESS", "FAILED")):
        order = f"P-00000{n}"
        counter.charge(order, bill=n)
        counter.sandbox.control("/refunds", {"ending": ending, "after_s": 60})
        assert counter.refund(order)["state"] == "PROCESSING"
        counter.sandbox.clock.move(59)
        assert counter.get(f"/refunds/{order}-R")["state"] == "PROCESSING"
        counter.sandbox.clock.move(1)
        assert counter.get(f"/refunds/{order}-R")["state"] == ending
    balance = counter.balance()
    assert balance["held_fen"] == counter.bills[1]["amount_fen"]
    assert balance["paid_fen"] - balance["returned_fen"] == balance["held_fen"]


def test_a_failed_refund_is_paid_out_by_hand_once(counter: Counter) -> None:
    counter.charge("P-000001")
    counter.sandbox.control("/refunds", {"ending": "FAILED", "after_s": 0})
    assert counter.refund("P-000001")["state"] == "FAILED"
    path = "/_control/refunds/P-000001-R"
    done = counter.sandbox.request("POST", path, json={"ending": "SUCCESS"})
    again = counter.sandbox.request("POST", path, json={"ending": "SUCCESS"})
    assert done.json()["state"] == "SUCCESS"
    assert again.json()["code"] == "refund.ended"
    assert counter.balance()["returned_fen"] == counter.bills[0]["amount_fen"]


def test_a_reversal_is_too_late_once_the_day_is_settled(counter: Counter) -> None:
    counter.charge("P-000001")
    counter.charge("P-000002", bill=1)
    # GIVEN 14 hours to midnight
    counter.sandbox.control("/clock", {"advance_s": 14 * 3600})
    assert counter.reverse("P-000001")["state"] == "REVOKED"
    counter.sandbox.control("/clock", {"advance_s": 3600})
    assert counter.reverse("P-000002")["code"] == "reversal.too_late"


def test_a_reversal_that_fails_for_a_while_works_then(counter: Counter) -> None:
    counter.charge("P-000001")
    counter.sandbox.fault("payment", "status", "/reverse", status=503, times=2)
    codes = [counter.reverse("P-000001").get("code", "") for _ in range(3)]
    assert codes == ["service.unavailable", "service.unavailable", ""]
    assert counter.balance()["held_fen"] == 0


def test_a_refund_after_a_refund_or_a_reversal_moves_nothing(counter: Counter) -> None:
    counter.charge("P-000001")
    counter.sandbox.control("/refunds", {"ending": "SUCCESS", "after_s": 0})
    counter.refund("P-000001")
    assert counter.reverse("P-000001")["state"] == "REFUND"
    counter.charge("P-000002", bill=1)
    counter.reverse("P-000002")
    assert counter.refund("P-000002")["code"] == "order.not_paid"
    balance = counter.balance()
    assert balance["returned_fen"] == balance["paid_fen"]


def test_a_code_issued_is_the_same_in_every_sandbox() -> None:
    wanted = {"channel": "unionpay", "behaviour": "ok"}
    first, second = (Sandbox().control("/auth-codes", wanted) for _ in range(2))
    assert first == second


def test_a_clock_put_forward_lets_everything_happen_at_its_own_time(counter: Counter) -> None:
    counter.charge("P-000001", behaviour="confirm", confirm_s=10)
    moved = counter.sandbox.control("/clock", {"advance_s": 2 * 86400})
    assert moved["now"].startswith("2026-11-26T09:30")
    statement = counter.sandbox.request("GET", "/payment/v1/bills/2026-11-24")
    assert statement.headers["content-type"] == "text/csv; charset=utf-8"
    rows = statement.text.splitlines()
    assert rows[1].startswith("2026-11-24T09:30:10+08:00,payment,P-000001,,42000")
    amount = counter.bills[0]["amount_fen"]
    assert rows[2:] == [f"total,1,{amount},0"]
    assert counter.sandbox.request("GET", "/payment/v1/bills/2026-11-25").text.splitlines()[1:] == [
        "total,0,0,0"
    ]


def test_a_faster_clock_runs_so_many_times_as_fast() -> None:
    from kiosk.sandbox.window import SandboxClock
    from tests.sandbox.in_process import Clock

    source = Clock()
    fast = SandboxClock(source, speed=60.0)
    begun = fast()
    source.move(2)
    assert (fast() - begun).total_seconds() == 120
    fast.advance(30)
    source.move(1)
    assert (fast() - begun).total_seconds() == 210
