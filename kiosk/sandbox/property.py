"""Natural resources: the property register, open to owners who showed their card."""

from __future__ import annotations

from sqlite3 import Connection, Row
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import known
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import Person, Wire

DEPARTMENT = "property"

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])

UnitCode = Annotated[str, Path(pattern="^[0-9]{28}$")]


class OwnQuery(Wire):
    """A person's question about what is registered for them, and why they ask."""

    person: Person
    purpose: Literal["loan", "school", "residence", "other"]


class Unit(Wire):
    """One registered property unit."""

    unit_code: str
    certificate_no: str
    location: str
    use: str
    area: str
    share: str
    registered_on: str
    mortgaged: bool
    seized: bool


class OwnRecord(Wire):
    """Everything registered for a person."""

    query_no: str
    queried_at: str
    take_away_url: str
    units: list[Unit]


@router.post(
    "/own/queries", responses=refuses("proof.card_required", "person.unknown", "request.invalid")
)
def own(here: Here, query: OwnQuery) -> OwnRecord:
    """Everything registered for the person who asks."""
    now = here.now()
    with here.books.transaction() as db:
        _identified(db, query.person)
        units = [_unit(row) for row in _units(db, query.person.id_number)]
        number = serial(db, "BDC", now)
        rows = [("查询编号", number), ("查询时间", f"{now:%Y-%m-%d %H:%M:%S}")]
        for unit in units:
            rows += [("不动产单元号", unit.unit_code), ("坐落", unit.location)]
        url = pages.publish(db, here, "本人不动产登记信息", rows)
    return OwnRecord(query_no=number, queried_at=now.isoformat(), take_away_url=url, units=units)


@router.post(
    "/units/{unit_code}/queries",
    responses=refuses(
        "proof.card_required", "property.not_owner", "person.unknown", "request.invalid"
    ),
)
def one(here: Here, unit_code: UnitCode, query: OwnQuery) -> Unit:
    """One unit of the person who asks; somebody else's and one that does not exist are the same."""
    with here.books.transaction() as db:
        _identified(db, query.person)
        for row in _units(db, query.person.id_number):
            if row["unit_code"] == unit_code:
                return _unit(row)
    raise Problem("property.not_owner")


def _identified(db: Connection, person: Person) -> None:
    if person.proof != "card":
        raise Problem("proof.card_required")
    known(db, person)


def _units(db: Connection, id_number: str) -> list[Row]:
    return db.execute(
        "SELECT units.*, owners.share FROM units JOIN owners USING (unit_code)"
        " WHERE owners.id_number = ? ORDER BY units.registered_on, unit_code",
        (id_number,),
    ).fetchall()


def _unit(row: Row) -> Unit:
    return Unit(
        unit_code=row["unit_code"],
        certificate_no=row["certificate_no"],
        location=row["location"],
        use=row["use"],
        area=row["area"],
        share=row["share"],
        registered_on=row["registered_on"],
        mortgaged=bool(row["mortgaged"]),
        seized=bool(row["seized"]),
    )
