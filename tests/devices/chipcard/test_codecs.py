"""Answers to reset, commands and records as bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.chipcard import apdu, atr
from devices.chipcard.social import (
    SOCIAL_SECURITY,
    Holder,
    Item,
    SocialCard,
    Undecodable,
    card_of,
    card_records,
    holder_of,
    holder_records,
    record_of,
)
from devices.simulators.cards import SOCIAL_CARDS
from devices.simulators.chip_card import ATR


def items_of(records: list[bytes]) -> dict[Item, bytes]:
    found = [record_of(record, SOCIAL_SECURITY) for record in records]
    return {known[0]: known[1] for known in found if known is not None}


# --- answers to reset ----------------------------------------------------------------------------------


def test_an_answer_without_protocols_speaks_t0_and_has_no_check() -> None:
    parsed = atr.parse(bytes.fromhex("3B00"))
    assert (parsed.convention, parsed.protocols, parsed.historical) == ("direct", (0,), b"")
    assert parsed.rate is None


def test_an_answer_that_speaks_t1_is_read_whole_and_checked() -> None:
    # TA1 TC1 TD1 (T=1), TD2 (T=1), TA3 TB3 TD3 (T=15: what holds for all), TA4, ten historical bytes
    body = bytes.fromhex("3BDA18FF81B1FE751F03003184738001A0009000")
    whole = body + bytes([reduce(xor, body[1:], 0)])
    parsed = atr.parse(whole)
    assert parsed.protocols == (1,)
    assert parsed.rate == (372, 12)
    assert (parsed.interface["TA3"], len(parsed.historical)) == (0xFE, 10)
    with pytest.raises(atr.BadAtr, match="end"):
        atr.parse(body)
    with pytest.raises(atr.BadAtr, match="TCK"):
        atr.parse(body + bytes([whole[-1] ^ 1]))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("3B", "length"),
        ("3B" + "00" * 40, "length"),
        ("4200", "TS"),
        ("3B10", "interface bytes"),
        ("3B021", "historical bytes"),
        ("3B0000", "end"),
        ("3B8001", "end"),
        ("3B800100", "TCK"),
    ],
)
def test_what_is_no_answer_to_reset_is_refused_by_its_part(data: str, part: str) -> None:
    with pytest.raises(atr.BadAtr, match=part):
        atr.parse(bytes.fromhex(data.ljust(len(data) + len(data) % 2, "0")))


@given(st.binary(max_size=40))
def test_any_bytes_are_an_answer_to_reset_or_refused(data: bytes) -> None:
    try:
        parsed = atr.parse(data)
    except atr.BadAtr:
        return
    assert parsed.protocols
    assert data.hex().upper() not in repr(parsed)


def test_the_historical_bytes_are_in_no_repr() -> None:
    parsed = atr.parse(ATR)
    assert len(parsed.historical) == 13
    assert "historical" not in repr(parsed)


# --- commands ------------------------------------------------------------------------------------------


def test_commands_are_the_known_bytes() -> None:
    application = SOCIAL_SECURITY.application
    assert apdu.select(application).hex() == "00a404000f7378312e73682ec9e7bbe1b1a3d5cf"
    assert apdu.read_record(5, 7, 0x0B).hex() == "00b2072c0b"
    assert apdu.read_record(6, 1).hex() == "00b2013400"
    assert apdu.get_response(0x1E).hex() == "00c000001e"
    with pytest.raises(ValueError, match="16"):
        apdu.select(bytes(17))


@given(st.binary(max_size=300))
def test_any_answer_has_a_status_or_is_none(raw: bytes) -> None:
    answer = apdu.answer(raw)
    assert (answer is None) == (len(raw) < 2)
    if answer is not None:
        assert answer.data + answer.status.to_bytes(2, "big") == raw
        assert answer.ok == (raw[-2:] == b"\x90\x00")


def test_what_a_card_asks_for_is_understood() -> None:
    fetch, again = apdu.answer(b"\x61\x1e"), apdu.answer(b"\x6c\x0b")
    assert fetch is not None
    assert again is not None
    assert (fetch.more, fetch.right_length) == (0x1E, None)
    assert (again.more, again.right_length) == (None, 0x0B)


# --- records -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SOCIAL_CARDS)
def test_every_invented_card_survives_its_records(slug: str) -> None:
    card = SOCIAL_CARDS[slug]
    assert card.holder is not None
    read = card_of(items_of(card_records(card, SOCIAL_SECURITY)), SOCIAL_SECURITY)
    holder = holder_of(items_of(holder_records(card.holder, SOCIAL_SECURITY)), SOCIAL_SECURITY)
    assert replace(read, holder=holder) == card


def test_a_card_is_read_at_the_known_tags() -> None:
    records = [
        bytes.fromhex("0110330300D15600000599110145FFFFFFFF"),
        bytes.fromhex("0304332E3030"),
        bytes.fromhex("050420210306"),
        bytes.fromhex("060400000000"),
        b"\x07\x09A12345678",
    ]
    card = card_of(items_of(records), SOCIAL_SECURITY)
    assert card == SocialCard(
        card_number="A12345678",
        card_id="330300D15600000599110145FFFFFFFF",
        version="3.00",
        issued=date(2021, 3, 6),
        valid_until=None,
    )


def test_a_name_too_long_for_its_record_is_put_together() -> None:
    holder = Holder(id_number="371083196304120427", name="阿依木·买买提·吐尔逊·阿不都热合曼")
    read = holder_of(items_of(holder_records(holder, SOCIAL_SECURITY)), SOCIAL_SECURITY)
    assert read.name == holder.name


@pytest.mark.parametrize(
    ("records", "what"),
    [
        ([b"\x07\x00"], "card number"),
        ([b"\x07\x09A12345678", bytes.fromhex("050420211306")], "issued"),
        ([b"\x07\x09A12345678", bytes.fromhex("05032021")], "record"),
        ([b"\x07\x02A\x1b"], "card number"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(records: list[bytes], what: str) -> None:
    with pytest.raises(Undecodable, match=what):
        card_of(items_of(records), SOCIAL_SECURITY)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=12))
def test_any_records_are_a_card_or_undecodable(records: list[tuple[int, bytes]]) -> None:
    items = items_of([bytes([tag, len(value)]) + value for tag, value in records])
    for read in (card_of, holder_of):
        try:
            made = read(items, SOCIAL_SECURITY)
        except Undecodable:
            continue
        assert "***" in repr(made)
