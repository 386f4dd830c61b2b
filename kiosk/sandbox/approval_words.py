"""What the rooms of the approval bureau share: words in both languages, numbers, and who may ask."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from kiosk.sandbox.citizens import known
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.wire import PRINTABLE, Person, Wire

DEPARTMENT = "approval"
ISSUER = "乳山市审批服务局"

NUMBER_FORM = "^[A-Z]{2,4}[0-9]{14}$"
"""A number as on slips: letters, yyyymmdd, six places (kiosk/sandbox/books.py, `serial`)."""

Number = Annotated[str, StringConstraints(pattern=NUMBER_FORM)]
NumberPath = Annotated[str, Path(pattern=NUMBER_FORM)]
IdPath = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,39}$")]
Id = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{0,39}$")]
Phone = Annotated[str, StringConstraints(pattern="^1[3-9][0-9]{9}$")]
Division = Annotated[str, StringConstraints(pattern="^[1-9][0-9]{5}$")]
Written = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]

HOME_DIVISION = "371083"
"""GB/T 2260: Rushan, whose bureau this is."""


class Both(Wire):
    """Words of the bureau in Chinese and English."""

    zh: str = Field(examples=["新生儿出生一件事"])
    en: str = Field(examples=["A child is born"])


def both(zh: str, en: str) -> Both:
    """The same from its two languages."""
    return Both(zh=zh, en=en)


class Address(Wire):
    """Where somebody lives or where something is sent. Its repr is masked."""

    division: Division = Field(description="GB/T 2260, six digits.", examples=[HOME_DIVISION])
    detail: Written = Field(examples=["城区街道胜利街18号2单元301室"])

    def __repr__(self) -> str:
        return "Address(***)"


def identified(db: Connection, person: Person) -> str:
    """The ID number of a person whose card was read.

    Raises:
        Problem: proof.card_required, person.unknown.
    """
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)
    return person.id_number
