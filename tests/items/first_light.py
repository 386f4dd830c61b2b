"""Items of first light: a payment and a query."""

from __future__ import annotations

from kiosk.views import Chosen, Continue
from tests.items.script import Script

SCRIPTS = {
    "resident-pension-pay": Script(
        answers={"pension.choose_tier": Chosen("T500"), "pension.review": Continue()},
        of_hall=lambda hall: {"pay": hall.pay_on_the_phone},
        calls=(
            ("social-insurance", "bill-queries"),
            ("social-insurance", "bookings"),
            ("payment", "orders"),
        ),
    ),
    "own-property": Script(
        answers={
            "own-property.purpose": Chosen("school"),
            "own-property.take": Chosen("slip"),
            "own-property.read": Chosen("take"),
        },
        calls=(("property", "queries"),),
    ),
}
