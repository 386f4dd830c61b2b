"""What a fault does on a real wire, and what of it was carried out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.departments import Departments
from kiosk.backends.gateway import Channel, TradeState
from kiosk.backends.settings import Department
from kiosk.sandbox.app import create_app
from kiosk.sandbox.server import listen, serve

WITHIN_S = 30.0


class Served:
    """A sandbox on a socket of its own, and the terminal's gateway client."""

    def __init__(self, url: str) -> None:
        self.url = url
        at = Department(
            id="payment", base_url=f"{url}/payment/v1", read_timeout_s=30.0, total_s=60.0
        )
        self.gateway = Departments.open({"payment": at}).payment
        (given,) = self.control("/bills", {"count": 1})
        self.terms = (
            "social-insurance",
            given["bill_id"],
            given["tier_id"],
            given["amount_fen"],
            "x",
        )

    def control(self, path: str, body: Any = None) -> Any:
        verb = "GET" if body is None else "POST"
        answer = requests.request(verb, f"{self.url}/_control{path}", json=body, timeout=WITHIN_S)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, kind: str, **given: Any) -> None:
        body = {"department": "payment", "kind": kind, "path": "/code-payments"} | given
        self.control("/faults", body)

    def pay(self, order: str = "P-000001") -> Reply[TradeState]:
        return self.gateway.submit_code(order, *self.terms, "134567890123456789")

    def states(self) -> list[str]:
        return [trade["state"] for trade in self.control("/ledger")["trades"]]

    def until(self, *states: str) -> bool:
        """Look on until the trades are in these states; whether they came to be."""
        pause = threading.Event()
        deadline = time.monotonic() + WITHIN_S
        while self.states() != list(states):
            if time.monotonic() > deadline:
                return False
            pause.wait(0.02)
        return True

    def pass_seconds(self, seconds: float) -> None:
        self.control("/clock", {"advance_s": seconds})


@contextmanager
def serving() -> Iterator[Served]:
    listener = listen(0)
    ended = threading.Event()
    app = create_app()
    thread = threading.Thread(target=serve, args=(app, listener, ended), daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        ended.set()
        thread.join(WITHIN_S)


@pytest.mark.parametrize(
    ("fault", "cause", "code", "charged"),
    [
        ({"kind": "cut"}, Cause.NO_ANSWER, "no_answer", False),
        ({"kind": "lose_answer"}, Cause.NO_ANSWER, "no_answer", True),
        ({"kind": "reset"}, Cause.NO_ANSWER, "no_answer", True),
        ({"kind": "half"}, Cause.NO_ANSWER, "no_answer", True),
        ({"kind": "garbage"}, Cause.GARBLED, "garbled", False),
        ({"kind": "garbage", "carried_out": True}, Cause.GARBLED, "garbled", True),
        ({"kind": "status", "status": 500}, Cause.SERVER, "service.error", False),
        (
            {"kind": "status", "status": 502, "carried_out": True},
            Cause.SERVER,
            "service.error",
            True,
        ),
        ({"kind": "status", "status": 429}, Cause.BUSY, "service.busy", False),
        ({"kind": "refuse", "code": "bill.locked"}, Cause.REFUSED, "bill.locked", False),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_each_fault_is_on_the_wire_what_it_is_called(
    fault: dict[str, Any], cause: Cause, code: str, charged: bool
) -> None:
    with serving() as served:
        served.fault(**fault)
        reply = served.pay()
        assert isinstance(reply, BackendFailure), reply
        assert (reply.cause, reply.code) == (cause, code)
        assert served.states() == (["SUCCESS"] if charged else [])
        # and the next request is served as ever
        assert isinstance(served.gateway.ping(), Answer)


@pytest.mark.parametrize("status", [429, 503])
def test_the_wish_to_be_left_alone_arrives(status: int) -> None:
    with serving() as served:
        served.fault("status", status=status, retry_after_s=17)
        reply = served.pay()
        assert isinstance(reply, BackendFailure)
        assert reply.retry_after_s == 17.0


def test_an_answer_that_hangs_is_not_waited_for_and_was_carried_out() -> None:
    with serving() as served:
        served.fault("hang", delay_s=60)
        at = Department(
            id="payment", base_url=f"{served.url}/payment/v1", read_timeout_s=0.5, total_s=2.0
        )
        served.gateway = Departments.open({"payment": at}).payment
        reply = served.pay()
        assert isinstance(reply, BackendFailure)
        assert reply.cause is Cause.NO_ANSWER
        assert served.until("SUCCESS")
        served.pass_seconds(60)


def test_a_late_request_finds_its_order_closed_or_is_carried_out() -> None:
    # GIVEN two requests that are on their way for 20 minutes
    with serving() as served:
        served.fault("late", delay_s=1200, times=2)
        for order in ("P-000001", "P-000002"):
            reply = served.pay(order)
            assert isinstance(reply, BackendFailure)
            assert reply.cause is Cause.NO_ANSWER
        # WHEN the first one's order is closed meanwhile
        assert isinstance(served.gateway.close_order("P-000001"), Answer)
        assert served.states() == ["CLOSED"]
        served.pass_seconds(1200)
        # THEN it finds it closed, and the one after it, of the same bill, is charged
        assert served.until("CLOSED", "SUCCESS")


def test_faults_meet_as_many_requests_as_they_were_told_and_no_others() -> None:
    with serving() as served:
        served.fault("status", path="GET /payment/v1/orders", times=3)
        assert isinstance(served.pay(), Answer)
        replies = [served.gateway.query("P-000001") for _ in range(3)]  # two tries each
        assert [isinstance(reply, Answer) for reply in replies] == [False, True, True]
        assert served.control("/faults") == []


@pytest.mark.parametrize("kind", ["wrong_amount", "wrong_order"])
def test_a_wrong_answer_is_well_formed_and_about_something_else(kind: str) -> None:
    with serving() as served:
        served.fault(kind)
        reply = served.pay()
        assert isinstance(reply, Answer)
        right = (reply.value.out_trade_no, reply.value.amount_fen) == ("P-000001", served.terms[3])
        assert not right
        assert served.states() == ["SUCCESS"]


def test_a_replayed_answer_is_an_older_one_of_the_same_order() -> None:
    with serving() as served:
        served.gateway.show_code("P-000001", *served.terms, 120)
        served.control("/orders/P-000001/pay", {"channel": "wechat"})
        served.fault("replay", path="GET /payment/v1/orders")
        old, now = served.gateway.query("P-000001"), served.gateway.query("P-000001")
        assert isinstance(old, Answer)
        assert isinstance(now, Answer)
        assert (old.value.state, now.value.state) == ("NOTPAY", "SUCCESS")
        assert now.value.channel is Channel.WECHAT


def test_a_reset_is_a_reset_on_the_wire() -> None:
    with serving() as served:
        served.fault("reset", path="/health")
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=WITHIN_S) as wire:
            wire.sendall(b"GET /payment/v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                _drain(wire)


def _drain(wire: socket.socket) -> None:
    while wire.recv(65536):
        continue
