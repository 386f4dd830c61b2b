"""Electronic licences of persons, and their presentation (亮证): only what the person chose to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from sqlite3 import Connection, Row
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from kiosk.masking import mask_id, mask_name
from kiosk.sandbox import phone_codes
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.phone_codes import draw_code, take_code
from kiosk.sandbox.problems import refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Wire

DEPARTMENT = "data"

CODE_MARK = "9"
"""A presentation's code begins so: 16 digits, no wallet's code and no number of a case."""

SCHEMA = f"""
CREATE TABLE licences (
    number TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES citizens, kind TEXT NOT NULL,
    issuer TEXT NOT NULL, issued_on TEXT NOT NULL, valid_until TEXT NOT NULL,
    revoked INTEGER NOT NULL);
{phone_codes.SCHEMA}"""

KINDS = (
    ("居民身份证", "乳山市公安局", 20),
    ("社会保障卡", "乳山市人力资源和社会保障局", 10),
    ("机动车驾驶证", "威海市公安局交通警察支队", 6),
    ("出生医学证明", "乳山市卫生健康局", 0),
    ("残疾人证", "乳山市残疾人联合会", 10),
)
"""Kind, issuer, years that one is valid; 0 for good."""

router = APIRouter()

PersonCode = Annotated[str, StringConstraints(pattern=f"^{CODE_MARK}[0-9]{{15}}$")]


class PresentedCode(Wire):
    """The code on a person's phone: it works once, for five minutes."""

    code: PersonCode


class Licence(Wire):
    """One licence that is valid today. `number` is masked; `valid_until` is "" where it is for good."""

    kind: str
    number: str
    issuer: str
    issued_on: str
    valid_until: str


class Presentation(Wire):
    """What the person chose to show, as far as it is valid; `withheld` counts what was chosen and is
    not valid any more. `holder` is masked."""

    presentation_no: str
    checked_at: str
    holder: str
    licences: list[Licence]
    withheld: int


@router.post(
    "/presentations",
    response_model=Presentation,
    responses=refuses(
        "idempotency.missing", "presentation.unknown", "presentation.over",
        "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def present(here: Here, key: Key, presented: PresentedCode) -> Response:
    """Take the code on a person's phone; the licences that they show with it."""
    return once(here, key, presented, lambda db: _present(db, here, presented.code))


def _present(db: Connection, here: Window, code: str) -> Presentation:
    id_number = take_code(db, here, DEPARTMENT, code)
    now = here.now()
    holder = db.execute("SELECT * FROM citizens WHERE id_number = ?", (id_number,)).fetchone()
    chosen = db.execute(
        "SELECT * FROM licences WHERE id_number = ? ORDER BY rowid", (id_number,)
    ).fetchall()
    valid = [row for row in chosen if _is_valid(row, now.date())]
    return Presentation(
        presentation_no=serial(db, "LZHY", now),
        checked_at=now.isoformat(),
        holder=f"{mask_name(holder['name'])} · {mask_id(id_number)}",
        licences=[_licence(row) for row in valid],
        withheld=len(chosen) - len(valid),
    )


def _is_valid(row: Row, today: date) -> bool:
    return not row["revoked"] and (
        not row["valid_until"] or date.fromisoformat(row["valid_until"]) >= today
    )


def _licence(row: Row) -> Licence:
    kept = {name: row[name] for name in Licence.model_fields if name != "number"}
    return Licence(number=mask_id(row["number"]), **kept)


def samples(db: Connection, here: Window) -> dict[str, list[str]]:
    """Fresh codes of phones: of the default card's holder, and of somebody with nothing valid."""
    rows = db.execute(
        "SELECT id_number FROM citizens WHERE slug IN ('wang-xiulan', 'li-na') ORDER BY rowid"
    ).fetchall()
    drawn = [draw_code(db, here, DEPARTMENT, CODE_MARK, row["id_number"]) for row in rows]
    return {"presentation": drawn}


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Enter one to four licences of each resident; some are over, some were revoked."""
    for citizen in citizens:
        if citizen.at_home:
            for nth, (kind, issuer, years) in enumerate(KINDS[: 1 + (citizen.place + 3) % 4]):
                _enter(db, citizen, nth, (kind, issuer, years), today)


def _enter(
    db: Connection, citizen: Citizen, nth: int, about: tuple[str, str, int], today: date
) -> None:
    kind, issuer, years = about
    over = citizen.place % 10 == 2 or (nth == 2 and citizen.place % 4 == 0)
    until = today - timedelta(days=40 + nth) if over else today + timedelta(days=300 * (nth + 1))
    number = citizen.number if nth == 0 else f"3710{nth}{citizen.place * 65537 + 10007:011d}"
    db.execute(
        "INSERT INTO licences VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            citizen.number,
            kind,
            issuer,
            (until - timedelta(days=365 * max(years, 1))).isoformat(),
            until.isoformat() if years else "",
            int(nth == 1 and citizen.place % 6 == 4),
        ),
    )
