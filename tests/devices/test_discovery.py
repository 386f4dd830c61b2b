"""The search for devices: each is found by its own answer, and nothing in use is written to."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.discovery import find
from devices.discovery.search import Found, Looked, together
from devices.discovery.serial_line import lasting_name, look_at
from devices.discovery.services import looks
from devices.simulators.__main__ import KINDS
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.line import Simulator
from devices.simulators.ports import reserved
from devices.simulators.printer import PrinterSimulator
from devices.simulators.scanner import ScannerSimulator

ROOT = Path(__file__).resolve().parents[2]

WITHIN_S = 60.0

LEFT_BEHIND_S = 3.0
"""A thread that has only to answer does so in this, on a loaded machine too."""


@pytest.mark.parametrize(
    ("kind", "part", "type_name", "settings"),
    [
        ("card-reader", "id_card", "sam-serial", {"baud": 115200}),
        ("scanner", "scanner", "serial-scanner", {"profile": "gm65", "baud": 9600}),
        ("printer", "receipt_printer", "escpos", {"baud": 115200}),
    ],
)
def test_each_device_is_found_by_its_own_answer(
    kind: str, part: str, type_name: str, settings: dict[str, object]
) -> None:
    with KINDS[kind]() as simulator:
        looked = look_at(simulator.port)()
    (found,) = looked.found
    assert (found.part, found.type, found.port) == (part, type_name, simulator.port)
    assert found.settings == settings


def test_all_are_looked_at_at_once_and_a_missing_port_is_told() -> None:
    with CardReaderSimulator() as reader, PrinterSimulator(tcp=True) as printer:
        ports = (reader.port, printer.port, "/dev/no-such")
        looked = {one.place: one for one in find(ports, WITHIN_S)}
    assert looked[reader.port].found[0].part == "id_card"
    assert looked[printer.port].found[0].part == "receipt_printer"
    assert looked["/dev/no-such"].why == "missing"
    assert {"pcsc", "cups", "nut", "cameras", "usb printers", "hid scanners"} <= set(looked)


def test_a_search_prints_nothing_on_a_printer() -> None:
    with PrinterSimulator() as printer:
        look_at(printer.port)()
        printer.control({"do": "state"})
        assert printer.await_sheets(0, 1.0) == ()


@pytest.mark.parametrize("kind", [CardReaderSimulator, ScannerSimulator])
def test_a_device_that_does_not_answer_is_silent(kind: Callable[..., Simulator]) -> None:
    with kind(situation="silent") as simulator:
        assert look_at(simulator.port)() == Looked(simulator.port, why="silent")


HOLD = """
import sys, os
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
print("held", flush=True)
sys.stdin.read()
"""


def test_nothing_is_written_to_a_port_that_something_has_open() -> None:
    """Also where whoever has it open never asked for it alone."""
    with CardReaderSimulator() as simulator:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, simulator.port],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        looked = look_at(simulator.port)()
        holder.communicate("")
        assert (looked.why, simulator.bytes_in) == ("busy", 0)


def test_a_look_that_hangs_is_left_behind() -> None:
    release = threading.Event()

    def hang() -> Looked:
        release.wait(WITHIN_S)
        return Looked("slow")

    def answer() -> Looked:
        return Looked("quick", (Found("ups", "nut-ups", "ups@localhost"),))

    looked = together({"slow": hang, "quick": answer}, within_s=LEFT_BEHIND_S)
    release.set()

    assert [one.why for one in looked] == ["late", ""]


def test_a_look_that_breaks_has_found_nothing() -> None:
    def breaks() -> Looked:
        raise ZeroDivisionError

    (looked,) = together({"place": breaks}, within_s=WITHIN_S)
    assert (looked.found, looked.why) == ((), "broken: ZeroDivisionError")


def test_cameras_usb_printers_and_hid_scanners_are_read_from_sysfs(tmp_path: Path) -> None:
    # GIVEN what the kernel shows of a camera with two nodes, a printer and two HID devices
    for node, index in (("video0", "0"), ("video1", "1")):
        directory = tmp_path / "class" / "video4linux" / node
        directory.mkdir(parents=True)
        (directory / "index").write_text(f"{index}\n")
        (directory / "name").write_text("HD Camera\n")
    device = tmp_path / "devices" / "1-1"
    interface = device / "1-1:1.0"
    interface.mkdir(parents=True)
    (interface / "bInterfaceClass").write_text("07\n")
    for name, text in (
        ("idVendor", "0416"),
        ("idProduct", "5011"),
        ("serial", "A7"),
        ("product", "POS"),
    ):
        (device / name).write_text(f"{text}\n")
    bus = tmp_path / "bus" / "usb" / "devices"
    bus.mkdir(parents=True)
    (bus / "1-1:1.0").symlink_to(interface)
    for node, descriptor in (
        ("hidraw0", b"\x05\x01\x09\x06"),
        ("hidraw1", b"\x05\x8c\x09\x02"),
        ("hidraw2", b"\x06\x8c\x00\x09\x02"),  # the page in two bytes
    ):
        directory = tmp_path / "class" / "hidraw" / node / "device"
        directory.mkdir(parents=True)
        (directory / "report_descriptor").write_bytes(descriptor)

    by_place = looks(tmp_path)
    ports = [
        found.port
        for place in ("cameras", "usb printers", "hid scanners")
        for found in by_place[place]().found
    ]

    assert ports == ["/dev/video0", "usb:0416:5011:A7", "/dev/hidraw1", "/dev/hidraw2"]


def test_supplies_of_a_nut_server_are_found() -> None:
    from devices.discovery.services import _supplies
    from devices.simulators.nut import NutSimulator

    with NutSimulator() as server:
        _, _, where = server.port.partition("@")
        host, _, port = where.partition(":")
        (found,) = _supplies(host, int(port)).found
    assert (found.part, found.type) == ("ups", "nut-ups")
    assert found.port == server.port


def test_without_a_nut_server_there_is_none() -> None:
    from devices.discovery.services import _supplies

    with reserved() as nobodys:
        assert _supplies("127.0.0.1", nobodys.getsockname()[1]).why == "absent"


def test_a_port_is_named_by_what_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.discovery.serial_line.LASTING", (f"{tmp_path}/kiosk-*",))
    (tmp_path / "kiosk-scan").symlink_to("/dev/null")

    assert lasting_name("/dev/null") == f"{tmp_path}/kiosk-scan"
    assert lasting_name("/dev/zero") == "/dev/zero"
    assert os.path.realpath(f"{tmp_path}/kiosk-scan") == "/dev/null"
