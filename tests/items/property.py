"""Property, the provident fund, licences and what is public of companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.views import Chosen, Continue, Filled
from tests.items.script import Script

if TYPE_CHECKING:
    from tests.journeys.hall import Hall

REGISTRATION, NOTICE = "BDCS20261122000001", "JFTZ20261122000001"
"""Of the first citizen, as seeded on the day of the tests' clock."""


def sample(hall: Hall, kind: str) -> tuple[str, ...]:
    """What the departments have of a kind to be scanned: of phones a fresh code."""
    return (hall.sandbox.control("/samples")[kind][0],)


SCRIPTS = {
    "property-holding": Script(
        answers={
            "property-holding.purpose": Chosen("school"),
            "property-holding.review": Continue(),
            "property-holding.read": Chosen("take"),
        },
        slips=0,
        documents=1,
        calls=(("property", "holding-certificates"), ("property", "documents")),
    ),
    "registration-progress": Script(
        answers={"registration-progress.read": Chosen("take")},
        scans=(REGISTRATION,),
        slips=0,
        calls=(("property", "registrations/queries"),),
    ),
    "registration-fee": Script(
        answers={"registration-fee.review": Continue()},
        of_hall=lambda hall: {"pay": hall.pay_on_the_phone},
        scans=(NOTICE,),
        calls=(
            ("property", "fees/queries"),
            ("property", "bookings"),
            ("payment", "orders"),
        ),
    ),
    "property-certificate-check": Script(
        answers={"property-certificate-check.read": Chosen("take")},
        scans_of=lambda hall: sample(hall, "certificate"),
        slips=0,
        calls=(("property", "certificates/checks"),),
    ),
    "licence-presentation": Script(
        answers={"licence.read": Chosen("done")},
        scans_of=lambda hall: sample(hall, "presentation"),
        slips=0,
        calls=(("data", "presentations"),),
        by_phone=False,
    ),
    "business-licence-copy": Script(
        answers={"business-licence.read": Chosen("copy")},
        scans_of=lambda hall: sample(hall, "business_licence"),
        slips=0,
        documents=1,
        calls=(
            ("market", "presentations"),
            ("market", "licence-copies"),
            ("market", "documents"),
        ),
    ),
    "provident-fund": Script(
        answers={"provident-fund.read": Chosen("take")},
        calls=(("fund", "accounts/queries"),),
    ),
    "credit-publicity": Script(
        answers={
            "credit-publicity.find": Filled.of({"words": "海产"}),
            "credit-publicity.choose": lambda view: Chosen(view.options[0].id),
            "credit-publicity.read": Chosen("take"),
        },
        slips=0,
        calls=(("publicity", "companies/queries"), ("publicity", "records/queries")),
    ),
}
