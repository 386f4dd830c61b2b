"""发改信用: what is public of companies: licences granted, penalties imposed (双公示)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kiosk.backends.client import Client, only
from kiosk.backends.contract import Reply
from kiosk.backends.decode import Fields
from kiosk.backends.market import CompanyState


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """One company, with how many licences and penalties are public of it."""

    credit_code: str
    name: str
    state: CompanyState
    licences: int
    penalties: int


@dataclass(frozen=True, slots=True)
class FoundCompanies:
    """Companies by name; `more` where the department knows further ones."""

    companies: tuple[FoundCompany, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class PublicLicence:
    """A licence that was granted; `valid_until` None has no end."""

    document_no: str
    subject: str
    authority: str
    decided_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class PublicPenalty:
    """A penalty that is public until `public_until`."""

    document_no: str
    subject: str
    kind: str
    authority: str
    decided_on: date
    public_until: date


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What is public of one company now, newest first."""

    credit_code: str
    name: str
    state: CompanyState
    licences: tuple[PublicLicence, ...]
    penalties: tuple[PublicPenalty, ...]
    take_away_url: str


class CreditPublicity(Protocol):
    """发改信用: public records of companies."""

    def companies(self, words: str) -> Reply[FoundCompanies]:
        """By a part of the name, or by the whole unified social credit code."""
        ...

    def record(self, credit_code: str) -> Reply[PublicRecord]: ...


class CreditPublicityClient(Client):
    """`CreditPublicity` over HTTP."""

    def companies(self, words: str) -> Reply[FoundCompanies]:
        """Companies by a part of the name, or by the whole code."""
        return self.door.post("/companies/queries", "publicity.find", {"words": words}, _companies)

    def record(self, credit_code: str) -> Reply[PublicRecord]:
        """What is public of the company now."""
        body = {"credit_code": credit_code}
        return self.door.post(
            "/records/queries", "publicity.record", body, only(_record, credit_code=credit_code)
        )


def _companies(answer: Fields) -> FoundCompanies:
    return FoundCompanies(answer.each("companies", _company), answer.flag("more"))


def _company(answer: Fields) -> FoundCompany:
    return FoundCompany(
        credit_code=answer.text("credit_code", longest=18),
        name=answer.text("name"),
        state=answer.choice("state", CompanyState),
        licences=answer.integer("licences", 0, 10_000),
        penalties=answer.integer("penalties", 0, 10_000),
    )


def _record(answer: Fields) -> PublicRecord:
    return PublicRecord(
        credit_code=answer.text("credit_code", longest=18),
        name=answer.text("name"),
        state=answer.choice("state", CompanyState),
        licences=answer.each("licences", _licence),
        penalties=answer.each("penalties", _penalty),
        take_away_url=answer.link("take_away_url"),
    )


def _licence(answer: Fields) -> PublicLicence:
    endless = answer.text("valid_until", empty=True, longest=10) == ""
    return PublicLicence(
        document_no=answer.text("document_no", longest=100),
        subject=answer.text("subject"),
        authority=answer.text("authority"),
        decided_on=answer.day("decided_on"),
        valid_until=None if endless else answer.day("valid_until"),
    )


def _penalty(answer: Fields) -> PublicPenalty:
    return PublicPenalty(
        document_no=answer.text("document_no", longest=100),
        subject=answer.text("subject"),
        kind=answer.text("kind"),
        authority=answer.text("authority"),
        decided_on=answer.day("decided_on"),
        public_until=answer.day("public_until"),
    )
