"""What costs nothing and must not be done twice: a slot, a registration under a name, an invoice handed over.

No journal keeps these: each department's own rules have to hold when a terminal dies in the middle, and the
same citizen comes again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.backends.contract import Answer, Person
from kiosk.backends.departments import Departments
from tests.crashtest.jumploop import WatchedCalls
from tests.crashtest.moments import Moments, MortalClient

STORIES = ("slot", "licence", "pickup")
TRIES = 3
"""So often a citizen touches "try again" where no answer came, under the same key."""

SERVICE, KIND, HOME = "social", "sole-trader", "371083"
PHONE = "13800000000"


@dataclass(frozen=True, slots=True)
class FreeVisit:
    """One citizen: what for, under which key of this visit; `subject` is the slot's place in the list, the
    business's name, or the code of the invoice."""

    story: str
    name: str
    id_number: str
    key: str
    subject: str
    terminal: str


async def perform(
    departments: Departments, calls: WatchedCalls, moments: Moments, visit: FreeVisit
) -> None:
    """Ask for it, and tell the pipe what the terminal was told."""
    await asyncio.sleep(1)
    ways = {"slot": _slot, "licence": _licence, "pickup": _pickup}
    await ways[visit.story](departments, calls, moments, visit)


async def _asked(calls: WatchedCalls, function: Any, *given: Any) -> Any:
    for _ in range(TRIES):
        reply = await calls.run(function, *given)
        if isinstance(reply, Answer):
            return reply.value
        await asyncio.sleep(2)
    return None


async def _slot(
    departments: Departments, calls: WatchedCalls, moments: Moments, visit: FreeVisit
) -> None:
    approval = MortalClient(departments.approval, moments, lambda: None, "approval")
    slots = await _asked(calls, approval.slots, SERVICE, "window")
    if not slots:
        return
    slot = slots[int(visit.subject) % len(slots)].id
    person = Person(visit.name, visit.id_number)
    booked = await _asked(calls, approval.book, person, slot, None, "", visit.key)
    if booked is not None:
        moments.say("told", "slot", slot, booked.number)


async def _licence(
    departments: Departments, calls: WatchedCalls, moments: Moments, visit: FreeVisit
) -> None:
    approval = MortalClient(departments.approval, moments, lambda: None, "approval")
    values = (
        ("business_name", visit.subject), ("trade", "retail"), ("division", HOME), ("phone", PHONE),
    )  # fmt: skip
    person = Person(visit.name, visit.id_number)
    decided = await _asked(calls, approval.instant_decision, person, KIND, values, visit.key)
    if decided is not None and decided.granted:
        moments.say("told", "licence", visit.subject, decided.number)


async def _pickup(
    departments: Departments, calls: WatchedCalls, moments: Moments, visit: FreeVisit
) -> None:
    tax = MortalClient(departments.tax, moments, lambda: None, "tax")
    opened = await _asked(calls, tax.release, visit.subject, visit.terminal, visit.key)
    if opened is None:
        return
    moments.at("compartment open")
    taken = await _asked(calls, tax.taken, opened.pickup_id, visit.terminal, True, f"{visit.key}-t")
    if taken is not None:
        moments.say("told", "pickup", opened.pickup_id, taken.acceptance_no)


def judge_free(ledger: Mapping[str, Any], told: Iterable[tuple[str, str, str]]) -> list[str]:
    """What was done twice, or told to a citizen and not done; one sentence each."""
    slots = [row["slot"] for row in ledger["appointments"] if not row["cancelled_at"]]
    names = [row["name"] for row in ledger["decisions"] if row["granted"]]
    flaws = [f"slot {slot} is taken {n} times" for slot, n in Counter(slots).items() if n > 1]
    flaws += [f"{name} is registered {n} times" for name, n in Counter(names).items() if n > 1]
    done = {("slot", row["slot"], row["appointment_no"]) for row in ledger["appointments"]}
    done |= {("licence", row["name"], row["decision_no"]) for row in ledger["decisions"]}
    done |= {("pickup", row["pickup_id"], row["acceptance_no"]) for row in ledger["pickups"]}
    flaws += [
        f"{what} {which}: told {number}, not done" for what, which, number in set(told) - done
    ]
    numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for what, which, number in told:
        numbers[what, which].add(number)
    flaws += [
        f"{what} {which} was done twice: {sorted(given)}"
        for (what, which), given in numbers.items()
        if len(given) > 1
    ]
    return flaws
