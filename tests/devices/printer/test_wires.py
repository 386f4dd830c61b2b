"""The ways to a printer: USB by its name, a raw CUPS queue, a network that blocks."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import socket
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.printer.profiles import PROFILES
from devices.printer.receipt import ReceiptPrinter
from devices.printer.wire import NetworkWire, PeerClosed, open_wire
from devices.printer.wire_usb import UsbWire, node_of
from devices.registry import BadSetting
from devices.simulators.printer import PrinterSimulator
from devices.status import DeviceState, Failed, Ok
from tests.devices.printer.queues import CupsServer, cups_server
from tests.devices.printer.stand import WITHIN_S, receipt, until

TITLE, LAST = "缴费凭条", "本凭条不作报销凭据"


def plugged_in(root: Path, name: str, ids: tuple[str, str], serial: str, lp: str = "") -> None:
    """A USB printer as sysfs shows it."""
    device = root / name
    (device / f"{name}:1.0").mkdir(parents=True)
    for file, text in (("idVendor", ids[0]), ("idProduct", ids[1]), ("serial", serial)):
        (device / file).write_text(text + "\n")
    if lp:
        (device / f"{name}:1.0" / "usbmisc" / lp).mkdir(parents=True)


def test_a_usb_printer_is_found_by_what_it_is_and_two_alike_by_their_serials(
    tmp_path: Path,
) -> None:
    plugged_in(tmp_path, "1-1", ("0416", "5011"), "A1", "lp0")
    plugged_in(tmp_path, "1-2", ("0416", "5011"), "A2", "lp3")
    plugged_in(tmp_path, "1-3", ("04b8", "0e15"), "X", "lp1")
    plugged_in(tmp_path, "1-4", ("04b8", "0202"), "Y")
    dev = Path("/dev")
    assert node_of("usb:04b8:0e15", tmp_path) == dev / "usb" / "lp1"
    assert node_of("usb:0416:5011:A2", tmp_path) == dev / "usb" / "lp3"
    for address, number in (
        ("usb:0416:5011", errno.ENOTUNIQ),
        ("usb:0416:5011:A3", errno.ENOENT),
        ("usb:04b8:0202", errno.EBUSY),
        ("usb:dead:beef", errno.ENOENT),
        ("usb:4b8", errno.EINVAL),
        ("usb:xyz:1", errno.EINVAL),
    ):
        with pytest.raises(OSError) as refused:  # noqa: PT011 - the errno is what is looked at
            node_of(address, tmp_path)
        assert refused.value.errno == number, address


@pytest.fixture
def lp() -> Iterator[tuple[int, str]]:
    """A character device of which both ends are ours."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def test_a_usb_wire_carries_both_ways_within_its_time(lp: tuple[int, str]) -> None:
    master, path = lp
    wire = UsbWire(path)
    assert wire.read(0) == b""
    assert wire.send(b"\x10\x04\x01", 1.0) == 3
    assert os.read(master, 16) == b"\x10\x04\x01"
    os.write(master, b"\x12")
    assert wire.read(WITHIN_S) == b"\x12"
    assert wire.port_status() is None  # no printer's request here: unknown, not "no paper"
    wire.close()
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        wire.send(b"x", 0)


def test_a_usb_wire_is_ours_alone(lp: tuple[int, str]) -> None:
    wire = UsbWire(lp[1])
    with pytest.raises(BlockingIOError):
        UsbWire(lp[1])
    wire.close()
    UsbWire(lp[1]).close()


def test_a_network_printer_that_takes_nothing_does_not_hold_the_sender() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = open_wire(f"tcp://127.0.0.1:{listener.getsockname()[1]}", 0)
        connection, _ = listener.accept()
        with connection:
            # the kernel makes room for more for a while
            while any(wire.send(bytes(65536), 0.01) for _ in range(20)):
                continue
            assert wire.send(b"more", 0.01) == 0
            assert wire.read(0) == b""
        wire.close()


def test_the_end_of_a_connection_is_told_from_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = NetworkWire("127.0.0.1", listener.getsockname()[1])
        connection, _ = listener.accept()
        assert wire.read(0) == b""
        connection.close()
        with pytest.raises(PeerClosed):
            wire.read(WITHIN_S)
        wire.close()


@pytest.mark.parametrize("address", ["socket://127.0.0.1:x", "socket://127.0.0.1:1", "usb:1:2"])
async def test_an_address_that_leads_nowhere_is_an_answer(address: str) -> None:
    printer = ReceiptPrinter("receipt_printer", address)
    printer.start()
    try:
        health = await until(printer, lambda health: health.fault is not None)
        assert not health.usable
    finally:
        await asyncio.to_thread(printer.close)


@pytest.mark.parametrize(
    "settings", [{"profile": "tm-t9000"}, {"baud": -1}, {"paper_out": "perhaps"}]
)
def test_a_wrong_setting_is_named(settings: dict[str, object]) -> None:
    with pytest.raises(BadSetting) as refused:
        ReceiptPrinter("receipt_printer", "/dev/null", **settings)  # type: ignore[arg-type]
    assert refused.value.setting in settings


def test_the_profile_s_baud_rate_applies_where_none_is_given() -> None:
    assert ReceiptPrinter("p", "/dev/null", profile="xprinter-80").baud == 9600
    assert ReceiptPrinter("p", "/dev/null", profile="xprinter-80", baud=19200).baud == 19200
    assert all(profile.baud >= 9600 for profile in PROFILES.values())


# --- a raw queue ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cups() -> Iterator[CupsServer]:
    with cups_server() as server:
        yield server


def raw_queue(cups: CupsServer, name: str, simulator: PrinterSimulator) -> str:
    cups.run("lpadmin", "-p", name, "-E", "-v", simulator.port, "-m", "raw")
    return f"cups:{name}"


async def test_a_slip_goes_through_a_raw_queue_once_and_facts_stay_unknown(
    cups: CupsServer,
) -> None:
    # GIVEN a queue before a printer on the network
    with PrinterSimulator(tcp=True, speed=100) as simulator:
        port = raw_queue(cups, "receipts", simulator)
        printer = ReceiptPrinter("receipt_printer", port, server=cups.socket)
        printer.start()
        try:
            await until(printer, lambda health: health.usable)
            # WHEN
            result = await printer.print_slip(receipt(), 60.0)
            # THEN
            assert isinstance(result, Ok), result
            assert result.value.proven is None
            (sheet,) = await asyncio.to_thread(simulator.await_sheets, 1, WITHIN_S)
            assert (sheet.text().count(TITLE), sheet.text().count(LAST)) == (1, 1)
            assert printer.health().facts["paper"] == "unknown"
            # AND asked for again, it is not sent again
            again = await printer.print_slip(receipt(), WITHIN_S)
            assert isinstance(again, Failed)
            assert again.fault.code == "printer.fate_unknown"
            assert cups.spooled() == []
        finally:
            await asyncio.to_thread(printer.close)


async def test_a_stopped_queue_is_told_and_keeps_no_slip(cups: CupsServer) -> None:
    with PrinterSimulator(tcp=True, speed=100) as simulator:
        port = raw_queue(cups, "stopped", simulator)
        cups.run("cupsdisable", "stopped")
        printer = ReceiptPrinter("receipt_printer", port, server=cups.socket)
        printer.start()
        try:
            health = await until(printer, lambda health: health.fault is not None)
            assert health.fault is not None
            assert health.fault.code == "printer.queue"
            result = await printer.print_slip(receipt(), 2.0)
            assert isinstance(result, Failed)
            assert result.fault.code == "printer.queue"
            cups.run("cupsenable", "stopped")
            assert cups.spooled() == []
            assert simulator.await_sheets(0, 0) == ()
        finally:
            await asyncio.to_thread(printer.close)


async def test_no_such_queue_is_no_device(cups: CupsServer) -> None:
    printer = ReceiptPrinter("receipt_printer", "cups:nowhere", server=cups.socket)
    printer.start()
    try:
        health = await until(printer, lambda health: health.fault is not None)
        assert health.state is DeviceState.NO_DEVICE
    finally:
        await asyncio.to_thread(printer.close)
