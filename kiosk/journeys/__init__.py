"""The conversations that perform the items: one module a family, each journey a linear coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kiosk.catalogue import Item
from kiosk.journeys import (
    appointment,
    approval,
    assistance,
    courier,
    credit,
    credit_objection,
    declared,
    guide,
    invoice,
    invoice_check,
    invoice_issue,
    licences,
    medical,
    paper_invoice,
    pension,
    property,
    publicity,
    rating,
    social,
    themes,
)
from kiosk.visit import Visit

Journey = Callable[[Visit, Item], Awaitable[None]]

JOURNEYS: dict[str, Journey] = {
    "resident-pension-pay": pension.pay_resident_pension,
    "resident-medical-pay": medical.pay_resident_medical,
    "flexible-employment-pay": social.pay_flexible_employment,
    "pension-qualification": social.prove_life,
    "social-card": social.look_after_social_card,
    "registration-fee": property.pay_registration_fee,
    "licence-presentation": licences.show_licences,
    "business-licence-copy": licences.copy_business_licence,
    "credit-publicity": publicity.read_publicity,
    "personal-credit-report": credit.report_of_person,
    "enterprise-credit-report": credit.report_of_company,
    "credit-objection": credit_objection.object_to_report,
    "declared": declared.perform_declared,
    "item-guide": guide.read_city_guide,
    "e-invoice-pickup": invoice.pick_up_invoice,
    "paper-invoice-pickup": paper_invoice.fetch_paper_invoice,
    "invoice-check": invoice_check.check_invoice,
    "invoice-issue": invoice_issue.issue_invoice,
    "case-progress": approval.follow_case,
    "appointment": appointment.make_appointment,
    "one-thing": themes.plan_one_thing,
    "instant-approval": approval.decide_at_once,
    "commitment": approval.commit_oneself,
    "courier": courier.send_certificate,
    "rating": rating.rate_or_complain,
    "call-assistance": assistance.call_assistance,
}
"""The journey of each `journey` named in config/services/*.toml."""
