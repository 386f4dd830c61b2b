"""The IPP codec: there and back, and nothing that a network brings breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.ipp import (
    Attribute,
    GroupTag,
    IppError,
    Message,
    Operation,
    Tag,
    attribute,
    decode,
    encode,
    group,
)

WORDS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
INT32 = st.integers(-(2**31), 2**31 - 1)


def of(tag: Tag, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Attribute]:
    many = st.lists(values, min_size=1, max_size=3)
    return st.builds(lambda name, held: Attribute(name, tag, tuple(held)), WORDS, many)


PLAIN = (
    of(Tag.INTEGER, INT32)
    | of(Tag.ENUM, INT32)
    | of(Tag.BOOLEAN, st.booleans())
    | of(Tag.RANGE, st.tuples(INT32, INT32))
    | of(Tag.RESOLUTION, st.tuples(INT32, INT32, st.integers(-128, 127)))
    | of(Tag.OCTETS, st.binary(max_size=40))
    | of(Tag.KEYWORD, WORDS)
    | of(Tag.NAME, st.text(max_size=30))
    | of(Tag.NO_VALUE, st.none())
)
COLLECTIONS = of(
    Tag.COLLECTION, st.lists(PLAIN, min_size=1, max_size=3).map(lambda held: group(*held))
)
MESSAGES = st.builds(
    lambda code, number, held: Message(code, number, tuple(held)),
    st.integers(0, 0xFFFF),
    st.integers(0, 2**31 - 1),
    st.lists(
        st.tuples(
            st.sampled_from([GroupTag.OPERATION, GroupTag.JOB, GroupTag.PRINTER]),
            st.lists(PLAIN | COLLECTIONS, max_size=4).map(lambda held: group(*held)),
        ),
        max_size=3,
    ),
)


@given(MESSAGES, st.binary(max_size=20))
def test_a_message_is_read_as_it_was_written(message: Message, document: bytes) -> None:
    read, rest = decode(encode(message) + document)
    assert read == message
    assert rest == document


@given(st.binary(max_size=300))
def test_noise_is_refused_or_read_and_nothing_else(noise: bytes) -> None:
    try:
        decode(noise)
    except IppError:
        return


@given(MESSAGES, st.data())
def test_a_cut_or_changed_message_is_refused_or_read(message: Message, data: st.DataObject) -> None:
    whole = bytearray(encode(message))
    at = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(IppError):
        decode(bytes(whole[:at]))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(whole))
    except IppError:
        return


def test_the_bytes_are_those_of_the_standard() -> None:
    # RFC 8010 appendix A.2 in short: version 1.1, Print-Job, number 1, its first attribute
    message = Message(
        Operation.PRINT_JOB, 1,
        ((GroupTag.OPERATION, group(attribute("attributes-charset", Tag.CHARSET, "utf-8"))),),
        (1, 1),
    )  # fmt: skip
    expected = (
        b"\x01\x01\x00\x02\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x03"
    )
    assert encode(message) == expected


def test_text_with_a_language_is_read_without_it() -> None:
    value = b"\x00\x05en-us\x00\x04Idle"
    body = b"\x02\x00\x00\x00\x00\x00\x00\x01\x04\x35\x00\x01a" + bytes([0, len(value)]) + value
    message, _ = decode(body + b"\x03")
    assert message.group(GroupTag.PRINTER)["a"] == Attribute("a", Tag.TEXT, ("Idle",))


def test_collections_without_end_are_refused() -> None:
    opening = b"\x34\x00\x01a\x00\x00" + (b"\x4a\x00\x00\x00\x01b" + b"\x34\x00\x00\x00\x00") * 400
    with pytest.raises(IppError):
        decode(b"\x02\x00\x00\x0b\x00\x00\x00\x01\x04" + opening)
