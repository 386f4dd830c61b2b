"""What a scanner types, as input events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.codes import MAX_CODE_BYTES
from devices.scanner.keys import (
    DE,
    EV_KEY,
    EV_SYN,
    LAYOUTS,
    PRESSED,
    RELEASED,
    REPEATED,
    SYN_DROPPED,
    UK,
    US,
    KeyLayout,
    Keys,
    event,
    typed,
)

A, Y, Z, ENTER, SHIFT, CONTROL, CAPS, F1 = 30, 21, 44, 28, 42, 29, 58, 59
LETTERS_AND_MORE = bytes(range(0x20, 0x7F))


def press(*keys: int) -> bytes:
    """Keys pressed and released one after the other."""
    return b"".join(
        event(EV_KEY, key, value) + event(EV_SYN, 0, 0)
        for key in keys
        for value in (PRESSED, RELEASED)
    )


def held(key: int, inner: bytes) -> bytes:
    return event(EV_KEY, key, PRESSED) + inner + event(EV_KEY, key, RELEASED)


def test_an_event_is_what_the_kernel_writes() -> None:
    written = event(EV_KEY, A, PRESSED, at_us=1_000_002)
    assert len(written) == 24
    assert written.hex() == "0100000000000000" + "0200000000000000" + "0100" + "1e00" + "01000000"


def test_keys_are_read_by_the_layout() -> None:
    stream = press(A, Y) + held(SHIFT, press(A, 3)) + press(ENTER)
    assert Keys(US).feed(stream) == [b"ayA@"]
    assert Keys(UK).feed(stream) == [b'ayA"']
    assert Keys(DE).feed(stream) == [b'azA"']


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_printable_character_survives_each_layout(layout: KeyLayout) -> None:
    assert Keys(layout).feed(typed(LETTERS_AND_MORE, layout)) == [LETTERS_AND_MORE]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_key_of_a_layout_types_two_characters_or_any_beyond_ascii(layout: KeyLayout) -> None:
    for keys in (layout.plain, layout.shifted):
        assert all(len(typed_) <= 1 and typed_.isascii() for typed_ in keys.values())


@given(st.binary(min_size=1, max_size=60), st.sampled_from(sorted(LAYOUTS)), st.data())
def test_any_bytes_survive_in_whatever_portions_they_come(
    code: bytes, name: str, draw: st.DataObject
) -> None:
    stream = typed(code, LAYOUTS[name])
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    keys, found = Keys(LAYOUTS[name]), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += keys.feed(stream[start:end])
    assert found == [code]


def test_keypad_capitals_and_repeats() -> None:
    repeated = event(EV_KEY, A, REPEATED)
    assert Keys().feed(press(79, 80, 81) + repeated + press(96)) == [b"123"]
    assert Keys().feed(press(CAPS, A) + held(SHIFT, press(A)) + press(CAPS, A, ENTER)) == [b"Aaa"]


def test_a_control_character_is_told_as_what_it_is() -> None:
    assert Keys().feed(press(A) + held(CONTROL, press(46)) + press(ENTER)) == [b"a\x03"]


def test_a_code_with_a_key_that_no_layout_knows_is_dropped_whole() -> None:
    keys = Keys()
    assert keys.feed(press(A, F1, A, ENTER)) == []
    assert keys.dropped == 3
    assert keys.feed(press(A, ENTER)) == [b"a"]


def test_events_that_the_kernel_threw_away_spoil_the_code() -> None:
    keys = Keys()
    assert keys.feed(press(A) + event(EV_SYN, SYN_DROPPED, 0) + press(A, ENTER)) == []
    assert keys.feed(press(Z, ENTER)) == [b"z"]


def test_an_alt_number_beyond_a_byte_spoils_the_code() -> None:
    number = held(56, press(80, 76, 77))  # 256
    keys = Keys()
    assert keys.feed(number + press(ENTER)) == []
    assert keys.feed(held(56, press(82, 77, 76)) + press(ENTER)) == [b"A"]


def test_a_number_held_down_for_ever_spoils_the_code_and_no_more() -> None:
    # GIVEN more digits under Alt than Python turns into a number
    keys = Keys()
    assert keys.feed(held(56, press(*[80] * 5000)) + press(ENTER)) == []
    # THEN the next code is read
    assert keys.feed(press(Z, ENTER)) == [b"z"]


def test_a_stream_that_lost_its_beat_is_found_again() -> None:
    keys = Keys()
    keys.feed(b"\xff" * 7)
    found = keys.feed(press(A, ENTER) + press(Z, ENTER))
    assert found[-1] == b"z"


def test_what_was_abandoned_does_not_come_later() -> None:
    keys = Keys()
    keys.feed(press(A))
    keys.abandon()
    assert keys.feed(press(A, ENTER) + press(Z, ENTER)) == [b"z"]
    keys.feed(press(A))
    keys.pause()
    assert keys.feed(press(Z, ENTER)) == [b"z"]


def test_a_code_longer_than_any_is_dropped() -> None:
    keys = Keys()
    assert keys.feed(press(A) * (MAX_CODE_BYTES + 1) + press(ENTER)) == []
    assert keys.feed(press(Z, ENTER)) == [b"z"]


@given(st.lists(st.binary(max_size=120), max_size=8))
def test_no_bytes_make_it_raise(portions: list[bytes]) -> None:
    keys = Keys()
    for portion in portions:
        for code in keys.feed(portion):
            assert code
    keys.pause()
    assert not keys.unfinished
