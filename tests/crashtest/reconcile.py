"""After all the deaths: do the journal, the gateway and the department agree, to the fen?"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.journal import Journal, OrderRecord, Transition
from kiosk.payments.machine import BOOKED
from tests.crashtest.free import judge_free
from tests.crashtest.terminal import JOURNAL_FILE, ROLL_FILE


@dataclass
class Verdict:
    """What is wrong, one sentence each, and what there was."""

    double: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    departments: Counter[str] = field(default_factory=Counter)
    free: Counter[str] = field(default_factory=Counter)
    receipts: int = 0
    orders: int = 0
    attempts: int = 0
    paid_fen: int = 0
    returned_fen: int = 0
    booked_fen: int = 0

    @property
    def good(self) -> bool:
        return not (self.double or self.lost or self.stuck or self.broken)


def judge(
    states: Iterable[Path],
    ledger: Mapping[str, Any],
    statements: Iterable[bytes],
    written: Iterable[tuple[str, str]],
    told: Collection[tuple[str, str, str]] = (),
) -> Verdict:
    """Compare everything with everything. `states` are the terminals' directories, `statements` the
    gateway's bill files of all days, `written` each step that a journal had acknowledged (out_trade_no,
    state), `told` what citizens were told of what costs nothing."""
    verdict = Verdict()
    states = list(states)
    verdict.broken += judge_free(ledger, told)
    verdict.lost += between_lives(states, ledger)
    whose = {trade["out_trade_no"]: trade["department"] for trade in ledger["trades"]}
    verdict.departments = Counter(
        whose[row["out_trade_no"]] for row in ledger["bookings"] if not row["withdrawn_at"]
    )
    verdict.free = Counter(what for what, _, _ in told)
    records, histories = _read(verdict, states)
    held = _held(ledger)
    booked = {b["out_trade_no"]: b for b in ledger["bookings"] if not b["withdrawn_at"]}
    _judge_bills(verdict, ledger, held)
    ours: set[str] = set()
    for record in records:
        steps = histories[record.status.order_no]
        numbers = list(dict.fromkeys(step.out_trade_no for step in steps))
        ours.update(numbers)
        verdict.attempts += len(numbers)
        _judge_order(verdict, record, numbers, held, booked)
        if [s.before for s in steps] != [None, *(s.after for s in steps[:-1])]:
            verdict.broken.append(f"{record.status.order_no}: its steps do not follow each other")
    for number in {movement["out_trade_no"] for movement in ledger["movements"]} - ours:
        verdict.lost.append(f"{number}: money moved and the journal does not know it")
    on_disk = {(s.out_trade_no, s.after.value) for steps in histories.values() for s in steps}
    verdict.broken += [
        f"{number}: {after} was acknowledged and is not in the journal"
        for number, after in set(written) - on_disk
    ]
    verdict.orders = len(records)
    verdict.receipts = sum(len(_roll(state)) for state in states)
    verdict.states = Counter(record.status.state.value for record in records)
    _judge_sums(verdict, ledger, statements)
    return verdict


def between_lives(states: Iterable[Path], ledger: Mapping[str, Any]) -> list[str]:
    """What must hold whenever a terminal is dead, though payments are under way: what a journal calls booked
    is booked and paid for; what a receipt says is booked; money and bookings belong to orders that are
    written down. One sentence for each that does not."""
    held = _held(ledger)
    booked = {b["out_trade_no"]: b for b in ledger["bookings"] if not b["withdrawn_at"]}
    flaws: list[str] = []
    known: set[str] = set()
    for state in states:
        if not (state / JOURNAL_FILE).exists():
            continue
        records = _orders(state)
        known.update(record.status.order_no for record in records)
        entered = {r.status.out_trade_no: r for r in records if r.status.state in BOOKED}
        for number, record in entered.items():
            if number not in booked or held.get(number, 0) != record.order.amount_fen:
                flaws.append(
                    f"{number} is {record.status.state.value}, and not booked and paid for"
                )
        for number, acceptance_no in _roll(state):
            is_true = number in entered and booked[number]["acceptance_no"] == acceptance_no
            if not is_true:
                flaws.append(f"{number}: a receipt shows {acceptance_no}, which is not booked")
    for number in {*held, *booked}:
        if number.rpartition("-")[0] not in known:
            flaws.append(f"{number}: money moved and the journal does not know it")
    return flaws


def _orders(state: Path) -> tuple[OrderRecord, ...]:
    journal = Journal(state / JOURNAL_FILE, read_only=True)
    try:
        return tuple(journal.orders())
    finally:
        journal.close()


def _roll(state: Path) -> list[tuple[str, str]]:
    """The receipts on a terminal's paper: out_trade_no and acceptance number."""
    try:
        lines = (state / ROLL_FILE).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    return [(number, acceptance_no) for number, acceptance_no in map(str.split, lines)]


def _read(
    verdict: Verdict, states: Iterable[Path]
) -> tuple[list[OrderRecord], dict[str, tuple[Transition, ...]]]:
    """Every order of every terminal, and its steps."""
    records: list[OrderRecord] = []
    histories = {}
    for state in states:
        journal = Journal(state / JOURNAL_FILE)
        try:
            for record in journal.orders():
                records.append(record)
                histories[record.status.order_no] = journal.history(record.status.order_no)
            verdict.stuck += [
                f"{record.status.out_trade_no} is {record.status.state.value}"
                for record in journal.unfinished()
            ]
        finally:
            journal.close()
    return records, histories


def _held(ledger: Mapping[str, Any]) -> dict[str, int]:
    """What the gateway holds by out_trade_no, from its movements."""
    held: dict[str, int] = defaultdict(int)
    for movement in ledger["movements"]:
        sign = 1 if movement["kind"] == "payment" else -1
        held[movement["out_trade_no"]] += sign * movement["amount_fen"]
    return {number: fen for number, fen in held.items() if fen}


def _judge_bills(verdict: Verdict, ledger: Mapping[str, Any], held: Mapping[str, int]) -> None:
    paid = Counter(t["bill_id"] for t in ledger["trades"] if t["out_trade_no"] in held)
    verdict.double += [f"{bill} is paid {times} times" for bill, times in paid.items() if times > 1]
    verdict.stuck += [
        f"{trade['out_trade_no']} is {trade['state']} at the gateway"
        for trade in ledger["trades"]
        if trade["state"] in ("NOTPAY", "USERPAYING")
    ]
    verdict.stuck += [
        f"{refund['refund_no']} is {refund['state']} at the gateway"
        for refund in ledger["refunds"]
        if refund["state"] != "SUCCESS"
    ]


def _judge_order(
    verdict: Verdict,
    record: OrderRecord,
    numbers: Sequence[str],
    held: Mapping[str, int],
    booked: Mapping[str, Any],
) -> None:
    state, number = record.status.state, record.status.out_trade_no
    fen = sum(held.get(one, 0) for one in numbers)
    if state.value == "unresolved":
        verdict.stuck.append(f"{number} is unresolved")
    due = record.order.amount_fen if state in BOOKED else 0
    if fen > due:
        verdict.lost.append(f"{number} is {state.value}, and the gateway holds {fen} fen")
    if fen < due:
        verdict.lost.append(f"{number} is {state.value}, and the gateway holds {fen} fen only")
    entered = [one for one in numbers if one in booked]
    if entered != ([number] if state in BOOKED else []):
        verdict.lost.append(f"{number} is {state.value}, and the department booked {entered}")


def _judge_sums(verdict: Verdict, ledger: Mapping[str, Any], statements: Iterable[bytes]) -> None:
    """The department holds what the gateway holds, and the day's bills say the same to the fen."""
    balance = ledger["balance"]
    verdict.paid_fen = balance["paid_fen"]
    verdict.returned_fen = balance["returned_fen"]
    verdict.booked_fen = balance["booked_fen"]
    verdict.moved = Counter(movement["kind"] for movement in ledger["movements"])
    if balance["paid_fen"] - balance["returned_fen"] != balance["booked_fen"]:
        verdict.lost.append(f"the sums differ: {balance}")
    rows = paid = returned = 0
    for statement in statements:
        *_, total = csv.reader(io.StringIO(statement.decode(), newline=""))
        rows, paid, returned = rows + int(total[1]), paid + int(total[2]), returned + int(total[3])
    said = (rows, paid, returned)
    moved = (len(ledger["movements"]), balance["paid_fen"], balance["returned_fen"])
    if said != moved:
        verdict.broken.append(f"the bill files say {said}, the ledger {moved}")
