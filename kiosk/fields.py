"""Whether what was typed into a field can be right, said while it is typed: pure, the same everywhere.

A field is wrong as soon as that can be known: a character that cannot stand there at once, an unfinished
number only when the citizen goes on.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from devices.idcard.record import is_id_number
from devices.scanner.payloads import fen_of, is_credit_code
from kiosk.texts import Msg, Yuan, msg
from kiosk.views import Field, FieldKind

LONGEST = {
    FieldKind.TEXT: 100,
    FieldKind.NAME: 50,
    FieldKind.ID_NUMBER: 18,
    FieldKind.CREDIT_CODE: 18,
    FieldKind.UNIT_CODE: 28,
    FieldKind.PHONE: 11,
    FieldKind.AMOUNT: 12,
    FieldKind.DIGITS: 20,
    FieldKind.NUMBER: 40,
    FieldKind.DATE: 10,
    FieldKind.CHOICE: 40,
    FieldKind.DIVISION: 6,
}
"""The most characters of each kind, where a field sets no bound of its own."""

WHOLE = {
    FieldKind.ID_NUMBER: 18,
    FieldKind.CREDIT_CODE: 18,
    FieldKind.UNIT_CODE: 28,
    FieldKind.PHONE: 11,
    FieldKind.DATE: 10,
    FieldKind.DIVISION: 6,
}
"""Kinds with exactly so many characters: until then they are unfinished, not wrong."""

ALLOWED = {
    FieldKind.ID_NUMBER: re.compile(r"[0-9]{0,17}|[0-9]{17}[0-9X]"),
    FieldKind.CREDIT_CODE: re.compile(r"[0-9A-HJ-NP-RT-UW-Y]*"),  # GB 32100: no I, O, S, V, Z
    FieldKind.UNIT_CODE: re.compile(r"[0-9]*"),
    FieldKind.PHONE: re.compile(r"(1([3-9][0-9]*)?)?"),
    FieldKind.AMOUNT: re.compile(r"([0-9]{1,9}(\.[0-9]{0,2})?)?"),
    FieldKind.DIGITS: re.compile(r"[0-9]*"),
    FieldKind.NUMBER: re.compile(r"[0-9A-Z-]*"),
    FieldKind.DATE: re.compile(r"[0-9-]*"),
    FieldKind.DIVISION: re.compile(r"[0-9]*"),
}
"""What may stand in a field while it is being typed."""

UPPER = (FieldKind.ID_NUMBER, FieldKind.CREDIT_CODE, FieldKind.NUMBER)


def tidy(field: Field, text: str) -> str:
    """`text` as it is kept: without blanks around it, full-width digits and letters as narrow ones,
    letters of numbers as capitals."""
    narrow = unicodedata.normalize("NFKC", text).strip()
    return narrow.upper() if field.kind in UPPER else narrow


def longest(field: Field) -> int:
    """The most characters that fit into `field`."""
    return field.longest or LONGEST[field.kind]


def hindrance(field: Field, text: str) -> Msg | None:
    """What is wrong with an unfinished `text` already, or None."""
    if len(text) > longest(field):
        return msg("field.too_long", count=longest(field))
    allowed = ALLOWED.get(field.kind)
    if allowed is not None and not allowed.fullmatch(text):
        return msg(f"field.characters.{field.kind.value}")
    if any(unicodedata.category(character)[0] == "C" for character in text):
        return msg("field.characters.text")
    if len(text) == WHOLE.get(field.kind, -1):
        return wrong(field, text)
    return None


def wrong(field: Field, text: str) -> Msg | None:
    """What is wrong with `text` as the whole of `field`, or None where it can be right."""
    if not text:
        return msg("field.required") if field.required else None
    whole = WHOLE.get(field.kind)
    if len(text) < (whole or field.shortest):
        return msg("field.too_short", count=whole or field.shortest)
    if len(text) > longest(field):
        return msg("field.too_long", count=longest(field))
    allowed = ALLOWED.get(field.kind)
    if allowed is not None and not allowed.fullmatch(text):
        return msg(f"field.characters.{field.kind.value}")
    return _of_its_kind(field, text)


def _of_its_kind(field: Field, text: str) -> Msg | None:
    match field.kind:
        case FieldKind.ID_NUMBER if not is_id_number(text):
            return msg("field.id_number")
        case FieldKind.CREDIT_CODE if not is_credit_code(text):
            return msg("field.credit_code")
        case FieldKind.AMOUNT:
            return _amount(field, text)
        case FieldKind.DATE:
            return None if _day(text) else msg("field.date")
        case FieldKind.CHOICE if text not in {option.id for option in field.options}:
            return msg("field.required")
    return None


def _amount(field: Field, text: str) -> Msg | None:
    fen = fen_of(text)
    if fen is None or fen == 0:
        return msg("field.amount")
    if fen < field.minimum:
        return msg("field.amount.least", amount=Yuan(field.minimum))
    if field.maximum and fen > field.maximum:
        return msg("field.amount.most", amount=Yuan(field.maximum))
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
