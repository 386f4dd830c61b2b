"""What a scanned text says, as data: one typed payload a kind, or None where it is none of ours.

Each reader is a pure function from text to its payload. A payload may name a person's property or
money, so that every repr is masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

PAYMENT_CODE = re.compile(
    r"(?P<wechat>1[0-5][0-9]{16})"  # WeChat Pay
    r"|(?P<alipay>(?:2[5-9]|30)[0-9]{14,22})"  # Alipay
    r"|(?P<unionpay>62[0-9]{17})"  # UnionPay
)
"""A code with which a citizen's wallet pays (PAYMENTS.md)."""

INVOICE_MARK = "01"
"""The first field of an invoice's code, in both generations (SERVICES.md)."""

INVOICE_KIND = re.compile(r"[0-9]{2}")
OLD_CODE, OLD_NUMBER = re.compile(r"[0-9]{10}|[0-9]{12}"), re.compile(r"[0-9]{8}")
NEW_NUMBER = re.compile(r"[0-9]{20}")
AMOUNT = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?")
INVOICE_CHECK = re.compile(r"[0-9]{20}|")
INVOICE_CRC = re.compile(r"[0-9A-Fa-f]{4}|")
INVOICE_FIELDS = 8

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 1: no I, O, S, V, Z; a character's place is its value."""

CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
"""GB 32100-2015, 5.5: the weight of place i is 3^(i-1) modulo 31."""

CREDIT_CODE = re.compile(rf"[{CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}")

SERIAL_NUMBER = re.compile(r"([A-Z]{2,4})([0-9]{8})([0-9]{6})")
"""A department's number as on our slips: letters, yyyymmdd, six places."""

ORDER_NUMBER = re.compile(r"P[0-9]{6}-[0-9A-Z]{8}(?:-[0-9]{2})?")
"""An order's number as on our slips, with or without its attempt."""

UNIT_CODE = re.compile(
    r"([0-9]{6})([0-9]{3})([0-9]{3})([0-9]{2}|[A-Z]{2})([0-9]{5})([0-9A-Z])([0-9]{8})"
)
"""A property unit's code: 6+3+3+2+5+1+8 (SERVICES.md); where it is printed with letters, they stand
for the kind of parcel and of fixture."""

SCHEMES = ("http", "https")
HOST = re.compile(r"(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True, repr=False)
class Payload:
    """What a code says; masked."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class Channel(StrEnum):
    """Whose wallet a payment code is of."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"


@dataclass(frozen=True, slots=True, repr=False)
class PaymentCode(Payload):
    """The code of a wallet, used once."""

    channel: Channel
    number: str


@dataclass(frozen=True, slots=True, repr=False)
class Invoice(Payload):
    """An invoice (发票) of either generation. `code` is "" for a fully digital one, whose `number` has
    20 digits. `amount_fen` is as printed in the code, negative on a red invoice: without tax in the old
    generation, with tax in the new one. `crc` is kept as it came; how it is made is not public.
    """

    kind: str
    code: str
    number: str
    amount_fen: int
    issued: date
    check: str
    crc: str

    @property
    def digital(self) -> bool:
        """Whether it is a fully digital one (数电发票)."""
        return not self.code


@dataclass(frozen=True, slots=True, repr=False)
class Licence(Payload):
    """A business licence: its unified social credit code, and the address it came in or ""."""

    credit_code: str
    address: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Case(Payload):
    """The number of a case, a receipt or an order (办件编号, 受理号)."""

    number: str


@dataclass(frozen=True, slots=True, repr=False)
class Unit(Payload):
    """A property unit (不动产单元) of 28 places; `division` is GB/T 2260."""

    code: str
    division: str


@dataclass(frozen=True, slots=True, repr=False)
class Address(Payload):
    """A web address. Nothing here opens it; `host` is for a person to read."""

    url: str
    host: str


def payment(text: str) -> PaymentCode | None:
    """A wallet's code."""
    found = PAYMENT_CODE.fullmatch(text)
    if found is None or not text.isascii():
        return None
    return PaymentCode(Channel(str(found.lastgroup)), text)


def invoice(text: str) -> Invoice | None:
    """An invoice's code, of either generation; a comma at its end is not counted."""
    fields = text.split(",")
    if not 7 <= len(fields) <= INVOICE_FIELDS + 1 or any(fields[INVOICE_FIELDS:]):
        return None
    mark, kind, code, number, amount, issued, check, crc = (*fields, "")[:INVOICE_FIELDS]
    numbered = (
        NEW_NUMBER.fullmatch(number)
        if not code
        else OLD_CODE.fullmatch(code) and OLD_NUMBER.fullmatch(number)
    )
    fen, day = fen_of(amount), _day(issued)
    if mark != INVOICE_MARK or not INVOICE_KIND.fullmatch(kind) or not numbered:
        return None
    if fen is None or day is None:
        return None
    if not INVOICE_CHECK.fullmatch(check) or not INVOICE_CRC.fullmatch(crc):
        return None
    return Invoice(kind, code, number, fen, day, check, crc)


def fen_of(yuan: str) -> int | None:
    """An amount in yuan, with at most two decimal places, as an integer number of fen."""
    found = AMOUNT.fullmatch(yuan)
    if found is None or not yuan.isascii():
        return None
    sign, whole, part = found.groups(default="")
    fen = int(whole) * 100 + int(part.ljust(2, "0") or "0")
    return -fen if sign else fen


def is_credit_code(text: str) -> bool:
    """Whether `text` is a unified social credit code with the right check character."""
    return bool(CREDIT_CODE.fullmatch(text)) and text[17] == credit_check(text[:17])


def credit_check(first17: str) -> str:
    """The check character of the first 17 (GB 32100-2015, 5.5). ValueError for foreign characters."""
    total = sum(
        CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(first17, CREDIT_WEIGHTS, strict=True)
    )
    return CREDIT_ALPHABET[-total % 31]


def licence(text: str) -> Licence | None:
    """A licence's code: alone, or within the web address that licences and their app show.

    An address is taken that holds exactly one credit code, as a value of its query or fragment or as a
    part of its path. That form is common knowledge, not confirmed.
    """
    if is_credit_code(text):
        return Licence(text)
    at = address(text)
    if at is None:
        return None
    parts = urlsplit(at.url)
    named = [value for _, value in parse_qsl(parts.query) + parse_qsl(parts.fragment)]
    codes = {part for part in (*parts.path.split("/"), *named) if is_credit_code(part)}
    return Licence(codes.pop(), at.url) if len(codes) == 1 else None


def case(text: str) -> Case | None:
    """A number as printed on a slip."""
    found = SERIAL_NUMBER.fullmatch(text)
    if found is not None and text.isascii():
        return Case(text) if _day(found[2]) is not None else None
    return Case(text) if ORDER_NUMBER.fullmatch(text) else None


def unit(text: str) -> Unit | None:
    """A property unit's code, with or without the spaces between its parts."""
    joined = text.replace(" ", "")
    found = UNIT_CODE.fullmatch(joined)
    return Unit(joined, found[1]) if found is not None and joined.isascii() else None


def address(text: str) -> Address | None:
    """A web address whose host can be read: no other scheme, no name before an @, no look-alikes."""
    if not text.isascii() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    readable = HOST.fullmatch(host) and "xn--" not in host and "@" not in parts.netloc
    return Address(text, host) if parts.scheme in SCHEMES and readable else None


def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None
