"""Newland's commands and answers as bytes (PROTOCOLS.md C)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner import newland
from devices.scanner.newland import Answer, Stream, Verdict

ANSWER = "02 01 30 30 30 30 23 53 43 4E 54 52 47 31 06 3B 03"
"""SCNTRG1, until switched off, accepted."""


def test_commands_are_the_known_bytes() -> None:
    assert newland.command("SCNTRG1") == bytes.fromhex(
        "7E 01 30 30 30 30 23 53 43 4E 54 52 47 31 3B 03"
    )
    assert newland.command("SCNMOD0", kept=True)[6:7] == b"@"
    assert newland.answer("SCNTRG1", Verdict.OK) == bytes.fromhex(ANSWER)


@pytest.mark.parametrize(("verdicts", "ok"), [("06", True), ("15", False), ("05", False)])
def test_a_verdict_is_read(verdicts: str, ok: bool) -> None:
    units = Stream().feed(bytes.fromhex(ANSWER.replace(" 06 ", f" {verdicts} ")))
    assert units == [Answer((("SCNTRG1", int(verdicts, 16)),))]
    assert isinstance(units[0], Answer)
    assert units[0].ok is ok


def test_each_tag_of_an_answer_has_its_verdict() -> None:
    body = newland.ANSWER_HEAD + b"@AAAAAA1\x06,2\x15;BBBBBB3\x05" + newland.END
    (answer,) = Stream().feed(body)
    assert answer == Answer((("AAAAAA1", 0x06), ("2", 0x15), ("BBBBBB3", 0x05)))
    assert isinstance(answer, Answer)
    assert not answer.ok


def test_an_answer_without_a_verdict_is_not_ok() -> None:
    (answer,) = Stream().feed(newland.ANSWER_HEAD + newland.END)
    assert answer == Answer(())
    assert isinstance(answer, Answer)
    assert not answer.ok


def test_codes_and_answers_are_told_apart_wherever_they_are_split() -> None:
    whole = b"before\r" + bytes.fromhex(ANSWER) + b"1300\r" + bytes.fromhex(ANSWER) + b"after\r"
    expected = Stream().feed(whole)
    assert expected == [
        b"before", Answer((("SCNTRG1", 6),)), b"1300", Answer((("SCNTRG1", 6),)), b"after",
    ]  # fmt: skip
    for cut in range(len(whole) + 1):
        stream = Stream()
        assert [*stream.feed(whole[:cut]), *stream.feed(whole[cut:])] == expected, cut


def test_half_a_code_before_an_answer_is_dropped() -> None:
    stream = Stream()
    assert stream.feed(b"13000" + bytes.fromhex(ANSWER)) == [Answer((("SCNTRG1", 6),))]
    assert stream.dropped == 5


def test_what_was_abandoned_does_not_come_later() -> None:
    stream = Stream()
    stream.feed(b"130000")
    stream.abandon()
    assert stream.feed(b"0001\r28\r") == [b"28"]


@given(st.lists(st.binary(max_size=700), max_size=8))
def test_no_bytes_make_it_raise_or_keep_more_than_it_may(portions: list[bytes]) -> None:
    stream = Stream()
    got = 0
    for portion in portions:
        for unit in stream.feed(portion):
            assert isinstance(unit, bytes | Answer)
        got += len(portion)
    stream.pause()
    assert stream.dropped <= got
    assert stream.feed(bytes.fromhex(ANSWER)) == [Answer((("SCNTRG1", 6),))]


def test_a_line_feed_behind_the_end_begins_no_code() -> None:
    stream = Stream()
    assert stream.feed(b"130\r\n") == [b"130"]
    stream.abandon()
    assert stream.feed(b"281\r") == [b"281"]


@pytest.mark.parametrize("end", [b"\n", b"\t"])
def test_another_end_is_found_like_the_usual_one(end: bytes) -> None:
    stream = Stream(end=end)
    answer = bytes.fromhex(ANSWER)
    assert stream.feed(answer + b"130" + end + b"28") == [Answer((("SCNTRG1", 6),)), b"130"]


def test_a_code_without_an_end_ends_with_the_pause_but_half_an_answer_is_none() -> None:
    stream = Stream(end=b"")
    assert stream.feed(bytes.fromhex(ANSWER) + b"130") == [Answer((("SCNTRG1", 6),))]
    assert stream.pause() == [b"130"]
    stream.feed(bytes.fromhex(ANSWER)[:-1])
    assert stream.pause() == []
