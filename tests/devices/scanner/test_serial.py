"""The serial scanner against its simulator, on a pty and over TCP."""

from __future__ import annotations

import asyncio
import time

import pytest

from devices.registry import BadSetting
from devices.scanner import dialects, gm65, scanner, serial
from devices.scanner import line as line_module
from devices.scanner.codes import CodeKind
from devices.simulators import scanner as simulated
from devices.status import Act, DeviceState, Failed, Ok, Outcome
from tests.devices.scanner.conftest import SCAN_S, until

WECHAT = "130000000000000001"
ALIPAY = "2812345678901234"
HEARTBEAT_S = 0.2


async def test_a_code_held_before_the_lit_scanner_is_read_and_the_light_goes_out(bench, line):
    # GIVEN a scanner that is dark while nobody asks
    at = bench(**line)
    await at.online()
    assert not at.lit

    # WHEN a code is shown during a scan
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    at.show(WECHAT)
    result = await scan

    # THEN it is read, and the scanner is dark again
    assert isinstance(result, Ok)
    assert (result.value.kind, result.value.text) == (CodeKind.PAYMENT, WECHAT)
    assert not at.lit
    assert at.scanner.health().facts["light"] == "off"
    assert at.counted("reads") == 1


@pytest.mark.parametrize("baud", [1200, 9600, 115200])
async def test_codes_arrive_whole_at_any_speed(bench, line, baud):
    at = bench(baud=baud, **line)
    await at.online()
    at.show("https://example.invalid/" + "乳山" * 20)
    result = await at.scanner.scan(SCAN_S)
    assert isinstance(result, Ok)
    assert result.value.text == "https://example.invalid/" + "乳山" * 20


async def test_a_code_that_comes_with_the_triggers_answer_is_not_lost(bench, line, monkeypatch):
    # GIVEN a scanner so fast that its answer and the code share a read
    monkeypatch.setattr(simulated, "DECODE_S", 0.0)
    at = bench(baud=4_000_000, **line) if line["tcp"] else bench(baud=921_600, **line)
    await at.online()

    # THEN no code is lost, however often
    for _ in range(5):
        at.show(WECHAT)
        assert isinstance(await at.scanner.scan(SCAN_S), Ok)


async def test_a_code_scanned_before_the_request_is_not_taken(bench, line):
    # GIVEN a code that came while nobody had asked
    at = bench(**line)
    await at.online()
    await at.sent(ALIPAY.encode() + b"\r")

    # WHEN somebody else shows theirs
    at.show(WECHAT)
    result = await at.scanner.scan(SCAN_S)

    # THEN theirs counts, and the other is counted as thrown away
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT
    assert at.counted("stale") == 1


async def test_a_plain_scanner_forgets_what_was_scanned_before_the_request(bench, line):
    # GIVEN a scanner that is always lit, and a code it sent long before
    at = bench(profile="plain", **line)
    await at.online()
    await at.sent(ALIPAY.encode() + b"\r")

    # WHEN a scan is asked for
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show(WECHAT)
    result = await scan

    # THEN only what was shown then is read, and nothing was ever sent to the scanner
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT
    assert at.simulator.bytes_in == 0


async def test_cancelling_returns_soon_and_with_the_light_off(bench, line):
    # GIVEN a scan under way
    at = bench(**line)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)

    # WHEN it is cancelled
    scan.cancel()
    await asyncio.wait({scan}, timeout=SCAN_S / 2)

    # THEN it ends long before its time, and the scanner is dark by then
    assert scan.cancelled()
    assert not at.lit


async def test_without_a_code_the_scan_times_out_dark(bench, line):
    at = bench(**line)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    result = await at.out_of_time(scan)
    assert isinstance(result, Failed)
    assert (result.outcome, result.fault.code) == (Outcome.TIMEOUT, "device.timeout")
    assert not at.lit


async def test_a_code_sent_twice_is_not_the_next_citizens(bench, line):
    # GIVEN a scanner that sends every code twice
    at = bench(situation="double", **line)
    await at.online()
    at.show(WECHAT)
    assert isinstance(await at.scanner.scan(SCAN_S), Ok)

    # WHEN the next scan is shown nothing
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit and at.all_sent)
    result = await at.nothing_comes(scan)

    # THEN the second copy is not taken for its code
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.TIMEOUT


async def test_a_code_with_control_characters_is_passed_over(bench, line):
    # GIVEN a code that would press keys
    at = bench(**line)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    at.show_bytes(b"13000000\x1b[A0000000001")
    await until(lambda: at.counted("refused") == 1)

    # WHEN a proper one is shown in the same scan
    at.show(WECHAT)

    # THEN that is read: the light came back on by itself
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_a_code_that_stays_and_is_none_is_not_read_without_pause(bench, monkeypatch):
    # GIVEN a scanner that reads at once, and a code that is none lying before it
    monkeypatch.setattr(simulated, "DECODE_S", 0.0)
    at = bench(baud=921_600)
    await at.online()
    show = at.simulator._decoded

    def stays(shown: simulated.Shown) -> None:
        show(shown)
        at.simulator._shown = shown

    monkeypatch.setattr(at.simulator, "_decoded", stays)
    at.show_bytes(b"130\x1b[A")

    # WHEN a scan waits for another
    result = await at.scanner.scan(2 * scanner.READ_AGAIN_S)

    # THEN the scanner was told to read again a few times, and not as fast as it can
    assert isinstance(result, Failed)
    assert 1 <= at.counted("refused") <= 3


async def test_a_line_feed_behind_each_code_costs_no_later_code(bench, line):
    # GIVEN a scanner that ends each code with carriage return and line feed
    at = bench(profile="honeywell", **line)
    await at.online()

    # WHEN one scan follows the other
    for text in (WECHAT, ALIPAY, WECHAT):
        await until(lambda: not at.lit)
        scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
        await until(lambda: at.lit)
        at.put_on_line(text.encode() + b"\r\n")
        result = await scan

        # THEN each has its own code
        assert isinstance(result, Ok)
        assert result.value.text == text


@pytest.mark.parametrize(("suffix", "end"), [("lf", b"\n"), ("tab", b"\t"), ("none", b"")])
async def test_a_scanner_with_another_end_is_understood_as_it_is_configured(
    bench, line, suffix, end
):
    at = bench(profile="honeywell", suffix=suffix, **line)
    await at.online()
    await until(lambda: not at.lit)
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    at.put_on_line(WECHAT.encode() + end)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_a_scan_that_saw_only_unreadable_codes_says_so(bench, line):
    at = bench(**line)
    await at.online()
    at.show_bytes(b"\xff\xfe\xfd\xfc")
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.counted("refused") >= 1)
    result = await at.out_of_time(scan)
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.TIMEOUT
    assert (result.fault.code, result.fault.detail) == ("scanner.unreadable", "encoding")


async def test_a_code_that_breaks_off_is_never_taken_for_a_shorter_one(bench, line):
    # GIVEN a code whose first half would pass as a payment code of its own
    at = bench(situation="cut", **line)
    await at.online()
    at.show("28" + "1" * 14 + "2" * 16)

    # WHEN only that half arrives
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: not at.shown)

    # THEN it is dropped, and the code that is shown next is read
    at.simulator.set_situation("normal")
    at.show(WECHAT)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


async def test_noise_before_a_code_does_not_alter_it(bench, line):
    # GIVEN a line with noise before everything, answers included
    at = bench(situation="garbage", **line)
    await at.online()

    # WHEN a code is shown
    at.show(WECHAT)
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: not at.shown and at.all_sent)
    result = await at.nothing_comes(scan)

    # THEN it is refused as a whole rather than passed on with the noise
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.TIMEOUT


async def test_the_light_is_renewed_in_a_long_scan(bench, line, monkeypatch):
    # GIVEN a scanner whose light goes out by itself after half a second
    monkeypatch.setattr(dialects, "LIGHT_TIME", 5)
    monkeypatch.setattr(scanner, "RELIGHT_S", 0.4)
    at = bench(**line)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)

    # WHEN a code is shown after it went out, or was renewed just in time
    lit = at.simulator._engine._lit_until
    await until(lambda: time.monotonic() > lit)
    at.show(WECHAT)

    # THEN it is still read
    assert isinstance(await scan, Ok)


async def test_unplugged_in_the_middle_of_a_code_and_back(bench, line):
    # GIVEN a cable that is pulled while a code comes
    at = bench(situation="unplugged", **line)
    await at.online()
    at.show(WECHAT)

    # THEN the scan fails as a device that is gone, and the next one at once
    result = await at.scanner.scan(SCAN_S)
    assert isinstance(result, Failed)
    assert result.outcome is Outcome.DEVICE_NOT_READY
    assert isinstance(await at.scanner.scan(SCAN_S), Failed)
    assert at.scanner.health().state in (DeviceState.OFFLINE, DeviceState.NO_DEVICE)

    # WHEN it is plugged in again
    at.simulator.set_situation("normal")
    at.simulator.replug()
    await at.online()

    # THEN a code is read without a restart
    at.show(ALIPAY)
    result = await at.scanner.scan(SCAN_S)
    assert isinstance(result, Ok)
    assert result.value.text == ALIPAY


async def test_a_silent_scanner_is_offline_until_it_answers(bench, line):
    # GIVEN a scanner without power behind a good port
    at = bench(situation="silent", **line)
    await until(lambda: at.scanner.health().state is DeviceState.OFFLINE)
    assert at.scanner.health().fault.code == "device.silent"

    # WHEN it gets power
    at.simulator.set_situation("normal")

    # THEN it comes online by itself
    await at.online()


async def test_a_scanner_that_falls_silent_is_reported_once(bench, line, monkeypatch):
    # GIVEN a scanner polled often
    monkeypatch.setattr(serial.SerialScanner, "poll_interval_s", 0.02)
    at = bench(heartbeat_s=0.02, **line)
    await at.online()
    del at.told[:]

    # WHEN it stops answering
    at.simulator.set_situation("silent")
    monkeypatch.setattr(line_module, "ANSWER_WITHIN_S", 0.1)
    await until(lambda: not at.scanner.health().usable)

    # THEN that is one loss
    assert at.counted("lost") == 1
    assert [health.state for health in at.told if not health.usable] == [DeviceState.OFFLINE]


async def test_a_scanner_that_takes_no_settings_needs_a_technician(bench, line):
    at = bench(situation="refusing", **line)
    await until(lambda: at.scanner.health().fault is not None)
    health = at.scanner.health()
    assert (health.fault.code, health.fault.act) == ("scanner.refused", Act.CONFIGURATION)
    assert not health.usable


async def test_a_scanner_that_lost_its_settings_is_set_up_again(bench, line, monkeypatch):
    # GIVEN a scanner polled often
    monkeypatch.setattr(serial.SerialScanner, "poll_interval_s", 0.05)
    at = bench(heartbeat_s=0.05, **line)
    await at.online()

    # WHEN its power fails for a moment: it is back in its factory mode, always lit
    at.simulator.set_situation("forgetful")

    # THEN it is dark again soon, waits for the trigger, and works
    await until(lambda: at.counted("set_up_again") == 1)
    assert not at.lit
    at.show(WECHAT)
    assert isinstance(await at.scanner.scan(SCAN_S), Ok)


async def test_a_heartbeat_is_asked_for_no_oftener_than_set(bench, line, monkeypatch):
    # GIVEN a scanner polled often, with a heartbeat that is long due
    monkeypatch.setattr(serial.SerialScanner, "poll_interval_s", 0.02)
    at = bench(heartbeat_s=HEARTBEAT_S, **line)
    await at.online()
    asked, begun = at.simulator.bytes_in, time.monotonic()

    # WHEN five were asked for
    one = len(gm65.HEARTBEAT.encode()) + len(gm65.read(0).encode())
    await until(lambda: at.simulator.bytes_in >= asked + 5 * one)

    # THEN that took its time
    assert time.monotonic() - begun > 4 * HEARTBEAT_S


async def test_an_answer_that_came_late_is_not_taken_for_the_next_ones(bench, line, monkeypatch):
    # GIVEN an answer that no command waits for any more, and that would read as "not set up"
    monkeypatch.setattr(serial.SerialScanner, "poll_interval_s", 0.1)
    at = bench(heartbeat_s=0.1, **line)
    await at.online()
    asked = at.simulator.bytes_in
    at.put_on_line(gm65.ACK.encode())

    # WHEN more is asked than one poll and setting up would
    await until(lambda: at.simulator.bytes_in >= asked + 8 * len(gm65.read(0).encode()))

    # THEN each poll got its own answer
    assert at.counted("set_up_again") == 0


async def test_its_test_lights_the_scanner_and_leaves_it_dark(bench, line, monkeypatch):
    monkeypatch.setattr(scanner, "TRY_LIGHT_S", 0.3)
    at = bench(**line)
    await at.online()
    test = asyncio.ensure_future(at.scanner.test())
    await until(lambda: at.lit)
    result = await test
    assert isinstance(result, Ok)
    assert result.value.facts == {"code": "none"}
    assert not at.lit


async def test_a_code_read_by_the_test_is_told_by_its_length_only(bench):
    at = bench()
    await at.online()
    at.show(WECHAT)
    result = await at.scanner.test()
    assert isinstance(result, Ok)
    assert result.value.lines == ("A code of 18 characters was read.",)


async def test_a_plain_scanner_proves_itself_only_by_a_code(bench, monkeypatch):
    # GIVEN a scanner that cannot be asked
    monkeypatch.setattr(scanner, "TRY_PLAIN_S", 0.1)
    at = bench(profile="plain")
    await at.online()

    # THEN its test without a code says that it wants one, and passes with one
    failed = await at.scanner.test()
    assert isinstance(failed, Failed)
    assert (failed.outcome, failed.fault.code) == (Outcome.TIMEOUT, "scanner.nothing_shown")
    monkeypatch.setattr(scanner, "TRY_PLAIN_S", SCAN_S)
    at.show(WECHAT)
    assert isinstance(await at.scanner.test(), Ok)


async def test_no_code_is_in_what_the_scanner_tells_of_itself(bench):
    # GIVEN a code that was read, one that was refused and one that came unasked
    at = bench()
    await at.online()
    await at.sent(ALIPAY.encode() + b"\r")
    at.show(WECHAT)
    result = await at.scanner.scan(SCAN_S)
    at.show_bytes(WECHAT.encode() + b"\x1b")
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.counted("refused") >= 1)
    refused = await at.out_of_time(scan)

    # THEN none is in its health, its reports, or the results' representations
    for told in (*at.told, at.scanner.health(), result, refused):
        assert WECHAT[:8] not in repr(told)
        assert ALIPAY[:8] not in repr(told)


# --- the other dialects --------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["newland", "honeywell"])
async def test_other_makes_are_dark_until_they_are_triggered(bench, line, profile):
    # GIVEN a scanner out of its box, which reads all the time
    at = bench(profile=profile, **line)
    await at.online()
    assert not at.lit

    # WHEN a code is shown during a scan
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    at.show(WECHAT)
    result = await scan

    # THEN it is read, without what the scanner answered, and it is dark again
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT
    await until(lambda: not at.lit)
    assert at.counted("reads") == 1


@pytest.mark.parametrize("profile", ["newland", "honeywell"])
async def test_other_makes_are_cancelled_into_the_dark(bench, profile):
    at = bench(profile=profile)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    scan.cancel()
    await asyncio.wait({scan}, timeout=SCAN_S)
    assert scan.cancelled()
    await until(lambda: not at.lit)


async def test_a_newland_scanner_that_falls_silent_is_lost_after_three_misses(bench, monkeypatch):
    monkeypatch.setattr(serial.SerialScanner, "poll_interval_s", 0.02)
    at = bench(profile="newland", heartbeat_s=0.02)
    await at.online()
    at.simulator.set_situation("silent")
    monkeypatch.setattr(line_module, "ANSWER_WITHIN_S", 0.1)
    await until(lambda: not at.scanner.health().usable)
    assert at.counted("missed") == serial.MISSES_MOST
    assert at.counted("lost") == 1


async def test_a_newland_scanner_that_refuses_says_which_tag(bench):
    at = bench(profile="newland", situation="refusing")
    await until(lambda: at.scanner.health().fault is not None)
    fault = at.scanner.health().fault
    assert (fault.code, fault.detail) == ("scanner.refused", "SCNMOD0, verdict 15")


async def test_a_scanner_that_repeats_a_code_gives_one_a_scan(bench, line):
    # GIVEN a scanner that sends the code before it again and again
    at = bench(profile="plain", situation="repeating", **line)
    await at.online()
    at.show(WECHAT)
    first = await at.scanner.scan(SCAN_S)
    await until(lambda: at.simulator.bytes_out >= 4 * (len(WECHAT) + 1))

    # WHEN another is shown in its place
    at.show(ALIPAY)
    assert at.simulator.control({"do": "state"})["shown"]
    await until(lambda: at.simulator.bytes_out >= 6 * (len(ALIPAY) + 1))
    second = await at.scanner.scan(SCAN_S)

    # THEN what was repeated meanwhile does not count for the next scan
    assert isinstance(first, Ok)
    assert isinstance(second, Ok)
    assert (first.value.text, second.value.text) == (WECHAT, ALIPAY)


@pytest.mark.parametrize("profile", ["gm65", "newland", "honeywell", "plain"])
async def test_slow_bytes_are_waited_for(bench, profile):
    at = bench(profile=profile, baud=9600)
    await at.online()
    scan = asyncio.ensure_future(at.scanner.scan(SCAN_S))
    await until(lambda: at.lit)
    at.simulator.set_situation("slow_bytes")
    at.show(WECHAT)
    result = await scan
    assert isinstance(result, Ok)
    assert result.value.text == WECHAT


def test_settings_that_no_scanner_has_are_refused_by_name():
    for settings, name in (
        ({"profile": "gm99"}, "profile"),
        ({"baud": 0}, "baud"),
        ({"heartbeat_s": 0.0}, "heartbeat_s"),
        ({"profile": "plain", "suffix": "crlf"}, "suffix"),
        ({"profile": "gm65", "suffix": "lf"}, "suffix"),
    ):
        with pytest.raises(BadSetting, match=name):
            serial.SerialScanner("scanner", "/dev/none", **settings)
