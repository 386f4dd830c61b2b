"""Failures as a conversation: what happened, what became of money and papers, what to do now."""

from __future__ import annotations

from devices.status import Act, Fault
from kiosk.backends.contract import BackendFailure, Cause
from kiosk.texts import Msg, msg
from kiosk.views import Chosen, Option, Picture, Section, Tone, Trouble
from kiosk.visit import Leave, Rewind, Visit

REFUSALS = {
    "person.unknown": "trouble.person_unknown",
    "proof.card_required": "trouble.proof_required",
    "proof.second_required": "trouble.second_required",
    "bill.paid": "trouble.bill_paid",
    "bill.locked": "trouble.bill_locked",
    "bill.unknown": "trouble.bill_changed",
    "amount.mismatch": "trouble.bill_changed",
    "invoice.unknown": "trouble.invoice_unknown",
    "pickup.unknown": "tax.pickup.unknown",
    "pickup.used": "tax.pickup.used",
    "pickup.elsewhere": "tax.pickup.elsewhere",
    "pickup.expired": "tax.pickup.expired",
    "pickup.too_many": "tax.pickup.too_many",
    "check.too_many": "tax.check.too_many",
    "issue.buyer_invalid": "tax.issue.buyer_invalid",
    "issue.too_much": "tax.issue.too_much",
    "property.not_owner": "trouble.not_owner",
    "company.not_representative": "credit.not_representative",
    "report.unpaid": "credit.report_unpaid",
    "report.unknown": "trouble.refused",
    "objection.exists": "credit.objection_exists",
    "period.invalid": "trouble.refused",
    "registration.unknown": "trouble.registration_unknown",
    "notice.unknown": "trouble.notice_unknown",
    "presentation.unknown": "trouble.presentation_unknown",
    "presentation.over": "trouble.presentation_over",
    "company.unknown": "trouble.company_unknown",
    "company.cancelled": "trouble.company_cancelled",
    "case.not_own": "trouble.case_not_own",
    "case.not_finished": "trouble.case_not_finished",
    "certificate.sent": "trouble.certificate_sent",
    "appointment.exists": "trouble.appointment_exists",
    "appointment.over": "trouble.appointment_over",
    "address.outside": "trouble.address_outside",
    "slot.unknown": "trouble.slot_unknown",
    "theme.unanswered": "trouble.theme",
    "form.invalid": "trouble.form",
    "commitment.outdated": "trouble.commitment_outdated",
    "months.gap": "trouble.months_changed",
    "flexible.not_enrolled": "trouble.flexible_not_enrolled",
    "pension.none": "trouble.pension_none",
    "qualification.done": "trouble.qualification_done",
    "card.not_active": "trouble.card_not_active",
    "card.lost": "trouble.card_lost",
    "member.paid": "trouble.members_changed",
    "member.not_insured": "trouble.members_changed",
    "member.twice": "trouble.members_changed",
}
"""Problem codes of docs/API.md that a citizen can meet, and the sentence for each."""

CORRIGIBLE = (
    "registration.unknown",
    "notice.unknown",
    "presentation.unknown",
    "presentation.over",
    "company.unknown",
)
"""Refusals of what was typed or scanned: it can be given again, differently."""

CAUSES = {
    Cause.UNREACHABLE: "trouble.department_unreachable",
    Cause.NO_ANSWER: "trouble.department_silent",
    Cause.GARBLED: "trouble.department_garbled",
    Cause.SERVER: "trouble.department_broken",
    Cause.BUSY: "trouble.department_busy",
    Cause.REFUSED: "trouble.refused",
}

AGAIN = Option(id="again", title=msg("option.again"), picture=Picture.WAIT)
CORRECT = Option(id="correct", title=msg("option.correct"), picture=Picture.SCAN)
OTHER = Option(
    id="other",
    title=msg("option.other"),
    subtitle=msg("option.other.hint"),
    picture=Picture.DOCUMENT,
)


async def explain(visit: Visit, failure: BackendFailure) -> None:
    """Say what a department's failure means; returns to try again, raises Rewind to answer the question
    before differently, and Leave otherwise."""
    if await tell(visit, backend_trouble(visit, failure)) == CORRECT.id:
        raise Rewind


async def tell(visit: Visit, view: Trouble) -> str:
    """Show a trouble; the id of the option chosen. Raises Leave for another item and for the end."""
    answer = await visit.ask_now(view, visit.counter.timing.trouble_s)
    if answer in (Chosen("other"), Chosen("primary")):
        raise Leave(view.code, home=answer.id == "other")
    return answer.id


def backend_trouble(visit: Visit, failure: BackendFailure) -> Trouble:
    """The words for a department's failure, before any money moved."""
    refused = failure.cause is Cause.REFUSED
    cause = REFUSALS.get(failure.code, "trouble.refused") if refused else CAUSES[failure.cause]
    first = None if refused else AGAIN
    if refused and failure.code in CORRIGIBLE and not visit.committed:
        first = CORRECT
    return _view(visit, failure.code, "trouble.not_done", msg(cause), first)


def device_trouble(visit: Visit, headline: str, fault: Fault) -> Trouble:
    """The words for a device that does not work, before any money moved."""
    cause = "trouble.staff_can_clear" if fault.act is Act.CLEAR else "trouble.device_resting"
    return _view(visit, fault.code, headline, msg(cause), AGAIN)


def _view(visit: Visit, code: str, headline: str, cause: Msg, first: Option | None) -> Trouble:
    return Trouble(
        key=f"trouble.{code}",
        steps=visit.here,
        headline=msg(headline),
        cause=cause,
        tone=Tone.WARNING,
        standing=Section(msg("trouble.nothing_charged"), ()),
        options=(first, OTHER) if first else (OTHER,),
        code=code,
        primary=msg("option.end"),
    )
