"""The simulated printer as others drive it: python-escpos' own drivers, and raw ESC/POS."""

from __future__ import annotations

import heapq
import itertools
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from escpos.printer import Network, Serial
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyzbar import pyzbar

from devices.printer.encode import encode
from devices.printer.layout import Line, QrCode, Slip
from devices.printer.profiles import PROFILES
from devices.simulators import line
from devices.simulators.paper import picture
from devices.simulators.printer import PrinterSimulator
from devices.simulators.printer_commands import CommandReader, RealTimeReader
from devices.simulators.printer_mechanism import KNIFE_DOTS, LINE_DOTS, Mechanism
from tests.devices.printer.stand import VOUCHER, WITHIN_S, receipt


def address(simulator: PrinterSimulator) -> tuple[str, int]:
    host, _, port = simulator.port.removeprefix("socket://").partition(":")
    return host, int(port)


@pytest.fixture
def printer() -> Iterator[PrinterSimulator]:
    with PrinterSimulator(tcp=True) as simulator:
        yield simulator


@pytest.fixture
def wire(printer: PrinterSimulator) -> Iterator[socket.socket]:
    with socket.create_connection(address(printer), WITHIN_S) as connection:
        yield connection


def ask(wire: socket.socket, question: str, length: int = 1) -> bytes:
    wire.sendall(bytes.fromhex(question))
    answer = b""
    while len(answer) < length:
        answer += wire.recv(length - len(answer))
    return answer


def decoded(image: Image.Image) -> list[str]:
    return [code.data.decode() for code in pyzbar.decode(image)]


def test_python_escpos_prints_over_the_network(printer: PrinterSimulator) -> None:
    # GIVEN
    host, port = address(printer)
    driver = Network(host, port, timeout=WITHIN_S, profile="TM-T20II")
    # WHEN
    driver.set(align="center", bold=True, double_width=True, double_height=True)
    driver.textln("Hello")
    driver.set_with_default()
    driver.textln("中文收据")
    driver.qr(VOUCHER, size=6, native=True)
    driver.ln(2)  # a printer leaves no quiet zone by itself
    driver.image(Image.new("L", (96, 48), 0))
    driver.cut()
    # THEN
    (sheet,) = printer.await_sheets(1, WITHIN_S)
    assert sheet.text().split("\n")[:2] == ["Hello", "中文收据"]
    assert decoded(picture(sheet)) == [VOUCHER]
    assert driver.is_online()
    assert driver.paper_status() == 2
    driver.close()


@pytest.mark.parametrize("impl", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_each_way_to_send_a_picture_puts_the_same_dots_on_paper(
    printer: PrinterSimulator, impl: str
) -> None:
    host, port = address(printer)
    driver = Network(host, port, timeout=WITHIN_S, profile="TM-T20II")
    driver.qr(VOUCHER, size=6, image_arguments={"impl": impl})
    driver.cut()
    (sheet,) = printer.await_sheets(1, WITHIN_S)
    assert decoded(picture(sheet)) == [VOUCHER]
    driver.close()


def test_python_escpos_prints_over_a_serial_port() -> None:
    with PrinterSimulator(width=58) as simulator:
        driver = Serial(
            devfile=simulator.port, baudrate=115200, timeout=2, profile="TM-T20II", dsrdtr=False
        )
        driver.textln("over the wire")
        driver.cut()
        assert simulator.await_sheets(1, WITHIN_S)[0].text() == "over the wire"
        assert driver.is_online()
        driver.close()


@pytest.mark.parametrize("profile", ["epson-80", "epson-58", "plain-80", "plain-58"])
def test_the_code_on_the_paper_says_what_was_asked_for(profile: str) -> None:
    mechanism = Mechanism(PROFILES[profile].dots)
    queue = CommandReader()
    queue.feed(b"".join(encode(receipt(name="䶮*𬭎"), PROFILES[profile]).pieces))
    while (item := queue.next()) is not None:
        mechanism.obey(item)
    assert decoded(picture(mechanism.tear())) == [VOUCHER]


def test_a_code_larger_than_its_paper_is_made_smaller_and_still_reads() -> None:
    data = VOUCHER + "/" + "7" * 300
    mechanism = Mechanism(384)
    queue = CommandReader()
    slip = Slip("job", (QrCode(data, module_dots=12),))
    queue.feed(b"".join(encode(slip, PROFILES["epson-58"]).pieces))
    while (item := queue.next()) is not None:
        mechanism.obey(item)
    image = picture(mechanism.tear())
    assert decoded(image.resize((image.width * 3, image.height * 3))) == [data]


def test_ink_lies_where_the_alignment_says() -> None:
    mechanism = Mechanism(576)
    queue = CommandReader()
    queue.feed(bytes.fromhex("1b6101 d6d0 0a 1b6102 d6d0 0a"))
    while (item := queue.next()) is not None:
        mechanism.obey(item)
    assert [ink.x for ink in mechanism.roll.inks] == [276, 552]
    assert mechanism.roll.fed == KNIFE_DOTS + 2 * LINE_DOTS


def test_the_picture_is_as_wide_as_the_roll_and_says_nothing_else(tmp_path: Path) -> None:
    for width, dots in ((80, 640), (58, 464)):
        out = tmp_path / str(width)
        with PrinterSimulator(width=width, tcp=True, out=out) as simulator:
            with socket.create_connection(address(simulator), WITHIN_S) as wire:
                wire.sendall("一张短条\n".encode("gbk") + bytes.fromhex("1d564200"))
                simulator.await_sheets(1, WITHIN_S)
            lying = simulator.control({"do": "paper"})
            assert lying["slips"] == [str(out / "slip-0001.png")]
            image = Image.open(lying["slips"][0])
            assert (image.width, image.info) == (dots, {})
            simulator.control({"do": "take"})
            assert simulator.control({"do": "paper"})["slips"] == []


def test_real_time_status_answers_while_offline(
    printer: PrinterSimulator, wire: socket.socket
) -> None:
    assert ask(wire, "100401") == b"\x16"
    printer.control({"do": "run_out"})
    assert ask(wire, "100401") == b"\x1e"
    assert ask(wire, "100402") == b"\x32"
    assert ask(wire, "100404") == b"\x7e"
    printer.control({"do": "refill"})
    assert ask(wire, "100404") == b"\x12"


def test_what_waits_at_paper_end_prints_after_the_refill(
    printer: PrinterSimulator, wire: socket.socket
) -> None:
    printer.control({"do": "run_out"})
    wire.sendall(b"kept\n" + bytes.fromhex("1d564200"))
    assert ask(wire, "100404") == b"\x7e"
    printer.control({"do": "refill"})
    assert printer.await_sheets(1, WITHIN_S)[0].text() == "kept"


def test_cleared_buffers_print_nothing_after_the_refill(
    printer: PrinterSimulator, wire: socket.socket
) -> None:
    printer.control({"do": "run_out"})
    wire.sendall(b"dropped\n" + bytes.fromhex("1d564200"))
    assert ask(wire, "10140801031401060208", 3) == b"\x37\x25\x00"
    printer.control({"do": "refill"})
    wire.sendall(b"next\n" + bytes.fromhex("1d564200"))
    assert printer.await_sheets(1, WITHIN_S)[0].text() == "next"


def test_automatic_status_comes_with_every_change(
    printer: PrinterSimulator, wire: socket.socket
) -> None:
    assert ask(wire, "1d61ff", 4) == bytes.fromhex("1400000f")
    printer.set_situation("cover_open")
    assert ask(wire, "", 4) == bytes.fromhex("3c00000f")


def test_the_process_id_comes_behind_the_print(
    printer: PrinterSimulator, wire: socket.socket
) -> None:
    cut_then_mark = "41 0a 1d564200 1d2848 0600 3030 61626364"
    assert ask(wire, cut_then_mark, 7) == b"\x37\x22abcd\x00"
    assert len(printer.await_sheets(1, 0)) == 1


def test_bytes_keep_their_order_however_late_the_printer_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a printer that is kept from its work for 5 ms at each look at the clock
    simulator = PrinterSimulator(baud=9600)
    clock = itertools.count(1)
    monkeypatch.setattr(line, "time", SimpleNamespace(monotonic=lambda: next(clock) * 0.005))
    monkeypatch.setattr("devices.simulators.printer.time", line.time)
    arrived: list[bytes] = []
    monkeypatch.setattr(simulator, "_arrived", lambda data, cable: arrived.append(data))
    # WHEN more comes while the first is still on the wire
    sent = bytes(n % 251 for n in range(3000))
    simulator.received(sent[:2900])
    simulator.received(sent[2900:])
    # THEN it arrives behind it
    while simulator._timers:
        heapq.heappop(simulator._timers)[2]()
    assert b"".join(arrived) == sent
    simulator.close()


def test_an_unknown_situation_is_refused(printer: PrinterSimulator) -> None:
    answer = printer.control({"do": "situation", "name": "on_fire"})
    assert not answer["ok"]


@given(st.binary(max_size=300), st.integers(1, 9))
@settings(deadline=None)
def test_no_bytes_break_the_printer(data: bytes, size: int) -> None:
    mechanism, queue, real_time = Mechanism(384), CommandReader(), RealTimeReader()
    for at in range(0, len(data), size):
        list(real_time.feed(data[at : at + size]))
        queue.feed(data[at : at + size])
        while (item := queue.next()) is not None:
            mechanism.obey(item)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.binary(max_size=20))
def test_a_real_time_question_is_found_however_it_is_cut(sizes: list[int], noise: bytes) -> None:
    noise = noise.replace(b"\x10", b"")
    data = noise + b"\x10\x04\x02" + noise + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
    reader, found, at = RealTimeReader(), [], 0
    for size in [*sizes, len(data)]:
        found += [command.name for command, _ in reader.feed(data[at : at + size])]
        at += size
    assert found == ["DLE EOT", "DLE DC4"]


def test_text_wider_than_the_paper_goes_on_in_the_next_line() -> None:
    mechanism = Mechanism(384)
    queue = CommandReader()
    queue.feed("汉".encode("gbk") * 17 + b"\n")
    while (item := queue.next()) is not None:
        mechanism.obey(item)
    assert mechanism.tear().text() == "汉" * 16 + "\n汉"


def test_a_line_of_text_is_small_beside_its_raster() -> None:
    assert encode(Slip("job", (Line("城乡居民基本养老保险"),)), PROFILES["epson-80"]).size < 40
