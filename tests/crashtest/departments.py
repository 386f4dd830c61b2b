"""The departments' sandbox in a process of its own, beside the terminals that die."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]

WITHIN_S = 30.0


class Sandbox:
    """The departments in a process of their own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        verb = method or ("GET" if body is None else "POST")
        answer = requests.request(verb, f"{self.url}/_control{path}", json=body, timeout=WITHIN_S)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def statements(self) -> Iterator[bytes]:
        """The bill files of every day that money moved on, all of which are over."""
        days = {m["time"][:10] for m in self.control("/ledger")["movements"]}
        for day in sorted(days):
            answer = requests.get(f"{self.url}/payment/v1/bills/{day}", timeout=WITHIN_S)
            answer.raise_for_status()
            yield answer.content


@contextmanager
def sandbox(data: Path | None = None) -> Iterator[Sandbox]:
    """Serve the departments while it is wanted, with their books in `data` where that is given."""
    words = ["--port", "0", "--while-stdin", *(["--data", str(data)] if data else [])]
    child = subprocess.Popen(
        [sys.executable, "-m", "kiosk.sandbox", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    if child.stdin is None or child.stdout is None:
        raise AssertionError("the child's pipes were asked for")
    word, url = child.stdout.readline().split()
    if word != "ready":
        raise AssertionError(word)
    try:
        yield Sandbox(url)
    finally:
        child.stdin.close()
        child.wait(WITHIN_S)
