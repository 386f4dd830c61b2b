"""What scanned texts say: payments, invoices, licences, cases, property units, addresses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.codes import CodeKind, ScannedCode, classify, read_code
from devices.scanner.payloads import (
    CREDIT_ALPHABET,
    Address,
    Case,
    Channel,
    Invoice,
    Licence,
    PaymentCode,
    Unit,
    credit_check,
    fen_of,
    is_credit_code,
)

TENCENT = "9144030071526726XG"
"""The published code of a well-known company: its check character was not made here."""

DIGITS = "0123456789"


def payload_of(text: str) -> object:
    return classify(text.encode()).payload


# --- payment codes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("13" + "0" * 16, Channel.WECHAT),
        ("28" + "1" * 14, Channel.ALIPAY),
        ("30" + "1" * 22, Channel.ALIPAY),
        ("62" + "5" * 17, Channel.UNIONPAY),
    ],
)
def test_a_payment_code_names_its_channel(text: str, channel: Channel) -> None:
    assert payload_of(text) == PaymentCode(channel, text)


# --- invoices ----------------------------------------------------------------------------------------


def test_an_electronic_invoice_of_the_old_generation_is_read() -> None:
    text = "01,10,037022100111,12345678,1132.08,20210306,12345678901234567890,A1B2,"
    assert payload_of(text) == Invoice(
        "10", "037022100111", "12345678", 113208, date(2021, 3, 6), "12345678901234567890", "A1B2"
    )


def test_a_fully_digital_invoice_is_read() -> None:
    payload = payload_of("01,32,,25372000000000000001,120.5,20260901,,0F0E")
    assert payload == Invoice("32", "", "25372000000000000001", 12050, date(2026, 9, 1), "", "0F0E")
    assert isinstance(payload, Invoice)
    assert payload.digital


def test_a_red_invoices_amount_is_negative() -> None:
    payload = payload_of("01,32,,25372000000000000001,-8.05,20260901,,0F0E")
    assert isinstance(payload, Invoice)
    assert payload.amount_fen == -805


@pytest.mark.parametrize(
    "text",
    [
        "01,32,,25372000000000000001,120.00,20261301,,A1B2",  # no such day
        "01,32,,2537200000000000001,120.00,20260901,,A1B2",  # 19 digits
        "01,32,037022100111,25372000000000000001,120.00,20260901,,A1B2",  # both generations
        "01,10,037022100111,12345678,1e3,20210306,12345678901234567890,A1B2",
        "01,10,037022100111,12345678,1.005,20210306,12345678901234567890,A1B2",
        "01,10,037022100111,12345678,10.00,20210306,short,A1B2",
        "02,10,037022100111,12345678,10.00,20210306,12345678901234567890,A1B2",
        "01,10,037022100111,12345678,10.00,20210306,12345678901234567890,A1B2,,more",
        "01,10",
    ],
)
def test_what_only_looks_like_an_invoice_is_text(text: str) -> None:
    assert classify(text.encode()) == ScannedCode(CodeKind.TEXT, text)
    assert payload_of(text) is None


@given(
    st.integers(-(10**10), 10**10),
    st.dates(date(2015, 1, 1), date(2040, 1, 1)),
    st.text(DIGITS, min_size=20, max_size=20),
)
def test_any_digital_invoice_keeps_its_fields(fen: int, day: date, number: str) -> None:
    sign, size = "-" if fen < 0 else "", abs(fen)
    text = f"01,31,,{number},{sign}{size // 100}.{size % 100:02d},{day:%Y%m%d},,BEEF"
    payload = payload_of(text)
    assert isinstance(payload, Invoice)
    assert (payload.number, payload.amount_fen, payload.issued) == (number, fen, day)


@given(st.text(max_size=20))
def test_an_amount_is_whole_fen_or_none(text: str) -> None:
    fen = fen_of(text)
    assert fen is None or abs(fen - float(text) * 100) < 0.5


# --- licences ----------------------------------------------------------------------------------------


def test_a_published_credit_code_has_the_right_check_character() -> None:
    assert is_credit_code(TENCENT)
    assert payload_of(TENCENT) == Licence(TENCENT)


@given(
    st.text(CREDIT_ALPHABET, min_size=2, max_size=2),
    st.text(DIGITS, min_size=6, max_size=6),
    st.text(CREDIT_ALPHABET, min_size=9, max_size=9),
)
def test_exactly_one_check_character_fits(kind: str, division: str, body: str) -> None:
    first17 = kind + division + body
    fitting = [c for c in CREDIT_ALPHABET if is_credit_code(first17 + c)]
    assert fitting == [credit_check(first17)]


@pytest.mark.parametrize("place", range(18))
def test_a_mistaken_character_is_noticed(place: int) -> None:
    other = "1" if TENCENT[place] != "1" else "2"
    mistaken = TENCENT[:place] + other + TENCENT[place + 1 :]
    assert classify(mistaken.encode()).kind is CodeKind.TEXT


@pytest.mark.parametrize(
    "url",
    [
        f"https://licence.example.com/show?uniscid={TENCENT}&source=W",
        f"https://licence.example.com/{TENCENT}/show",
        f"http://licence.example.com/#code={TENCENT}",
    ],
)
def test_an_address_that_holds_a_credit_code_is_a_licence(url: str) -> None:
    assert payload_of(url) == Licence(TENCENT, url)


def test_an_address_with_two_credit_codes_is_an_address() -> None:
    other = TENCENT[:16] + "Y"
    other += credit_check(other)
    url = f"https://licence.example.com/{TENCENT}?code={other}"
    assert payload_of(url) == Address(url, "licence.example.com")


# --- cases, units, addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["SI20261125000001", "BDC20260101123456", "P261124-7KQ2M9XA", "P261124-7KQ2M9XA-02"]
)
def test_a_number_of_our_slips_is_a_case(number: str) -> None:
    code = classify(number.encode())
    assert (code.kind, code.payload) == (CodeKind.CASE, Case(number))


@pytest.mark.parametrize("number", ["SI20261325000001", "S20261125000001", "SI2026112500001"])
def test_a_number_of_another_form_is_text(number: str) -> None:
    assert classify(number.encode()).kind is CodeKind.TEXT


@pytest.mark.parametrize(
    "text",
    [
        "3710830010011000101200000001",
        "371083001001GB00101F00000001",
        "371083 001001 GB00101 F00000001",
    ],
)
def test_a_property_unit_has_28_places(text: str) -> None:
    code = classify(text.encode())
    assert (code.kind, code.payload) == (CodeKind.UNIT, Unit(text.replace(" ", ""), "371083"))


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.com/",
        "intent://scan/#Intent;end",
        "https://bank.example.com@evil.example.com/",
        "https://xn--bnk-bma.example.com/",
        "https://bаnk.example.com/",  # a Cyrillic а
        "https:///nothing",
        "https://[::1/",
        "https://localhost:99999/",
        "https://a b.example.com/",
    ],
)
def test_what_is_no_plain_web_address_is_text(text: str) -> None:
    assert classify(text.encode()) == ScannedCode(CodeKind.TEXT, text)


def test_an_address_names_its_host() -> None:
    url = "https://Hall.example.com:8443/c/abc?n=1"
    assert payload_of(url) == Address(url, "hall.example.com")


@given(st.text(max_size=60))
def test_any_text_has_a_kind_and_shows_itself_in_no_repr(text: str) -> None:
    code = read_code(text.encode("utf-8", "replace"))
    if isinstance(code, ScannedCode):
        assert (code.payload is None) == (code.kind is CodeKind.TEXT)
        assert repr(code) == f"ScannedCode(kind={code.kind.value!r}, text='***')"
        assert code.payload is None or "***" in repr(code.payload)


@given(st.sampled_from(["https://", "http://", "HTTPS://"]), st.text(max_size=40))
def test_any_address_is_read_without_an_error(scheme: str, rest: str) -> None:
    code = read_code((scheme + rest).encode("utf-8", "replace"))
    if isinstance(code, ScannedCode) and isinstance(code.payload, Address):
        assert code.payload.host in rest.lower()
