"""Money's views as the conversation asks them: open, unresolved, returned, printed again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.journeys.pension import STEPS
from kiosk.payments.machine import PayState
from kiosk.payments.order import PaymentStatus
from kiosk.steps.pay import DOING
from kiosk.steps.preflight import printer_trouble
from kiosk.steps.trouble import OTHER
from kiosk.steps.unsettled import SAID, SLIP, WAIT, trouble
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Choose, Option, Picture, Progress, Steps, View

AMOUNT = Yuan(100000)
STATUS = PaymentStatus("P261123-7KQ2M9XA", "P261123-7KQ2M9XA-01", 1, PayState.UNKNOWN)


def _at(step: int) -> Steps:
    return Steps(tuple(msg(label) for label in STEPS), step)


def _unsettled(state: PayState) -> View[Any]:
    options = (OTHER, SLIP) if state is PayState.REFUNDED else (WAIT, SLIP)
    return trouble(_at(3), replace(STATUS, state=state), AMOUNT, options)


def _waiting(state: PayState, doing: str) -> View[Any]:
    return Progress(
        key=f"pay.waiting.{state}",
        steps=_at(3),
        back=False,
        doing=msg(doing),
        waiting_for=msg(f"{doing}.at"),
        patience=msg("pay.patience"),
        amount=Plain(str(AMOUNT)),
    )


EARLIER = Choose(
    key="earlier.choose",
    steps=_at(0),
    title=msg("earlier.title"),
    subtitle=msg("earlier.subtitle"),
    options=(
        Option(
            id=STATUS.order_no,
            title=msg("earlier.reprint", amount=AMOUNT),
            subtitle=Plain(f"城乡居民基本养老保险 2026 · {STATUS.order_no}"),
            picture=Picture.PRINTER,
        ),
        Option(
            id="pay",
            title=msg("earlier.pay"),
            subtitle=msg("earlier.pay.hint"),
            picture=Picture.DOCUMENT,
        ),
    ),
    primary=msg("option.next"),
)

MONEY: dict[str, View[Any]] = {
    "money-open": _unsettled(PayState.UNKNOWN),
    **{f"money-{state}": _unsettled(state) for state in SAID},
    **{f"progress-{state}": _waiting(state, doing) for state, doing in DOING.items()},
    "preflight-printer": printer_trouble(_at(3), "printer.paper_out"),
    "earlier": EARLIER,
}
"""Every state of a payment that a citizen can be told of, by the name of its picture."""
