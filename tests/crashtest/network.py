"""What becomes of a payment when the network or the other side fails it, at each call it makes.

The real desk pays against the sandbox in virtual time, once for each failure at each call. What came
of it is the table in docs/PAYMENT-FAILURES.md, which `python -m tests.crashtest.network` writes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import looptime

from kiosk.payments.machine import BOOKED, PayState
from kiosk.payments.order import PaymentStatus
from kiosk.payments.payment import Payment
from kiosk.texts import Yuan, msg
from kiosk.timing import Timing
from kiosk.words import load_words
from tests.crashtest.flows import FAILURES, FLOWS, NOTHING, UNHEARD_S, Failure, Flow
from tests.crashtest.stand import Citizen, Stand

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "PAYMENT-FAILURES.md"

LASTING_S = 600.0
"""How long a failure lasts that does not pass by itself at once."""

GIVEN_UP_S = 3 * 86400.0
"""Nothing of a payment goes on for longer: a day of asking, and the next day's bill."""

AMOUNT_FEN = 30000

NOBODY = "(nobody is there)"


@dataclass(frozen=True)
class Row:
    """What came of one payment."""

    flow: str
    failure: str
    lasting: bool
    end: str
    money: str
    told: str
    seconds: float
    calls: tuple[str, ...]


async def play(flow: Flow, failure: Failure | None, lasting: bool, state: Path) -> Row:
    """One payment and its failure. Raises AssertionError where money was not conserved."""
    stand = Stand(state, flow.begins)
    loop = asyncio.get_running_loop()
    try:
        stand.sandbox.control(f"/bills/{stand.bill['bill_id']}", {"closed": flow.closed})
        if flow.unheard:
            stand.silence(UNHEARD_S)
        if flow.name == "query_refund":
            stand.sandbox.control("/refunds", {"ending": "SUCCESS", "after_s": 60})
        if failure is not None:
            fault = {"department": flow.department, "path": flow.path, "times": 1}
            fault |= dict(failure.order) | ({"times": None} if lasting else {})
            set_ = stand.sandbox.control("/faults", fault)["fault_id"]
            if lasting:
                loop.call_later(LASTING_S, stand.sandbox.control, f"/faults/{set_}", None, "DELETE")
        payment = await stand.desk.open(stand.order())
        assert isinstance(payment, Payment), payment
        citizen = Citizen(stand, flow, payment)
        begun = loop.time()
        async with asyncio.timeout(GIVEN_UP_S):
            await citizen.act()
            await stand.desk.settled()
        end = payment.status
        money = conserved(stand, end, failure)
        seconds = citizen.seen[-1][0] - begun
        name = failure.name if failure else NOTHING
        said = NOBODY if flow.way == "show_and_leave" else told(citizen.seen)
        calls = tuple(f"{verb} {path}" for verb, path in stand.sandbox.adapter.calls)
        return Row(flow.name, name, lasting, end.state.value, money, said, seconds, calls)
    finally:
        await stand.desk.close()
        stand.journal.close()


def conserved(stand: Stand, end: PaymentStatus, failure: Failure | None) -> str:
    """Where the money is; raises AssertionError where that is not where the payment's end says."""
    ledger = stand.ours()
    held = sum(
        row["amount_fen"] * (1 if row["kind"] == "payment" else -1) for row in ledger["movements"]
    )
    paid = [row for row in ledger["movements"] if row["kind"] == "payment"]
    booked = [row for row in ledger["bookings"] if not row["withdrawn_at"]]
    case = (failure, end, ledger)
    assert not [row for row in ledger["trades"] if row["state"] in ("NOTPAY", "USERPAYING")], case
    assert stand.journal.unfinished() == (), case
    record = stand.journal.order(end.order_no)
    assert record is not None, case
    assert record.status.state is end.state, case
    if end.state in BOOKED:
        assert (held, len(booked)) == (AMOUNT_FEN, 1), case
        assert booked[0]["out_trade_no"] == end.out_trade_no, case
        return "with the department, booked"
    assert (held, booked) == (0, []), case
    return "back with the citizen" if paid else "never left the citizen"


def told(seen: Sequence[tuple[float, PaymentStatus]]) -> str:
    """The sentences of the screen, in English: what was still open when the citizen's patience was
    over, then how it ended."""
    said = []
    timing = Timing()
    for (begun, status), (until, _) in pairwise(seen):
        patience = timing.booking_s if status.state in taken() else timing.unknown_s
        if until - begun > patience and status.state is not PayState.QR_SHOWN:
            said.append(still_open(status))
    said.append(ending(seen[-1][1]))
    return " → ".join(dict.fromkeys(said))


def taken() -> tuple[PayState, ...]:
    from kiosk.steps.unsettled import TAKEN

    return TAKEN


def still_open(status: PaymentStatus) -> str:
    from kiosk.steps.unsettled import SAID, UNKNOWN

    said = SAID.get(status.state, UNKNOWN)
    return sentence(said.headline)


def ending(status: PaymentStatus) -> str:
    from kiosk.steps import pay
    from kiosk.steps.unsettled import SAID

    if status.state in BOOKED:
        return sentence("pension.done")
    if status.state in SAID:
        return sentence(SAID[status.state].headline)
    cause = pay.FAILURES.get(status.reason, pay.CAUSES.get(status.state, "pay.failed.declined"))
    return sentence(cause)


WORDS = load_words()["en"]


def sentence(key: str) -> str:
    return WORDS.say(msg(key, amount=Yuan(AMOUNT_FEN)))


def rows() -> Iterator[Row]:
    """Every payment of the table."""
    for flow in FLOWS:
        yield in_virtual_time(flow, None, False)
        for failure in FAILURES:
            for lasting in (False, True):
                yield in_virtual_time(flow, failure, lasting)


def in_virtual_time(flow: Flow, failure: Failure | None, lasting: bool) -> Row:
    with (
        tempfile.TemporaryDirectory() as state,
        asyncio.Runner(loop_factory=looptime.new_event_loop) as runner,
    ):
        return runner.run(play(flow, failure, lasting, Path(state)))


HEAD = f"""# When the network fails a payment

What becomes of a payment of ¥300.00 when one call of it fails. `python -m tests.crashtest.network`
makes this file with the real payment desk, the real clients and the sandbox; a test compares it with
what they do. Each failure happens once, and again without end for {LASTING_S / 60:.0f} minutes.
Whatever happens, the money is with the department and booked there, or with the citizen.

"The citizen reads" what the screen says when the usual patience is over (kiosk/timing.py), then how it
ended. "Seconds" are from the citizen's wish to the payment's end, whether or not anybody stands there.
"""


def document(found: Sequence[Row]) -> str:
    """The table as Markdown."""
    parts = [HEAD.rstrip()]
    for flow in FLOWS:
        parts.append(f"\n## {flow.name}: {flow.what}\n")
        parts.append(
            "| what fails | how long | the end | the money is | the citizen reads | seconds |"
        )
        parts.append(
            "|------------|----------|---------|--------------|-------------------|--------:|"
        )
        for row in found:
            if row.flow != flow.name:
                continue
            lasted = f"{LASTING_S / 60:.0f} min" if row.lasting else "once"
            how_long = "" if row.failure == NOTHING else lasted
            parts.append(
                f"| {row.failure} | {how_long} | {row.end.upper()} | {row.money} | {row.told}"
                f" | {row.seconds:,.0f} |"
            )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(list(rows())), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT}\n")
