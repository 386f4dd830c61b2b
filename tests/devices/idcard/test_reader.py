"""The card reader's adapter against the simulated module, on a real pty and on TCP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devices.idcard.reader import IdCardReader
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.cards import CARDS
from devices.status import DeviceState, Failed, Health, Ok, Outcome

WITHIN_S = 10.0
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
    tcp: bool = False, baud: int = 115200, situation: str = "normal"
) -> Iterator[tuple[CardReaderSimulator, IdCardReader, Seen]]:
    """A simulator with a reader at it."""
    with CardReaderSimulator(tcp=tcp, baud=baud, situation=situation) as simulator:
        reader = IdCardReader("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        try:
            yield simulator, reader, seen
        finally:
            reader.close()


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
@pytest.mark.parametrize("situation", ["garbage", "slow"])
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
        waiting = asyncio.ensure_future(reader.read_card(60.0))
        await asyncio.wait({waiting}, timeout=0.5)
        begun = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        # THEN it ended at once, and the next command finds a working reader
        assert time.monotonic() - begun < 1.0
        lay(simulator)
        assert await reader.read_card(WITHIN_S) == Ok(CARD)


async def test_nobody_lays_a_card_in_time() -> None:
    with standing() as (_, reader, seen):
        seen.until(DeviceState.ONLINE)
        result = await reader.read_card(0.7)
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
        waiting = asyncio.ensure_future(reader.read_card(60.0))
        await asyncio.wait({waiting}, timeout=0.3)
        await asyncio.to_thread(reader.close)
        result = await asyncio.wait_for(waiting, WITHIN_S)
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.CANCELED
