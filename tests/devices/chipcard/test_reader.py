"""The chip-card reader against a real PC/SC service and a virtual card."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from devices.chipcard.pcsc import (
    CARD_TROUBLES,
    EMPTY,
    MUTE,
    PRESENT,
    Context,
    Lying,
    Trouble,
    matching,
)
from devices.chipcard.reader import ChipCardReader
from devices.faults import FAULTS
from devices.simulators.cards import SOCIAL_CARDS
from devices.simulators.chip_card import ChipCardSimulator
from devices.status import DeviceState, Failed, Ok, Outcome
from tests.devices.chipcard.stand import NAME, READER, WITHIN_S, Pcscd, Seen

CARD = SOCIAL_CARDS["wang-xiulan"]


@contextmanager
def standing(
    pcscd: Pcscd, port: str = READER, **options: Any
) -> Iterator[tuple[ChipCardSimulator, ChipCardReader, Seen]]:
    """A virtual card and a reader."""
    with ChipCardSimulator(tcp=pcscd.port, reader=READER, **options) as card:
        reader = ChipCardReader("chip_card", port)
        seen = Seen(reader)
        reader.start()
        try:
            yield card, reader, seen
        finally:
            reader.close()


def lay(card: ChipCardSimulator, slug: str = "wang-xiulan") -> None:
    answer = card.control({"do": "lay", "card": slug})
    assert answer["ok"], answer


def take(card: ChipCardSimulator) -> None:
    assert card.control({"do": "take"})["ok"]


@pytest.mark.parametrize("slug", ["wang-xiulan", "yimu", "dong-yan", "cao-cong"])
async def test_a_social_security_card_is_read_whole(pcscd: Pcscd, slug: str) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(card, slug)
        assert await reader.read_card(WITHIN_S) == Ok(SOCIAL_CARDS[slug])
        assert reader.health().facts["reader"] == READER


async def test_a_card_that_comes_while_it_is_awaited_is_read(pcscd: Pcscd) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        waiting = asyncio.ensure_future(reader.read_card(WITHIN_S))
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        lay(card)
        assert await waiting == Ok(CARD)
        # AND its leaving is told
        seen.until_fact("card", "present")
        take(card)
        seen.until_fact("card", "not_present")


@pytest.mark.parametrize(
    ("situation", "outcome", "code"),
    [
        ("nonsense", Outcome.HARDWARE_ERROR, "chip.protocol"),
        ("cut", Outcome.USER_ERROR, "chip.broken_off"),
        ("removed", Outcome.USER_ERROR, "card.removed"),
        ("wrong_status", Outcome.INVALID_DATA, "chip.refused"),
        ("not_social", Outcome.INVALID_DATA, "chip.not_social"),
        ("short", Outcome.INVALID_DATA, "chip.unreadable"),
        ("unreadable", Outcome.INVALID_DATA, "chip.unreadable"),
        ("endless", Outcome.USER_ERROR, "chip.broken_off"),
    ],
)
async def test_a_card_that_is_not_read_fails_with_its_code_and_the_next_is_read(
    pcscd: Pcscd, situation: str, outcome: Outcome, code: str
) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        # GIVEN a card that goes wrong
        card.set_situation(situation)
        lay(card)
        failed = await reader.read_card(WITHIN_S)
        assert isinstance(failed, Failed)
        assert (failed.outcome, failed.fault.code) == (outcome, code)
        assert CARD.card_number not in repr(failed)
        # WHEN it is taken out and a good one put in
        take(card)
        seen.until_fact("card", "not_present")
        card.set_situation("normal")
        lay(card)
        # THEN that is read, without a restart
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_a_card_that_failed_is_not_tried_again_before_it_is_taken_out(pcscd: Pcscd) -> None:
    with standing(pcscd, situation="not_social") as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(card)
        assert isinstance(await reader.read_card(WITHIN_S), Failed)
        asked = card.control({"do": "state"})["commands"]
        again = await reader.read_card(0.5)
        assert isinstance(again, Failed)
        assert again.outcome is Outcome.TIMEOUT
        assert card.control({"do": "state"})["commands"] == asked


async def test_a_card_that_has_its_answers_fetched_is_read(pcscd: Pcscd) -> None:
    with standing(pcscd, situation="fetched") as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(card)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_a_card_that_keeps_its_holder_to_itself_is_read_without(pcscd: Pcscd) -> None:
    with standing(pcscd, situation="protected") as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(card)
        result = await reader.read_card(WITHIN_S)
        assert isinstance(result, Ok)
        assert (result.value.card_number, result.value.holder) == (CARD.card_number, None)


async def test_nobody_lays_a_card_in_time_or_gives_up(pcscd: Pcscd) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        result = await reader.read_card(0.4)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.TIMEOUT
        waiting = asyncio.ensure_future(reader.read_card(WITHIN_S))
        await asyncio.wait({waiting}, timeout=0.3)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        lay(card)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_its_test_says_what_lies_there(pcscd: Pcscd) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        report = await reader.test()
        assert isinstance(report, Ok)
        assert report.value.facts == {"reader": READER, "card": "not_present"}
        lay(card)
        seen.until_fact("card", "present")
        report = await reader.test()
        assert isinstance(report, Ok)
        assert report.value.facts["protocols"] == "T=0"


# --- the service and its readers -------------------------------------------------------------------


async def test_without_a_service_that_is_what_is_said_and_it_is_found_later(pcscd: Pcscd) -> None:
    # GIVEN a terminal on which pcscd does not run
    pcscd.stop()
    with standing(pcscd) as (card, reader, seen):
        seen.until_code("pcsc.no_service")
        result = await reader.read_card(1.0)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY
        # WHEN it is started
        pcscd.start()
        # THEN the reader works, without a restart
        seen.until(DeviceState.ONLINE)
        lay(card)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_a_service_that_ends_is_lost_and_comes_back(pcscd: Pcscd) -> None:
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.ONLINE)
        pcscd.stop()
        seen.until_code("pcsc.no_service")
        pcscd.start()
        seen.until(DeviceState.ONLINE)
        lay(card)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert reader.health().counters["lost"] == 1


async def test_a_reader_that_is_plugged_in_later_is_found(pcscd: Pcscd) -> None:
    # GIVEN a service without a reader
    pcscd.stop()
    pcscd.configure()
    pcscd.start()
    with standing(pcscd) as (card, reader, seen):
        seen.until(DeviceState.NO_DEVICE)
        # WHEN there is one
        pcscd.stop()
        pcscd.configure(NAME)
        pcscd.start()
        # THEN it is used
        seen.until(DeviceState.ONLINE)
        lay(card)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


class Readers(Context):
    """A context whose readers a test plugs in: this service takes in new virtual ones only at its
    start."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.plugged = threading.Event()

    def readers(self) -> list[str]:
        return self.names

    def wait_for_readers(self, seconds: float) -> None:
        self.plugged.wait(seconds)

    def lying(self, reader: str, before: int = 0, seconds: float = 0.0) -> Lying:
        return Lying(EMPTY, b"")

    def close(self) -> None:
        return


def test_a_reader_that_the_service_tells_of_is_opened_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a reader that is not there, and pauses between tries that no test outlasts
    readers = Readers()
    monkeypatch.setattr(Context, "open", lambda: readers)
    monkeypatch.setattr("devices.device.RECONNECT_FIRST_S", 10 * WITHIN_S)
    reader = ChipCardReader("chip_card", READER)
    seen = Seen(reader)
    reader.start()
    try:
        seen.until(DeviceState.NO_DEVICE)
        # WHEN the service tells that it came
        readers.names.append(READER)
        readers.plugged.set()
        # THEN it is opened without waiting for the next try
        seen.until(DeviceState.ONLINE)
    finally:
        reader.close()


async def test_waiting_for_readers_ends_in_time_and_asks_little(pcscd: Pcscd) -> None:
    context = Context.open()
    assert isinstance(context, Context)
    begun = time.monotonic()
    context.wait_for_readers(0.3)
    assert time.monotonic() - begun > 0.2
    assert READER in context.readers()
    context.close()


async def test_of_two_readers_the_named_one_is_used(pcscd: Pcscd) -> None:
    pcscd.stop()
    pcscd.configure("Other Reader", "Hall Reader")
    pcscd.start()
    reader = ChipCardReader("chip_card", "hall reader 0? 00")
    seen = Seen(reader)
    reader.start()
    try:
        seen.until(DeviceState.ONLINE)
        assert reader.health().facts["reader"].startswith("Hall Reader")
    finally:
        reader.close()


async def test_a_name_that_fits_several_readers_is_refused(pcscd: Pcscd) -> None:
    with standing(pcscd, port="hall*") as (_, reader, seen):
        seen.until_code("pcsc.ambiguous")
        problem = reader.health().fault
        assert problem is not None
        assert READER in problem.detail


def test_readers_are_matched_by_name_whatever_their_number() -> None:
    names = ["ACS ACR39U [ICC Reader] (A123) 01 00", "ACS ACR39U [ICC Reader] (B456) 00 00"]
    assert matching("acs acr39u [icc reader] (b456)", names) == names[1:]
    assert matching("*(A123)*", names) == names[:1]
    assert matching("ACS ACR39U [ICC Reader] (?123) 01 00", names) == names[:1]
    assert matching("*", names) == names
    assert matching("ACS", names) == []


def test_every_trouble_with_a_card_is_a_catalogued_fault() -> None:
    assert {trouble.value for trouble in Trouble} <= set(FAULTS)


def test_a_mute_card_is_told_from_a_missing_one() -> None:
    assert Lying(PRESENT | MUTE, b"").mute
    assert not Lying(EMPTY, b"").present
    assert CARD_TROUBLES[0x80100066] is Trouble.MUTE  # SCARD_W_UNRESPONSIVE_CARD, pcsclite.h
