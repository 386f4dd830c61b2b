"""HID-POS and keyboard scanners against their simulators, on a pty that carries what a node would."""

from __future__ import annotations

import asyncio
import errno
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from devices.registry import BadSetting
from devices.scanner import hid, keyboard
from devices.scanner.codes import CodeKind
from devices.scanner.hid import HidScanner
from devices.scanner.hid_pos import reports
from devices.scanner.keyboard import KeyboardScanner
from devices.scanner.keys import typed
from devices.scanner.node import STREAM
from devices.simulators.hid_scanner import HidScannerSimulator
from devices.simulators.keyboard_scanner import KeyboardScannerSimulator
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.scanner.conftest import QUIET_S, SCAN_S, Bench, until

WECHAT = "130000000000000001"
ALIPAY = "2812345678901234"
INVOICE = "01,32,,25372000000000000001,120.50,20260901,,0F0E"

KINDS: dict[str, tuple[Any, Any, Callable[[bytes], bytes]]] = {
    "hid": (HidScannerSimulator, HidScanner, lambda code: b"".join(reports(code))),
    "keyboard": (KeyboardScannerSimulator, KeyboardScanner, typed),
}


@pytest.fixture(params=KINDS)
def stand(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Make a bench of one of the two: `stand(situation=...)`."""
    simulated, adapter, unit = KINDS[request.param]
    with ExitStack() as stack:

        def make(**options: Any) -> Bench:
            simulator = stack.enter_context(simulated(**options))
            scanner = adapter("scanner", simulator.port)
            stack.callback(scanner.close)
            made = Bench(simulator, scanner)
            made.unit = unit
            scanner.start()
            return made

        yield make


@pytest.mark.parametrize(
    "text", [WECHAT, INVOICE, "乳山市政务服务中心", "https://example.com/" + "x" * 200]
)
async def test_a_code_is_read(stand: Callable[..., Bench], text: str) -> None:
    at = stand()
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(text)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == text


async def test_chinese_in_gbk_is_read(stand: Callable[..., Bench]) -> None:
    at = stand()
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show_bytes("乳山".encode("gbk"))
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == "乳山"


async def test_what_was_scanned_before_is_thrown_away(stand: Callable[..., Bench]) -> None:
    # GIVEN a code that came while nobody had asked
    at = stand()
    await at.online()
    await at.sent(at.unit(ALIPAY.encode()))

    # WHEN somebody shows theirs
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(WECHAT)
    result = await scan

    # THEN theirs counts
    assert isinstance(result, Ok)
    assert (result.value.kind, result.value.text) == (CodeKind.PAYMENT, WECHAT)
    assert at.counted("stale") == 1


@pytest.mark.parametrize("situation", ["double", "garbage", "slow"])
async def test_what_is_wrong_with_a_scanner_is_lived_with(
    stand: Callable[..., Bench], situation: str
) -> None:
    at = stand(situation=situation)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(WECHAT)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_a_code_cut_short_is_not_read_and_the_next_is(stand: Callable[..., Bench]) -> None:
    at = stand(situation="cut")
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(INVOICE * 2)
    await until(lambda: not at.shown and at.all_sent)
    failed = await at.nothing_comes(scan)
    assert isinstance(failed, Failed)
    assert failed.outcome is Outcome.TIMEOUT
    at.simulator.set_situation("normal")
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(WECHAT)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_a_control_character_reaches_nobody(stand: Callable[..., Bench]) -> None:
    at = stand()
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show_bytes(b"1300\x1b[2J")
    await until(lambda: at.counted("refused") >= 1)
    failed = await at.out_of_time(scan)
    assert isinstance(failed, Failed)
    assert (failed.outcome, failed.fault.code) == (Outcome.TIMEOUT, "scanner.unreadable")


async def test_unplugged_within_a_code_it_is_lost_once_and_comes_back(
    stand: Callable[..., Bench],
) -> None:
    at = stand(situation="unplugged")
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(INVOICE)
    failed = await scan
    assert isinstance(failed, Failed)
    assert failed.outcome is Outcome.DEVICE_NOT_READY
    assert at.counted("lost") == 1
    at.simulator.set_situation("normal")
    at.simulator.replug()
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(WECHAT)
    assert isinstance(await scan, Ok)


async def test_an_idle_scanner_that_is_unplugged_is_noticed(stand: Callable[..., Bench]) -> None:
    at = stand()
    await at.online()
    at.simulator.unplug()
    await until(lambda: not at.scanner.health().usable)


async def test_nobody_shows_a_code_or_gives_up(stand: Callable[..., Bench]) -> None:
    at = stand()
    await at.online()
    result = await at.nothing_comes(asyncio.ensure_future(at.scanner.scan(SCAN_S)))
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.TIMEOUT
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await asyncio.wait({scan}, timeout=QUIET_S)
    scan.cancel()
    await asyncio.wait({scan}, timeout=SCAN_S)
    assert scan.cancelled()


async def test_a_port_is_opened_by_one_at_a_time(stand: Callable[..., Bench]) -> None:
    at = stand()
    await at.online()
    second = type(at.scanner)("second", at.simulator.port)
    second.start()
    try:
        await until(lambda: second.health().fault is not None)
        fault = second.health().fault
        assert fault is not None
        assert fault.code == "port.busy"
    finally:
        second.close()


# --- the node's own questions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adapter", "code"),
    [(HidScanner, "scanner.not_hidraw"), (KeyboardScanner, "scanner.not_grabbed")],
)
async def test_what_is_no_such_node_is_refused_in_real_use(adapter: Any, code: str) -> None:
    # GIVEN something at the port that answers none of the kernel's questions
    with HidScannerSimulator() as simulator:
        scanner = adapter("scanner", simulator.port.removeprefix(STREAM))
        scanner.start()
        try:
            # THEN it is not used, and a technician is told why
            await until(lambda: scanner.health().fault is not None)
            assert scanner.health().fault.code == code
            assert scanner.health().fault.act is Act.CONFIGURATION
            assert scanner.health().state is not DeviceState.ONLINE
        finally:
            scanner.close()


KEYBOARD = bytes.fromhex("05 01 09 06 A1 01 05 07")
SCANNER = bytes.fromhex("05 8C 09 02 A1 01 85 02")


class Kernel:
    """Answers as a hidraw or an evdev node would."""

    def __init__(self, descriptor: bytes = b"", error: int = 0) -> None:
        self.descriptor = descriptor
        self.error = error
        self.asked: list[tuple[int, object]] = []

    def ioctl(self, node: int, request: int, argument: Any) -> int:
        self.asked.append((request, argument))
        if self.error:
            raise OSError(self.error, "refused")
        if request == hid.HIDIOCGRDESCSIZE:
            argument[:] = struct.pack("I", len(self.descriptor))
        elif request == hid.HIDIOCGRDESC:
            argument[4 : 4 + len(self.descriptor)] = self.descriptor
        return 0


async def test_a_hidraw_node_of_a_scanner_is_known_from_one_of_a_keyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = Kernel(KEYBOARD)
    monkeypatch.setattr(hid.fcntl, "ioctl", kernel.ioctl)
    with HidScannerSimulator() as simulator:
        scanner = HidScanner("scanner", simulator.port.removeprefix(STREAM))
        scanner.start()
        try:
            await until(lambda: scanner.health().fault is not None)
            fault = scanner.health().fault
            assert fault is not None
            assert fault.code == "scanner.not_hid_pos"
            kernel.descriptor = SCANNER
            await until(lambda: scanner.health().usable)
        finally:
            scanner.close()


async def test_a_keyboard_is_grabbed_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(error=errno.EBUSY)
    monkeypatch.setattr(keyboard.fcntl, "ioctl", kernel.ioctl)
    with KeyboardScannerSimulator() as simulator:
        scanner = KeyboardScanner("scanner", simulator.port.removeprefix(STREAM))
        scanner.start()
        try:
            # GIVEN another program that has grabbed it
            await until(lambda: scanner.health().fault is not None)
            fault = scanner.health().fault
            assert fault is not None
            assert fault.code == "port.busy"
            # WHEN it lets go
            kernel.error = 0
            # THEN the scanner is ours, and was asked for before it was called usable
            await until(lambda: scanner.health().usable)
            assert set(kernel.asked) == {(keyboard.EVIOCGRAB, 1)}
        finally:
            scanner.close()


def test_the_kernels_numbers_are_those_of_its_headers() -> None:
    """_IOR('H', 1, int), _IOR('H', 2, struct hidraw_report_descriptor), _IOW('E', 0x90, int)."""
    read, write = 2 << 30, 1 << 30
    expected = {
        hid.HIDIOCGRDESCSIZE: read | 4 << 16 | ord("H") << 8 | 1,
        hid.HIDIOCGRDESC: read | (4 + 4096) << 16 | ord("H") << 8 | 2,
        keyboard.EVIOCGRAB: write | 4 << 16 | ord("E") << 8 | 0x90,
    }
    assert all(number == made for number, made in expected.items())


def test_a_layout_that_no_scanner_has_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="layout"):
        KeyboardScanner("scanner", "/dev/none", layout="xx")  # type: ignore[arg-type]


@pytest.mark.parametrize("simulated", [HidScannerSimulator, KeyboardScannerSimulator])
def test_a_simulated_node_is_not_offered_over_tcp(simulated: Any) -> None:
    with pytest.raises(ValueError, match="TCP"):
        simulated(tcp=0)
