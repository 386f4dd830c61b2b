"""`kiosk devices find` and `watch`: what is plugged in becomes a configuration; changes become lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from typer.testing import CliRunner

from devices.simulators.card_reader import CardReaderSimulator
from devices.simulators.printer import PrinterSimulator
from kiosk.cli.commands import app
from kiosk.config import Config, load
from kiosk.config_edit import set_key

WITHIN_S = 120.0


def test_what_is_found_is_a_configuration_that_is_taken(config_dir: Path) -> None:
    # GIVEN a card reader, a printer, and a second printer
    with (
        CardReaderSimulator() as reader,
        PrinterSimulator() as printer,
        PrinterSimulator(tcp=True) as second,
    ):
        ports = [reader.port, printer.port, second.port]
        words = ["devices", "find", "--config", str(config_dir)]
        for port in ports:
            words += ["--port", port]
        # WHEN a technician looks for devices
        result = CliRunner().invoke(app, words, prog_name="kiosk")
    # THEN what is printed is right as terminal.toml
    assert result.exit_code == 0, result.output
    (config_dir / "terminal.toml").write_text(result.stdout, encoding="utf-8")
    config = load(config_dir)
    assert isinstance(config, Config), config
    assert config.devices.id_card.port == reader.port
    assert config.devices.receipt_printer.port == printer.port
    assert config.devices.scanner.simulated
    # and the second printer is told
    assert f"# receipt_printer also: escpos at {second.port}" in result.stdout
    assert "# The terminal." in result.stdout


def test_a_device_that_is_found_again_keeps_the_settings_of_its_adapter(config_dir: Path) -> None:
    # GIVEN a configured printer, of a profile and at a rate that nobody sees from outside
    with PrinterSimulator(width=58) as printer:
        for key, value in (("profile", "xprinter-58"), ("paper_out", "wait")):
            assert set_key(config_dir, f"devices.receipt_printer.{key}", value) == []

        # WHEN it is found at another port
        words = ["devices", "find", "--config", str(config_dir), "--port", printer.port]
        result = CliRunner().invoke(app, words, prog_name="kiosk")

    # THEN only what was found has changed
    assert result.exit_code == 0, result.output
    (config_dir / "terminal.toml").write_text(result.stdout, encoding="utf-8")
    config = load(config_dir)
    assert isinstance(config, Config), config
    assert config.devices.receipt_printer.port == printer.port
    settings = config.devices.receipt_printer.settings()
    assert (settings["profile"], settings["paper_out"]) == ("xprinter-58", "wait")


def test_where_nothing_is_found_the_command_ends_with_1(config_dir: Path) -> None:
    words = ["devices", "find", "--port", "/dev/no-such", "--json", "--config", str(config_dir)]

    result = CliRunner().invoke(app, words, prog_name="kiosk")

    rows = {row["place"]: row for row in json.loads(result.stdout)}
    assert rows["/dev/no-such"] == {"place": "/dev/no-such", "why": "missing", "found": []}
    assert result.exit_code == int(not any(row["found"] for row in rows.values()))


def test_watch_tells_each_change_in_a_line_of_json(config_dir: Path, tmp_path: Path) -> None:
    with CardReaderSimulator() as simulator:
        assert set_key(config_dir, "devices.id_card.port", simulator.port) == []
        words = (
            "devices",
            "watch",
            "--json",
            "--config",
            str(config_dir),
            "--state",
            str(tmp_path),
        )
        child = subprocess.Popen(
            [sys.executable, "-c", "from kiosk.cli import main; main()", *words],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        guard = threading.Timer(WITHIN_S, child.kill)
        guard.start()
        assert child.stdout is not None
        states: list[str] = []
        for line in child.stdout:
            row = json.loads(line)
            if row["state"] == "starting":  # a loaded machine: told before it was known
                continue
            if row["device"] == "id_card" and row["state"] not in states[-1:]:
                states.append(row["state"])
                if states == ["online"]:
                    simulator.unplug()
                elif row["state"] == "no_device":
                    simulator.replug()
            if states[-1:] == ["online"] and len(states) > 1:
                break
        child.terminate()
        child.stdout.close()
        ended = child.wait(WITHIN_S)
        guard.cancel()
    assert ended == 0
    assert states == ["online", "offline", "no_device", "online"]
