"""The scan engine's protocol: known frames, and streams however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner import gm65
from devices.scanner.codes import MAX_CODE_BYTES
from devices.scanner.gm65 import ACK, Answer, Command, CommandType, Status, Stream
from devices.scanner.stream import CODE_END

KNOWN_COMMANDS = [  # PROTOCOLS.md C
    (gm65.HEARTBEAT, "7E 00 0A 01 00 00 00 30 1A"),
    (gm65.TRIGGER_ON, "7E 00 08 01 00 02 01 02 DA"),
    (Command(CommandType.SAVE, 0, b"\x00"), "7E 00 09 01 00 00 00 DE C8"),
]

KNOWN_ANSWERS = [
    (Answer(Status.OK, b"\x00", alive=True), "03 00 00 01 00 33 31"),
    (ACK, "02 00 00 01 00 33 31"),
    (Answer(Status.BAD_CRC, b"\x00"), "02 00 01 01 00 04 01"),
    (Answer(Status.INVALID, b"\x00"), "02 00 03 01 00 6A 61"),
]

answers = st.builds(
    Answer, st.sampled_from(Status), st.binary(min_size=1, max_size=256), st.booleans()
)
codes = st.text("0123456789abc/:,发票", min_size=1, max_size=60).map(lambda text: text.encode())
units = st.lists(st.one_of(answers, codes), max_size=8)


def wire(unit: Answer | bytes) -> bytes:
    return unit.encode() if isinstance(unit, Answer) else unit + CODE_END


def fed(stream: Stream, data: bytes, cuts: list[int]) -> list[Answer | bytes]:
    places = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
    parts = [data[a:b] for a, b in pairwise(places)]
    return [unit for part in parts for unit in stream.feed(part)]


@pytest.mark.parametrize(("command", "frame"), KNOWN_COMMANDS)
def test_commands_are_those_of_the_manual(command, frame):
    assert command.encode() == bytes.fromhex(frame)


@pytest.mark.parametrize(("answer", "frame"), KNOWN_ANSWERS)
def test_answers_of_the_manual_are_understood(answer, frame):
    assert Stream().feed(bytes.fromhex(frame)) == [answer]
    assert answer.encode() == bytes.fromhex(frame)


def test_the_longest_read_is_asked_for_with_a_zero():
    assert gm65.read(0, 256).data == b"\x00"


@given(units, st.lists(st.integers(0, 5000), max_size=20))
def test_units_come_out_as_they_went_in_however_they_are_cut(sent, cuts):
    # GIVEN answers and codes on one line
    data = b"".join(map(wire, sent))

    # WHEN they arrive in any pieces
    stream = Stream()
    got = fed(stream, data, cuts)

    # THEN each is found, in order, and nothing is left over
    assert got == sent
    assert stream.dropped == 0


def test_a_code_that_shares_a_read_with_the_answer_before_it_is_not_lost():
    assert Stream().feed(ACK.encode() + b"130000000000000001\r") == [ACK, b"130000000000000001"]


@given(codes, answers)
def test_a_code_that_was_cut_short_does_not_hide_the_answer_behind_it(cut, answer):
    # GIVEN a code without its end
    stream = Stream()

    # WHEN an answer follows
    got = stream.feed(cut + answer.encode())

    # THEN only the answer is there
    assert got == [answer]
    assert stream.dropped == len(cut)


@given(answers, st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_answer_is_never_taken_for_one(answer, place, change):
    frame = bytearray(answer.encode())
    frame[2 + place % (len(frame) - 2)] ^= change
    assert answer not in Stream().feed(bytes(frame))


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=10), codes)
def test_after_any_noise_and_a_pause_a_code_is_read(noise, cuts, code):
    # GIVEN a line on which anything came
    stream = Stream()
    fed(stream, noise, cuts)

    # WHEN it was silent for a while
    stream.pause()

    # THEN the next code is whole
    assert stream.feed(code + b"\r") == [code]


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=10))
def test_every_byte_is_accounted_for(data, cuts):
    stream = Stream()
    got = fed(stream, data, cuts)
    stream.pause()
    read = sum(len(unit) + 1 if isinstance(unit, bytes) else len(wire(unit)) for unit in got)
    assert stream.dropped + read == len(data)


def test_the_rest_of_an_abandoned_code_is_dropped():
    # GIVEN half a code that nobody wants
    stream = Stream(answers=False)
    stream.feed(b"62111111")
    stream.abandon()

    # WHEN its rest comes, and another code
    got = stream.feed(b"30000000000000001\r130000000000000001\r")

    # THEN the rest is not taken for a code of its own
    assert got == [b"130000000000000001"]


def test_abandoning_nothing_costs_no_code():
    stream = Stream(answers=False)
    stream.abandon()
    assert stream.feed(b"130000000000000001\r") == [b"130000000000000001"]


def test_a_code_without_end_does_not_fill_the_memory():
    # GIVEN more bytes than a code has, without an end
    stream = Stream(answers=False)
    stream.feed(b"1" * (MAX_CODE_BYTES + 1))

    # THEN they are gone, and so is their rest
    assert stream.dropped == MAX_CODE_BYTES + 1
    assert stream.feed(b"111\r62\r") == [b"62"]


@pytest.mark.parametrize("portions", [[b"130\r\n"], [b"130\r", b"\n"]])
def test_a_line_feed_behind_the_end_begins_no_code(portions):
    # GIVEN a scanner that ends its codes with two characters, however they arrive
    stream = Stream(answers=False)
    assert [unit for portion in portions for unit in stream.feed(portion)] == [b"130"]

    # WHEN what came until now is not wanted
    stream.abandon()

    # THEN the next code is still whole
    assert stream.feed(b"281\r\n") == [b"281"]


@pytest.mark.parametrize("end", [b"\n", b"\t"])
def test_another_end_is_found_like_the_usual_one(end):
    stream = Stream(answers=False, end=end)
    assert stream.feed(b"130" + end + b"28") == [b"130"]
    assert stream.feed(b"1" + end) == [b"281"]


def test_a_code_without_an_end_ends_with_the_pause():
    # GIVEN a scanner that sends nothing behind its codes, and half of one
    stream = Stream(answers=False, end=b"")
    assert stream.feed(b"1300") == []
    assert stream.feed(b"0001") == []

    # THEN silence ends it, once
    assert stream.pause() == [b"13000001"]
    assert stream.pause() == []

    # AND the rest of an abandoned one is none
    stream.feed(b"62")
    stream.abandon()
    stream.feed(b"111")
    assert stream.pause() == []
    stream.feed(b"281")
    assert stream.pause() == [b"281"]
