"""The register's electronic certificates, and whether one still holds.

Whoever holds a certificate may have it checked (proof 1): the answer masks whose it is and where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import StringConstraints

from kiosk.masking import mask_name
from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import Wire

SCHEMA = """
CREATE TABLE certificates (
    code TEXT PRIMARY KEY, unit_code TEXT NOT NULL, certificate_no TEXT NOT NULL, holder TEXT NOT NULL,
    place TEXT NOT NULL, registered_on TEXT NOT NULL, cancelled_on TEXT NOT NULL);
"""

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

router = APIRouter()

CertificateCode = Annotated[str, StringConstraints(pattern="^[0-9A-Z-]{1,40}$")]


class CertificateQuery(Wire):
    """The code on an electronic certificate."""

    code: CertificateCode


class Certificate(Wire):
    """A certificate as the register has it now; the holder's name and the place are masked."""

    certificate_no: str
    state: Literal["valid", "mortgaged", "seized", "cancelled"]
    holder: str
    place: str
    registered_on: str
    cancelled_on: str


class CertificateChecked(Wire):
    """The certificate of that code, or none."""

    check_no: str
    checked_at: str
    take_away_url: str
    certificates: list[Certificate]


@router.post("/certificates/checks", responses=refuses("request.invalid"))
def check(here: Here, query: CertificateQuery) -> CertificateChecked:
    """Whether a certificate still holds; a code of none is answered with none."""
    now = here.now()
    with here.books.transaction() as db:
        found = db.execute(
            "SELECT certificates.*, units.mortgaged, units.seized FROM certificates"
            " LEFT JOIN units USING (unit_code) WHERE code = ?",
            (query.code,),
        ).fetchall()
        number = serial(db, "ZZCY", now)
        certificates = [_certificate(row) for row in found]
        rows = [("查验编号", number), ("查验时间", f"{now:%Y-%m-%d %H:%M:%S}")]
        rows += [("权证号", certificate.certificate_no) for certificate in certificates]
        rows.append(("结果", WORDS[certificates[0].state] if certificates else "没有这本证书"))
        url = pages.publish(db, here, "不动产电子证照查验", rows)
    return CertificateChecked(
        check_no=number,
        checked_at=now.isoformat(),
        take_away_url=url,
        certificates=certificates,
    )


WORDS = {
    "valid": "有效",
    "mortgaged": "有效，已设抵押",
    "seized": "有效，已被查封",
    "cancelled": "已注销",
}


def _certificate(row: Row) -> Certificate:
    state: Literal["valid", "mortgaged", "seized", "cancelled"] = "valid"
    if row["cancelled_on"]:
        state = "cancelled"
    elif row["seized"]:
        state = "seized"
    elif row["mortgaged"]:
        state = "mortgaged"
    return Certificate(
        certificate_no=row["certificate_no"],
        state=state,
        holder=row["holder"],
        place=row["place"],
        registered_on=row["registered_on"],
        cancelled_on=row["cancelled_on"],
    )


def samples(db: Connection) -> dict[str, list[str]]:
    """Codes that a bench can hold in front of the scanner."""
    codes = db.execute("SELECT code FROM certificates ORDER BY rowid LIMIT 12")
    return {"certificate": [row[0] for row in codes]}


@dataclass(frozen=True, slots=True)
class _Registered:
    """A unit as its certificate has it."""

    unit_code: str
    certificate_no: str
    location: str
    registered_on: str


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter the certificates of all units, which are in the books already."""
    for citizen in citizens:
        for row in db.execute(
            "SELECT units.* FROM units JOIN owners USING (unit_code) WHERE id_number = ?"
            " ORDER BY unit_code",
            (citizen.number,),
        ).fetchall():
            unit = _Registered(*(row[name] for name in _Registered.__dataclass_fields__))
            _seed_certificate(db, citizen, unit)


def _seed_certificate(db: Connection, citizen: Citizen, unit: _Registered) -> None:
    street = unit.location.partition("街")[0].partition("路")[0]
    holder, place = mask_name(citizen.card.name), f"{street}****"
    row = (unit.unit_code, unit.certificate_no, holder, place, unit.registered_on)
    db.execute(
        "INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?, '')", (_code(unit.unit_code), *row)
    )
    if citizen.place % 5 == 0:  # the certificate that this one took the place of
        before = f"{unit.certificate_no[:2]}2005{unit.certificate_no[6:]}"
        db.execute(
            "INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                _code(before),
                unit.unit_code,
                before,
                holder,
                place,
                "2005-06-01",
                unit.registered_on,
            ),
        )


def _code(about: str) -> str:
    """A certificate's code: its letters cannot be guessed from what is printed beside it."""
    drawn = int.from_bytes(sha256(about.encode()).digest())
    letters = "".join(CODE_LETTERS[drawn >> 5 * place & 31] for place in range(20))
    return "-".join(("BDCZZ", *(letters[place : place + 5] for place in range(0, 20, 5))))
