"""The OpenAPI document is true: schemathesis finds no answer that it does not describe."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from kiosk.sandbox.app import create_app

ROOT = Path(__file__).resolve().parents[2]

WITHIN_S = 60.0

APP = create_app()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP).exclude(path_regex="^/_control")


CONTROL = schemathesis.openapi.from_asgi("/openapi.json", create_app()).include(
    path_regex="^/_control"
)

SEARCH = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@SEARCH
def test_every_answer_is_as_described(case: Any) -> None:
    case.call_and_validate()


@CONTROL.parametrize()
@SEARCH
def test_every_answer_of_the_control_is_as_described(case: Any) -> None:
    case.call_and_validate()


def test_the_document_names_every_departments_contract() -> None:
    written = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
    departments = {path.split("/")[1] for path in APP.openapi()["paths"]} - {"_control"}
    for department in departments:
        assert f"| `/{department}/v1` | [{department}.json](api/{department}.json) |" in written
        assert (ROOT / "docs" / "api" / f"{department}.json").is_file()


def test_books_survive_kill_9_and_money_is_conserved(tmp_path: Path) -> None:
    # GIVEN a sandbox that is killed while it serves payments
    child, url = served(tmp_path)
    (bill,) = requests.post(f"{url}/_control/bills", json={"count": 1}, timeout=WITHIN_S).json()
    answered = []
    for n in range(6):
        body = {
            "out_trade_no": f"P-00000{n}",
            "department": "social-insurance",
            "bill_id": bill["bill_id"],
            "option": bill["tier_id"],
            "amount_fen": bill["amount_fen"],
            "subject": "x",
            "auth_code": "134567890123456789",
        }
        answer = requests.post(
            f"{url}/payment/v1/code-payments",
            json=body,
            headers={"Idempotency-Key": f"pay-P-00000{n}"},
            timeout=WITHIN_S,
        )
        answered.append(answer.status_code)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    # WHEN it is started again
    child, url = served(tmp_path)
    ledger = requests.get(f"{url}/_control/ledger", timeout=WITHIN_S).json()
    # THEN what it answered is what it holds
    assert answered == [200, 409, 409, 409, 409, 409]
    assert [trade["state"] for trade in ledger["trades"]] == ["SUCCESS"]
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(WITHIN_S) == 0


def test_a_sandbox_told_to_hurry_lets_an_hour_pass_in_a_second(tmp_path: Path) -> None:
    child, url = served(tmp_path, "--speed", "3600")
    try:
        first = clock(url)
        pause = threading.Event()
        until = time.monotonic() + WITHIN_S
        while clock(url) - first < timedelta(hours=1) and time.monotonic() < until:
            pause.wait(0.05)
        assert clock(url) - first >= timedelta(hours=1)
        moved = requests.post(f"{url}/_control/clock", json={"advance_s": 86400}, timeout=WITHIN_S)
        assert datetime.fromisoformat(moved.json()["now"]) - first >= timedelta(days=1)
    finally:
        child.kill()
        child.wait()


def clock(url: str) -> datetime:
    face = requests.get(f"{url}/_control/clock", timeout=WITHIN_S).json()
    assert face["speed"] == 3600
    return datetime.fromisoformat(face["now"])


def served(data: Path, *words: str) -> tuple[subprocess.Popen[str], str]:
    """A sandbox as a child process, and its address."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kiosk.sandbox",
            "--port",
            "0",
            "--data",
            str(data),
            "--while-stdin",
            *words,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    word, url = child.stdout.readline().split()
    assert word == "ready"
    return child, url


def test_the_document_holds_every_schema_that_it_refers_to() -> None:
    document = APP.openapi()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert "ProblemBody" in named
    assert named <= set(document["components"]["schemas"])
