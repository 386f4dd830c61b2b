"""Tax: have an invoice checked (发票查验): its code scanned, or what stands on it typed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from devices.scanner import payloads
from devices.scanner.codes import CodeKind, ScannedCode
from kiosk.backends.tax_answers import Check, Claim, RegisteredInvoice, Verdict
from kiosk.catalogue import Item
from kiosk.steps.finish import Ending, finish
from kiosk.steps.scan import scan_or_type
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Field, FieldKind, Filled, Form, Option, Record, Row, Section, Tone
from kiosk.visit import Visit

STEPS = ("tax.check.step.scan", "step.read", "tax.check.step.end")

NEW_DIGITS, OLD_DIGITS = 20, 8
CODE_DIGITS = (10, 12)
CHECK_DIGITS = (6, 20)
"""SERVICES.md, validity: 20 digits (new), or a code of 10 or 12 and a number of 8 (old), whose check
digits are typed as the last six or all twenty."""

TONES = {
    Verdict.GENUINE: Tone.GOOD,
    Verdict.NOT_FOUND: Tone.BAD,
    Verdict.DIFFERS: Tone.BAD,
    Verdict.REVERSED: Tone.WARNING,
    Verdict.VOIDED: Tone.WARNING,
}


async def check_invoice(visit: Visit, item: Item) -> None:
    """Scan or type, have it held against the register, read the word on it."""
    visit.steps = tuple(msg(step) for step in STEPS)
    claim = await _claim(visit)
    check = await visit.call(visit.counter.departments.tax.check, claim, _key(visit, claim))
    await _read(visit, claim, check)
    visit.at(2)
    await finish(visit, _ending(claim, check))


def _key(visit: Visit, claim: Claim) -> str:
    """One key for one claim of a visit: asked again it is not counted again."""
    said = "|".join(
        (claim.code, claim.number, str(claim.issued_on), str(claim.amount_fen), claim.check)
    )
    return f"check-{visit.id}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


# --- what the invoice says ------------------------------------------------------------------------


async def _claim(visit: Visit) -> Claim:
    given = await scan_or_type(
        visit,
        "check.code",
        msg("tax.check.title"),
        msg("tax.check.subtitle"),
        Field("number", msg("tax.check.number"), FieldKind.DIGITS, longest=NEW_DIGITS),
        _code,
        visit.at(0),
        whole=False,
    )
    scanned = payloads.invoice(given)
    if scanned is not None:
        return Claim(
            scanned.code, scanned.number, scanned.issued, scanned.amount_fen, scanned.check
        )
    filled = await visit.recall("check.form", lambda: _fill_in(visit, given), answered=True)
    return _claimed(filled)


def _code(code: ScannedCode) -> str | None:
    return code.text if code.kind is CodeKind.INVOICE else None


async def _fill_in(visit: Visit, number: str) -> Filled:
    """What stands on an invoice whose code cannot be read, until it can be one."""
    filled, trouble = Filled.of({"number": number}), None
    while True:
        filled = await visit.ask_now(_form(visit, filled, trouble))
        trouble = _wrong(filled)
        if trouble is None:
            return filled


def _form(visit: Visit, filled: Filled, trouble: Text | None) -> Form:
    given = dict(filled)
    digital = len(given["number"]) == NEW_DIGITS
    number = Field("number", msg("tax.check.number"), FieldKind.DIGITS, longest=NEW_DIGITS)
    code = Field(
        "code",
        msg("tax.check.invoice_code"),
        FieldKind.DIGITS,
        msg("tax.check.invoice_code.hint"),
        longest=CODE_DIGITS[1],
    )
    day = Field("issued_on", msg("row.issued"), FieldKind.DATE)
    amount = Field(
        "amount",
        msg("row.total" if digital else "row.net"),
        FieldKind.AMOUNT,
        msg("tax.check.amount.hint"),
    )
    check = Field(
        "check",
        msg("tax.check.digits"),
        FieldKind.DIGITS,
        msg("tax.check.digits.hint"),
        required=False,
        longest=CHECK_DIGITS[1],
    )
    wanted = (number, day, amount) if digital else (number, code, day, amount, check)
    return Form(
        key="check.form",
        steps=visit.here,
        title=msg("tax.check.form"),
        subtitle=msg("tax.check.form.hint"),
        fields=tuple(replace(field, value=given.get(field.name, "")) for field in wanted),
        trouble=trouble,
        primary=msg("tax.check.submit"),
    )


def _wrong(filled: Filled) -> Text | None:
    """What cannot be an invoice, in words."""
    given = dict(filled)
    if len(given["number"]) == NEW_DIGITS:
        return None
    if len(given["number"]) != OLD_DIGITS:
        return msg("tax.check.wrong.number")
    if len(given.get("code", "")) not in CODE_DIGITS:
        return msg("tax.check.wrong.code")
    if given.get("check") and len(given["check"]) not in CHECK_DIGITS:
        return msg("tax.check.wrong.check")
    return None


def _claimed(filled: Filled) -> Claim:
    given = dict(filled)
    fen = payloads.fen_of(given["amount"])
    if fen is None:
        raise AssertionError("the form lets no other amount through")
    old = len(given["number"]) == OLD_DIGITS
    return Claim(
        code=given["code"] if old else "",
        number=given["number"],
        issued_on=date.fromisoformat(given["issued_on"]),
        amount_fen=fen,
        check=given.get("check", "") if old else "",
    )


# --- the word on it -------------------------------------------------------------------------------


async def _read(visit: Visit, claim: Claim, check: Check) -> None:
    rows = _rows_of(check.invoice) if check.invoice else _rows_said(claim)
    await visit.ask(
        Record(
            key="check.read",
            steps=visit.at(1),
            title=msg(f"tax.check.{check.verdict}"),
            subtitle=msg("tax.check.no", number=check.check_no),
            sections=(Section(msg(f"tax.check.{check.verdict}.detail"), rows),),
            notice=msg("tax.check.left", count=check.left_today),
            actions=(Option(id="done", title=msg("option.next")),),
        )
    )


def _rows_said(claim: Claim) -> tuple[Row, ...]:
    code = (Row(msg("tax.check.invoice_code"), Plain(claim.code)),) if claim.code else ()
    amount = msg("row.net" if claim.code else "row.total")
    return (
        *code,
        Row(msg("row.invoice"), Plain(claim.number)),
        Row(msg("row.issued"), Plain(claim.issued_on.isoformat())),
        Row(amount, Plain(str(Yuan(claim.amount_fen)))),
    )


def _rows_of(invoice: RegisteredInvoice) -> tuple[Row, ...]:
    code = (Row(msg("tax.check.invoice_code"), Plain(invoice.code)),) if invoice.code else ()
    return (
        *code,
        Row(msg("row.invoice"), Plain(invoice.number)),
        Row(msg("row.issued"), Plain(invoice.issued_on.isoformat())),
        Row(msg("row.seller"), Plain(invoice.seller)),
        Row(msg("tax.row.buyer"), Plain(invoice.buyer)),
        Row(msg("row.goods"), Plain(invoice.goods)),
        Row(msg("row.net"), Plain(str(Yuan(invoice.net_fen)))),
        Row(msg("row.tax"), Plain(str(Yuan(invoice.tax_fen)))),
        Row(msg("row.total"), Plain(str(Yuan(invoice.total_fen))), strong=True),
    )


def _ending(claim: Claim, check: Check) -> Ending:
    rows = (
        Row(msg("row.invoice"), Plain(claim.number)),
        Row(msg("tax.check.row.no"), Plain(check.check_no)),
    )
    return Ending(
        headline=msg(f"tax.check.{check.verdict}"),
        detail=msg(f"tax.check.{check.verdict}.advice"),
        rows=rows,
        standing=Section(None, rows),
        tone=TONES[check.verdict],
    )
