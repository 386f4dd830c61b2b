"""The devices as a library: light to import, found by type, every fault catalogued."""

from __future__ import annotations

import ast
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devices import UnknownType, open_device
from devices.faults import FAULTS
from devices.losses import loss
from devices.registry import OWN
from devices.serial_port import Port
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.ports import reserved

ROOT = Path(__file__).resolve().parents[2]

WITHIN_S = 60.0

POISONED = (
    "serial",
    "escpos",
    "cv2",
    "pyzbar",
    "PIL",
    "segno",
    "usb",
    "kivy",
    "cups",
    "pypdfium2",
    "pymodbus",
    "smartcard",
    "zxingcpp",
    "pyudev",
)

IMPORT_ALL = """
import sys
for name in {poisoned!r}:
    sys.modules[name] = None
import devices, devices.idcard.reader, devices.scanner.serial, devices.printer.receipt
from devices import open_device
for kind in {kinds!r}:
    open_device(kind, name="x", port="/dev/none")
"""


def test_importing_and_making_devices_touches_no_hardware_library() -> None:
    program = IMPORT_ALL.format(poisoned=POISONED, kinds=tuple(OWN))
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("kind", OWN)
def test_each_type_is_found_and_names_itself(kind: str) -> None:
    device = open_device(kind, name="one", port="socket://127.0.0.1:9")
    assert device.health().type == kind
    assert device.health().state == "starting"


def test_an_unknown_type_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownType, match="sam-serial"):
        open_device("sam-usb", name="x", port="/dev/none")


def test_every_fault_that_code_names_is_catalogued() -> None:
    named = set()
    for file in [*ROOT.glob("devices/**/*.py"), *ROOT.glob("kiosk/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fault":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    named.add(first.value)
    assert len(named) > 8
    assert named <= set(FAULTS)


def test_every_fault_says_what_to_do() -> None:
    for code, kind in FAULTS.items():
        assert kind.means, code
        assert kind.remedy, code


# --- a simulator's line --------------------------------------------------------------------------------


def test_bytes_take_their_time_on_the_wire() -> None:
    with CardReaderSimulator(tcp=True, baud=9600) as simulator:
        host, _, port = simulator.port.removeprefix("socket://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=WITHIN_S) as line:
            begun = time.monotonic()
            simulator.call(lambda: simulator.send(bytes(480)))
            got = b""
            while len(got) < 480:
                got += line.recv(4096)
            took = time.monotonic() - begun
    assert took > 0.49  # 480 bytes of 10 bits at 9600 baud are 0.5 s


def test_the_control_socket_answers_mistakes_in_words() -> None:
    with CardReaderSimulator() as simulator, socket.socket(socket.AF_UNIX) as control:
        control.settimeout(WITHIN_S)
        control.connect(str(simulator.control_path))
        lines = control.makefile("rw")
        answers = []
        for request in ("not json", "[1]", '{"do":"dance"}', '{"do":"situation","name":"x"}'):
            lines.write(request + "\n")
            lines.flush()
            answers.append(json.loads(lines.readline()))
        lines.write('{"do":"state"}\n')
        lines.flush()
        state = json.loads(lines.readline())
    assert [a["ok"] for a in answers] == [False] * 4
    assert "dance" in answers[2]["error"]
    assert "normal" in answers[3]["error"]
    assert state["situation"] == "normal"
    assert state["plugged"] is True


def test_a_simulator_ends_with_whoever_started_it() -> None:
    # GIVEN a simulator as a child, which says where it is
    child = subprocess.Popen(
        [sys.executable, "-m", "devices.simulators", "card-reader", "--while-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    word, port, control = child.stdout.readline().split()
    assert word == "ready"
    assert Path(port).exists()
    assert control.startswith("control=")
    # WHEN its standard input closes
    child.stdin.close()
    # THEN it ends, and leaves no port behind
    assert child.wait(WITHIN_S) == 0
    assert not Path(port).exists()


def test_an_unknown_situation_is_refused_at_the_start() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "devices.simulators", "card-reader", "--situation", "upside-down"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=WITHIN_S,
    )
    assert ended.returncode == 2
    assert "upside-down" in ended.stderr


@pytest.mark.parametrize(
    "port",
    [
        "nonsense://x",
        "/dev/null",
        "/tmp",
        "socket://127.0.0.1",
        "socket://127.0.0.1:99999999",
        "rfc2217://x",
        "alt:///dev/null?class=None",
    ],
)
def test_an_address_without_any_port_is_the_technicians_to_mend(port: str) -> None:
    with pytest.raises(OSError, match=r".") as raised:
        Port.open(port, 9600)
    assert loss(raised.value).code == "port.unsuitable"


def test_an_address_where_nobody_listens_may_yet_come() -> None:
    with reserved() as nobodys, pytest.raises(OSError, match=r".") as raised:
        Port.open(f"socket://127.0.0.1:{nobodys.getsockname()[1]}", 9600)
    assert loss(raised.value).code == "port.lost"
