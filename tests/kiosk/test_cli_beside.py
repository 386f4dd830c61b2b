"""`kiosk devices` beside a terminal that runs: what it holds is told as it writes it down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices import open_device
from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.simulators.modbus_board import ModbusBoardSimulator
from devices.simulators.nut import NutSimulator
from kiosk.cli.commands import app
from kiosk.config_edit import set_key
from kiosk.health import HealthHistory, Watch

WITHIN_S = 90.0

HELD = ("id_card", "board", "compartments")
"""Behind serial ports, which one program has to itself; a network printer and a UPS answer many."""


@dataclass(frozen=True)
class Running:
    """A terminal that runs: its configuration, its state, and the card reader at its port."""

    config: Path
    state: Path
    reader: CardReaderSimulator

    @property
    def words(self) -> tuple[str, ...]:
        return ("--json", "--config", str(self.config), "--state", str(self.state))


@pytest.fixture
def terminal(config_dir: Path, tmp_path: Path) -> Iterator[Running]:
    state = tmp_path / "state"
    with ExitStack() as stack:
        reader = stack.enter_context(CardReaderSimulator())
        board = stack.enter_context(ModbusBoardSimulator())
        locks = stack.enter_context(ModbusBoardSimulator())
        printer = stack.enter_context(IppPrinterSimulator())
        ups = stack.enter_context(NutSimulator())
        history = HealthHistory(state / "health.sqlite", 400)
        stack.callback(history.close)
        for name, kind, port in (
            ("id_card", "sam-serial", reader.port),
            ("board", "modbus-board", board.port),
            ("compartments", "modbus-compartments", locks.port),
            ("document_printer", "cups", printer.port),
            ("ups", "nut-ups", ups.port),
        ):
            for key, value in (("type", kind), ("port", port)):
                assert set_key(config_dir, f"devices.{name}.{key}", value) == []
            device = open_device(kind, name=name, port=port)
            stack.callback(Watch(device, history).close)
            online = threading.Event()
            device.listen(lambda health, online=online: online.set() if health.usable else None)  # type: ignore[misc]
            stack.callback(device.close)
            device.start()
            assert online.wait(WITHIN_S), device.health()
        yield Running(config_dir, state, reader)


def test_status_of_what_the_terminal_holds_is_what_it_wrote_down(terminal: Running) -> None:
    result = CliRunner().invoke(app, ["devices", "status", *terminal.words], prog_name="kiosk")

    rows = {row["device"]: row for row in json.loads(result.stdout)}
    assert {name: rows[name]["state"] for name in (*HELD, "document_printer", "ups")} == (
        dict.fromkeys((*HELD, "document_printer", "ups"), "online")
    )
    for name in HELD:
        assert rows[name]["known"].startswith("written down")
    assert rows["document_printer"]["known"] == rows["ups"]["known"] == "asked now"
    assert rows["compartments"]["facts"]["compartment_1"] == "closed"
    assert result.exit_code == 0


def test_watch_follows_what_the_terminal_holds_change_by_change(terminal: Running) -> None:
    # GIVEN a technician who watches while the terminal runs
    child = subprocess.Popen(
        [sys.executable, "-c", "from kiosk.cli import main; main()", "devices", "watch",
         *terminal.words],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    guard = threading.Timer(WITHIN_S, child.kill)
    guard.start()
    assert child.stdout is not None
    states: dict[str, list[str]] = {}
    # WHEN the card reader is pulled and put back
    for line in child.stdout:
        row = json.loads(line)
        of_it = states.setdefault(row["device"], [])
        if row["state"] not in of_it[-1:]:
            of_it.append(row["state"])
            if row["device"] == "id_card" and of_it == ["online"]:
                terminal.reader.unplug()
            elif row["device"] == "id_card" and row["state"] == "no_device":
                terminal.reader.replug()
        if len(states.get("id_card", ())) >= 4 and set(HELD) <= set(states):
            break
    child.terminate()
    child.stdout.close()
    ended = child.wait(WITHIN_S)
    guard.cancel()
    # THEN each change is told in its order, and nothing is said of a port that is busy
    assert ended == 0
    assert states["id_card"] == ["online", "offline", "no_device", "online"]
    assert states["board"] == states["compartments"] == ["online"]
