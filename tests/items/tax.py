"""The tax items: invoices picked up, fetched on paper, checked and issued; what was paid, on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.views import Chosen, Continue, Filled, Typed
from tests.items.script import Script
from tests.journeys.scripted import NEVER

OWN_PICKUP = "40718263"
"""A pickup code of compartment 1 of the terminal (kiosk/sandbox/tax_pickups.py)."""

DIGITAL_SAMPLE = "01,32,,26372000990000000001,1000.00,20261104,,"
"""A genuine digital invoice of the register, as of 2026-11-24 (kiosk/sandbox/tax_register.py)."""

TYPED_SAMPLE = {
    "number": "26372000990000000001",
    "issued_on": "2026-11-04",
    "amount": "1000.00",
}
"""The same one as it is typed."""

BUYER = {"name": "乳山海润食品有限公司", "code": "91371083MA3C4D5E67"}


def slip_or_first(view: Any) -> Chosen:
    """A slip where one is offered, else what comes first."""
    offered = [option.id for option in view.options]
    return Chosen("slip" if "slip" in offered else offered[0])


def held_or(typed: str) -> Callable[[Any], Any]:
    """The code is held in front of the scanner, or typed where there is none."""
    return lambda view: NEVER if view.scanner else Typed(typed)


SCRIPTS = {
    "e-invoice-pickup": Script(
        answers={
            "invoice.choose_period": Chosen("quarter"),
            "invoice.choose": lambda view: Chosen(view.options[0].id),
            "invoice.read": Chosen("take"),
            "invoice.way": slip_or_first,
        },
        calls=(("tax", "invoices/queries"), ("tax", "pickups")),
    ),
    "paper-invoice-pickup": Script(
        answers={"pickup.code": held_or(OWN_PICKUP), "pickup.open": NEVER},
        scans=(OWN_PICKUP,),
        calls=(("tax", "/pickups"),),
    ),
    "invoice-check": Script(
        answers={
            "check.code": held_or("26372000990000000001"),
            "check.form": Filled.of(TYPED_SAMPLE),
            "check.read": Chosen("done"),
        },
        scans=(DIGITAL_SAMPLE,),
        slips=0,
        calls=(("tax", "invoice-checks"),),
        by_phone=False,
    ),
    "invoice-issue": Script(
        answers={
            "issue.buyer": Filled.of(BUYER),
            "issue.goods": Chosen("labour"),
            "issue.amount": Filled.of({"amount": "20200.00"}),
            "issue.review": Continue(),
        },
        of_hall=lambda hall: {"pay": hall.pay_on_the_phone},
        calls=(
            ("data", "one-time-codes"),
            ("tax", "issue-goods"),
            ("tax", "issue-applications"),
            ("tax", "bookings"),
            ("payment", "orders"),
        ),
    ),
    "tax-record": Script(
        answers={"tax-record.period": Chosen("year"), "tax-record.read": Chosen("take")},
        slips=0,
        documents=1,
        calls=(("tax", "tax-records"), ("tax", "documents")),
    ),
    "premium-certificate": Script(
        answers={
            "premium-certificate.period": Chosen("three_years"),
            "premium-certificate.read": Chosen("take"),
        },
        slips=0,
        documents=1,
        calls=(("tax", "premium-certificates"), ("tax", "documents")),
    ),
}
