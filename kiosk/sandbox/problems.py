"""Refusals: the stable codes, as problem+json (RFC 9457), and as they stand in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:hall:problem:"
MAX_WHERE_CHARS = 100
"""A field's name in an answer is cut here: an unknown field is named by whoever sent it."""

CODES: Mapping[str, tuple[int, str]] = {
    "request.malformed": (400, "The body is not JSON"),
    "idempotency.missing": (400, "Idempotency-Key is missing"),
    "digest.mismatch": (400, "Content-Digest does not match the body"),
    "signature.invalid": (401, "The signature does not verify"),
    "proof.card_required": (403, "Only with an identity read from the card"),
    "proof.second_required": (403, "Only with a second proof of identity"),
    "proof.unknown": (404, "No such code was sent"),
    "proof.no_phone": (409, "No phone is registered"),
    "proof.too_soon": (409, "A code was sent less than a minute ago"),
    "proof.too_many": (409, "No more codes today"),
    "proof.spent": (409, "The code was used, is over, or was typed wrongly three times"),
    "proof.consent": (409, "No fresh consent to be photographed"),
    "proof.picture": (409, "Not a picture that can be read"),
    "property.not_owner": (403, "Not a property of this person"),
    "case.not_own": (403, "Not a case of this person"),
    "appointment.not_own": (403, "Not an appointment of this person"),
    "presentation.unknown": (404, "No phone shows this code"),
    "presentation.over": (409, "The code was used, or its time is over"),
    "company.unknown": (404, "No such company"),
    "company.cancelled": (409, "The company was cancelled"),
    "registration.unknown": (404, "No registration has this acceptance number"),
    "notice.unknown": (404, "No payment notice has this number"),
    "path.unknown": (404, "There is nothing here"),
    "person.unknown": (404, "No such person"),
    "bill.unknown": (404, "No such bill"),
    "invoice.unknown": (404, "No such invoice of this person"),
    "order.not_found": (404, "The gateway has never seen this order"),
    "pickup.unknown": (404, "No such pickup code"),
    "pickup.used": (409, "The invoice was fetched with this code"),
    "pickup.elsewhere": (409, "The invoice waits at another terminal"),
    "pickup.expired": (409, "The invoice is kept at the terminal no longer"),
    "pickup.not_released": (409, "Its compartment was not released"),
    "pickup.too_many": (409, "Too many wrong codes at this terminal"),
    "check.too_many": (409, "This invoice was checked five times today"),
    "issue.unknown": (404, "No such application of this person"),
    "issue.buyer_invalid": (409, "The buyer's credit code is wrong"),
    "issue.too_much": (409, "More than may be issued to one person within a year"),
    "issue.unpaid": (409, "The tax of this application is due first"),
    "refund.not_found": (404, "The gateway has never seen this refund"),
    "call.unknown": (404, "No such call"),
    "item.unknown": (404, "No such item"),
    "company.not_representative": (403, "Not the legal representative of this company"),
    "report.unknown": (404, "No such report of this person"),
    "report.unpaid": (409, "The free copies are used up and this one is not paid"),
    "objection.exists": (409, "An objection of this kind has its appointment already"),
    "document.unknown": (404, "No such document, or it is kept no longer"),
    "case.unknown": (404, "No such case"),
    "slot.unknown": (404, "No such slot"),
    "appointment.unknown": (404, "No such appointment"),
    "theme.unknown": (404, "No such theme"),
    "approval.unknown": (404, "Nothing of that kind is decided at once"),
    "commitment.unknown": (404, "Nothing of that kind is granted on a commitment"),
    "delivery.unknown": (404, "No such delivery"),
    "number.unknown": (404, "Nothing was done under this number"),
    "task.unknown": (404, "No such complaint"),
    "fault.unknown": (404, "No such fault"),
    "method.unsupported": (405, "Not with this method"),
    "bill.paid": (409, "The bill is paid"),
    "bill.locked": (409, "Another attempt to pay this bill is under way"),
    "bill.closed": (409, "The bill can no longer be booked"),
    "bill.not_ready": (409, "The day is not over"),
    "trade.unpaid": (409, "The gateway does not know this trade as paid"),
    "order.closed": (409, "The order is closed"),
    "order.exists": (409, "The order number is in use"),
    "order.not_payable": (409, "The order cannot be paid now"),
    "order.not_paid": (409, "Nothing was charged that could be given back"),
    "reversal.too_late": (409, "The day is settled; only a refund gives the money back"),
    "refund.exists": (409, "The order has another refund, or the number is another order's"),
    "refund.ended": (409, "The money is back already"),
    "slot.taken": (409, "Somebody else took the slot"),
    "appointment.exists": (409, "The person has an appointment for this already"),
    "appointment.over": (409, "The appointment is cancelled or over"),
    "address.missing": (409, "A visit at home needs an address and a phone"),
    "address.outside": (409, "Staff does not go there"),
    "theme.unanswered": (409, "Every question is answered once"),
    "form.invalid": (409, "The form is not filled in as it is declared"),
    "commitment.outdated": (409, "There is a newer notice"),
    "signature.empty": (409, "That is no signature"),
    "case.not_finished": (409, "The case is not finished"),
    "certificate.sent": (409, "The certificate was sent already"),
    "rating.exists": (409, "The number was rated already"),
    "task.answered": (409, "The task is answered"),
    "idempotency.mismatch": (409, "The key was used for another request"),
    "request.too_large": (413, "The body is too large"),
    "request.media_type": (415, "The body must be application/json"),
    "request.invalid": (422, "The request is not of the contract"),
    "amount.mismatch": (409, "The amount is not one of the bill"),
    "auth_code.invalid": (422, "Not a payment code"),
    "flexible.not_enrolled": (409, "Not enrolled as a flexible worker"),
    "months.gap": (409, "Not the oldest months that are due, without a gap"),
    "pension.none": (409, "No pension is paid out to this person"),
    "qualification.done": (409, "This year's proof of life is given already"),
    "card.not_active": (409, "The card is not in use"),
    "card.lost": (409, "The loss of the card is reported already"),
    "member.paid": (409, "A member's year is paid; errors names the place"),
    "member.not_insured": (
        409,
        "A member is not insured here as a resident; errors names the place",
    ),
    "member.twice": (409, "A member stands in the list twice; errors names the place"),
    "period.invalid": (409, "Not a period of at most 366 days"),
    "service.busy": (429, "Too many requests"),
    "service.error": (500, "The department's system failed"),
    "service.unavailable": (503, "The department's system is not available"),
}


ENVELOPE = (
    "request.malformed",
    "digest.mismatch",
    "signature.invalid",
    "request.too_large",
    "request.media_type",
    "service.busy",
    "service.error",
    "service.unavailable",
)
"""What any request may meet."""


class Flaw(BaseModel):
    """One thing wrong with a request."""

    where: str = Field(examples=["body.person.id_number"])
    what: str = Field(examples=["Field required"])


class ProblemBody(BaseModel):
    """RFC 9457 with a stable `code`."""

    type: str = Field(examples=[TYPE_PREFIX + "bill.paid"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str = Field(pattern="^[a-z_]+[.][a-z_]+$", examples=["bill.paid"])
    errors: list[Flaw] | None = Field(default=None, description="Only with request.invalid.")


class Problem(Exception):
    """A refusal. `code` is one of `CODES`; `detail` never holds what the request said."""

    def __init__(self, code: str, detail: str = "", *, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.flaws = tuple(flaws)

    def response(
        self, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """The refusal as an answer; `status` overrides the code's own (a fault's 502)."""
        usual_status, title = CODES[self.code]
        body = ProblemBody(
            type=TYPE_PREFIX + self.code,
            title=title,
            status=status or usual_status,
            detail=self.detail or title,
            code=self.code,
            errors=list(self.flaws) or None,
        )
        return JSONResponse(
            body.model_dump(exclude_none=True),
            status_code=body.status,
            headers=dict(headers or {}),
            media_type=MEDIA_TYPE,
        )


def _flaw(error: Mapping[str, Any]) -> Flaw:
    where = ".".join(str(part) for part in error["loc"])
    speakable = where.encode("utf-8", "replace").decode()
    return Flaw(where=speakable[:MAX_WHERE_CHARS], what=str(error["msg"]))


def _of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The most telling code for what the validation found."""
    for error in errors:
        where = tuple(str(part).lower() for part in error["loc"])
        if error["type"] == "json_invalid":
            return Problem("request.malformed")
        if where == ("header", "idempotency-key") and error["type"] == "missing":
            return Problem("idempotency.missing")
        if where == ("body", "auth_code") and error["type"] == "string_pattern_mismatch":
            return Problem("auth_code.invalid")
    return Problem("request.invalid", flaws=[_flaw(error) for error in errors])


def _allowed_methods(app: FastAPI, request: Request) -> str:
    """Every method of this path (RFC 9110, 10.2.1), not only those of the first route that fits."""
    allowed: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path_regex.match(request.scope["path"]):
            allowed |= route.methods or set()
    return ", ".join(sorted(allowed))


def install(app: FastAPI) -> None:
    """Make every failure of `app` a problem+json."""

    async def refused(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, Problem)
        return problem.response()

    async def invalid(_request: Request, failure: Exception) -> JSONResponse:
        assert isinstance(failure, RequestValidationError)
        return _of_validation(failure.errors()).response()

    async def http(request: Request, failure: Exception) -> JSONResponse:
        assert isinstance(failure, HTTPException)
        if failure.status_code == 404:
            return Problem("path.unknown").response()
        if failure.status_code == 405:
            allowed = _allowed_methods(app, request)
            return Problem("method.unsupported").response(headers={"Allow": allowed})
        return Problem("request.malformed").response()

    async def broken(_request: Request, _failure: Exception) -> JSONResponse:
        return Problem("service.error").response()

    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, broken)


def schemas() -> dict[str, Any]:
    """The schemas that `refuses` refers to, for the OpenAPI document."""
    body = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**body.pop("$defs"), ProblemBody.__name__: body}


def refuses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """`responses=` of an operation that refuses with `codes`, for the OpenAPI document."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, *ENVELOPE):
        status, title = CODES[code]
        example = {
            "type": TYPE_PREFIX + code,
            "title": title,
            "status": status,
            "detail": title,
            "code": code,
        }
        entry = by_status.setdefault(
            status,
            {
                "description": "",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"},
                        "examples": {},
                    }
                },
            },
        )
        entry["content"][MEDIA_TYPE]["examples"][code] = {"summary": title, "value": example}
        entry["description"] = " · ".join(entry["content"][MEDIA_TYPE]["examples"])
    return by_status
