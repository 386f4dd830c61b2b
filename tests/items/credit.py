"""Credit reports and objections."""

from __future__ import annotations

from kiosk.sandbox.companies import companies
from kiosk.views import Chosen, Continue, Typed
from tests.items.script import Script
from tests.journeys.scripted import NEVER

COMPANY = companies()[0].credit_code
"""Whose legal representative the default card's holder is."""

SCRIPTS = {
    "personal-credit-report": Script(
        answers={"credit.review": Continue()},
        slips=0,
        documents=1,
        calls=(
            ("credit", "personal-reports/quotas"),
            ("credit", "personal-reports"),
            ("credit", "documents"),
        ),
    ),
    "enterprise-credit-report": Script(
        answers={
            "credit.code": lambda view: NEVER if view.scanner else Typed(COMPANY),
            "credit.company.review": Continue(),
        },
        scans=(COMPANY,),
        slips=0,
        documents=1,
        calls=(("credit", "queries"), ("credit", "reports")),
    ),
    "credit-objection": Script(
        answers={
            "credit.guide": Chosen("next"),
            "credit.kind": Chosen("account"),
            "credit.slot": lambda view: Chosen(view.options[0].id),
            "credit.objection.review": Continue(),
        },
        calls=(("credit", "objection-slots"), ("credit", "objections")),
    ),
}
