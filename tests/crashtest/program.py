"""`python -m tests.crashtest.program`: `kiosk run` itself, killed while somebody pays at it, and its books.

Nothing is replaced: the screens and touches, the simulated devices' bytes, the sandbox over HTTP, the
journal's file. Each hall is one state directory, whose terminal is killed once for every item that takes
money; then it may live until nothing is unfinished. Exit code 0 only where gateway, departments, journal
and slips agree.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from PIL import Image
from pyzbar.pyzbar import decode as decode_codes

from kiosk.sandbox.app import BOOKS_FILE
from tests.bench.processes import display
from tests.crashtest.__main__ import say
from tests.crashtest.departments import ROOT, sandbox
from tests.crashtest.handed import PERSON
from tests.crashtest.reconcile import Verdict, judge
from tests.crashtest.terminal import JOURNAL_FILE
from tests.journeys.programs import KIOSK, Running

VISITS: Sequence[tuple[str, str, str]] = (
    ("resident-pension-pay", "wang-xiulan", "social-insurance"),
    ("resident-pension-pay", "zhang-jianguo", "social-insurance"),
    ("resident-medical-pay", "li-na", "medical"),
    ("resident-medical-pay", "yang-guang", "medical"),
    ("flexible-employment-pay", "liu-yang", "social-insurance"),
    ("flexible-employment-pay", "zhao-min", "social-insurance"),
    ("registration-fee", "wang-xiulan", "property"),
    ("invoice-issue", "wang-xiulan", "tax"),
    ("invoice-issue", "li-na", "tax"),
    ("personal-credit-report", "zhang-jianguo", "credit"),
)
"""Every item that takes money, citizens who owe it (the sandbox's seed), and whom."""

WAYS = ("show:wechat", "show:alipay", "scan:wechat", "scan:alipay", "scan:unionpay")
WRONGS = (
    *("", "payment=answer_lost", "payment=slow", "payment=slow"),
    *("{department}=slow", "{department}=slow", "receipt_printer=paper_out_midway"),
)

VOUCHER_TITLE = "缴费凭证"
"""How the sandbox heads the page of a booking (kiosk/sandbox/bookings.py)."""

WINDOW = (540, 960)
STEP = '"payment.state"'
STEPS = (0, 1, 1, 2, 2, 3, 3, 4)
"""The kill comes at or after so many steps of the payment; a straight one has five on its way to its slip."""

STEP_WITHIN_S = 150.0
"""From exec to a step of a payment; a person stands there within a quarter of it on a free machine."""

LATER_S = (0.0, 0.2, 3.0)
"""So long after the step at most, the terminal is killed: at once, in the next step, or anywhere after."""

BLIND_S = 30.0
"""A kill that waits for no step comes within this of the first picture."""

SETTLED_WITHIN_S = 300.0
CHILDREN_WITHIN_S = 30.0


@dataclass
class Tally:
    """What was seen of the kills."""

    kills: int = 0
    under_way: Counter[str] = field(default_factory=Counter)
    """By the state in which the kill found the payment that it came for, as the journal has it."""
    flaws: list[str] = field(default_factory=list)
    slips: Counter[str] = field(default_factory=Counter)
    """How often each address stood on a slip."""
    vouchers: set[str] = field(default_factory=set)
    """The address of every booking, also of those that were withdrawn again."""
    booked: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    states: Counter[str] = field(default_factory=Counter)


class Hall:
    """One terminal, from its first start to its books."""

    def __init__(self, state: Path, shown_on: str, chance: random.Random, tally: Tally) -> None:
        self._state = state
        self._display = shown_on
        self._chance = chance
        self._tally = tally

    def kill_once(self, item: str, card: str, department: str) -> None:
        """A life that ends while the person pays, or anywhere on the way there."""
        chance = self._chance
        person = f"{item} {card} {chance.choice(WAYS)} {chance.choice(WRONGS)}"
        person = person.format(department=department)
        steps = chance.choice(STEPS)
        with self._running(person) as terminal:
            if steps:
                terminal.heard(STEP, steps, STEP_WITHIN_S)
                terminal.heard("nothing", 1, chance.uniform(0, chance.choice(LATER_S)))
            elif terminal.heard("terminal.first_frame", 1, STEP_WITHIN_S):
                terminal.heard("nothing", 1, chance.uniform(0, BLIND_S))
            _kill(terminal.process.pid)
        self._tally.kills += 1
        self._look(person)

    def settle(self) -> None:
        """A life that nobody kills, until the journal holds nothing unfinished."""
        until = time.monotonic() + SETTLED_WITHIN_S
        with self._running("") as terminal:
            terminal.heard("terminal.ready", 1, STEP_WITHIN_S)
            while (left := self._cli("unfinished")) and time.monotonic() < until:
                terminal.heard("nothing", 1, 1.0)
        self._tally.flaws += [f"{order['order']} is {order['state']} still" for order in left]
        self._read_slips()

    def judge(self) -> Verdict:
        """Compare the terminal's journal with what gateway and departments have."""
        with sandbox(self._state / "sandbox") as departments:
            departments.control("/clock", {"advance_s": 86400})
            ledger = departments.control("/ledger")
            verdict = judge([self._state], ledger, departments.statements(), ())
        standing = [row for row in ledger["bookings"] if not row["withdrawn_at"]]
        owed_to = {trade["out_trade_no"]: trade["department"] for trade in ledger["trades"]}
        self._tally.booked.update(owed_to[row["out_trade_no"]] for row in standing)
        self._tally.vouchers.update(row["voucher_url"] for row in ledger["bookings"])
        self._tally.orders += verdict.orders
        self._tally.states.update(verdict.states)
        return verdict

    @contextmanager
    def _running(self, person: str) -> Iterator[Running]:
        """The terminal, with a person before it unless `person` is ""."""
        also = {PERSON: person, "KIOSK_SCREENS": "tests.crashtest.handed"} if person else {}
        size = "{}x{}".format(*WINDOW)
        process = subprocess.Popen(
            [KIOSK, "run", "--window", size, "--state", str(self._state)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, env=os.environ | also | {"DISPLAY": self._display}, cwd=ROOT,
        )  # fmt: skip
        terminal = Running(process)
        try:
            yield terminal
        finally:
            process.terminate()
            process.wait(STEP_WITHIN_S)
            self._tally.flaws += [
                f"{person}: {line.strip()}"
                for line in terminal.lines
                if "Traceback" in line or '"terminal.bug"' in line
            ]

    def _look(self, person: str) -> None:
        """The journal is whole after every kill; one that died before it was made has none."""
        if not (self._state / JOURNAL_FILE).exists():
            self._tally.under_way["no journal"] += 1
            return
        said = self._cli("verify")
        if not said["whole"]:
            self._tally.flaws += [f"after {person}: {flaw}" for flaw in said["flaws"]]
        unfinished = self._cli("unfinished")
        self._tally.under_way.update([order["state"] for order in unfinished] or ["nothing"])
        self._read_slips()

    def _read_slips(self) -> None:
        """The addresses on the slips of the life that has just ended: the next one clears them away."""
        for slip in sorted((self._state / "slips").glob("slip-*.png")):
            try:
                codes = decode_codes(Image.open(slip))
            except (OSError, SyntaxError):  # half written when the printer lost its power
                continue
            self._tally.slips.update(
                address for code in codes if self._is_voucher(address := code.data.decode())
            )
            slip.unlink()

    def _is_voucher(self, address: str) -> bool:
        """Whether a booking is behind this address, as the page itself is headed; slips of questions have
        pages too."""
        with closing(sqlite3.connect(self._state / "sandbox" / BOOKS_FILE)) as books:
            token = address.rpartition("/")[2]
            found = books.execute("SELECT title FROM pages WHERE token = ?", (token,)).fetchone()
        return bool(found) and found[0] == VOUCHER_TITLE

    def _cli(self, command: str) -> Any:
        words = [KIOSK, "journal", command, "--state", str(self._state), "--json"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
        if not done.stdout:
            raise AssertionError(f"kiosk journal {command}: {done.stderr[-2000:]}")
        return json.loads(done.stdout)


def _kill(pid: int) -> None:
    """End a terminal as a power cut does, and wait until its stand-ins have noticed."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    watched = [os.pidfd_open(int(child)) for child in children]
    os.kill(pid, signal.SIGKILL)
    for descriptor in watched:
        select.select([descriptor], [], [], CHILDREN_WITHIN_S)
        os.close(descriptor)


def run(kills: int, seed: int) -> tuple[list[Verdict], Tally]:
    """Kill so often, in as many halls as that takes; every hall's books."""
    chance, tally, verdicts = random.Random(seed), Tally(), []
    with tempfile.TemporaryDirectory() as directory, display(*WINDOW) as shown_on:
        for number in count(1):
            hall = Hall(Path(directory, f"hall-{number}"), shown_on, chance, tally)
            for visit in chance.sample(VISITS, min(len(VISITS), kills - tally.kills)):
                hall.kill_once(*visit)
            hall.settle()
            verdicts.append(hall.judge())
            say(f"hall {number}: {tally.kills} kills, {verdicts[-1].orders} orders")
            if tally.kills >= kills:
                break
    return verdicts, tally


def tell(verdicts: Sequence[Verdict], tally: Tally) -> bool:
    """The totals, for people; whether all was right."""
    unknown = sorted(set(tally.slips) - tally.vouchers)
    flaws = [*tally.flaws, *(f"a slip shows {each}, which nobody booked" for each in unknown)]
    for verdict in verdicts:
        flaws += [*verdict.double, *verdict.lost, *verdict.stuck, *verdict.broken]
    say(f"{tally.kills} kills of kiosk run, {tally.orders} orders")
    for what, counted in (
        ("killed while the journal had", tally.under_way),
        ("in the end", tally.states),
        ("booked", tally.booked),
    ):
        say(f"  {what}: " + ", ".join(f"{n} {name}" for name, n in sorted(counted.items())))
    say(f"  {sum(tally.slips.values())} slips of {len(tally.slips)} bookings")
    say(f"{len(flaws)} flaws")
    for flaw in flaws:
        say(f"  ! {flaw}")
    return not flaws


def main(words: Sequence[str] | None = None) -> int:
    """Run, tell, and answer 0 where everything was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashtest.program", description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args(words)
    say(f"seed {given.seed}: {given.kills} kills to come")
    return 0 if tell(*run(given.kills, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
