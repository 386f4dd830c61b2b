"""A device's life: it hangs, flaps, is pulled and plugged, is held by another, and goes on."""

from __future__ import annotations

import asyncio
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyudev

from devices.device import Cancel, Device
from devices.faults import fault
from devices.hotplug import Hotplug, PortEvent, UdevSource
from devices.idcard.reader import IdCardReader
from devices.identity import identity_facts, plugged_ports
from devices.losses import state_for
from devices.serial_port import in_use
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.cards import CARDS
from devices.status import DeviceState, Failed, Health, Ok, Outcome, Result
from tests.devices.leftovers import assert_none_new, now_open

WITHIN_S = 40.0
"""Generous: how long a test waits for what takes well under a second on an idle machine."""

ROOT = Path(__file__).resolve().parents[2]


class Seen:
    """What a device told, and waiting for it."""

    def __init__(self, device: Device) -> None:
        self.told: queue.Queue[Health] = queue.Queue()
        self.states: list[DeviceState] = [device.health().state]
        device.listen(self.told.put)
        self.told.put(device.health())

    def until(self, wanted: Callable[[Health], bool]) -> Health:
        while True:
            health = self.told.get(timeout=WITHIN_S)
            if health.state is not self.states[-1]:
                self.states.append(health.state)
            if wanted(health):
                return health

    def until_state(self, state: DeviceState) -> Health:
        return self.until(lambda health: health.state is state)

    def until_fault(self, code: str) -> Health:
        return self.until(lambda health: health.fault is not None and health.fault.code == code)


class Hanging(IdCardReader):
    """A reader whose driver hangs when it is told to, and returns when it is told to."""

    poll_interval_s = 0.05
    given_up_s = 0.0
    """How long after it began to hang it counts as hanging."""

    def __init__(self, name: str, port: str) -> None:
        super().__init__(name, port)
        self.hang = threading.Event()
        self.hangs = threading.Event()
        self.release = threading.Event()
        self.after = threading.Event()
        self.session = ""

    def _open(self) -> None:
        super()._open()
        self.session = threading.current_thread().name + str(threading.get_ident())

    def _poll(self) -> None:
        if self.hang.is_set():
            self._hang()
        super()._poll()

    def _hang(self) -> None:
        after, release = self.after, self.release
        self.hang.clear()
        self._due(self.clock.monotonic() + self.given_up_s)
        self.hangs.set()
        release.wait(WITHIN_S)
        try:
            self.session = "written by a thread that was given up"
            self._exchange(0x1101)
        finally:
            after.set()

    async def hang_in_command(self) -> Result[str]:
        def work(cancel: Cancel) -> Result[str]:
            self._hang()
            return Ok("came back")

        return await self.command(work, WITHIN_S)


@pytest.fixture
def simulator() -> Iterator[CardReaderSimulator]:
    with CardReaderSimulator() as simulator:
        yield simulator


@pytest.fixture
def hanging(simulator: CardReaderSimulator) -> Iterator[Hanging]:
    reader = Hanging("id_card", simulator.port)
    yield reader
    reader.release.set()
    reader.close()


# --- hanging ---------------------------------------------------------------------------------------


def test_a_driver_that_hangs_is_abandoned_and_its_device_opened_anew(hanging: Hanging) -> None:
    # GIVEN a device that works
    seen = Seen(hanging)
    hanging.start()
    seen.until_state(DeviceState.ONLINE)
    # WHEN its driver hangs
    hanging.hang.set()
    # THEN that is told, and another thread opens it again, although the first still hangs
    told = seen.until_fault("device.hung")
    assert told.facts["stuck_threads"] == "1"
    back = seen.until_state(DeviceState.ONLINE)
    assert back.counters["hung"] == 1
    assert not hanging.release.is_set()


def test_a_thread_that_was_given_up_touches_nothing_when_it_returns(hanging: Hanging) -> None:
    seen = Seen(hanging)
    hanging.start()
    seen.until_state(DeviceState.ONLINE)
    hanging.hang.set()
    seen.until_fault("device.hung")
    seen.until_state(DeviceState.ONLINE)
    session = hanging.session
    # WHEN the driver returns at last
    hanging.release.set()
    assert hanging.after.wait(WITHIN_S)
    # THEN its thread ends without a trace in the new session
    seen.until(lambda health: health.facts.get("stuck_threads") == "0")
    assert hanging.session == session
    assert hanging.health().usable


def test_a_command_that_hangs_fails_for_its_caller(hanging: Hanging) -> None:
    seen = Seen(hanging)
    hanging.start()
    seen.until_state(DeviceState.ONLINE)

    result = asyncio.run(asyncio.wait_for(hanging.hang_in_command(), WITHIN_S))

    assert isinstance(result, Failed)
    assert (result.outcome, result.fault.code) == (Outcome.DEVICE_NOT_READY, "device.hung")


def test_closing_a_device_that_hangs_does_not_wait_for_it(hanging: Hanging) -> None:
    seen = Seen(hanging)
    hanging.given_up_s = WITHIN_S * 10  # so that only close can give it up
    hanging.start()
    seen.until_state(DeviceState.ONLINE)
    hanging.hang.set()
    assert hanging.hangs.wait(WITHIN_S)

    hanging.close(timeout_s=0.1)

    assert not hanging.after.is_set()
    assert hanging.health().counters["hung"] == 1


def test_a_driver_that_always_hangs_does_not_fill_the_process_with_threads(
    simulator: CardReaderSimulator,
) -> None:
    release = threading.Event()

    class Always(IdCardReader):
        hook_within_s = 0.1

        def _open(self) -> None:
            release.wait(WITHIN_S * 2)
            raise OSError("gone")

    reader = Always("id_card", simulator.port)
    seen = Seen(reader)
    reader.start()
    told = seen.until_fault("device.stuck")
    assert told.facts["stuck_threads"] == "3"
    release.set()
    seen.until(lambda health: health.facts.get("stuck_threads") == "0")
    reader.close()


def test_an_adapter_that_breaks_is_a_fault_and_is_opened_anew(
    simulator: CardReaderSimulator,
) -> None:
    class Breaks(IdCardReader):
        poll_interval_s = 0.05
        broken = 0

        def _poll(self) -> None:
            self.broken += 1
            if self.broken == 1:
                raise ZeroDivisionError("with 身份证号 in it")
            super()._poll()

    reader = Breaks("id_card", simulator.port)
    seen = Seen(reader)
    reader.start()
    told = seen.until_fault("device.bug")
    assert told.fault is not None
    assert told.fault.detail == "ZeroDivisionError"
    seen.until_state(DeviceState.ONLINE)
    reader.close()


# --- flapping --------------------------------------------------------------------------------------


def test_a_device_that_flaps_is_lost_once_and_back_once() -> None:
    """Three losses in a row hold it; it is back when it stays."""

    class Flapping(IdCardReader):
        poll_interval_s = 0.05

    with CardReaderSimulator() as simulator:
        reader = Flapping("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        seen.until_state(DeviceState.ONLINE)
        while not reader._flaps.held:
            lost = reader.health().counters.get("lost", 0)
            simulator.unplug()
            seen.until(lambda h, lost=lost: h.counters.get("lost", 0) > lost)  # type: ignore[misc]
            simulator.replug()
            if not reader._flaps.held:
                seen.until_state(DeviceState.ONLINE)
        before = len(seen.states)
        # WHEN it stays from now on
        seen.until_state(DeviceState.ONLINE)
        # THEN there was no coming and going in between
        held = [state for state in seen.states[before:] if state is DeviceState.ONLINE]
        assert len(held) == 1
        reader.close()


def test_a_device_that_is_held_takes_no_command() -> None:
    with CardReaderSimulator() as simulator:
        reader = IdCardReader("id_card", simulator.port)
        for at in (0.0, 1.0, 2.0):
            reader._flaps.lost(at)
        reader._flaps.back(1e18)  # it never stays
        seen = Seen(reader)
        reader.start()
        told = seen.until_fault("device.flapping")
        result = asyncio.run(reader.test())
        assert told.state is DeviceState.OFFLINE
        assert isinstance(result, Failed)
        assert result.fault.code == "device.flapping"
        reader.close()


# --- hot-plug --------------------------------------------------------------------------------------


class Netlink:
    """A netlink monitor that says what a test has it say, with pyudev's own device objects."""

    def __init__(self) -> None:
        self.events: queue.Queue[pyudev.Device] = queue.Queue()
        self.context = pyudev.Context()

    def say(self, action: str, node: str) -> None:
        """An event of a real device of this machine, under another node."""
        real = pyudev.Devices.from_path(self.context, "/class/tty/tty")

        class Told(type(real)):  # type: ignore[misc]
            action = property(lambda self: said)
            device_node = property(lambda self: node)

        said = action
        real.__class__ = Told
        self.events.put(real)

    def poll(self, timeout: float | None = None) -> pyudev.Device | None:
        try:
            return self.events.get(timeout=timeout)
        except queue.Empty:
            return None


def test_hot_plug_reconnects_at_once_and_marks_lost_at_once(
    simulator: CardReaderSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a reader that would look for its port only in an hour
    monkeypatch.setattr("devices.device.RECONNECT_FIRST_S", 3600.0)
    monkeypatch.setattr("devices.device.NODE_LOOK_S", 3600.0)
    monkeypatch.setattr(IdCardReader, "poll_interval_s", 3600.0)
    netlink = Netlink()
    reader = IdCardReader("id_card", simulator.port)
    hotplug = Hotplug(lambda: (reader,), UdevSource(netlink))
    hotplug.start()
    seen = Seen(reader)
    reader.start()
    seen.until_state(DeviceState.ONLINE)
    # WHEN udev tells that its port went
    node = os.path.realpath(simulator.port)
    netlink.say("remove", "/dev/ttyUSB9")
    netlink.say("remove", node)
    # THEN it is lost, and back when udev tells that it came
    seen.until_state(DeviceState.OFFLINE)
    netlink.say("add", node)
    back = seen.until_state(DeviceState.ONLINE)
    assert back.counters["lost"] == 1
    reader.close()
    hotplug.close()


@pytest.mark.parametrize(
    ("port", "concerned"),
    [
        ("/dev/ttyUSB0", True),
        ("/dev/kiosk-scan", True),
        ("usb:0416:5011", True),
        ("usb:0416:5011:A7", True),
        ("usb:0416:5011:B1", False),
        ("usb:0416:9999", False),
        ("/dev/ttyUSB1", False),
        ("socket://printer:9100", False),
    ],
)
def test_an_event_concerns_the_device_at_its_node_or_link(port: str, concerned: bool) -> None:
    known = {"ID_VENDOR_ID": "0416", "ID_MODEL_ID": "5011", "ID_SERIAL_SHORT": "A7"}
    event = PortEvent("add", ("/dev/ttyUSB0", "/dev/kiosk-scan"), known)
    assert event.concerns(port) is concerned


def test_without_udev_a_port_that_comes_is_found_by_looking(
    simulator: CardReaderSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.device.RECONNECT_FIRST_S", 3600.0)
    simulator.unplug()
    reader = IdCardReader("id_card", simulator.port)
    seen = Seen(reader)
    reader.start()
    seen.until_state(DeviceState.NO_DEVICE)

    simulator.replug()

    seen.until_state(DeviceState.ONLINE)
    reader.close()


# --- identity --------------------------------------------------------------------------------------


def plug_in(sys: Path, tty: str, usb: tuple[str, str], serial: str, socket: str) -> None:
    """A USB serial bridge as the kernel shows it in sysfs."""
    device = sys / "devices" / "pci0000:00" / socket.partition(":")[0]
    node = device / socket / tty / "tty" / tty
    node.mkdir(parents=True)
    (device / socket / "bInterfaceNumber").write_text("00\n")
    (device / "idVendor").write_text(f"{usb[0]}\n")
    (device / "idProduct").write_text(f"{usb[1]}\n")
    if serial:
        (device / "serial").write_text(f"{serial}\n")
    (sys / "class" / "tty").mkdir(parents=True, exist_ok=True)
    (sys / "class" / "tty" / tty).symlink_to(node)
    number = Path("/dev/null").stat().st_rdev
    link = sys / "dev" / "char" / f"{os.major(number)}:{os.minor(number)}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(node)


def test_two_equal_adapters_are_told_apart_by_their_sockets(tmp_path: Path) -> None:
    ch340 = ("1a86", "7523")
    plug_in(tmp_path, "ttyUSB0", ch340, "", "1-1.2:1.0")
    plug_in(tmp_path, "ttyUSB1", ch340, "", "1-1.3:1.0")

    facts = identity_facts("/dev/null", tmp_path)  # which stands for the one plugged in last

    assert facts == {
        "usb": "1a86:7523", "usb_serial": "none", "usb_socket": "1-1.3:1.0", "usb_twin": "yes",
    }  # fmt: skip
    assert {identity.socket for _, identity in plugged_ports(tmp_path)} == {
        "1-1.2:1.0",
        "1-1.3:1.0",
    }


def test_a_serial_number_makes_a_device_its_own(tmp_path: Path) -> None:
    cp210x = ("10c4", "ea60")
    plug_in(tmp_path, "ttyUSB0", cp210x, "0001", "1-1.2:1.0")
    plug_in(tmp_path, "ttyUSB1", cp210x, "0002", "1-1.3:1.0")

    facts = identity_facts("/dev/null", tmp_path)

    assert (facts["usb_serial"], facts["usb_twin"]) == ("0002", "no")


# --- what is wrong from the start ------------------------------------------------------------------


class Empty(IdCardReader):
    """A device whose probe finds something amiss that leaves it of use, and whose polls find nothing
    more to say."""

    def _probe(self) -> Failed | None:
        self._set(state=DeviceState.ONLINE, fault=fault("printer.paper_out"))
        return None

    def _poll(self) -> None:
        return


def test_what_the_probe_found_is_told_with_the_first_word(simulator: CardReaderSimulator) -> None:
    device = Empty("id_card", simulator.port)
    seen = Seen(device)
    device.start()

    told = seen.until_state(DeviceState.ONLINE)

    assert told.fault == fault("printer.paper_out")
    device.close()


def test_a_fault_outlives_the_time_in_which_a_flapping_device_is_held(
    simulator: CardReaderSimulator,
) -> None:
    # GIVEN a device with a standing fault that came and went
    device = Empty("id_card", simulator.port)
    device.poll_interval_s = 0.05  # type: ignore[misc]
    now = device.clock.monotonic()
    for at in (now, now, now):
        device._flaps.lost(at)
    seen = Seen(device)
    device.start()
    # WHEN it is held, and stays
    held = seen.until_fault("device.flapping")
    back = seen.until_state(DeviceState.ONLINE)
    # THEN it was of no use in between, and is known to want paper still
    assert held.state is DeviceState.OFFLINE
    assert DeviceState.ONLINE not in seen.states[:-1]
    assert back.fault == fault("printer.paper_out")
    device.close()


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("port.missing", DeviceState.NO_DEVICE),
        ("port.busy", DeviceState.OFFLINE),
        ("device.silent", DeviceState.OFFLINE),
        ("document.server_absent", DeviceState.OFFLINE),
        ("pcsc.no_service", DeviceState.OFFLINE),
        ("device.garbled", DeviceState.HARDWARE_ERROR),
        ("sam.failed", DeviceState.HARDWARE_ERROR),
        ("document.queue_missing", DeviceState.HARDWARE_ERROR),
    ],
)
def test_a_device_that_nobody_reached_is_offline_and_not_broken(
    code: str, state: DeviceState
) -> None:
    assert state_for(fault(code)) is state


# --- exclusive ports -------------------------------------------------------------------------------

HOLD = """
import sys
from devices.serial_port import Port
port = Port.open(sys.argv[1], 9600)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("tcp", [None, True])
def test_a_port_that_another_process_holds_is_busy(tcp: bool | None) -> None:
    with CardReaderSimulator(tcp=tcp) as simulator:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, simulator.port],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        reader = IdCardReader("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        # THEN it is refused, and taken when it is free
        seen.until_fault("port.busy")
        holder.communicate("")
        seen.until_state(DeviceState.ONLINE)
        reader.close()


def test_two_devices_of_one_program_do_not_share_a_port(simulator: CardReaderSimulator) -> None:
    first, second = (IdCardReader(name, simulator.port) for name in ("one", "two"))
    seen_first, seen_second = Seen(first), Seen(second)
    first.start()
    seen_first.until_state(DeviceState.ONLINE)
    second.start()
    seen_second.until_fault("port.busy")
    first.close()
    seen_second.until_state(DeviceState.ONLINE)
    second.close()


def test_it_is_seen_whether_another_program_has_a_port_open(
    simulator: CardReaderSimulator,
) -> None:
    assert not in_use(simulator.port)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, simulator.port],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert in_use(simulator.port)
    holder.communicate("")
    assert not in_use(simulator.port)


def test_a_closed_device_leaves_no_thread_and_no_descriptor(
    simulator: CardReaderSimulator,
) -> None:
    simulator.control({"do": "lay", "card": next(iter(CARDS))})
    threads, files = now_open()
    for _ in range(5):
        reader = IdCardReader("id_card", simulator.port)
        seen = Seen(reader)
        reader.start()
        seen.until_state(DeviceState.ONLINE)
        reader.close()
    assert_none_new(threads, files)
