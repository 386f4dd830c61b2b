"""The control API: what a bench or a test has the departments, and the citizen's phone, do.

Not part of the departments' contract; a real department has nothing of this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from sqlite3 import Connection
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, Field, WithJsonSchema

from kiosk.sandbox import control_phones, hall, payment, returns, trades
from kiosk.sandbox.arranged import arrange
from kiosk.sandbox.books import serial, wipe
from kiosk.sandbox.faults import Fault, FaultKind
from kiosk.sandbox.further import further_bills, further_pickups
from kiosk.sandbox.movements import balance
from kiosk.sandbox.problems import CODES, Problem, refuses
from kiosk.sandbox.seed import seed
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import ORDER_NUMBER, AsWhole, ChannelName, DepartmentName, Token, Wire

router = APIRouter(prefix="/_control", tags=["control"])
router.include_router(control_phones.router)

OrderPath = Annotated[str, Path(pattern=ORDER_NUMBER)]

CODE_FORMS: dict[ChannelName, tuple[str, int]] = {
    "wechat": ("13", 18),
    "alipay": ("28", 18),
    "unionpay": ("62", 19),
}
"""A prefix and the length of a payment code of each channel (PAYMENTS.md)."""


Times = Annotated[int | None, Field(strict=True, ge=1, le=1000), AsWhole]
Wait = Annotated[float, Field(strict=True, ge=0, le=86400)]
Flag = Annotated[bool, Field(strict=True)]


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError("not a code of the contract")
    return code


Code = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(CODES)})
]


class FaultOrder(Wire):
    """How a department is to misbehave."""

    department: DepartmentName
    path: str = Field("", max_length=200)
    kind: FaultKind
    delay_s: float = Field(0.0, strict=True, ge=0, le=3600)
    status: Annotated[int, Field(strict=True, ge=429, le=599), AsWhole] = 500
    code: Code = "service.error"
    retry_after_s: Annotated[int, Field(strict=True, ge=0, le=3600), AsWhole] = 1
    carried_out: Flag = False
    times: Times = 1


class FaultEntry(FaultOrder):
    """A fault that is set."""

    fault_id: str


class PhonePayment(Wire):
    """With which channel the citizen pays, and in how many seconds."""

    channel: ChannelName
    after_s: Wait = 0.0


class Confirmation(Wire):
    """Whether the citizen confirms on the phone."""

    accept: Flag


class CodeOrder(Wire):
    """A payment code that behaves so; with "confirm" the citizen confirms after `confirm_s`, null: only
    when told to."""

    channel: ChannelName
    behaviour: Literal["ok", "confirm", "insufficient_funds", "code_expired", "code_used"] = "ok"
    confirm_s: Wait | None = None


class IssuedCode(Wire):
    """A fresh payment code."""

    auth_code: str


class RefundPlan(Wire):
    """How the next refunds end, and after how long."""

    ending: returns.Ending
    after_s: Wait = returns.REFUND_TAKES_S
    times: Times = 1


class RefundEnd(Wire):
    """How a refund ends, now."""

    ending: returns.Ending


class Race(Wire):
    """At which call of the terminal the citizen pays in the same moment, just before it."""

    at: Literal["query", "close", "reverse"]
    channel: ChannelName = "wechat"
    times: Times = 1


class BillCount(Wire):
    """How many further bills are wanted, and of whom."""

    count: Annotated[int, Field(strict=True, ge=1, le=2000), AsWhole]
    department: Literal["social-insurance", "medical", "property", "tax", "credit"] = (
        "social-insurance"
    )


class PickupCount(Wire):
    """How many further invoices on paper are wanted, and where."""

    count: Annotated[int, Field(strict=True, ge=1, le=2000), AsWhole]
    terminal: Token


class FreshPickup(Wire):
    """An invoice that waits in a compartment."""

    pickup_id: str
    code: str


class FreshBill(Wire):
    """A bill that anybody may pay, with its first tier."""

    bill_id: str
    tier_id: str
    amount_fen: int


class BillMove(Wire):
    """Whether a bill is closed: its department books it no more."""

    closed: Flag


class ClockMove(Wire):
    """How far the clock is put forward."""

    advance_s: float = Field(strict=True, gt=0, le=40 * 86400)


class ClockFace(Wire):
    """The departments' clock."""

    now: str
    speed: float


class CallMove(Wire):
    """Where staff is now."""

    state: hall.CallState


@router.get("/citizens")
def citizens(here: Here) -> list[dict[str, Any]]:
    """The invented citizens and what they have."""
    with here.books.transaction() as db:
        rows = db.execute(
            "SELECT slug, name, id_number, paid_until FROM citizens ORDER BY rowid"
        ).fetchall()
        return [dict(row) | _belongings(db, row["id_number"]) for row in rows]


def _belongings(db: Connection, id_number: str) -> dict[str, list[str]]:
    queries = {
        "bills": "SELECT bill_id FROM bills WHERE id_number = ?",
        "units": "SELECT unit_code FROM owners WHERE id_number = ?",
        "invoices": "SELECT number FROM invoices WHERE id_number = ?",
    }
    return {
        name: [row[0] for row in db.execute(query, (id_number,))] for name, query in queries.items()
    }


@router.post("/faults", status_code=201, responses=refuses("request.invalid"))
def set_fault(here: Here, order: FaultOrder) -> FaultEntry:
    """Misbehave from now on."""
    return _entry(here.sandbox.faults.add(Fault(fault_id="", **order.model_dump())))


@router.get("/faults")
def faults(here: Here) -> list[FaultEntry]:
    """The faults that are set."""
    return [_entry(fault) for fault in here.sandbox.faults.all()]


@router.delete("/faults", status_code=204)
def clear_faults(here: Here) -> Response:
    """Behave: no faults, and nothing that was arranged happens any more."""
    here.sandbox.faults.clear()
    with here.books.transaction() as db:
        db.execute("DELETE FROM arrangements")
    return Response(status_code=204)


@router.delete("/faults/{fault_id}", status_code=204, responses=refuses("fault.unknown"))
def clear_fault(here: Here, fault_id: str) -> Response:
    """End one fault."""
    if not here.sandbox.faults.remove(fault_id):
        raise Problem("fault.unknown")
    return Response(status_code=204)


def _entry(fault: Fault) -> FaultEntry:
    return FaultEntry(**asdict(fault))


@router.post(
    "/orders/{out_trade_no}/pay",
    responses=refuses("order.not_found", "order.not_payable", "request.invalid"),
)
def pay(here: Here, out_trade_no: OrderPath, phone: PhonePayment) -> payment.Trade:
    """The citizen scans the shown code and pays, now or in a while."""
    with here.books.transaction() as db:
        trade = trades.pay_shown(db, out_trade_no, phone.channel, here.now(), phone.after_s)
        return payment.as_trade(trade)


@router.post(
    "/orders/{out_trade_no}/confirm",
    responses=refuses("order.not_found", "order.not_payable", "request.invalid"),
)
def confirm(here: Here, out_trade_no: OrderPath, answer: Confirmation) -> payment.Trade:
    """The citizen confirms a payment on the phone, or does not."""
    with here.books.transaction() as db:
        return payment.as_trade(trades.confirm(db, out_trade_no, answer.accept, here.now()))


@router.post("/auth-codes", status_code=201, responses=refuses("request.invalid"))
def issue_code(here: Here, order: CodeOrder) -> IssuedCode:
    """A fresh payment code on the citizen's phone: the n-th of a sandbox is always the same."""
    with here.books.transaction() as db:
        code = _code(order.channel, serial(db, f"code.{order.channel}.", here.now()))
        db.execute(
            "INSERT INTO auth_codes VALUES (?, ?, ?, 0)", (code, order.behaviour, order.confirm_s)
        )
    return IssuedCode(auth_code=code)


def _code(channel: ChannelName, number: str) -> str:
    prefix, length = CODE_FORMS[channel]
    places = length - len(prefix)
    drawn = int.from_bytes(hashlib.sha256(number.encode()).digest())
    return f"{prefix}{drawn % 10**places:0{places}d}"


@router.post("/refunds", status_code=204, responses=refuses("request.invalid"))
def plan_refunds(here: Here, plan: RefundPlan) -> Response:
    """Let the next refunds end so."""
    with here.books.transaction() as db:
        arrange(db, "refund", plan.ending, plan.times, plan.after_s)
    return Response(status_code=204)


@router.post(
    "/refunds/{refund_no}",
    responses=refuses("refund.not_found", "refund.ended", "refund.exists", "request.invalid"),
)
def end_refund(here: Here, refund_no: OrderPath, end: RefundEnd) -> payment.Refund:
    """End a refund now; one that failed is paid out by hand."""
    with here.books.transaction() as db:
        return payment.as_refund(returns.end(db, refund_no, end.ending, here.now()))


@router.post("/races", status_code=204, responses=refuses("request.invalid"))
def plan_race(here: Here, race: Race) -> Response:
    """Let the citizen pay at the very moment of the next such calls."""
    with here.books.transaction() as db:
        arrange(db, f"race.{race.at}", race.channel, race.times)
    return Response(status_code=204)


@router.post("/bills", status_code=201, responses=refuses("request.invalid"))
def issue_bills(here: Here, wanted: BillCount) -> list[FreshBill]:
    """Further bills of the invented citizens, for years to come."""
    with here.books.transaction() as db:
        bills = further_bills(db, here, wanted.department, wanted.count)
        return [FreshBill(**bill) for bill in bills]


@router.post("/pickups", status_code=201, responses=refuses("request.invalid"))
def lay_pickups(here: Here, wanted: PickupCount) -> list[FreshPickup]:
    """Further invoices on paper, in the compartments of a terminal."""
    with here.books.transaction() as db:
        laid = further_pickups(db, here, wanted.terminal, wanted.count)
        return [FreshPickup(**pickup) for pickup in laid]


@router.post(
    "/bills/{bill_id}", status_code=204, responses=refuses("bill.unknown", "request.invalid")
)
def close_bill(here: Here, bill_id: Annotated[Token, Path()], move: BillMove) -> Response:
    """Close a bill, or open it again."""
    with here.books.transaction() as db:
        closed = (int(move.closed), bill_id)
        if not db.execute("UPDATE bills SET closed = ? WHERE bill_id = ?", closed).rowcount:
            raise Problem("bill.unknown")
    return Response(status_code=204)


@router.get("/clock")
def clock(here: Here) -> ClockFace:
    """The departments' time."""
    return ClockFace(now=here.sandbox.clock().isoformat(), speed=here.sandbox.clock.speed)


@router.post("/clock", responses=refuses("request.invalid"))
def advance_clock(here: Here, move: ClockMove) -> ClockFace:
    """Put the departments' clock forward; what falls due happens at its own time."""
    here.sandbox.clock.advance(move.advance_s)
    with here.books.transaction() as db:
        returns.settle(db, here.now())
    return clock(here)


LEDGER: Mapping[str, str] = {
    "trades": "SELECT out_trade_no, state, department, bill_id, option, amount_fen, channel,"
    " transaction_id, code_url, reason, opened_at, paid_at, terminal FROM trades ORDER BY rowid",
    "refunds": "SELECT refund_no, out_trade_no, state, amount_fen, reason, asked_at, ended_at"
    " FROM refunds ORDER BY rowid",
    "movements": "SELECT * FROM movements ORDER BY seq",
    "bookings": "SELECT acceptance_no, bill_id, tier_id, amount_fen, out_trade_no, transaction_id,"
    " booked_at, voucher_url, withdrawn_at FROM bookings ORDER BY rowid",
    "staff_calls": "SELECT * FROM staff_calls ORDER BY rowid",
    "ratings": "SELECT * FROM ratings ORDER BY rowid",
    "appointments": "SELECT appointment_no, slug, service, slot, cancelled_at FROM appointments"
    " JOIN citizens USING (id_number) ORDER BY appointments.rowid",
    "decisions": "SELECT decision_no, slug, kind, granted, decisions.name FROM decisions"
    " JOIN citizens USING (id_number) ORDER BY decisions.rowid",
    "pickups": "SELECT pickup_id, terminal, state, acceptance_no FROM pickups ORDER BY rowid",
}


@router.get("/ledger")
def ledger(here: Here) -> dict[str, Any]:
    """The books of the gateway and of the departments, oldest first, and their sums."""
    with here.books.transaction() as db:
        returns.settle(db, here.now())
        books: dict[str, Any] = {
            name: [dict(row) for row in db.execute(query)] for name, query in LEDGER.items()
        }
        return books | {"balance": balance(db)}


@router.post("/staff-calls/{call_id}", responses=refuses("call.unknown", "request.invalid"))
def move_staff(here: Here, call_id: hall.CallPath, move: CallMove) -> hall.StaffCall:
    """Staff sets out, or arrives."""
    with here.books.transaction() as db:
        hall.find_call(db, call_id)
        db.execute("UPDATE staff_calls SET state = ? WHERE call_id = ?", (move.state, call_id))
        return hall.as_call(hall.find_call(db, call_id))


@router.post("/reset", status_code=204)
def reset(here: Here) -> Response:
    """Books as seeded, no faults."""
    here.sandbox.faults.clear()
    with here.books.transaction() as db:
        wipe(db)
        seed(db, here.now().date())
    return Response(status_code=204)
