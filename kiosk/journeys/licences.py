"""Licences shown by a code on the phone: a person's, looked at; a company's, copied onto A4.

Such a code works once and for minutes only: whoever holds a used one is asked for a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from devices.scanner.codes import CodeKind, ScannedCode
from kiosk.backends.contract import BackendFailure, Reply
from kiosk.backends.data import PersonLicence, Presentation
from kiosk.backends.market import BusinessLicence, CompanyState
from kiosk.catalogue import Item
from kiosk.steps.attempt import MALFORMED, attempt, key_for
from kiosk.steps.document import take_document
from kiosk.steps.finish import Ending, finish
from kiosk.steps.scan import scan_or_type
from kiosk.texts import Msg, Plain, Text, msg
from kiosk.views import Field, FieldKind, Option, Record, Row, Section
from kiosk.visit import Visit

T = TypeVar("T")

CODE_DIGITS = 16
"""Of a code on a phone, as the departments draw them (docs/API.md)."""

UNKNOWN, OVER = "presentation.unknown", "presentation.over"


async def show_licences(visit: Visit, item: Item) -> None:
    """Scan a person's code; show what is valid of what they chose to show, and nothing more."""
    visit.steps = (msg("licence.step.code"), msg("step.read"), msg("step.take"))
    shown = await _presented(
        visit, "licence", visit.counter.departments.data.present, msg("licence.code")
    )
    await visit.ask(
        Record(
            key="licence.read",
            steps=visit.at(1),
            title=msg("licence.shown", count=len(shown.licences)),
            subtitle=Plain(shown.holder),
            sections=_licences(shown) or (_none_valid(shown),),
            notice=msg("licence.withheld", count=shown.withheld) if shown.withheld else None,
            actions=(Option(id="done", title=msg("option.next")),),
        )
    )
    visit.commit()
    visit.at(2)
    rows = (
        Row(msg("licence.row.number"), Plain(shown.presentation_no)),
        Row(msg("licence.row.time"), Plain(shown.checked_at.strftime("%Y-%m-%d %H:%M:%S"))),
    )
    await finish(
        visit,
        Ending(
            headline=msg("licence.done"),
            detail=msg("licence.done.detail"),
            rows=rows,
            standing=Section(None, rows),
        ),
    )


def _licences(shown: Presentation) -> tuple[Section, ...]:
    return tuple(Section(Plain(licence.kind), _rows(licence)) for licence in shown.licences)


def _rows(licence: PersonLicence) -> tuple[Row, ...]:
    until = licence.valid_until
    return (
        Row(msg("licence.row.state"), msg("licence.valid"), strong=True),
        Row(msg("licence.row.licence_no"), Plain(licence.number)),
        Row(msg("licence.row.issuer"), Plain(licence.issuer)),
        Row(msg("licence.row.issued"), Plain(licence.issued_on.isoformat())),
        Row(
            msg("licence.row.until"), Plain(until.isoformat()) if until else msg("licence.for_good")
        ),
    )


def _none_valid(shown: Presentation) -> Section:
    return Section(None, (Row(msg("licence.row.state"), msg("licence.none"), strong=True),))


async def copy_business_licence(visit: Visit, item: Item) -> None:
    """Scan the licence app's code, look at the licence, take a sealed copy on A4."""
    visit.steps = tuple(msg(s) for s in ("licence.step.code", "step.read", "step.take"))
    market = visit.counter.departments.market
    licence = await _presented(visit, "business-licence", market.present, msg("licence.app.code"))
    await visit.ask(
        Record(
            key="business-licence.read",
            steps=visit.at(1),
            title=msg("licence.business"),
            subtitle=Plain(licence.name),
            sections=(Section(None, _business(licence)),),
            notice=msg("licence.abnormal") if licence.state is CompanyState.ABNORMAL else None,
            actions=(Option(id="copy", title=msg("licence.copy")),),
        )
    )
    visit.commit()
    copy = await visit.call(market.copy, licence.session, key_for(visit, "copy", 0))
    rows = (
        Row(msg("licence.row.company"), Plain(licence.name)),
        Row(msg("licence.row.credit_code"), Plain(licence.credit_code)),
        Row(msg("licence.row.copy"), Plain(copy.copy_no)),
    )
    await take_document(visit, market, copy.document)
    visit.at(2)
    await finish(
        visit,
        Ending(
            headline=msg("licence.copied"),
            detail=msg("licence.copied.detail", code=copy.document.check_code),
            rows=rows,
            standing=Section(None, rows),
            link=copy.take_away_url,
        ),
    )


def _business(licence: BusinessLicence) -> tuple[Row, ...]:
    return (
        Row(msg("licence.row.credit_code"), Plain(licence.credit_code)),
        Row(msg("licence.row.state"), msg(f"licence.state.{licence.state}"), strong=True),
        Row(msg("licence.row.kind"), Plain(licence.kind)),
        Row(msg("licence.row.head"), Plain(licence.head)),
        Row(msg("licence.row.capital"), Plain(licence.capital)),
        Row(msg("licence.row.established"), Plain(licence.established.isoformat())),
        Row(msg("licence.row.address"), Plain(licence.address)),
        Row(msg("licence.row.scope"), Plain(licence.scope)),
    )


async def _presented(
    visit: Visit, family: str, present: Callable[[str, str], Reply[T]], title: Text
) -> T:
    """What stands behind a code on the phone; a code of none, or one that is over, is asked for anew."""
    hint: Msg = msg("licence.code.hint")
    for nth in count():
        code = await scan_or_type(
            visit,
            f"{family}.code.{nth}" if nth else f"{family}.code",
            title,
            hint,
            Field(
                name="code",
                label=msg("licence.code.label"),
                kind=FieldKind.DIGITS,
                longest=CODE_DIGITS,
            ),
            _phone_code,
            visit.at(0),
        )
        key = key_for(visit, "present", nth, code)
        found = await attempt(visit, (UNKNOWN, OVER, MALFORMED), nth, present, code, key)
        if not isinstance(found, BackendFailure):
            return found
        hint = msg("licence.code.over" if found.code == OVER else "licence.code.unknown")
    raise AssertionError("counting ends")


def _phone_code(code: ScannedCode) -> str | None:
    digits = code.kind is CodeKind.TEXT and code.text.isascii() and code.text.isdigit()
    return code.text if digits and len(code.text) == CODE_DIGITS else None
