"""The control API: what a bench or a test has the departments, and the citizen's phone, do.

Not part of the departments' contract; a real department has nothing of this.
"""

from __future__ import annotations

import secrets
from sqlite3 import Connection
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field

from kiosk.sandbox import hall, payment, trades
from kiosk.sandbox.books import wipe
from kiosk.sandbox.faults import Fault, FaultKind
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.seed import seed
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import ORDER_NUMBER, ChannelName, DepartmentName, Wire

router = APIRouter(prefix="/_control", tags=["control"])

OrderPath = Annotated[str, Path(pattern=ORDER_NUMBER)]

CODE_FORMS: dict[ChannelName, tuple[str, int]] = {
    "wechat": ("13", 18),
    "alipay": ("28", 18),
    "unionpay": ("62", 19),
}
"""A prefix and the length of a payment code of each channel (PAYMENTS.md)."""


class FaultOrder(Wire):
    """How a department is to misbehave."""

    department: DepartmentName
    path: str = Field("", max_length=200)
    kind: FaultKind
    delay_s: float = Field(0.0, ge=0, le=120)
    status: int = Field(500, ge=429, le=599)
    times: int | None = Field(1, ge=1, le=1000)


class FaultEntry(FaultOrder):
    """A fault that is set."""

    fault_id: str


class PhonePayment(Wire):
    """With which channel the citizen pays."""

    channel: ChannelName


class Confirmation(Wire):
    """Whether the citizen confirms on the phone."""

    accept: bool


class CodeOrder(Wire):
    """A payment code that behaves so."""

    channel: ChannelName
    behaviour: Literal["ok", "confirm", "insufficient_funds", "code_expired"] = "ok"


class IssuedCode(Wire):
    """A fresh payment code."""

    auth_code: str


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
    """Behave."""
    here.sandbox.faults.clear()
    return Response(status_code=204)


@router.delete("/faults/{fault_id}", status_code=204, responses=refuses("fault.unknown"))
def clear_fault(here: Here, fault_id: str) -> Response:
    """End one fault."""
    if not here.sandbox.faults.remove(fault_id):
        raise Problem("fault.unknown")
    return Response(status_code=204)


def _entry(fault: Fault) -> FaultEntry:
    return FaultEntry(**{name: getattr(fault, name) for name in FaultEntry.model_fields})


@router.post(
    "/orders/{out_trade_no}/pay",
    responses=refuses("order.not_found", "order.not_payable", "request.invalid"),
)
def pay(here: Here, out_trade_no: OrderPath, phone: PhonePayment) -> payment.Trade:
    """The citizen scans the shown code and pays."""
    with here.books.transaction() as db:
        return payment.as_trade(trades.pay_shown(db, out_trade_no, phone.channel, here.now()))


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
    """A fresh payment code on the citizen's phone."""
    prefix, length = CODE_FORMS[order.channel]
    places = length - len(prefix)
    code = prefix + f"{secrets.randbelow(10**places):0{places}d}"
    with here.books.transaction() as db:
        db.execute("INSERT INTO auth_codes VALUES (?, ?, 0)", (code, order.behaviour))
    return IssuedCode(auth_code=code)


@router.get("/ledger")
def ledger(here: Here) -> dict[str, list[dict[str, Any]]]:
    """Everything that moved, oldest first."""
    queries = {
        "trades": "SELECT out_trade_no, state, department, bill_id, option, amount_fen, channel,"
        " transaction_id, code_url, reason, opened_at FROM trades ORDER BY rowid",
        "bookings": "SELECT * FROM bookings ORDER BY rowid",
        "staff_calls": "SELECT * FROM staff_calls ORDER BY rowid",
        "ratings": "SELECT * FROM ratings ORDER BY rowid",
    }
    with here.books.transaction() as db:
        trades.settle(db, here.now())
        return {name: [dict(row) for row in db.execute(q)] for name, q in queries.items()}


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
