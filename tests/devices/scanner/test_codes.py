"""What scanned bytes are taken for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.codes import (
    MAX_CODE_BYTES,
    CodeKind,
    Refusal,
    ScannedCode,
    classify,
    read_code,
)

PAYMENT_CODES = [
    "10" + "0" * 16,  # WeChat Pay: 10 to 15 and 16 digits
    "15" + "9" * 16,
    "25" + "0" * 14,  # Alipay: 25 to 30 and 14 to 22 digits
    "30" + "9" * 22,
    "62" + "1" * 17,  # UnionPay
]

OTHER_CODES = [
    "16" + "0" * 16,
    "13" + "0" * 15,
    "13" + "0" * 17,
    "24" + "0" * 14,
    "31" + "0" * 14,
    "25" + "0" * 13,
    "25" + "0" * 23,
    "62" + "1" * 16,
    "62" + "1" * 18,
    "https://example.invalid/130000000000000001",
]


@pytest.mark.parametrize("text", PAYMENT_CODES)
def test_a_code_of_each_channel_is_a_payment_code(text):
    assert classify(text.encode()) == ScannedCode(CodeKind.PAYMENT, text)


@pytest.mark.parametrize("text", OTHER_CODES)
def test_what_no_channel_would_take_is_no_payment_code(text):
    assert classify(text.encode()).kind is not CodeKind.PAYMENT


def test_digits_of_another_script_are_no_payment_code():
    # GIVEN a code that looks like one of WeChat Pay, in full-width digits
    text = "１３" + "０" * 16

    # THEN it is not sent to a gateway as one
    assert classify(text.encode()).kind is CodeKind.TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_chinese_is_read_in_either_encoding(encoding):
    assert classify("乳山市政务服务".encode(encoding)).text == "乳山市政务服务"


def test_blanks_and_line_ends_around_a_code_are_not_part_of_it():
    assert classify(b" 130000000000000001\r\n\x00").kind is CodeKind.PAYMENT


@pytest.mark.parametrize("raw", [b"ab\x1b[2J", b"1300\x030000", b"a\nb", "a\u202eb".encode()])
def test_a_code_with_control_characters_is_refused(raw):
    assert read_code(raw) is Refusal.CONTROL


def test_bytes_that_are_no_text_are_refused():
    assert read_code(b"\xff\xfe\xfd") is Refusal.ENCODING


def test_more_bytes_than_a_qr_code_holds_are_refused():
    assert read_code(b"1" * (MAX_CODE_BYTES + 1)) is Refusal.TOO_LONG
    assert isinstance(read_code(b"1" * MAX_CODE_BYTES), ScannedCode)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"  "])
def test_nothing_is_refused(raw):
    assert read_code(raw) is Refusal.EMPTY


def test_what_was_scanned_is_shown_in_no_representation():
    # GIVEN a code that is money
    code = classify(b"130000000000000001")

    # THEN neither its repr nor a refusal's message quotes it
    assert "1300" not in repr(code)
    assert "1300" not in str(code)
    with pytest.raises(ValueError, match="control") as refused:
        classify(b"1300\x1b00")
    assert "1300" not in str(refused.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_either_clean_text_or_refused(raw):
    code = read_code(raw)
    if isinstance(code, ScannedCode):
        assert code.text
        assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in code.text)
