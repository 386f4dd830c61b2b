"""`make crashtest`: a terminal that pays against the sandbox, killed at so many moments, and its books.

Each life is a process of its own, forked from this one, which holds no thread, no socket and no
database meanwhile. Half of the lives are killed at a random time, half before or after a write or a
call, preferably at a moment that was tried least. Exit code 0 only where nothing was charged twice,
lost or stuck.
"""

from __future__ import annotations

import argparse
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.crashtest.reconcile import Verdict, judge
from tests.crashtest.terminal import Life, Visitor, live

ROOT = Path(__file__).resolve().parents[2]

DIES_WITHIN_S = 0.6
"""A random death comes within this time on the wall, in which a life comes through an hour or so."""

GROWS_OLD_S = 2.0
"""A life whose moment does not come is ended after this."""

TELL_EVERY = 100
LAST_LIFE_S = 120.0
VISITORS = 3
LATELY = 12
"""So many bills back a citizen comes again to pay what may still be under way."""
WITHIN_S = 30.0

CLOSED_SHARE = 0.1
"""Of the bills, those that their department refuses to book once they are paid."""

STORIES = (
    "charge",
    "charge",
    "charge",
    "show",
    "show",
    "show_then_charge",
    "show_then_leave",
    "leave",
)
BEHAVIOURS = ("ok", "ok", "ok", "confirm", "confirm", "insufficient_funds", "code_expired")
CHANNELS = ("wechat", "alipay", "unionpay")

TROUBLES: Sequence[dict[str, Any]] = (
    {"kind": "cut"},
    {"kind": "lose_answer"},
    {"kind": "reset"},
    {"kind": "half"},
    {"kind": "garbage"},
    {"kind": "garbage", "carried_out": True},
    {"kind": "late", "delay_s": 20},
    {"kind": "late", "delay_s": 90},
    {"kind": "delay", "delay_s": 0.5},
    {"kind": "hang", "delay_s": 5},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502, "carried_out": True},
    {"kind": "status", "status": 429},
    {"kind": "wrong_amount"},
    {"kind": "wrong_order"},
    {"kind": "replay"},
)

PLACES = (
    ("payment", "POST /payment/v1/orders"),
    ("payment", "/code-payments"),
    ("payment", "GET /payment/v1/orders"),
    ("payment", "/close"),
    ("payment", "/reverse"),
    ("payment", "POST /payment/v1/refunds"),
    ("payment", "GET /payment/v1/refunds"),
    ("social-insurance", "/bookings"),
)


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


@dataclass
class Log:
    """What the lives said before they ended."""

    seen: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    written: set[tuple[str, str]] = field(default_factory=set)
    at_random: int = 0

    @property
    def kills(self) -> int:
        return self.at_random + self.killed.total()

    def hear(self, said: bytes) -> str:
        """Take in what a life said; its last moment."""
        last = ""
        seen = set()
        for line in said.decode().splitlines():
            kind, *words = line.split("\t")
            if kind == "moment":
                last = words[0]
                seen.add(last)
            elif kind == "written":
                self.written.add((words[0], words[1]))
        self.seen.update(seen)
        return last

    def choose(self, chance: random.Random) -> frozenset[str]:
        """Moments to die at: those killed at least often, or, as the rarest may not come, any third."""
        least = min((self.killed[name] for name in self.seen), default=0)
        if chance.random() < 0.75:
            return frozenset(name for name in self.seen if self.killed[name] == least)
        return frozenset(chance.sample(sorted(self.seen), len(self.seen) // 3))


class Killer:
    """Begins lives and ends them."""

    def __init__(
        self, sandbox: Sandbox, terminals: Sequence[Path], seed: int, late_writes: bool
    ) -> None:
        self.log = Log()
        self._sandbox = sandbox
        self._terminals = terminals
        self._chance = random.Random(seed)
        self._late = late_writes
        self._bills: list[dict[str, Any]] = []
        self._used: list[dict[str, Any]] = []
        self._lives = 0

    def kill(self) -> None:
        """One life and its end, which is a kill unless everything was settled before."""
        self._lives += 1
        chance = self._chance
        fatal = self.log.choose(chance) if chance.random() < 0.6 else frozenset()
        self._trouble()
        dies_after = GROWS_OLD_S if fatal else chance.uniform(0, DIES_WITHIN_S)
        life = Life(
            chance.choice(self._terminals), self._sandbox.url, chance.getrandbits(32),
            [self._visitor() for _ in range(VISITORS)], fatal, self._late,
        )  # fmt: skip
        killed, last = self._live(life, dies_after)
        if killed and last in fatal:
            self.log.killed[last] += 1
        elif killed:
            self.log.at_random += 1

    def let_live(self) -> bool:
        """A last life of each terminal, that nobody kills; whether they settled everything."""
        self._sandbox.control("/faults", method="DELETE")
        self._sandbox.control("/clock", {"advance_s": 86400})
        self._pay_out_by_hand()
        settled = True
        for terminal in self._terminals:
            life = Life(terminal, self._sandbox.url, 0, (), late_writes=self._late)
            killed, _ = self._live(life, LAST_LIFE_S)
            settled = settled and not killed
        return settled

    def _pay_out_by_hand(self) -> None:
        """The gateway's staff ends the refunds that failed."""
        for refund in self._sandbox.control("/ledger")["refunds"]:
            if refund["state"] == "FAILED":
                path = f"/refunds/{refund['refund_no']}"
                self._sandbox.control(path, {"ending": "SUCCESS"})

    def judge(self) -> Verdict:
        """Compare the books, once every day that money moved on is over."""
        self._sandbox.control("/clock", {"advance_s": 86400})
        ledger = self._sandbox.control("/ledger")
        return judge(self._terminals, ledger, self._sandbox.statements(), self.log.written)

    def _live(self, life: Life, dies_after: float) -> tuple[bool, str]:
        """Whether it had to be killed (or killed itself), and its last moment."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _child(life, writing)
        os.close(writing)
        try:
            said, ended = _listen(reading, dies_after)
            if not ended:
                os.kill(pid, signal.SIGKILL)
                said += _listen(reading, WITHIN_S)[0]
        finally:
            os.close(reading)
        _, status = os.waitpid(pid, 0)
        last = self.log.hear(said)
        if os.WIFSIGNALED(status):
            return True, last
        if os.WEXITSTATUS(status) != 0:
            raise AssertionError(f"life {self._lives} ended with {os.WEXITSTATUS(status)}")
        return False, last

    def _bill(self) -> dict[str, Any]:
        """A fresh bill, or one that was tried before, here or at the other terminal."""
        if not self._bills:
            self._bills = self._sandbox.control("/bills", {"count": 480})
        if self._used and self._chance.random() < 0.15:
            return self._chance.choice(self._used[-LATELY:])
        self._used.append(self._bills.pop())
        if self._chance.random() < CLOSED_SHARE:
            self._sandbox.control(f"/bills/{self._used[-1]['bill_id']}", {"closed": True})
        return self._used[-1]

    def _visitor(self) -> Visitor:
        chance = self._chance
        after_s = chance.uniform(0, 130)
        wanted = {"channel": chance.choice(CHANNELS), "behaviour": chance.choice(BEHAVIOURS)}
        if wanted["behaviour"] == "confirm" and chance.random() < 0.7:
            wanted |= {"confirm_s": after_s}
        code = self._sandbox.control("/auth-codes", wanted)["auth_code"]
        second = self._sandbox.control("/auth-codes", {"channel": "wechat"})["auth_code"]
        return Visitor(
            **self._bill(), story=chance.choice(STORIES), code=code, second_code=second,
            after_s=after_s,
        )  # fmt: skip

    def _trouble(self) -> None:
        """Often something is wrong with a department or with the way to it."""
        chance = self._chance
        if chance.random() < 0.2:
            self._sandbox.control("/faults", method="DELETE")
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
            department, path = chance.choice(PLACES)
            fault = {
                "department": department,
                "path": path,
                "times": chance.choice((1, 1, 2, 3, 12)),
            }
            self._sandbox.control("/faults", fault | dict(chance.choice(TROUBLES)))
        if chance.random() < 0.2:
            race = {"at": chance.choice(("query", "close", "reverse"))}
            self._sandbox.control("/races", race)
        if chance.random() < 0.05:
            self._pay_out_by_hand()
        if chance.random() < 0.2:
            ending = chance.choice(("SUCCESS", "FAILED"))
            self._sandbox.control("/refunds", {"ending": ending, "after_s": chance.uniform(0, 60)})


def _child(life: Life, pipe: int) -> None:
    """The forked process: it never comes back, whatever happens."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        live(life, pipe)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        os._exit(1)


def _listen(pipe: int, seconds: float) -> tuple[bytes, bool]:
    """What comes through a pipe, and whether its writer has ended."""
    until = time.monotonic() + seconds
    said = bytearray()
    while (left := until - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            break
        chunk = os.read(pipe, 65536)
        if not chunk:
            return bytes(said), True
        said += chunk
    return bytes(said), False


def run(kills: int, seed: int, late_writes: bool = False) -> tuple[Verdict, Log]:
    """Kill so often, let everything come to its end, and compare the books."""
    with tempfile.TemporaryDirectory() as directory, sandbox() as departments:
        terminals = [Path(directory, name) for name in ("terminal-1", "terminal-2")]
        killer = Killer(departments, terminals, seed, late_writes)
        while (before := killer.log.kills) < kills:
            killer.kill()
            if killer.log.kills // TELL_EVERY > before // TELL_EVERY:
                say(f"{killer.log.kills} kills")
        settled = killer.let_live()
        verdict = killer.judge()
        if not settled:
            verdict.stuck.append(f"the last life did not end within {LAST_LIFE_S:.0f} s")
    return verdict, killer.log


def main(words: Sequence[str] | None = None) -> int:
    """Run, tell, and answer 0 where everything was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashtest", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--late-writes", action="store_true", help="the mistake it must find")
    given = parser.parse_args(words)
    say(f"seed {given.seed}: {given.kills} kills to come")
    begun = time.monotonic()
    verdict, log = run(given.kills, given.seed, given.late_writes)
    tell(verdict, log, time.monotonic() - begun)
    return 0 if verdict.good else 1


def tell(verdict: Verdict, log: Log, took_s: float) -> None:
    """The totals, for people."""
    say(
        f"{log.kills} kills in {took_s:.0f} s: {log.at_random} at random, {log.killed.total()} before or"
        f" after a write or a call, at {len(log.killed)} of {len(log.seen)} such moments"
    )
    untried = sorted(set(log.seen) - set(log.killed))
    if untried:
        say(f"never killed at: {', '.join(untried)}")
    say(
        f"{verdict.orders} orders with {verdict.attempts} attempts, {len(log.written)} steps written"
    )
    say("  " + ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items())))
    say("  " + ", ".join(f"{count} {kind}s" for kind, count in sorted(verdict.moved.items())))
    say(
        f"paid {verdict.paid_fen} fen = booked {verdict.booked_fen} + given back {verdict.returned_fen}"
    )
    say(f"{len(verdict.double)} double, {len(verdict.lost)} lost, {len(verdict.stuck)} stuck")
    for flaw in (*verdict.double, *verdict.lost, *verdict.stuck, *verdict.broken):
        say(f"  ! {flaw}")


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
