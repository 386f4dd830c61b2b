"""Instant approval (秒批): decided at once by the published rules, and a refusal is explained by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from sqlite3 import Connection, Row
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from kiosk.sandbox import pages
from kiosk.sandbox.approval_kinds import KINDS, Applicant, ApprovalKind, FieldLine, Rule
from kiosk.sandbox.approval_words import DEPARTMENT, ISSUER, Both, IdPath, identified
from kiosk.sandbox.books import serial
from kiosk.sandbox.documents import Paper, SealedPaper, issue
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import PRINTABLE, Person, Wire

SCHEMA = """
CREATE TABLE decisions (
    decision_no TEXT PRIMARY KEY, kind TEXT NOT NULL, id_number TEXT NOT NULL REFERENCES citizens,
    granted INTEGER NOT NULL, name TEXT NOT NULL, decided_at TEXT NOT NULL);
CREATE INDEX decisions_of_person ON decisions (id_number, kind);
"""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])


class KindLine(Wire):
    """One kind of the list."""

    kind: str
    name: Both
    hint: Both


class KindList(Wire):
    """In the bureau's order."""

    kinds: list[KindLine]


class RuleLine(Wire):
    """One published rule, and what to do where it is not met."""

    text: Both
    remedy: Both


class RuleList(Wire):
    """Everything that decides, nothing else does."""

    kind: str
    rules: list[RuleLine]


class FormSchema(Wire):
    """What must be filled in."""

    kind: str
    fields: list[FieldLine]


class FieldValue(Wire):
    """One field as it was filled in. Its repr is masked."""

    name: Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,39}$")]
    value: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)]

    def __repr__(self) -> str:
        return "FieldValue(***)"


class Application(Wire):
    """Who applies, with every field filled in once."""

    person: Person
    values: Annotated[list[FieldValue], Field(max_length=12)]


class Decision(Wire):
    """The decision, at once. A refusal names each rule that was not met; `document` is the certificate."""

    decision_no: str
    granted: bool
    decided_at: str
    unmet: list[RuleLine]
    document: SealedPaper | None
    take_away_url: str


@router.get("/approvals")
def kinds() -> KindList:
    """What is decided at once."""
    return KindList(
        kinds=[KindLine(kind=key, name=k.name, hint=k.hint) for key, k in KINDS.items()]
    )


@router.get("/approvals/{kind}/form", responses=refuses("approval.unknown", "request.invalid"))
def form(kind: IdPath) -> FormSchema:
    """What must be filled in."""
    return FormSchema(kind=kind, fields=list(_kind(kind).fields))


@router.get("/approvals/{kind}/rules", responses=refuses("approval.unknown", "request.invalid"))
def rules(kind: IdPath) -> RuleList:
    """By what it is decided."""
    return RuleList(kind=kind, rules=[_rule(rule) for rule in _kind(kind).rules])


@router.post(
    "/approvals/{kind}/applications",
    status_code=201,
    response_model=Decision,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "approval.unknown",
        "form.invalid", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def apply(here: Here, key: Key, kind: IdPath, application: Application) -> Response:
    """Decide."""
    return once(here, key, application, lambda db: _decide(db, here, kind, application), 201)


def _kind(kind: str) -> ApprovalKind:
    if kind not in KINDS:
        raise Problem("approval.unknown")
    return KINDS[kind]


def _rule(rule: Rule) -> RuleLine:
    return RuleLine(text=rule.text, remedy=rule.remedy)


def _decide(db: Connection, here: Window, kind: str, application: Application) -> Decision:
    number = identified(db, application.person)
    found = _kind(kind)
    values = _values(found, application)
    citizen = db.execute("SELECT * FROM citizens WHERE id_number = ?", (number,)).fetchone()
    now = here.now()
    applicant = Applicant(db, citizen, kind, _age(citizen, now.date()), values)
    unmet = [rule for rule in found.rules if not rule.met(applicant)]
    decision_no = serial(db, "MP", now)
    db.execute(
        "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?)",
        (
            decision_no,
            kind,
            number,
            int(not unmet),
            values.get("business_name", ""),
            now.isoformat(),
        ),
    )
    lines = [
        ("决定编号", decision_no),
        ("事项", found.name.zh),
        ("决定", "不予批准" if unmet else "准予"),
    ]
    lines += [(rule.text.zh, rule.remedy.zh) for rule in unmet]
    return Decision(
        decision_no=decision_no,
        granted=not unmet,
        decided_at=now.isoformat(),
        unmet=[_rule(rule) for rule in unmet],
        document=None if unmet else _certificate(db, here, found, citizen, values, decision_no),
        take_away_url=pages.publish(db, here, "秒批结果", lines),
    )


def _values(found: ApprovalKind, application: Application) -> dict[str, str]:
    """The fields, each filled in once.

    Raises:
        Problem: form.invalid for what is missing, unknown, twice, too long, or none of its options.
    """
    values = {value.name: value.value.strip() for value in application.values}
    if len(values) != len(application.values) or set(values) != {f.name for f in found.fields}:
        raise Problem("form.invalid")
    for field in found.fields:
        value = values[field.name]
        digits = value.isascii() and value.isdigit()
        wrong = (
            not 1 <= len(value) <= field.longest
            or (field.kind == "phone" and not (digits and len(value) == 11))
            or (field.kind == "division" and not (digits and len(value) == 6))
            or (field.kind == "choice" and value not in {o.value for o in field.options})
        )
        if wrong:
            raise Problem("form.invalid")
    return values


def _age(citizen: Row, today: date) -> int:
    born = date.fromisoformat(citizen["birth"] or "1980-01-01")
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _certificate(
    db: Connection,
    here: Window,
    found: ApprovalKind,
    citizen: Row,
    values: Mapping[str, str],
    decision_no: str,
) -> SealedPaper:
    filled = [[field.label.zh, _said(field, values[field.name])] for field in found.fields]
    rows = [["姓名", citizen["name"]], ["公民身份号码", citizen["id_number"]], *filled]
    rows += [["决定编号", decision_no], ["决定日期", here.now().date().isoformat()]]
    paragraphs = [f"经审查，符合公开的批准规则，准予{found.name.zh}。"]
    paper = Paper(found.certificate, ISSUER, "MPZ", paragraphs, [(["项目", "内容"], rows)])
    return issue(db, here, paper)


def _said(field: FieldLine, value: str) -> str:
    return next((o.name.zh for o in field.options if o.value == value), value)
