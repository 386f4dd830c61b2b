"""The card reader's adapter against the simulated module, on a real pty and on TCP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from devices.idcard.reader import IdCardReader
from devices.idcard.sam import RATES
from devices.registry import BadSetting
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.cards import CARDS
from devices.status import Act, DeviceState, Failed, Health, Ok, Outcome
from tests.devices.clocks import LeapingClock
from tests.devices.impatience import impatient

WITHIN_S = 60.0
CARD = CARDS["wang-xiulan"]

LINES = pytest.mark.parametrize("tcp", [False, True], ids=["pty", "tcp"])


class Seen:
    """What a reader told its listeners."""

    def __init__(self, reader: IdCardReader) -> None:
        self._changed = threading.Condition()
        self.states: list[DeviceState] = [reader.health().state]
        self.codes: list[str] = []
        reader.listen(self._hear)

    def _hear(self, health: Health) -> None:
        with self._changed:
            if health.state is not self.states[-1]:
                self.states.append(health.state)
            self.codes.append(health.fault.code if health.fault else "")
            self._changed.notify_all()

    def until(self, *states: DeviceState) -> None:
        """Wait until the last state is one of `states`."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.states[-1] in states, WITHIN_S), self.states

    def until_code(self, code: str) -> None:
        """Wait until a fault of that code was told."""
        with self._changed:
            assert self._changed.wait_for(lambda: code in self.codes, WITHIN_S), self.codes


@contextmanager
def standing(
    tcp: bool = False, baud: int = 115200, situation: str = "normal", **settings: Any
) -> Iterator[tuple[CardReaderSimulator, IdCardReader, Seen]]:
    """A simulator with a reader at it."""
    with CardReaderSimulator(tcp=tcp, baud=baud, situation=situation) as simulator:
        reader = IdCardReader("id_card", simulator.port, **{"baud": baud} | settings)
        reader.clock = LeapingClock()
        seen = Seen(reader)
        reader.start()
        try:
            yield simulator, reader, seen
        finally:
            reader.close()


async def sought(reader: IdCardReader) -> None:
    """Wait until a card was sought and none found."""
    async with asyncio.timeout(WITHIN_S):
        while reader.health().facts["card"] != "not_present":  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.01)


def lay(simulator: CardReaderSimulator, slug: str = "wang-xiulan") -> None:
    """Lay a card, and return once it lies there."""
    assert simulator.control({"do": "lay", "card": slug})["ok"]


@LINES
@pytest.mark.parametrize(
    "slug", ["wang-xiulan", "yimu", "dong-yan", "chan-siu-ming", "maria-schmidt", "john-carpenter"]
)
async def test_each_form_of_card_is_read_whole(tcp: bool, slug: str) -> None:
    with standing(tcp) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(simulator, slug)
        assert await reader.read_card(WITHIN_S) == Ok(CARDS[slug])
        assert reader.health().counters["reads"] == 1


@LINES
async def test_a_line_of_9600_baud_brings_the_card_byte_by_byte(tcp: bool) -> None:
    with standing(tcp, baud=9600) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(simulator)
        begun = time.monotonic()
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert time.monotonic() - begun > 1295 * 10 / 9600


@LINES
@pytest.mark.parametrize(
    ("situation", "outcome", "code"),
    [
        ("bad_checksum", Outcome.HARDWARE_ERROR, "card.lift_and_retry"),
        ("select_fails", Outcome.USER_ERROR, "card.lift_and_retry"),
        ("removed", Outcome.USER_ERROR, "card.read_failed"),
        ("half", Outcome.HARDWARE_ERROR, "card.lift_and_retry"),
        ("no_content", Outcome.INVALID_DATA, "card.no_content"),
        ("rejects_module", Outcome.USER_ERROR, "card.rejects_module"),
        ("not_authentic", Outcome.INVALID_DATA, "card.not_authentic"),
        ("unverified", Outcome.INVALID_DATA, "card.unverified"),
        ("unknown_card", Outcome.INVALID_DATA, "card.unknown_type"),
        ("random_fails", Outcome.HARDWARE_ERROR, "sam.random"),
        ("sam_error", Outcome.HARDWARE_ERROR, "sam.error"),
        ("undefined", Outcome.HARDWARE_ERROR, "sam.undefined"),
        ("unreadable", Outcome.INVALID_DATA, "card.unreadable"),
        ("lying", Outcome.INVALID_DATA, "card.unreadable"),
    ],
)
async def test_a_card_that_is_not_read_fails_with_its_code_and_the_next_is_read(
    tcp: bool, situation: str, outcome: Outcome, code: str
) -> None:
    with standing(tcp) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        # GIVEN a card that goes wrong
        simulator.set_situation(situation)
        lay(simulator)
        failed = await reader.read_card(WITHIN_S)
        assert isinstance(failed, Failed)
        assert (failed.outcome, failed.fault.code) == (outcome, code)
        assert CARD.name not in repr(failed)
        # WHEN it is lifted and laid again
        simulator.set_situation("normal")
        lay(simulator)
        # THEN it is read, without a restart
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert seen.states[-1] is DeviceState.ONLINE


@LINES
@pytest.mark.parametrize("situation", ["garbage", "slow", "slow_bytes", "deaf"])
async def test_noise_and_slowness_are_lived_with(tcp: bool, situation: str) -> None:
    with standing(tcp) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        simulator.set_situation(situation)
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


@LINES
async def test_unplugged_in_the_middle_of_a_card_it_is_lost_once_and_comes_back(tcp: bool) -> None:
    with standing(tcp) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        # GIVEN a cable that is pulled in the middle of a card's data
        simulator.set_situation("cut")
        lay(simulator)
        failed = await reader.read_card(WITHIN_S)
        assert isinstance(failed, Failed)
        assert failed.outcome is Outcome.DEVICE_NOT_READY
        # WHEN it is plugged in again
        simulator.set_situation("normal")
        simulator.replug()
        seen.until(DeviceState.ONLINE)
        # THEN the same adapter reads the card
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert reader.health().counters["lost"] == 1


async def test_a_reader_that_comes_late_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("port") / "reader"
    reader = IdCardReader("id_card", str(link))
    seen = Seen(reader)
    reader.start()
    seen.until(DeviceState.NO_DEVICE)
    assert reader.health().fault is not None
    assert reader.health().fault.code == "port.missing"  # type: ignore[union-attr]
    with CardReaderSimulator(link=link) as simulator:
        seen.until(DeviceState.ONLINE)
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        reader.close()


async def test_cancelling_leaves_the_reader_at_rest() -> None:
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        # GIVEN somebody who waits for a card, and goes away
        waiting = asyncio.ensure_future(reader.read_card(WITHIN_S))
        await sought(reader)
        waiting.cancel()
        await asyncio.wait({waiting}, timeout=WITHIN_S / 2)
        # THEN it ended long before its time, and the next command finds a working reader
        assert waiting.cancelled()
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_nobody_lays_a_card_in_time() -> None:
    with standing() as (_, reader, seen):
        seen.until(DeviceState.ONLINE)
        waiting = asyncio.ensure_future(reader.read_card(WITHIN_S))
        await sought(reader)
        reader.clock.leap(WITHIN_S)  # type: ignore[attr-defined]
        result = await waiting
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.TIMEOUT
        assert reader.health().facts["card"] == "not_present"


async def test_a_card_is_read_once_until_it_is_lifted() -> None:
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        again = await reader.read_card(0.7)
        assert isinstance(again, Failed)
        assert again.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        ("silent", "device.silent"),
        ("noise_only", "device.garbled"),
        ("no_sam", "sam.failed"),
        ("unauthorised", "sam.unauthorised"),
    ],
)
async def test_what_is_wrong_with_a_reader_is_told_apart(situation: str, code: str) -> None:
    with standing(situation=situation) as (simulator, reader, seen):
        with impatient():
            seen.until_code(code)
        result = await reader.read_card(5.0)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY
        # AND once it is mended it works, without a restart
        simulator.set_situation("normal")
        seen.until(DeviceState.ONLINE)


async def test_its_test_names_the_module_and_whether_a_card_lies_there() -> None:
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        report = await reader.test()
        assert isinstance(report, Ok)
        assert report.value.facts["sam_id"].startswith("05.01-")
        assert report.value.facts["card"] == "not_present"
        lay(simulator)
        report = await reader.test()
        assert isinstance(report, Ok)
        assert report.value.facts["card"] == "present"


async def test_closing_answers_whoever_waits() -> None:
    with standing() as (_, reader, seen):
        seen.until(DeviceState.ONLINE)
        waiting = asyncio.ensure_future(reader.read_card(WITHIN_S))
        await sought(reader)
        await asyncio.to_thread(reader.close)
        result = await asyncio.wait_for(waiting, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.CANCELED


def test_settings_that_no_module_has_are_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="baud: one of 115200"):
        IdCardReader("id_card", "/dev/none", baud=12345)
    with pytest.raises(BadSetting, match="rates"):
        IdCardReader("id_card", "/dev/none", rates=())


async def test_after_a_failed_read_a_card_must_be_lifted() -> None:
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        # GIVEN a card that did not answer, and still lies there
        simulator.set_situation("select_fails")
        lay(simulator)
        assert isinstance(await reader.read_card(WITHIN_S), Failed)
        simulator.set_situation("normal")
        # THEN it is not found again
        waiting = await reader.read_card(0.7)
        assert isinstance(waiting, Failed)
        assert waiting.outcome is Outcome.TIMEOUT
        # UNTIL it is lifted and laid again
        simulator.take()
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


# --- fingerprints, added addresses, long frames ----------------------------------------------------


@pytest.mark.parametrize("situation", ["normal", "no_prints"])
async def test_fingerprints_are_read_only_where_the_setting_says_so_and_end_in_the_adapter(
    situation: str,
) -> None:
    with standing(fingerprint=True, situation=situation) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        before = simulator.bytes_out
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert simulator.bytes_out - before > (2321 if situation == "normal" else 1297)
        kept = [value for value in vars(reader).values() if isinstance(value, bytes | bytearray)]
        assert kept == []
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        before = simulator.bytes_out
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)
        assert simulator.bytes_out - before < 2000


async def test_a_module_without_fingerprints_says_which_setting_is_wrong() -> None:
    with standing(fingerprint=True, situation="old_module") as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        lay(simulator)
        failed = await reader.read_card(WITHIN_S)
        assert isinstance(failed, Failed)
        assert (failed.outcome, failed.fault.code) == (Outcome.UNSUPPORTED, "sam.bad_command")
        assert failed.fault.act is Act.CONFIGURATION


async def test_an_added_address_comes_with_the_card() -> None:
    with standing(new_address=True) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        moved = "山东省乳山市城区街道新华街2号"
        simulator.control({"do": "lay", "card": "wang-xiulan", "new_address": moved})
        assert await reader.read_card(WITHIN_S) == Ok(replace(CARD, new_address=moved))
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(replace(CARD, new_address=""))
        # AND where the module knows no added addresses, none is claimed
        simulator.set_situation("old_module")
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


@pytest.mark.parametrize(("situation", "fact"), [("normal", "taken"), ("old_module", "refused")])
async def test_long_radio_frames_are_asked_for_and_their_refusal_is_a_fact(
    situation: str, fact: str
) -> None:
    with standing(max_rf=True, situation=situation) as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        assert reader.health().facts["max_rf"] == fact
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


# --- resets ------------------------------------------------------------------------------------------


async def test_a_module_that_hangs_is_reset_before_anybody_is_called() -> None:
    with standing(situation="hung") as (_, reader, seen):
        seen.until(DeviceState.ONLINE)
        assert reader.health().counters["resets"] == 1
        assert seen.states == [DeviceState.STARTING, DeviceState.ONLINE]


@pytest.mark.parametrize(
    ("situation", "code"), [("no_sam", "sam.failed"), ("unauthorised", "sam.unauthorised")]
)
async def test_a_module_that_fails_later_is_no_reader_until_it_is_well_again(
    monkeypatch: pytest.MonkeyPatch, situation: str, code: str
) -> None:
    # GIVEN a reader that works
    monkeypatch.setattr(IdCardReader, "poll_interval_s", 0.05)
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)

        # WHEN its module fails while nobody reads a card
        simulator.set_situation(situation)

        # THEN the next citizen is not asked for a card, and the right person is called
        seen.until(DeviceState.HARDWARE_ERROR)
        health = reader.health()
        assert health.fault is not None
        assert (health.fault.code, health.facts["sam"]) == (code, "fault")
        result = await reader.read_card(1.0)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.DEVICE_NOT_READY, code)

        # AND it is back by itself once the module is
        simulator.set_situation("normal")
        seen.until(DeviceState.ONLINE)
        assert reader.health().facts["sam"] == "ok"
        assert "lost" not in reader.health().counters


async def test_a_reset_can_be_asked_for() -> None:
    with standing() as (simulator, reader, seen):
        seen.until(DeviceState.ONLINE)
        assert await reader.reset() == Ok(None)
        simulator.set_situation("unauthorised")
        failed = await reader.reset()
        assert isinstance(failed, Failed)
        assert failed.fault.code == "sam.unauthorised"
        assert reader.health().facts["sam"] == "fault"


# --- rates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("baud", [RATES[1], RATES[-1]])
async def test_a_module_at_another_rate_is_found_and_brought_to_ours(baud: int) -> None:
    with CardReaderSimulator(baud=baud) as simulator:
        reader = IdCardReader("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        try:
            seen.until(DeviceState.ONLINE)
            assert reader.health().facts["baud"] == "115200"
            assert simulator.control({"do": "state"})["rate"] == 115200
            lay(simulator)
            assert await reader.read_card(WITHIN_S) == Ok(CARD)
        finally:
            reader.close()


async def test_a_module_that_stays_at_its_rate_is_used_there() -> None:
    with CardReaderSimulator(baud=38400, situation="stubborn") as simulator:
        reader = IdCardReader("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        try:
            seen.until(DeviceState.ONLINE)
            assert reader.health().facts["baud"] == "38400"
            lay(simulator)
            assert await reader.read_card(WITHIN_S) == Ok(CARD)
        finally:
            reader.close()


# --- the cable ---------------------------------------------------------------------------------------

READ_BYTES = 15 + 19 + 1295
"""The answers to find, select and read."""


@pytest.mark.parametrize("first", range(4))
def test_unplugged_at_any_byte_of_a_read_it_fails_as_a_device_that_is_gone(first: int) -> None:
    # GIVEN a line so fast that every byte of a read can be tried
    with CardReaderSimulator(baud=100_000_000) as simulator:
        for at in range(first, READ_BYTES, 4):
            simulator.replug()
            lay(simulator)
            reader = IdCardReader("id_card", simulator.port)
            seen = Seen(reader)
            reader.start()
            seen.until(DeviceState.ONLINE)
            # WHEN the cable is pulled after so many bytes
            simulator.control({"do": "pull_after", "bytes": at})
            result = asyncio.run(reader.read_card(WITHIN_S))
            # THEN no half card comes of it
            assert isinstance(result, Failed), at
            assert result.outcome is Outcome.DEVICE_NOT_READY, at
            assert reader.health().counters["lost"] == 1
            reader.close()
