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
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.crashtest.departments import WITHIN_S, Sandbox, sandbox
from tests.crashtest.free import STORIES as FREE_STORIES
from tests.crashtest.free import FreeVisit
from tests.crashtest.reconcile import Verdict, between_lives, judge
from tests.crashtest.terminal import Life, Visitor, live

DIES_WITHIN_S = 0.6
"""A random death comes within this time on the wall, in which a life comes through an hour or so."""

GROWS_OLD_S = 2.0
"""A life whose moment does not come is ended after this."""

TELL_EVERY = 100
LAST_LIFE_S = 400.0
VISITORS = 3
LATELY = 12
"""So many bills back a citizen comes again to pay what may still be under way."""

CLOSED_SHARE = 0.1
"""Of the bills, those that their department refuses to book once they are paid."""

CASHIERS = ("social-insurance", "medical", "property", "tax", "credit")
"""The departments that take money."""

BILLS_AT_ONCE = 100

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
    *((department, "/bookings") for department in CASHIERS),
    ("approval", "POST /approval/v1/appointments"),
    ("approval", "/applications"),
    ("tax", "/pickups"),
)


@dataclass
class Log:
    """What the lives said before they ended."""

    seen: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    written: set[tuple[str, str]] = field(default_factory=set)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    flaws: dict[str, None] = field(default_factory=dict)
    """What did not hold after a kill, in the order it was found."""
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
            elif kind == "told":
                self.told.add((words[0], words[1], words[2]))
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
        self._people = sandbox.control("/citizens")
        self._pickups: list[FreeVisit] = []
        self._names = 0
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
            [self._visitor() for _ in range(VISITORS)], [self._free()], fatal, self._late,
        )  # fmt: skip
        killed, last = self._live(life, dies_after)
        if killed and last in fatal:
            self.log.killed[last] += 1
        elif killed:
            self.log.at_random += 1
        if killed:
            ledger = self._sandbox.control("/ledger")
            self.log.flaws |= dict.fromkeys(between_lives(self._terminals, ledger))

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
        return judge(
            self._terminals, ledger, self._sandbox.statements(), self.log.written, self.log.told
        )

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
            for department in CASHIERS:
                wanted = {"count": BILLS_AT_ONCE, "department": department}
                fresh = self._sandbox.control("/bills", wanted)
                self._bills += [bill | {"department": department} for bill in fresh]
            self._chance.shuffle(self._bills)
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

    def _free(self) -> FreeVisit:
        """Somebody who wants what costs nothing, fresh or as the last ones did."""
        chance = self._chance
        person = chance.choice([one for one in self._people if one["name"]])
        story, key = chance.choice(FREE_STORIES), f"visit-{chance.getrandbits(64):016x}"
        if story == "slot":
            subject = str(chance.randrange(8))
        else:
            self._names += chance.random() < 0.5
            subject = f"海岸 {self._names}"
        visit = FreeVisit(story, person["name"], person["id_number"], key, subject, "rushan-07")
        if story != "pickup":
            return visit
        if self._pickups and chance.random() < 0.5:
            return replace(chance.choice(self._pickups[-LATELY:]), key=key)
        (laid,) = self._sandbox.control("/pickups", {"count": 1, "terminal": "rushan-07"})
        self._pickups.append(replace(visit, subject=laid["code"]))
        return self._pickups[-1]

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
        verdict.lost += [flaw for flaw in killer.log.flaws if flaw not in verdict.lost]
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
    for what, counted in (("booked at", verdict.departments), ("free of charge", verdict.free)):
        say(f"  {what}: " + ", ".join(f"{n} {name}" for name, n in sorted(counted.items())))
    say(f"  {verdict.receipts} receipts on paper")
    say(f"{len(verdict.double)} double, {len(verdict.lost)} lost, {len(verdict.stuck)} stuck")
    for flaw in (*verdict.double, *verdict.lost, *verdict.stuck, *verdict.broken):
        say(f"  ! {flaw}")


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
