"""市场监管: electronic business licences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from kiosk.backends.client import Client, sealed_document
from kiosk.backends.contract import Reply, SealedDocument
from kiosk.backends.decode import Fields


class CompanyState(StrEnum):
    """Whether a company may do business; ABNORMAL is on the list of abnormal operations."""

    OPEN = "open"
    ABNORMAL = "abnormal"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BusinessLicence:
    """A licence as presented with the app's code. `head` is masked; `session` lets a copy be made."""

    credit_code: str
    name: str
    kind: str
    head: str
    capital: str
    established: date
    address: str
    scope: str
    state: CompanyState
    session: str


@dataclass(frozen=True, slots=True)
class LicenceCopy:
    """A sealed copy of a licence."""

    copy_no: str
    issued_at: datetime
    take_away_url: str
    document: SealedDocument


class MarketRegulation(Protocol):
    """市场监管: copies of business licences."""

    def present(self, code: str, key: str) -> Reply[BusinessLicence]:
        """Take a code of the licence app, which is used up by it."""
        ...

    def copy(self, session: str, key: str) -> Reply[LicenceCopy]: ...


class MarketRegulationClient(Client):
    """`MarketRegulation` over HTTP."""

    def present(self, code: str, key: str) -> Reply[BusinessLicence]:
        """The licence behind a code of the licence app."""
        return self.door.post("/presentations", "licence.present", {"code": code}, _licence, key)

    def copy(self, session: str, key: str) -> Reply[LicenceCopy]:
        """A sealed copy of the licence that was presented."""
        body = {"session": session}
        return self.door.post("/licence-copies", "licence.copy", body, _copy, key)


def _licence(answer: Fields) -> BusinessLicence:
    return BusinessLicence(
        credit_code=answer.text("credit_code", longest=18),
        name=answer.text("name"),
        kind=answer.text("kind"),
        head=answer.text("head", longest=64),
        capital=answer.text("capital", longest=64),
        established=answer.day("established"),
        address=answer.text("address"),
        scope=answer.text("scope"),
        state=answer.choice("state", CompanyState),
        session=answer.text("session", longest=64),
    )


def _copy(answer: Fields) -> LicenceCopy:
    return LicenceCopy(
        copy_no=answer.text("copy_no", longest=64),
        issued_at=answer.moment("issued_at"),
        take_away_url=answer.link("take_away_url"),
        document=sealed_document(answer.inside("document")),
    )
