"""Reports of HID-POS scanners as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.codes import MAX_CODE_BYTES
from devices.scanner.hid_pos import REPORT_BYTES, Reports, is_hid_pos, reports

CODES = st.binary(min_size=1, max_size=300)

SIXTY = b"M1GATHERGOOD/MICHAEL YABCDEF LHRDURAK 3542 052Y003D23  AND MO"[:60]


def test_a_code_of_sixty_bytes_takes_two_reports() -> None:
    # GIVEN the example of the Access-IS manual: 56 bytes and then the rest
    first, second = reports(SIXTY, b"]Q0")
    assert first[:5] == bytes.fromhex("02 38 5D 51 30")
    assert (second[1], first[63], second[63]) == (4, 1, 0)
    assert {len(first), len(second)} == {REPORT_BYTES}
    assert Reports().feed(first + second) == [SIXTY]


@given(st.lists(CODES, min_size=1, max_size=4), st.data())
def test_codes_are_the_same_in_whatever_portions_they_come(
    codes: list[bytes], draw: st.DataObject
) -> None:
    stream = b"".join(report for code in codes for report in reports(code))
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    reader, found = Reports(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:end])
    assert found == codes
    assert not reader.unfinished


def test_every_split_of_a_code_gives_the_code() -> None:
    stream = b"".join(reports(SIXTY))
    for cut in range(len(stream) + 1):
        reader = Reports()
        assert [*reader.feed(stream[:cut]), *reader.feed(stream[cut:])] == [SIXTY], cut


def test_a_report_behind_noise_is_found() -> None:
    reader = Reports()
    assert reader.feed(b"\xff\x00\x02\xff" + reports(b"1300")[0]) == [b"1300"]
    assert reader.dropped == 4


def test_a_code_whose_rest_never_comes_is_dropped_and_the_next_is_whole() -> None:
    reader = Reports()
    assert reader.feed(reports(SIXTY)[0]) == []
    assert reader.unfinished
    reader.pause()
    assert reader.feed(reports(b"1300")[0]) == [b"1300"]
    assert reader.dropped == 56


def test_what_was_abandoned_does_not_come_later() -> None:
    first, second = reports(SIXTY)
    reader = Reports()
    reader.feed(first)
    reader.abandon()
    assert reader.feed(second + reports(b"28")[0]) == [b"28"]


def test_a_code_longer_than_any_is_dropped() -> None:
    reader = Reports()
    assert reader.feed(b"".join(reports(b"1" * (MAX_CODE_BYTES + 1)))) == []
    assert reader.feed(reports(b"28")[0]) == [b"28"]


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_make_it_raise(portions: list[bytes]) -> None:
    reader = Reports()
    for portion in portions:
        for code in reader.feed(portion):
            assert len(code) <= MAX_CODE_BYTES
    reader.pause()
    assert not reader.unfinished


@pytest.mark.parametrize(
    ("descriptor", "is_scanner"),
    [
        ("05 8C 09 02 A1 01 85 02", True),
        ("06 8C 00 09 02 A1 01", True),
        ("05 01 09 06 A1 01 05 07", False),  # a keyboard
        ("", False),
    ],
)
def test_a_scanner_is_known_by_its_usage_page(descriptor: str, is_scanner: bool) -> None:
    assert is_hid_pos(bytes.fromhex(descriptor)) is is_scanner
