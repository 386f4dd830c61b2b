"""What this card paid here today: its receipt again, or what became of a payment that is still open.

A reprint never charges: it reads the journal and prints. The journal joins a person's orders by a tag
that holds for one day; afterwards the code on the receipt and any window still serve.
"""

from __future__ import annotations

from kiosk.journal import OrderRecord
from kiosk.payments.machine import BOOKED, LIVE
from kiosk.steps.trouble import OTHER, tell
from kiosk.steps.unsettled import SLIP, Note, trouble
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Choose, Option, Picture
from kiosk.visit import Visit

PAY = "pay"


async def earlier_payment(visit: Visit, person_tag: str, may_pay: bool) -> OrderRecord | None:
    """The booked order whose receipt the citizen wants again; None to go on and pay.

    Where there is none nothing is asked. With `may_pay` False only receipts are on offer. An order
    of today that is still open is told first; it raises Leave, because its bill is locked.
    """
    records = await visit.recall(
        ("earlier", person_tag), lambda: _records(visit, person_tag), answered=False
    )
    for record in records:
        if record.status.state in LIVE:
            await _tell_open(visit, record)
    booked = [record for record in records if record.status.state in BOOKED]
    if not booked:
        return None
    options = tuple(_reprint(record) for record in booked)
    pay = Option(
        id=PAY,
        title=msg("earlier.pay"),
        subtitle=msg("earlier.pay.hint"),
        picture=Picture.DOCUMENT,
    )
    chosen = await visit.ask(
        Choose(
            key="earlier.choose",
            steps=visit.here,
            title=msg("earlier.title"),
            subtitle=msg("earlier.subtitle"),
            options=(*options, pay) if may_pay else options,
            primary=msg("option.next"),
        )
    )
    return next((r for r in booked if r.status.order_no == chosen.id), None)


async def _records(visit: Visit, person_tag: str) -> tuple[OrderRecord, ...]:
    counter = visit.counter
    records = await counter.calls.run(counter.journal.of_person, person_tag)
    return tuple(record for record in records if record.order.item == visit.item_id)


def _reprint(record: OrderRecord) -> Option:
    return Option(
        id=record.status.order_no,
        title=msg("earlier.reprint", amount=Yuan(record.order.amount_fen)),
        subtitle=Plain(f"{record.order.subject} · {record.status.order_no}"),
        picture=Picture.PRINTER,
    )


async def _tell_open(visit: Visit, record: OrderRecord) -> None:
    amount = Yuan(record.order.amount_fen)
    note = Note(visit, Plain(record.order.subject), amount)
    while True:
        options = (OTHER,) if note.has(record.status) else (OTHER, SLIP)
        if await tell(visit, trouble(visit.here, record.status, amount, options)) == SLIP.id:
            await note.print(record.status)
