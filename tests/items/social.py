"""Social and medical insurance: contributions of families and flexible workers, records, papers, cards."""

from __future__ import annotations

from devices.simulators.cards import CARDS
from kiosk.views import Chosen, Continue, Filled
from tests.items.script import Script

CHILD = CARDS["hu-xinyi"]

SCRIPTS = {
    "resident-medical-pay": Script(
        answers={
            "medical.members.1": Chosen("add"),
            "medical.add.1": Chosen("typed"),
            "medical.person.1": Filled.of({"name": CHILD.name, "id_number": CHILD.id_number}),
            "medical.members.2": Chosen("pay"),
            "medical.review": Continue(),
        },
        of_hall=lambda hall: {"pay": hall.pay_on_the_phone},
        calls=(
            ("medical", "members/queries"),
            ("medical", "bills"),
            ("medical", "bookings"),
            ("payment", "orders"),
        ),
    ),
    "flexible-employment-pay": Script(
        answers={
            "flexible.months": Chosen("3"),
            "flexible.tier": Chosen("B60"),
            "flexible.review": Continue(),
        },
        of_hall=lambda hall: {"pay": hall.pay_on_the_phone},
        calls=(
            ("social-insurance", "flexible/queries"),
            ("social-insurance", "flexible/bills"),
            ("social-insurance", "bookings"),
            ("payment", "orders"),
        ),
    ),
    "contribution-records": Script(
        answers={
            "contribution-records.insurance": Chosen("pension"),
            "contribution-records.read": Chosen("take"),
        },
        documents=1,
        calls=(
            ("social-insurance", "contributions/queries"),
            ("social-insurance", "documents"),
        ),
    ),
    "participation-certificate": Script(
        answers={
            "participation-certificate.purpose": Chosen("loan"),
            "participation-certificate.read": Chosen("take"),
        },
        slips=0,
        documents=1,
        calls=(
            ("social-insurance", "participation/queries"),
            ("social-insurance", "documents"),
        ),
    ),
    "pension-payments": Script(
        answers={
            "pension-payments.period": Chosen("year"),
            "pension-payments.read": Chosen("take"),
        },
        calls=(("social-insurance", "payments/queries"),),
    ),
    "pension-qualification": Script(
        answers={"qualification.review": Continue()},
        calls=(
            ("social-insurance", "qualifications/queries"),
            ("social-insurance", "POST /social-insurance/v1/qualifications"),
        ),
        by_phone=False,
    ),
    "social-card": Script(
        answers={"social_card.read": Chosen("lose"), "social_card.review": Continue()},
        calls=(("social-insurance", "cards/queries"), ("social-insurance", "cards/losses")),
    ),
    "medical-voucher": Script(
        answers={"medical-voucher.read": Chosen("take")},
        documents=1,
        calls=(("medical", "vouchers/queries"), ("medical", "documents")),
    ),
}
