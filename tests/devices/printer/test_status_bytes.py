"""What a receipt printer's answers mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.profiles import PROFILES
from devices.printer.status_bytes import (
    AutoStatus,
    Block,
    Flow,
    Info,
    Junk,
    Queued,
    RealTime,
    ReplyReader,
    facts_of,
    facts_of_auto,
)
from devices.status import Cover, Paper, Part

EPSON = PROFILES["epson-80"]
FACTS = ("paper", "cover", "cutter", "head", "offline_cause")
FINE = {1: 0x16, 2: 0x12, 3: 0x12, 4: 0x12}


@pytest.mark.parametrize(
    ("sensor", "paper"),
    [
        (0x12, Paper.FULL),
        (0x1E, Paper.LOW),
        (0x16, Paper.LOW),  # one near-end bit: python-escpos says adequate
        (0x72, Paper.OUT),
        (0x7E, Paper.OUT),
        (0x32, Paper.OUT),  # only b5: python-escpos says adequate
        (0x00, Paper.UNKNOWN),  # garbage: python-escpos says none
        (0xFF, Paper.UNKNOWN),
    ],
)
def test_each_paper_sensor_bit_counts_by_itself(sensor: int, paper: Paper) -> None:
    assert facts_of({**FINE, 4: sensor}, EPSON).paper is paper


def test_no_answer_is_unknown_and_neither_full_nor_out() -> None:
    facts = facts_of({}, EPSON)
    assert facts.online is None
    assert facts.named == dict.fromkeys(FACTS, "unknown")


@pytest.mark.parametrize(
    ("question", "bits", "name", "value"),
    [
        (1, 0x1E, "online", False),
        (2, 0x16, "cover", Cover.OPEN),
        (2, 0x32, "paper", Paper.OUT),
        (3, 0x1A, "cutter", Part.FAULT),
        (3, 0x32, "unrecoverable", True),
        (3, 0x52, "head", Part.HOT),
    ],
)
def test_each_offline_cause_becomes_its_fact(
    question: int, bits: int, name: str, value: object
) -> None:
    assert getattr(facts_of({**FINE, question: bits}, EPSON), name) == value


def test_a_presenter_sensor_is_not_taken_for_paper_end() -> None:
    presenter = {**FINE, 4: 0x52}
    assert facts_of(presenter, PROFILES["citizen-ppu-80"]).paper is Paper.FULL
    assert facts_of(presenter, EPSON).paper is Paper.OUT


def test_automatic_status_of_a_tm_t20_reads_as_fine() -> None:
    facts = facts_of_auto(AutoStatus((0x14, 0x00, 0x00, 0x0F)))
    assert (facts.online, facts.paper, facts.cover) == (True, Paper.FULL, Cover.CLOSED)
    assert facts_of_auto(AutoStatus((0x1C, 0x00, 0x0C, 0x0F))).paper is Paper.OUT


def test_replies_of_every_kind_are_told_apart_in_one_stream() -> None:
    stream = bytes.fromhex("12 13 1400000f 37 22 61626364 00 11 00 5f 544d 00 372500 ff")
    assert ReplyReader().feed(stream) == [
        RealTime(0x12),
        Flow.STOP,
        AutoStatus((0x14, 0, 0, 0x0F)),
        Block(0x22, b"abcd"),
        Flow.GO,
        Queued(0),
        Info("TM"),
        Block(0x25, b""),
        Junk(0xFF),
    ]


def test_a_handshake_byte_inside_a_reply_is_not_part_of_it() -> None:
    replies = ReplyReader().feed(bytes.fromhex("37 22 61 13 62 63 64 00 14 11 00 00 0f"))
    assert Block(0x22, b"abcd") in replies
    assert AutoStatus((0x14, 0, 0, 0x0F)) in replies
    assert {Flow.STOP, Flow.GO} < set(replies)


def test_an_endless_group_is_given_up() -> None:
    replies = ReplyReader().feed(b"\x37\x22" + b"a" * 40 + b"\x12")
    assert replies[0] == Junk(0x37)
    assert RealTime(0x12) in replies


@given(st.binary(max_size=200), st.lists(st.integers(1, 7), max_size=200))
def test_no_bytes_break_the_reader_and_portions_do_not_matter(
    data: bytes, portions: list[int]
) -> None:
    whole = ReplyReader().feed(data)
    reader, pieces, at = ReplyReader(), [], 0
    for size in [*portions, len(data)]:
        pieces += reader.feed(data[at : at + size])
        at += size
    kinds = (Block, Info, AutoStatus)
    assert [r for r in pieces if isinstance(r, kinds)] == [r for r in whole if isinstance(r, kinds)]


@given(
    st.dictionaries(st.integers(0, 9), st.integers(0, 255)),
    st.sampled_from(sorted(PROFILES)),
)
def test_no_answer_breaks_the_reading_of_facts(answers: dict[int, int], profile: str) -> None:
    facts = facts_of(answers, PROFILES[profile])
    if answers.get(1, 0) & 0x93 != 0x12:
        assert facts.online is None


@given(st.tuples(*[st.integers(0, 255)] * 4))
def test_no_automatic_status_breaks_the_reading_of_facts(bits: tuple[int, int, int, int]) -> None:
    assert facts_of_auto(AutoStatus(bits)).named.keys() == set(FACTS)


# --- split, merged, behind garbage -----------------------------------------------------------------

REPLIES = {
    "12": RealTime(0x12),
    "7e": RealTime(0x7E),
    "1400000f": AutoStatus((0x14, 0, 0, 0x0F)),
    "3c08030c": AutoStatus((0x3C, 8, 3, 0x0C)),
    "37226162636400": Block(0x22, b"abcd"),
    "372500": Block(0x25, b""),
    "5f544d2d543230494900": Info("TM-T20II"),
    "0c": Queued(0x0C),
    "11": Flow.GO,
}
GARBAGE = ("ff", "81", "e0ffa5", "1400", "1c", "372261", "3722616263", "37ff", "372500ff9d")


@pytest.mark.parametrize("data", REPLIES)
def test_each_reply_may_be_split_at_each_byte(data: str) -> None:
    whole = bytes.fromhex(data)
    for at in range(len(whole) + 1):
        reader = ReplyReader()
        assert [*reader.feed(whole[:at]), *reader.feed(whole[at:])] == [REPLIES[data]]


@pytest.mark.parametrize("first", REPLIES)
@pytest.mark.parametrize("second", REPLIES)
def test_any_two_replies_may_come_in_one(first: str, second: str) -> None:
    both = ReplyReader().feed(bytes.fromhex(first + second))
    assert both == [REPLIES[first], REPLIES[second]]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("bits", [0x12, 0x16, 0x1A, 0x1E])
def test_an_answer_behind_garbage_or_half_a_frame_is_read_as_itself(
    garbage: str, bits: int
) -> None:
    for at in range(len(garbage) // 2 + 1):
        reader = ReplyReader()
        data = bytes.fromhex(garbage)
        replies = [*reader.feed(data[:at]), *reader.feed(data[at:] + bytes((bits,)))]
        assert [r for r in replies if isinstance(r, RealTime)] == [RealTime(bits)]
        assert not [r for r in replies if isinstance(r, AutoStatus | Info)]


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_half_an_automatic_status_answers_no_question(kept: int) -> None:
    replies = ReplyReader().feed(bytes.fromhex("1400000f")[:kept] + b"\x16")
    assert replies == [Junk(0x14), RealTime(0x16)]


@pytest.mark.parametrize(
    ("profile", "answers", "mouth"),
    [
        ("citizen-ppu-231", {4: 0x52}, "holds_slip"),
        ("citizen-ppu-231", {4: 0x12}, "empty"),
        ("kiosk-presenter-80", {5: 0x72}, "holds_slip"),
        ("kiosk-presenter-80", {4: 0x12}, "unknown"),
        ("epson-80", {4: 0x52}, None),
    ],
)
def test_the_presenter_is_read_where_there_is_one(
    profile: str, answers: dict[int, int], mouth: str | None
) -> None:
    assert facts_of(answers, PROFILES[profile]).named.get("presenter") == mouth


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        (FINE, "none"),
        ({}, "unknown"),
        ({**FINE, 1: 0x1E, 2: 0x16}, "cover"),
        ({**FINE, 1: 0x1E, 2: 0x32}, "paper"),
        ({**FINE, 1: 0x1E, 2: 0x1A}, "button"),
        ({**FINE, 1: 0x1E, 2: 0x52, 3: 0x1A}, "error"),
        ({1: 0x1E}, "unknown"),
    ],
)
def test_the_offline_cause_is_named(answers: dict[int, int], cause: str) -> None:
    assert facts_of(answers, EPSON).named["offline_cause"] == cause
