"""The security module's frames and the four card layouts, as bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.idcard.layout import (
    TEXT_BYTES,
    Undecodable,
    decode,
    encode,
    new_address_of,
    text_of,
)
from devices.idcard.record import CardForm, IdCard, check_character, is_id_number
from devices.idcard.sam import (
    PREAMBLE,
    Command,
    Damaged,
    Frame,
    FrameReader,
    checksum,
    reply,
    request,
    sam_id,
)
from devices.idcard.sw3 import Sw3, refusal
from devices.simulators.cards import CARDS
from devices.status import Act, Outcome

KNOWN_REQUESTS = {
    Command.RESET: "00 03 10 FF EC",
    Command.STATUS: "00 03 11 FF ED",
    Command.SAM_ID: "00 03 12 FF EE",
    Command.FIND: "00 03 20 01 22",
    Command.SELECT: "00 03 20 02 21",
    Command.READ: "00 03 30 01 32",
    Command.NEW_ADDRESS: "00 03 30 03 30",
    Command.READ_WITH_PRINTS: "00 03 30 10 23",
}
"""PROTOCOLS.md B, bytes after the preamble."""

KNOWN_REPLIES = [
    (0x90, b"", "00 04 00 00 90 94"),
    (0x9F, bytes(4), "00 08 00 00 9F 00 00 00 00 97"),
    (0x90, bytes(8), "00 0C 00 00 90 00 00 00 00 00 00 00 00 9C"),
    (0x80, b"", "00 04 00 00 80 84"),
    (0x81, b"", "00 04 00 00 81 85"),
    (0x41, b"", "00 04 00 00 41 45"),
    (0x60, b"", "00 04 00 00 60 64"),
]

PAYLOADS = st.binary(max_size=1500)


@pytest.mark.parametrize(("command", "tail"), KNOWN_REQUESTS.items())
def test_requests_are_the_known_frames(command: Command, tail: str) -> None:
    assert request(command) == PREAMBLE + bytes.fromhex(tail)


@pytest.mark.parametrize(("sw3", "data", "tail"), KNOWN_REPLIES)
def test_replies_are_the_known_frames(sw3: int, data: bytes, tail: str) -> None:
    assert reply(sw3, data) == PREAMBLE + bytes.fromhex(tail)


def test_a_read_answer_has_1295_bytes_and_length_0508() -> None:
    data = bytes.fromhex("01000400") + bytes(256 + 1024)
    frame = reply(Sw3.OK, data)
    assert len(frame) == 1295
    assert frame[5:7] == bytes.fromhex("0508")
    assert text_of(data) == bytes(256)


def test_a_read_answer_with_fingerprint_is_parsed_by_its_lengths() -> None:
    text = encode(CARDS["wang-xiulan"])
    for prints in (0, 1024):
        lengths = b"".join(n.to_bytes(2, "big") for n in (256, 1024, prints))
        data = lengths + text + bytes(1024 + prints)
        assert text_of(data) == text
    assert len(reply(Sw3.OK, lengths + text + bytes(2048))) == 2321


@given(st.binary(max_size=64))
def test_lengths_that_do_not_add_up_are_refused(data: bytes) -> None:
    with pytest.raises(Undecodable):
        text_of(data)


@given(st.lists(PAYLOADS, min_size=1, max_size=4), st.data())
def test_frames_are_the_same_in_whatever_portions_they_come(
    payloads: list[bytes], draw: st.DataObject
) -> None:
    stream = b"".join(reply(Sw3.OK, data) for data in payloads)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    reader, frames = FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += reader.feed(stream[start:end])
    assert [frame.data for frame in frames if isinstance(frame, Frame)] == payloads


@given(PAYLOADS, st.binary(max_size=40).filter(lambda noise: b"\xaa" not in noise))
def test_noise_around_a_frame_changes_nothing(data: bytes, noise: bytes) -> None:
    frames = FrameReader().feed(noise + reply(Sw3.OK, data) + noise)
    assert [frame for frame in frames if isinstance(frame, Frame)] == [
        Frame(b"\x00\x00\x90" + data)
    ]


@given(st.lists(st.binary(max_size=600), max_size=6))
def test_no_bytes_make_the_reader_raise(portions: list[bytes]) -> None:
    reader = FrameReader()
    for portion in portions:
        for frame in reader.feed(portion):
            assert isinstance(frame, Frame | Damaged)


@given(PAYLOADS, st.integers(7, 1000), st.integers(1, 255))
def test_a_damaged_byte_is_never_taken_for_data(data: bytes, at: int, flip: int) -> None:
    frame = bytearray(reply(Sw3.OK, data))
    frame[7 + at % (len(frame) - 7)] ^= flip
    whole = [f for f in FrameReader().feed(bytes(frame)) if isinstance(f, Frame)]
    assert Frame(b"\x00\x00\x90" + data) not in whole


def test_a_frame_after_a_damaged_one_is_found() -> None:
    damaged = bytearray(reply(Sw3.OK, b"abcdef"))
    damaged[-1] ^= 1
    frames = FrameReader().feed(bytes(damaged) + reply(Sw3.NO_CARD))
    assert isinstance(frames[0], Damaged)
    assert frames[-1].sw3 == Sw3.NO_CARD


@given(st.binary(max_size=200))
def test_the_checksum_of_a_body_with_its_checksum_is_zero(body: bytes) -> None:
    assert checksum(body + bytes([checksum(body)])) == 0


@pytest.mark.parametrize(
    ("command", "data", "tail"),
    [(Command.MAX_RF, b"\x50", "00 04 61 FF 50 CA"), (Command.RATE | 4, b"", "00 03 60 04 67")],
)
def test_requests_with_more_than_a_command_are_the_known_frames(
    command: int, data: bytes, tail: str
) -> None:
    assert request(command, data) == PREAMBLE + bytes.fromhex(tail)


def test_every_frame_is_found_when_split_at_every_byte() -> None:
    frame = reply(Sw3.OK, bytes.fromhex("01000400") + encode(CARDS["wang-xiulan"]) + bytes(1024))
    for cut in range(len(frame) + 1):
        reader = FrameReader()
        frames = reader.feed(frame[:cut]) + reader.feed(frame[cut:])
        assert frames == [Frame(frame[7:-1])], cut


# --- statuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sw3", [s for s in Sw3 if s not in (Sw3.OK, Sw3.FOUND)])
def test_every_status_that_ends_a_command_is_a_failure_of_its_own(sw3: Sw3) -> None:
    failed = refusal(sw3)
    assert failed.fault.code != refusal(0x5A).fault.code
    assert failed.fault.detail == f"SW3 {sw3:02X}"


@given(st.integers(0, 255))
def test_no_status_is_without_somebody_who_must_act(sw3: int) -> None:
    assert refusal(sw3).fault.act in Act


def test_a_card_that_may_be_forged_is_for_the_staff_and_not_tried_again() -> None:
    failed = refusal(Sw3.SAM_REJECTS_CARD)
    assert (failed.outcome, failed.fault.code) == (Outcome.INVALID_DATA, "card.not_authentic")
    assert failed.fault.act is Act.CLEAR


# --- the module's number -----------------------------------------------------------------------------


def test_the_sam_id_has_36_characters_of_unsigned_numbers() -> None:
    text = sam_id(bytes.fromhex("0500 0100 01020304 FFFFFFFF 2A000000"))
    assert text == "05.01-67305985-4294967295-0000000042"
    with pytest.raises(ValueError, match="16"):
        sam_id(b"short")


# --- the card's text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", CARDS)
def test_every_invented_card_survives_the_wire(slug: str) -> None:
    assert decode(encode(CARDS[slug])) == CARDS[slug]


def test_a_resident_card_is_read_at_the_known_offsets() -> None:
    text = bytearray(" ".encode("utf-16-le") * 128)
    for offset, value in {
        0: "王秀兰",
        30: "2",
        32: "01",
        36: "19630412",
        52: "山东省乳山市胜利街18号",
        122: "371083196304120427",
        158: "乳山市公安局",
        188: "20180601",
        204: "长期",
    }.items():
        written = value.encode("utf-16-le")
        text[offset : offset + len(written)] = written
    card = decode(bytes(text))
    assert card.form is CardForm.RESIDENT
    assert (card.name, card.sex, card.nation_name) == ("王秀兰", "2", "汉")
    assert card.birth == date(1963, 4, 12)
    assert (card.long_term, card.valid_to) == (True, None)
    assert card.address == "山东省乳山市胜利街18号"


@pytest.mark.parametrize(
    ("slug", "form"),
    [
        ("chan-siu-ming", CardForm.HMT),
        ("maria-schmidt", CardForm.FOREIGNER_2017),
        ("john-carpenter", CardForm.FOREIGNER_2023),
    ],
)
def test_the_flag_at_248_tells_the_layout(slug: str, form: CardForm) -> None:
    text = encode(CARDS[slug])
    assert text[248:250].decode("utf-16-le") == form.value
    assert decode(text).form is form


def test_a_foreigners_long_name_is_put_together_from_both_its_fields() -> None:
    card = decode(encode(CARDS["john-carpenter"]))
    assert card.english_name == "CARPENTER, JOHN ALEXANDER FITZGERALD III"
    assert card.name == card.english_name or card.name


def test_an_unknown_flag_is_refused_rather_than_read_as_another_layout() -> None:
    text = bytearray(encode(CARDS["wang-xiulan"]))
    text[248:250] = "Q".encode("utf-16-le")
    with pytest.raises(Undecodable, match="type flag"):
        decode(bytes(text))


@given(st.binary(min_size=TEXT_BYTES, max_size=TEXT_BYTES))
def test_arbitrary_text_is_a_card_or_undecodable(text: bytes) -> None:
    try:
        card = decode(text)
    except Undecodable:
        return
    assert isinstance(card, IdCard)


@pytest.mark.parametrize(
    "name",
    ["曹𬭎", "𠮷野𫍽", "䶮㛃", "阿依木·买买提", "买买提·吐尔逊·阿不都", "𬭎" * 7],
)
def test_rare_characters_and_names_with_a_dot_are_read_whole(name: str) -> None:
    card = replace(CARDS["wang-xiulan"], name=name)
    assert decode(encode(card)).name == name


def test_half_a_rare_character_is_refused() -> None:
    # GIVEN a name whose last two bytes are the first half of a surrogate pair
    text = bytearray(encode(CARDS["wang-xiulan"]))
    text[28:30] = "𬭎".encode("utf-16-le")[:2]
    # THEN it is not read as another name
    with pytest.raises(Undecodable, match="characters at 0"):
        decode(bytes(text))


def test_an_added_address_is_as_long_as_its_answer() -> None:
    for padding in ("", " ", "\0", " \0 "):
        assert new_address_of(f"新华街2号{padding}".encode("utf-16-le")) == "新华街2号"
    with pytest.raises(Undecodable):
        new_address_of(b"odd")


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_an_added_address_or_undecodable(data: bytes) -> None:
    try:
        address = new_address_of(data)
    except Undecodable:
        return
    assert not address.endswith((" ", "\0"))


@pytest.mark.parametrize("field", [36, 188])
def test_a_date_that_is_none_is_refused_by_name_without_its_value(field: int) -> None:
    text = bytearray(encode(CARDS["wang-xiulan"]))
    text[field : field + 16] = "20231301".encode("utf-16-le")
    with pytest.raises(Undecodable) as refused:
        decode(bytes(text))
    assert "2023" not in str(refused.value)


def test_no_repr_tells_who_it_is() -> None:
    for card in CARDS.values():
        shown = f"{card!r} {card} {[card]} {Frame(encode(card))!r}"
        assert card.id_number not in shown
        assert card.name not in shown


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_exactly_one_check_character_fits(first17: str) -> None:
    fitting = [c for c in "0123456789X" if is_id_number(first17 + c)]
    assert fitting == [check_character(first17)]


def test_a_published_number_has_the_right_check_character() -> None:
    assert is_id_number("11010519491231002X")  # GB 11643, the standard's own example
    assert not is_id_number("110105194912310021")
    assert not is_id_number("11010519491231002x")
