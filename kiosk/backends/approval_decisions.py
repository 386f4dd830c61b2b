"""审批服务局: instant approval by published rules (秒批), and commitments signed on screen (告知承诺)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote

from kiosk.backends.approval_words import ID, NUMBER, words
from kiosk.backends.client import Client, person_body, sealed_document
from kiosk.backends.contract import Person, Reply, SealedDocument
from kiosk.backends.decode import Fields
from kiosk.texts import Plain

FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)
VERSION = re.compile(r"\d{4}-\d\d", re.ASCII)
LONGEST_FIELD = 100


class FormKind(StrEnum):
    """What a field of a form takes."""

    TEXT = "text"
    NAME = "name"
    PHONE = "phone"
    CHOICE = "choice"
    DIVISION = "division"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that is decided at once, or granted on a commitment."""

    id: str
    name: Plain
    hint: Plain


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the department's form; `options` are values and their names."""

    name: str
    label: Plain
    kind: FormKind
    longest: int
    options: tuple[tuple[str, Plain], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One published rule, and what to do where it is not met."""

    text: Plain
    remedy: Plain


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision: granted with a certificate, or refused by the rules in `unmet`."""

    number: str
    granted: bool
    decided_at: datetime
    unmet: tuple[Rule, ...]
    document: SealedDocument | None
    take_away_url: str


@dataclass(frozen=True, slots=True)
class CommitmentNotice:
    """What must be read, and the statement that is signed."""

    version: str
    name: Plain
    paragraphs: tuple[Plain, ...]
    statement: Plain


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment that was taken, sealed."""

    number: str
    document: SealedDocument


class DecisionRoom(Client):
    """Instant approval and commitments, over HTTP."""

    def instant_kinds(self) -> Reply[tuple[Offer, ...]]:
        """What is decided at once."""
        return self.door.get("/approvals", "approval.kinds", lambda a: a.each("kinds", _offer))

    def instant_form(self, kind: str) -> Reply[tuple[FormField, ...]]:
        """What must be filled in."""
        return self.door.get(
            f"/approvals/{quote(kind, safe='')}/form",
            "approval.form",
            lambda a: a.each("fields", _field),
        )

    def instant_rules(self, kind: str) -> Reply[tuple[Rule, ...]]:
        """By what it is decided."""
        return self.door.get(
            f"/approvals/{quote(kind, safe='')}/rules",
            "approval.rules",
            lambda a: a.each("rules", _rule),
        )

    def instant_decision(
        self, person: Person, kind: str, values: Sequence[tuple[str, str]], key: str
    ) -> Reply[Decision]:
        """Apply, and be told the decision."""
        body = {
            "person": person_body(person),
            "values": [{"name": name, "value": value} for name, value in values],
        }
        path = f"/approvals/{quote(kind, safe='')}/applications"
        return self.door.post(path, "approval.apply", body, _decision, key)

    def commitments(self) -> Reply[tuple[Offer, ...]]:
        """What is granted on a commitment."""
        return self.door.get(
            "/commitments", "approval.commitments", lambda a: a.each("commitments", _offer)
        )

    def commitment_notice(self, kind: str) -> Reply[CommitmentNotice]:
        """What must be read and signed."""
        return self.door.get(f"/commitments/{quote(kind, safe='')}", "approval.notice", _notice)

    def commit(
        self,
        person: Person,
        kind: str,
        version: str,
        strokes: Sequence[str],
        ratio: float,
        key: str,
    ) -> Reply[Commitment]:
        """Hand in a signed commitment; each of `strokes` is written `x,y x,y`, 0 to 1, on a field `ratio`
        times as wide as high."""
        body = {
            "person": person_body(person),
            "kind": kind,
            "version": version,
            "signature": {"ratio": ratio, "strokes": list(strokes)},
        }
        return self.door.post("/commitments", "approval.commit", body, _commitment, key)


def _offer(answer: Fields) -> Offer:
    return Offer(answer.shaped("kind", ID), words(answer, "name"), words(answer, "hint"))


def _field(answer: Fields) -> FormField:
    return FormField(
        name=answer.shaped("name", FIELD_NAME),
        label=words(answer, "label"),
        kind=answer.choice("kind", FormKind),
        longest=answer.integer("longest", 1, LONGEST_FIELD),
        options=answer.each("options", lambda o: (o.shaped("value", ID), words(o, "name"))),
    )


def _rule(answer: Fields) -> Rule:
    return Rule(words(answer, "text"), words(answer, "remedy"))


def _decision(answer: Fields) -> Decision:
    granted = answer.flag("granted")
    return Decision(
        number=answer.shaped("decision_no", NUMBER),
        granted=granted,
        decided_at=answer.moment("decided_at"),
        unmet=answer.each("unmet", _rule),
        document=sealed_document(answer.inside("document")) if granted else None,
        take_away_url=answer.link("take_away_url"),
    )


def _notice(answer: Fields) -> CommitmentNotice:
    return CommitmentNotice(
        version=answer.shaped("version", VERSION),
        name=words(answer, "name"),
        paragraphs=answer.each(
            "paragraphs", lambda p: Plain(p.text("zh", longest=500), p.text("en", longest=500))
        ),
        statement=words(answer, "statement"),
    )


def _commitment(answer: Fields) -> Commitment:
    return Commitment(
        answer.shaped("commitment_no", NUMBER), sealed_document(answer.inside("document"))
    )
